package conflict

import "slices"

// Cycles finds reviewers of each other: circles of two or three people, each of
// whom reviews a proposal of the next. assigned[i] are the reviewers of proposal i.
// Each circle begins with its lowest number; they come in rising order. It takes time in proportion to
// the sum, over reviews, of the reviews that the applicants do.
func (f *Finder) Cycles(assigned [][]int32) [][]int32 {
	judges := make([][]int32, f.facts.People) // whose proposals a person reviews
	for i, reviewers := range assigned {
		for _, r := range reviewers {
			judges[r] = append(judges[r], f.proposals[i].Applicants...)
		}
	}
	for r := range judges {
		slices.Sort(judges[r])
		judges[r] = slices.Compact(judges[r])
	}
	reviews := func(a, b int32) bool {
		_, ok := slices.BinarySearch(judges[a], b)
		return ok
	}
	var out [][]int32
	for a := range int32(len(judges)) {
		for _, b := range judges[a] {
			if b <= a {
				continue
			}
			if reviews(b, a) {
				out = append(out, []int32{a, b})
			}
			for _, c := range judges[b] {
				if c > a && c != b && reviews(c, a) {
					out = append(out, []int32{a, b, c})
				}
			}
		}
	}
	slices.SortFunc(out, slices.Compare)
	return out
}
