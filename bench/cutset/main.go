// Bench measures engine/cutset and prints the tables of bench/README.md; see run.
package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/cutset"
	"gonum.org/v1/gonum/graph/flow"
	"gonum.org/v1/gonum/graph/simple"
)

func main() {
	headwater := flag.String("headwater", "headwater", "the program")
	scram := flag.String("scram", "", "SCRAM's program, where there is one")
	models := flag.String("models", "", "folder with aralia and generic-pwr")
	plants := flag.Int("plants", 40, "models of the plant that are answered")
	times := flag.Int("times", 5, "runs of each, of which the median counts")
	patience := flag.Duration("patience", time.Minute, "for one run of SCRAM")
	only := flag.String("only", "aralia,plant,graphs", "parts to run")
	flag.Parse()
	parts := map[string]func() error{
		"aralia": func() error { return aralia(*headwater, peer{*scram, *patience}, *models, *times) },
		"plant":  func() error { return plant(*headwater, *models, *plants) },
		"graphs": func() error { return graphs(*times) },
	}
	for name := range strings.SplitSeq(*only, ",") {
		if err := parts[name](); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
	}
}

// report is what is read of the program's answer.
type report struct {
	Gate        string   `json:"gate"`
	Count       string   `json:"minimal_cut_sets"`
	Probability *float64 `json:"probability"`
	Truncated   bool     `json:"truncated"`
	Seconds     float64  `json:"seconds"`
	Peak        int64    `json:"peak_bytes"`
	Method      string   `json:"method"`
	processor   float64  // seconds, of the whole process
}

// cuts runs the program, and tells the seconds of processor that the whole process took.
func cuts(headwater, file string) (list []report, processor float64, err error) {
	cmd := exec.Command(headwater, "techmap", "cuts", file, "--json")
	out, err := cmd.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", file, err)
	}
	processor = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	if err := json.Unmarshal(out, &list); err == nil {
		return list, processor, nil
	}
	list = make([]report, 1)
	return list, processor, json.Unmarshal(out, &list[0])
}

func aralia(headwater string, scram peer, models string, times int) error {
	f, err := os.Open(filepath.Join(models, "aralia", "oracle.csv"))
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return err
	}
	fmt.Println("| model | events | minimal cut sets | probability | headwater, ms | processor, whole process, ms | peak MB | SCRAM, ms | ratio | its probability differs by | equal |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|")
	var ratios []float64
	for _, row := range rows[1:] {
		file := filepath.Join(models, "aralia", row[0]+".xml")
		own, err := measured(headwater, file, times)
		if err != nil {
			return err
		}
		want, err := strconv.ParseFloat(row[4], 64)
		if err != nil {
			return err
		}
		theirs, err := scram.best(file, times)
		if err != nil {
			return err
		}
		equal := own.Count == row[3] && math.Abs(*own.Probability/want-1) < 5e-6 && (theirs.Count == "" || theirs.Count == own.Count)
		took, ratio, differs := "", "", ""
		switch {
		case scram.program == "":
		case theirs.Count == "":
			took = "not within " + scram.patience.String()
		default:
			r := max(own.Seconds, 0.01) / max(theirs.Seconds, 0.01)
			ratios = append(ratios, r)
			took, ratio = fmt.Sprintf("%.1f, %s", theirs.Seconds*1000, theirs.Method), fmt.Sprintf("%.2f", r)
		}
		if theirs.Probability != nil {
			differs = fmt.Sprintf("%.0e", math.Abs(*own.Probability / *theirs.Probability - 1))
		}
		fmt.Printf("| %s | %s | %s | %.6g | %.1f | %.0f | %d | %s | %s | %s | %v |\n", row[0], row[1], own.Count, *own.Probability,
			own.Seconds*1000, own.processor*1000, own.Peak>>20, took, ratio, differs, equal)
	}
	if len(ratios) > 0 {
		fmt.Printf("\nRatios to SCRAM on the %d models that it answers, times under 10 ms counted as 10 ms: geometric mean %.2f, largest %.2f\n\n", len(ratios), geometric(ratios), slices.Max(ratios))
	}
	return nil
}

