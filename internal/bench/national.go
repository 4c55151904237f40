package bench

import (
	"context"
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
	err := n.Literature(func(p expertise.Person) error {
		f.Works += len(p.Works)
		return take(func() error { return c.AddPerson(p) })
	}, func(w expertise.Work) error {
		return take(func() error { return c.AddText(w) })
	})
	if err != nil {
		return nil, err
	}
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
	for i, some := range candidates {
		for _, m := range some {
			cost, err := assign.CostOf(m.Score)
			if err != nil {
				return err
			}
			p.Edges = append(p.Edges, assign.Edge{Proposal: i, Reviewer: m.Person, Cost: cost})
		}
	}
	s, err := assign.Solve(ctx, p)
	if err != nil {
		return err
	}
	if err := assign.Verify(p, s); err != nil {
		return fmt.Errorf("the certificate does not hold: %w", err)
	}
	f.Assign = time.Since(began).Seconds()
	n.note("assigned and certified", f.Assign)
	f.Assigned, f.Unfilled, f.Cost, f.Bound, f.Optimal = len(s.Chosen), s.Unmet(), s.Cost, s.Bound, p.Value(s) == s.Bound
	f.Mean = float64(s.Total()) / assign.Scale / float64(max(len(s.Chosen), 1))
	return nil
}
