package app_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
)

// scored is a closed call of ten proposals; those of even numbers went to two strict
// reviewers, who take two points off, the others to two mild ones. Both judged the
// two that they share. The money reaches some four.
func (w *world) scored() (c call.Call, ids []string) {
	w.t.Helper()
	c = w.openCall("open-call.yaml")
	b := &register.Batch{}
	for _, name := range []string{"stern", "harsh", "kind", "gentle"} {
		b.People = append(b.People, register.Person{ID: name, Given: strings.ToUpper(name[:1]) + name[1:], Family: "Judge"})
	}
	w.must(w.Register.TakeIn(w.ctx, access.System, b))
	w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
		for i := range 10 {
			p := proposal.Proposal{ID: clock.ID(ctx), Number: fmt.Sprintf("P-2027-90%02d", i), CallID: c.ID, AgencyID: "arc", SchemeVersionID: c.SchemeVersionID, Title: fmt.Sprintf("Idea %d", i), Language: "en",
				Stage: "full", State: proposal.Submitted, LeadPerson: "mira", Holder: "ilvane", Requested: money.Whole(200_000, "XCR"), CreatedBy: w.actor["mira"].Account, CreatedAt: c.OpensAt, SubmittedAt: c.ClosesAt}
			if err := w.Proposals.TakeIn(ctx, p, []proposal.Member{{PersonID: "mira", Name: "Mira Alder", Role: "lead", State: "confirmed"}}, "open-proposal", nil); err != nil {
				return err
			}
			ids = append(ids, p.ID)
			worth := 5.6 - 0.3*float64(i)
			for k, name := range []string{"stern", "harsh", "kind", "gentle"} {
				strict := k < 2
				if i != 4 && i != 5 && strict != (i%2 == 0) {
					continue
				}
				score := worth + 0.2*float64(k%2)
				if strict {
					score -= 2
				}
				if err := w.Reviews.TakeIn(ctx, review.Review{ID: clock.ID(ctx), ProposalID: p.ID, CallID: c.ID, Stage: "full", Reviewer: name, State: review.Submitted, Alias: review.Alias(k),
					InvitedAt: c.ClosesAt, DueAt: c.ClosesAt, SubmittedAt: c.ClosesAt, Overall: score}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	w.now.Set(c.ClosesAt.Add(48 * time.Hour))
	return c, ids
}

// TestStrictReviewersAreAllowedFor: the list is in the order of worth, not of means,
// says how sure it is, whose scores move the line, and keeps its places once signed.
func TestStrictReviewersAreAllowedFor(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c, ids := w.scored()
		officer := w.actor["officer"]
		d, err := w.Decisions.Begin(w.ctx, officer, c.ID, "")
		w.must(err)
		v, err := w.Decisions.Get(w.ctx, officer, d.ID)
		w.must(err)
		if v.Reviewed != 10 || v.Calibration.Funded != 4 {
			w.t.Fatalf("%d reviewed, the money reaches %d", v.Reviewed, v.Calibration.Funded)
		}
		for i, r := range v.Rows {
			if r.ProposalID != ids[i] || r.Place != i+1 || r.Above != (i < 4) {
				w.t.Errorf("place %d: %s, above %v, %+v", i+1, r.Number, r.Above, r.Rank)
			}
			if r.Rank.Low > i+1 || r.Rank.High < i+1 || r.Rank.From > r.Rank.Score || r.Rank.To < r.Rank.Score || r.Rank.Doubtful != (r.Rank.Low <= 4 && r.Rank.High > 4) {
				w.t.Errorf("rank of %s: %+v", r.Number, r.Rank)
			}
		}
		if first, last := v.Rows[0].Rank.Chance, v.Rows[9].Rank.Chance; first < 0.9 || last > 0.1 {
			w.t.Errorf("chances %v and %v", first, last)
		}
		again, err := w.Decisions.Get(w.ctx, officer, d.ID)
		w.must(err)
		if again.Calibration != v.Calibration {
			w.t.Error("the same scores are reckoned twice")
		}
		w.scores(d.ID)

		choices := make([]decision.Choice, len(ids))
		for i, id := range ids {
			choices[i] = decision.Choice{ProposalID: id, Outcome: decision.Reject, Reasons: "The money ends above it."}
			if i < 4 {
				choices[i] = decision.Choice{ProposalID: id, Outcome: decision.Fund}
			}
		}
		w.must(w.Decisions.Save(w.ctx, officer, d.ID, "By the reviews.", choices))
		w.sign(d.ID)
		l, err := w.Decisions.Letter(w.ctx, w.actor["mira"], ids[4])
		w.must(err)
		if l.Body.Place != 5 || l.Body.Rank == nil || l.Body.Reviewed != 10 {
			w.t.Errorf("the letter says %+v", l.Body)
		}
		w.visitor("mira").ask("GET", "/proposals/"+ids[4]+"/letter", nil, 200, "Rank 5 of 10", "Corrected for strict and mild reviewers")

		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error { // scores that come after the signature
			_, err := w.DB.Q(ctx).ExecContext(ctx, `UPDATE review SET overall = 6 WHERE proposal_id = $1`, ids[9])
			return err
		}))
		v, err = w.Decisions.Get(w.ctx, officer, d.ID)
		w.must(err)
		if last := v.Rows[9]; last.ProposalID != ids[9] || last.Place != 10 {
			w.t.Errorf("the last place moved after the signature: %+v", last)
		}
	})
}

