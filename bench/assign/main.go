// Command assign measures `headwater assign solve` beside LEMON's minimum cost
// flow and HiGHS, on the same problems, in turns, and prints the medians as the
// table of bench/README.md. The script run beside it installs the peers.
package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/assign"
)

func main() {
	b := bench{}
	flag.StringVar(&b.headwater, "headwater", "", "program to measure")
	flag.StringVar(&b.lemon, "lemon", "", "program of peer/lemon.cc")
	flag.StringVar(&b.highs, "highs", "bench/assign/peer/highs.py", "script of peer/highs.py")
	flag.StringVar(&b.bids, "bids", "", "folder of the bid tables; without it these are left out")
	flag.IntVar(&b.times, "times", 5, "runs of each, of which the median counts")
	flag.IntVar(&b.share, "share", 1, "instances of this part of their size: 10 stands for a tenth")
	flag.StringVar(&b.only, "only", "", "only instances whose name holds this")
	flag.Parse()
	if err := b.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	headwater, lemon, highs, bids, only string
	times, share                        int
}

// result is one run of a program, or the median of several.
type result struct {
	Cost    int64   `json:"cost"`
	Gap     float64 `json:"gap"`
	Min     float64 `json:"min"`
	Total   float64 `json:"expected_total"`
	Value   float64 `json:"value"`
	Bound   float64 `json:"bound"`
	Optimal bool    `json:"optimal"`
	Seconds float64 `json:"solve_seconds"`
	Peer    float64 `json:"seconds"`
	Peak    int64   `json:"peak_bytes"`

	cpu float64 // seconds of the whole process, reading its input included
}

func (r result) took() float64 { return r.Seconds + r.Peer } // one of them is 0

func (b bench) run(ctx context.Context) error {
	for _, in := range instances {
		if !strings.Contains(in.name, b.only) {
			continue
		}
		if err := b.flow(ctx, in.share(b.share)); err != nil {
			return err
		}
	}
	if b.bids != "" {
		return b.tables(ctx)
	}
	return nil
}

// flow measures one made instance.
func (b bench) flow(ctx context.Context, in instance) error {
	dir, err := os.MkdirTemp("", "headwater-assign-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p := in.problem()
	if err := in.write(dir, p); err != nil {
		return err
	}
	fmt.Printf("\n%s: %d proposals × %d people, %d candidates, %d reviews, at most %d; %.1f %% of all places\n\n| | seconds | process, CPU s | peak GB | cost |\n|---|---|---|---|---|\n",
		in.name, in.proposals, in.people, in.each, in.demand, in.most, 100*in.used())
	solve := func(more ...string) func() (result, error) {
		return b.solve(ctx, dir, append([]string{"--demand", strconv.Itoa(in.demand), "--load-max", strconv.Itoa(in.most)}, more...)...)
	}
	lemon := func(method string) func() (result, error) {
		return func() (result, error) { return program(ctx, b.lemon, method, filepath.Join(dir, "flow.txt")) }
	}
	rows := []row{
		{name: "headwater, exact", run: solve()},
		{name: "headwater, gap 0.002 %", run: solve("--gap", "0.00002")},
		{name: "LEMON cost scaling", run: lemon("cs")},
		{name: "LEMON network simplex", run: lemon("ns")},
	}
	if in.over() {
		rows = rows[:1]
	}
	if err := b.inTurns(rows); err != nil {
		return err
	}
	exact := rows[0].median()
	for _, r := range rows {
		m := r.median()
		if m.Cost != exact.Cost && !strings.Contains(r.name, "gap") {
			return fmt.Errorf("%s: cost %d, the exact one is %d", r.name, m.Cost, exact.Cost)
		}
		fmt.Printf("| %s | %.2f | %.1f | %.2f | %d |\n", r.name, m.took(), m.cpu, float64(m.Peak)/1e9, m.Cost)
	}
	if in.over() {
		return nil
	}
	return declines(ctx, p)
}

// declines times how long it takes to be best again, in one process.
func declines(ctx context.Context, p assign.Problem) error {
	plan, err := assign.Open(ctx, p)
	if err != nil {
		return err
	}
	chosen := plan.Solution().Chosen
	var took []time.Duration
	var changed []int
	for i := range 2000 {
		edge := chosen[i*99_991%len(chosen)]
		if plan.Problem().Edges[edge].Forbidden {
			continue
		}
		began := time.Now()
		c, err := plan.Forbid(edge)
		if err != nil {
			return err
		}
		took, changed = append(took, time.Since(began)), append(changed, len(c.Added))
	}
	if err := assign.Verify(plan.Problem(), plan.Solution()); err != nil {
		return err
	}
	slices.Sort(took)
	slices.Sort(changed)
	n := len(took)
	fmt.Printf("\n%d declines, each made best again: median %.3f ms, 99 of 100 within %.2f ms, slowest %.2f ms; new pairs: median %d, most %d\n",
		n, ms(took[n/2]), ms(took[n*99/100]), ms(took[n-1]), changed[n/2], changed[n-1])
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// row is a program that is run several times.
type row struct {
	name string
	run  func() (result, error)
	all  []result
}

func (r row) median() result {
	list := slices.Clone(r.all)
	slices.SortFunc(list, func(a, b result) int { return int(math.Copysign(1, a.took()-b.took())) })
	return list[len(list)/2]
}

// inTurns runs every row once before any is run again, so that what else the
// machine does falls on all alike.
func (b bench) inTurns(rows []row) error {
	for range b.times {
		for i := range rows {
			r, err := rows[i].run()
			if err != nil {
				return fmt.Errorf("%s: %w", rows[i].name, err)
			}
			rows[i].all = append(rows[i].all, r)
		}
	}
	return nil
}

// solve is a run of headwater on a folder with scores.csv.
func (b bench) solve(ctx context.Context, dir string, args ...string) func() (result, error) {
	return func() (result, error) {
		report := filepath.Join(dir, "report.json")
		all := append([]string{"assign", "solve", "--scores", filepath.Join(dir, "scores.csv"), "--out", filepath.Join(dir, "assignment.csv"), "--report", report}, args...)
		cmd := exec.CommandContext(ctx, b.headwater, all...)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return result{}, err
		}
		text, err := os.ReadFile(report)
		if err != nil {
			return result{}, err
		}
		return parsed(text, cmd)
	}
}

func parsed(text []byte, cmd *exec.Cmd) (result, error) {
	r := result{cpu: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}
	return r, json.Unmarshal(text, &r)
}

// program runs a peer that prints one line of JSON.
func program(ctx context.Context, name string, args ...string) (result, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return result{}, err
	}
	return parsed(out, cmd)
}

