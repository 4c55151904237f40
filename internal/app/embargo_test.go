package app_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/schemes"
)

// embargoed is a list on which mira is funded and ravi is not, public from a day in the time zone of its call, not proposed yet.
func (w *world) embargoed(from string) (d decision.Decision, one, two proposal.Proposal) {
	w.t.Helper()
	d, one, two = w.listed(w.openCall("open-call.yaml"))
	w.must(w.Decisions.SetPublicFrom(w.ctx, w.actor["officer"], d.ID, from, ""))
	return d, one, two
}

// listed is a list of a call on which mira is funded and ravi is not, not proposed yet.
func (w *world) listed(c call.Call) (d decision.Decision, one, two proposal.Proposal) {
	w.t.Helper()
	officer := w.actor["officer"]
	one, _ = w.handIn("mira", c, "Grain boundaries as fuses", 300_000)
	two, _ = w.handIn("ravi", c, "Cold joints for hot modules", 400_000)
	w.now.Set(c.ClosesAt.Add(time.Hour)) // 15 April, 18:00 in Vienna
	w.judge("ines", one, 5)
	w.judge("ines", two, 3)
	d, err := w.Decisions.Begin(w.ctx, officer, c.ID, "")
	w.must(err)
	w.must(w.Decisions.Save(w.ctx, officer, d.ID, "By the reviews.", []decision.Choice{{ProposalID: one.ID, Outcome: decision.Fund}, {ProposalID: two.ID, Outcome: decision.Reject, Reasons: "It was known."}}))
	return d, one, two
}

// given is the award of a proposal.
func (w *world) given(p proposal.Proposal) award.Award {
	w.t.Helper()
	return w.awardBy(w.text(`SELECT id FROM award WHERE proposal_id = $1 AND state <> 'superseded'`, p.ID))
}

func (w *world) awardBy(id string) award.Award {
	w.t.Helper()
	v, err := w.Awards.Get(w.ctx, access.System, id)
	w.must(err)
	return v.Award
}

// asField is the one field that err refuses, and with what.
func (w *world) asField(err error, field, key string) {
	w.t.Helper()
	f := fault.From(err)
	if f == nil || f.Field != field || f.Msg.Key != key {
		w.t.Errorf("refused with %+v, want %s at %s", f, key, field)
	}
}

