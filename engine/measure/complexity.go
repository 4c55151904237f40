package measure

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Advantage is the revealed advantage of places (rows) in activities (columns):
// (x_cp / x_c.) / (x_.p / x_..) (Balassa, 1965); over patents it is the revealed
// technological advantage. Rows or columns without anything have none: 0.
// Errors: rows of unequal length, a value below 0 or not finite, nothing at all.
func Advantage(x [][]float64) ([][]float64, error) {
	rows, columns, all, err := totals(x)
	if err != nil {
		return nil, err
	}
	out := make([][]float64, len(x))
	for c := range x {
		out[c] = make([]float64, len(columns))
		for p, v := range x[c] {
			if v > 0 {
				out[c][p] = v / rows[c] / (columns[p] / all)
			}
		}
	}
	return out, nil
}

func totals(x [][]float64) (rows, columns []float64, all float64, err error) {
	for c := range x {
		if columns == nil {
			columns = make([]float64, len(x[c]))
		}
		if len(x[c]) != len(columns) {
			return nil, nil, 0, fmt.Errorf("row %d has %d values, row 1 has %d", c+1, len(x[c]), len(columns))
		}
		row := 0.0
		for p, v := range x[c] {
			if err := finite(fmt.Sprintf("row %d, column %d", c+1, p+1), v); err != nil {
				return nil, nil, 0, err
			}
			row += v
			columns[p] += v
		}
		rows, all = append(rows, row), all+row
	}
	if all == 0 {
		return nil, nil, 0, errors.New("all values are 0: nothing can be compared")
	}
	return rows, columns, all, nil
}

// Has says where an advantage is revealed: where it is at least 1.
func Has(advantage [][]float64) [][]bool {
	out := make([][]bool, len(advantage))
	for c := range advantage {
		for _, v := range advantage[c] {
			out[c] = append(out[c], v >= 1)
		}
	}
	return out
}

// Proximity of two activities is the lesser of the chances that a place which has one has the
// other (Hidalgo, Klinger, Barabási and Hausmann, 2007); of an activity to itself it is 0.
func Proximity(has [][]bool) [][]float64 {
	together, places := counts(has)
	out := make([][]float64, len(places))
	for p := range places {
		out[p] = make([]float64, len(places))
		for q := range places {
			if most := max(places[p], places[q]); p != q && most > 0 {
				out[p][q] = together[p][q] / most
			}
		}
	}
	return out
}

func counts(has [][]bool) (together [][]float64, places []float64) {
	if len(has) == 0 {
		return nil, nil
	}
	n := len(has[0])
	places, together = make([]float64, n), make([][]float64, n)
	for p := range together {
		together[p] = make([]float64, n)
	}
	for _, row := range has {
		for p, yes := range row {
			if !yes {
				continue
			}
			places[p]++
			for q, too := range row {
				if too {
					together[p][q]++
				}
			}
		}
	}
	return together, places
}

// Density is how near each activity is to what a place has: Σ_q M_cq φ_pq / Σ_q φ_pq (Hidalgo
// and others, 2007), from 0 to 1; NaN for an activity that is near nothing.
func Density(has [][]bool, proximity [][]float64) [][]float64 {
	out := make([][]float64, len(has))
	for c := range has {
		out[c] = make([]float64, len(proximity))
		for p := range proximity {
			near, whole := 0.0, 0.0
			for q, v := range proximity[p] {
				whole += v
				if has[c][q] {
					near += v
				}
			}
			out[c][p] = near / whole
		}
	}
	return out
}

// Complexity is the economic complexity of places and activities.
type Complexity struct {
	Places     []float64 // ECI, mean 0 and standard deviation 1 over the places that count; NaN for those that have nothing
	Activities []float64 // PCI, on the same scale; NaN for what nobody has
}

// ErrDivided is what is said where places and activities fall into parts that share
// nothing: the eigenvector is then not unique.
var ErrDivided = errors.New("places and activities fall into parts that share nothing")

// Complex finds the complexity of places and activities: the eigenvector of the second
// largest eigenvalue of D⁻¹ M U⁻¹ Mᵀ, where D and U are how many activities a place has and
// how many places an activity (Hidalgo and Hausmann, 2009; Hausmann and others, 2014). It is
// found as that of the symmetric D^-½ M U⁻¹ Mᵀ D^-½, to the accuracy of the eigensolver, in
// O(places² · activities + places³). The sign is such that places with more activities score higher.
// Activities score the mean of their places, on the places' scale.
// Errors: [ErrDivided], or fewer than two places that have anything.
func Complex(has [][]bool) (Complexity, error) {
	rows, columns := kept(has)
	if len(rows) < 2 {
		return Complexity{}, errors.New("fewer than two places have an advantage in anything")
	}
	diversity, ubiquity := sums(has, rows, columns)
	s := mat.NewSymDense(len(rows), nil)
	for i, c := range rows {
		for j := i; j < len(rows); j++ {
			sum := 0.0
			for k, p := range columns {
				if has[c][p] && has[rows[j]][p] {
					sum += 1 / ubiquity[k]
				}
			}
			s.SetSym(i, j, sum/math.Sqrt(diversity[i]*diversity[j]))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(s, true) {
		return Complexity{}, errors.New("the eigenvalues did not converge")
	}
	values := eigen.Values(nil)
	if values[len(values)-2] > 1-1e-9 {
		return Complexity{}, ErrDivided
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	score := make([]float64, len(rows))
	for i := range score {
		score[i] = vectors.At(i, len(rows)-2) / math.Sqrt(diversity[i])
	}
	standardise(score, diversity)
	return spreadOut(has, rows, columns, ubiquity, score), nil
}

// kept lists the places that have something and the activities that somebody has.
func kept(has [][]bool) (rows, columns []int) {
	for c := range has {
		if slices.Contains(has[c], true) {
			rows = append(rows, c)
		}
	}
	if len(has) == 0 {
		return nil, nil
	}
	for p := range has[0] {
		if slices.ContainsFunc(rows, func(c int) bool { return has[c][p] }) {
			columns = append(columns, p)
		}
	}
	return rows, columns
}

func sums(has [][]bool, rows, columns []int) (diversity, ubiquity []float64) {
	diversity, ubiquity = make([]float64, len(rows)), make([]float64, len(columns))
	for i, c := range rows {
		for k, p := range columns {
			if has[c][p] {
				diversity[i]++
				ubiquity[k]++
			}
		}
	}
	return diversity, ubiquity
}

// standardise gives scores mean 0 and (population) standard deviation 1, and the sign by
// which they grow with diversity.
func standardise(score, diversity []float64) {
	mean, variance, with := 0.0, 0.0, 0.0
	for _, v := range score {
		mean += v / float64(len(score))
	}
	for i := range score {
		score[i] -= mean
		variance += score[i] * score[i] / float64(len(score))
		with += score[i] * diversity[i]
	}
	scale := 1 / math.Sqrt(variance)
	if with < 0 {
		scale = -scale
	}
	for i := range score {
		score[i] *= scale
	}
}

// spreadOut puts the scores at their places, and gives each activity the mean of its places.
func spreadOut(has [][]bool, rows, columns []int, ubiquity, score []float64) Complexity {
	x := Complexity{Places: nothing(len(has)), Activities: nothing(len(has[0]))}
	for i, c := range rows {
		x.Places[c] = score[i]
	}
	for k, p := range columns {
		sum := 0.0
		for i, c := range rows {
			if has[c][p] {
				sum += score[i]
			}
		}
		x.Activities[p] = sum / ubiquity[k]
	}
	return x
}

func nothing(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}
