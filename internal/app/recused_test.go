package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/retention"
	"github.com/headwater-platform/headwater/internal/review"
)

// recusal is a list of ten proposals of which the third is hidden from ines, who meets about it, and from kai, who has every role that
// reads proposals and money in its agency. una has the same roles and no conflict.
type recusal struct {
	*swapped
	list, out string   // the list, and the proposal that is hidden
	award     []string // what was given for it
}

// traces are what of the hidden proposal nobody who is recused may find anywhere.
var traces = []string{"P-2027-9002", "W-2027-9002", "Idea 2", "A secret"}

func (w *world) recusal() *recusal {
	w.t.Helper()
	w.must(w.Register.TakeIn(w.ctx, access.System, &register.Batch{People: []register.Person{{ID: "kai", Given: "Kai", Family: "Alder"}, {ID: "una", Given: "Una", Family: "Alder"}}}))
	for _, who := range []string{"kai", "una"} {
		var roles []access.Grant
		for _, role := range []access.Role{access.Officer, access.Finance, access.Auditor} {
			roles = append(roles, access.Grant{Role: role, Scope: access.Agency("arc")})
		}
		w.account(who, who, roles...)
	}
	d, ids := w.meeting()
	out, officer := ids[2], w.actor["officer"]
	choices := make([]decision.Choice, len(ids))
	for i, id := range ids {
		choices[i] = decision.Choice{ProposalID: id, Outcome: decision.Reject, Reasons: "The money ends above it."}
	}
	choices[2].Reasons = "A secret reason." // not funded: an award would be public
	w.must(w.Decisions.Save(w.ctx, officer, d.ID, "By the reviews.", choices))
	w.must(w.Decisions.Dissent(w.ctx, w.actor["olena"], d.ID, "P-2027-9002", "A secret dissent."))
	w.must(w.Decisions.Class(w.ctx, officer, d.ID, out, "high", "A secret risk."))
	w.must(w.Decisions.Recuse(w.ctx, officer, d.ID, out, "ines", "A joint paper."))
	w.must(w.Decisions.Recuse(w.ctx, w.actor["kai"], d.ID, out, "", "A cousin."))
	return &recusal{swapped: &swapped{world: w, all: true, mask: func(s string) string { return s }, acting: map[string]string{}}, list: d.ID, out: out}
}

// given is an award for the hidden proposal that ended long ago and that nobody but its agency knows of yet, with a payment.
func (r *recusal) given() {
	r.t.Helper()
	c, err := r.Proposals.Known(r.ctx, r.out)
	r.must(err)
	a := award.Award{ID: "w-secret", Number: "W-2027-9002", ProposalID: r.out, CallID: c.CallID, AgencyID: "arc", SchemeVersionID: c.SchemeVersionID, Title: lang.In1("en", "Idea 2"), State: award.Running,
		StartDay: "2019-01-01", EndDay: "2021-12-31", Year: 2019, Amount: money.Whole(200_000, "XCR"), PublicAt: r.now.Source().Now().AddDate(1, 0, 0)}
	r.must(work.Do(r.ctx, r.DB, func(ctx context.Context) error { return r.Awards.TakeIn(ctx, a, nil, nil) }))
	r.award = []string{a.ID}
}

// lends lets somebody act for another.
func (r *recusal) lends(from, to, name string) {
	r.t.Helper()
	id, err := r.Accounts.Delegate(r.ctx, r.actor[from], account.Offer{Email: to + "@example.org", Scope: "all", Until: r.now.Source().Now().Add(24 * time.Hour)})
	r.must(err)
	_, err = r.DB.SQL().ExecContext(r.ctx, `UPDATE account SET email_verified_at = 1 WHERE id = $1`, r.actor[to].Account) // the way by mail has its own test
	r.must(err)
	r.must(r.Accounts.AcceptDelegation(r.ctx, r.actor[to], id))
	r.actor[name], r.acting[name] = r.actor[to], id
}

