package proposal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// listed are the columns of a list and of no more: its fifty lines are read more often than anything, and a column that
// nobody looks at costs as much as one that is shown.
const listed = `p.id, p.number, p.call_id, p.stage, p.state, p.outcome, p.title, COALESCE(p.holder_organisation, ''), p.currency, COALESCE(p.requested_minor, 0),
	COALESCE(p.months, 0), COALESCE(p.stage_of, ''), p.created_at, p.submitted_at, COALESCE(l.name, '')`

func (r *Row) scanners() []any {
	return []any{&r.ID, &r.Number, &r.CallID, &r.Stage, &r.State, &r.Outcome, &r.Title, &r.Holder, &r.Requested.Currency, &r.Requested.Minor,
		&r.Months, &r.StageOf, db.Time(&r.CreatedAt), db.Time(&r.SubmittedAt), &r.Lead}
}

// list finds by the rule of Proposal.see. The page of keys is found first and the
// rest joined to it, so that a long list costs no more than its page does.
func (s *Service) list(ctx context.Context, a access.Actor, f Filter) ([]Row, int, error) {
	withheld, err := s.withheld(ctx, a, f.Mine)
	if err != nil {
		return nil, 0, err
	}
	var q listQuery
	if !f.Mine {
		q.show(a, withheld)
	}
	q.narrow(f)
	narrowed := q.args
	q.own(a, f.Mine)
	key, order := order(f.Sort)
	counts, counted := q.each("count(*)"), q.args
	size, page := max(f.Size, 1), max(f.Page, 1)
	limit, offset := q.arg(size), q.arg((page-1)*size)
	rows, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (row Row, err error) {
		return row, r.Scan(row.scanners()...)
	}, `SELECT `+listed+` FROM (`+strings.Join(q.each(`p.id, `+key+` AS rank, p.number AS tie`), ` UNION ALL `)+` ORDER BY `+order+` LIMIT `+limit+` OFFSET `+offset+`) k
		JOIN proposal p ON p.id = k.id LEFT JOIN person l ON l.id = p.lead_person ORDER BY `+order, q.args...)
	if err == nil {
		err = s.nameRows(ctx, rows)
	}
	if err != nil || page == 1 && len(rows) < size {
		return rows, len(rows), err // no second page to count
	}
	total, err := s.count(ctx, counts[len(counts)-1], counted)
	if q.role == "" || err != nil {
		return rows, total, err
	}
	shown, err := s.countShown(ctx, counts[0], narrowed)
	return rows, shown + total, err
}

// countShown counts what a role shows. Each page of a long list asks for it, a search goes through all titles for it, and what
// was handed in changes by acts alone.
func (s *Service) countShown(ctx context.Context, query string, args []any) (int, error) {
	find := func() (int, error) { return s.count(ctx, query, args) }
	if s.Remember == nil {
		return find()
	}
	return s.Remember(ctx, query+fmt.Sprintf("%q", args), find)
}

func (s *Service) count(ctx context.Context, query string, args []any) (n int, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, query, args...).Scan(&n)
	return n, err
}

// nameRows fills in the calls and organisations of a list. Its rows have few of them, often one, so that they are
// asked for once and not joined to each row.
func (s *Service) nameRows(ctx context.Context, rows []Row) error {
	var calls, holders []string
	for _, r := range rows {
		calls, holders = append(calls, r.CallID), append(holders, r.Holder)
	}
	type named struct {
		id, name string
		closes   int64
	}
	names := map[string]named{}
	note := func(r *sql.Rows) (n named, err error) {
		var name lang.Text
		err = r.Scan(&n.id, &name, &n.closes)
		n.name = name.In(lang.English)
		names[n.id] = n
		return n, err
	}
	if _, err := db.RowsIn(ctx, s.DB.Q(ctx), note, `SELECT id, title, COALESCE(closes_at, 0) FROM call WHERE id IN {keys}`, distinct(calls)); err != nil {
		return err
	}
	if _, err := db.RowsIn(ctx, s.DB.Q(ctx), note, `SELECT id, name, 0 FROM organisation WHERE id IN {keys}`, distinct(holders)); err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		r.Call, r.CloseAt, r.Organisation = names[r.CallID].name, names[r.CallID].closes, names[r.Holder].name
	}
	return nil
}

// distinct are the keys of a list, without the empty one.
func distinct(keys []string) []string {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if len(keys) > 0 && keys[0] == "" {
		keys = keys[1:]
	}
	return keys
}

