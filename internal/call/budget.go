package call

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// Share is what a call takes from one budget line of its agency.
type Share struct {
	LineID string
	Name   lang.Text
	Year   int
	Amount money.Amount
}

// Line is a budget line that a call may take from.
type Line struct {
	Share              // Amount: what the line holds
	Taken money.Amount // by other calls that were not cancelled
}

// inside is who sees which budget lines a call takes from: what it gives in all is public.
const inside = staffed | access.Money

// Lines are the budget lines of an agency, with what other calls than id ("" for a new one) take from each, the earliest year first.
func (s *Service) Lines(ctx context.Context, agencyID, id string) ([]Line, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (l Line, err error) {
		err = r.Scan(&l.LineID, &l.Name, &l.Year, &l.Amount.Currency, &l.Amount.Minor, &l.Taken.Minor)
		l.Taken.Currency = l.Amount.Currency
		return l, err
	}, `SELECT b.id, b.name, b.year, b.currency, b.amount_minor, COALESCE((SELECT CAST(sum(t.amount_minor) AS BIGINT) FROM call_budget t JOIN call c ON c.id = t.call_id
			WHERE t.budget_line_id = b.id AND t.call_id <> $2 AND c.state <> 'cancelled'), 0)
		FROM budget_line b WHERE b.agency_id = $1 ORDER BY b.year, b.id`, agencyID, id)
}

// budget is what the input takes from the agency's lines, checked: every line is the
// agency's own and holds what all calls take from it. Without a total of its own the
// call gives what its lines give. Errors: Invalid with "budget_LINE" for each line at fault.
func (s *Service) budget(ctx context.Context, c *Call, in Input) ([]Share, error) {
	if in.Budget == nil {
		return nil, nil
	}
	// Of two calls that take from one line at the same moment the second sees what the first takes.
	if _, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM budget_line WHERE agency_id = $1 ORDER BY id`+s.DB.Pick("", " FOR NO KEY UPDATE"), c.AgencyID); err != nil {
		return nil, err
	}
	lines, err := s.Lines(ctx, c.AgencyID, c.ID)
	if err != nil {
		return nil, err
	}
	var out []Share
	var faults []*fault.Error
	sum := money.Amount{Currency: c.Total.Currency}
	for _, id := range slices.Sorted(maps.Keys(in.Budget)) {
		share, refused := take(lines, id, in.Budget[id])
		if refused != nil {
			faults = append(faults, refused)
		} else if share.Amount.Minor > 0 {
			out = append(out, share)
			sum.Minor += share.Amount.Minor
		}
	}
	if len(faults) == 0 && c.Total.Minor == 0 {
		c.Total = sum
	}
	if len(out) > 0 && sum.Minor < c.Total.Minor {
		faults = append(faults, fault.Field("total", "call.budget.short", sum, c.Total))
	}
	return out, fault.Join(faults...)
}

// take is what was typed for one line; nothing for an empty text.
func take(lines []Line, id, typed string) (Share, *fault.Error) {
	i := slices.IndexFunc(lines, func(l Line) bool { return l.LineID == id })
	switch {
	case typed == "":
		return Share{}, nil
	case i < 0:
		return Share{}, fault.Field("budget_"+id, "fault.choice")
	}
	l := lines[i]
	amount, err := money.Parse(typed, l.Amount.Currency)
	if err != nil || amount.Minor < 0 {
		return Share{}, fault.Field("budget_"+id, "call.amount")
	}
	if left := l.Amount.Minor - l.Taken.Minor; amount.Minor > left {
		return Share{}, fault.Field("budget_"+id, "call.budget.left", l.Name, strconv.Itoa(l.Year), money.Amount{Minor: max(left, 0), Currency: l.Amount.Currency})
	}
	share := l.Share
	share.Amount = amount
	return share, nil
}

// setBudget keeps what a call takes; nil leaves it as it is.
func (s *Service) setBudget(ctx context.Context, id string, in Input, shares []Share) error {
	if in.Budget == nil {
		return nil
	}
	if _, err := s.DB.Q(ctx).ExecContext(ctx, `DELETE FROM call_budget WHERE call_id = $1`, id); err != nil {
		return err
	}
	for _, b := range shares {
		if _, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO call_budget (call_id, budget_line_id, amount_minor) VALUES ($1, $2, $3)`, id, b.LineID, b.Amount.Minor); err != nil {
			return err
		}
	}
	return nil
}

// shares is what a call takes from its agency's lines.
func (s *Service) shares(ctx context.Context, id string) ([]Share, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (b Share, err error) {
		return b, r.Scan(&b.LineID, &b.Name, &b.Year, &b.Amount.Currency, &b.Amount.Minor)
	}, `SELECT b.id, b.name, b.year, b.currency, t.amount_minor FROM call_budget t JOIN budget_line b ON b.id = t.budget_line_id WHERE t.call_id = $1 ORDER BY b.year, b.id`, id)
}
