package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// TestAmend: a published call changes with a note that everybody reads, one field beside
// what it was; nobody else changes it, and nobody loses what was promised.
func TestAmend(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		at := "/calls/" + c.ID
		public, mira, officer := w.visitor(""), w.visitor("mira"), w.visitor("officer")
		mira.ask("GET", at+"/amend", nil, 403)
		form := values("version", "2", "title_en", "Open questions 2027", "title_zh", "开放课题 2027", "title_original", "en", "summary_en", "Free choice of topic.", "summary_original", "en", "low", "100,000", "high", "1,500,000", "total", "900,000")
		mira.ask("POST", at+"/amend", form, 403)
		officer.ask("GET", at+"/amend", nil, 200, "Open questions 2027", "开放课题 2027", `value="2"`)
		officer.ask("POST", at+"/amend", form, 422, "1,500,000")
		form.Set("note_en", "Larger awards were asked for.")
		form.Set("note_zh", "应申请人要求提高上限。")
		officer.ask("POST", at+"/amend", form, 303)
		officer.ask("POST", at+"/amend", form, 422)
		public.ask("GET", at, nil, 200, "What changed", "Larger awards were asked for.", "<del>", "1,200,000</del>", "1,500,000</ins>")
		public.ask("GET", at+"?lang=zh", nil, 200, "应申请人要求提高上限。", "变更前")

		after, err := w.Calls.Known(w.ctx, c.ID)
		w.must(err)
		if !after.ClosesAt.Equal(c.ClosesAt) || !after.OpensAt.Equal(c.OpensAt) || after.Grace != c.Grace || after.SchemeVersionID != c.SchemeVersionID || after.Hours != c.Hours {
			t.Errorf("an amendment of the amount changed %+v to %+v", c, after)
		}
		changes, err := w.Calls.Changes(w.ctx, access.Actor{}, c.ID)
		w.must(err)
		if len(changes) != 1 || changes[0].Before.High == nil || changes[0].Before.High.Minor != 120_000_000 || changes[0].After.High.Minor != 150_000_000 || changes[0].After.Title != nil || changes[0].After.Summary != nil {
			t.Errorf("changes = %+v, want the highest amount only", changes)
		}

		officer.ask("POST", at+"/cancel", values("x", "y"), 422, "Keep it")
		mira.ask("POST", at+"/cancel", values("note_en", "No"), 403)
		officer.ask("POST", at+"/cancel", values("note_en", "The money was taken back."), 303)
		public.ask("GET", at, nil, 200, "Cancelled", "The money was taken back.")
		officer.ask("POST", at+"/amend", form, 422)
		_, err = w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.refused(err, fault.Conflict, "beginning a proposal to a cancelled call")
		w.refused(w.Calls.Extend(w.ctx, w.actor["officer"], c.ID, "", "2027-05-01T17:00", "x"), fault.Conflict, "extending a cancelled call")

		news, err := w.Calls.News(w.ctx, "", 10)
		w.must(err)
		var kinds []string
		for _, n := range news {
			kinds = append(kinds, n.Kind)
		}
		if got := strings.Join(kinds, " "); strings.Count(got, "published") != 1 || strings.Count(got, "amended") != 1 || strings.Count(got, "cancelled") != 1 || len(news) != 3 {
			t.Errorf("news = %s", got)
		}
	})
}

// TestExtendOne: one applicant's longer time is theirs alone and nobody else's to read.
func TestExtendOne(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		officer := w.visitor("officer")
		at := "/calls/" + c.ID
		officer.ask("POST", at+"/extend", values("closes", "2027-04-20T17:00", "reason", "Ill.", "proposal", "P-2027-9999"), 422, "no such proposal")
		officer.ask("POST", at+"/extend", values("closes", "2027-04-20T17:00", "proposal", p.Number), 422)
		officer.ask("POST", at+"/extend", values("closes", "2027-04-20T17:00", "reason", "Mira was in hospital.", "proposal", p.Number), 303)
		w.visitor("").lacks(at, "hospital", "20 April")
		after, err := w.Calls.Standing(w.ctx, c.ID, call.Mark{})
		w.must(err)
		hers, _ := after.Deadline(p.ID)
		others, _ := after.Deadline("other")
		if hers.Sub(others) != 5*24*time.Hour || !others.Equal(c.ClosesAt) {
			t.Errorf("her deadline %v, others' %v", hers, others)
		}
		news, err := w.Calls.News(w.ctx, c.ID, 10)
		w.must(err)
		if len(news) != 1 {
			t.Errorf("one applicant's extension is in the public news: %+v", news)
		}
	})
}

