package review

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
)

// WhatIf is what other rules would give, beside the newest suggestion. Nothing of it is kept.
type WhatIf struct {
	Settings
	Named       map[string]string // numbers and names of its pairs, by key
	Now, Then   Figures
	Compared    bool // whether there is a suggestion to compare with
	Changed     int  // pairs that would be new
	Gain, Lose  []Shift
	GainN       int     // proposals whose reviewers fit better, or are more
	LoseN       int     // and those whose fit worse, or are fewer
	Loads       []Shift // the people whose load changes most
	LoadN       int
	Reasons     []Worded
	Used        []Cap // caps without room left
	Certificate Certificate
	Millis      int64
}

// Figures sum an assignment up. Those of a draw are expected, before it is drawn.
type Figures struct {
	Filled, Places int
	Total          float64 // sum of scores
	Least          float64 // sum of the scores of the proposal that is served worst
	Full           int     // people who get as many as they take
}

// Empty is how many places stay empty.
func (f Figures) Empty() int { return f.Places - f.Filled }

// Mean is the mean score of the filled places.
func (f Figures) Mean() float64 {
	if f.Filled == 0 {
		return 0
	}
	return f.Total / float64(f.Filled)
}

// Shift is how a proposal's sum of scores, or a person's load, would change.
type Shift struct {
	ID, Name, Title string
	Before, After   float64
}

// By is the change.
func (s Shift) By() float64 { return s.After - s.Before }

// shiftsShown is how many of each kind an answer names.
const shiftsShown = 5

// WhatIf answers what a suggestion under other rules would be, and who gains and
// who loses by it. For a draw everything is what it expects. What is hidden from a is in no figure, and
// the certificate is withheld for it, as of Run.without. Errors as of Suggest.
func (s *Service) WhatIf(ctx context.Context, a access.Actor, callID, stage string, set Settings) (WhatIf, error) {
	q, err := s.question(ctx, a, callID, stage, set)
	if err != nil {
		return WhatIf{}, err
	}
	run, got, err := q.solve(ctx, 0)
	if err != nil {
		return WhatIf{}, err
	}
	run.without(q.desk.hidden)
	w := WhatIf{Settings: q.set, Certificate: run.Certificate, Millis: run.Result.Millis}
	names := q.matter.names()
	w.Reasons, w.Named = worded(run.Result.Why, names, q.matter.pool), map[string]string{}
	w.Used = namedCaps(run.Result.Caps, q.matter.pool)
	for _, pair := range q.set.Pairs {
		w.Named[pair.Proposal], w.Named[pair.Person] = names[pair.Proposal], names[pair.Person]
	}
	then := q.standing(got)
	w.Then = then.figures(q)
	w.Then.Places = run.Result.Places
	runs, err := s.runs(ctx, callID, q.desk.Stage())
	if err != nil || len(runs) == 0 {
		return w, err
	}
	was, err := s.run(ctx, runs[0].ID)
	if err != nil {
		return w, err
	}
	w.Compared = true
	was.without(q.desk.hidden)
	now := q.standingOf(was.Result.Pairs)
	w.Now = now.figures(q)
	w.Now.Places = was.Result.Places
	w.compare(q, now, then)
	return w, nil
}

// names are the numbers of proposals and the names of the people of a pool, by key.
func (m *matter) names() map[string]string {
	out := map[string]string{}
	for _, c := range m.proposals {
		out[c.ID] = c.Number
	}
	for _, p := range m.pool {
		out[p.Person] = p.Name
	}
	return out
}

// standing is an assignment by proposal and by person, by their index, as the viewer of the desk may know of it. Numbers are expected ones.
type standing struct {
	sum, load []float64
	pairs     map[[2]int]bool // that have a chance
}

func (q *question) empty() standing {
	return standing{make([]float64, len(q.matter.proposals)), make([]float64, len(q.matter.pool)), map[[2]int]bool{}}
}

