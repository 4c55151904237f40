package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// peer is SCRAM, which is in no package registry: who wants to compare builds it from its source (bench/README.md).
type peer struct {
	program  string
	patience time.Duration // for one run
}

// methods are its ways to find minimal cut sets; only the first gives an exact probability.
var methods = []string{"bdd", "zbdd", "mocus"}

// mostMemory bounds a run's address space, bytes: what it cannot finish it would take the machine with it.
const mostMemory = 12 << 30

// best is the answer of its fastest method, with the median of that method's own seconds, from the parsed model to the
// cut sets, neither reading nor printing included, and the exact probability. Count is "" where no method ends in time.
func (p peer) best(file string, times int) (best report, err error) {
	if p.program == "" {
		return best, nil
	}
	var exact *float64
	for _, method := range methods {
		r, err := p.median(file, method, times)
		if err != nil {
			return best, err
		}
		if method == "bdd" {
			exact = r.Probability
		}
		if r.Count != "" && (best.Count == "" || r.Seconds < best.Seconds) {
			best = r
		}
	}
	best.Probability = exact
	return best, nil
}

// median runs one method; what does not end once is not tried again.
func (p peer) median(file, method string, times int) (r report, err error) {
	var seconds []float64
	for range times {
		if r, err = p.run(file, method); err != nil || r.Count == "" {
			return r, err
		}
		seconds = append(seconds, r.Seconds)
	}
	r.Seconds = middle(seconds)
	return r, nil
}

// run reads the head of the report, which may be gigabytes long, and lets go of the rest.
// Its Count is "" where time or memory ended first.
func (p peer) run(file, method string) (report, error) {
	ctx, cancel := context.WithTimeout(context.Background(), p.patience)
	defer cancel()
	var said strings.Builder
	cmd := exec.CommandContext(ctx, "prlimit", fmt.Sprintf("--as=%d", int64(mostMemory)), p.program, "--"+method, "--probability", file, "--output", "/dev/stdout")
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return report{}, err
	}
	if err := cmd.Start(); err != nil {
		return report{}, err
	}
	r, err := head(out)
	late := ctx.Err() != nil
	cancel()
	_ = cmd.Wait() // ended by us, in the middle of its report
	r.Method = method
	if err != nil && (late || strings.Contains(said.String(), "bad_alloc")) {
		return report{Method: method}, nil
	}
	if err != nil {
		return r, fmt.Errorf("%s --%s %s: %w: %s", p.program, method, file, err, said.String())
	}
	return r, nil
}

// head reads a report up to the first line of its results.
func head(out io.Reader) (r report, err error) {
	d := xml.NewDecoder(out)
	for r.Count == "" {
		token, err := d.Token()
		if err != nil {
			return r, err
		}
		start, ok := token.(xml.StartElement)
		switch {
		case ok && start.Name.Local == "products":
			if err := d.DecodeElement(&r.Seconds, &start); err != nil {
				return r, err
			}
		case ok && start.Name.Local == "sum-of-products":
			if err := r.take(start.Attr); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// take reads the attributes of the results.
func (r *report) take(attributes []xml.Attr) error {
	for _, a := range attributes {
		switch a.Name.Local {
		case "products":
			r.Count = a.Value
		case "probability":
			p, err := strconv.ParseFloat(a.Value, 64)
			if err != nil {
				return err
			}
			r.Probability = &p
		}
	}
	return nil
}