// TestEmbargo is the life of a decision whose awards are public from a day: what is typed wrong, who may move it and until when,
// who is told, and that its day passes by itself.
func TestEmbargo(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		vienna, err := time.LoadLocation("Europe/Vienna")
		w.must(err)
		day := func(month time.Month, day int) time.Time {
			return time.Date(2027, month, day, 12, 0, 0, 0, vienna).UTC()
		}
		d, one, two := w.embargoed("2027-06-01T12:00")
		officer, decider := w.actor["officer"], w.actor["decider"]
		set := func(a access.Actor, from, why string) error {
			return w.Decisions.SetPublicFrom(w.ctx, a, d.ID, from, why)
		}
		w.asField(set(officer, "in June", ""), "public_from", "call.time")
		w.asField(set(officer, "2027-03-28T02:30", ""), "public_from", "call.time.skipped")
		w.asField(set(officer, "2027-04-15T17:59", ""), "public_from", "decision.public.past")
		w.asField(set(officer, "2031-06-01T12:00", ""), "public_from", "decision.public.end")
		w.refused(set(w.actor["auditor"], "2027-07-01T12:00", ""), fault.NotAllowed, "an auditor sets the day")
		w.refused(set(w.actor["mira"], "2027-07-01T12:00", ""), fault.NotFound, "an applicant sets the day")
		w.must(set(officer, "2027-06-01T12:00", "")) // nothing changes

		w.must(w.Decisions.Propose(w.ctx, officer, d.ID))
		w.refused(set(officer, "2027-05-01T12:00", ""), fault.Conflict, "the day of what waits for its signature")
		w.must(w.Decisions.Sign(w.ctx, decider, d.ID))
		if n := w.count(`SELECT count(*) FROM ledger_entry e JOIN ledger_payload p ON p.entry_id = e.id WHERE e.act IN ('decision.propose', 'decision.sign') AND p.body LIKE '%2027-06-01T10:00:00Z%'`); n != 2 {
			w.t.Errorf("%d of what was proposed and signed name the day", n)
		}
		a := w.given(one)
		if !a.PublicAt.Equal(day(time.June, 1)) {
			w.t.Errorf("the award is public from %v", a.PublicAt)
		}
		w.hidden(a.ID)

		letter, err := w.Decisions.Letter(w.ctx, w.actor["mira"], one.ID)
		w.must(err)
		if !letter.Embargoed() || !letter.Body.PublicAt.Equal(a.PublicAt) || letter.Body.Zone != "Europe/Vienna" {
			w.t.Errorf("the letter says %v %s", letter.Body.PublicAt, letter.Body.Zone)
		}
		for _, who := range []string{"mira", "ravi"} {
			if !slices.ContainsFunc(w.outboxOf(who), func(l mail.Letter) bool {
				return strings.Contains(l.Body, "under embargo until Tue 1 June 2027, 12:00 (Europe/Vienna)")
			}) {
				w.t.Errorf("the mail to %s does not say until when: %+v", who, w.outboxOf(who))
			}
		}
		for path, who := range map[string]string{"/awards/" + a.ID: "mira", "/decisions/" + d.ID: "officer", "/proposals/" + one.ID: "mira", "/proposals/" + two.ID + "/letter": "ravi"} {
			if page := w.visitor(who).body(path); !strings.Contains(page, "Tue 1 June 2027, 12:00") || !strings.Contains(page, "Europe/Vienna") {
				w.t.Errorf("%s does not tell %s from when it is public", path, who)
			}
		}

		w.asField(set(officer, "2027-05-10T12:00", ""), "public_why", "fault.required")
		w.asField(set(decider, "2027-04-10T12:00", "A mistake."), "public_from", "decision.public.past")
		w.asField(set(decider, "2030-05-01T12:00", "A mistake."), "public_from", "decision.public.end")
		w.refused(set(w.actor["auditor"], "2027-05-10T12:00", "I may not."), fault.NotAllowed, "an auditor moves the day")
		w.refused(set(w.actor["mira"], "2027-05-10T12:00", "I may not."), fault.NotFound, "an applicant moves the day")
		w.must(set(decider, "2027-07-01T12:00", "The minister is away."))
		w.now.Set(day(time.June, 1).Add(time.Hour))
		w.jobs()
		w.hidden(a.ID)
		w.must(set(decider, "2027-06-10T12:00", "She is back."))
		if a = w.given(one); !a.PublicAt.Equal(day(time.June, 10)) {
			w.t.Errorf("moved, the award is public from %v", a.PublicAt)
		}
		if n := w.count(`SELECT count(*) FROM ledger_entry WHERE act = 'decision.public'`); n != 2 {
			w.t.Errorf("%d moves are in the ledger", n)
		}
		for _, who := range []string{"mira", "ravi"} {
			if !slices.ContainsFunc(w.outboxOf(who), func(l mail.Letter) bool {
				return strings.Contains(l.Body, "Thu 10 June 2027, 12:00 (Europe/Vienna): She is back.")
			}) {
				w.t.Errorf("%s is not told of the new day: %s", who, w.kinds(who))
			}
		}
		if page := w.visitor("mira").body("/proposals/" + one.ID + "/letter"); !strings.Contains(page, "Tue 1 June 2027, 12:00") || !strings.Contains(page, "moved to Thu 10 June 2027, 12:00") {
			w.t.Error("the letter does not say that the day was moved")
		}

		w.now.Set(day(time.June, 10).Add(-time.Second))
		w.jobs()
		w.hidden(a.ID)
		w.now.Set(day(time.June, 10))
		w.jobs()
		w.shown(a.ID)
		for _, from := range []string{"", "2027-07-01T12:00"} {
			w.refused(set(decider, from, "I want it back."), fault.Conflict, "hiding what is public")
		}
		w.shown(a.ID)
		w.whole()
	})
}

// jobs does what is due now.
func (w *world) jobs() {
	w.t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = w.Jobs.Work(w.ctx)
		w.must(err)
	}
}

