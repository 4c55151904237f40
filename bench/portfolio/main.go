// Command portfolio measures `headwater portfolio solve` beside CBC, GLPK and HiGHS
// on multidimensional knapsacks, in turns, each with the same time, and prints the
// table of bench/README.md. The script run beside it installs the peers.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/portfolio"
)

func main() {
	b := bench{}
	flag.StringVar(&b.headwater, "headwater", "", "program to measure")
	flag.StringVar(&b.highs, "highs", "bench/portfolio/peer/highs.py", "script of peer/highs.py")
	flag.StringVar(&b.data, "data", "", "folder of the published sets")
	flag.StringVar(&b.only, "only", "", "only sets whose name holds this, such as 30.500, or programme")
	flag.IntVar(&b.count, "count", 30, "instances of each set")
	flag.DurationVar(&b.time, "time", 10*time.Second, "for each program on each instance")
	flag.BoolVar(&b.genetic, "genetic", false, "on sets of Chu and Beasley's kind also run their algorithm, as long as it takes")
	flag.Parse()
	if err := b.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	headwater, highs, data, only string
	count                        int
	genetic                      bool
	time                         time.Duration
	proofs                       []string // a row for each set
}

// result is what one program says of one instance.
type result struct {
	Value   int64   `json:"value"`
	Optimal bool    `json:"optimal"`
	Seconds float64 `json:"seconds"`   // by the clock
	Work    float64 `json:"processor"` // seconds of processor, of all threads
}

// solver is one program; knapsack and mps are the files of the instance.
type solver struct {
	name  string
	solve func(ctx context.Context, knapsack, mps string) (result, error)
}

func (b *bench) run(ctx context.Context) error {
	all, err := sets(b.data, b.count)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(x, y set) int { return cmp.Compare(size(x), size(y)) })
	solvers := []solver{{"headwater", b.solveHeadwater}, {"HiGHS", b.solveHiGHS}, {"CBC", b.solveCBC}, {"GLPK", b.solveGLPK}}
	fmt.Println("| set | program | mean below best, % | worst, % | as good as headwater | proven | its seconds over headwater's there, median |\n|---|---|---|---|---|---|---|")
	for _, s := range all {
		if strings.Contains(s.name, b.only) {
			with := solvers
			if b.genetic && s.budgets {
				with = append(solvers[:len(solvers):len(solvers)], solver{"genetic, 1998", b.solveGenetic})
			}
			if err := b.measure(ctx, s, with); err != nil {
				return err
			}
		}
	}
	if len(b.proofs) > 0 {
		fmt.Println("\n| set | proven by headwater | by a peer | of these with less processor by headwater | processor, s: headwater, the best peer (medians): ratio (geometric mean), least | the same by the clock |\n|---|---|---|---|---|---|")
	}
	for _, row := range b.proofs {
		fmt.Println(row)
	}
	if strings.Contains("programme", b.only) {
		return b.programme(ctx)
	}
	return nil
}

func size(s set) int { return len(s.list[0].Rows)*1000 + len(s.list[0].Value) }

