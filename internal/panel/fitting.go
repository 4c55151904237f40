package panel

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/engine/expertise"
	"github.com/headwater-platform/headwater/engine/token"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

// Fitting is somebody of the call's pool who might sit in a panel.
type Fitting struct {
	Person, Name, Organisation string
	Topics                     []string // of the panel, on which they work and no member and nobody before them in the list does
	Near                       float64  // mean likeness of what they work on and the panel's proposals, 0 to 1
	Out                        int      // items with which they have a conflict
}

const (
	fittingShown = 8
	fittingPool  = 2000 // people of a pool who are looked at
)

// Fitting suggests people of the pool for a panel. Next in the list is always who works on most of the panel's topics that
// nobody before does, of equals who is nearest to its proposals (greedy set cover: Johnson, 1974). Who has a conflict with
// more than a third of the items is left out. Officers. O(pool · (topics + items)) beside the measure.
func (s *Service) Fitting(ctx context.Context, a access.Actor, id string) ([]Fitting, error) {
	var list []fit
	var open []string
	err := s.DB.Snapshot(ctx, func(ctx context.Context) error {
		v, r, _, err := s.enter(ctx, a, id, "panel.form")
		if err != nil {
			return err
		}
		if v.Topics, err = s.topics(ctx, r, v); err != nil {
			return err
		}
		for _, t := range v.Topics {
			if len(t.Known) == 0 {
				open = append(open, t.Word)
			}
		}
		list, err = s.measured(ctx, a, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return cover(list, open), nil
}

// fit is a candidate with what they work on.
type fit struct {
	Fitting
	works []expertise.Work
}

// measured are the people of the pool who may judge enough of a panel's items, with how near they are to them.
func (s *Service) measured(ctx context.Context, a access.Actor, r *room) ([]fit, error) {
	_, pool, _, err := s.Reviews.Pool(ctx, a, r.panel.CallID, r.panel.Stage, "", 1, fittingPool)
	if err != nil {
		return nil, err
	}
	var people []Member
	var keys []string
	for _, p := range pool {
		if !slices.ContainsFunc(r.members, func(m Member) bool { return m.Person == p.Person }) {
			people, keys = append(people, Member{Person: p.Person, Name: p.Name, Organisation: p.Organisation}), append(keys, p.Person)
		}
	}
	lines := make([]Line, len(r.items))
	for i, item := range r.items {
		lines[i] = Line{ID: item.ProposalID, Title: item.Title}
	}
	if len(people) == 0 || len(lines) == 0 {
		return nil, nil
	}
	texts, err := s.texts(ctx, lines)
	if err != nil {
		return nil, err
	}
	like, err := s.known(ctx, people, texts)
	if err != nil {
		return nil, err
	}
	barred, err := s.Reviews.Barred(ctx, r.panel.CallID, r.panel.Stage, keys)
	if err != nil {
		return nil, err
	}
	works, err := s.works(ctx, people)
	if err != nil {
		return nil, err
	}
	var out []fit
	for m, p := range people {
		f := fit{Fitting{Person: p.Person, Name: p.Name, Organisation: p.Organisation}, works[p.Person]}
		for i, l := range lines {
			f.Near += like[i][m] / float64(len(lines))
			if _, is := barred[[2]string{l.ID, p.Person}]; is {
				f.Out++
			}
		}
		if 3*f.Out <= len(lines) {
			out = append(out, f)
		}
	}
	return out, nil
}

// cover orders candidates by what each adds to the topics that are still open.
func cover(list []fit, open []string) (out []Fitting) {
	open = slices.Clone(open)
	for len(out) < fittingShown && len(list) > 0 {
		best := 0
		for i := range list {
			list[i].Topics = slices.DeleteFunc(slices.Clone(open), func(word string) bool { return !worksOn(list[i].works, word) })
			if cmp.Or(cmp.Compare(len(list[i].Topics), len(list[best].Topics)), cmp.Compare(list[i].Near, list[best].Near), strings.Compare(list[best].Name, list[i].Name)) > 0 {
				best = i
			}
		}
		chosen := list[best].Fitting
		open = slices.DeleteFunc(open, func(word string) bool { return slices.Contains(chosen.Topics, word) })
		out, list = append(out, chosen), slices.Delete(list, best, best+1)
	}
	return out
}

// worksOn reports whether a word stands in what somebody works on.
func worksOn(works []expertise.Work, word string) bool {
	forms := token.Tokens(word, "en")
	return slices.ContainsFunc(works, func(w expertise.Work) bool { return shares(token.Tokens(w.Title+"\n"+w.Abstract, "en"), forms) })
}