// hidden checks that nobody else finds an award anywhere that lists awards.
func (w *world) hidden(id string) {
	w.t.Helper()
	if n := w.found(); n != 0 {
		w.t.Errorf("%d awards are in the register under embargo", n)
	}
	for _, who := range []string{"", "ravi", "ines"} {
		_, err := w.Awards.Get(w.ctx, w.actor[who], id)
		w.refused(err, fault.NotFound, "who has nothing to do with it reads it")
		for _, path := range []string{"/awards", "/awards.csv", "/awards.json", "/awards?q=grain", "/results", "/figures", "/api/v1/awards", "/api/v1/results"} {
			if strings.Contains(w.visitor(who).body(path), "Grain boundaries") {
				w.t.Errorf("%s shows the award to %q", path, who)
			}
		}
	}
}

// shown checks that everybody finds it.
func (w *world) shown(id string) {
	w.t.Helper()
	if n := w.found(); n != 1 {
		w.t.Errorf("%d awards are in the register once it is public", n)
	}
	for _, path := range []string{"/awards", "/awards.csv", "/awards.json", "/awards?q=grain", "/awards/" + id, "/api/v1/awards", "/api/v1/awards/" + id} {
		if !strings.Contains(w.visitor("").body(path), "Grain boundaries") {
			w.t.Errorf("%s does not show the award", path)
		}
	}
}

func (w *world) found() int {
	w.t.Helper()
	list, err := w.Awards.Find(w.ctx, award.Filter{Size: 10})
	w.must(err)
	return list.Total
}

// TestEmbargoOfCorrections: a correction has the day of what it corrects, and what is public stays so.
func TestEmbargoOfCorrections(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, one, two := w.embargoed("2027-06-01T12:00")
		officer, decider := w.actor["officer"], w.actor["decider"]
		w.sign(d.ID)
		first := w.given(one)
		next, err := w.Decisions.Correct(w.ctx, officer, d.ID, decision.ByError, "The sum was wrong.")
		w.must(err)
		w.refused(w.Decisions.SetPublicFrom(w.ctx, officer, next.ID, "", ""), fault.Conflict, "a correction has a day of its own")
		w.must(w.Decisions.SetPublicFrom(w.ctx, decider, d.ID, "2027-06-05T12:00", "A holiday."))
		w.must(w.Decisions.Save(w.ctx, officer, next.ID, "By the reviews.", []decision.Choice{{ProposalID: one.ID, Outcome: decision.Fund, Amount: "200,000"}}))
		w.sign(next.ID)
		second := w.given(one)
		if second.Supersedes != first.ID || !second.PublicAt.Equal(time.Date(2027, 6, 5, 10, 0, 0, 0, time.UTC)) || !w.awardBy(first.ID).PublicAt.Equal(second.PublicAt) {
			w.t.Errorf("the corrected award is public from %v, what it corrects from %v", second.PublicAt, w.awardBy(first.ID).PublicAt)
		}
		w.must(w.Decisions.SetPublicFrom(w.ctx, decider, next.ID, "2027-06-07T12:00", "Another holiday."))
		for _, a := range []award.Award{first, second} {
			if at := w.awardBy(a.ID).PublicAt; !at.Equal(time.Date(2027, 6, 7, 10, 0, 0, 0, time.UTC)) {
				w.t.Errorf("%s is public from %v", a.Number, at)
			}
		}

		w.now.Set(time.Date(2027, 6, 8, 9, 0, 0, 0, time.UTC))
		w.jobs()
		w.shown(second.ID)
		last, err := w.Decisions.Correct(w.ctx, officer, next.ID, decision.ByError, "The sum was wrong once more.")
		w.must(err)
		w.must(w.Decisions.Save(w.ctx, officer, last.ID, "By the reviews.", []decision.Choice{{ProposalID: one.ID, Outcome: decision.Fund, Amount: "250,000"}, {ProposalID: two.ID, Outcome: decision.Fund, Amount: "100,000"}}))
		w.sign(last.ID)
		for _, p := range []proposal.Proposal{one, two} {
			if _, err := w.Awards.Get(w.ctx, access.Actor{}, w.given(p).ID); err != nil {
				w.t.Errorf("after a correction of what is public the award of %s is hidden: %v", p.Number, err)
			}
		}
	})
}

