package portfolio

import "fmt"

// Verify reads the rules of a model word by word, with nothing of the search: the
// value of funding each proposal at a level (0 for not, else 1 + the index in
// Levels), and every rule that this breaks.
func (m *Model) Verify(level []int) (value int64, broken []string) {
	for i, l := range level {
		if l > 0 {
			value += m.Proposals[i].Levels[l-1].Value
		}
		if f := m.Proposals[i].Fixed; f == In && l == 0 || f == Out && l > 0 {
			broken = append(broken, "fixed "+m.Proposals[i].ID)
		}
	}
	for b, x := range m.Budgets {
		if spent := m.sum(level, func(*Proposal) bool { return true }, func(l Level) int64 { return l.Cost[b] }); spent > x.Amount {
			broken = append(broken, "budget "+x.Name)
		}
	}
	for i := range m.Limits {
		if !m.keeps(&m.Limits[i], level) {
			broken = append(broken, "limit "+m.Limits[i].Name)
		}
	}
	funded := map[string]bool{}
	for i, p := range m.Proposals {
		funded[p.ID] = level[i] > 0
	}
	for _, g := range m.Groups {
		n := int64(0)
		for _, id := range g.Proposals {
			if funded[id] {
				n++
			}
		}
		if n < g.Min || n > g.Max {
			broken = append(broken, "group "+g.Name)
		}
	}
	for _, n := range m.Needs {
		for _, id := range n.Of {
			if funded[n.Proposal] && !funded[id] {
				broken = append(broken, fmt.Sprintf("need %s needs %s", n.Proposal, id))
			}
		}
	}
	if len(m.Scenarios) > 0 {
		return m.risked(level), broken
	}
	return value + m.covered(level), broken
}

// covered is what the bottlenecks are worth that funded proposals cover.
func (m *Model) covered(level []int) int64 {
	times := map[string]int{}
	for i, p := range m.Proposals {
		if level[i] > 0 {
			for _, b := range p.Covers {
				times[b]++
			}
		}
	}
	value := int64(0)
	for _, b := range m.Bottlenecks {
		for _, v := range b.Values[:min(times[b.Name], len(b.Values))] {
			value += v
		}
	}
	return value
}

func (m *Model) sum(level []int, whose func(*Proposal) bool, of func(Level) int64) int64 {
	sum := int64(0)
	for i, l := range level {
		if l > 0 && whose(&m.Proposals[i]) {
			sum += of(m.Proposals[i].Levels[l-1])
		}
	}
	return sum
}

func (m *Model) keeps(l *Limit, level []int) bool {
	of := func(Level) int64 { return 1 }
	if l.Money {
		of = func(x Level) int64 {
			if l.Budget == "" {
				return total(x.Cost)
			}
			for b, budget := range m.Budgets {
				if budget.Name == l.Budget {
					return x.Cost[b]
				}
			}
			return 0
		}
	}
	part := m.sum(level, l.holds, of)
	if !l.Share {
		return part >= l.Min && part <= l.Max
	}
	all := m.sum(level, func(*Proposal) bool { return true }, of)
	return (l.Min == NoLo || Whole*part >= l.Min*all) && (l.Max == NoHi || Whole*part <= l.Max*all)
}
