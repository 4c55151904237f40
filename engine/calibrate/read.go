package calibrate

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Read takes a panel from a CSV table with a header. Columns are found by name, in
// any order: reviewer, proposal, score, and if there are such panel and criterion.
// An empty score is a missing one: its proposal and reviewer count all the same.
// scale names the values of the scores from worst to best; without it they are
// decimal numbers. An error names the line.
func Read(in io.Reader, scale []string) (*Panel, error) {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty: a header is expected")
	}
	if err != nil {
		return nil, err
	}
	header = slices.Clone(header) // the record is used again
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	column := func(name string) int {
		return slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
	}
	reviewer, proposal, score, panel, criterion := column("reviewer"), column("proposal"), column("score"), column("panel"), column("criterion")
	if reviewer < 0 || proposal < 0 || score < 0 {
		return nil, fmt.Errorf("line 1: columns reviewer, proposal and score are expected, not %s", strings.Join(header, ", "))
	}
	p := &Panel{}
	names := [4]names{}
	lines := map[[3]int]int{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		s := Score{Reviewer: names[0].of(row[reviewer]), Proposal: names[1].of(row[proposal])}
		if panel >= 0 {
			s.Panel = names[2].of(row[panel])
		}
		if criterion >= 0 {
			s.Criterion = names[3].of(row[criterion])
		}
		for _, k := range []int{reviewer, proposal} {
			if strings.TrimSpace(row[k]) == "" {
				return nil, fmt.Errorf("line %d: the %s is empty", line, strings.TrimSpace(header[k]))
			}
		}
		text := strings.TrimSpace(row[score])
		if text == "" {
			continue
		}
		key := [3]int{s.Proposal, s.Reviewer, s.Criterion}
		if first, twice := lines[key]; twice {
			return nil, fmt.Errorf("line %d: %s has scored %s already, on line %d", line, row[reviewer], row[proposal], first)
		}
		lines[key] = line
		if s.Value, err = number(text, scale); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		p.Scores = append(p.Scores, s)
	}
	p.Reviewers, p.Proposals, p.Panels, p.Criteria = names[0].list, names[1].list, names[2].list, names[3].list
	if err := p.Check(); err != nil {
		return nil, err
	}
	return p, nil
}

func number(text string, scale []string) (float64, error) {
	if len(scale) > 0 {
		i := slices.Index(scale, text)
		if i < 0 {
			return 0, fmt.Errorf("score %.40q: one of %s is expected", text, strings.Join(scale, ", "))
		}
		return float64(i + 1), nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v-v != 0 {
		return 0, fmt.Errorf("score %.40q: a decimal number is expected", text)
	}
	return v, nil
}

// names numbers names by their first appearance.
type names struct {
	list []string
	at   map[string]int
}

func (n *names) of(name string) int {
	name = strings.TrimSpace(name)
	i, ok := n.at[name]
	if !ok {
		if n.at == nil {
			n.at = map[string]int{}
		}
		i = len(n.list)
		name = strings.Clone(name) // the row that it stands in is not kept
		n.list, n.at[name] = append(n.list, name), i
	}
	return i
}