// TestEmbargoNow: who may sign may also end an embargo at once, and the register has it from then.
func TestEmbargoNow(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, one, _ := w.embargoed("2027-06-01T12:00")
		w.sign(d.ID)
		a := w.given(one)
		w.hidden(a.ID)
		officer := w.caller("officer")
		var refused struct {
			Errors []struct{ Location string }
		}
		officer.do(http.MethodPut, "/decisions/"+d.ID+"/public", map[string]string{"from": "yesterday", "why": "x"}, http.StatusUnprocessableEntity, &refused)
		if len(refused.Errors) != 1 || refused.Errors[0].Location != "body.from" {
			w.t.Errorf("refused: %+v", refused)
		}
		officer.do(http.MethodPut, "/decisions/"+d.ID+"/public", map[string]string{"why": "The news is out."}, http.StatusOK, nil)
		w.shown(a.ID)
		if kinds := w.kinds("mira"); !strings.Contains(kinds, "decision.mail.public:1") {
			w.t.Errorf("mira got %s", kinds)
		}
	})
}

// heldCall is a call that makes its awards public so many days after the signature.
func (w *world) heldCall(days int64) call.Call {
	w.t.Helper()
	v, err := w.Schemes.Publish(w.ctx, w.actor["officer"], schemes.Files, "open-call.yaml")
	w.must(err)
	return w.openCallHeld(v.ID, days)
}

// TestEmbargoOfACall: a call says how many days after the signature its awards are public. Everybody who applies reads it, no amendment
// changes it, and a list that says no day of its own takes it over, counted from the signature and not from the proposal.
func TestEmbargoOfACall(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c, officer := w.heldCall(40), w.caller("officer")
		in := call.Input{AgencyID: c.AgencyID, SchemeVersionID: c.SchemeVersionID, Title: c.Title, Summary: c.Summary, Zone: c.Zone, Opens: "2027-03-16T08:00", Closes: "2027-04-15T17:00", Total: "900,000"}
		for _, in.EmbargoDays = range []int64{-1, 366} {
			_, err := w.Calls.Create(w.ctx, w.actor["officer"], in)
			w.asField(err, "embargo_days", "call.embargo.days")
		}
		in.EmbargoDays, in.Contact = 0, "calls@arc.example"
		seen, err := w.Calls.Get(w.ctx, w.actor["officer"], c.ID)
		w.must(err)
		_, err = w.Calls.Amend(w.ctx, w.actor["officer"], c.ID, seen.Version, in, lang.In1("en", "Whom to ask."))
		w.must(err)
		if page := w.visitor("").body("/calls/" + c.ID); !strings.Contains(page, "40 days after the decision is signed") {
			w.t.Error("the call does not tell who applies that its awards are public later")
		}
		var told struct {
			Embargo int `json:"embargo_days"`
			Days    int `json:"public_after_days"`
		}
		w.caller("").do(http.MethodGet, "/calls/"+c.ID, nil, http.StatusOK, &told)
		d, one, two := w.listed(c)
		officer.do(http.MethodGet, "/decisions/"+d.ID, nil, http.StatusOK, &told)
		if told.Embargo != 40 || told.Days != 40 {
			w.t.Errorf("the API says %+v", told)
		}
		if page := w.visitor("officer").body("/decisions/" + d.ID); !strings.Contains(page, "public 40 days after it is signed") || !strings.Contains(page, "Empty: 40 days after") {
			w.t.Error("the list does not say when what it gives is public")
		}
		w.must(w.Decisions.Propose(w.ctx, w.actor["officer"], d.ID))
		w.now.Advance(30 * time.Hour)
		w.must(w.Decisions.Sign(w.ctx, w.actor["decider"], d.ID)) // 17 April, midnight in Vienna
		day := time.Date(2027, time.May, 26, 22, 0, 0, 0, time.UTC)
		a := w.given(one)
		if !a.PublicAt.Equal(day) {
			w.t.Errorf("the award is public from %v", a.PublicAt)
		}
		for act, says := range map[string]string{"call.publish": `"embargo_days":40`, "decision.propose": `"public_after_days":40`, "decision.sign": `"public_from":"2027-05-26T22:00:00Z"`} {
			if n := w.count(`SELECT count(*) FROM ledger_entry e JOIN ledger_payload p ON p.entry_id = e.id WHERE e.act = $1 AND p.body LIKE $2`, act, "%"+says+"%"); n != 1 {
				w.t.Errorf("%d entries %s say %s", n, act, says)
			}
		}
		w.hidden(a.ID)
		for _, p := range []proposal.Proposal{one, two} {
			if letter, err := w.Decisions.Letter(w.ctx, access.System, p.ID); err != nil || !letter.Embargoed() || !letter.Body.PublicAt.Equal(day) {
				w.t.Errorf("the letter about %s says %v, %v", p.Number, letter.Body.PublicAt, err)
			}
		}
		w.now.Set(day.Add(-time.Second))
		w.jobs()
		w.hidden(a.ID)
		w.now.Set(day)
		w.jobs()
		w.shown(a.ID)
	})
}