// TestRecusedRoutes is recusal as a property over the table of routes: no page and no operation
// shows a trace of the proposal to who is recused from it: neither a member of the meeting nor an officer of its
// agency, whose role would let them read all of it; nor of what was given for it, nor to who acts for one of its reviewers.
func TestRecusedRoutes(t *testing.T) {
	t.Parallel()
	w := country(t, dbtest.SQLitePath(t), func(c *app.Config) { c.Demo = false })
	r := w.recusal()
	d, officer := w.decision(r.list), w.actor["officer"]
	_, err := w.Panels.Form(w.ctx, officer, d.CallID, "", panel.Plan{Groups: 1})
	w.must(err)
	for _, judge := range []string{"stern", "harsh", "kind", "gentle"} {
		w.must(w.Reviews.SetPool(w.ctx, officer, d.CallID, judge, 0, 20))
	}
	_, err = w.Reviews.Suggest(w.ctx, officer, d.CallID, d.Stage, review.Settings{Each: 3})
	w.must(err)
	_, err = w.Reviews.ApplyBulk(w.ctx, officer, d.CallID, d.Stage, "proposal,reviewer,do\nP-2027-9002,kind,forbid\n")
	w.must(err)
	r.hide(8, "/decisions/", "/proposals", "/reviews", "/panels", "GET /panels/", "/items/")
	r.counts("/calls/"+d.CallID+"/panels", map[string]int{"una": 10, "kai": 9})
	r.reckons(d.CallID, map[string]int{"una": 10, "kai": 9})
	w.sign(d.ID)
	w.must(w.Decisions.Lodge(w.ctx, w.actor["mira"], r.out, "A secret appeal."))
	r.given()
	_, err = w.Retention.Hold(w.ctx, officer, "proposal", "P-2027-9002", "A secret hold.")
	w.must(err)
	w.account("stern", "stern")
	r.lends("stern", "kai", "kai for stern")
	r.lends("stern", "una", "una for stern")
	r.hide(0, "/decisions/", "/proposals", "/reviews", "/panels", "/awards/", "/payments", "/retention")
	w.Awards.Conflicted, w.Retention.Conflicted = nil, nil // without the narrowing, the property is seen to fail
	for _, r.only = range []string{"GET /awards/{id}", "GET /payments", "GET /retention"} {
		if _, found := r.traced("kai", r.hidden()); len(found) == 0 {
			t.Errorf("%s shows nothing of the award where conflicts are not asked for either", r.only)
		}
	}
	_, err = w.DB.SQL().ExecContext(w.ctx, `DELETE FROM conflict WHERE person_id = 'kai'`) // panels and delegations ask for it themselves
	w.must(err)
	for viewer, routes := range map[string][]string{"kai": {"GET /panels/{id}", "GET /panels/{id}/items/{item}"}, "kai for stern": {"GET /reviews", "GET /reviews/{id}"}} {
		for _, r.only = range routes {
			if _, found := r.traced(viewer, r.hidden()); len(found) == 0 {
				t.Errorf("%s shows %s nothing of the proposal without a conflict either", r.only, viewer)
			}
		}
	}
}

// counts checks how many proposals a page without a name of any tells of: it holds, as a figure, what each viewer may know, and nothing
// of what the others may.
func (r *recusal) counts(page string, of map[string]int) {
	r.t.Helper()
	for who := range of {
		got := r.ask(r.enter(who), request{method: "GET", path: page}).got
		for other, n := range of {
			if strings.Contains(got, fmt.Sprintf(">%d<", n)) != (who == other) {
				r.t.Errorf("%s shows %s %d proposals, or not: %s", page, who, n, got)
			}
		}
	}
}

func (w *world) decision(id string) decision.Decision {
	w.t.Helper()
	v, err := w.Decisions.Get(w.ctx, w.actor["officer"], id)
	w.must(err)
	return v.Decision
}

