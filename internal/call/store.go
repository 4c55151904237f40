package call

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

const columns = `c.id, c.number, c.agency_id, COALESCE(c.programme_id, ''), COALESCE(c.scheme_version_id, ''), c.title, c.summary, c.guidance, c.state, c.zone,
	c.opens_at, c.closes_at, c.grace_seconds, COALESCE(c.decide_by, ''), c.currency, COALESCE(c.amount_low_minor, 0), COALESCE(c.amount_high_minor, 0),
	COALESCE(c.total_minor, 0), COALESCE(c.awards_expected, 0), COALESCE(c.hours_high, 0), c.contact, c.created_by, c.published_at, c.embargo_days, c.version`

func scan(r interface{ Scan(...any) error }) (c Call, err error) {
	var grace int64
	err = r.Scan(&c.ID, &c.Number, &c.AgencyID, &c.ProgrammeID, &c.SchemeVersionID, &c.Title, &c.Summary, &c.Guidance, &c.State, &c.Zone,
		db.Time(&c.OpensAt), db.Time(&c.ClosesAt), &grace, &c.DecideBy, &c.Low.Currency, &c.Low.Minor, &c.High.Minor, &c.Total.Minor,
		&c.AwardsExpected, &c.Hours, &c.Contact, &c.CreatedBy, db.Time(&c.PublishedAt), &c.EmbargoDays, &c.Version)
	c.Grace = time.Duration(grace) * time.Second
	c.High.Currency, c.Total.Currency = c.Low.Currency, c.Low.Currency
	return c, err
}

func scanRow(r *sql.Rows) (Call, error) { return scan(r) }

func (s *Service) byID(ctx context.Context, id string) (Call, error) {
	c, err := scan(s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+columns+` FROM call c WHERE c.id = $1`, id))
	if db.IsNone(err) {
		return c, fault.Missing()
	}
	return c, err
}

func local(t time.Time, zone string) string {
	loc, err := time.LoadLocation(zone)
	if err != nil || t.IsZero() {
		return ""
	}
	return t.In(loc).Format("2006-01-02T15:04")
}

func (c Call) args() []any {
	return []any{c.ID, db.Str(c.ProgrammeID), db.Str(c.SchemeVersionID), c.Title, c.Summary, c.Guidance, c.State, c.Zone,
		db.At(c.OpensAt), local(c.OpensAt, c.Zone), db.At(c.ClosesAt), local(c.ClosesAt, c.Zone), int64(c.Grace / time.Second), db.Str(c.DecideBy),
		c.Low.Minor, c.High.Minor, c.Total.Minor, c.AwardsExpected, c.Hours, c.Contact, db.At(c.PublishedAt), c.EmbargoDays}
}

func (s *Service) insert(ctx context.Context, c Call) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO call (id, programme_id, scheme_version_id, title, summary, guidance, state, zone, opens_at, opens_local,
		closes_at, closes_local, grace_seconds, decide_by, amount_low_minor, amount_high_minor, total_minor, awards_expected, hours_high, contact, published_at, embargo_days,
		number, agency_id, currency, created_by, created_at, hours_low)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $19)`,
		append(c.args(), c.Number, c.AgencyID, c.Low.Currency, c.CreatedBy, db.At(clock.Now(ctx)))...)
	return err
}

func (s *Service) update(ctx context.Context, c Call) error {
	res, err := s.DB.Q(ctx).ExecContext(ctx, `UPDATE call SET programme_id = $2, scheme_version_id = $3, title = $4, summary = $5, guidance = $6, state = $7, zone = $8,
		opens_at = $9, opens_local = $10, closes_at = $11, closes_local = $12, grace_seconds = $13, decide_by = $14, amount_low_minor = $15, amount_high_minor = $16,
		total_minor = $17, awards_expected = $18, hours_high = $19, hours_low = $19, contact = $20, published_at = $21, embargo_days = $22, version = version + 1 WHERE id = $1 AND version = $23`,
		append(c.args(), c.Version)...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fault.New(fault.Conflict, "fault.stale").Because(err)
	}
	return nil
}

func (s *Service) insertExtension(ctx context.Context, a access.Actor, c Call, proposalID string, to time.Time, toLocal, reason string) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO call_extension (id, call_id, proposal_id, old_at, new_at, new_local, reason, by_account, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		clock.ID(ctx), c.ID, db.Str(proposalID), db.At(c.ClosesAt), db.At(to), toLocal, reason, a.Account, db.At(clock.Now(ctx)))
	return err
}

func (s *Service) extensions(ctx context.Context, callID string) ([]Extension, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (e Extension, err error) {
		return e, r.Scan(db.Null(&e.ProposalID), db.Time(&e.Old), db.Time(&e.New), &e.Reason, db.Time(&e.At))
	}, `SELECT proposal_id, old_at, new_at, reason, at FROM call_extension WHERE call_id = $1 ORDER BY at, id`, callID)
}

func (s *Service) currency(ctx context.Context, agencyID string) (string, error) {
	var code string
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT currency FROM agency WHERE id = $1`, agencyID).Scan(&code)
	if db.IsNone(err) {
		return "", fault.Field("agency", "fault.choice")
	}
	return code, err
}

