package award

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/search"
)

// Filter narrows the public register of awards.
type Filter struct {
	Text   string
	Funder string // id of an agency, or of the organisation behind imported awards
	State  string
	Year   int
	Sort   string // title, money or number, with - before it downwards; else the best and newest first
	Page   int    // from 1
	Size   int
}

// Found is a page of the register and what the filter finds in all.
type Found struct {
	List    []View
	Total   int
	Years   map[int]int // awards per year; without a year, under 0
	Funders []Facet
	States  []Facet
}

// Facet is a value to narrow by, with how many awards would remain.
type Facet struct {
	ID   string
	Name lang.Text
	N    int // at most Many: counting stops there
}

// Many bounds what a facet counts, so that a word of every award costs no more
// than one of some.
const Many = 2_000

// kind is the awards' in the search index.
const kind = "award"

func (f Filter) query() search.Query {
	q := search.Query{Audience: []string{"public"}, Kinds: []string{kind}, Text: f.Text, Facets: map[string][]string{}}
	if f.Funder != "" {
		q.Facets["funder"] = []string{f.Funder}
	}
	if f.State != "" {
		q.Facets["state"] = []string{f.State}
	}
	if f.Year != 0 {
		q.Facets["year"] = []string{strconv.Itoa(f.Year)}
	}
	return q
}

// without is the filter with one condition taken away: its facet counts what choosing another value would find.
func (f Filter) without(facet string) Filter {
	switch facet {
	case "funder":
		f.Funder = ""
	case "state":
		f.State = ""
	case "year":
		f.Year = 0
	}
	return f
}

// Find is a page of the public register with its facets. What is not public is
// neither listed nor counted. Its cost grows with the hits of the rarest word.
// Outside a unit of work its parts run at once, each on a connection of its own.
func (s *Service) Find(ctx context.Context, f Filter) (Found, error) {
	f.Size, f.Page = max(f.Size, 1), max(f.Page, 1)
	var out Found
	group, inner := errgroup.WithContext(ctx)
	if s.DB.Tx(ctx) != nil {
		group.SetLimit(1) // a transaction has one connection
	}
	group.Go(func() (err error) { out.List, err = s.page(inner, f); return err })
	group.Go(func() (err error) { out.Years, out.Total, err = s.years(inner, f); return err })
	group.Go(func() (err error) { out.Funders, err = s.funders(inner, f.without("funder")); return err })
	group.Go(func() (err error) { out.States, err = s.states(inner, f.without("state")); return err })
	return out, group.Wait()
}

// years counts per year as if none were chosen, and in all as it is chosen.
func (s *Service) years(ctx context.Context, f Filter) (map[int]int, int, error) {
	spread, err := s.Search.Spread(ctx, f.without("year").query(), yearUnit)
	years, total := make(map[int]int, len(spread)), 0
	for year, n := range spread {
		years[int(year)] = n
		if f.Year == 0 || f.Year == int(year) {
			total += n
		}
	}
	return years, total, err
}

func (s *Service) states(ctx context.Context, f Filter) ([]Facet, error) {
	var out []Facet
	for _, state := range []string{Running, Ended, Terminated} {
		n, err := s.count(ctx, f, "state", state)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, Facet{ID: state, N: n})
		}
	}
	return out, nil
}

func (s *Service) count(ctx context.Context, f Filter, facet, value string) (int, error) {
	q := f.query()
	q.Facets[facet] = []string{value}
	return s.Search.Count(ctx, q, Many)
}

// page is the awards of one page, in the filter's order.
func (s *Service) page(ctx context.Context, f Filter) ([]View, error) {
	if f.Sort != "" {
		where, args := s.Search.Within(f.query(), "a.id", 1)
		n := len(args)
		return s.views(ctx, where+` AND a.public_at <= $`+strconv.Itoa(n+1)+` ORDER BY `+order(f.Sort)+` LIMIT $`+strconv.Itoa(n+2)+` OFFSET $`+strconv.Itoa(n+3),
			append(args, db.At(clock.Now(ctx)), f.Size, (f.Page-1)*f.Size)...)
	}
	q := f.query()
	q.Limit, q.Offset = f.Size, (f.Page-1)*f.Size
	ids, err := s.Search.IDs(ctx, q)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return s.inOrder(ctx, ids)
}