// hide asks for everything as who is recused from a proposal; who is not finds it at each of some places, and in so many answers
// about reviewers at least.
func (r *recusal) hide(least int, places ...string) {
	r.t.Helper()
	k := r.hidden()
	viewers := []string{"ines", "kai"}
	if r.acting["kai for stern"] != "" {
		viewers = append(viewers, "kai for stern")
	}
	for _, viewer := range viewers {
		asked, found := r.traced(viewer, k)
		for _, f := range found {
			r.t.Errorf("%s sees by %s", viewer, f)
		}
		if asked < 200 {
			r.t.Errorf("%s was asked for %d answers only", viewer, asked)
		}
	}
	_, found := r.traced("una", k)
	pairs := 0
	for _, f := range found {
		if assigning(f) {
			pairs++
		}
	}
	if pairs < least {
		r.t.Errorf("who may know finds the proposal in %d answers about reviewers", pairs)
	}
	for _, place := range places {
		if !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, place) }) {
			r.t.Errorf("who may know finds no trace at %s either", place)
		}
	}
	if r.acting["una for stern"] != "" {
		if _, found := r.traced("una for stern", k); len(found) == 0 {
			r.t.Error("who acts for a reviewer and may know finds no trace either")
		}
	}
}

// hidden are all keys, of proposals and what hangs on them those that are hidden.
func (r *recusal) hidden() keys {
	r.t.Helper()
	k := r.keys()
	reviews, err := db.Strings(r.ctx, r.DB.Q(r.ctx), `SELECT id FROM review WHERE proposal_id = $1`, r.out)
	r.must(err)
	k["proposal"], k["decision"], k["review"] = []string{r.out}, []string{r.list}, reviews
	if len(r.award) > 0 {
		k["award"] = r.award
	}
	if items, err := db.Strings(r.ctx, r.DB.Q(r.ctx), `SELECT id FROM panel_item WHERE proposal_id = $1`, r.out); len(items) > 0 || err != nil {
		r.must(err)
		k["panel_item"] = items
	}
	return k
}

// traced is how many answers a viewer got, and those that show a trace.
func (r *recusal) traced(viewer string, k keys) (asked int, found []string) {
	look := func(a answer) {
		asked++
		for _, trace := range traces {
			if i := strings.Index(a.got, trace); i >= 0 {
				found = append(found, fmt.Sprintf("%s: %q", a.asked, a.got[max(0, i-60):min(len(a.got), i+60)]))
			}
		}
		if i := strings.Index(a.got, r.out); i >= 0 && !unkeyed(a.asked, r.out) {
			found = append(found, fmt.Sprintf("%s: the key in %q", a.asked, a.got[max(0, i-60):min(len(a.got), i+60)]))
		}
	}
	for a := range r.gets(viewer, k) {
		look(a)
	}
	if r.only == "" {
		for _, q := range r.questions() {
			look(r.ask(r.enter(viewer), q))
		}
	}
	return asked, found
}

// unkeyed reports whether an answer may hold a key: it was asked for by it, or is the ledger, which is whole to its auditors and
// names records by nothing but their keys.
func unkeyed(asked, key string) bool {
	return strings.Contains(asked, key) || strings.HasPrefix(asked, "GET /ledger") || strings.HasPrefix(asked, "GET /api/v1/ledger/")
}

// questions are the POSTs that only ask, each with a body that is answered.
func (r *recusal) questions() (out []request) {
	call, stage := r.decision(r.list).CallID, r.decision(r.list).Stage
	for _, q := range [][2]string{
		{"/calls/" + call + "/what-if", `{"each":3,"stage":"` + stage + `"}`},
		{"/calls/" + call + "/what-if", `{"each":2,"aim":"fair","stage":"` + stage + `"}`},
		{"/calls/" + call + "/what-if", `{"each":2,"aim":"random","stage":"` + stage + `"}`},
		{"/calls/" + call + "/assignment-changes", `{"csv":"proposal,reviewer,do\nP-2027-9001,kind,forbid\n","dry_run":true,"stage":"` + stage + `"}`},
		{"/decisions/" + r.list + "/meeting/try", `{"rules":{}}`},
		{"/retention/foresee", `{"kind":"proposal","ref":"P-2027-9001"}`},
	} {
		out = append(out, request{"POST", "/api/v1" + q[0], q[1], "application/json"})
	}
	return out
}