func (q *question) standing(got answered) standing {
	out := q.empty()
	for k, n := range got.share {
		if n == 0 {
			continue
		}
		e, part := q.Edges[k], float64(n)/float64(got.parts)
		if q.desk.hidden[q.matter.proposals[e.Proposal].ID] {
			continue
		}
		out.sum[e.Proposal] += part * q.scores[k]
		out.load[e.Reviewer] += part
		out.pairs[[2]int{e.Proposal, e.Reviewer}] = true
	}
	return out
}

// standingOf is a suggestion by the scores of today. Who left the pool since, or was withdrawn, does not count.
func (q *question) standingOf(pairs []Pair) standing {
	out := q.empty()
	proposals, people := map[string]int{}, map[string]int{}
	for i, c := range q.matter.proposals {
		proposals[c.ID] = i
	}
	for j, m := range q.matter.pool {
		people[m.Person] = j
	}
	for _, p := range pairs {
		i, here := proposals[p.Proposal]
		j, in := people[p.Person]
		if !here || !in || q.desk.hidden[p.Proposal] {
			continue
		}
		out.sum[i] += q.matter.measure.scores(i)[j]
		out.load[j]++
		out.pairs[[2]int{i, j}] = true
	}
	return out
}

func (s standing) figures(q *question) (f Figures) {
	filled := 0.0
	for j, n := range s.load {
		filled += n
		if n > 0 && n+1e-9 >= float64(q.Load[j].Max) {
			f.Full++
		}
	}
	f.Filled = int(filled + 0.5)
	first := true
	for i, sum := range s.sum {
		if q.desk.hidden[q.matter.proposals[i].ID] {
			continue
		}
		f.Total += sum
		if first || sum < f.Least {
			f.Least, first = sum, false
		}
	}
	return f
}

// compare fills in who gains and who loses.
func (w *WhatIf) compare(q *question, now, then standing) {
	for pair := range then.pairs {
		if !now.pairs[pair] {
			w.Changed++
		}
	}
	for i, c := range q.matter.proposals {
		s := Shift{c.ID, c.Number, c.Title, now.sum[i], then.sum[i]}
		switch {
		case q.desk.hidden[c.ID]:
		case s.By() > 1e-6:
			w.Gain = append(w.Gain, s)
		case s.By() < -1e-6:
			w.Lose = append(w.Lose, s)
		}
	}
	for j, m := range q.matter.pool {
		if s := (Shift{m.Person, m.Name, "", now.load[j], then.load[j]}); s.By() > 1e-6 || s.By() < -1e-6 {
			w.Loads = append(w.Loads, s)
		}
	}
	w.GainN, w.LoseN, w.LoadN = len(w.Gain), len(w.Lose), len(w.Loads)
	w.Gain, w.Lose, w.Loads = greatest(w.Gain), greatest(w.Lose), greatest(w.Loads)
}

// greatest are the few greatest changes.
func greatest(list []Shift) []Shift {
	size := func(s Shift) float64 { return max(s.By(), -s.By()) }
	slices.SortFunc(list, func(a, b Shift) int { return cmp.Or(cmp.Compare(size(b), size(a)), strings.Compare(a.Name, b.Name)) })
	return list[:min(len(list), shiftsShown)]
}

// LoadsOf is a page of the people of a pool under the newest suggestion, who gets most first.
func (s *Service) LoadsOf(ctx context.Context, a access.Actor, callID, stage string, page, size int) (Board, []Load, error) {
	b, err := s.Board(ctx, a, callID, stage, AssignFilter{Page: 1, Size: 1})
	if err != nil {
		return b, nil, err
	}
	slices.SortStableFunc(b.Loads, func(x, y Load) int { return cmp.Compare(y.Given, x.Given) })
	from := min((max(page, 1)-1)*size, len(b.Loads))
	return b, b.Loads[from:min(from+size, len(b.Loads))], nil
}
