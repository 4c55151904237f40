package app_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/schemes"
)

// world is a small country: one agency, three universities, six people.
type world struct {
	*app.App
	ctx   context.Context
	now   *clock.Fixed
	t     testing.TB
	actor map[string]access.Actor

	document *document
}

// each runs test on a small country on SQLite and on PostgreSQL.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(country(t, dbtest.SQLitePath(t))) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(country(t, dbtest.PostgresURL(t))) })
}

// country makes the small country in a database, with what set changes of its configuration.
func country(t testing.TB, url string, set ...func(*app.Config)) *world {
	t.Helper()
	w := &world{t: t, now: clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 7), actor: map[string]access.Actor{}}
	w.ctx = clock.With(t.Context(), w.now.Source())
	c := app.Config{Database: url, Files: t.TempDir(), Country: "Republic of Aldermere", Zone: "Europe/Vienna", Demo: true, Relaxed: true, NoJobs: true, Clock: w.now.Source()}
	for _, change := range set {
		change(&c)
	}
	var err error
	w.App, err = app.Open(w.ctx, c)
	w.must(err)
	afterwards(t, func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &register.Batch{Organisations: []register.Organisation{{ID: "ilvane", Name: lang.Both("University of Ilvane", "伊尔文大学"), Kind: "university"},
		{ID: "tarn", Name: lang.In1("en", "Tarn Institute of Technology"), Kind: "institute"}, {ID: "brask", Name: lang.In1("en", "Brask Ceramics Works"), Kind: "company"},
		{ID: "council", Name: lang.In1("en", "Aldermere Research Council"), Kind: "funder"}},
		Agencies: []register.Agency{{ID: "arc", OrganisationID: "council", Slug: "arc", Short: "ARC", Name: lang.Both("Aldermere Research Council", "奥德米尔研究理事会"), Currency: "XCR", Zone: "Europe/Vienna"}}}
	people := [][2]string{{"mira", "ilvane"}, {"ravi", "tarn"}, {"ines", "brask"}, {"edda", "ilvane"}, {"jonas", "tarn"}, {"olena", "brask"}}
	for _, p := range people {
		b.People = append(b.People, register.Person{ID: p[0], Given: strings.ToUpper(p[0][:1]) + p[0][1:], Family: "Alder", Affiliations: []register.Affiliation{{OrganisationID: p[1]}}})
	}
	w.must(w.Register.TakeIn(w.ctx, access.System, b))
	for _, p := range people {
		w.account(p[0], p[0])
	}
	w.account("officer", "", access.Grant{Role: access.Officer, Scope: access.Agency("arc")})
	w.account("decider", "", access.Grant{Role: access.Decider, Scope: access.Agency("arc")})
	w.account("auditor", "", access.Grant{Role: access.Auditor, Scope: access.Platform()})
	return w
}

