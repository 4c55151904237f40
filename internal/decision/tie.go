package decision

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/engine/portfolio"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Tie binds proposals of a list to each other.
type Tie struct {
	Kind      string    `json:"kind"` // one of Ties
	Proposals []string  `json:"proposals"`
	Count     int64     `json:"count,omitempty"`  // of AtLeast and AtMost
	Node      string    `json:"node,omitempty"`   // of Covers: key of the bottleneck, where it is one of a map
	Name      string    `json:"name,omitempty"`   // of Covers, else
	Points    []float64 `json:"points,omitempty"` // of Covers: what the first that is funded adds, the second, and so on; none more than the one before
}

// The kinds of tie.
const (
	AtLeast = "least"  // so many of them are funded at least
	AtMost  = "most"   // so many at most: with one, they exclude each other
	Needs   = "needs"  // the first is funded only if all others are
	Covers  = "covers" // each of them covers the same bottleneck: to cover it twice is worth less than twice as much
)

// Ties are the kinds in the order in which they are offered.
var Ties = []string{AtLeast, AtMost, Needs, Covers}

// TieInput is a tie as somebody writes it: Of are numbers of proposals; Amount is how many
// for AtLeast and AtMost (1 where nothing is said), and points with spaces between for Covers. With
// Node, the key of a bottleneck, Of may be empty: then it is those that cover it.
type TieInput struct{ Kind, Of, Amount, Node, Name string }

// Empty: nothing was written in the line.
func (t TieInput) Empty() bool { return t.Kind == "" && t.Of == "" }

const mostName = 80

func (v View) readTie(in TieInput, n string) (t Tie, faults []*fault.Error) {
	refuse := func(field, key string, args ...any) { faults = append(faults, fault.Field(field+n, key, args...)) }
	t.Kind = in.Kind
	if !slices.Contains(Ties, in.Kind) {
		refuse("tie", "fault.choice")
	}
	var unknown string
	if t.Proposals, unknown = v.keys(in.Of); unknown != "" {
		refuse("of", "decision.rules.number", unknown)
	}
	if in.Kind == Covers && in.Node != "" {
		b, known := v.Bottleneck(in.Node)
		if t.Node = in.Node; !known {
			refuse("node", "fault.choice")
		}
		if in.Of == "" {
			t.Proposals = b.Covered
		}
	}
	switch {
	case unknown != "":
	case len(t.Proposals) == 0 && t.Node != "":
		refuse("of", "decision.tie.uncovered")
	case len(t.Proposals) == 0 || in.Kind == Needs && len(t.Proposals) < 2:
		refuse("of", "decision.tie.few")
	}
	switch in.Kind {
	case AtLeast, AtMost:
		var err error
		if t.Count, err = strconv.ParseInt(orOne(in.Amount), 10, 32); err != nil || t.Count < 1 || t.Count > max(1, int64(len(t.Proposals))) {
			refuse("amount", "decision.tie.count", max(1, len(t.Proposals)))
		}
	case Covers:
		var ok bool
		if t.Points, ok = falling(in.Amount); !ok {
			refuse("amount", "decision.tie.points")
		}
		if t.Name = strings.TrimSpace(in.Name); t.Node != "" {
			t.Name = "" // the map names it
		} else if t.Name == "" {
			refuse("name", "fault.required")
		} else if over := len([]rune(t.Name)) - mostName; over > 0 {
			refuse("name", "fault.long", over)
		}
	}
	return t, faults
}

func orOne(text string) string {
	if text == "" {
		return "1"
	}
	return text
}

// mostPoints is what covering a bottleneck once can be worth at most: far more than any score.
const mostPoints = 1000

// falling reads points with spaces between, each from 0 and none more than the one before.
func falling(text string) (points []float64, ok bool) {
	before := float64(mostPoints)
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ;；、\n\r\t", r) }) {
		p, err := strconv.ParseFloat(strings.ReplaceAll(part, ",", "."), 64)
		if err != nil || !(p >= 0 && p <= before) {
			return nil, false
		}
		points, before = append(points, p), p
	}
	return points, len(points) > 0
}

// writeTie is a tie as a form shows it; readTie reads it again.
func (v View) writeTie(t Tie) TieInput {
	in := TieInput{Kind: t.Kind, Of: v.numbers(t.Proposals), Node: t.Node, Name: t.Name}
	if b, known := v.Bottleneck(t.Node); known && slices.Equal(b.Covered, t.Proposals) {
		in.Of = "" // as the record has it, also when that is mended
	}
	if t.Count > 0 {
		in.Amount = strconv.FormatInt(t.Count, 10)
	}
	var points []string
	for _, p := range t.Points {
		points = append(points, strconv.FormatFloat(p, 'f', -1, 64))
	}
	in.Amount += strings.Join(points, " ")
	return in
}

// without is a tie for whom some of its proposals are hidden from: it binds the others, and
// is none where nothing is left to bind.
func (t Tie) without(gone func(id string) bool) (Tie, bool) {
	first := t.Proposals[0]
	t.Proposals = slices.DeleteFunc(slices.Clone(t.Proposals), gone)
	t.Count = min(t.Count, int64(len(t.Proposals)))
	if t.Kind == Needs {
		return t, !gone(first) && len(t.Proposals) > 1
	}
	return t, len(t.Proposals) > 0
}

// join adds a tie to a model under a name; at is where its proposals stand. What is not
// in the model cannot be funded.
func (t Tie) join(m *portfolio.Model, name string, at map[string]int) {
	known := slices.DeleteFunc(slices.Clone(t.Proposals), func(id string) bool { _, ok := at[id]; return !ok })
	group := portfolio.Group{Name: name, Proposals: known, Min: portfolio.NoLo, Max: portfolio.NoHi}
	switch t.Kind {
	case AtLeast:
		group.Min = t.Count
		m.Groups = append(m.Groups, group)
	case AtMost:
		group.Max = t.Count
		m.Groups = append(m.Groups, group)
	case Needs:
		if _, ok := at[t.Proposals[0]]; !ok {
			return
		}
		if len(known) == len(t.Proposals) {
			m.Needs = append(m.Needs, portfolio.Need{Proposal: known[0], Of: known[1:]})
			return
		}
		group.Proposals, group.Max = known[:1], 0
		m.Groups = append(m.Groups, group)
	case Covers:
		b := portfolio.Bottleneck{Name: name}
		for _, p := range t.Points {
			b.Values = append(b.Values, int64(math.Round(p*portfolio.Point)))
		}
		m.Bottlenecks = append(m.Bottlenecks, b)
		for _, id := range known {
			p := &m.Proposals[at[id]]
			p.Covers = append(p.Covers, name)
		}
	}
}

// among is how many of a tie are funded.
func (t Tie) among(funded map[string]bool) (n int) {
	for _, id := range t.Proposals {
		if funded[id] {
			n++
		}
	}
	return n
}

// Covered is how many proposals that cover a bottleneck are in a plan, and what that is worth in points.
func (p *Plan) Covered(t Tie) (n int, points float64) {
	n = t.among(p.Funded)
	for _, x := range t.Points[:min(n, len(t.Points))] {
		points += x
	}
	return n, points
}
