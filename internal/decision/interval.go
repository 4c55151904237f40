package decision

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Confidence is how sure an interval is: nine in ten such intervals hold the
// score that very many reviewers of this kind would give.
const Confidence = 0.90

// spread is how far reviews of one proposal lie apart, pooled over the list:
// s² = Σ Σ (x − mean of its proposal)² / Σ (n − 1), the mean square within groups
// of the analysis of variance in one way (Fisher, 1925), with its degrees of
// freedom. Zero degrees: no proposal has two reviews, and nothing is known.
func spread(rows []Row) (s float64, freedom int) {
	sum := 0.0
	for _, r := range rows {
		if n := r.Standing.In; n > 1 {
			sum += math.Max(0, r.Standing.Squares-float64(n)*r.Standing.Mean*r.Standing.Mean)
			freedom += n - 1
		}
	}
	if freedom == 0 {
		return 0, 0
	}
	return math.Sqrt(sum / float64(freedom)), freedom
}

// intervals gives each reviewed row mean ± t·s/√n, with the quantile t of
// Student's distribution (1908) at the pooled degrees of freedom, kept within the
// scale of the criteria. Rows without reviews, or a list without freedom, get none.
func intervals(rows []Row, low, high float64) {
	s, freedom := spread(rows)
	if freedom == 0 {
		return
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(freedom)}.Quantile((1 + Confidence) / 2)
	for i := range rows {
		n := rows[i].Standing.In
		if n == 0 {
			continue
		}
		half := t * s / math.Sqrt(float64(n))
		rows[i].From, rows[i].To, rows[i].Sure = math.Max(low, rows[i].Standing.Mean-half), math.Min(high, rows[i].Standing.Mean+half), true
	}
}

// band marks the rows that the scores cannot tell from the line of the money:
// those whose interval holds the middle between the last row above the line and
// the first below. ok is false where there is no line.
func band(rows []Row) (cut float64, ok bool) {
	last := -1
	for i, r := range rows {
		if r.Above {
			last = i
		}
	}
	if last < 0 || last+1 >= len(rows) || rows[last+1].Standing.In == 0 {
		return 0, false
	}
	cut = (rows[last].Standing.Mean + rows[last+1].Standing.Mean) / 2
	for i := range rows {
		rows[i].Doubtful = rows[i].Sure && rows[i].From <= cut && cut <= rows[i].To
	}
	return cut, true
}
