package decision

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/headwater-platform/headwater/engine/calibrate"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/review"
)

// Confidence is how sure an interval is: it holds the true rank, or score, with this probability.
const Confidence = 0.90

// Calibration is what the scores of a list say once it is known who is strict and
// who is mild.
type Calibration struct {
	*calibrate.Result
	proposals []string // keys, those with a review, in the order of the result's
	persons   []string // as the result's reviewers; "" where an import did not name one
	Influence []calibrate.Influence
}

// Rank is what it says of one proposal.
type Rank struct {
	Expected  float64 // 1 is best
	Low, High int     // interval of the rank
	Chance    float64 // of being above the line of the money
	Score     float64 // less what its reviewers are strict or mild
	From, To  float64 // interval of Score
	Doubtful  bool    // the interval reaches over the line: the scores cannot tell
}

// quantile of the standard normal that intervals of effects reach to on both sides.
var quantile = distuv.UnitNormal.Quantile((1 + Confidence) / 2)

// kept is how many answers of a kind are remembered: one list is looked at by many, and
// the same question has the same answer each time.
const kept = 64

// memory is answers by what they were reckoned from. It holds nothing that cannot be
// reckoned again.
type memory[V any] struct {
	mu    sync.Mutex
	of    map[[sha256.Size]byte]*V
	order [][sha256.Size]byte // the oldest first
}

func (m *memory[V]) get(key [sha256.Size]byte) *V {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of[key]
}

func (m *memory[V]) put(key [sha256.Size]byte, v *V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil {
		m.of = map[[sha256.Size]byte]*V{}
	}
	if m.of[key] != nil {
		return
	}
	if m.order = append(m.order, key); len(m.order) > kept {
		delete(m.of, m.order[0])
		m.order = m.order[1:]
	}
	m.of[key] = v
}

// calibrated is what the scores say of the rows, nil where there is no review. A
// list of 300 proposals takes some half a second the first time.
func (s *Service) calibrated(ctx context.Context, d Decision, rows []Row) (*Calibration, error) {
	scores, err := s.Reviews.Scores(ctx, d.CallID, d.Stage)
	if err != nil {
		return nil, err
	}
	p, c, asked := panel(rows, scores)
	if len(p.Scores) == 0 {
		return nil, nil
	}
	b, err := json.Marshal([]any{p, asked, d.Budget.Minor})
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256(b)
	if known := s.reckoned.get(key); known != nil {
		return known, nil
	}
	o := d.reckoning(asked, calibrate.Hierarchical)
	if c.Result, err = calibrate.Calibrate(ctx, p, o); err != nil {
		return nil, err
	}
	if c.Influence, err = calibrate.Influences(ctx, p, c.Result, o); err != nil {
		return nil, err
	}
	s.reckoned.put(key, c)
	return c, nil
}

// reckoning is how the scores of a list are reckoned with: equal scores give equal answers, and the line is where the money ends.
func (d Decision) reckoning(asked []int64, model calibrate.Model) calibrate.Options {
	return calibrate.Options{Model: model, Level: Confidence, Seed: 1, Keep: draws, Line: func(order []int) int { return reach(order, asked, d.Budget.Minor) }}
}

// panel is the scores of the reviewed rows for the engine, and what each asks for.
func panel(rows []Row, scores []review.Score) (*calibrate.Panel, *Calibration, []int64) {
	by := map[string][]review.Score{}
	for _, x := range scores {
		by[x.ProposalID] = append(by[x.ProposalID], x)
	}
	p, c := &calibrate.Panel{}, &Calibration{}
	var asked []int64
	reviewers := map[string]int{}
	for _, r := range rows {
		if len(by[r.ProposalID]) == 0 {
			continue
		}
		for _, x := range by[r.ProposalID] {
			who, known := reviewers[x.Person]
			if !known || x.Person == "" {
				who = len(c.persons)
				reviewers[x.Person] = who
				c.persons = append(c.persons, x.Person)
			}
			p.Scores = append(p.Scores, calibrate.Score{Proposal: len(c.proposals), Reviewer: who, Value: x.Overall})
		}
		c.proposals, asked = append(c.proposals, r.ProposalID), append(asked, r.Asked.Minor)
	}
	p.Proposals, p.Reviewers = c.proposals, c.persons
	return p, c, asked
}

// reach is how many of an order the money reaches, up to the first that it does not.
func reach(order []int, asked []int64, budget int64) int {
	for n, i := range order {
		if budget -= asked[i]; budget < 0 {
			return n
		}
	}
	return len(order)
}

// ranks are what the calibration says by proposal.
func (c *Calibration) ranks() map[string]Rank {
	out := make(map[string]Rank, len(c.proposals))
	for i, q := range c.Proposals {
		score := c.Overall + q.Effect
		out[c.proposals[i]] = Rank{Expected: q.ExpectedRank, Low: q.Low, High: q.High, Chance: q.Funded, Score: score,
			From: score - quantile*q.EffectSD, To: score + quantile*q.EffectSD, Doubtful: q.AcrossTheLine}
	}
	return out
}

// Judges is what the scores say of the reviewers of a list.
type Judges struct {
	View
	List []Judge // who changes most first, then the strictest
}

// Judge is one reviewer of a list.
type Judge struct {
	Person, Name string // "" where an import does not name the reviewer
	calibrate.Reviewer
	From, To     float64 // interval of the shift
	Lifts, Sinks []Row   // above the line only with this reviewer's scores, and only without them
}

// Judges tells who of a list's reviewers is strict or mild, and whose scores move
// the line. No judgement of a person: few reviews say little of who gave them.
func (s *Service) Judges(ctx context.Context, a access.Actor, id string) (Judges, error) {
	v, err := s.Get(ctx, a, id)
	if err != nil || v.Calibration == nil {
		return Judges{View: v}, err
	}
	c := v.Calibration
	names, err := s.Register.Names(ctx, c.persons, nil)
	if err != nil {
		return Judges{}, err
	}
	rows := map[string]Row{}
	for _, r := range v.Rows {
		rows[r.ProposalID] = r
	}
	out := Judges{View: v, List: make([]Judge, len(c.persons))}
	for i, person := range c.persons {
		r := c.Reviewers[i]
		out.List[i] = Judge{Person: person, Name: names[person], Reviewer: r, From: r.Shift - quantile*r.ShiftSD, To: r.Shift + quantile*r.ShiftSD}
	}
	for _, x := range c.Influence {
		for _, p := range x.With {
			out.List[x.Reviewer].Lifts = append(out.List[x.Reviewer].Lifts, rows[c.proposals[p]])
		}
		for _, p := range x.Without {
			out.List[x.Reviewer].Sinks = append(out.List[x.Reviewer].Sinks, rows[c.proposals[p]])
		}
	}
	slices.SortStableFunc(out.List, func(a, b Judge) int {
		return cmp.Or(cmp.Compare(len(b.Lifts)+len(b.Sinks), len(a.Lifts)+len(a.Sinks)), cmp.Compare(a.Shift, b.Shift))
	})
	return out, nil
}
