package chart

import "math"

// scale maps numbers to pixels: lo to a, hi to b.
type scale struct{ lo, hi, a, b float64 }

func (s scale) at(n float64) float64 {
	if s.hi == s.lo {
		return s.a
	}
	n = min(max(n, s.lo), s.hi)
	return s.a + (n-s.lo)/(s.hi-s.lo)*(s.b-s.a)
}

// span is the smallest and greatest of the values that are there, 0 where none is.
func span(series []Series) (lo, hi float64) {
	found := false
	for _, s := range series {
		for i := range s.Values {
			v := s.at(i)
			switch {
			case v.Missing:
			case !found:
				lo, hi, found = v.N, v.N, true
			default:
				lo, hi = min(lo, v.N), max(hi, v.N)
			}
		}
	}
	return lo, hi
}

// ticks are three to six round numbers that cover lo to hi: steps of 1, 2, 2.5
// or 5 times a power of ten.
func ticks(lo, hi float64) []float64 {
	// Values that float64 can hardly tell apart get an axis that shows them as one.
	if size := max(math.Abs(lo), math.Abs(hi)); hi-lo <= size*1e-9 {
		hi = lo + max(1, size/2)
	}
	step := math.Pow(10, math.Floor(math.Log10((hi-lo)/4)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if (hi-lo)/(step*m) <= 4.000001 {
			step *= m
			break
		}
	}
	first, last := math.Floor(lo/step+1e-9), math.Ceil(hi/step-1e-9)
	var out []float64
	for n := range int(last-first) + 1 {
		out = append(out, (first+float64(n))*step)
	}
	return out
}

// wholeTicks are ticks of counts: no step below one.
func wholeTicks(hi float64) []float64 {
	if hi < 4 {
		out := []float64{0}
		for i := 1.0; i <= max(2, math.Ceil(hi)); i++ {
			out = append(out, i)
		}
		return out
	}
	t := ticks(0, hi)
	if step := t[1]; step != math.Trunc(step) {
		t = ticks(0, 4*math.Ceil(step))
	}
	return t
}

// every tells which of n labels fit when each may take px: each, or each k-th.
func every(labels []string, px float64) int {
	need := widest(labels, 1e9) + 8
	if need <= px || px <= 0 {
		return 1
	}
	return int(math.Ceil(need / px))
}
