package calibrate

import (
	"math"
	"slices"
)

// Alpha is Krippendorff's alpha of the panel: 1 is full agreement, 0 that of
// chance. Units are proposals by criterion, of which only those with two scores
// count. With ordinal, distances are those of ordinal data, else of intervals
// (Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011). It is NaN
// where it is not defined: no unit has two scores, or all scores are equal.
func Alpha(p *Panel, ordinal bool) float64 {
	value := make([]float64, len(p.Scores))
	for i, s := range p.Scores {
		value[i] = s.Value
	}
	type unit struct{ n, sum, square float64 }
	units := map[[2]int]*unit{}
	for _, s := range p.Scores {
		key := [2]int{s.Proposal, s.Criterion}
		if units[key] == nil {
			units[key] = &unit{}
		}
		units[key].n++
	}
	var paired []float64
	for i, s := range p.Scores {
		if units[[2]int{s.Proposal, s.Criterion}].n > 1 {
			paired = append(paired, value[i])
		}
	}
	if ordinal {
		// The ordinal distance of two values is that of their mean positions.
		value = positions(value, paired)
		paired = positions(paired, paired)
	}
	for i, s := range p.Scores {
		u := units[[2]int{s.Proposal, s.Criterion}]
		u.sum += value[i]
		u.square += value[i] * value[i]
	}
	// Σ over pairs (v−w)² = n·Σv² − (Σv)²; in a fixed order, so that sums are equal.
	observed := 0.0
	done := map[[2]int]bool{}
	for _, s := range p.Scores {
		key := [2]int{s.Proposal, s.Criterion}
		if u := units[key]; u.n > 1 && !done[key] {
			done[key] = true
			observed += (u.n*u.square - u.sum*u.sum) / (u.n - 1)
		}
	}
	n, sum, square := float64(len(paired)), 0.0, 0.0
	for _, v := range paired {
		sum += v
		square += v * v
	}
	expected := (n*square - sum*sum) / (n - 1)
	if n < 2 || expected <= 1e-12*square {
		return math.NaN()
	}
	return 1 - observed/expected
}

// positions is the mean place of each value among all.
func positions(value, all []float64) []float64 {
	sorted := slices.Sorted(slices.Values(all))
	out := make([]float64, len(value))
	for i, v := range value {
		below, _ := slices.BinarySearch(sorted, v)
		upTo, _ := slices.BinarySearchFunc(sorted, v, func(x, v float64) int {
			if x <= v {
				return -1
			}
			return 1
		})
		out[i] = float64(below+upTo) / 2
	}
	return out
}