// told is what an operation answers a viewer.
func (r *recusal) told(who string, q request, into any) {
	r.t.Helper()
	got := r.ask(r.enter(who), q).got
	_, body, found := strings.Cut(got, "\n{")
	if !strings.HasPrefix(got, "200\n") || !found {
		r.t.Fatalf("%s is told by %s: %s", who, q.path, got)
	}
	r.must(json.Unmarshal([]byte("{"+body), into))
}

// suggested is what the API says of a suggestion.
type suggested struct {
	ID                        string
	Proposals, Places, Filled int
	Total, Weakest, Least     float64
	Barred                    map[string]int
	Pairs                     []struct {
		Proposal, Person string
		Score            float64
	}
	Certificate *struct{ Proposals []string }
}

// sum checks a suggestion against the proposals that are listed and those who are suggested for each.
func (r *recusal) sum(who string, n int, got suggested, whole bool) {
	r.t.Helper()
	if got.Proposals != n {
		r.t.Errorf("%s is told of %d proposals and may know of %d", who, got.Proposals, n)
	}
	if !whole {
		return
	}
	sums, total := map[string]float64{}, 0.0
	for _, p := range got.Pairs {
		sums[p.Proposal] += p.Score
		total += p.Score
	}
	least := slices.Min(slices.Collect(maps.Values(sums)))
	if got.Filled != len(got.Pairs) || math.Abs(got.Total-total) > 1e-6 || len(sums) != n || math.Abs(got.Least-least) > 1e-6 {
		r.t.Errorf("%s is told of %d places for %d proposals with %v in all and %v at least, and finds %d, %d, %v and %v", who, got.Filled, got.Proposals, got.Total, got.Least, len(got.Pairs), len(sums), total, least)
	}
	if (got.Certificate == nil) == (n == 10) || got.Certificate != nil && len(got.Certificate.Proposals) != n {
		r.t.Errorf("%s, who may know of %d proposals, is given the certificate %+v", who, n, got.Certificate)
	}
}

// reckons checks that the figures of an assignment are those of the proposals that each viewer may know of, wherever they are said.
func (r *recusal) reckons(call string, of map[string]int) {
	r.t.Helper()
	at := "/api/v1/calls/" + call
	for who, n := range of {
		var board struct {
			Suggestion suggested
			Total      int
			Items      []struct {
				Missing   int
				Reviewers []struct {
					Person string `json:"person_id"`
				}
			}
		}
		r.told(who, request{method: "GET", path: at + "/assignment"}, &board)
		filled, missing := 0, 0
		given := map[string]float64{}
		for _, item := range board.Items {
			missing += item.Missing
			for _, p := range item.Reviewers {
				filled++
				given[p.Person]++
			}
		}
		s := board.Suggestion
		if r.sum(who, n, s, false); board.Total != n || len(board.Items) != n || s.Filled != filled || s.Places != filled+missing {
			r.t.Errorf("%s finds %d of %d proposals with %d of %d places, and is told of %d of %d", who, len(board.Items), board.Total, filled, filled+missing, s.Filled, s.Places)
		}
		var run suggested
		r.told(who, request{method: "GET", path: at + "/assignment/" + s.ID}, &run)
		r.sum(who, n, run, true)
		for _, q := range r.questions()[:3] {
			r.whatIf(who, n, q, s, given)
		}
		page := r.ask(r.enter(who), request{method: "GET", path: "/calls/" + call + "/assignment"}).got
		for other, m := range of {
			if strings.Contains(page, fmt.Sprintf(">%d × 4<", m)) != (who == other) {
				r.t.Errorf("the page shows %s the size of the assignment with %d proposals, or not", who, m)
			}
		}
	}
	for who, n := range of { // after the rest: it makes a new one
		var made suggested
		r.told(who, request{"POST", at + "/assignment", `{"each":3}`, "application/json"}, &made)
		if r.sum(who, n, made, false); made.Places > 3*n+2 || made.Filled > made.Places {
			r.t.Errorf("%s is told of %d places of %d proposals", who, made.Places, n)
		}
	}
}

