package app_test

import (
	"net/http"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/review"
)

// TestCapOfAnOrganisation: what an organisation's people give together is limited, the limit stands in the proof and in words, and
// holds on when somebody turns an invitation down.
func TestCapOfAnOrganisation(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges() // gala, hugo and iris are at one university, edda is where mira applies from
		c := w.openCall("open-call.yaml")
		grain, joint := w.closeWithTwo(c)
		officer := w.actor["officer"]
		for _, person := range []string{"gala", "hugo", "iris", "edda"} {
			w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, person, 0, 2))
		}
		one := review.Settings{Each: 1, Caps: review.Caps{Organisation: 1}}
		free := must1(w.Reviews.WhatIf(w.ctx, officer, c.ID, "", review.Settings{Each: 1}))
		capped := must1(w.Reviews.WhatIf(w.ctx, officer, c.ID, "", one))
		if len(free.Used) != 0 || free.Then.Filled != 2 || capped.Then.Filled != 2 || capped.Then.Total >= free.Then.Total {
			w.t.Errorf("free %+v, capped %+v", free, capped)
		}
		if len(capped.Used) != 2 || capped.Used[0].Name != "Far University" || capped.Used[0].Gain <= 0 || capped.Certificate.Cost != capped.Certificate.Bound || len(capped.Certificate.CapPrice) != 2 {
			w.t.Errorf("caps that leave no room: %+v, proof %+v", capped.Used, capped.Certificate)
		}
		two := one
		two.Each = 2
		short := must1(w.Reviews.WhatIf(w.ctx, officer, c.ID, "", two))
		if len(short.Reasons) == 0 || len(short.Reasons[0].Caps) == 0 || len(short.Reasons[0].Raise) == 0 || short.Reasons[0].Raise[0].Cap == nil || short.Reasons[0].Raise[0].Cap.Name != "Far University" {
			w.t.Errorf("reasons %+v", short.Reasons)
		}

		run := must1(w.Reviews.Suggest(w.ctx, officer, c.ID, "", one))
		far := 0
		for _, p := range run.Result.Pairs {
			if p.Person != "edda" {
				far++
			}
		}
		if far != 1 || run.Result.Filled != 2 {
			w.t.Errorf("the suggestion is %+v", run.Result.Pairs)
		}
		must1(w.Reviews.Apply(w.ctx, officer, c.ID, run.ID))
		for _, v := range append(must1(w.Reviews.OfProposal(w.ctx, officer, grain.ID)), must1(w.Reviews.OfProposal(w.ctx, officer, joint.ID))...) {
			if v.Reviewer == "edda" {
				w.must(w.Reviews.Cancel(w.ctx, officer, v.ID, "She is away."))
			}
		}
		rounds := must1(w.Reviews.RoundsOf(w.ctx, officer, c.ID, ""))
		if rounds.NextN() != 0 { // whoever is left works where the cap is used up
			w.t.Errorf("next to be asked: %+v", rounds.Wanting)
		}
	})
}

// TestCapsThatCross: a career stage and an organisation of which neither holds the other are refused at the field, by name.
func TestCapsThatCross(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCall("open-call.yaml")
		w.closeWithTwo(c)
		officer := w.caller("officer")
		for _, person := range []string{"edda", "jonas"} {
			self := w.caller(person)
			var me struct{ Version int64 }
			self.do(http.MethodGet, "/me/profile", nil, http.StatusOK, &me)
			self.do(http.MethodPut, "/me/profile", map[string]any{"family": "Moor", "career_stage": "far", "version": me.Version}, http.StatusUnprocessableEntity, nil)
			self.do(http.MethodPut, "/me/profile", map[string]any{"family": "Moor", "career_stage": "leading", "version": me.Version}, http.StatusOK, nil)
		}
		for _, person := range []string{"gala", "edda", "jonas", "mira"} {
			w.must(w.Reviews.SetPool(w.ctx, w.actor["officer"], c.ID, person, 0, 2))
		}
		at := "/calls/" + c.ID + "/what-if"
		var answer struct {
			Used []struct {
				Kind, Key string
				Max       int
			} `json:"caps_used_up"`
		}
		officer.do(http.MethodPost, at, map[string]any{"each": 2, "caps": map[string]any{"career_stage": 1}}, http.StatusOK, &answer)
		officer.do(http.MethodPost, at, map[string]any{"each": 1, "caps": map[string]any{"organisation": 1, "country": 1}}, http.StatusOK, nil)
		if len(answer.Used) != 1 || answer.Used[0].Key != "leading" {
			w.t.Errorf("caps that leave no room: %+v", answer.Used)
		}
		officer.do(http.MethodPost, at, map[string]any{"each": 1, "caps": map[string]any{"organisation": 1, "career_stage": 1}}, http.StatusUnprocessableEntity, nil)
		_, err := w.Reviews.WhatIf(w.ctx, w.actor["officer"], c.ID, "", review.Settings{Caps: review.Caps{Organisation: -1}})
		w.refused(err, fault.Invalid, "a cap below nothing")
	})
}