// TestCallFromQuestion: a question becomes a call that says which question it asks and
// which priorities it serves, and the question knows that it is in a call.
func TestCallFromQuestion(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		officer, public := w.visitor("officer"), w.visitor("")
		goal, err := w.Strategy.CreatePriority(w.ctx, w.actor["officer"], strategy.PriorityInput{AgencyID: "arc", Title: lang.In1("en", "Heat without fire"), State: "active"})
		w.must(err)
		q, err := w.Strategy.WriteQuestion(w.ctx, w.actor["officer"], strategy.QuestionInput{AgencyID: "arc", Title: lang.In1("en", "What fires clay?"), Body: lang.In1("en", "At 1,400 degrees."), State: "open", PriorityID: goal.ID})
		w.must(err)
		officer.ask("GET", "/calls/new?question="+q.ID, nil, 200, "What fires clay?", `value="`+goal.ID+`" checked`, `name="question"`)
		officer.ask("GET", "/calls/new?question=none", nil, 404)
		form := values("question", q.ID, "priority", goal.ID, "agency", "arc", "scheme", c.SchemeVersionID, "title_en", "Clay", "summary_en", "On kilns.", "zone", "Europe/Vienna", "opens", "2027-03-20T08:00", "closes", "2027-03-19T08:00")
		officer.ask("POST", "/calls", form, 422, "What fires clay?", `value="`+goal.ID+`" checked`)
		form.Set("closes", "2027-05-19T08:00")
		form.Set("priority", "none")
		officer.ask("POST", "/calls", form, 422)
		form.Set("priority", goal.ID)
		at := officer.ask("POST", "/calls", form, 303)
		public.ask("GET", at, nil, 404)
		w.must(w.Calls.Publish(w.ctx, w.actor["officer"], strings.TrimPrefix(at, "/calls/")))
		public.ask("GET", at, nil, 200, "Questions that it asks", "What fires clay?", "Heat without fire")
		public.ask("GET", "/priorities/"+goal.ID, nil, 200, "Clay")
		v, err := w.Strategy.Question(w.ctx, access.Actor{}, q.ID)
		w.must(err)
		if v.State != "in a call" {
			t.Errorf("the question is %q", v.State)
		}
		asking, err := w.Calls.Asking(w.ctx, access.Actor{}, q.ID)
		w.must(err)
		if len(asking) != 1 || "/calls/"+asking[0].ID != at {
			t.Errorf("asking = %+v", asking)
		}
		_, err = w.Calls.Links(w.ctx, access.Actor{}, "none")
		w.refused(err, fault.NotFound, "links of no call")
		_, err = w.Calls.Amend(w.ctx, w.actor["officer"], c.ID, 9, call.Input{}, lang.Text{})
		w.refused(err, fault.Conflict, "amending an old version")
	})
}

// TestStandingIsNeverBehind: a saving goes by the call as it stands, however well it is remembered,
// and by no change that came to nothing.
func TestStandingIsNeverBehind(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		hers, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		other, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		version := map[string]int64{}
		writes := func(id string) error {
			saved, err := w.Proposals.Save(w.ctx, w.actor["mira"], id, []proposal.Change{{Field: "title", Value: raw("Fuses"), Version: version[id]}})
			if err == nil {
				version[id] = saved.Versions["title"]
			}
			return err
		}
		closed := func(id, when string) {
			t.Helper()
			if err := writes(id); !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: saved with %v", when, err)
			}
		}
		extend := func(ctx context.Context, proposalID, to string) error {
			return w.Calls.Extend(ctx, w.actor["officer"], c.ID, proposalID, to, "The power was out.")
		}
		w.must(writes(hers.ID))
		w.now.Set(c.ClosesAt.Add(c.Grace + time.Hour))
		closed(hers.ID, "after the deadline")

		late := errors.New("the connection broke")
		if err := work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			w.must(extend(ctx, hers.ID, "2027-05-20T17:00"))
			if _, err := w.Proposals.Get(ctx, w.actor["mira"], hers.ID); err != nil {
				return err
			}
			return late
		}); !errors.Is(err, late) {
			t.Fatal(err)
		}
		w.must(extend(w.ctx, hers.ID, "2027-04-20T17:00"))
		w.must(writes(hers.ID))
		closed(other.ID, "another's longer time")
		w.now.Set(time.Date(2027, 4, 21, 12, 0, 0, 0, time.UTC))
		closed(hers.ID, "after her own longer time")
		w.must(extend(w.ctx, "", "2027-04-22T17:00"))
		w.must(writes(other.ID))
		w.now.Set(c.ClosesAt.Add(60 * 24 * time.Hour))
		closed(hers.ID, "after everything")
	})
}
