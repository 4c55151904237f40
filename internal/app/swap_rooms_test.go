package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/retention"
	"github.com/headwater-platform/headwater/internal/review"
)

// number is the number of a proposal that was handed in.
func (s *swapped) number(id string) string {
	s.t.Helper()
	p, err := s.Proposals.Known(s.ctx, id)
	s.must(err)
	return p.Number
}

// allot fills the pool, where the authors are too and must not judge themselves, locks each
// reviewer who is exchanged to a proposal, and sends a suggestion to which these locks leave no choice: the
// measure of who fits what is not exchanged with people, and must not decide how many are asked. ravi, who is asked too, has no time.
func (s *swapped) allot() {
	s.t.Helper()
	officer := s.actor["officer"]
	lead := two(s.side, s.has(authors), leads[0].ID, leads[1].ID)
	judge := two(s.side, s.has(reviewers), judges[0].ID, judges[1].ID)
	s.must(s.Reviews.SetPlan(s.ctx, officer, s.call.ID, "", review.InvitationPlan{Target: 3, Reserve: 2, AnswerDays: 9}))
	for i := range judge {
		s.must(s.Reviews.SetPool(s.ctx, officer, s.call.ID, judge[i], 0, 3+2*i))
	}
	s.must(s.Reviews.SetPool(s.ctx, officer, s.call.ID, lead[0], 0, 2))
	s.must(s.Reviews.SetPool(s.ctx, officer, s.call.ID, "ravi", 0, 1)) // a competitor of both
	table := "proposal,reviewer,do\n"
	for _, p := range s.proposals {
		table += fmt.Sprintf("%[1]s,%[2]s,lock\n%[1]s,%[3]s,lock\n", s.number(p.ID), judge[0], judge[1])
	}
	table += fmt.Sprintf("%[1]s,%[2]s,lock\n%[1]s,ravi,ask\n", s.number(s.third.ID), judge[0])
	_, err := s.Reviews.ApplyBulk(s.ctx, officer, s.call.ID, "", table)
	s.must(err)
	run, err := s.Reviews.Suggest(s.ctx, officer, s.call.ID, "", review.Settings{Each: 2})
	s.must(err)
	invited, err := s.Reviews.Apply(s.ctx, officer, s.call.ID, run.ID)
	s.must(err)
	if invited != 1 {
		s.t.Fatalf("the suggestion asks %d people, not the one who is locked", invited)
	}
	for _, r := range must1(s.Reviews.OfProposal(s.ctx, officer, s.third.ID)) {
		if r.Reviewer == "ravi" {
			s.must(s.Reviews.Answer(s.ctx, s.actor["ravi"], r.ID, "decline", "No time."))
		}
	}
}

// drawLots puts lots between mira's proposal and one that the reviews put first.
func (s *swapped) drawLots(list string) {
	s.t.Helper()
	officer := s.actor["officer"]
	with := two(s.side, s.has(reviews), s.proposals[0].ID, s.proposals[1].ID)
	at := s.now.Source().Now().Add(time.Hour)
	l, err := s.Decisions.Commit(s.ctx, officer, list, decision.LotteryInput{Numbers: s.number(with[0]) + " " + s.number(s.third.ID), Draw: 1, Event: "6 of 49", At: at})
	s.must(err)
	s.now.Set(at.Add(time.Hour))
	s.must(s.Decisions.Draw(s.ctx, officer, list, l.ID, "07 13 21 28 40 44", "The gazette of today."))
}

// keep is what those who keep the record do about people who are exchanged: a hold, a request, and
// somebody who may act for each.
func (s *swapped) keep() {
	s.t.Helper()
	lead := two(s.side, s.has(authors), leads[0], leads[1])
	judge := two(s.side, s.has(reviewers), judges[0], judges[1])
	for _, who := range []string{"clerk", "scribe"} { // the way by mail has its own test
		_, err := s.DB.SQL().ExecContext(s.ctx, `UPDATE account SET email_verified_at = 1 WHERE id = $1`, s.actor[who].Account)
		s.must(err)
	}
	for i := range lead {
		s.now.Advance(time.Minute)
		_, err := s.Retention.Hold(s.ctx, s.actor["officer"], "proposal", s.number(s.proposals[i].ID), "A complaint about "+lead[i].Family+" and "+judge[i].Family+".")
		s.must(err)
		_, err = s.Retention.Ask(s.ctx, s.actor[accountName(lead[i].ID)], retention.ForCorrection, "I have moved.")
		s.must(err)
		for _, lends := range [][2]string{{lead[i].ID, "clerk"}, {judge[i].ID, "scribe"}} {
			s.now.Advance(time.Minute)
			_, err := s.Accounts.Delegate(s.ctx, s.actor[accountName(lends[0])], account.Offer{Email: lends[1] + "@example.org", Scope: "all", Until: s.now.Source().Now().AddDate(0, 1, 0)})
			s.must(err)
		}
	}
	taken, err := s.Accounts.Delegate(s.ctx, s.actor["olena"], account.Offer{Email: "clerk@example.org", Scope: "all", Until: s.now.Source().Now().AddDate(0, 1, 0)})
	s.must(err)
	s.must(s.Accounts.AcceptDelegation(s.ctx, s.actor["clerk"], taken))
	s.actor["deputy"], s.acting["deputy"] = s.actor["clerk"], taken
}

