package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/engine/conflict"
	"github.com/headwater-platform/headwater/engine/expertise"
)

// National is a country's whole task: from what people have written and what ties them
// to a certified assignment of reviewers to every proposal.
type National struct {
	Nation
	Candidates int       // people found for each proposal, before conflicts
	Start      int       // of these, with whom the assignment begins; the others come in as prices call for them
	Demand     int       // reviews of a proposal
	Load       int       // most reviews of a person
	Log        io.Writer // a line after each step
}

// NationalFigures are what it took. Seconds are of the clock.
type NationalFigures struct {
	People    int     `json:"people"`
	Works     int     `json:"works"`
	Proposals int     `json:"proposals"`
	Make      float64 `json:"make_seconds"` // of texts and ties; not in Total
	Index     float64 `json:"index_seconds"`
	Score     float64 `json:"score_seconds"`
	Conflict  float64 `json:"conflict_seconds"`
	Assign    float64 `json:"assign_seconds"` // its certificate checked
	Total     float64 `json:"total_seconds"`
	Processor float64 `json:"processor_seconds"` // of everything, making included
	PeakBytes int64   `json:"peak_bytes"`
	Pairs     int     `json:"pairs"`    // of proposals with candidates
	Excluded  int     `json:"excluded"` // of these, by a conflict
	Assigned  int     `json:"assigned"`
	Unfilled  int     `json:"unfilled"`
	Cost      int64   `json:"cost"`
	Bound     int64   `json:"bound"` // on cost and empty places, over the candidates that were found
	Optimal   bool    `json:"optimal"`
	Rounds    int     `json:"rounds"`
	Started   int     `json:"pairs_at_start"`
	Taken     int     `json:"pairs_taken_in"`
	BoundAll  int64   `json:"bound_all_pairs"` // the same over all pairs there are, as who was not found fits no better than the last who was
	GapAll    float64 `json:"gap_all_pairs"`
	Mean      float64 `json:"mean_score"` // of the pairs assigned
}

// Run makes the nation and does its task. The nation's own proportions are kept: a
// work counts for the expertise of its first author, and for the conflicts of all.
func (n National) Run(ctx context.Context) (f NationalFigures, err error) {
	f.People, f.Proposals = n.People, n.Texts
	candidates, err := n.score(ctx, &f)
	if err != nil {
		return f, err
	}
	runtime.GC() // of the index, which is as large as all that follows
	if err := n.exclude(candidates, &f); err != nil {
		return f, err
	}
	if err := n.assign(ctx, candidates, &f); err != nil {
		return f, err
	}
	f.Total = f.Index + f.Score + f.Conflict + f.Assign
	used := Usage()
	f.Processor, f.PeakBytes = used.Processor.Seconds(), used.Peak
	return f, nil
}

func (n National) note(what string, seconds float64) {
	fmt.Fprintf(n.Log, "%-30s %8.1f s\n", what, seconds)
}

// score finds the candidates of each text.
func (n National) score(ctx context.Context, f *NationalFigures) ([][]expertise.Match, error) {
	began := time.Now()
	var taking time.Duration // the rest of making is not the program's
	take := func(add func() error) error {
		at := time.Now()
		err := add()
		taking += time.Since(at)
		return err
	}
	c := expertise.NewCorpus(false)
	var people []expertise.Person
	var texts []expertise.Work
	flush := func(most int) error {
		if len(people)+len(texts) < most {
			return nil
		}
		err := take(func() error { return errors.Join(c.AddPeople(ctx, people), c.AddTexts(ctx, texts)) })
		people, texts = people[:0], texts[:0]
		return err
	}
	const atOnce = 4096
	err := n.Literature(func(p expertise.Person) error {
		f.Works += len(p.Works)
		people = append(people, p)
		return flush(atOnce)
	}, func(w expertise.Work) error {
		texts = append(texts, w)
		return flush(atOnce)
	})
	if err := errors.Join(err, flush(1)); err != nil {
		return nil, err
	}
	people, texts = nil, nil
	f.Make = (time.Since(began) - taking).Seconds()
	n.note("made texts", f.Make)
	began = time.Now()
	x, err := c.Index(ctx, expertise.Options{})
	if err != nil {
		return nil, err
	}
	finder, err := x.Finder(ctx)
	if err != nil {
		return nil, err
	}
	f.Index = (time.Since(began) + taking).Seconds()
	n.note("indexed", f.Index)
	began = time.Now()
	list := make([][]expertise.Match, n.Texts)
	Each(n.Texts, func() func(int) {
		s := finder.Search()
		return func(i int) {
			if ctx.Err() == nil {
				list[i] = s.Best(i, n.Candidates)
			}
		}
	})
	for _, some := range list {
		f.Pairs += len(some)
	}
	f.Score = time.Since(began).Seconds()
	n.note("scored", f.Score)
	return list, ctx.Err()
}

