package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
)

// TestRecusedRoutes is recusal as a property over the table of routes: no page and no operation
// shows a trace of the proposal to who is recused from it: neither a member of the meeting nor an officer of its
// agency, whose role would let them read all of it.
func TestRecusedRoutes(t *testing.T) {
	t.Parallel()
	w := country(t, dbtest.SQLitePath(t), func(c *app.Config) { c.Demo = false })
	w.must(w.Register.TakeIn(w.ctx, access.System, &register.Batch{People: []register.Person{{ID: "kai", Given: "Kai", Family: "Alder"}}}))
	w.account("kai", "kai", access.Grant{Role: access.Officer, Scope: access.Agency("arc")})
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
	for _, judge := range []string{"stern", "harsh", "kind", "gentle"} {
		w.must(w.Reviews.SetPool(w.ctx, officer, d.CallID, judge, 0, 20))
	}
	_, err := w.Reviews.Suggest(w.ctx, officer, d.CallID, d.Stage, review.Settings{Each: 3})
	w.must(err)
	_, err = w.Reviews.ApplyBulk(w.ctx, officer, d.CallID, d.Stage, "proposal,reviewer,do\nP-2027-9002,kind,forbid\n")
	w.must(err)
	draft := &swapped{world: w, all: true, mask: func(s string) string { return s }}
	draft.hide(d.ID, out, 8)
	w.sign(d.ID)
	w.must(w.Decisions.Lodge(w.ctx, w.actor["mira"], out, "A secret appeal."))
	draft.hide(d.ID, out, 0)
}

// hide asks for everything as who is recused from a proposal; others find it in so many answers
// about reviewers at least.
func (s *swapped) hide(list, out string, least int) {
	s.t.Helper()
	k := s.keys()
	reviews, err := db.Strings(s.ctx, s.DB.Q(s.ctx), `SELECT id FROM review WHERE proposal_id = $1`, out)
	s.must(err)
	k["proposal"], k["decision"], k["review"] = []string{out}, []string{list}, reviews
	for viewer, traces := range map[string][]string{"ines": {"P-2027-9002", "Idea 2", "A secret"}, "kai": {"P-2027-9002", "Idea 2", "A secret"}} {
		asked := 0
		for _, a := range s.gets(viewer, k) {
			asked++
			for _, trace := range traces {
				if i := strings.Index(a.got, trace); i >= 0 {
					s.t.Errorf("%s sees by %s: %q", viewer, a.asked, a.got[max(0, i-60):min(len(a.got), i+60)])
				}
			}
		}
		if asked < 200 {
			s.t.Errorf("%s was asked for %d answers only", viewer, asked)
		}
	}
	secrets, pairs := 0, 0
	for _, a := range s.gets("officer", k) {
		if strings.Contains(a.got, "A secret") {
			secrets++
		}
		if assigning(a.asked) && strings.Contains(a.got, "P-2027-9002") {
			pairs++
		}
	}
	if secrets == 0 {
		s.t.Error("the officer, who may know, finds no secret either")
	}
	if pairs < least {
		s.t.Errorf("the officer, who may know, finds the proposal in %d answers about reviewers", pairs)
	}
}

// assigning reports whether an address is about who reviews what in a call, and how well.
func assigning(asked string) bool {
	return slices.ContainsFunc([]string{"/assignment", "/review-quality", "/review-doubts", "/pool", "/rounds", "/candidates/"}, func(part string) bool { return strings.Contains(asked, part) })
}