// TestEmbargoOfACallInItsEditor: a draft's form and the API take the days, keep what was typed wrong and say what fits; who publishes is
// told what is fixed with it.
func TestEmbargoOfACallInItsEditor(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		v, err := w.Schemes.Publish(w.ctx, w.actor["officer"], schemes.Files, "open-call.yaml")
		w.must(err)
		officer, api := w.visitor("officer"), w.caller("officer")
		form := values("agency", "arc", "scheme", v.ID, "title_en", "Held back", "summary_en", "Whom it is for.", "zone", "Europe/Vienna", "opens", "2027-03-16T08:00", "closes", "2027-04-15T17:00", "total", "900,000", "embargo_days", "400")
		officer.ask("POST", "/calls", form, http.StatusUnprocessableEntity, `value="400"`, "Give between 0 and 365 days.")
		form.Set("embargo_days", "40")
		at := officer.ask("POST", "/calls", form, http.StatusSeeOther)
		officer.ask("GET", at+"/edit", nil, http.StatusOK, `value="40"`)
		officer.ask("GET", at+"/publish", nil, http.StatusOK, "only 40 days after the decision is signed")
		var c struct {
			Version int64
			Embargo int `json:"embargo_days"`
		}
		api.do(http.MethodGet, at, nil, http.StatusOK, &c)
		in := map[string]any{"agency_id": "arc", "scheme_id": v.ID, "title": map[string]string{"en": "Held back"}, "summary": map[string]string{"en": "Whom it is for."}, "zone": "Europe/Vienna",
			"opens": "2027-03-16T08:00", "closes": "2027-04-15T17:00", "total": "900,000", "embargo_days": 366, "version": c.Version}
		var refused fault9457
		api.do(http.MethodPut, at, in, http.StatusUnprocessableEntity, &refused)
		if c.Embargo != 40 || len(refused.Errors) != 1 || refused.Errors[0].Location != "body.embargo_days" {
			w.t.Errorf("%d days; refused: %+v", c.Embargo, refused)
		}
		in["embargo_days"] = 30
		api.do(http.MethodPut, at, in, http.StatusOK, &c)
		if c.Embargo != 30 {
			w.t.Errorf("changed by the API to %d days", c.Embargo)
		}
		w.must(w.Calls.Publish(w.ctx, w.actor["officer"], strings.TrimPrefix(at, "/calls/")))
		officer.ask("GET", at, nil, http.StatusOK, "30 days after the decision is signed")
		in["embargo_days"], in["version"] = 0, c.Version+1
		api.do(http.MethodPut, at, in, http.StatusConflict, nil)
	})
}