// listQuery is what a list is of.
type listQuery struct {
	args  []any
	role  string // condition of what a role shows; "" where none shows anything
	part  string // query for the keys of what one has a part in
	where string // what else must hold, each behind an AND
	join  string // of the lead, where a condition or the order is about them
}

// each asks twice: for what a role shows, and for the rest of what one has a part in. The first walks an index of the
// call and the second has few keys to look up; asked at once, every draft of a call would be looked up among those keys.
func (q *listQuery) each(what string) []string {
	var queries []string
	rest := q.where
	if q.role != "" {
		queries = append(queries, `SELECT `+what+` FROM proposal p`+q.join+` WHERE (`+q.role+`)`+q.where)
		rest = ` AND NOT (` + q.role + `)` + q.where
	}
	return append(queries, `SELECT `+what+` FROM (`+q.part+`) o CROSS JOIN proposal p`+q.join+` WHERE p.id = o.id`+rest) // SQLite keeps a CROSS JOIN's order
}

func (q *listQuery) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *listQuery) in(ids []string) string {
	text, list := db.In(len(q.args)+1, ids)
	q.args = append(q.args, list...)
	return text
}

// show is what a role shows of what was handed in: that of its agencies or calls, but for what is withheld.
func (q *listQuery) show(a access.Actor, withheld []string) {
	agencies, all := a.Scopes("agency", roles...)
	calls, _ := a.Scopes("call", roles...)
	if all {
		q.role = q.handed(withheld)
		return
	}
	var shown []string
	if len(agencies) > 0 {
		shown = append(shown, `p.agency_id IN `+q.in(agencies))
	}
	if len(calls) > 0 {
		shown = append(shown, `p.call_id IN `+q.in(calls))
	}
	if len(shown) > 0 {
		q.role = q.handed(withheld) + ` AND (` + strings.Join(shown, " OR ") + `)`
	}
}

// own is what a has a part in, and, unless only mine is asked for, what the organisations of a research office take part in.
func (q *listQuery) own(a access.Actor, mine bool) {
	person, account := q.arg(a.Person), q.arg(a.Account)
	q.part = `SELECT id FROM proposal WHERE lead_person = ` + person + ` UNION SELECT id FROM proposal WHERE created_by = ` + account +
		` UNION SELECT proposal_id FROM proposal_member WHERE person_id = ` + person + ` AND state = 'confirmed'`
	_, all := a.Scopes("agency", roles...)
	offices, _ := a.Scopes("organisation", access.Research)
	if len(offices) > 0 && !mine && !all {
		q.part += ` UNION SELECT proposal_id FROM proposal_member WHERE state NOT IN ('declined', 'left') AND organisation_id IN ` + q.in(offices)
	}
}

// handed is what was handed in and is not withheld.
func (q *listQuery) handed(withheld []string) string {
	if len(withheld) == 0 {
		return `p.state <> 'draft'`
	}
	return `p.state <> 'draft' AND p.id NOT IN ` + q.in(withheld)
}

// narrow is the filter.
func (q *listQuery) narrow(f Filter) {
	if f.CallID != "" {
		q.where += ` AND p.call_id = ` + q.arg(f.CallID)
	}
	if f.State != "" {
		q.where += ` AND p.state = ` + q.arg(f.State)
	}
	if f.For != "" {
		q.where += ` AND p.id <> ` + q.arg(f.For) + ` AND p.scheme_version_id IS NOT NULL`
	}
	if f.Text != "" {
		q.where += ` AND (` + db.Holds(q.arg, "p.title", f.Text) + ` OR ` + db.Holds(q.arg, "p.number", f.Text) + ` OR ` + db.Holds(q.arg, "l.sort_name", f.Text) + `)`
	}
	if f.Text != "" || strings.TrimPrefix(f.Sort, "-") == "lead" {
		q.join = ` LEFT JOIN person l ON l.id = p.lead_person`
	}
}

// order is by what a list is sorted, and how, its number last.
func order(sort string) (key, order string) {
	column, down := strings.CutPrefix(sort, "-")
	direction := "ASC"
	if down {
		direction = "DESC"
	}
	switch column {
	case "title":
		key = "lower(p.title)"
	case "lead":
		key = "COALESCE(l.sort_name, '')"
	case "money":
		key = "COALESCE(p.requested_minor, 0)"
	case "state":
		key = "p.state"
	case "number":
		return "p.number", "rank " + direction
	default:
		return "p.number", "rank DESC"
	}
	return key, "rank " + direction + ", tie"
}
