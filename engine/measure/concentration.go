package measure

import (
	"fmt"
	"math"
	"slices"
)

// Share is a part of a supply, from Low to High: equal where it is known, from 0 to 0.001
// for "below 0.1 %". Weight is what its square counts in [Weighted].
type Share struct {
	Low, High float64
	Weight    float64
}

// Known is a share that is known.
func Known(share float64) Share { return Share{Low: share, High: share} }

// tolerance is by how much rounded shares may add up to more than all.
const tolerance = 0.1

// HHI is the Herfindahl-Hirschman index Σ s² of the shares of one supply, from 0 to 1
// (Hirschman, 1945; Herfindahl, 1950); times 10,000 it is on the scale of competition
// authorities, and its reciprocal is the number of equal suppliers that are as concentrated.
//
// What the shares leave open to 1 belongs to those listed, within their bounds, or to others.
// Low is attained in the limit of many small others. High is never exceeded; it is attained,
// Σ s² + r², where the listed shares are known and one other has all of the rest r. Shares
// that add up to more than 1 are scaled down. In O(n).
// Errors: a share outside 0 to 1, Low above High, or shares adding up to more than 1.1.
func HHI(shares []Share) (Interval, error) {
	shares = slices.Clone(shares)
	for i := range shares {
		shares[i].Weight = 1
	}
	return Weighted(shares, 1)
}

// Weighted is Σ w s²: concentration in which each supplier counts by its weight. With
// governance (0 good to 10 bad) times trade factor as weights, and shares from 0 to 1, it is
// the HHI_WGI,t of the EU (European Commission, 2017). rest is the most that suppliers weigh
// who are not listed. Bounds and errors as of [HHI], and a weight that is negative or not finite.
func Weighted(shares []Share, rest float64) (Interval, error) {
	sum, err := checked(shares)
	if err != nil {
		return Interval{}, err
	}
	if err := finite("the weight of the rest", rest); err != nil {
		return Interval{}, err
	}
	scale, open := 1/max(1, sum), max(0, 1-sum)
	out := Interval{}
	steepest := rest * open // what one unit of the open part adds at most, wherever it goes
	for _, s := range shares {
		out.Low += s.Weight * s.Low * s.Low * scale * scale
		if s.High > s.Low {
			steepest = max(steepest, s.Weight*(2*s.Low+min(open, s.High-s.Low)))
		}
	}
	out.High = out.Low + steepest*open
	return out, nil
}

// The shares of one supplier from which thresholds speak of it.
const (
	Sole     = 0.995 // all of a supply, but for what rounding hides
	Dominant = 0.65  // of one third country in a strategic raw material (Regulation (EU) 2024/1252, article 5: a benchmark for 2030)
)

// Largest is the share of whoever supplies the most, listed or not: what the shares leave open to 1 belongs to
// those listed, within their bounds, or to others. High is attained; Low is, where that part is many small others. In O(n). Errors as of [HHI].
func Largest(shares []Share) (Interval, error) {
	sum, err := checked(shares)
	if err != nil {
		return Interval{}, err
	}
	scale, open := 1/max(1, sum), max(0, 1-sum)
	out := Interval{High: open}
	for _, s := range shares {
		out.Low = max(out.Low, s.Low*scale)
		out.High = max(out.High, min(s.High, s.Low+open)*scale)
	}
	return out, nil
}

// Reaches says whether a value known within bounds is at least a threshold: whatever the unknown is, or only if it is so.
func (i Interval) Reaches(threshold float64) (certainly, possibly bool) {
	return i.Low >= threshold, i.High >= threshold
}

// checked is the sum of the certain shares.
func checked(shares []Share) (sum float64, err error) {
	for i, s := range shares {
		if !(s.Low >= 0 && s.High <= 1 && s.Low <= s.High) {
			return 0, fmt.Errorf("share number %d is from %v to %v: bounds from 0 to 1 are expected", i+1, s.Low, s.High)
		}
		if err := finite(fmt.Sprintf("the weight of share number %d", i+1), s.Weight); err != nil {
			return 0, err
		}
		sum += s.Low
	}
	if sum > 1+tolerance {
		return 0, fmt.Errorf("the shares add up to %.3f: at most 1 is expected", sum)
	}
	return sum, nil
}

func finite(what string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 0) {
		return fmt.Errorf("%s is %v: a number from 0 is expected", what, v)
	}
	return nil
}