// TestEmbargoOfACallGivesWay: a list may say a day of its own and take it back, whoever may sign moves it once it is signed, and a
// correction has the day of what it corrects.
func TestEmbargoOfACallGivesWay(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer, decider := w.actor["officer"], w.actor["decider"]
		d, one, _ := w.listed(w.heldCall(40))
		days := func() int {
			v, err := w.Decisions.Get(w.ctx, officer, d.ID)
			w.must(err)
			return v.Days
		}
		w.must(w.Decisions.SetPublicFrom(w.ctx, officer, d.ID, "2027-05-01T12:00", ""))
		if n := days(); n != 0 {
			w.t.Errorf("a list with a day of its own says %d days", n)
		}
		w.must(w.Decisions.SetPublicFrom(w.ctx, officer, d.ID, "", ""))
		if n := days(); n != 40 {
			w.t.Errorf("a list without a day of its own any more says %d days", n)
		}
		w.must(w.Decisions.SetPublicFrom(w.ctx, officer, d.ID, "2027-05-01T12:00", ""))
		w.sign(d.ID)
		if a := w.given(one); !a.PublicAt.Equal(time.Date(2027, time.May, 1, 10, 0, 0, 0, time.UTC)) {
			w.t.Errorf("a list with a day of its own gives an award that is public from %v", a.PublicAt)
		}
		w.must(w.Decisions.SetPublicFrom(w.ctx, decider, d.ID, "2027-05-03T12:00", "The first of May is a holiday."))
		next, err := w.Decisions.Correct(w.ctx, officer, d.ID, decision.ByError, "The sum was wrong.")
		w.must(err)
		w.must(w.Decisions.Save(w.ctx, officer, next.ID, "By the reviews.", []decision.Choice{{ProposalID: one.ID, Outcome: decision.Fund, Amount: "200,000"}}))
		w.sign(next.ID)
		a := w.given(one)
		if !a.PublicAt.Equal(time.Date(2027, time.May, 3, 10, 0, 0, 0, time.UTC)) {
			w.t.Errorf("the corrected award is public from %v", a.PublicAt)
		}
		w.must(w.Decisions.SetPublicFrom(w.ctx, decider, next.ID, "", "The news is out."))
		w.shown(a.ID)
	})
}

// TestEmbargoOfACallPutAside: where a call holds back what it gives, a list may say that it is public at once, on the page and by the
// API, until it says a day or leaves it to its call again; who proposes and who signs read it, and it is in the ledger.
func TestEmbargoOfACallPutAside(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer := w.actor["officer"]
		d, one, _ := w.listed(w.heldCall(40))
		says := func(days int, once bool) {
			w.t.Helper()
			v, err := w.Decisions.Get(w.ctx, officer, d.ID)
			w.must(err)
			if v.Days != days || v.AtOnce != once {
				w.t.Errorf("the list says %d days, at once: %v; want %d, %v", v.Days, v.AtOnce, days, once)
			}
		}
		page, api := w.visitor("officer"), w.signing("officer")
		page.ask("GET", "/decisions/"+d.ID, nil, 200, `name="public_at_once"`)
		save := func(more ...string) {
			w.t.Helper()
			page.ask("POST", "/decisions/"+d.ID, values(append([]string{"reasons", "By the reviews."}, more...)...), 303)
		}
		save("public_from", "", "public_at_once", "on")
		says(0, true)
		page.ask("GET", "/decisions/"+d.ID, nil, 200, "although its call says 40 days after")
		save("public_from", "")
		says(40, false)
		save("public_from", "2027-06-01T12:00", "public_at_once", "on") // the day that was typed holds
		says(0, false)
		put := func(body map[string]any) {
			w.t.Helper()
			api.do(http.MethodPut, "/decisions/"+d.ID+"/public", body, http.StatusOK, nil)
		}
		put(map[string]any{"from": "at once"})
		says(0, true)
		put(map[string]any{}) // as earlier clients leave it to the call
		says(40, false)
		put(map[string]any{"from": "at once"})
		w.must(w.Decisions.Propose(w.ctx, officer, d.ID))
		w.visitor("decider").ask("GET", "/decisions/"+d.ID, nil, 200, "although its call says 40 days after")
		w.must(w.Decisions.Sign(w.ctx, w.actor["decider"], d.ID))
		w.shown(w.given(one).ID)
		if n := w.count(`SELECT count(*) FROM ledger_entry e JOIN ledger_payload p ON p.entry_id = e.id WHERE e.act IN ('decision.propose', 'decision.sign') AND p.body LIKE '%"public_at_once":true%'`); n != 2 {
			w.t.Errorf("%d of what was proposed and signed say that it is public at once", n)
		}
	})
}