// measured runs the program several times: its answer, with the medians of its times.
func measured(headwater, file string, times int) (report, error) {
	var r report
	var seconds, processor []float64
	for range times {
		list, p, err := cuts(headwater, file)
		if err != nil {
			return r, err
		}
		r = list[0]
		seconds, processor = append(seconds, r.Seconds), append(processor, p)
	}
	r.Seconds, r.processor = middle(seconds), middle(processor)
	return r, nil
}

func geometric(list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(list)))
}

// plant answers every gate of each model of a plant that is no input of another.
func plant(headwater, models string, most int) error {
	files, err := filepath.Glob(filepath.Join(models, "generic-pwr", "*.xml*"))
	if err != nil {
		return err
	}
	var all []report
	processor := 0.0
	files = files[:min(most, len(files))]
	for _, f := range files {
		list, p, err := cuts(headwater, f)
		if err != nil {
			return err
		}
		all, processor = append(all, list...), processor+p
	}
	slices.SortFunc(all, func(a, b report) int { return int(math.Copysign(1, b.Seconds-a.Seconds)) })
	truncated := 0
	for _, r := range all {
		if r.Truncated {
			truncated++
		}
	}
	fmt.Printf("Plant: %d models, %d gates answered with %.1f s of processor, %d of them by bounds; slowest %.2f s (%s, %s cut sets)\n\n", len(files), len(all), processor, truncated, all[0].Seconds, all[0].Gate, all[0].Count)
	return nil
}

func graphs(times int) error {
	const nodes, edges = 200_000, 400_000
	random := rand.New(rand.NewPCG(1, 1))
	list := make([]cutset.Edge, edges)
	peer := simple.NewDirectedGraph()
	for i := range list {
		from := random.IntN(nodes)
		to := min(nodes-1, from+1+random.IntN(50))
		if random.IntN(4) == 0 {
			to = random.IntN(nodes)
		}
		list[i] = cutset.Edge{From: int32(from), To: int32(to)}
		if from != to {
			peer.SetEdge(simple.Edge{F: simple.Node(from), T: simple.Node(to)})
		}
	}
	own, err := median(times, func() error { _, err := cutset.Dominators(nodes, list, 0); return err })
	if err != nil {
		return err
	}
	gonum, _ := median(times, func() error { flow.Dominators(simple.Node(0), peer); return nil })
	fmt.Printf("Dominators, %d nodes, %d edges: headwater %.0f ms, gonum %.0f ms, ratio %.3f\n", nodes, edges, own*1000, gonum*1000, own/gonum)
	m := supplies(400_000)
	for order := 1; order <= 2; order++ {
		var n, method string
		s, err := median(1, func() error {
			a, err := cutset.Analyze(context.Background(), m, cutset.Options{MaxOrder: order})
			if err == nil {
				n, method = a.Count().String(), a.Method()
			}
			return err
		})
		if err != nil {
			return err
		}
		fmt.Printf("Cut sets up to order %d in a map of %d gates and events: %s in %.1f s, by %s\n", order, len(m.Gates)+len(m.Events), n, s, method)
	}
	return nil
}

// median is that of the seconds of several runs.
func median(times int, run func() error) (float64, error) {
	var seconds []float64
	for range times {
		began := time.Now()
		if err := run(); err != nil {
			return 0, err
		}
		seconds = append(seconds, time.Since(began).Seconds())
	}
	return middle(seconds), nil
}

// middle is the median.
func middle(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// supplies is a map of n technologies, each of which may fail by itself and is needed by
// an earlier one, half of them beside an alternative that others need too.
func supplies(n int) *cutset.Model {
	random := rand.New(rand.NewPCG(1, 1))
	m := &cutset.Model{}
	for i := range n {
		m.Events = append(m.Events, cutset.Event{Probability: 0.01, Cost: 1})
		m.Gates = append(m.Gates, cutset.Gate{Kind: cutset.Or, Args: []cutset.Arg{cutset.OfEvent(i)}})
	}
	for i := 1; i < n; i++ {
		needs := cutset.OfGate(i)
		if random.IntN(2) == 0 {
			m.Gates = append(m.Gates, cutset.Gate{Kind: cutset.And, Args: []cutset.Arg{needs, cutset.OfGate(min(n-1, i+1+random.IntN(30)))}})
			needs = cutset.OfGate(len(m.Gates) - 1)
		}
		by := &m.Gates[i/3]
		by.Args = append(by.Args, needs)
	}
	return m
}
