// Package table reads an assignment problem from CSV tables and writes its
// solution: the files of `headwater assign solve`. It opens nothing itself.
//
// Every table has a header; columns are found by name, in any order, others are
// passed over. Scores: proposal (or text), person, score, one row for each pair
// that may be used. Loads: person, min, max, for those who differ from the rest.
// Conflicts: proposal (or text), person. Groups: person, group, a row for each group that a person is in;
// caps: group, max, what the people of a group take together at most. Solution: proposal, person, score.
package table

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/engine/assign"
)

// Table is a problem whose proposals and people have names.
type Table struct {
	assign.Problem
	Proposals, People []string
	Caps              []string // the names of Problem.Groups

	proposal, person map[string]int
	demand           int
	load             assign.Load
	barred           map[[2]int]bool
}

// Read takes the scores in. Every proposal needs demand reviews, every person
// takes load, until Loads says otherwise. An error names line and column.
func Read(scores io.Reader, demand int, load assign.Load) (*Table, error) {
	t := &Table{proposal: map[string]int{}, person: map[string]int{}, demand: demand, load: load}
	var pairs []pair
	err := rows(scores, [][]string{{"proposal", "text"}, {"person"}, {"score"}}, func(row []string) error {
		cost, err := assign.CostOfText(row[2])
		if err != nil {
			return err
		}
		pairs = append(pairs, pair{int32(t.Proposal(row[0])), int32(t.Person(row[1])), int32(cost)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("scores: %w", err)
	}
	t.Edges = make([]assign.Edge, len(pairs))
	for k, x := range pairs {
		t.Edges[k] = assign.Edge{Proposal: int(x.proposal), Reviewer: int(x.person), Cost: int64(x.cost)}
	}
	return t, nil
}

// pair is an edge while their number is not known: a third of its size.
type pair struct{ proposal, person, cost int32 }

// Proposal is the number of a proposal; one that nobody named before is added.
func (t *Table) Proposal(name string) int {
	i := index(t.proposal, &t.Proposals, name)
	if i == len(t.Demand) {
		t.Demand = append(t.Demand, t.demand)
	}
	return i
}

// Person is the number of a person; one whom nobody named before is added.
func (t *Table) Person(name string) int {
	i := index(t.person, &t.People, name)
	if i == len(t.Load) {
		t.Load = append(t.Load, t.load)
	}
	return i
}

// index is the number of a name, a new one where it has none.
func index(of map[string]int, names *[]string, name string) int {
	i, ok := of[name]
	if !ok {
		i = len(*names)
		name = strings.Clone(name) // the row that it stands in is not kept
		of[name] = i
		*names = append(*names, name)
	}
	return i
}

// Loads takes in how many reviews certain people take. Someone who is in no
// score is added: a minimum for such a person cannot be met, and is reported.
func (t *Table) Loads(loads io.Reader) error {
	err := rows(loads, [][]string{{"person"}, {"min"}, {"max"}}, func(row []string) error {
		low, err := count(row[1])
		if err != nil {
			return err
		}
		high, err := count(row[2])
		if err != nil {
			return err
		}
		if low > high {
			return fmt.Errorf("a load of %d to %d: the least is over the most", low, high)
		}
		t.Load[t.Person(row[0])] = assign.Load{Min: low, Max: high}
		return nil
	})
	if err != nil {
		return fmt.Errorf("loads: %w", err)
	}
	return nil
}

func count(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%.40q: a whole number from 0 is expected", text)
	}
	return n, nil
}

// Barred reports whether a pair is in conflict.
func (t *Table) Barred(proposal, person int) bool { return t.barred[[2]int{proposal, person}] }

// Conflicts forbids pairs. One that has no score is forbidden already.
func (t *Table) Conflicts(conflicts io.Reader) error {
	t.barred = map[[2]int]bool{}
	err := rows(conflicts, [][]string{{"proposal", "text"}, {"person"}}, func(row []string) error {
		i, known := t.proposal[row[0]]
		j, also := t.person[row[1]]
		if known && also {
			t.barred[[2]int{i, j}] = true
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("conflicts: %w", err)
	}
	if len(t.barred) == 0 {
		return nil
	}
	for k := range t.Edges {
		if e := &t.Edges[k]; t.Barred(e.Proposal, e.Reviewer) {
			e.Forbidden = true
		}
	}
	return nil
}

// Cap takes in which people may together review no more than so much. A group without a cap says nothing; a person who is in no score
// is passed over. Errors name line and column, a cap for a group of nobody, and two groups that share people although
// neither holds all of the other.
func (t *Table) Cap(groups, caps io.Reader) error {
	most := map[string]int{}
	err := rows(caps, [][]string{{"group"}, {"max"}}, func(row []string) error {
		n, err := count(row[1])
		if _, twice := most[row[0]]; twice && err == nil {
			err = fmt.Errorf("a second cap for %.40q", row[0])
		}
		most[strings.Clone(row[0])] = n
		return err
	})
	if err != nil {
		return fmt.Errorf("caps: %w", err)
	}
	of := map[string][]int{} // group → people
	named := map[string]bool{}
	err = rows(groups, [][]string{{"person"}, {"group"}}, func(row []string) error {
		if _, capped := most[row[1]]; !capped {
			return nil
		}
		name := strings.Clone(row[1])
		named[name] = true
		if j, known := t.person[row[0]]; known {
			of[name] = append(of[name], j)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("groups: %w", err)
	}
	for name := range most {
		if !named[name] {
			return fmt.Errorf("caps: nobody is in group %.40q", name)
		}
	}
	return t.nest(of, most)
}

// nest makes the groups of the problem of capped people by name.
func (t *Table) nest(of map[string][]int, most map[string]int) error {
	var names []string
	var sets [][]int
	var caps []int
	for _, name := range slices.Sorted(maps.Keys(of)) {
		names, sets, caps = append(names, name), append(sets, of[name]), append(caps, most[name])
	}
	groups, member, order, err := assign.Nest(sets, caps, len(t.People))
	var cross *assign.CrossError
	if errors.As(err, &cross) {
		return fmt.Errorf("groups: %.40q and %.40q share people, and neither holds all of the other: caps must nest", names[cross.A], names[cross.B])
	}
	t.Groups, t.Member = groups, member
	for _, i := range order {
		t.Caps = append(t.Caps, names[i])
	}
	return err
}

// Pairs reads a table of pairs and gives their edges. An error names the line of one that has no score.
func (t *Table) Pairs(pairs io.Reader) ([]int, error) {
	at := make(map[[2]int]int, len(t.Edges))
	for k, e := range t.Edges {
		at[[2]int{e.Proposal, e.Reviewer}] = k
	}
	var out []int
	err := rows(pairs, [][]string{{"proposal", "text"}, {"person"}}, func(row []string) error {
		i, known := t.proposal[row[0]]
		j, also := t.person[row[1]]
		k, scored := at[[2]int{i, j}]
		if !known || !also || !scored {
			return fmt.Errorf("%.40q and %.40q have no score", row[0], row[1])
		}
		out = append(out, k)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("declined: %w", err)
	}
	return out, nil
}

// Write puts the chosen pairs out, by proposal in the order of the scores.
func (t *Table) Write(w io.Writer, chosen []int) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"proposal", "person", "score"}) // Error tells it below
	for _, k := range chosen {
		e := t.Edges[k]
		_ = out.Write([]string{t.Proposals[e.Proposal], t.People[e.Reviewer], Score(assign.Scale - e.Cost)})
	}
	out.Flush()
	return out.Error()
}

// Score is the decimal text of a score, or a sum or difference of some, in 1/Scale.
func Score(n int64) string {
	if n < 0 {
		return "-" + Score(-n)
	}
	s := fmt.Sprintf("%d.%06d", n/assign.Scale, n%assign.Scale)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// rows hands over the wanted columns of every row, each known by one of its
// names. The row is used again for the next one.
func rows(in io.Reader, columns [][]string, each func(row []string) error) error {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty: a header is expected")
	}
	if err != nil {
		return err
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	at := make([]int, len(columns))
	for i, names := range columns {
		at[i] = slices.IndexFunc(header, func(h string) bool { return slices.Contains(names, strings.TrimSpace(h)) })
		if at[i] < 0 {
			return fmt.Errorf("line 1: no column %s, only %s", strings.Join(names, " or "), strings.Join(header, ", "))
		}
	}
	row := make([]string, len(columns))
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i, k := range at {
			row[i] = record[k]
		}
		if err := each(row); err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}
