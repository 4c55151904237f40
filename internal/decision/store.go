package decision

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

const columns = `d.id, d.number, d.call_id, d.agency_id, d.stage, d.state, d.reasons, COALESCE(d.budget_minor, 0), d.currency, d.needs_second,
	d.proposed_by, d.proposed_at, d.signed_by, d.signed_at, d.created_by, d.created_at, d.version`

func scan(r interface{ Scan(...any) error }) (d Decision, err error) {
	var reasons lang.Text
	err = r.Scan(&d.ID, &d.Number, &d.CallID, &d.AgencyID, &d.Stage, &d.State, &reasons, &d.Budget.Minor, &d.Budget.Currency, &d.NeedsSecond,
		&d.ProposedBy, db.Time(&d.ProposedAt), &d.SignedBy, db.Time(&d.SignedAt), &d.CreatedBy, db.Time(&d.CreatedAt), &d.Version)
	d.Reasons = reasons.In(lang.English)
	return d, err
}

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	return err
}

func (s *Service) byID(ctx context.Context, id string) (Decision, error) {
	d, err := scan(s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+columns+` FROM decision d WHERE d.id = $1`, id))
	if db.IsNone(err) {
		return d, fault.Missing()
	}
	return d, err
}

// open is the decision of a call's stage that is not signed yet.
func (s *Service) open(ctx context.Context, callID, stage string) (Decision, bool, error) {
	d, err := scan(s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+columns+` FROM decision d WHERE d.call_id = $1 AND d.stage = $2 AND d.state IN ('draft', 'proposed')`, callID, stage))
	if db.IsNone(err) {
		return d, false, nil
	}
	return d, err == nil, err
}

func (s *Service) list(ctx context.Context, agencies []string, all bool) ([]Decision, error) {
	in, args := db.In(1, agencies)
	where := `d.agency_id IN ` + in
	if all {
		where, args = `d.id <> ''`, nil
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (Decision, error) { return scan(r) }, `SELECT `+columns+` FROM decision d WHERE `+where+` ORDER BY d.created_at DESC, d.id LIMIT 200`, args...)
}

func (s *Service) insert(ctx context.Context, d Decision) error {
	return s.exec(ctx, `INSERT INTO decision (id, number, call_id, agency_id, stage, state, budget_minor, currency, needs_second, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		d.ID, d.Number, d.CallID, d.AgencyID, d.Stage, d.State, d.Budget.Minor, d.Budget.Currency, db.Bool(d.NeedsSecond), d.CreatedBy, db.At(d.CreatedAt))
}

func text(s string) lang.Text {
	if s == "" {
		return lang.Text{}
	}
	return lang.In1("en", s)
}

func (s *Service) setReasons(ctx context.Context, id, reasons string) error {
	return s.exec(ctx, `UPDATE decision SET reasons = $2, version = version + 1 WHERE id = $1`, id, text(reasons))
}

// setState moves a decision on from the version that was read; who comes second gets a conflict.
func (s *Service) setState(ctx context.Context, d Decision, state, by string) error {
	now := db.At(clock.Now(ctx))
	set := map[string]string{Draft: `proposed_by = '', proposed_at = NULL`, Proposed: `proposed_by = $3, proposed_at = $4`, Signed: `signed_by = $3, signed_at = $4`}[state]
	args := []any{d.ID, state, by, now}
	if state == Draft {
		args = args[:2]
	}
	from := map[string]string{Draft: Proposed, Proposed: Draft, Signed: Proposed}[state]
	res, err := s.DB.Q(ctx).ExecContext(ctx, `UPDATE decision SET state = $2, `+set+`, version = version + 1 WHERE id = $1 AND state = '`+from+`'`, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fault.New(fault.Conflict, "fault.stale").Because(err)
	}
	return nil
}

func (s *Service) putItem(ctx context.Context, d Decision, c Choice, amount money.Amount, place int, score float64) error {
	var id string
	err := s.DB.Q(ctx).QueryRowContext(ctx, `INSERT INTO decision_item (id, decision_id, proposal_id, outcome, place, score, reasons) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (decision_id, proposal_id) DO UPDATE SET outcome = excluded.outcome, place = excluded.place, score = excluded.score, reasons = excluded.reasons, version = decision_item.version + 1
		RETURNING id`, clock.ID(ctx), d.ID, c.ProposalID, c.Outcome, place, score, text(c.Reasons)).Scan(&id)
	if err != nil {
		return err
	}
	if err := s.exec(ctx, `DELETE FROM decision_line WHERE item_id = $1`, id); err != nil || amount.Minor == 0 {
		return err
	}
	return s.exec(ctx, `INSERT INTO decision_line (id, item_id, agency_id, year, currency, amount_minor) VALUES ($1, $2, $3, $4, $5, $6)`,
		clock.ID(ctx), id, d.AgencyID, clock.Now(ctx).Year(), amount.Currency, amount.Minor)
}

// rows are the proposals of the list with what was set for them so far.
func (s *Service) rows(ctx context.Context, d Decision) ([]Row, error) {
	states := `p.state IN ('submitted', 'in-review')`
	if d.State == Signed {
		states = `i.id IS NOT NULL`
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (row Row, err error) {
		var org, reasons lang.Text
		err = r.Scan(&row.ProposalID, &row.Number, &row.Title, &row.Lead, &org, &row.Asked.Minor, &row.Asked.Currency, &row.ID, &row.Outcome, &reasons, &row.Amount.Minor)
		row.Organisation, row.Reasons, row.Amount.Currency = org.In(lang.English), reasons.In(lang.English), row.Asked.Currency
		return row, err
	}, `SELECT p.id, p.number, p.title, COALESCE(l.name, ''), o.name, COALESCE(p.requested_minor, 0), p.currency, COALESCE(i.id, ''), COALESCE(i.outcome, 'open'), i.reasons,
		COALESCE((SELECT CAST(sum(n.amount_minor) AS BIGINT) FROM decision_line n WHERE n.item_id = i.id), 0)
		FROM proposal p LEFT JOIN decision_item i ON i.proposal_id = p.id AND i.decision_id = $1 LEFT JOIN person l ON l.id = p.lead_person LEFT JOIN organisation o ON o.id = p.holder_organisation
		WHERE p.call_id = $2 AND p.stage = $3 AND `+states+` ORDER BY p.number`, d.ID, d.CallID, d.Stage)
}

func (s *Service) insertLetter(ctx context.Context, id string, r Row, b Body) error {
	body := db.JSON(b)
	sum := sha256.Sum256([]byte(body))
	return s.exec(ctx, `INSERT INTO letter (id, proposal_id, item_id, locale, body, hash, sent_at) VALUES ($1, $2, $3, 'en', $4, $5, $6)`,
		id, r.ProposalID, r.ID, body, hex.EncodeToString(sum[:]), db.At(clock.Now(ctx)))
}

func (s *Service) letter(ctx context.Context, proposalID string) (Letter, error) {
	var l Letter
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id, proposal_id, sent_at, body FROM letter WHERE proposal_id = $1 ORDER BY sent_at DESC, id DESC LIMIT 1`, proposalID).
		Scan(&l.ID, &l.ProposalID, db.Time(&l.SentAt), db.FromJSON(&l.Body))
	if db.IsNone(err) {
		return l, fault.Missing()
	}
	return l, err
}