// views are awards as the public reads them.
func (s *Service) views(ctx context.Context, where string, args ...any) ([]View, error) {
	list, err := db.Rows(ctx, s.DB.Q(ctx), scanView, `SELECT `+columns+`, `+funderName+` FROM award a `+funderJoin+` WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	return list, s.strikeViews(ctx, list)
}

const (
	funderName = `COALESCE(g.name, u.name)`
	funderJoin = `LEFT JOIN agency g ON g.id = a.agency_id LEFT JOIN organisation u ON u.id = a.funder_organisation`
)

func scanView(r *sql.Rows) (v View, err error) {
	return v, r.Scan(append(v.scanners(), &v.Agency)...)
}

// eachChunk is how many awards Each holds at once.
const eachChunk = 500

// Each gives every award that the filter finds, the newest first, without
// holding more of them than their keys: for downloads. While yield runs nothing of the
// database is held, so that whoever reads slowly keeps nobody waiting. It ends with the first error of yield.
func (s *Service) Each(ctx context.Context, f Filter, yield func(View) error) error {
	where, args := s.Search.Within(f.query(), "a.id", 1)
	ids, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT a.id FROM award a WHERE `+where+` AND a.public_at <= $`+strconv.Itoa(len(args)+1)+` ORDER BY `+order(f.Sort),
		append(args, db.At(clock.Now(ctx)))...)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(ids, eachChunk) {
		list, err := s.inOrder(ctx, some)
		if err != nil {
			return err
		}
		for _, v := range list {
			if err := yield(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// inOrder is those of some awards that are public, in the order of their keys.
func (s *Service) inOrder(ctx context.Context, ids []string) ([]View, error) {
	in, args := db.In(2, ids)
	list, err := s.views(ctx, `a.public_at <= $1 AND a.id IN `+in, append([]any{db.At(clock.Now(ctx))}, args...)...)
	place := make(map[string]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(list, func(a, b View) int { return place[a.ID] - place[b.ID] })
	return list, err
}

func order(sort string) string {
	column, down := strings.CutPrefix(sort, "-")
	direction := " ASC"
	if down {
		direction = " DESC"
	}
	switch column {
	case "title":
		return "lower(a.title)" + direction + ", a.number"
	case "money":
		return "COALESCE(a.amount_minor, 0)" + direction + ", a.number"
	case "number":
		return "a.number" + direction
	}
	return "COALESCE(a.year, 0) DESC, a.number DESC"
}

// funders are those who gave the awards that f finds, the largest first.
func (s *Service) funders(ctx context.Context, f Filter) ([]Facet, error) {
	// The recursion steps over the index from one funder to the next, so that its
	// cost is the number of funders, not of awards.
	all, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (f Facet, err error) { return f, r.Scan(&f.ID, &f.Name) },
		`SELECT id, name FROM agency UNION ALL SELECT o.id, o.name FROM organisation o WHERE o.id IN (
			WITH RECURSIVE step (id) AS (
				SELECT min(funder_organisation) FROM award WHERE funder_organisation > ''
				UNION ALL SELECT (SELECT min(a.funder_organisation) FROM award a WHERE a.funder_organisation > step.id) FROM step WHERE step.id IS NOT NULL)
			SELECT id FROM step WHERE id IS NOT NULL)`)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, funder := range all {
		if funder.N, err = s.count(ctx, f, "funder", funder.ID); err != nil {
			return nil, err
		}
		if funder.N > 0 {
			out = append(out, funder)
		}
	}
	slices.SortStableFunc(out, func(a, b Facet) int { return b.N - a.N })
	return out, nil
}

// yearUnit divides what awards are sorted by into years.
const yearUnit = 10_000

// doc is the award as it can be found by everybody.
func (a Award) doc() search.Doc {
	tags := a.Title.Tags()
	d := search.Doc{Kind: kind, ID: a.ID, Agency: a.AgencyID, Audience: []string{"public"}, Sort: int64(a.Year) * yearUnit,
		Facets: map[string][]string{"state": {a.State}, "year": {strconv.Itoa(a.Year)}, "funder": {a.AgencyID + a.Funder}}}
	if len(tags) == 1 {
		d.Language = tags[0]
	}
	if day, err := time.Parse(time.DateOnly, a.StartDay); err == nil && day.Year() == a.Year {
		d.Sort += int64(day.Month())*100 + int64(day.Day())
	}
	var title, body []string
	for _, tag := range tags {
		title = append(title, a.Title.By[tag])
	}
	for _, tag := range a.Summary.Tags() {
		body = append(body, a.Summary.By[tag])
	}
	d.Title = strings.Join(title, " / ")
	d.Body = strings.Join(append(body, a.Number, a.HolderName, a.LeadName, a.Kind), "\n")
	return d
}

// indexChunk is how many awards are put into the index at once.
const indexChunk = 1000

// Index makes awards findable as they now are, and those that are not public
// unfindable until their day, in the caller's unit of work.
func (s *Service) Index(ctx context.Context, ids ...string) error {
	for some := range slices.Chunk(ids, indexChunk) {
		in, args := db.In(1, some)
		list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (a Award, err error) { return a, r.Scan(a.scanners()...) },
			`SELECT `+columns+` FROM award a WHERE a.id IN `+in, args...)
		if err != nil {
			return err
		}
		names, err := s.erasedNames(ctx, some)
		if err != nil {
			return err
		}
		var docs []search.Doc
		var hidden []string
		for _, a := range list {
			if a.public(clock.Now(ctx)) && a.State != Superseded { // its money is given by another: the register would count it twice
				a.strike(names[a.ID])
				docs = append(docs, a.doc())
			} else {
				hidden = append(hidden, a.ID)
				if err := s.later(ctx, a); err != nil {
					return err
				}
			}
		}
		if err := s.Search.Put(ctx, docs...); err != nil {
			return err
		}
		if err := s.Search.Delete(ctx, kind, hidden...); err != nil {
			return err
		}
	}
	return nil
}

// later has an award looked at again on its day.
func (s *Service) later(ctx context.Context, a Award) error {
	if s.Later == nil || !a.PublicAt.After(clock.Now(ctx)) {
		return nil
	}
	return s.Later(ctx, a.PublicAt)
}

// Missing are the ids of public awards that cannot be found yet: those whose
// embargo has ended, or all after the index was emptied.
func (s *Service) Missing(ctx context.Context) ([]string, error) {
	return db.Strings(ctx, s.DB.Q(ctx),
		`SELECT a.id FROM award a WHERE a.public_at <= $1 AND a.state <> 'superseded' AND NOT EXISTS (SELECT 1 FROM search_doc d WHERE d.kind = 'award' AND d.id = a.id)`, db.At(clock.Now(ctx)))
}