// whatIf checks an answer against the suggestion that it is compared with, and against the proposals that a viewer may know of.
func (r *recusal) whatIf(who string, n int, q request, s suggested, given map[string]float64) {
	r.t.Helper()
	var got struct {
		Now, Then struct {
			Places, Filled int
			Total          float64
		}
		Loads []struct {
			ID     string
			Before float64
		}
		Certificate *struct{ Proposals []string }
		Optimal     *bool
	}
	r.told(who, q, &got)
	if got.Now.Places != s.Places || got.Now.Filled != s.Filled || got.Then.Filled > got.Then.Places || got.Then.Places > 4*n {
		r.t.Errorf("%s asks %s: %+v, beside %+v", who, q.body, got, s)
	}
	for _, l := range got.Loads {
		if l.Before != given[l.ID] {
			r.t.Errorf("%s asks %s and is told that %s has %v reviews, and finds %v", who, q.body, l.ID, l.Before, given[l.ID])
		}
	}
	if (got.Certificate != nil) != (n == 10) || (got.Optimal != nil) != (n == 10) {
		r.t.Errorf("%s, who may know of %d proposals, asks %s and is given a certificate, or none", who, n, q.body)
	}
}

// TestRecusedMoney: who has a conflict with a proposal neither lists, counts, approves nor hands over what its award is paid, and keeps or
// erases neither of the two, whatever their roles; a colleague does.
func TestRecusedMoney(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		r := w.recusal()
		w.sign(r.list)
		r.given()
		kai, una := w.actor["kai"], w.actor["una"]
		_, err := w.Awards.Get(w.ctx, kai, r.award[0])
		w.refused(err, fault.NotFound, "reading the award of a cousin")
		call := w.decision(r.list).CallID
		for who, n := range map[string]int{"kai": 0, "una": 1} {
			if list, err := w.Awards.OfCall(w.ctx, w.actor[who], call); err != nil || len(list) != n {
				t.Errorf("%s finds %d awards of the call, want %d (%v)", who, len(list), n, err)
			}
		}
		list, count, err := w.Awards.Payments(w.ctx, una, award.PaymentFilter{Size: 10})
		if err != nil || count != 3 || len(list) != 3 {
			t.Fatalf("una finds %d of %d payments, want three (%v)", len(list), count, err)
		}
		if list, count, err := w.Awards.Payments(w.ctx, kai, award.PaymentFilter{Size: 10}); err != nil || len(list)+count != 0 {
			t.Errorf("kai finds %d of %d payments (%v)", len(list), count, err)
		}
		if due, err := w.Awards.Due(w.ctx, kai, "2030-01-01"); err != nil || len(due) != 0 {
			t.Errorf("kai is told of what is due: %v, %v", due, err)
		}
		w.refused(w.Awards.Approve(w.ctx, kai, []string{list[0].ID}), fault.NotFound, "approving what a cousin gets")
		w.must(w.Awards.Approve(w.ctx, una, []string{list[0].ID}))
		_, err = w.Awards.Export(w.ctx, kai)
		w.refused(err, fault.Conflict, "handing over nothing that one may know of")
		if n, err := w.Awards.Export(w.ctx, una); err != nil || n != 1 {
			t.Errorf("una hands over %d payments (%v)", n, err)
		}
		r.keeps(kai, una)
		w.whole()
	})
}

