package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/headwater-platform/headwater/engine/calibrate"
)

// size is a shape of panels: each proposal gets `each` reviews by different
// reviewers; with several panels proposals and reviewers are dealt out to them.
type size struct{ reviewers, proposals, each, panels int }

func (s size) String() string {
	return fmt.Sprintf("%d × %d, %d reviews each, %d panel(s)", s.reviewers, s.proposals, s.each, s.panels)
}

// simulate makes a panel of the model, with standard deviations that are drawn:
// noise 0.4 to 1, merit 0.5 to 1.2, reviewers 0.2 to 0.8, panels 0.1 to 0.5, and the
// true ranks of the proposals.
func simulate(s size, seed, number uint64) (*calibrate.Panel, []int) {
	r := rand.New(rand.NewPCG(seed, number))
	between := func(low, high float64) float64 { return low + (high-low)*r.Float64() }
	normal := func(n int, sd float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = sd * r.NormFloat64()
		}
		return out
	}
	p := &calibrate.Panel{Proposals: names("p", s.proposals), Reviewers: names("r", s.reviewers), Panels: names("panel ", s.panels)}
	noise := between(0.4, 1)
	merit, shift, level := normal(s.proposals, between(0.5, 1.2)), normal(s.reviewers, between(0.2, 0.8)), normal(s.panels, between(0.1, 0.5))
	for i := range s.proposals {
		in := i % s.panels
		var own []int
		for j := in; j < s.reviewers; j += s.panels {
			own = append(own, j)
		}
		for _, k := range r.Perm(len(own))[:s.each] {
			j := own[k]
			p.Scores = append(p.Scores, calibrate.Score{Proposal: i, Reviewer: j, Panel: in, Value: 4 + merit[i] + shift[j] + level[in] + noise*r.NormFloat64()})
		}
	}
	order := make([]int, s.proposals)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(merit[b], merit[a]) })
	ranks := make([]int, s.proposals)
	for i, k := range order {
		ranks[k] = i + 1
	}
	return p, ranks
}

func names(what string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(what, i)
	}
	return out
}

// write puts the panel into a table that `headwater calibrate` reads.
func write(p *calibrate.Panel, file string) error {
	text := []byte("reviewer,proposal,score,panel\n")
	for _, s := range p.Scores {
		text = fmt.Appendf(text, "%s,%s,%.17g,%s\n", p.Reviewers[s.Reviewer], p.Proposals[s.Proposal], s.Value, p.Panels[s.Panel])
	}
	return os.WriteFile(file, text, 0o600)
}
