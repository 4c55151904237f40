package decision

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

const columns = `d.id, d.number, d.call_id, d.agency_id, d.stage, d.state, d.reasons, COALESCE(d.budget_minor, 0), d.currency, d.needs_second,
	d.proposed_by, d.proposed_at, d.signed_by, d.signed_at, d.created_by, d.created_at, COALESCE(d.supersedes, ''), d.correction, d.correction_reason, d.public_at, d.at_once,
	(SELECT count(*) FROM appeal x WHERE x.decision_id = d.id AND x.state = 'lodged'), (SELECT min(x.answer_by) FROM appeal x WHERE x.decision_id = d.id AND x.state = 'lodged'), d.version`

func scan(r interface{ Scan(...any) error }) (d Decision, err error) {
	var reasons lang.Text
	err = r.Scan(&d.ID, &d.Number, &d.CallID, &d.AgencyID, &d.Stage, &d.State, &reasons, &d.Budget.Minor, &d.Budget.Currency, &d.NeedsSecond,
		&d.ProposedBy, db.Time(&d.ProposedAt), &d.SignedBy, db.Time(&d.SignedAt), &d.CreatedBy, db.Time(&d.CreatedAt), &d.Supersedes, &d.Correction, &d.CorrectionReason, db.Time(&d.PublicAt), &d.AtOnce, &d.Appealed, db.Time(&d.AnswerBy), &d.Version)
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

// open is the decision of a call's stage that is not signed yet; corrections are not counted.
func (s *Service) open(ctx context.Context, callID, stage string) (Decision, bool, error) {
	d, err := scan(s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+columns+` FROM decision d WHERE d.call_id = $1 AND d.stage = $2 AND d.state IN ('draft', 'proposed') AND d.supersedes IS NULL`, callID, stage))
	if db.IsNone(err) {
		return d, false, nil
	}
	return d, err == nil, err
}

