package assign

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// CrossError names two sets that share people although neither holds all of the other.
type CrossError struct{ A, B int }

func (e *CrossError) Error() string {
	return fmt.Sprintf("assign: sets %d and %d share people, and neither holds all of the other", e.A, e.B)
}

// Nest makes the groups of a problem of sets of its reviewers, each with what it takes at most, and the smallest group of
// each reviewer. of says which set each group is: they come by size, then in the order in which they are given. The
// error is a *CrossError for the first two sets that do not nest. O(n log n) for n the sum of the sizes.
func Nest(sets [][]int, most []int, reviewers int) (groups []Group, member, of []int, err error) {
	sorted := make([][]int, len(sets))
	for i, set := range sets {
		sorted[i] = slices.Compact(slices.Sorted(slices.Values(set)))
		of = append(of, i)
	}
	slices.SortStableFunc(of, func(a, b int) int { return cmp.Compare(len(sorted[a]), len(sorted[b])) })
	member = slices.Repeat([]int{-1}, reviewers)
	outer := slices.Clone(member) // the largest group of a reviewer so far
	for g, i := range of {
		groups = append(groups, Group{Max: most[i], Within: -1})
		shared := map[int]int{} // group → how many of its people are in this set
		for _, r := range sorted[i] {
			if outer[r] >= 0 {
				shared[outer[r]]++
			} else {
				member[r] = g
			}
			outer[r] = g
		}
		for _, h := range slices.Sorted(maps.Keys(shared)) {
			if shared[h] < len(sorted[of[h]]) {
				return nil, nil, nil, &CrossError{of[h], i}
			}
			groups[h].Within = g
		}
	}
	return groups, member, of, nil
}
