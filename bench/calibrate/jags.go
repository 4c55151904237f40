package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/engine/calibrate"
)

// dump is the panel as JAGS reads it: R's dump format, numbers from 1. The bounds
// of the standard deviations are those of engine/calibrate.
func dump(p *calibrate.Panel) []byte {
	var proposal, reviewer, panel, score []string
	var values []float64
	centre := 0.0
	for _, s := range p.Scores {
		proposal = append(proposal, fmt.Sprint(s.Proposal+1))
		reviewer = append(reviewer, fmt.Sprint(s.Reviewer+1))
		panel = append(panel, fmt.Sprint(s.Panel+1))
		score = append(score, fmt.Sprint(s.Value))
		values = append(values, s.Value)
		centre += s.Value / float64(len(p.Scores))
	}
	slices.Sort(values)
	most := (values[len(values)-1] - values[0]) / 2
	step := 2 * most
	for i := 1; i < len(values); i++ {
		if d := values[i] - values[i-1]; d > 0 {
			step = min(step, d)
		}
	}
	out := fmt.Appendf(nil, "n <- %d\nproposals <- %d\nreviewers <- %d\npanels <- %d\n", len(values), len(p.Proposals), len(p.Reviewers), len(p.Panels))
	out = fmt.Appendf(out, "centre <- %g\nmost <- %g\nfloor <- %g\n", centre, most, max(step/math.Sqrt(12), most/1000))
	for _, v := range []struct {
		name string
		list []string
	}{{"proposal", proposal}, {"reviewer", reviewer}, {"panel", panel}, {"score", score}} {
		out = fmt.Appendf(out, "%s <- c(%s)\n", v.name, strings.Join(v.list, ","))
	}
	return out
}

// means are the expected ranks over all chains that JAGS wrote.
func means(dir string, n int) ([]float64, error) {
	index, err := os.ReadFile(filepath.Join(dir, "outindex.txt"))
	if err != nil {
		return nil, err
	}
	type part struct{ variable, first, last int }
	var parts []part
	for line := range strings.Lines(string(index)) {
		var p part
		if _, err := fmt.Sscanf(line, "place[%d] %d %d", &p.variable, &p.first, &p.last); err != nil {
			return nil, fmt.Errorf("index of JAGS: %q: %w", line, err)
		}
		parts = append(parts, p)
	}
	sum, count := make([]float64, n), make([]float64, n)
	for c := range 4 {
		f, err := os.Open(filepath.Join(dir, fmt.Sprintf("outchain%d.txt", c+1)))
		if err != nil {
			return nil, err
		}
		defer f.Close() // only read
		in, at := bufio.NewScanner(f), 0
		for line := 1; in.Scan(); line++ {
			for line > parts[at].last {
				at++
			}
			var iteration int
			var v float64
			if _, err := fmt.Sscan(in.Text(), &iteration, &v); err != nil {
				return nil, err
			}
			sum[parts[at].variable-1] += v
			count[parts[at].variable-1]++
		}
		if err := in.Err(); err != nil {
			return nil, err
		}
	}
	for i := range sum {
		sum[i] /= count[i]
	}
	return sum, nil
}

// places are the ranks of values, ties with their mean.
func places(x []float64) []float64 {
	sorted := slices.Sorted(slices.Values(x))
	out := make([]float64, len(x))
	for i, v := range x {
		low, _ := slices.BinarySearch(sorted, v)
		high := low
		for high < len(sorted) && sorted[high] == v {
			high++
		}
		out[i] = float64(low+high+1) / 2
	}
	return out
}