// keepers are whose answers would show what is exchanged, if somebody else got them. The last two are
// exchanged themselves, so that their own pages differ where their language does.
var keepers = []string{"officer", "auditor", "root", "purse", "decider", "clerk", "scribe", "olena", "mira", "xenia", "ursa"}

// shows are what allot, drawLots and keep fill, by the scenes in which who may see it finds a difference in each.
var shows = map[int][]string{
	0: {"GET /calls/{id}/pool", "GET /api/v1/calls/{id}/pool", "GET /calls/{id}/assignment", "GET /calls/{id}/assignment.csv", "GET /calls/{id}/assignment/people", "GET /calls/{id}/assignment/rounds", "GET /calls/{id}/assignment/{proposal}",
		"GET /calls/{id}/assignment/{proposal}/repair", "GET /api/v1/calls/{id}/assignment", "GET /api/v1/calls/{id}/assignment/{run}", "GET /api/v1/calls/{id}/rounds", "GET /api/v1/calls/{id}/candidates/{proposal}",
		"GET /api/v1/calls/{id}/candidates/{proposal}/repair", "GET /api/v1/panels/{id}/candidates", "GET /account/acting", "GET /api/v1/me/delegations", "GET /retention", "GET /api/v1/retention/holds", "GET /requests/{id}", "GET /api/v1/data-requests/{id}"},
	1: {"GET /calls/{id}/pool", "GET /api/v1/calls/{id}/pool", "GET /calls/{id}/assignment/people", "GET /api/v1/calls/{id}/assignment/{run}", "GET /proposals/{id}/reviews", "GET /reviews/{id}", "GET /api/v1/reviews/{id}/files/{ref}",
		"GET /account/acting", "GET /api/v1/me/delegations", "GET /retention", "GET /api/v1/retention/holds"},
	2: {"GET /proposals/{id}/similar", "GET /api/v1/proposals/{id}/similar", "GET /decisions/{id}/lottery", "GET /decisions/{id}/lottery/{lottery}/{file}", "GET /panels/{id}/items/{item}/files/{ref}", "GET /api/v1/panels/{id}/items/{item}/files/{ref}"},
	3: {"GET /payments", "GET /payments.csv", "GET /api/v1/payments", "GET /awards/{id}", "GET /calls/{id}/edit"},
}

// blind are the routes that carry nothing of what is exchanged, by the reason why.
var blind = map[string]string{
	"the doors and the pages about this site; what is sent there stays between it and who sends": `
		/{$} /about /help /accessibility /privacy /open-data /sign-in /sign-in/with/{provider} /sign-in/back/{provider} /sign-in/join /sign-up /recover /mailed /links/{secret} /data-requests /data-requests/{secret} /data-requests/{secret}/archive.zip
		/demo /sign-in/second /admin/invite`,
	"one's own account and profile, which no address opens for somebody else": `
		/account /account/confirm /account/second /account/consents /account/sessions /account/tokens /profile /profile/relations /my-awards /my-data/{id}/archive.zip /api/v1/me
		/api/v1/me/sessions /api/v1/me/data-requests/{id}/archive /api/v1/me/tokens /api/v1/me/consents /api/v1/me/profile /api/v1/me/relations /api/v1/me/approvals
		/api/v1/me/awards`,
	"mails that were given up: administrators alone read them, and the one of the scenes is to nobody who is exchanged": `/admin/mails`,
	"the register: people and organisations are known to all, who wrote or reviewed what is not in it": `
		/organisations /organisations/new /organisations/{id} /organisations/{id}/edit /organisations/{id}/merge /organisations/{id}/unmerge /organisations/{id}/facilities/new
		/facilities /facilities/{id} /facilities/{id}/edit /people/{id} /agencies /agencies/{id} /find/people /find/organisations /api/v1/organisations /api/v1/organisations/{id}
		/api/v1/organisations/{id}/doubles /api/v1/facilities /api/v1/facilities/{id} /api/v1/people /api/v1/people/{id} /api/v1/agencies /api/v1/agencies/{id}`,
	"strategy and schemes, and lists and blank forms of councils: what comes before a call, and no scene exchanges": `
		/priorities /priorities/new /priorities/{id} /priorities/{id}/edit /needs /needs/new /needs/{id} /needs/{id}/edit /needs/{id}/end /questions /questions/new
		/questions/{id} /questions/{id}/edit /advice /advice/new /bodies /bodies/new /bodies/{id}/edit
		/council-meetings/{id}/items/new /decisions/{id}/agreement /decisions/{id}/advice /schemes /schemes/{scheme} /schemes/{scheme}/compare /schemes/{scheme}/edit
		/api/v1/priorities /api/v1/priorities/{id} /api/v1/needs /api/v1/needs/{id} /api/v1/questions /api/v1/questions/{id} /api/v1/advice /api/v1/bodies
		/api/v1/schemes /api/v1/schemes/{scheme} /api/v1/schemes/{scheme}/compare /api/v1/schemes/{scheme}/draft`,
	"calls that are published, and forms of a call that hold nothing of its proposals": `
		/calls.ics /calls.atom /calls/{id}/calendar /calls/{id}/feed /calls/new /calls/{id}/publish /calls/{id}/cancel /calls/{id}/extend /api/v1/calls/{id}/changes
		/common-grants/opportunities /common-grants/opportunities/{oppId}`,
	"numbers, titles and states alone, a way on, or a form that asks: none of them names anybody": `
		/calls/{id}/assignment/apply /calls/{id}/assignment/undo /calls/{id}/assignment/changes /calls/{id}/assignment/live /decisions /calls/{id}/decision /decisions/appeals
		/decisions/risks /api/v1/panels /api/v1/calls/{id}/panels /api/v1/decisions`,
	"what the list was decided to be and is told to its author, in whose scene neither is exchanged": `
		/proposals/{id}/lottery.json /proposals/{id}/letter /api/v1/proposals/{id}/letter /api/v1/proposals/{id}/letters`,
	"what is public: awards, results, figures, and the ledger's heads and keys": `
		/awards /awards.csv /awards.json /results /figures /ledger/heads /ledger/keys /api/v1/awards /api/v1/results /api/v1/figures /api/v1/ledger/heads /api/v1/ledger/keys`,
	"what no scene has rows of, whose rows name nobody who is exchanged, or what is closed when a scene is asked: scenarios, bottlenecks, imports, erasures, what is due, invitations that were answered, approvals": `
		/proposals/{id}/invitation /proposals/{id}/approval /answer/{secret} /decisions/{id}/scenarios/{scenario} /decisions/{id}/bottlenecks /imports
		/imports/{id} /retention/rules/{class} /retention/due/{class} /retention/erase /retention/erasures/{id} /retention/erasures/{id}/certificate.json
		/retention/erasures/{id}/receipt.txt /api/v1/decisions/{id}/meeting/bottlenecks /api/v1/decisions/{id}/scenarios/{scenario}
		/api/v1/retention/rules /api/v1/retention/due/{class} /api/v1/retention/erasures /api/v1/retention/erasures/{id} /api/v1/retention/erasures/{id}/receipt /api/v1/imports
		/api/v1/imports/{id}`,
}

