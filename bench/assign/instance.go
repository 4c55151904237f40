package main

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/headwater-platform/headwater/engine/assign"
)

// instance is a made problem: proposals and people stand in a plane around 2,000
// topics whose sizes are heavy-tailed (Pareto, exponent 1.5; those of people
// differ from those of proposals by a log-normal factor). A proposal may be judged
// by who stands near, with scores that fall with the distance, and by a tenth from
// the generalists, 5 % of the people, at low scores.
type instance struct {
	name                            string
	proposals, people, each, demand int
	most                            int
}

var instances = []instance{
	{"national", 300_000, 150_000, 30, 3, 8},
	{"crowded 95 %", 200_000, 75_190, 50, 5, 14},
	{"crowded 99 %", 200_000, 72_160, 50, 5, 14},
	{"overfull", 300_000, 150_000, 30, 3, 5},
}

// over is whether some places must stay empty: LEMON has no answer then.
func (in instance) over() bool { return in.used() > 1 }

// share is an instance of a part of the size.
func (in instance) share(of int) instance {
	in.proposals, in.people = in.proposals/of, in.people/of
	return in
}

func (in instance) used() float64 {
	return float64(in.proposals*in.demand) / float64(in.people*in.most)
}

const (
	topics = 2000
	grid   = 256 // cells in each direction
)

type point struct{ x, y float64 }

func cellOf(p point) (int, int) {
	at := func(v float64) int { return max(0, min(grid-1, int(v*grid))) }
	return at(p.x), at(p.y)
}

type world struct {
	rnd         *rand.Rand
	centre      []point
	sizes       [2][]float64 // cumulated: of proposals, of people
	person      []point
	cell        [grid * grid][]int32
	generalists []int32
}

func newWorld(in instance) *world {
	w := &world{rnd: rand.New(rand.NewPCG(7, 9))}
	sum := [2]float64{}
	for range topics {
		w.centre = append(w.centre, point{w.rnd.Float64(), w.rnd.Float64()})
		size := min(200, math.Pow(1-w.rnd.Float64(), -1/1.5))
		sum[0] += size
		sum[1] += size * math.Exp(0.25*w.rnd.NormFloat64())
		for side := range sum {
			w.sizes[side] = append(w.sizes[side], sum[side])
		}
	}
	for i := range int32(in.people) {
		p := w.draw(1)
		w.person = append(w.person, p)
		if w.rnd.IntN(20) == 0 {
			w.generalists = append(w.generalists, i)
			continue
		}
		x, y := cellOf(p)
		w.cell[x*grid+y] = append(w.cell[x*grid+y], i)
	}
	return w
}

func (w *world) draw(side int) point {
	list := w.sizes[side]
	i, _ := slices.BinarySearch(list, w.rnd.Float64()*list[topics-1])
	c := w.centre[i]
	return point{c.x + 0.03*w.rnd.NormFloat64(), c.y + 0.03*w.rnd.NormFloat64()}
}

type near struct {
	distance float64
	person   int32
}

// around lists people near a point, at most some 40 of a cell, nearest first: the
// square grows until there are twice as many as are wanted.
func (w *world) around(p point, want int) []near {
	x0, y0 := cellOf(p)
	var list []near
	for radius := 1; len(list) < 2*want && radius <= grid; radius *= 2 {
		list = list[:0]
		for x := max(0, x0-radius); x <= min(grid-1, x0+radius); x++ {
			for y := max(0, y0-radius); y <= min(grid-1, y0+radius); y++ {
				cell := w.cell[x*grid+y]
				step := max(1, len(cell)/40)
				for i := w.rnd.IntN(step); i < len(cell); i += step {
					q := w.person[cell[i]]
					list = append(list, near{math.Hypot(q.x-p.x, q.y-p.y) * (0.7 + 0.6*w.rnd.Float64()), cell[i]})
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.person, b.person))
	})
	return list
}

func (in instance) problem() assign.Problem {
	w := newWorld(in)
	p := assign.Problem{Demand: slices.Repeat([]int{in.demand}, in.proposals), Load: slices.Repeat([]assign.Load{{Max: in.most}}, in.people),
		Edges: make([]assign.Edge, 0, in.proposals*in.each)}
	for i := range in.proposals {
		specialists := in.each - in.each/10
		list := w.around(w.draw(0), specialists)
		list = list[:min(len(list), specialists)]
		for _, n := range list {
			p.Edges = append(p.Edges, assign.Edge{Proposal: i, Reviewer: int(n.person), Cost: int64(assign.Scale * (1 - math.Exp(-15*n.distance)))})
		}
		for taken := map[int32]bool{}; len(taken) < in.each-len(list); {
			g := w.generalists[w.rnd.IntN(len(w.generalists))]
			if !taken[g] {
				taken[g] = true
				p.Edges = append(p.Edges, assign.Edge{Proposal: i, Reviewer: int(g), Cost: int64(assign.Scale * (0.75 + 0.2*w.rnd.Float64()))})
			}
		}
	}
	return p
}

// write puts an instance out as the table of headwater, scores.csv, and as the
// numbers that lemon.cc reads, flow.txt.
func (in instance) write(dir string, p assign.Problem) error {
	table, err := os.Create(filepath.Join(dir, "scores.csv"))
	if err != nil {
		return err
	}
	defer table.Close()
	numbers, err := os.Create(filepath.Join(dir, "flow.txt"))
	if err != nil {
		return err
	}
	defer numbers.Close()
	rows, lines := csv.NewWriter(table), bufio.NewWriterSize(numbers, 1<<20)
	_ = rows.Write([]string{"proposal", "person", "score"}) // Error tells it below
	fmt.Fprintln(lines, in.proposals, in.people, len(p.Edges), in.demand, in.most)
	for _, e := range p.Edges {
		_ = rows.Write([]string{"p" + strconv.Itoa(e.Proposal), "r" + strconv.Itoa(e.Reviewer), strconv.FormatFloat(float64(assign.Scale-e.Cost)/assign.Scale, 'f', 6, 64)})
		fmt.Fprintln(lines, e.Proposal, e.Reviewer, e.Cost)
	}
	rows.Flush()
	if err := rows.Error(); err != nil {
		return err
	}
	return lines.Flush()
}