// TestEmbargoOfAnEarlierCall: a call that an earlier program wrote has none, and what that program writes to one that has leaves it.
func TestEmbargoOfAnEarlierCall(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		held, officer := w.heldCall(40), w.actor["officer"]
		known := `agency_id, programme_id, scheme_version_id, title, summary, guidance, state, zone, opens_at, opens_local, closes_at, closes_local, grace_seconds, decide_by, currency, amount_low_minor,
			amount_high_minor, total_minor, awards_expected, hours_high, contact, published_at, created_by, created_at`
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			_, err := w.DB.Q(ctx).ExecContext(ctx, `INSERT INTO call (id, number, `+known+`) SELECT 'earlier', 'C-0', `+known+` FROM call`)
			if err == nil {
				_, err = w.DB.Q(ctx).ExecContext(ctx, `UPDATE call SET contact = 'calls@arc.example', version = version + 1`)
			}
			return err
		}))
		if c, err := w.Calls.Known(w.ctx, held.ID); err != nil || c.EmbargoDays != 40 {
			w.t.Errorf("after an earlier program wrote to it: %d days, %v", c.EmbargoDays, err)
		}
		c, err := w.Calls.Known(w.ctx, "earlier")
		w.must(err)
		if page := w.visitor("").body("/calls/earlier"); c.EmbargoDays != 0 || strings.Contains(page, "after the decision is signed") {
			w.t.Errorf("an earlier call holds its awards for %d days", c.EmbargoDays)
		}
		d, one, _ := w.listed(c)
		w.sign(d.ID)
		if v, err := w.Decisions.Get(w.ctx, officer, d.ID); err != nil || !v.PublicAt.IsZero() {
			w.t.Errorf("a list of an earlier call is public from %v, %v", v.PublicAt, err)
		}
		w.shown(w.given(one).ID)
	})
}

// TestEmbargoAndConflicts: who has a conflict with one of the proposals neither sees its award nor moves the day of the list.
func TestEmbargoAndConflicts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.must(w.Register.TakeIn(w.ctx, access.System, &register.Batch{People: []register.Person{{ID: "kai", Given: "Kai", Family: "Alder"}}}))
		w.account("kai", "kai", access.Grant{Role: access.Officer, Scope: access.Agency("arc")}, access.Grant{Role: access.Decider, Scope: access.Agency("arc")})
		d, one, _ := w.embargoed("2027-06-01T12:00")
		kai := w.actor["kai"]
		w.must(w.Decisions.Recuse(w.ctx, kai, d.ID, one.ID, "", "A cousin."))
		w.refused(w.Decisions.SetPublicFrom(w.ctx, kai, d.ID, "2027-07-01T12:00", ""), fault.NotAllowed, "setting the day of a list with a conflict")
		w.sign(d.ID)
		w.refused(w.Decisions.SetPublicFrom(w.ctx, kai, d.ID, "2027-07-01T12:00", "I may not."), fault.NotAllowed, "moving the day of a list with a conflict")
		_, err := w.Awards.Get(w.ctx, kai, w.given(one).ID)
		w.refused(err, fault.NotFound, "reading an award under embargo with a conflict")
		if page := w.visitor("kai").body("/decisions/" + d.ID); strings.Contains(page, "public_from") || strings.Contains(page, "Grain boundaries") {
			w.t.Error("the page offers to move the day, or shows the proposal")
		}
	})
}

// givenOnOneSide are two installations that did the same, but that on one side two proposals were funded under an embargo: for some
// days by their call, or from a day by their list.
func givenOnOneSide(days int64, from string) scene {
	return scene{name: "an award under embargo is as none", signed: true, build: func(s *swapped) { s.giveOnOneSide(days, from) }}
}

func (s *swapped) giveOnOneSide(days int64, from string) {
	officer := s.actor["officer"]
	v, err := s.Schemes.Publish(s.ctx, officer, schemes.Files, "open-call.yaml")
	s.must(err)
	s.call = s.openCallHeld(v.ID, days)
	s.apply()
	s.judge()
	s.now.Advance(24 * time.Hour)
	d, err := s.Decisions.Begin(s.ctx, officer, s.call.ID, "")
	s.must(err)
	s.must(s.Decisions.SetPublicFrom(s.ctx, officer, d.ID, from, ""))
	outcome := []string{decision.Fund, decision.Reject}[s.side]
	var choices []decision.Choice
	for _, p := range s.proposals {
		choices = append(choices, decision.Choice{ProposalID: p.ID, Outcome: outcome, Reasons: "By its reviews.", Amount: "100,000"})
	}
	choices = append(choices, decision.Choice{ProposalID: s.third.ID, Outcome: decision.Reject, Reasons: "By its reviews."})
	s.must(s.Decisions.Save(s.ctx, officer, d.ID, "By the reviews.", choices))
	s.sign(d.ID)
}

