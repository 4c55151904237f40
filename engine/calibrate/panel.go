package calibrate

import (
	"fmt"
	"math"
	"slices"
)

// Panel is scores to be calibrated. Scores name others by their index.
type Panel struct {
	Proposals []string
	Reviewers []string
	Panels    []string  // empty: all scores are of one panel
	Criteria  []string  // empty: there is one criterion
	Weights   []float64 // of the criteria, above 0; empty: all alike
	Scores    []Score
}

// Score is what a reviewer gave a proposal by one criterion. Higher is better.
type Score struct {
	Proposal, Reviewer, Panel, Criterion int
	Value                                float64
}

// Check says what is wrong with the panel, nil if nothing.
func (p *Panel) Check() error {
	if len(p.Scores) == 0 {
		return fmt.Errorf("no scores: at least one is needed")
	}
	if len(p.Weights) > 0 && len(p.Weights) != max(1, len(p.Criteria)) {
		return fmt.Errorf("%d weights for %d criteria: one each is expected", len(p.Weights), max(1, len(p.Criteria)))
	}
	for i, w := range p.Weights {
		if !(w > 0) || math.IsInf(w, 0) {
			return fmt.Errorf("weight %d is %g: a number above 0 is expected", i, w)
		}
	}
	seen := make(map[[3]int]int, len(p.Scores))
	for i, s := range p.Scores {
		switch {
		case s.Proposal < 0 || s.Proposal >= len(p.Proposals):
			return fmt.Errorf("score %d: proposal %d, of %d", i, s.Proposal, len(p.Proposals))
		case s.Reviewer < 0 || s.Reviewer >= len(p.Reviewers):
			return fmt.Errorf("score %d: reviewer %d, of %d", i, s.Reviewer, len(p.Reviewers))
		case s.Panel < 0 || s.Panel >= max(1, len(p.Panels)):
			return fmt.Errorf("score %d: panel %d, of %d", i, s.Panel, max(1, len(p.Panels)))
		case s.Criterion < 0 || s.Criterion >= max(1, len(p.Criteria)):
			return fmt.Errorf("score %d: criterion %d, of %d", i, s.Criterion, max(1, len(p.Criteria)))
		case math.IsNaN(s.Value) || math.IsInf(s.Value, 0):
			return fmt.Errorf("score %d: a finite number is expected", i)
		}
		key := [3]int{s.Proposal, s.Reviewer, s.Criterion}
		if j, twice := seen[key]; twice {
			return fmt.Errorf("scores %d and %d: %s scored %s twice", j, i, p.Reviewers[s.Reviewer], p.Proposals[s.Proposal])
		}
		seen[key] = i
	}
	return nil
}

// review is all that one reviewer said of one proposal.
type review struct {
	proposal, reviewer, panel int
	y                         float64 // weighted mean of scores less their criterion's mean
	extra                     float64 // variance that a full review does not have
}

// reviews gathers the scores; centre is the weighted mean of the criteria's means.
func (p *Panel) reviews(value []float64) (list []review, centre float64) {
	weight := p.Weights
	if len(weight) == 0 {
		weight = make([]float64, max(1, len(p.Criteria)))
		for i := range weight {
			weight[i] = 1
		}
	}
	mean, count := make([]float64, len(weight)), make([]float64, len(weight))
	for i, s := range p.Scores {
		mean[s.Criterion] += value[i]
		count[s.Criterion]++
	}
	total := 0.0
	for c := range mean {
		mean[c] /= max(1, count[c])
		centre, total = centre+weight[c]*mean[c], total+weight[c]
	}
	type sums struct{ w, wy, ww, y, yy, n float64 }
	at := map[[2]int]int{}
	var all []sums
	for i, s := range p.Scores {
		key := [2]int{s.Proposal, s.Reviewer}
		k, ok := at[key]
		if !ok {
			k = len(all)
			at[key] = k
			all = append(all, sums{})
			list = append(list, review{proposal: s.Proposal, reviewer: s.Reviewer, panel: s.Panel})
		}
		w, y := weight[s.Criterion], value[i]-mean[s.Criterion]
		a := &all[k]
		a.w, a.wy, a.ww = a.w+w, a.wy+w*y, a.ww+w*w
		a.y, a.yy, a.n = a.y+y, a.yy+y*y, a.n+1
	}
	within, free := 0.0, 0.0 // scatter of the criteria within reviews
	least := math.Inf(1)     // variance of a full review's mean, in units of that scatter
	for _, a := range all {
		within += a.yy - a.y*a.y/a.n
		free += a.n - 1
		least = min(least, a.ww/(a.w*a.w))
	}
	if free > 0 {
		within /= free
	}
	for k, a := range all {
		list[k].y = a.wy / a.w
		list[k].extra = within * (a.ww/(a.w*a.w) - least)
	}
	return list, centre / total
}

// bounds are those of standard deviations. What a score can scatter is at most half
// the range of the scores (Popoviciu, 1935). The noise is at least that of rounding
// to the finest step between scores, step/√12 (Sheppard, 1898), spread over the
// criteria, and a thousandth of the most: without a floor scores without any
// contradiction would be taken for certain.
func (p *Panel) bounds(value []float64) (floor, most float64) {
	sorted := slices.Compact(slices.Sorted(slices.Values(value)))
	most = (sorted[len(sorted)-1] - sorted[0]) / 2
	step := 2 * most
	for i := 1; i < len(sorted); i++ {
		step = min(step, sorted[i]-sorted[i-1])
	}
	return max(step/math.Sqrt(12*float64(max(1, len(p.Criteria)))), most/1000), most
}
