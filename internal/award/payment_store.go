package award

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

const paymentColumns = `y.id, y.award_id, COALESCE(a.proposal_id, ''), COALESCE(y.line_id, ''), COALESCE(a.agency_id, ''), y.due_day, y.state, y.note, y.currency, y.amount_minor, a.number, a.holder_name, a.state, a.title, y.version, ` + holderNow + `
	FROM payment y JOIN award a ON a.id = y.award_id`

func scanPayment(r *sql.Rows) (p Payment, err error) {
	return p, r.Scan(&p.ID, &p.AwardID, &p.ProposalID, &p.LineID, &p.AgencyID, &p.DueDay, &p.State, &p.Note, &p.Amount.Currency, &p.Amount.Minor, &p.Number, &p.HolderName, &p.AwardState, &p.Title, &p.Version, &p.HolderNow)
}

func (f PaymentFilter) where() (string, []any) {
	where, args := []string{"1 = 1"}, []any{}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	if f.State != "" {
		where = append(where, "y.state = "+arg(f.State))
	}
	if f.Until != "" {
		where = append(where, "y.due_day <= "+arg(f.Until))
	}
	if !f.all {
		in, ids := db.In(len(args)+1, f.scoped)
		where, args = append(where, "a.agency_id IN "+in), append(args, ids...)
	}
	if len(f.kept.proposals) > 0 {
		in, ids := db.In(len(args)+1, slices.Sorted(maps.Keys(f.kept.proposals)))
		where, args = append(where, "(a.proposal_id IS NULL OR a.proposal_id NOT IN "+in+")"), append(args, ids...)
	}
	if len(f.kept.awards) > 0 {
		in, ids := db.In(len(args)+1, slices.Sorted(maps.Keys(f.kept.awards)))
		where, args = append(where, "y.award_id NOT IN "+in), append(args, ids...)
	}
	return " WHERE " + strings.Join(where, " AND "), args
}

func (s *Service) payments(ctx context.Context, f PaymentFilter) ([]Payment, int, error) {
	where, args := f.where()
	var total int
	if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM payment y JOIN award a ON a.id = y.award_id`+where, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	n, size := len(args), max(f.Size, 1)
	list, err := db.Rows(ctx, s.DB.Q(ctx), scanPayment, `SELECT `+paymentColumns+where+` ORDER BY y.due_day, a.number, y.id LIMIT $`+strconv.Itoa(n+1)+` OFFSET $`+strconv.Itoa(n+2),
		append(args, size, (max(f.Page, 1)-1)*size)...)
	return list, total, err
}

func (s *Service) payment(ctx context.Context, id string) (Payment, error) {
	return db.One(db.Rows(ctx, s.DB.Q(ctx), scanPayment, `SELECT `+paymentColumns+` WHERE y.id = $1`, id))
}

func (s *Service) dueSums(ctx context.Context, f PaymentFilter) ([]DueSum, error) {
	where, args := f.where()
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (d DueSum, err error) {
		return d, r.Scan(&d.Day, &d.Amount.Currency, &d.Count, &d.Amount.Minor)
	}, `SELECT y.due_day, y.currency, count(*), CAST(sum(y.amount_minor) AS BIGINT) FROM payment y JOIN award a ON a.id = y.award_id`+where+` GROUP BY y.due_day, y.currency ORDER BY y.due_day, y.currency`, args...)
}

// committed is what of a funding line was approved or exported, and what it holds. Who asks next waits until the unit of work of ctx ends.
func (s *Service) committed(ctx context.Context, line string) (committed, holds int64, err error) {
	if _, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM award_line WHERE id = $1`+s.DB.Pick("", " FOR NO KEY UPDATE"), line); err != nil {
		return 0, 0, err
	}
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT (SELECT CAST(COALESCE(sum(amount_minor), 0) AS BIGINT) FROM payment WHERE line_id = $1 AND state IN ('approved', 'exported')), amount_minor FROM award_line WHERE id = $1`, line).
		Scan(&committed, &holds)
	return committed, holds, err
}

// lineSums are an award's funding lines with what each holds, by year.
func (s *Service) lineSums(ctx context.Context, award string) ([]Payment, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p Payment, err error) {
		return p, r.Scan(&p.LineID, &p.Amount.Currency, &p.Amount.Minor)
	}, `SELECT id, currency, amount_minor FROM award_line WHERE award_id = $1 ORDER BY year, id`, award)
}

func (s *Service) insertPayment(ctx context.Context, p Payment) error {
	return s.exec(ctx, `INSERT INTO payment (id, award_id, line_id, due_day, currency, amount_minor, state) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		p.ID, p.AwardID, p.LineID, p.DueDay, p.Amount.Currency, p.Amount.Minor, p.State)
}

// setPayment moves a payment on; somebody who moved it meanwhile wins.
func (s *Service) setPayment(ctx context.Context, p Payment, state, note, by string) error {
	now := db.At(clock.Now(ctx))
	var approved, exported any
	switch state {
	case Approved:
		approved = now
	case Exported:
		exported = now
	}
	r, err := s.DB.Q(ctx).ExecContext(ctx, `UPDATE payment SET state = $2, note = $3, approved_by = CASE WHEN $4 = '' THEN approved_by ELSE $4 END,
		approved_at = COALESCE(CAST($5 AS BIGINT), approved_at), exported_at = COALESCE(CAST($6 AS BIGINT), exported_at), version = version + 1 WHERE id = $1 AND version = $7`,
		p.ID, state, note, by, approved, exported, p.Version)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return fault.New(fault.Conflict, "award.payment.past", p.Number).Because(err)
	}
	return nil
}