// scores reads the page on the reviewers of a list.
func (w *world) scores(id string) {
	w.t.Helper()
	w.visitor("officer").ask("GET", "/decisions/"+id+"/scores", nil, 200, "Stern Judge", "Gentle Judge", "−1.", "+1.", "Krippendorff")
	v, err := w.Decisions.Judges(w.ctx, w.actor["officer"], id)
	w.must(err)
	for _, j := range v.List {
		if strict := j.Person == "stern" || j.Person == "harsh"; strict != (j.Shift < -0.5) || !strict != (j.Shift > 0.5) {
			w.t.Errorf("%s gives %v more than others", j.Name, j.Shift)
		}
	}
	w.visitor("officer").ask("GET", "/decisions/"+id, nil, 200, "Above the line:", "/decisions/"+id+"/scores")
	w.visitor("mira").ask("GET", "/decisions/"+id+"/scores", nil, 404)
	w.visitor("officer").ask("GET", "/decisions/nothing/scores", nil, 404)
}

// TestNobodyReviewedYet: a list without reviews says so instead of failing.
func TestNobodyReviewedYet(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		d, err := w.Decisions.Begin(w.ctx, w.actor["officer"], c.ID, "")
		w.must(err)
		w.visitor("officer").ask("GET", "/decisions/"+d.ID, nil, 200, "no review yet")
		w.visitor("officer").ask("GET", "/decisions/"+d.ID+"/scores", nil, 200, "No review is in yet")
		if v, err := w.Decisions.Get(w.ctx, w.actor["officer"], d.ID); err != nil || v.Calibration != nil || v.Rows[0].Above {
			w.t.Errorf("%+v, %v", v.Rows, err)
		}
	})
}

// TestOtherModels: the list stands beside what least squares and orders alone make of the same scores;
// where a model cannot be fitted the page says so.
func TestOtherModels(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error { // so that the list is not in the order of numbers
			_, err := w.DB.Q(ctx).ExecContext(ctx, `UPDATE review SET overall = overall - 3 WHERE proposal_id = $1`, ids[0])
			return err
		}))
		at := "/decisions/" + d.ID + "/models"
		v, err := w.Decisions.Compare(w.ctx, w.actor["officer"], d.ID)
		w.must(err)
		if len(v.List) != len(ids) || len(v.Models) != 2 {
			w.t.Fatalf("%d proposals by %+v", len(v.List), v.Models)
		}
		for i, m := range v.Models {
			if m.Unfit || m.Above != 4 || m.Agrees < 0.9 {
				w.t.Errorf("%s: %+v", m.Name, m)
			}
			seen := make([]bool, len(ids)+1)
			for _, p := range v.List {
				if place := p.Places[i]; place < 1 || place > len(ids) || seen[place] {
					w.t.Errorf("%s puts %s at %d", m.Name, p.Number, place)
				} else {
					seen[place] = true
				}
				if above := p.Own <= 4; p.Differs != (above != (p.Places[0] <= 4) || above != (p.Places[1] <= 4)) {
					w.t.Errorf("%s at %d and %v differs: %v", p.Number, p.Own, p.Places, p.Differs)
				}
			}
		}
		w.visitor("officer").ask("GET", "/decisions/"+d.ID+"/scores", nil, 200, at)
		if last := v.List[len(ids)-1]; last.ProposalID != ids[0] || !slices.Equal(last.Places, []int{len(ids), len(ids)}) {
			w.t.Errorf("the worst: %s at %v", last.Number, last.Places)
		}
		w.visitor("officer").ask("GET", at, nil, 200, "Least squares", "Plackett–Luce", "Idea 0")
		w.visitor("officer").ask("GET", at+"?only=differs&lang=zh", nil, 200, "最小二乘")
		w.visitor("olena").ask("GET", at, nil, 403)
		var got struct {
			Rows []struct {
				Places map[string]int
			}
		}
		w.caller("officer").do(http.MethodGet, at, nil, http.StatusOK, &got)
		if len(got.Rows) != len(ids) || got.Rows[0].Places["plackett-luce"] == 0 {
			w.t.Errorf("by the API: %+v", got)
		}

		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			_, err := w.DB.Q(ctx).ExecContext(ctx, `UPDATE review SET state = 'invited' WHERE reviewer_person <> 'kind'`)
			return err
		}))
		w.visitor("officer").ask("GET", at, nil, 200, "It cannot be fitted here")
	})
}
