package award

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// erasedNames are, by award, the names of those who were erased although a rule keeps the award: who has to do with it goes on
// reading them, the public does not.
func (s *Service) erasedNames(ctx context.Context, ids []string) (map[string][]string, error) {
	out := map[string][]string{}
	for some := range slices.Chunk(ids, indexChunk) {
		in, args := db.In(1, some)
		if _, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (id string, err error) {
			var name string
			err = r.Scan(&id, &name)
			out[id] = append(out[id], name)
			return id, err
		}, `SELECT a.id, a.lead_name FROM award a JOIN person p ON p.id = a.lead_person WHERE p.state = 'erased' AND a.lead_name <> '' AND a.id IN `+in+`
			UNION SELECT y.award_id, y.name FROM award_party y JOIN person p ON p.id = y.person_id WHERE p.state = 'erased' AND y.name <> '' AND y.award_id IN `+in, args...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// gone stands where the name of somebody stood who was erased.
const gone = "[erased]"

// strike takes names out of what the public reads of an award.
func (a *Award) strike(names []string) {
	a.LeadName = struck(a.LeadName, names)
	a.Title, a.Summary = struckText(a.Title, names), struckText(a.Summary, names)
}

func (r *Result) strike(names []string) {
	r.Authors, r.Title, r.AwardTitle = struck(r.Authors, names), struckText(r.Title, names), struckText(r.AwardTitle, names)
}

func struck(text string, names []string) string {
	for _, name := range names {
		text = strings.ReplaceAll(text, name, gone)
	}
	return text
}

func struckText(t lang.Text, names []string) lang.Text {
	if len(names) == 0 {
		return t
	}
	t.By = maps.Clone(t.By)
	for tag, text := range t.By {
		t.By[tag] = struck(text, names)
	}
	return t
}

// strikeViews makes awards those that the public reads.
func (s *Service) strikeViews(ctx context.Context, list []View) error {
	return strikeEach(ctx, s, list, func(v View) string { return v.ID }, func(v *View, names []string) { v.strike(names) })
}

// strikeResults makes results those that the public reads.
func (s *Service) strikeResults(ctx context.Context, list []Result) error {
	return strikeEach(ctx, s, list, func(r Result) string { return r.AwardID }, (*Result).strike)
}

// strikeEach strikes from each of a list the names of the award that it belongs to.
func strikeEach[T any](ctx context.Context, s *Service, list []T, award func(T) string, strike func(*T, []string)) error {
	ids := make([]string, len(list))
	for i, one := range list {
		ids[i] = award(one)
	}
	names, err := s.erasedNames(ctx, ids)
	for i := range list {
		strike(&list[i], names[ids[i]])
	}
	return err
}

// open makes a view what it is for who has nothing to do with the award.
func (s *Service) open(ctx context.Context, v *View) error {
	names, err := s.erasedNames(ctx, []string{v.ID})
	v.strike(names[v.ID])
	for i := range v.Parties {
		v.Parties[i].PersonID, v.Parties[i].Name = "", struck(v.Parties[i].Name, names[v.ID])
	}
	for i := range v.Results {
		v.Results[i].strike(names[v.ID])
	}
	return err
}
