package panel

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/engine/expertise"
	"github.com/headwater-platform/headwater/engine/token"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

// Fitting is somebody of the call's pool who might sit in a panel.
type Fitting struct {
	Person, Name, Organisation string
	Topics                     []string // of the panel, on which they work and no member and nobody before them in the list does
	Nearest                    int      // proposals to which they are nearer than any member and anybody before them in the list
	Out                        int      // items with which they have a conflict
}

const (
	fittingShown = 8
	fittingPool  = 2000 // people of a pool who are looked at
)

// Fitting suggests people of the pool for a panel. Next in the list is always who adds most to how near the panel's proposals
// are to the one who is nearest to each: the sum over proposals of that likeness grows by what the list gains, which is at
// least 1 − 1/e of what any so many people could (Nemhauser, Wolsey and Fisher, 1978). A conflict counts as no likeness, and who
// has one with more than a third of the items is left out. Officers. O(pool · items) beside the measure.
func (s *Service) Fitting(ctx context.Context, a access.Actor, id string) ([]Fitting, error) {
	var out []Fitting
	err := s.DB.Snapshot(ctx, func(ctx context.Context) error {
		v, r, _, err := s.enter(ctx, a, id, "panel.form")
		if err != nil {
			return err
		}
		list, near, err := s.measured(ctx, a, r)
		if err != nil || len(list) == 0 {
			return err
		}
		topics, err := s.topics(ctx, a, r, v)
		if err != nil {
			return err
		}
		out = cover(list, near)
		return s.adds(ctx, out, topics)
	})
	return out, err
}

// fit is a candidate with how near they are to each item; 0 for a conflict.
type fit struct {
	Fitting
	near []float64
}

// measured are the people of the pool who may judge enough of a panel's items, and how near its members are to each at best.
func (s *Service) measured(ctx context.Context, a access.Actor, r *room) (list []fit, best []float64, err error) {
	_, pool, _, err := s.Reviews.Pool(ctx, a, r.panel.CallID, r.panel.Stage, "", 1, fittingPool)
	if err != nil {
		return nil, nil, err
	}
	people := slices.Clone(r.members)
	for _, p := range pool {
		if !slices.ContainsFunc(r.members, func(m Member) bool { return m.Person == p.Person }) {
			people = append(people, Member{Person: p.Person, Name: p.Name, Organisation: p.Organisation})
		}
	}
	lines, keys := make([]Line, len(r.items)), make([]string, len(people))
	for i, item := range r.items {
		lines[i] = Line{ID: item.ProposalID, Title: item.Title}
	}
	for m, p := range people {
		keys[m] = p.Person
	}
	if len(people) == len(r.members) || len(lines) == 0 {
		return nil, nil, nil
	}
	texts, err := s.texts(ctx, lines)
	if err != nil {
		return nil, nil, err
	}
	like, err := s.known(ctx, people, texts)
	if err != nil {
		return nil, nil, err
	}
	barred, err := s.Reviews.Barred(ctx, r.panel.CallID, r.panel.Stage, keys)
	if err != nil {
		return nil, nil, err
	}
	best = make([]float64, len(lines))
	for m, p := range people {
		f := fit{Fitting{Person: p.Person, Name: p.Name, Organisation: p.Organisation}, make([]float64, len(lines))}
		for i, l := range lines {
			if _, is := barred[[2]string{l.ID, p.Person}]; is {
				f.Out++
			} else {
				f.near[i] = like[i][m]
			}
		}
		switch {
		case m < len(r.members):
			for i, v := range f.near {
				best[i] = max(best[i], v)
			}
		case 3*f.Out <= len(lines):
			list = append(list, f)
		}
	}
	return list, best, nil
}

// cover chooses candidates one after the other by what each adds to the best likeness of each item.
func cover(list []fit, best []float64) (out []Fitting) {
	gain := func(f fit) (sum float64) {
		for i, v := range f.near {
			sum += max(0, v-best[i])
		}
		return sum
	}
	for len(out) < fittingShown && len(list) > 0 {
		at, most := 0, -1.0
		for i, f := range list {
			if g := gain(f); g > most || g == most && f.Name < list[at].Name {
				at, most = i, g
			}
		}
		chosen := list[at]
		for i, v := range chosen.near {
			if v > best[i] {
				chosen.Nearest, best[i] = chosen.Nearest+1, v
			}
		}
		out, list = append(out, chosen.Fitting), slices.Delete(list, at, at+1)
	}
	return out
}

// adds notes which of the topics that no member works on each in the list is the first to work on.
func (s *Service) adds(ctx context.Context, list []Fitting, topics []Topic) error {
	people := make([]Member, len(list))
	for i, f := range list {
		people[i].Person = f.Person
	}
	works, err := s.works(ctx, people)
	for _, t := range topics {
		if len(t.Known) > 0 {
			continue
		}
		if i := slices.IndexFunc(list, func(f Fitting) bool { return worksOn(works[f.Person], t.Word) }); i >= 0 {
			list[i].Topics = append(list[i].Topics, t.Word)
		}
	}
	return err
}

// worksOn reports whether a word stands in what somebody works on.
func worksOn(works []expertise.Work, word string) bool {
	forms := token.Tokens(word, "en")
	return slices.ContainsFunc(works, func(w expertise.Work) bool { return shares(token.Tokens(w.Title+"\n"+w.Abstract, "en"), forms) })
}
