package main

import (
	"context"
	"io"
	"math"
	"time"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/engine/assign/table"
	"github.com/headwater-platform/headwater/engine/expertise"
)

// widened is what a report says of pairs that the scores did not name.
type widened struct {
	Pairs  int64 `json:"pairs"`    // of the problem: texts × people
	Given  int   `json:"given"`    // by the scores
	Taken  int   `json:"taken_in"` // as prices said that they could be worth it
	Rounds int   `json:"rounds"`
}

// mostRounds of taking pairs in; after it the bound says what the rest could gain at most.
const mostRounds = 30

// everybody reads people and texts, and adds those to the table who stand in no score.
func (c *assignSolve) everybody(ctx context.Context, t *table.Table) (*expertise.Index, error) {
	corpus := expertise.NewCorpus(c.FullText)
	if err := open(c.People, func(r io.Reader) error { return corpus.ReadPeople(ctx, r) }); err != nil {
		return nil, err
	}
	if err := open(c.Texts, func(r io.Reader) error { return corpus.ReadTexts(ctx, r) }); err != nil {
		return nil, err
	}
	x, err := corpus.Index(ctx, expertise.Options{HalfLife: c.HalfLife})
	if err != nil {
		return nil, err
	}
	for i := range x.Texts() {
		t.Proposal(x.Text(i))
	}
	for j := range x.People() {
		t.Person(x.Person(j))
	}
	return x, nil
}

// widen solves over the pairs of the scores and takes in whatever other pair the prices call for, every one of them
// scored anew in each round.
func (c *assignSolve) widen(ctx context.Context, t *table.Table) (answer, error) {
	began := time.Now()
	given := len(t.Edges)
	w, err := assign.Widen(ctx, t.Problem, outside(t, c.index), mostRounds)
	took := time.Since(began)
	if err == nil {
		err = checked(assign.Verify(w.Problem, w.Solution))
	}
	if err != nil {
		return answer{}, err
	}
	t.Problem = w.Problem
	r := certified(t, w.Solution, w.Bound)
	r.Seconds = took.Seconds()
	r.Widened = &widened{int64(len(t.Proposals)) * int64(len(t.People)), given, len(t.Edges) - given, w.Rounds}
	return answer{w.Solution.Chosen, r}, nil
}

// outside finds the pairs of a table's proposals and people that are in no score and no conflict.
func outside(t *table.Table, x *expertise.Index) assign.Outside {
	known := make(map[[2]int]bool, len(t.Edges))
	for _, e := range t.Edges {
		known[[2]int{e.Proposal, e.Reviewer}] = true
	}
	text, person := make([]int, len(t.Proposals)), make([]int, x.People())
	for i := range text {
		text[i] = -1 // is in a score, and not among the texts
	}
	for i := range x.Texts() {
		text[t.Proposal(x.Text(i))] = i
	}
	for j := range person {
		person[j] = t.Person(x.Person(j))
	}
	scorer := x.Scorer()
	var scores []float64
	return func(i int, below func(int) int64) (found []assign.Edge) {
		if text[i] < 0 {
			return nil
		}
		scores = scorer.Score(scores[:0], text[i])
		for j, score := range scores {
			r := person[j]
			cost, err := assign.CostOf(math.Round(score*1e6) / 1e6) // as expertise score writes it
			if err != nil {
				panic(err) // package expertise promises scores from 0 to 1
			}
			if pair := [2]int{i, r}; cost < below(r) && !known[pair] && !t.Barred(i, r) {
				known[pair] = true
				found = append(found, assign.Edge{Proposal: i, Reviewer: r, Cost: cost})
			}
		}
		return found
	}
}