// afterwards is t.Cleanup, and lets go of what do holds: package testing keeps what a parallel test was to clean up, with the
// installations that it names, until all tests have ended.
func afterwards(t testing.TB, do func()) {
	t.Cleanup(func() {
		do()
		do = nil
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) refused(err error, kind fault.Kind, what string) {
	w.t.Helper()
	if !fault.Is(err, kind) {
		w.t.Errorf("%s: %v, want a fault of kind %d", what, err, kind)
	}
}

func (w *world) account(name, person string, grants ...access.Grant) {
	w.t.Helper()
	id, err := w.Accounts.Create(w.ctx, access.System, newAccount(name, person))
	w.must(err)
	for _, g := range grants {
		w.must(w.Accounts.Grant(w.ctx, access.System, id, g, time.Time{}))
	}
	w.actor[name], err = w.Accounts.ActorOf(w.ctx, id)
	w.must(err)
}

func (w *world) openCall(file string) call.Call {
	w.t.Helper()
	v, err := w.Schemes.Publish(w.ctx, w.actor["officer"], schemes.Files, file)
	w.must(err)
	return w.openCallOf(v.ID)
}

func (w *world) openCallOf(version string) call.Call {
	w.t.Helper()
	return w.openCallHeld(version, 0)
}

// openCallHeld is a call that makes its awards public so many days after the signature.
func (w *world) openCallHeld(version string, days int64) call.Call {
	w.t.Helper()
	c, err := w.Calls.Create(w.ctx, w.actor["officer"], call.Input{AgencyID: "arc", SchemeVersionID: version, Title: lang.Both("Open questions 2027", "开放课题 2027"),
		Summary: lang.In1("en", "Free choice of topic."), Zone: "Europe/Vienna", Opens: "2027-03-16T08:00", Closes: "2027-04-15T17:00", GraceMinutes: 5, EmbargoDays: days,
		Low: "100,000", High: "1,200,000", Total: "900,000"})
	w.must(err)
	_, err = w.Calls.Get(w.ctx, access.Actor{}, c.ID)
	w.refused(err, fault.NotFound, "the public reads a draft call")
	w.must(w.Calls.Publish(w.ctx, w.actor["officer"], c.ID))
	return c
}

func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func answers(title string, money int64) []proposal.Change {
	long := strings.Repeat("A sentence that says what is done and why. ", 4)
	return []proposal.Change{{Field: "title", Value: raw(title)}, {Field: "summary", Value: raw(long)}, {Field: "aim", Value: raw(long)}, {Field: "approach", Value: raw(long)},
		{Field: "risks", Value: raw(long)}, {Field: "months", Value: raw(36)}, {Field: "data", Value: raw(long)}, {Field: "ethics", Value: raw("none")},
		{Field: "works", Value: raw([]string{"Mira Alder: fatigue of sintered joints"})},
		{Field: "budget", Value: raw([]map[string]any{{"category": "people", "year": 2027, "minor": money * 100}})}}
}

// handIn begins and submits a proposal.
func (w *world) handIn(who string, c call.Call, title string, money int64) (proposal.Proposal, ledger.Receipt) {
	w.t.Helper()
	p, err := w.Proposals.Begin(w.ctx, w.actor[who], c.ID)
	w.must(err)
	_, err = w.Proposals.Submit(w.ctx, w.actor[who], p.ID, w.now.Source().Now())
	w.refused(err, fault.Invalid, "submitting an empty draft")
	saved, err := w.Proposals.Save(w.ctx, w.actor[who], p.ID, answers(title, money))
	w.must(err)
	if len(saved.Kept) != 0 || len(saved.Versions) != 10 {
		w.t.Fatalf("saved = %+v", saved)
	}
	r, err := w.Proposals.Submit(w.ctx, w.actor[who], p.ID, w.now.Source().Now())
	w.must(err)
	return p, r
}

func (w *world) judge(who string, p proposal.Proposal, score float64) {
	w.t.Helper()
	r, err := w.Reviews.Invite(w.ctx, w.actor["officer"], p.ID, who)
	w.must(err)
	v, err := w.Reviews.Get(w.ctx, w.actor[who], r.ID)
	w.must(err)
	if len(v.Proposal.Answers) != 0 {
		w.t.Error("the text is open before the invitation is accepted")
	}
	w.must(w.Reviews.Answer(w.ctx, w.actor[who], r.ID, "accept", ""))
	w.must(w.Reviews.PromiseFor(w.ctx, w.actor[who], r.ID))
	v, err = w.Reviews.Get(w.ctx, w.actor[who], r.ID)
	w.must(err)
	b, err := json.Marshal(v.Proposal)
	w.must(err)
	for _, name := range []string{"Mira", "mira", "ilvane", "Ilvane", "fatigue"} {
		if strings.Contains(string(b), name) {
			w.t.Errorf("the blind text holds %q", name)
		}
	}
	w.refused(w.Reviews.Submit(w.ctx, w.actor[who], r.ID), fault.Invalid, "an empty review")
	list := map[string]review.Answer{}
	for _, c := range v.Criteria {
		list[c.ID] = review.Answer{Score: score, Text: "It is clear what is measured and why it matters."}
	}
	_, err = w.Reviews.Save(w.ctx, w.actor[who], r.ID, list, 200)
	w.must(err)
	w.must(w.Reviews.Submit(w.ctx, w.actor[who], r.ID))
}

func TestLoop(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		one, receipt := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		two, _ := w.handIn("ravi", c, "Cold joints for hot modules", 600_000)
		keys, err := w.Ledger.Keys(w.ctx)
		w.must(err)
		if got, err := ledger.VerifyReceipt(receipt.Note, keys); err != nil || got.Subject != one.ID {
			w.t.Errorf("receipt: %+v, %v", got, err)
		}
		_, err = w.Proposals.Get(w.ctx, w.actor["ravi"], one.ID)
		w.refused(err, fault.NotFound, "another applicant reads a proposal")
		_, err = w.Proposals.Get(w.ctx, w.actor["olena"], one.ID)
		w.refused(err, fault.NotFound, "a future reviewer reads a proposal")

		w.now.Set(c.ClosesAt.Add(time.Hour))
		_, err = w.Reviews.Invite(w.ctx, w.actor["officer"], one.ID, "edda")
		w.refused(err, fault.Conflict, "a reviewer of the same organisation")
		w.judge("ines", one, 5)
		w.judge("olena", one, 6)
		w.judge("ines", two, 3)

		d, err := w.Decisions.Begin(w.ctx, w.actor["officer"], c.ID, "")
		w.must(err)
		w.refused(w.Decisions.Propose(w.ctx, w.actor["officer"], d.ID), fault.Invalid, "an empty list")
		w.must(w.Decisions.Save(w.ctx, w.actor["officer"], d.ID, "By the reviews.", []decision.Choice{{ProposalID: one.ID, Outcome: decision.Fund},
			{ProposalID: two.ID, Outcome: decision.Reject, Reasons: "The second step is the least worked out."}}))
		w.must(w.Decisions.Propose(w.ctx, w.actor["officer"], d.ID))
		w.refused(w.Decisions.Sign(w.ctx, w.actor["officer"], d.ID), fault.NotAllowed, "the proposer signs too")
		w.must(w.Decisions.Sign(w.ctx, w.actor["decider"], d.ID))
		w.refused(w.Decisions.Save(w.ctx, w.actor["officer"], d.ID, "x", nil), fault.Conflict, "editing what is signed")

		letter, err := w.Decisions.Letter(w.ctx, w.actor["mira"], one.ID)
		w.must(err)
		if letter.Body.Outcome != decision.Fund || len(letter.Body.Reviews) != 2 || letter.Body.Amount.Minor != 70_000_000 || letter.Body.Place != 1 {
			w.t.Errorf("letter = %+v", letter.Body)
		}
		if b, err := json.Marshal(letter); err != nil || strings.Contains(string(b), "Olena") || strings.Contains(string(b), "olena") {
			w.t.Errorf("the letter names a reviewer (%v)", err)
		}
		_, err = w.Decisions.Letter(w.ctx, w.actor["ravi"], one.ID)
		w.refused(err, fault.NotFound, "another applicant reads a letter")
		w.report(one)
		w.whole()
	})
}