// measure prints a set's rows. Best is the greatest of all values found and published.
func (b *bench) measure(ctx context.Context, s set, solvers []solver) error {
	dir, err := os.MkdirTemp("", "headwater-portfolio-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	results := make([][]result, len(solvers))
	for k, p := range s.list {
		knapsack, mps := filepath.Join(dir, "knapsack.txt"), filepath.Join(dir, "knapsack.mps")
		if err := write(knapsack, p, writeORLib); err != nil {
			return err
		}
		if err := write(mps, p, writeMPS); err != nil {
			return err
		}
		for i, x := range solvers {
			r, err := x.solve(ctx, knapsack, mps)
			if err != nil {
				return fmt.Errorf("%s on %s, instance %d: %w", x.name, s.name, k, err)
			}
			results[i] = append(results[i], r)
			s.known[k] = max(s.known[k], r.Value)
		}
	}
	b.proofs = append(b.proofs, fmt.Sprintf("| %s × %d | %s |", s.name, len(s.list), proofs(results)))
	for i, x := range solvers {
		fmt.Printf("| %s × %d | %s | %s |\n", s.name, len(s.list), x.name, summary(results[i], results[0], s.known))
	}
	return nil
}

func summary(own, headwater []result, best []int64) string {
	mean, worst, level := 0.0, 0.0, 0
	var proofs []float64 // how many times headwater's seconds, proven by it or not
	for k, r := range own {
		below := 100 * float64(best[k]-r.Value) / float64(best[k])
		mean += below / float64(len(own))
		worst = max(worst, below)
		if r.Value >= headwater[k].Value {
			level++
		}
		if r.Optimal {
			proofs = append(proofs, r.Seconds/headwater[k].Seconds)
		}
	}
	times := "–"
	if len(proofs) > 0 {
		times = fmt.Sprintf("%.1f", median(proofs))
	}
	return fmt.Sprintf("%.4f | %.4f | %d | %d | %s", mean, worst, level, len(proofs), times)
}

// proofs compares headwater, whose results stand first, with whichever peer proves with the least
// processor, and with whichever is first by the clock. Where headwater does not prove, what it took counts.
func proofs(results [][]result) string {
	own, sooner := 0, 0
	var clock, work []ratio
	for k, r := range results[0] {
		if r.Optimal {
			own++
		}
		c, w := ratio{r.Seconds, math.Inf(1)}, ratio{r.Work, math.Inf(1)}
		for _, peer := range results[1:] {
			if peer[k].Optimal {
				c.peer, w.peer = min(c.peer, peer[k].Seconds), min(w.peer, peer[k].Work)
			}
		}
		if math.IsInf(c.peer, 1) {
			continue
		}
		clock, work = append(clock, c), append(work, w)
		if r.Optimal && w.own < w.peer {
			sooner++
		}
	}
	if len(work) == 0 {
		return fmt.Sprintf("%d | 0 | – | – | –", own)
	}
	return fmt.Sprintf("%d | %d | %d | %s | %s", own, len(work), sooner, told(work), told(clock))
}

// ratio is what headwater took for a proof and what the best peer took.
type ratio struct{ own, peer float64 }

// told is both medians, the geometric mean of the ratios, and the least.
func told(list []ratio) string {
	var own, peer []float64
	log, least := 0.0, math.Inf(1)
	for _, r := range list {
		own, peer = append(own, r.own), append(peer, r.peer)
		log += math.Log(r.peer/r.own) / float64(len(list))
		least = min(least, r.peer/r.own)
	}
	return fmt.Sprintf("%.2f, %.2f: %.1f, %.2f", median(own), median(peer), math.Exp(log), least)
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[(len(sorted)-1)/2]
}

func write(name string, p *portfolio.Program, form func(io.Writer, *portfolio.Program) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := form(f, p); err != nil {
		return err
	}
	return f.Close()
}

func (b bench) solveHeadwater(ctx context.Context, knapsack, _ string) (result, error) {
	return answer(exec.CommandContext(ctx, b.headwater, "portfolio", "solve", knapsack, "--format", "orlib", "--time", b.time.String(), "--json"))
}

func (b bench) solveHiGHS(ctx context.Context, knapsack, _ string) (result, error) {
	return answer(exec.CommandContext(ctx, "/usr/bin/python3", b.highs, knapsack, strconv.FormatFloat(b.time.Seconds(), 'f', -1, 64)))
}

// answer reads the line of JSON that a program prints. What it does not say of its
// processor time is that of the whole process.
func answer(cmd *exec.Cmd) (result, error) {
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return result{}, err
	}
	r := result{Work: processor(cmd)}
	return r, json.Unmarshal(out, &r)
}

func processor(cmd *exec.Cmd) float64 {
	return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}

var cbcValue = regexp.MustCompile(`Objective value:\s+(-?[0-9.]+)`)

func (b bench) solveCBC(ctx context.Context, _, mps string) (result, error) {
	began := time.Now()
	cmd := exec.CommandContext(ctx, "cbc", mps, "-threads", strconv.Itoa(runtime.GOMAXPROCS(0)), "-timeMode", "elapsed", "-sec", strconv.FormatFloat(b.time.Seconds(), 'f', -1, 64), "-ratioGap", "0", "-allowableGap", "0", "-solve", "-quit")
	out, err := cmd.Output()
	r := result{Seconds: time.Since(began).Seconds(), Work: processor(cmd), Optimal: strings.Contains(string(out), "Result - Optimal solution found")}
	if found := cbcValue.FindSubmatch(out); found != nil && err == nil {
		v, err := strconv.ParseFloat(string(found[1]), 64)
		r.Value = int64(math.Round(math.Abs(v)))
		return r, err
	}
	return r, err
}

func (b bench) solveGLPK(ctx context.Context, _, mps string) (result, error) {
	answer := mps + ".glpk"
	began := time.Now()
	cmd := exec.CommandContext(ctx, "glpsol", "--mps", mps, "--cuts", "--tmlim", strconv.Itoa(max(1, int(b.time.Seconds()))), "-w", answer)
	if err := cmd.Run(); err != nil {
		return result{}, err
	}
	r := result{Seconds: time.Since(began).Seconds(), Work: processor(cmd)}
	text, err := os.ReadFile(answer)
	if err != nil {
		return r, err
	}
	for line := range strings.Lines(string(text)) { // s mip rows columns status value
		if f := strings.Fields(line); len(f) == 6 && f[0] == "s" && f[4] != "u" {
			v, err := strconv.ParseFloat(f[5], 64)
			r.Value, r.Optimal = int64(math.Round(math.Abs(v))), f[4] == "o"
			return r, err
		}
	}
	return r, nil
}
