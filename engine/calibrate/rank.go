package calibrate

import (
	"math"
	"slices"
)

// ranks are the rank of every proposal in every draw, by proposal.
type ranks struct {
	draws int
	of    []int32 // of[p*draws+d]
}

func newRanks(proposals, draws int) *ranks {
	return &ranks{draws: draws, of: make([]int32, proposals*draws)}
}

// put ranks draw d by descending effects; order is scratch space.
func (r *ranks) put(d int, effect []float64, order []int32) {
	for p := range order {
		order[p] = int32(p)
	}
	slices.SortFunc(order, func(a, b int32) int {
		switch {
		case effect[a] > effect[b]:
			return -1
		case effect[a] < effect[b]:
			return 1
		}
		return int(a - b)
	})
	for i, p := range order {
		r.of[int(p)*r.draws+d] = int32(i + 1)
	}
}

// mean is the expected rank of a proposal.
func (r *ranks) mean(p int) float64 {
	sum := 0
	for _, v := range r.of[p*r.draws : (p+1)*r.draws] {
		sum += int(v)
	}
	return float64(sum) / float64(r.draws)
}

// scatter is the standard error of the expected rank. Draws stand by twos, each with its
// mirror image: the means of these are independent.
func (r *ranks) scatter(p int) float64 {
	mean, sum := r.mean(p), 0.0
	for d := p * r.draws; d < (p+1)*r.draws; d += 2 {
		v := float64(r.of[d]+r.of[d+1])/2 - mean
		sum += v * v
	}
	pairs := float64(r.draws / 2)
	return math.Sqrt(sum) / pairs
}

// within is the share of draws in which a proposal is among the first n.
func (r *ranks) within(p, n int) float64 {
	count := 0
	for _, v := range r.of[p*r.draws : (p+1)*r.draws] {
		if int(v) <= n {
			count++
		}
	}
	return float64(count) / float64(r.draws)
}

// interval is the shortest run of ranks that holds the proposal's with a
// probability near level. Ranks are whole numbers: among the shortest runs of each
// length the one is taken whose probability is nearest, so that intervals of many
// proposals hold level of them on average, not more.
func (r *ranks) interval(p int, level float64) (low, high int) {
	sorted := slices.Clone(r.of[p*r.draws : (p+1)*r.draws])
	slices.Sort(sorted)
	var value []int
	var start []int // of each distinct rank in sorted
	for i, v := range sorted {
		if i == 0 || v != sorted[i-1] {
			value, start = append(value, int(v)), append(start, i)
		}
	}
	start = append(start, len(sorted))
	want := level * float64(r.draws)
	// Shortest run with at least want draws, by two pointers; ties by more draws.
	best, most := [2]int{0, len(value) - 1}, len(sorted)
	for i, j := 0, 0; i < len(value); i++ {
		for j < len(value) && float64(start[j+1]-start[i]) < want {
			j++
		}
		if j == len(value) {
			break
		}
		n := start[j+1] - start[i]
		length, shortest := value[j]-value[i], value[best[1]]-value[best[0]]
		if length < shortest || length == shortest && n > most {
			best, most = [2]int{i, j}, n
		}
	}
	// One rank less at the end where fewer draws lie, if that is nearer.
	i, j := best[0], best[1]
	if i < j {
		k, l := i+1, j
		if start[j+1]-start[j] < start[i+1]-start[i] {
			k, l = i, j-1
		}
		if less := start[l+1] - start[k]; want-float64(less) < float64(most)-want {
			i, j = k, l
		}
	}
	return value[i], value[j]
}
