package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/similar"
)

// aim is a text of one's own, so that what handIn writes for everybody is not the likeness.
const aim = "Some boundary of the grain shall fail first, on purpose, and say by its resistance that it is about to, while the inverter of the train still runs on the others."

// copied is mira's proposal and ravi's, which says the same where it says what it is for.
func (w *world) copied() (one, two proposal.Proposal) {
	w.t.Helper()
	c := w.openCall("open-call.yaml")
	one = w.own("mira", c.ID, "Grain boundaries as fuses", aim)
	two = w.own("ravi", c.ID, "Inverters that say when they fail", "Background first. "+strings.ToUpper(aim)+" Then the rest.")
	return one, two
}

// own hands in a proposal with texts that nobody else has.
func (w *world) own(who, call, title, text string) proposal.Proposal {
	w.t.Helper()
	p, err := w.Proposals.Begin(w.ctx, w.actor[who], call)
	w.must(err)
	list := answers(title, 500_000)
	for i, c := range list {
		switch c.Field {
		case "aim":
			list[i].Value = raw(text)
		case "summary", "approach", "risks", "data":
			list[i].Value = raw(strings.Repeat(who+" "+c.Field+" ", 20))
		}
	}
	_, err = w.Proposals.Save(w.ctx, w.actor[who], p.ID, list)
	w.must(err)
	_, err = w.Proposals.Submit(w.ctx, w.actor[who], p.ID, w.now.Source().Now())
	w.must(err)
	return p
}

func TestSimilarRecords(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, two := w.copied()
		officer := w.visitor("officer")
		page := officer.ask("GET", "/proposals/"+one.ID+"/similar", nil, 200, two.Number, "The same passage", "while the inverter of the train", "WHILE THE INVERTER OF THE TRAIN", "Decide about "+two.Number)
		if strings.Contains(page, "Background first") {
			w.t.Error("the page shows more than the passage")
		}
		at := "/proposals/" + one.ID + "/similar"
		officer.ask("POST", at, values("kind", "proposal", "other", two.ID, "verdict", "same"), 422, "Fill this in")
		officer.ask("POST", at, values("kind", "proposal", "other", two.ID, "verdict", "perhaps", "reason", "x"), 422)
		officer.ask("POST", at, values("kind", "proposal", "other", "nothing", "verdict", "same", "reason", "x"), 404)
		officer.ask("POST", at, values("kind", "proposal", "other", two.ID, "verdict", "same", "reason", "The aim is copied."), 303)
		officer.ask("GET", at, nil, 200, "It asks for the same", "The aim is copied.")
		if page := w.visitor("auditor").ask("GET", at, nil, 200, "The aim is copied."); strings.Contains(page, "Decide about") {
			w.t.Error("who only reads is offered to decide")
		}
		for _, who := range []string{"mira", "ravi", "ines"} {
			w.visitor(who).ask("GET", at, nil, 404)
			w.refused(w.Similar.Judge(w.ctx, w.actor[who], one.ID, similar.Proposal, two.ID, similar.Same, "x"), fault.NotFound, who+" decides")
		}
		var list struct {
			Items []struct {
				Number, Kind string
				Copied       float64
				Passages     []struct{ Here, There string }
				Verdict      *struct{ Verdict, Reason string }
			}
		}
		w.caller("officer").do(http.MethodGet, "/proposals/"+one.ID+"/similar", nil, http.StatusOK, &list)
		if len(list.Items) != 1 || list.Items[0].Number != two.Number || list.Items[0].Verdict == nil || list.Items[0].Verdict.Verdict != similar.Same || len(list.Items[0].Passages) != 1 {
			w.t.Errorf("by the API: %+v", list)
		}

		// what is submitted once more is compared as it is now
		v, err := w.Proposals.Get(w.ctx, w.actor["ravi"], two.ID)
		w.must(err)
		w.now.Advance(time.Minute)
		_, err = w.Proposals.Save(w.ctx, w.actor["ravi"], two.ID, []proposal.Change{{Field: "aim", Value: raw("Another aim altogether, which nobody has written before and which is nobody else's."), Version: v.Answers["aim"].Version}})
		w.must(err)
		if c, err := w.Similar.Of(w.ctx, w.actor["officer"], one.ID); err != nil || len(c.Matches) != 1 {
			w.t.Errorf("what is not submitted is compared: %+v, %v", c.Matches, err)
		}
		_, err = w.Proposals.Submit(w.ctx, w.actor["ravi"], two.ID, w.now.Source().Now())
		w.must(err)
		if c, err := w.Similar.Of(w.ctx, w.actor["officer"], one.ID); err != nil || len(c.Matches) != 0 {
			w.t.Errorf("after submitting again: %+v, %v", c.Matches, err)
		}
	})
}

// TestSimilarIsNoLeak: an officer sees public awards, of another agency's proposals
// nothing, and by an agreement no more than that there is one.
func TestSimilarIsNoLeak(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, two := w.copied()
		w.must(w.Register.TakeIn(w.ctx, access.System, &register.Batch{Agencies: []register.Agency{{ID: "other", OrganisationID: "council", Slug: "other", Short: "OFA", Name: lang.In1("en", "Other Funding Agency"), Currency: "XCR", Zone: "Europe/Vienna"}}}))
		w.account("foreign", "", access.Grant{Role: access.Officer, Scope: access.Agency("other")})
		sql := func(query string, args ...any) {
			w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
				_, err := w.DB.Q(ctx).ExecContext(ctx, query, args...)
				return err
			}))
		}
		sql(`UPDATE proposal SET agency_id = 'other' WHERE id = $1`, two.ID)
		matches := func(who, id string) []similar.Match {
			c, err := w.Similar.Of(w.ctx, w.actor[who], id)
			w.must(err)
			return c.Matches
		}
		_, err := w.Similar.Of(w.ctx, w.actor["foreign"], one.ID)
		w.refused(err, fault.NotFound, "another agency's officer compares")
		if got := matches("officer", one.ID); len(got) != 0 {
			w.t.Errorf("without an agreement: %+v", got)
		}
		sql(`INSERT INTO sharing_agreement (id, from_agency, to_agency, what, from_at) VALUES ('s', 'other', 'arc', 'proposals', $1)`, db.At(w.now.Source().Now()))
		page := w.visitor("officer").ask("GET", "/proposals/"+one.ID+"/similar", nil, 200, two.Number, "Of another agency", "while the inverter of the train")
		for _, hidden := range []string{"Inverters that say", "WHILE THE INVERTER", "/proposals/" + two.ID + `"`} {
			if strings.Contains(page, hidden) {
				w.t.Errorf("the agreement does not cover %q", hidden)
			}
		}
		if got := matches("foreign", two.ID); len(got) != 0 {
			w.t.Errorf("the agreement goes one way, yet: %+v", got)
		}

		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			for id, public := range map[string]time.Time{"w1": w.now.Source().Now().Add(-time.Hour), "w2": w.now.Source().Now().Add(time.Hour)} {
				if err := w.Awards.TakeIn(ctx, award.Award{ID: id, Number: "X-" + id, Title: lang.In1("sv", "Korngränser"), Summary: lang.In1("en", aim), State: award.Running, Funder: "council", PublicAt: public}, nil, nil); err != nil {
					return err
				}
			}
			return nil
		}))
		got := map[string]bool{}
		for _, m := range matches("officer", one.ID) {
			got[m.ID] = true
		}
		if !got["w1"] || got["w2"] {
			w.t.Errorf("of a public award and one under embargo it shows %v", got)
		}
	})
}