// TestEmbargoTellsNothingAnywhere: until its day everybody who has nothing to do with an award gets the same bytes, from every page
// and operation, as from an installation in which nothing was given; afterwards not.
func TestEmbargoTellsNothingAnywhere(t *testing.T) {
	t.Parallel()
	for name, sc := range map[string]scene{"list": givenOnOneSide(0, "2027-06-01T12:00"), "call": givenOnOneSide(40, "")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tellsNothing(t, sc)
		})
	}
}

func tellsNothing(t *testing.T, sc scene) {
	both := twinsOf(t, sc)
	both.one.all, both.other.all = true, true
	for _, viewer := range []string{"", "visitor", "stranger"} {
		asked, found := both.gets(viewer)
		report(t, viewer, asked, slices.DeleteFunc(found, byChance))
	}
	for _, s := range []*swapped{both.one, both.other} {
		s.now.Set(time.Date(2027, 6, 1, 10, 0, 0, 0, time.UTC))
		s.jobs()
		s.commitments()
	}
	_, found := both.gets("")
	for _, path := range []string{"GET /awards:", "GET /awards.csv:", "GET /figures:", "GET /api/v1/awards:", "GET /{$}:"} {
		if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, strings.Replace(path, "{$}", "", 1)) }) {
			t.Errorf("after the day %s is as if nothing had been given: it was not looked at", path)
		}
	}
}

// byChance: how many entries the ledger has is public, and of which kind they are is not; the keys of mails and of one's
// own sessions are drawn anew on each side after the signature.
func byChance(f string) bool {
	asked, _, _ := strings.Cut(f, ":")
	return strings.Contains(asked, "/ledger/") || strings.Contains(asked, "/outbox/") || strings.Contains(asked, "/me/sessions")
}

// TestAnotherAgencysEmbargo: whether somebody has an award is told to another agency once that is public, not before.
func TestAnotherAgencysEmbargo(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, _, _ := w.embargoed("2027-06-01T12:00")
		w.sign(d.ID)
		w.must(w.Register.TakeIn(w.ctx, access.System, &register.Batch{Organisations: []register.Organisation{{ID: "ati-office", Name: lang.In1("en", "Office of Technology"), Kind: "funder"}},
			Agencies: []register.Agency{{ID: "ati", OrganisationID: "ati-office", Slug: "ati", Short: "ATI", Name: lang.In1("en", "Agency for Technology"), Currency: "XCR", Zone: "Europe/Vienna"}}}))
		w.account("stranger", "", access.Grant{Role: access.Officer, Scope: access.Agency("ati")})
		stranger := w.actor["stranger"]
		v, err := w.Calls.Get(w.ctx, w.actor["officer"], d.CallID)
		w.must(err)
		c, err := w.Calls.Create(w.ctx, stranger, call.Input{AgencyID: "ati", SchemeVersionID: v.SchemeVersionID, Title: lang.In1("en", "Another call"), Summary: lang.In1("en", "Another."), Zone: "Europe/Vienna",
			Opens: "2027-04-15T08:00", Closes: "2027-05-03T17:00", Low: "100,000", High: "900,000", Total: "900,000"})
		w.must(err)
		w.must(w.Calls.Publish(w.ctx, stranger, c.ID))
		w.handIn("mira", c, "Something else", 300_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		list, err := w.Decisions.Begin(w.ctx, stranger, c.ID, "")
		w.must(err)
		seen, err := w.Decisions.Get(w.ctx, stranger, list.ID)
		w.must(err)
		if got := seen.Rows[0].Traits["applicant"]; got != "new" {
			w.t.Errorf("another agency learns that mira is %q under the embargo", got)
		}
	})
}
