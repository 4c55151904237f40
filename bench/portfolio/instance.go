package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/headwater-platform/headwater/engine/portfolio"
)

// set is a group of instances of one size; known are their best published values.
type set struct {
	name    string
	list    []*portfolio.Program
	known   []int64
	budgets bool // Chu and Beasley's: nothing but budgets
}

// sets are the published ones of the folder, then made ones of the other sizes.
func sets(dir string, count int) ([]set, error) {
	var out []set
	for name, file := range map[string]string{"5.100": "mknapcb1.txt", "10.100": "mknapcb4.txt"} {
		s, err := published(dir, name, file, count)
		if errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintln(os.Stderr, "absent, left out:", filepath.Join(dir, file))
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	for _, rows := range []int{5, 10, 30} {
		for _, items := range []int{100, 250, 500} {
			if rows < 30 && items == 100 {
				continue // published
			}
			s := set{name: fmt.Sprintf("%d.%d", rows, items), budgets: true}
			for k := range count {
				s.list = append(s.list, made(items, rows, 1+k*3/count, uint64(k), plus500))
				s.known = append(s.known, 0)
			}
			out = append(out, s)
		}
	}
	for _, f := range families {
		s := set{name: fmt.Sprintf("%s %d.%d", f.name, f.rows, f.items), known: make([]int64, count)}
		for k := range count {
			s.list = append(s.list, f.make(f.items, f.rows, 1+k*3/count, uint64(k)))
		}
		out = append(out, s)
	}
	return out, nil
}

// families are instances of other kinds than Chu and Beasley's: how values hang on costs
// follows Pisinger ("Where are the hard knapsack problems?", 2005), with several budgets; in fields,
// numbers from each field and stage are limited from both sides.
var families = []struct {
	name        string
	rows, items int
	make        func(items, rows, quarters int, seed uint64) *portfolio.Program
}{
	{"uncorrelated", 5, 200, func(items, rows, quarters int, seed uint64) *portfolio.Program {
		return made(items, rows, quarters, seed, func(r *rand.Rand, _ int64) int64 { return 1 + r.Int64N(1000) })
	}},
	{"uncorrelated", 10, 400, func(items, rows, quarters int, seed uint64) *portfolio.Program {
		return made(items, rows, quarters, seed, func(r *rand.Rand, _ int64) int64 { return 1 + r.Int64N(1000) })
	}},
	{"weakly correlated", 2, 300, func(items, rows, quarters int, seed uint64) *portfolio.Program {
		return made(items, rows, quarters, seed, func(r *rand.Rand, mean int64) int64 { return max(1, mean+r.Int64N(201)-100) })
	}},
	{"strongly correlated", 1, 300, func(items, rows, quarters int, seed uint64) *portfolio.Program {
		return made(items, rows, quarters, seed, func(_ *rand.Rand, mean int64) int64 { return mean + 100 })
	}},
	{"strongly correlated", 3, 60, func(items, rows, quarters int, seed uint64) *portfolio.Program {
		return made(items, rows, quarters, seed, func(_ *rand.Rand, mean int64) int64 { return mean + 100 })
	}},
	{"inversely correlated", 3, 100, func(items, rows, quarters int, seed uint64) *portfolio.Program {
		return made(items, rows, quarters, seed, func(_ *rand.Rand, mean int64) int64 { return max(1, mean-100) })
	}},
	{"subset sum", 1, 200, func(items, rows, quarters int, seed uint64) *portfolio.Program {
		return made(items, rows, quarters, seed, func(_ *rand.Rand, mean int64) int64 { return mean })
	}},
	{"fields", 3, 300, fields},
}

func plus500(r *rand.Rand, mean int64) int64 { return mean + r.Int64N(501) }

// fields are proposals whose values grow with the root of the cost, of eight fields and
// four stages. Each field gets between 0.8 and 1.2, each stage between 0.9 and 1.1 of its equal
// share of as many as the budgets fund on average.
func fields(items, budgets, quarters int, seed uint64) *portfolio.Program {
	r := rand.New(rand.NewPCG(seed, uint64(items)))
	p := &portfolio.Program{Value: make([]int64, items), Rows: make([]portfolio.Row, budgets)}
	kinds := [][]portfolio.Row{make([]portfolio.Row, 8), make([]portfolio.Row, 4)}
	for j := range items {
		sum := 0.0
		for b := range p.Rows {
			c := int64(100 * math.Exp(0.7*r.NormFloat64()))
			p.Rows[b].Item, p.Rows[b].Coef = append(p.Rows[b].Item, int32(j)), append(p.Rows[b].Coef, c)
			p.Rows[b].Hi += c
			sum += float64(c)
		}
		p.Value[j] = int64(math.Sqrt(sum/float64(budgets)) * max(1, 60+15*r.NormFloat64()))
		for _, rows := range kinds {
			k := r.IntN(len(rows))
			rows[k].Item, rows[k].Coef = append(rows[k].Item, int32(j)), append(rows[k].Coef, 1)
		}
	}
	for b := range p.Rows {
		p.Rows[b].Lo, p.Rows[b].Hi = portfolio.NoLo, p.Rows[b].Hi*int64(quarters)/4
	}
	for i, rows := range kinds {
		equal, slack := items*quarters/4/len(rows), []int{20, 10}[i]
		for _, row := range rows {
			row.Lo, row.Hi = portfolio.NoLo, int64(equal*(100+slack)/100)
			floor := portfolio.Row{Item: row.Item, Lo: portfolio.NoLo, Hi: -int64(min(len(row.Item), equal) * (100 - slack) / 100)}
			for range row.Item {
				floor.Coef = append(floor.Coef, -1)
			}
			p.Rows = append(p.Rows, row, floor)
		}
	}
	return p
}

// published takes count instances, spread over the three tightnesses.
func published(dir, name, file string, count int) (set, error) {
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		return set{}, err
	}
	defer f.Close()
	list, err := portfolio.ReadORLib(f)
	if err != nil {
		return set{}, err
	}
	best, err := bestKnown(dir, file)
	if err != nil {
		return set{}, err
	}
	s := set{name: name, budgets: true}
	for k := range min(count, len(list)) {
		at := k * len(list) / min(count, len(list))
		s.list, s.known = append(s.list, list[at]), append(s.known, best[at+1])
	}
	return s, nil
}