// TestSwapSeesEveryRoute asks one route after the other as who may: the comparison of TestSwap notices each in a
// scene at least, but those that stand among the blind, and these in none.
func TestSwapSeesEveryRoute(t *testing.T) {
	t.Parallel()
	deaf := map[string]bool{}
	for _, paths := range blind {
		for path := range strings.FieldsSeq(paths) {
			deaf["GET "+path] = true
		}
	}
	var unseen []string
	for _, i := range []int{1, 3, 5, 0, 2} {
		both := twinsOf(t, scenes[i])
		if i == 1 {
			unseen = slices.DeleteFunc(both.one.patterns(), func(p string) bool {
				return !strings.HasPrefix(p, "GET ") || slices.Contains(leaving, p) || strings.Contains(p, sealedMaps.deep)
			})
			for p := range deaf {
				if !slices.Contains(unseen, p) {
					t.Errorf("%s is among the blind, and no route", p)
				}
			}
		}
		unseen = slices.DeleteFunc(unseen, func(p string) bool {
			if slices.Contains(shows[i], p) || deaf[p] && i != 1 && i != 3 && i != 5 {
				return false
			}
			by := both.notice(p)
			if by != "" && deaf[p] {
				t.Errorf("%s is not blind: %s", p, by)
			}
			return by != ""
		})
		for _, p := range shows[i] {
			if both.notice(p) == "" {
				t.Errorf("%s: where %s, nobody would notice that it shows it", p, scenes[i].name)
			}
			unseen = slices.DeleteFunc(unseen, func(u string) bool { return u == p })
		}
	}
	for _, p := range unseen {
		if !deaf[p] {
			t.Errorf("%s: nobody would notice in any scene that it shows what is exchanged", p)
		}
	}
}

// notice is a difference that a route shows to who may see it, with who that is; "" for none.
func (t twins) notice(pattern string) string {
	_, path, _ := strings.Cut(pattern, " ")
	t.one.all = true
	paths, _ := t.keys.paths(path)
	paths = t.one.sample(pattern, paths, true)
	for _, keeper := range keepers {
		if t.one.has(contacts) && (keeper == "xenia" || keeper == "ursa") {
			continue
		}
		one, other := t.one.enter(keeper), t.other.enter(keeper)
		for _, p := range paths {
			r := request{method: http.MethodGet, path: p}
			a, b := t.one.ask(one, r).got, t.other.ask(other, r).got
			if inner(a) != inner(b) && (strings.HasPrefix(a, "200") || strings.HasPrefix(b, "200")) {
				return keeper + ", " + p + ": " + difference(inner(a), inner(b))
			}
		}
	}
	return ""
}

// inner is a page without what stands around it on each page; any other answer as it is.
func inner(got string) string {
	if _, main, is := strings.Cut(got, "<main"); is {
		return main
	}
	return got
}