// TestRecusedHome: what waits for an officer is counted without what a conflict of interest hides from them, and a call with nothing
// else in which they could do something is not named.
func TestRecusedHome(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		r := w.recusal()
		call := w.decision(r.list).CallID
		for _, query := range []string{
			`UPDATE proposal SET state = 'submitted' WHERE call_id = $1`,
			`UPDATE review SET state = 'invited', conflict_rule = 'co-author' WHERE call_id = $1 AND proposal_id = (SELECT id FROM proposal WHERE number = 'P-2027-9002')`,
			`INSERT INTO invitation_plan (call_id, stage, target, reserve, automatic, answer_days, by_account, at) VALUES ($1, 'full', 5, 5, 0, 14, 'officer', 0)`,
		} {
			_, err := w.DB.SQL().ExecContext(w.ctx, query, call)
			w.must(err)
		}
		type counted func(context.Context, access.Actor) ([]review.Waiting, error)
		for what, c := range map[string]struct {
			of       counted
			una, kai int
		}{"unassigned": {w.Reviews.Unassigned, 10, 9}, "missing": {w.Reviews.ToAsk, 10, 9}, "late": {w.Reviews.LateCalls, 2, 0}} {
			for who, want := range map[string]int{"una": c.una, "kai": c.kai} {
				list, err := c.of(w.ctx, w.actor[who])
				w.must(err)
				n := 0
				for _, v := range list {
					n += v.N
				}
				if n != want || want == 0 && len(list) > 0 {
					t.Errorf("%s is told of %d that are %s, want %d: %+v", who, n, what, want, list)
				}
			}
		}
		w.visitor("una").ask("GET", "/home", nil, 200, "10 proposals", "2 people asked in")
		w.visitor("kai").ask("GET", "/home", nil, 200, "9 proposals")
		w.visitor("kai").lacks("/home", "10 proposals", "asked in")
	})
}

// TestRecusedBulk: a bulk change of nothing but a proposal with which one has a conflict is not there, to be listed or undone, nor does
// it take the place of others.
func TestRecusedBulk(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		r := w.recusal()
		d, officer := w.decision(r.list), w.actor["officer"]
		w.must(w.Reviews.SetPool(w.ctx, officer, d.CallID, "kind", 0, 20))
		var last review.BulkChange
		apply := func(number, do string) {
			t.Helper()
			var err error
			last, err = w.Reviews.ApplyBulk(w.ctx, officer, d.CallID, d.Stage, "proposal,reviewer,do\n"+number+",kind,"+do+"\n")
			w.must(err)
			w.now.Advance(time.Minute)
		}
		apply("P-2027-9001", "forbid")
		for range 10 {
			apply("P-2027-9002", "forbid")
			apply("P-2027-9002", review.Free)
		}
		for who, want := range map[string]int{"kai": 1, "una": 20} {
			if _, list, err := w.Reviews.BulkChanges(w.ctx, w.actor[who], d.CallID, d.Stage); err != nil || len(list) != want {
				t.Errorf("%s finds %d bulk changes, want %d (%v)", who, len(list), want, err)
			}
		}
		w.refused(w.Reviews.UndoBulk(w.ctx, w.actor["kai"], d.CallID, last.ID), fault.NotFound, "undoing what one may not know of")
		w.must(w.Reviews.UndoBulk(w.ctx, w.actor["una"], d.CallID, last.ID))
	})
}

// TestRecusedImports: an award that was taken in without a proposal is kept from who is tied to its leader or to who holds it, where their
// role alone would show it.
func TestRecusedImports(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.recusal()
		_, err := w.DB.SQL().ExecContext(w.ctx, `INSERT INTO affiliation (id, person_id, organisation_id) VALUES ('kai at tarn', 'kai', 'tarn')`)
		w.must(err)
		_, err = w.DB.SQL().ExecContext(w.ctx, `INSERT INTO person_relation (id, person_id, other_id, kind, created_at) VALUES ('mira and kai', 'mira', 'kai', 'family', 0)`)
		w.must(err)
		_, err = w.DB.SQL().ExecContext(w.ctx, `UPDATE retention_rule SET keep_days = 30 WHERE record_class = 'award'`)
		w.must(err)
		for id, a := range map[string]award.Award{"led": {LeadPerson: "kai"}, "family": {LeadPerson: "mira"}, "held": {Holder: "tarn"}, "other": {LeadPerson: "ravi"}} {
			a.ID, a.Number, a.AgencyID, a.Title, a.State, a.Source, a.StartDay, a.EndDay, a.Year = id, id, "arc", lang.In1("en", id), award.Ended, "old", "2019-01-01", "2021-12-31", 2019
			a.Amount, a.PublicAt = money.Whole(1000, "XCR"), w.now.Source().Now().AddDate(1, 0, 0)
			w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error { return w.Awards.TakeIn(ctx, a, nil, nil) }))
			_, err := w.Awards.Get(w.ctx, w.actor["una"], id)
			w.must(err)
			if _, err := w.Awards.Get(w.ctx, w.actor["kai"], id); (err == nil) != (id == "other") {
				t.Errorf("kai reads the award %s: %v", id, err)
			}
			for _, query := range []string{`INSERT INTO award_line (id, award_id, currency, amount_minor) VALUES ($1, $1, 'XCR', 100000)`,
				`INSERT INTO payment (id, award_id, line_id, due_day, currency, amount_minor, state) VALUES ($1, $1, $1, '2026-01-01', 'XCR', 100, 'planned')`} {
				_, err := w.DB.SQL().ExecContext(w.ctx, query, id)
				w.must(err)
			}
		}
		w.pays("kai", "other")
		w.pays("una", "family", "held", "led", "other")
		for who, want := range map[string]int{"kai": 1, "una": 4} {
			if list, err := w.Retention.Due(w.ctx, w.actor[who], retention.Award); err != nil || len(list) != want {
				t.Errorf("%s finds %d awards whose time is over, want %d (%v)", who, len(list), want, err)
			}
		}
	})
}