// list is a page of the decisions of some agencies, or of all, and of those over which a person sits. Those with an appeal that waits
// come first, but for appeals about what is hidden.
func (s *Service) list(ctx context.Context, agencies []string, all bool, person string, hidden []string, page, size int) ([]Decision, int, error) {
	in, args := db.In(2, agencies)
	where, args := `(d.agency_id IN `+in+` OR d.id IN (SELECT decision_id FROM decision_seat WHERE person_id = $1))`, append([]any{person}, args...)
	if all {
		where, args = `d.id <> ''`, nil
	}
	var total int
	if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM decision d WHERE `+where, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	appealed := `x.decision_id = d.id AND x.state = 'lodged'`
	if len(hidden) > 0 {
		in, ids := db.In(len(args)+1, hidden)
		appealed, args = appealed+` AND x.proposal_id NOT IN `+in, append(args, ids...)
	}
	n := len(args)
	list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (Decision, error) { return scan(r) }, `SELECT `+columns+` FROM decision d WHERE `+where+
		` ORDER BY CASE WHEN d.state IN ('draft', 'proposed') OR EXISTS (SELECT 1 FROM appeal x WHERE `+appealed+`) THEN 0 ELSE 1 END, d.created_at DESC, d.id
		LIMIT $`+strconv.Itoa(n+1)+` OFFSET $`+strconv.Itoa(n+2), append(args, max(size, 1), (max(page, 1)-1)*size)...)
	return list, total, err
}

func (s *Service) insert(ctx context.Context, d Decision) error {
	return s.exec(ctx, `INSERT INTO decision (id, number, call_id, agency_id, stage, state, budget_minor, currency, needs_second, created_by, created_at, supersedes, correction, correction_reason, public_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		d.ID, d.Number, d.CallID, d.AgencyID, d.Stage, d.State, d.Budget.Minor, d.Budget.Currency, db.Bool(d.NeedsSecond), d.CreatedBy, db.At(d.CreatedAt), db.Str(d.Supersedes), d.Correction, d.CorrectionReason, db.At(d.PublicAt))
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

// chain are the keys of a list and of those that it corrects.
func (s *Service) chain(ctx context.Context, id string) ([]string, error) {
	return db.Strings(ctx, s.DB.Q(ctx), `WITH RECURSIVE chain (id) AS (SELECT id FROM decision WHERE id = $1
		UNION ALL SELECT d.supersedes FROM decision d JOIN chain c ON c.id = d.id WHERE d.supersedes IS NOT NULL) SELECT id FROM chain`, id)
}

// setPublic gives lists the day from which their awards are public, and the correction of them that is in work.
func (s *Service) setPublic(ctx context.Context, lists []string, at time.Time) error {
	in, args := db.In(2, lists)
	return s.exec(ctx, `UPDATE decision SET public_at = $1, version = version + 1 WHERE id IN `+in+` OR supersedes IN `+in, append([]any{db.At(at)}, args...)...)
}

// setState moves a decision on from the version that was read; who comes second gets a conflict.
func (s *Service) setState(ctx context.Context, d Decision, state, by string) error {
	now := db.At(clock.Now(ctx))
	set := map[string]string{Draft: `proposed_by = '', proposed_at = NULL`, Proposed: `proposed_by = $3, proposed_at = $4`, Signed: `signed_by = $3, signed_at = $4`, Superseded: `stage = stage`}[state]
	args := []any{d.ID, state, by, now}
	if state == Draft || state == Superseded {
		args = args[:2]
	}
	from := map[string]string{Draft: Proposed, Proposed: Draft, Signed: Proposed, Superseded: Signed}[state]
	res, err := s.DB.Q(ctx).ExecContext(ctx, `UPDATE decision SET state = $2, `+set+`, version = version + 1 WHERE id = $1 AND state = '`+from+`'`, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fault.New(fault.Conflict, "fault.stale").Because(err)
	}
	return nil
}

// upsertItem writes what is set for a proposal and returns the item's key. Its lines stay.
func (s *Service) upsertItem(ctx context.Context, d Decision, c Choice, place int, score float64) (id string, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `INSERT INTO decision_item (id, decision_id, proposal_id, outcome, place, score, reasons) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (decision_id, proposal_id) DO UPDATE SET outcome = excluded.outcome, place = excluded.place, score = excluded.score, reasons = excluded.reasons, version = decision_item.version + 1
		RETURNING id`, clock.ID(ctx), d.ID, c.ProposalID, c.Outcome, place, score, text(c.Reasons)).Scan(&id)
	return id, err
}

func (s *Service) setPlace(ctx context.Context, r Row) error {
	return s.exec(ctx, `UPDATE decision_item SET place = $2, score = $3 WHERE id = $1`, r.ID, r.Place, r.Standing.Mean)
}