// report carries the award of p to its public result.
func (w *world) report(p proposal.Proposal) {
	w.t.Helper()
	list, err := w.Awards.Mine(w.ctx, w.actor["mira"])
	w.must(err)
	if len(list) != 1 || list[0].ProposalID != p.ID || list[0].HolderName != "University of Ilvane" {
		w.t.Fatalf("awards of mira = %+v", list)
	}
	id := list[0].ID
	w.must(w.Awards.AddResult(w.ctx, w.actor["mira"], id, award.Result{Kind: "data", Title: lang.In1("en", "Moisture fronts, 80 days"), DOI: "https://doi.org/10.5555/ald.1", Year: 2027}))
	w.refused(w.Awards.AddResult(w.ctx, w.actor["ravi"], id, award.Result{}), fault.NotAllowed, "somebody else adds a result")
	if public, err := w.Awards.Get(w.ctx, access.Actor{}, id); err != nil || len(public.Results) != 0 || len(public.Reports) != 0 {
		w.t.Errorf("before the report is accepted the public sees %+v, %v", public, err)
	}
	long := strings.Repeat("We know now how fast it fails. ", 4)
	w.must(w.Awards.SubmitReport(w.ctx, w.actor["mira"], id, map[string]any{"found": long, "use": long}))
	w.must(w.Awards.AcceptReport(w.ctx, w.actor["officer"], id, true, ""))
	public, err := w.Awards.Get(w.ctx, access.Actor{}, id)
	w.must(err)
	if len(public.Results) != 1 || public.Results[0].DOI != "10.5555/ald.1" || public.State != award.Ended || public.Parties[0].PersonID != "" {
		w.t.Errorf("the public sees %+v", public)
	}
}