// pays checks that somebody finds, sums up and may approve and hand over the payments with some keys, and no others.
func (w *world) pays(who string, want ...string) {
	w.t.Helper()
	a := w.actor[who]
	list, count, err := w.Awards.Payments(w.ctx, a, award.PaymentFilter{State: award.Planned, Size: 10})
	w.must(err)
	var got []string
	for _, p := range list {
		got = append(got, p.ID)
	}
	if slices.Sort(got); !slices.Equal(got, want) || count != len(want) {
		w.t.Errorf("%s finds %d payments, %v, want %v", who, count, got, want)
	}
	if due, err := w.Awards.Due(w.ctx, a, "2030-01-01"); err != nil || len(due) != 1 || due[0].Count != len(want) {
		w.t.Errorf("%s is told that %v is due, want %d (%v)", who, due, len(want), err)
	}
	for _, id := range []string{"family", "held", "led", "other"} {
		switch err := w.Awards.Approve(w.ctx, a, []string{id}); {
		case !slices.Contains(want, id):
			w.refused(err, fault.NotFound, who+" approves "+id)
		default:
			w.must(err)
			w.must(w.Awards.HoldBack(w.ctx, a, []string{id}, "It was a test."))
			w.must(w.Awards.Approve(w.ctx, a, []string{id}))
		}
	}
	_, err = w.Awards.Export(w.ctx, a)
	w.must(err)
	_, err = w.DB.SQL().ExecContext(w.ctx, `UPDATE payment SET state = 'planned' WHERE state = 'exported'`)
	w.must(err)
	var open int
	w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT count(*) FROM payment WHERE state <> 'planned'`).Scan(&open))
	if open != 0 {
		w.t.Errorf("%d payments that %s approved were not handed over", open, who)
	}
}

// keeps is TestRecusedMoney for retention.
func (r *recusal) keeps(kai, una access.Actor) {
	r.t.Helper()
	_, err := r.DB.SQL().ExecContext(r.ctx, `UPDATE retention_rule SET keep_days = 30 WHERE record_class = 'award'`)
	r.must(err)
	due := func(a access.Actor, want int) {
		r.t.Helper()
		if list, err := r.Retention.Due(r.ctx, a, retention.Award); err != nil || len(list) != want {
			r.t.Errorf("%s finds %d awards whose time is over, want %d (%v)", a.Name, len(list), want, err)
		}
	}
	due(kai, 0)
	due(una, 1)
	for _, subject := range [][2]string{{"proposal", "P-2027-9002"}, {"award", "W-2027-9002"}} {
		_, err := r.Retention.Hold(r.ctx, kai, subject[0], subject[1], "Mine.")
		r.refused(err, fault.Invalid, "holding what one may not know of")
		_, _, err = r.Retention.Foresee(r.ctx, kai, subject[0], subject[1])
		r.refused(err, fault.Invalid, "foreseeing the erasure of what one may not know of")
		hold, err := r.Retention.Hold(r.ctx, una, subject[0], subject[1], "An inquiry.")
		r.must(err)
		r.refused(r.Retention.Lift(r.ctx, kai, hold, "No inquiry."), fault.NotFound, "lifting a hold that one may not know of")
		if holds, err := r.Retention.Holds(r.ctx, kai); err != nil || len(holds) != 0 {
			r.t.Errorf("kai finds holds: %v, %v", holds, err)
		}
		r.must(r.Retention.Lift(r.ctx, una, hold, "It is over."))
	}
	id, err := r.Retention.Order(r.ctx, una, retention.Wish{Kind: "award", Ref: "W-2027-9002", Class: retention.Award, Reason: "Its time is over."})
	r.must(err)
	_, err = r.Retention.Erasure(r.ctx, kai, id)
	r.refused(err, fault.NotFound, "reading of an erasure that one may not know of")
	for a, want := range map[string]int{"kai": 0, "una": 1} {
		if list, err := r.Retention.Erasures(r.ctx, r.actor[a]); err != nil || len(list) != want {
			r.t.Errorf("%s finds %d erasures, want %d (%v)", a, len(list), want, err)
		}
	}
}

// TestDelegateRecused: who acts for a reviewer reads and writes only what their own conflicts let them, and finds
// nothing of another kind than their delegation covers.
func TestDelegateRecused(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		r := w.recusal()
		w.account("stern", "stern")
		acting := map[string]access.Actor{}
		for _, who := range []string{"kai", "una"} {
			name := who + " for stern"
			r.lends("stern", who, name)
			a, err := w.Accounts.ActingAs(w.ctx, w.actor[who], r.acting[name])
			w.must(err)
			acting[who] = a
		}
		reviews, err := db.Strings(w.ctx, w.DB.Q(w.ctx), `SELECT id FROM review WHERE proposal_id = $1 AND reviewer_person = 'stern'`, r.out)
		w.must(err)
		_, err = w.Reviews.Get(w.ctx, acting["una"], reviews[0])
		w.must(err)
		_, err = w.Reviews.Get(w.ctx, acting["kai"], reviews[0])
		w.refused(err, fault.NotFound, "reading for a reviewer about a cousin")
		_, err = w.Reviews.Save(w.ctx, acting["kai"], reviews[0], map[string]review.Answer{"overall": {Score: 6}}, 0)
		w.refused(err, fault.NotFound, "writing for a reviewer about a cousin")
		_, err = w.Reviews.Save(w.ctx, acting["una"], reviews[0], map[string]review.Answer{"overall": {Score: 6}}, 0)
		w.refused(err, fault.Conflict, "writing what was handed in")
		all := w.mine(acting["una"])
		if all < 2 || w.mine(acting["kai"]) != all-1 {
			t.Errorf("una finds %d reviews and kai %d", all, w.mine(acting["kai"]))
		}
		for covers, want := range map[string]int{"reviews": all, "proposals": 0, "awards": 0} {
			a := acting["una"]
			if a.Covers = covers; w.mine(a) != want {
				t.Errorf("by a delegation of %s una finds %d reviews, want %d", covers, w.mine(a), want)
			}
			a.Person = "mira"
			if _, n, err := w.Proposals.List(w.ctx, a, proposal.Filter{Mine: true, Size: 20}); err != nil || (n > 0) != (covers == "proposals") {
				t.Errorf("by a delegation of %s una finds %d proposals (%v)", covers, n, err)
			}
		}
	})
}

func (w *world) mine(a access.Actor) int {
	w.t.Helper()
	list, err := w.Reviews.Mine(w.ctx, a)
	w.must(err)
	return len(list)
}

// assigning reports whether an address is about who reviews what in a call, and how well.
func assigning(asked string) bool {
	return slices.ContainsFunc([]string{"/assignment", "/review-quality", "/review-doubts", "/pool", "/rounds", "/candidates/"}, func(part string) bool { return strings.Contains(asked, part) })
}