// bestKnown is the value of 1998 by instance number.
func bestKnown(dir, file string) (map[int]int64, error) {
	f, err := os.Open(filepath.Join(dir, "best_known.csv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	best := map[int]int64{}
	for _, r := range rows[1:] {
		if r[0] == file {
			k, err1 := strconv.Atoi(r[1])
			v, err2 := strconv.ParseInt(r[5], 10, 64)
			if err := errors.Join(err1, err2); err != nil {
				return nil, err
			}
			best[k] = v
		}
	}
	return best, nil
}

// made is an instance by the recipe of Chu and Beasley (1998): costs uniform to 1,000,
// budgets a quarter, a half or three quarters of them, values by the mean cost.
func made(items, rows, quarters int, seed uint64, worth func(r *rand.Rand, mean int64) int64) *portfolio.Program {
	r := rand.New(rand.NewPCG(seed, uint64(1000*rows+items)))
	p := &portfolio.Program{Value: make([]int64, items)}
	for range rows {
		row := portfolio.Row{Lo: portfolio.NoLo}
		for j := range items {
			c := r.Int64N(1001)
			row.Item, row.Coef = append(row.Item, int32(j)), append(row.Coef, c)
			row.Hi += c
			p.Value[j] += c
		}
		row.Hi = row.Hi * int64(quarters) / 4
		p.Rows = append(p.Rows, row)
	}
	for j := range p.Value {
		p.Value[j] = worth(r, p.Value[j]/int64(rows))
	}
	return p
}

// dense is row i with a number for every item.
func dense(p *portfolio.Program, i int) []int64 {
	out := make([]int64, len(p.Value))
	for k, j := range p.Rows[i].Item {
		out[j] = p.Rows[i].Coef[k]
	}
	return out
}

// writeORLib writes one instance for headwater and HiGHS.
func writeORLib(to io.Writer, p *portfolio.Program) error {
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, "1\n%d %d 0\n", len(p.Value), len(p.Rows))
	line := func(list []int64) {
		for _, v := range list {
			fmt.Fprintf(w, "%d ", v)
		}
		fmt.Fprintln(w)
	}
	line(p.Value)
	var limits []int64
	for i, r := range p.Rows {
		line(dense(p, i))
		limits = append(limits, r.Hi)
	}
	line(limits)
	return w.Flush()
}

// writeMPS writes one instance for CBC and GLPK, as the least of the negative value.
func writeMPS(to io.Writer, p *portfolio.Program) error {
	w := bufio.NewWriter(to)
	fmt.Fprint(w, "NAME          KNAPSACK\nROWS\n N  OBJ\n")
	for i := range p.Rows {
		fmt.Fprintf(w, " L  R%d\n", i)
	}
	fmt.Fprint(w, "COLUMNS\n    M1        'MARKER'                 'INTORG'\n")
	rows := make([][]int64, len(p.Rows))
	for i := range rows {
		rows[i] = dense(p, i)
	}
	for j, v := range p.Value {
		fmt.Fprintf(w, "    X%-8d OBJ       %d\n", j, -v)
		for i := range rows {
			if rows[i][j] != 0 {
				fmt.Fprintf(w, "    X%-8d R%-8d %d\n", j, i, rows[i][j])
			}
		}
	}
	fmt.Fprint(w, "    M2        'MARKER'                 'INTEND'\nRHS\n")
	for i, r := range p.Rows {
		fmt.Fprintf(w, "    RHS       R%-8d %d\n", i, r.Hi)
	}
	fmt.Fprintln(w, "BOUNDS")
	for j := range p.Value {
		fmt.Fprintf(w, " UP BND       X%-8d 1\n", j)
	}
	fmt.Fprintln(w, "ENDATA")
	return w.Flush()
}