// tables measures the fair and the random objective on published bids.
func (b bench) tables(ctx context.Context) error {
	files, err := filepath.Glob(filepath.Join(b.bids, "*.in"))
	if err != nil {
		return err
	}
	fmt.Print("\n| bids | fair: minimum (bound), s | HiGHS, 60 s: minimum (bound), s | random, q = 0.5: expected total, s | HiGHS: total, s |\n|---|---|---|---|---|\n")
	for _, file := range files {
		if err := b.table(ctx, file); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func (b bench) table(ctx context.Context, file string) error {
	dir, err := os.MkdirTemp("", "headwater-bids-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	most, err := scores(file, filepath.Join(dir, "scores.csv"))
	if err != nil {
		return err
	}
	args := []string{"--demand", "3", "--load-max", strconv.Itoa(most), "--objective"}
	ours := []row{
		{name: "fair", run: b.solve(ctx, dir, append(slices.Clone(args), "fair")...)},
		{name: "random", run: b.solve(ctx, dir, append(slices.Clone(args), "random", "--q", "0.5")...)},
		{name: "HiGHS random", run: func() (result, error) { return program(ctx, "/usr/bin/python3", b.highs, "random", file, "0.5") }},
	}
	if err := b.inTurns(ours); err != nil {
		return err
	}
	// Once: a run of a minute varies little, and mostly ends at its limit.
	peer, err := program(ctx, "/usr/bin/python3", b.highs, "fair", file, "60")
	if err != nil {
		return err
	}
	f, r, h := ours[0].median(), ours[1].median(), ours[2].median()
	fmt.Printf("| %s | %g (%g), %.2g | %g (%.3g), %.2f | %g, %.2g | %g, %.2g |\n", strings.TrimSuffix(filepath.Base(file), ".in"),
		f.Min, f.Bound, f.took(), peer.Value, peer.Bound, peer.took(), r.Total, r.took(), h.Value, h.took())
	return nil
}

// scores rewrites a table of bids as scores and returns the load of a reviewer.
func scores(from, to string) (most int, err error) {
	text, err := os.ReadFile(from)
	if err != nil {
		return 0, err
	}
	words := strings.Fields(string(text))
	var size [2]int
	for i := range size {
		if size[i], err = strconv.Atoi(words[i]); err != nil {
			return 0, err
		}
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write([]string{"proposal", "person", "score"}) // Error tells it below
	for i, bid := range words[2:] {
		if !strings.HasPrefix(bid, "-") { // a conflict
			_ = w.Write([]string{strconv.Itoa(i / size[1]), strconv.Itoa(i % size[1]), bid})
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return 0, err
	}
	return (3*size[0]+size[1]-1)/size[1] + 1, os.WriteFile(to, out.Bytes(), 0o600)
}