// rules are those of a strict scheme.
var rules = []conflict.Rule{
	{Kind: conflict.Organisation, Hard: true, Kin: true},
	{Kind: conflict.CoAuthor, Hard: true, Years: 3},
	{Kind: conflict.CoApplicant, Hard: true, Years: 5},
	{Kind: conflict.Adviser, Hard: true, Years: 50},
	{Kind: conflict.OwnProposal, Hard: true},
}

// exclude takes the candidates away who have a conflict.
func (n National) exclude(candidates [][]expertise.Match, f *NationalFigures) error {
	began := time.Now()
	facts, proposals := n.Ties()
	making := time.Since(began).Seconds()
	f.Make += making
	n.note("made ties", making)
	began = time.Now()
	finder, err := conflict.New(facts, proposals)
	if err != nil {
		return err
	}
	day := conflict.DayOf(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
	var excluded atomic.Int64
	Each(len(candidates), func() func(int) {
		var people []int32
		return func(i int) {
			people = people[:0]
			for _, m := range candidates[i] {
				people = append(people, int32(m.Person))
			}
			out := map[int]bool{}
			for _, c := range finder.Among(i, people, rules, day) {
				out[int(c.Reviewer)] = true
			}
			excluded.Add(int64(len(out)))
			kept := candidates[i][:0]
			for _, m := range candidates[i] {
				if !out[m.Person] {
					kept = append(kept, m)
				}
			}
			candidates[i] = kept
		}
	})
	f.Excluded, f.Conflict = int(excluded.Load()), time.Since(began).Seconds()
	n.note("conflicts found", f.Conflict)
	return nil
}

// assign solves over the candidates, and checks the certificate.
func (n National) assign(ctx context.Context, candidates [][]expertise.Match, f *NationalFigures) error {
	began := time.Now()
	p := assign.Problem{Demand: make([]int, n.Texts), Load: make([]assign.Load, n.People)}
	for i := range p.Demand {
		p.Demand[i] = n.Demand
	}
	for i := range p.Load {
		p.Load[i].Max = n.Load
	}
	edges := func(i int, some []expertise.Match, into []assign.Edge) []assign.Edge {
		for _, m := range some {
			cost, err := assign.CostOf(m.Score)
			if err != nil {
				panic(err) // package expertise promises scores from 0 to 1
			}
			into = append(into, assign.Edge{Proposal: i, Reviewer: m.Person, Cost: cost})
		}
		return into
	}
	waiting := make([][]expertise.Match, n.Texts) // who is not in the problem yet
	last := make([]int64, n.Texts)                // cost of the last who was found, 0 where nobody is left
	for i, some := range candidates {
		start := min(n.Start, len(some))
		p.Edges = edges(i, some[:start], p.Edges)
		waiting[i] = some[start:]
		if len(some) > 0 {
			last[i] = edges(i, some[len(some)-1:], nil)[0].Cost
		}
	}
	f.Started = len(p.Edges)
	w, err := assign.Widen(ctx, p, func(i int, below func(int) int64) (found []assign.Edge) {
		left := waiting[i][:0]
		for _, m := range waiting[i] {
			if e := edges(i, []expertise.Match{m}, nil)[0]; e.Cost < below(m.Person) {
				found = append(found, e)
			} else {
				left = append(left, m)
			}
		}
		waiting[i] = left
		return found
	}, mostRounds)
	if err != nil {
		return err
	}
	p, s := w.Problem, w.Solution
	if err := assign.Verify(p, s); err != nil {
		return fmt.Errorf("the certificate does not hold: %w", err)
	}
	f.Assign = time.Since(began).Seconds()
	n.note("assigned and certified", f.Assign)
	f.Rounds, f.Taken = w.Rounds, len(p.Edges)-f.Started
	f.BoundAll = w.Bound - beyond(p, s, last)
	f.GapAll = float64(p.Value(s)-f.BoundAll) / float64(max(p.Value(s), 1))
	f.Bound = w.Bound
	f.Assigned, f.Unfilled, f.Cost, f.Optimal = len(s.Chosen), s.Unmet(), s.Cost, p.Value(s) == w.Bound
	f.Mean = float64(s.Total()) / assign.Scale / float64(max(len(s.Chosen), 1))
	return nil
}

// mostRounds of taking candidates in.
const mostRounds = 20

// beyond is what people who were not found could gain at most: for each review of a proposal what it pays over the cost of
// the last candidate, as nobody's own price is above zero where there are no minimum loads.
func beyond(p assign.Problem, s assign.Solution, last []int64) (sum int64) {
	for i, price := range s.ProposalPrice {
		sum += int64(p.Demand[i]) * max(0, price-last[i])
	}
	return sum
}