// putLines writes an item's funding lines anew.
func (s *Service) putLines(ctx context.Context, item string, lines []Line) error {
	if err := s.exec(ctx, `DELETE FROM decision_line WHERE item_id = $1`, item); err != nil {
		return err
	}
	for _, l := range lines {
		if err := s.exec(ctx, `INSERT INTO decision_line (id, item_id, agency_id, budget_line_id, year, currency, amount_minor, condition) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			clock.ID(ctx), item, l.AgencyID, db.Str(l.BudgetLineID), l.Year, l.Amount.Currency, l.Amount.Minor, l.Condition); err != nil {
			return err
		}
	}
	return nil
}

// lines are the funding lines of a decision's items, by item.
func (s *Service) lines(ctx context.Context, decision string) (map[string][]Line, error) {
	out := map[string][]Line{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var item string
		var l Line
		err := r.Scan(&item, &l.AgencyID, &l.BudgetLineID, &l.Year, &l.Amount.Currency, &l.Amount.Minor, &l.Condition, &l.Agency, &l.BudgetLine)
		out[item] = append(out[item], l)
		return struct{}{}, err
	}, `SELECT n.item_id, n.agency_id, COALESCE(n.budget_line_id, ''), n.year, n.currency, n.amount_minor, n.condition, g.name, b.name
		FROM decision_line n JOIN decision_item i ON i.id = n.item_id JOIN agency g ON g.id = n.agency_id LEFT JOIN budget_line b ON b.id = n.budget_line_id
		WHERE i.decision_id = $1 ORDER BY n.item_id, n.year, n.id`, decision)
	return out, err
}

// items are a decision's items with their lines, by place.
func (s *Service) items(ctx context.Context, decision string) ([]Item, error) {
	lines, err := s.lines(ctx, decision)
	if err != nil {
		return nil, err
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (i Item, err error) {
		var reasons lang.Text
		err = r.Scan(&i.ID, &i.ProposalID, &i.Outcome, &i.Place, &i.Score, &reasons)
		i.Reasons, i.Lines = reasons.In(lang.English), lines[i.ID]
		for _, l := range i.Lines {
			i.Amount = money.Amount{Minor: i.Amount.Minor + l.Amount.Minor, Currency: l.Amount.Currency}
		}
		return i, err
	}, `SELECT id, proposal_id, outcome, COALESCE(place, 0), COALESCE(score, 0), reasons FROM decision_item WHERE decision_id = $1 ORDER BY place, id`, decision)
}

// askedByYear is what the submitted budget of a proposal asks for, year by year.
func (s *Service) askedByYear(ctx context.Context, proposalID string) (years []int, minor []int64, err error) {
	_, err = db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var y int
		var m int64
		err := r.Scan(&y, &m)
		years, minor = append(years, y), append(minor, m)
		return struct{}{}, err
	}, `SELECT year, CAST(sum(amount_minor) AS BIGINT) FROM proposal_budget WHERE proposal_id = $1 AND year > 0 GROUP BY year HAVING sum(amount_minor) > 0 ORDER BY year`, proposalID)
	return years, minor, err
}

// uses are the budget lines of the agency of a list with what is given out of
// them by awards in force.
func (s *Service) uses(ctx context.Context, d Decision) ([]BudgetUse, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (u BudgetUse, err error) {
		err = r.Scan(&u.ID, &u.programme, &u.Name, &u.Year, &u.Holds.Currency, &u.Holds.Minor, &u.Before.Minor)
		u.Before.Currency, u.Here.Currency = u.Holds.Currency, u.Holds.Currency
		return u, err
	}, `SELECT b.id, COALESCE(b.programme_id, ''), b.name, b.year, b.currency, b.amount_minor,
		(SELECT CAST(COALESCE(sum(n.amount_minor), 0) AS BIGINT) FROM award_line n JOIN award w ON w.id = n.award_id LEFT JOIN decision_item j ON j.id = w.decision_item_id
			WHERE n.budget_line_id = b.id AND w.state NOT IN ('superseded', 'terminated', 'declined') AND COALESCE(j.decision_id, '') NOT IN ($2, $3))
		FROM budget_line b WHERE b.agency_id = $1 ORDER BY b.year, b.id`, d.AgencyID, d.ID, d.Supersedes)
}

// budgetLine is whose a budget line is, and of which year and currency.
func (s *Service) budgetLine(ctx context.Context, id string) (agency string, year int, currency string, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT agency_id, year, currency FROM budget_line WHERE id = $1`, id).Scan(&agency, &year, &currency)
	if db.IsNone(err) {
		err = fault.Missing()
	}
	return agency, year, currency, err
}

func (s *Service) isAgency(ctx context.Context, id string) (known bool, err error) {
	return known, s.DB.Q(ctx).QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM agency WHERE id = $1)`, id).Scan(&known)
}

// supersededBy is the decision that corrects another, signed or not; empty where there is none.
func (s *Service) supersededBy(ctx context.Context, id string) (Decision, error) {
	d, err := scan(s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+columns+` FROM decision d WHERE d.supersedes = $1 ORDER BY d.created_at DESC LIMIT 1`, id))
	if db.IsNone(err) {
		return Decision{}, nil
	}
	return d, err
}

// rows are the proposals of the list with what was set for them so far.
func (s *Service) rows(ctx context.Context, d Decision) ([]Row, error) {
	states := `p.state IN ('submitted', 'in-review')`
	if d.settled() || d.Supersedes != "" {
		states = `i.id IS NOT NULL`
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (row Row, err error) {
		var org, reasons lang.Text
		err = r.Scan(&row.ProposalID, &row.Number, &row.Title, &row.Lead, &org, &row.Asked.Minor, &row.Asked.Currency, &row.ID, &row.Outcome, &row.Place, &reasons, &row.months)
		row.Organisation, row.Reasons, row.Amount.Currency = org.In(lang.English), reasons.In(lang.English), row.Asked.Currency
		return row, err
	}, `SELECT p.id, p.number, p.title, COALESCE(l.name, ''), o.name, COALESCE(p.requested_minor, 0), p.currency, COALESCE(i.id, ''), COALESCE(i.outcome, 'open'), COALESCE(i.place, 0), i.reasons, COALESCE(p.months, 0)
		FROM proposal p LEFT JOIN decision_item i ON i.proposal_id = p.id AND i.decision_id = $1 LEFT JOIN person l ON l.id = p.lead_person LEFT JOIN organisation o ON o.id = p.holder_organisation
		WHERE p.call_id = $2 AND p.stage = $3 AND `+states+` ORDER BY p.number`, d.ID, d.CallID, d.Stage)
}

func (s *Service) insertLetter(ctx context.Context, l Letter, item string) error {
	body := db.JSON(l.Body)
	sum := sha256.Sum256([]byte(body))
	return s.exec(ctx, `INSERT INTO letter (id, proposal_id, item_id, locale, body, hash, sent_at, supersedes) VALUES ($1, $2, $3, 'en', $4, $5, $6, $7)`,
		l.ID, l.ProposalID, item, body, hex.EncodeToString(sum[:]), db.At(l.SentAt), db.Str(l.Supersedes))
}

// letters are all letters about a proposal, the newest first.
func (s *Service) letters(ctx context.Context, proposalID string) ([]Letter, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (l Letter, err error) {
		return l, r.Scan(&l.ID, &l.ProposalID, &l.DecisionID, &l.Supersedes, db.Time(&l.SentAt), db.FromJSON(&l.Body), db.Time(&l.PublicAt))
	}, `SELECT l.id, l.proposal_id, i.decision_id, COALESCE(l.supersedes, ''), l.sent_at, l.body, d.public_at
		FROM letter l JOIN decision_item i ON i.id = l.item_id JOIN decision d ON d.id = i.decision_id WHERE l.proposal_id = $1 ORDER BY l.sent_at DESC, l.id DESC`, proposalID)
}

func (s *Service) letter(ctx context.Context, proposalID string) (Letter, error) {
	return db.One(s.letters(ctx, proposalID))
}

func (s *Service) insertAppeal(ctx context.Context, a Appeal, by string) error {
	return s.exec(ctx, `INSERT INTO appeal (id, decision_id, proposal_id, grounds, state, lodged_by, lodged_at, answer_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		a.ID, a.DecisionID, a.ProposalID, a.Grounds, Lodged, by, db.At(a.LodgedAt), db.At(a.AnswerBy))
}

func (s *Service) answerAppeal(ctx context.Context, a Appeal, by string) error {
	return s.exec(ctx, `UPDATE appeal SET state = $2, answer = $3, answered_by = $4, answered_at = $5 WHERE id = $1`, a.ID, a.State, a.Answer, by, db.At(clock.Now(ctx)))
}

func (s *Service) appeals(ctx context.Context, where string, args ...any) ([]Appeal, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (a Appeal, err error) {
		return a, r.Scan(&a.ID, &a.DecisionID, &a.ProposalID, &a.Grounds, &a.State, &a.Answer, db.Time(&a.LodgedAt), db.Time(&a.AnswerBy), db.Time(&a.AnsweredAt), &a.Number, &a.Title)
	}, `SELECT a.id, a.decision_id, a.proposal_id, a.grounds, a.state, a.answer, a.lodged_at, a.answer_by, a.answered_at, p.number, p.title
		FROM appeal a JOIN proposal p ON p.id = a.proposal_id WHERE `+where+` ORDER BY a.lodged_at, a.id`, args...)
}
