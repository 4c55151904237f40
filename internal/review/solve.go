package review

import (
	"context"
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/register"
)

// What a suggestion aims at.
const (
	Total  = "total"  // the greatest sum of scores
	Fair   = "fair"   // the worst served proposal as well as can be, then the next
	Random = "random" // a draw from the greatest expected sum in which no pair is surer than a limit
)

// Aims are all of them, the usual one first.
var Aims = []string{Total, Fair, Random}

// usualLimit is how sure a pair may be at most where a draw does not say so, in per cent.
const usualLimit = 50

// question is a stage's problem under the rules of one suggestion.
type question struct {
	desk   Desk
	matter *matter
	set    Settings
	assign.Problem
	scores []float64 // by edge
	caps   []Cap     // by group
	barred map[string]int
	ringed []Ring // that were broken, and those that stay
}

// question reads everything that a suggestion is made from and puts the problem.
// Errors: Invalid for rules that contradict themselves; Conflict without proposals or pool.
func (s *Service) question(ctx context.Context, a access.Actor, callID, stage string, set Settings) (*question, error) {
	return s.puts(ctx, a, callID, stage, set, untold)
}

// untold is for who does not wait to hear which step begins.
func untold(string) error { return nil }

// puts is question that tells begins which step begins.
func (s *Service) puts(ctx context.Context, a access.Actor, callID, stage string, set Settings, begins func(step string) error) (*question, error) {
	if err := begins(Reads); err != nil {
		return nil, err
	}
	var d Desk
	var m *matter
	var writings map[string][]register.Writing
	err := s.DB.Snapshot(ctx, func(ctx context.Context) (err error) {
		if d, err = s.desk(ctx, a, callID, stage, "review.assign"); err != nil {
			return err
		}
		m, writings, err = s.unscored(ctx, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := begins(Compares); err != nil {
		return nil, err
	}
	if m.measure, err = s.measures.get(ctx, m.proposals, m.people(), writings, blend{s.Embedder, s.EmbedShare}); err != nil {
		return nil, err
	}
	return m.question(d, set)
}

// question puts the problem that the matter of a stage is under rules. Errors as of Service.question.
func (m *matter) question(d Desk, set Settings) (*question, error) {
	if err := set.settle(d.Plan.Each); err != nil {
		return nil, err
	}
	switch {
	case len(m.proposals) == 0:
		return nil, fault.New(fault.Conflict, "review.assign.none")
	case len(m.pool) == 0:
		return nil, fault.New(fault.Conflict, "review.assign.pool")
	}
	if err := m.try(d, set.Pairs); err != nil {
		return nil, err
	}
	q := &question{desk: d, matter: m, set: set}
	q.Problem, q.scores, q.barred = m.problem(set)
	var err error
	q.caps, err = m.cap(&q.Problem, set.Caps)
	return q, err
}

// answered is what an aim gives for a problem, proven by a checker that shares
// no code with the search. A draw comes with the shares that its lottery gives
// each pair, in 1/parts; for the other aims a pair has all or nothing.
type answered struct {
	chosen      []int
	share       []int64
	parts       int64
	short, idle []assign.Missing
	why         []assign.Deficit
	ways        [][]assign.Relaxation // of each why: what would fill one place; nil where nobody looked
	proof       Certificate
}

// answer solves the problem for its aim. seed settles a draw.
func (q *question) answer(ctx context.Context, seed uint64) (answered, error) {
	switch q.set.Aim {
	case Fair:
		return q.fair(ctx)
	case Random:
		return q.draw(ctx, seed)
	}
	plan, err := assign.Open(ctx, q.Problem)
	if err != nil {
		return answered{}, err
	}
	sol := plan.Solution()
	err = assign.Verify(q.Problem, sol)
	out := q.certain(sol.Chosen, sol.Short, sol.Idle, sol.Why)
	for _, why := range sol.Why { // pairs with a conflict are not in the problem: all that is left is a place more for somebody
		out.ways = append(out.ways, plan.Relax(why, 3))
	}
	out.proof = Certificate{ProposalPrice: sol.ProposalPrice, PersonPrice: sol.ReviewerPrice, CapPrice: sol.GroupPrice, Cost: sol.Cost, Unmet: sol.Unmet(), Bound: sol.Bound}
	return out, err
}

func (q *question) fair(ctx context.Context) (answered, error) {
	f, err := assign.Fairest(ctx, q.Problem)
	if err == nil {
		err = assign.VerifyFair(q.Problem, f)
	}
	out := q.certain(f.Chosen, f.Short, f.Idle, f.Why)
	out.proof = Certificate{Cost: f.Cost, Unmet: missing(f.Short) + missing(f.Idle), Least: f.Min, LeastBound: f.Bound, Weights: &f.Proof}
	return out, err
}

// draw finds the best lottery and draws from it. Where that leaves places empty,
// the reasons are those for which they would be empty without a limit.
func (q *question) draw(ctx context.Context, seed uint64) (answered, error) {
	limit, parts := lowest(int64(q.set.Limit), 100)
	l, err := assign.Randomize(ctx, q.Problem, limit, parts)
	if err == nil {
		err = assign.VerifyLottery(q.Problem, l)
	}
	if err != nil {
		return answered{}, err
	}
	out := answered{chosen: l.Draw(q.Problem, seed), share: l.Share, parts: l.Parts}
	out.proof = Certificate{ProposalPrice: l.ProposalPrice, PersonPrice: l.ReviewerPrice, CapPrice: l.GroupPrice, Cost: l.Cost, Bound: l.Bound, Limit: l.Limit, Parts: l.Parts, Seed: seed}
	out.short = q.lacks(out.chosen)
	load := make([]int, len(q.Load))
	for _, k := range out.chosen {
		load[q.Edges[k].Reviewer]++
	}
	for j, x := range q.Load {
		if load[j] < x.Min {
			out.idle = append(out.idle, assign.Missing{Index: j, Count: x.Min - load[j]})
		}
	}
	out.proof.Unmet = missing(out.short) + missing(out.idle)
	if out.proof.Unmet > 0 {
		sol, err := assign.Solve(ctx, q.Problem)
		if err != nil {
			return answered{}, err
		}
		out.why = sol.Why
	}
	return out, nil
}

// certain is an answer without chance.
func (q *question) certain(chosen []int, short, idle []assign.Missing, why []assign.Deficit) answered {
	out := answered{chosen: chosen, share: make([]int64, len(q.Edges)), parts: 1, short: short, idle: idle, why: why}
	for _, k := range chosen {
		out.share[k] = 1
	}
	return out
}

func missing(list []assign.Missing) (n int) {
	for _, m := range list {
		n += m.Count
	}
	return n
}

// lowest is a fraction in lowest terms.
func lowest(n, of int64) (int64, int64) {
	a, b := n, of
	for b != 0 {
		a, b = b, a%b
	}
	return n / a, of / a
}

// solve answers a question and puts it in the words of the room. The time counts how long the
// machine took, not when: the installation's clock may stand still.
func (q *question) solve(ctx context.Context, seed uint64) (Run, answered, error) {
	began := time.Now()
	got, err := q.unring(ctx, seed)
	if err != nil {
		return Run{}, got, fmt.Errorf("a suggestion for %s: %w", q.desk.CallID, err)
	}
	run := Run{CallID: q.desk.CallID, Stage: q.desk.Stage(), Settings: q.set}
	run.Result, run.Certificate = q.told(got)
	run.Result.Millis = time.Since(began).Milliseconds()
	return run, got, nil
}
