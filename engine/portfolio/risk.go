package portfolio

import (
	"cmp"
	"math/big"
	"slices"
)

// blend makes values under scenarios those of a program, in whole numbers: with weights w
// that sum to W, a tail of a/b and a weight of the tail of c/d, a choice is worth
//
//	(1 − c/d)·Σ w·v/W + c/d·(worst sum of w·v up to a/b·W)/(a/b·W).
//
// Everything is multiplied by the denominators, and divided by what all has in common. What
// bottlenecks are worth is certain: it adds to the mean and to the mean of the worst alike.
func (c *compiled) blend() {
	weight := int64(0)
	for _, s := range c.m.Scenarios {
		weight += s.Weight
	}
	a, b := lowest(max(c.m.Risk.Tail, 1), Whole)
	if c.m.Risk.Weight == 0 {
		a, b = 1, 1 // there is no tail then
	}
	n, d := lowest(c.m.Risk.Weight, Whole)
	times := b / gcd(b, a*weight) // so that the mass is whole
	mass := a * weight * times / b
	mean, tail, scale := (d-n)*mass*times, n*weight*times, d*mass*weight*times
	g := gcd(gcd(mean, tail), scale)
	mean, tail, scale = mean/g, tail/g, scale/g
	for j := range c.value {
		certain := j >= int(c.first[len(c.m.Proposals)])
		if certain {
			c.value[j] *= scale
			continue
		}
		c.value[j] = 0
		for s, x := range c.m.Scenarios {
			c.value[j] += mean * x.Weight * c.cases[s][j]
		}
	}
	common := int64(0)
	for _, v := range c.value {
		common = gcd(common, size(v))
	}
	if tail > 0 {
		c.tail = &Tail{Mass: tail * mass}
		for s, x := range c.m.Scenarios {
			values := make([]int64, len(c.value))
			copy(values, c.cases[s])
			c.tail.Cases = append(c.tail.Cases, Case{Weight: tail * x.Weight * times, Value: values})
			for _, v := range values {
				common = gcd(common, size(v))
			}
		}
	}
	if common == 0 {
		common = 1
	}
	for j := range c.value {
		c.value[j] /= common
	}
	if c.tail != nil {
		for _, s := range c.tail.Cases {
			for j := range s.Value {
				s.Value[j] /= common
			}
		}
	}
	c.unit = [2]int64{common, scale}
}

// lowest is a fraction in its lowest terms.
func lowest(a, b int64) (int64, int64) {
	g := gcd(a, b)
	return a / g, b / g
}

// points is a value of the program in millionths of a point, rounded down: so no choice
// whose value is at most a bound is worth more points than the bound is.
func (c *compiled) points(value int64) int64 {
	if c.unit == [2]int64{1, 1} || value == none {
		return value
	}
	x := new(big.Int).Mul(big.NewInt(value), big.NewInt(c.unit[0]))
	return x.Div(x, big.NewInt(c.unit[1])).Int64() // Euclidean: the unit is above 0
}

// Outcomes are what funding each proposal at a level (0 for not, else 1 + the index in
// Levels) is worth in each scenario, in millionths of a point, its mean, and its mean over the worst of
// them that make up Risk.Tail; all of them nothing without scenarios.
func (m *Model) Outcomes(level []int) (values []int64, mean, worst *big.Rat) {
	mean, worst = new(big.Rat), new(big.Rat)
	if len(m.Scenarios) == 0 {
		return nil, mean, worst
	}
	certain := m.covered(level)
	weight := int64(0)
	order := make([]int, len(m.Scenarios))
	for s, x := range m.Scenarios {
		sum := certain
		for i, l := range level {
			if l > 0 {
				sum += m.Proposals[i].Levels[l-1].in(s)
			}
		}
		values, order[s] = append(values, sum), s
		weight += x.Weight
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	left := big.NewRat(m.Risk.Tail*weight, Whole)
	for _, s := range order {
		w, v := big.NewRat(m.Scenarios[s].Weight, weight), new(big.Rat).SetInt64(values[s])
		mean.Add(mean, new(big.Rat).Mul(w, v))
		part := new(big.Rat).SetInt64(m.Scenarios[s].Weight)
		if part.Cmp(left) > 0 {
			part.Set(left)
		}
		left.Sub(left, part)
		worst.Add(worst, part.Mul(part, v))
	}
	if m.Risk.Tail > 0 {
		worst.Quo(worst, big.NewRat(m.Risk.Tail*weight, Whole))
	}
	return values, mean, worst
}

// risked is what a choice is worth under scenarios, rounded down to millionths of a point.
func (m *Model) risked(level []int) int64 {
	_, mean, worst := m.Outcomes(level)
	w := big.NewRat(m.Risk.Weight, Whole)
	worst.Mul(worst, w)
	mean.Mul(mean, w.Sub(big.NewRat(1, 1), w))
	mean.Add(mean, worst)
	return new(big.Int).Div(mean.Num(), mean.Denom()).Int64()
}

// exposure is by how much each item is worth less, in points, at the weights that the relaxation
// gives to the scenarios than in their mean.
func (c *compiled) exposure(weights []float64) []float64 {
	unit := float64(c.unit[0]) / float64(c.unit[1]) / Point
	all := 0.0
	for _, s := range c.tail.Cases {
		all += float64(s.Weight)
	}
	out := make([]float64, c.first[len(c.m.Proposals)])
	for j := range out {
		mean, worth := 0.0, float64(c.value[j])*unit
		for s, x := range c.tail.Cases {
			mean += float64(x.Weight) / all * float64(c.cases[s][j]) / Point
			worth += weights[s] * float64(x.Value[j]) * unit
		}
		out[j] = mean - worth
	}
	return out
}

// expected is the mean value of a level.
func (m *Model) expected(l *Level) float64 {
	if len(m.Scenarios) == 0 {
		return float64(l.Value)
	}
	sum, weight := 0.0, 0.0
	for s, x := range m.Scenarios {
		sum += float64(x.Weight) * float64(l.in(s))
		weight += float64(x.Weight)
	}
	return sum / weight
}