// knownProgramme refuses a programme that the agency does not have; "" is none.
func (s *Service) knownProgramme(ctx context.Context, agencyID, id string) error {
	if id == "" {
		return nil
	}
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id FROM programme WHERE id = $1 AND agency_id = $2`, id, agencyID).Scan(&id)
	if db.IsNone(err) {
		return fault.Field("programme", "fault.choice")
	}
	return err
}

func (s *Service) agencyName(ctx context.Context, agencyID string) (name lang.Text, err error) {
	return name, s.DB.Q(ctx).QueryRowContext(ctx, `SELECT name FROM agency WHERE id = $1`, agencyID).Scan(&name)
}

// list finds the calls of a filter. The condition on drafts is the same rule as visible.
func (s *Service) list(ctx context.Context, a access.Actor, f Filter) ([]Call, int, error) {
	var where []string
	var args []any
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	if agencies, all := a.Scopes("agency", access.Officer, access.Decider, access.Auditor); !all {
		in, list := db.In(len(args)+1, agencies)
		args = append(args, list...)
		calls, _ := a.Scopes("call", access.Officer, access.Decider, access.Auditor)
		inCalls, list := db.In(len(args)+1, calls)
		args = append(args, list...)
		where = append(where, `(c.state <> 'draft' OR c.agency_id IN `+in+` OR c.id IN `+inCalls+`)`)
	}
	now := arg(db.At(clock.Now(ctx)))
	where = append(where, `CAST(`+now+` AS BIGINT) IS NOT NULL`) // PostgreSQL refuses a parameter that the count does not use
	switch f.Phase {
	case Draft:
		where = append(where, `c.state = 'draft'`)
	case Planned:
		where = append(where, `c.state = 'published' AND c.opens_at > `+now)
	case IsOpen:
		where = append(where, `c.state = 'published' AND COALESCE(c.opens_at, 0) <= `+now+` AND (c.closes_at IS NULL OR c.closes_at > `+now+`)`)
	case Closed:
		where = append(where, `(c.state = 'closed' OR c.state = 'published' AND c.closes_at <= `+now+`)`)
	}
	if f.Agency != "" {
		where = append(where, `c.agency_id = `+arg(f.Agency))
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		where = append(where, `(`+s.DB.Says(arg, "c.title", text)+` OR `+db.Holds(arg, "c.number", text)+` OR `+s.DB.Says(arg, "c.summary", text)+`)`)
	}
	condition := strings.Join(where, " AND ")
	var total int
	if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM call c WHERE `+condition, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	order := `CASE WHEN c.state = 'published' AND c.closes_at > ` + now + ` THEN c.closes_at ELSE 9000000000000000 - COALESCE(c.closes_at, 0) END, c.number`
	size := max(f.Size, 1)
	limit, offset := arg(size), arg((max(f.Page, 1)-1)*size)
	calls, err := db.Rows(ctx, s.DB.Q(ctx), scanRow, `SELECT `+columns+` FROM call c WHERE `+condition+` ORDER BY `+order+
		` LIMIT `+limit+` OFFSET `+offset, args...)
	return calls, total, err
}
