// Command calibrate measures `headwater calibrate` beside JAGS with the same model,
// counts how many true ranks the intervals hold, and prints the tables of
// bench/README.md. The script run beside it installs JAGS.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/headwater-platform/headwater/engine/calibrate"
)

func main() {
	headwater := flag.String("headwater", "", "program to measure")
	model := flag.String("model", "bench/calibrate/peer/model.jags", "the model for JAGS")
	coverage := flag.Int("coverage", 2000, "panels of each size whose intervals are checked; 0: none")
	jags := flag.Bool("jags", true, "measure JAGS too")
	large := flag.Bool("large", true, "measure 10,000 proposals with 3 reviews")
	iterations := flag.Int("iterations", 50000, "of each of the four chains of JAGS")
	flag.Parse()
	b := bench{*headwater, *model, *iterations}
	if err := b.run(context.Background(), *jags, *large, *coverage); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	headwater, model string
	iterations       int
}

// sizes are from a small panel to a large one; three panels of one call among them.
var sizes = []size{{12, 30, 4, 1}, {25, 80, 4, 1}, {60, 200, 4, 3}, {100, 400, 3, 1}}

func (b bench) run(ctx context.Context, jags, large bool, coverage int) error {
	if jags {
		fmt.Println("| reviewers × proposals | headwater, s | JAGS, s | ratio | Spearman of expected ranks | greatest difference |\n|---|---|---|---|---|---|")
		for i, s := range sizes {
			if err := b.beside(ctx, s, uint64(i)); err != nil {
				return err
			}
		}
	}
	if large {
		p, truth := simulate(size{3000, 10000, 3, 1}, 2, 0)
		answer, took, err := b.ours(ctx, p)
		if err != nil {
			return err
		}
		fmt.Printf("\n10,000 proposals × 3 reviews by 3,000: %.1f s, reading and writing included (%.1f s without); intervals hold %.1f %% of the true ranks.\n", took, answer.Seconds, 100*answer.held(truth))
	}
	if coverage > 0 {
		fmt.Println("\n| reviewers × proposals | panels | true ranks in their interval of 90 % |\n|---|---|---|")
		for _, s := range sizes[:3] {
			held, total := 0, 0
			for k := range coverage {
				p, truth := simulate(s, 3, uint64(k))
				r, err := calibrate.Calibrate(ctx, p, calibrate.Options{})
				if err != nil {
					return err
				}
				for i, q := range r.Proposals {
					total++
					if q.Low <= truth[i] && truth[i] <= q.High {
						held++
					}
				}
			}
			fmt.Printf("| %s | %d | %.2f %% |\n", s, coverage, 100*float64(held)/float64(total))
		}
	}
	return nil
}

// answer is the part of the program's output that is compared.
type answer struct {
	Proposals []struct {
		ExpectedRank float64 `json:"expected_rank"`
		Low          int     `json:"rank_low"`
		High         int     `json:"rank_high"`
	}
	Seconds float64
}

func (a answer) held(truth []int) float64 {
	n := 0
	for i, p := range a.Proposals {
		if p.Low <= truth[i] && truth[i] <= p.High {
			n++
		}
	}
	return float64(n) / float64(len(truth))
}

// ours runs the program, process start and reading included.
func (b bench) ours(ctx context.Context, p *calibrate.Panel) (answer, float64, error) {
	var a answer
	dir, err := os.MkdirTemp("", "headwater-calibrate-")
	if err != nil {
		return a, 0, err
	}
	defer os.RemoveAll(dir) // of the system's folder for such
	file := filepath.Join(dir, "scores.csv")
	if err := write(p, file); err != nil {
		return a, 0, err
	}
	began := time.Now()
	out, err := exec.CommandContext(ctx, b.headwater, "calibrate", file, "--json").Output()
	took := time.Since(began).Seconds()
	if err != nil {
		return a, 0, err
	}
	return a, took, json.Unmarshal(out, &a)
}

func (b bench) beside(ctx context.Context, s size, number uint64) error {
	p, _ := simulate(s, 1, number)
	a, ours, err := b.ours(ctx, p)
	if err != nil {
		return err
	}
	theirs, expected, err := b.peer(ctx, p)
	if err != nil {
		return err
	}
	var x []float64
	most := 0.0
	for i, q := range a.Proposals {
		x = append(x, q.ExpectedRank)
		most = max(most, q.ExpectedRank-expected[i], expected[i]-q.ExpectedRank)
	}
	fmt.Printf("| %s | %.3f | %.1f | %.0f | %.5f | %.2f |\n", s, ours, theirs, theirs/ours, stat.Correlation(places(x), places(expected), nil), most)
	return nil
}

// peer runs JAGS: four chains, a tenth of their length to adapt and a tenth to burn
// in; every tenth draw of the ranks is written.
func (b bench) peer(ctx context.Context, p *calibrate.Panel) (seconds float64, expected []float64, err error) {
	dir, err := os.MkdirTemp("", "headwater-jags-")
	if err != nil {
		return 0, nil, err
	}
	defer os.RemoveAll(dir) // of the system's folder for such
	model, err := filepath.Abs(b.model)
	if err != nil {
		return 0, nil, err
	}
	warm := b.iterations / 10
	script := fmt.Sprintf("model in %q\ndata in \"data.R\"\ncompile, nchains(4)\n", model)
	for c := range 4 {
		script += fmt.Sprintf("parameters in \"init%d.R\", chain(%d)\n", c+1, c+1)
		inits := fmt.Sprintf(".RNG.name <- \"base::Mersenne-Twister\"\n.RNG.seed <- %d\n", c+1)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("init%d.R", c+1)), []byte(inits), 0o600); err != nil {
			return 0, nil, err
		}
	}
	script += fmt.Sprintf("initialize\nadapt %d\nupdate %d\nmonitor place, thin(10)\nupdate %d\ncoda place, stem(\"out\")\n", warm, warm, b.iterations)
	if err := os.WriteFile(filepath.Join(dir, "data.R"), dump(p), 0o600); err != nil {
		return 0, nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "run.cmd"), []byte(script), 0o600); err != nil {
		return 0, nil, err
	}
	cmd := exec.CommandContext(ctx, "jags", "run.cmd")
	cmd.Dir = dir
	began := time.Now()
	told, err := cmd.CombinedOutput()
	seconds = time.Since(began).Seconds()
	if err != nil || strings.Contains(string(told), "rror") {
		return 0, nil, fmt.Errorf("jags: %v: %s", err, told)
	}
	expected, err = means(dir, len(p.Proposals))
	return seconds, expected, err
}