// whole checks the ledger.
func (w *world) whole() {
	w.t.Helper()
	for range 50 { // the background sequencer may win the race for the head, with fewer entries than there are now
		_, err := w.Ledger.Sequence(w.ctx)
		w.must(err)
		r, err := w.Ledger.Verify(w.ctx, "")
		if err == nil && r.Waiting > 0 {
			continue
		}
		if err != nil || !r.OK() || r.Entries < 20 {
			w.t.Errorf("ledger: %+v, %v", r, err)
		}
		return
	}
	w.t.Error("entries of the ledger still wait for their place")
}

func TestTwoStages(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("two-stage-call.yaml")
		p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		changes := answers("Slow water", 500_000)[:4]
		_, err = w.Proposals.Save(w.ctx, w.actor["mira"], p.ID, append(changes, proposal.Change{Field: "amount", Value: raw(50_000_000)}))
		w.must(err)
		_, err = w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, w.now.Source().Now())
		w.must(err)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		w.judge("olena", p, 5)
		d, err := w.Decisions.Begin(w.ctx, w.actor["officer"], c.ID, "outline")
		w.must(err)
		w.must(w.Decisions.Save(w.ctx, w.actor["officer"], d.ID, "All that are worth it.", []decision.Choice{{ProposalID: p.ID, Outcome: decision.Invite}}))
		w.must(w.Decisions.Propose(w.ctx, w.actor["officer"], d.ID)) // one signature
		rows, n, err := w.Proposals.List(w.ctx, w.actor["mira"], proposal.Filter{Mine: true, Size: 50})
		w.must(err)
		w.secondRound(p, rows[0].ID)
		if n != 2 || rows[0].StageOf != p.ID || rows[0].State != proposal.Draft || rows[0].Title != "Slow water" {
			w.t.Errorf("after the invitation mira has %+v", rows)
		}
	})
}

func TestDeadlineToTheMicrosecond(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, _ := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		last := c.ClosesAt.Add(5 * time.Minute) // the call's grace
		w.now.Set(last.Add(time.Minute))
		_, err := w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, last)
		w.must(err)
		_, err = w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, last.Add(time.Microsecond))
		w.refused(err, fault.Conflict, "a first byte after the grace")
		w.must(w.Calls.Extend(w.ctx, w.actor["officer"], c.ID, p.ID, "2027-04-16T17:00", "The applicant's network was down."))
		_, err = w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, last.Add(time.Microsecond))
		w.must(err)
		if v, err := w.Calls.Get(w.ctx, access.Actor{}, c.ID); err != nil || len(v.Extended) != 0 {
			w.t.Errorf("the public learns of one applicant's extension: %+v, %v", v.Extended, err)
		}
	})
}

func TestTwoWriteAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		_, err = w.Proposals.Invite(w.ctx, w.actor["mira"], p.ID, "ravi", "co-lead", 20)
		w.must(err)
		_, err = w.Proposals.Save(w.ctx, w.actor["ravi"], p.ID, nil)
		w.refused(err, fault.NotFound, "writing before one has confirmed")
		w.must(w.Proposals.Answer(w.ctx, w.actor["ravi"], p.ID, true))
		save := func(who, field, text string, version int64) proposal.Saved {
			s, err := w.Proposals.Save(w.ctx, w.actor[who], p.ID, []proposal.Change{{Field: field, Value: raw(text), Version: version}})
			w.must(err)
			return s
		}
		save("mira", "title", "Mira's title", 0)
		save("ravi", "risks", "Ravi's risks", 0)
		save("ravi", "title", "Ravi's title", 1)
		got := save("mira", "title", "Mira's second title", 1)
		if len(got.Kept) != 1 || string(got.Kept[0].There) != `"Ravi's title"` || string(got.Kept[0].Yours) != `"Mira's second title"` || got.Kept[0].Version != 2 {
			w.t.Errorf("the same field by two: %+v", got)
		}
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		if v.Text("title") != "Ravi's title" || v.Text("risks") != "Ravi's risks" {
			w.t.Errorf("title %q, risks %q", v.Text("title"), v.Text("risks"))
		}
	})
}
