package award

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

const columns = `a.id, a.number, COALESCE(a.proposal_id, ''), COALESCE(a.decision_item_id, ''), COALESCE(a.call_id, ''), COALESCE(a.agency_id, ''), COALESCE(a.scheme_version_id, ''),
	a.title, a.summary, COALESCE(a.holder_organisation, ''), a.holder_name, COALESCE(a.lead_person, ''), a.lead_name, a.state, COALESCE(a.start_day, ''), COALESCE(a.end_day, ''),
	a.source, a.kind, COALESCE(a.year, 0), a.currency, COALESCE(a.amount_minor, 0), a.public_at, a.signed_at, a.version, COALESCE(a.funder_organisation, ''), COALESCE(a.supersedes, '')`

func (a *Award) scanners() []any {
	return []any{&a.ID, &a.Number, &a.ProposalID, &a.DecisionItem, &a.CallID, &a.AgencyID, &a.SchemeVersionID, &a.Title, &a.Summary, &a.Holder, &a.HolderName,
		&a.LeadPerson, &a.LeadName, &a.State, &a.StartDay, &a.EndDay, &a.Source, &a.Kind, &a.Year, &a.Amount.Currency, &a.Amount.Minor, db.Time(&a.PublicAt), db.Time(&a.SignedAt), &a.Version, &a.Funder, &a.Supersedes}
}

// holderNow is the name of what the holder of award a was merged into.
const holderNow = `(SELECT n.name FROM organisation o JOIN organisation n ON n.id = o.redirect_to WHERE o.id = a.holder_organisation)`

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	return err
}

func (s *Service) byID(ctx context.Context, id string) (Award, error) {
	var a Award
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+columns+` FROM award a WHERE a.id = $1`, id).Scan(a.scanners()...)
	if db.IsNone(err) {
		return a, fault.Missing()
	}
	return a, err
}

// view is an award with what its holder is now.
func (s *Service) view(ctx context.Context, id string) (v View, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+columns+`, `+holderNow+` FROM award a WHERE a.id = $1`, id).Scan(append(v.scanners(), &v.Now)...)
	if db.IsNone(err) {
		return v, fault.Missing()
	}
	return v, err
}

func (s *Service) insert(ctx context.Context, a Award) error {
	return s.exec(ctx, `INSERT INTO award (id, number, proposal_id, decision_item_id, call_id, agency_id, scheme_version_id, title, summary, holder_organisation, holder_name,
		lead_person, lead_name, state, start_day, end_day, source, kind, year, currency, amount_minor, public_at, signed_at, created_at, funder_organisation, supersedes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`,
		a.ID, a.Number, db.Str(a.ProposalID), db.Str(a.DecisionItem), db.Str(a.CallID), db.Str(a.AgencyID), db.Str(a.SchemeVersionID), a.Title, a.Summary, db.Str(a.Holder), a.HolderName,
		db.Str(a.LeadPerson), a.LeadName, a.State, db.Str(a.StartDay), db.Str(a.EndDay), a.Source, a.Kind, a.Year, a.Amount.Currency, a.Amount.Minor, db.At(a.PublicAt), db.At(a.SignedAt), db.At(clock.Now(ctx)), db.Str(a.Funder), db.Str(a.Supersedes))
}

// replace writes what an import may change and takes lines and parties away.
func (s *Service) replace(ctx context.Context, a Award) error {
	for _, table := range []string{"award_line", "award_party"} {
		if err := s.exec(ctx, `DELETE FROM `+table+` WHERE award_id = $1`, a.ID); err != nil {
			return err
		}
	}
	return s.exec(ctx, `UPDATE award SET number = $2, title = $3, summary = $4, holder_organisation = $5, holder_name = $6, lead_person = $7, lead_name = $8, state = $9,
		start_day = $10, end_day = $11, kind = $12, year = $13, currency = $14, amount_minor = $15, agency_id = $16, funder_organisation = $17, proposal_id = $18, version = version + 1 WHERE id = $1`,
		a.ID, a.Number, a.Title, a.Summary, db.Str(a.Holder), a.HolderName, db.Str(a.LeadPerson), a.LeadName, a.State, db.Str(a.StartDay), db.Str(a.EndDay), a.Kind, a.Year,
		a.Amount.Currency, a.Amount.Minor, db.Str(a.AgencyID), db.Str(a.Funder), db.Str(a.ProposalID))
}

func (s *Service) insertLine(ctx context.Context, awardID string, l Line) error {
	return s.exec(ctx, `INSERT INTO award_line (id, award_id, agency_id, budget_line_id, year, currency, amount_minor, condition) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		clock.ID(ctx), awardID, db.Str(l.Agency), db.Str(l.BudgetLine), l.Year, l.Amount.Currency, l.Amount.Minor, l.Condition)
}

func (s *Service) insertParty(ctx context.Context, awardID string, p Party) error {
	return s.exec(ctx, `INSERT INTO award_party (id, award_id, person_id, organisation_id, name, role) VALUES ($1, $2, $3, $4, $5, $6)`,
		clock.ID(ctx), awardID, db.Str(p.PersonID), db.Str(p.Organisation), p.Name, p.Role)
}

func (s *Service) insertReport(ctx context.Context, awardID, kind, due string) error {
	return s.exec(ctx, `INSERT INTO report (id, award_id, kind, due_day, state) VALUES ($1, $2, $3, $4, 'due')`, clock.ID(ctx), awardID, kind, due)
}

func (s *Service) insertResult(ctx context.Context, r Result, state string, by access.Actor) error {
	now := clock.Now(ctx)
	var public any
	if state == "public" {
		public = db.At(now)
	}
	return s.exec(ctx, `INSERT INTO result (id, award_id, kind, title, authors, doi, url, year, state, public_at, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		clock.ID(ctx), db.Str(r.AwardID), r.Kind, r.Title, r.Authors, db.Str(r.DOI), r.URL, r.Year, state, public, by.Account, db.At(now))
}

func (s *Service) setReport(ctx context.Context, id, state, answers, by string) error {
	return s.exec(ctx, `UPDATE report SET state = $2, answers = $3, submitted_by = $4, submitted_at = $5, version = version + 1 WHERE id = $1`, id, state, answers, by, db.At(clock.Now(ctx)))
}

func (s *Service) draftReport(ctx context.Context, id, answers string) error {
	return s.exec(ctx, `UPDATE report SET state = CASE WHEN state = 'due' THEN 'draft' ELSE state END, answers = $2, version = version + 1 WHERE id = $1`, id, answers)
}

func (s *Service) answerReport(ctx context.Context, id, state, note, by string) error {
	return s.exec(ctx, `UPDATE report SET state = $2, note = $3, answered_by = $4, answered_at = $5, version = version + 1 WHERE id = $1`, id, state, note, by, db.At(clock.Now(ctx)))
}

func (s *Service) publishResults(ctx context.Context, awardID string) error {
	return s.exec(ctx, `UPDATE result SET state = 'public', public_at = $2 WHERE award_id = $1 AND state = 'reported'`, awardID, db.At(clock.Now(ctx)))
}

func (s *Service) setState(ctx context.Context, id, state string) error {
	return s.exec(ctx, `UPDATE award SET state = $2, version = version + 1 WHERE id = $1`, id, state)
}

func (s *Service) parties(ctx context.Context, id string) ([]Party, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p Party, err error) {
		var org lang.Text
		err = r.Scan(db.Null(&p.PersonID), &org, &p.Name, &p.Role)
		p.Organisation = org.In(lang.English)
		return p, err
	}, `SELECT y.person_id, o.name, y.name, y.role FROM award_party y LEFT JOIN organisation o ON o.id = y.organisation_id WHERE y.award_id = $1
		ORDER BY CASE y.role WHEN 'lead' THEN 0 WHEN 'co-lead' THEN 1 ELSE 2 END, y.name`, id)
}

func (s *Service) lines(ctx context.Context, id string) ([]Line, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (l Line, err error) {
		var name lang.Text
		err = r.Scan(&name, &l.Year, &l.Amount.Currency, &l.Amount.Minor, &l.BudgetLine, &l.Budget, &l.Condition)
		l.Agency = name.In(lang.English)
		return l, err
	}, `SELECT g.name, n.year, n.currency, n.amount_minor, COALESCE(n.budget_line_id, ''), b.name, n.condition FROM award_line n LEFT JOIN agency g ON g.id = n.agency_id
		LEFT JOIN budget_line b ON b.id = n.budget_line_id WHERE n.award_id = $1 ORDER BY n.year, n.id`, id)
}

// inForce is the award of a proposal that was not superseded or terminated; empty where there is none.
func (s *Service) inForce(ctx context.Context, proposalID string) (Award, error) {
	var a Award
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+columns+` FROM award a WHERE a.proposal_id = $1 AND a.state NOT IN ('superseded', 'terminated', 'declined') ORDER BY a.created_at DESC, a.id DESC LIMIT 1`, proposalID).Scan(a.scanners()...)
	if db.IsNone(err) {
		return Award{}, nil
	}
	return a, err
}

// madeBy are the awards that lists made.
func (s *Service) madeBy(ctx context.Context, lists []string) ([]Award, error) {
	in, args := db.In(1, lists)
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (a Award, err error) { return a, r.Scan(a.scanners()...) },
		`SELECT `+columns+` FROM award a WHERE a.decision_item_id IN (SELECT id FROM decision_item WHERE decision_id IN `+in+`) ORDER BY a.id`, args...)
}

func (s *Service) setPublic(ctx context.Context, id string, at time.Time) error {
	return s.exec(ctx, `UPDATE award SET public_at = $2, version = version + 1 WHERE id = $1`, id, db.At(at))
}

// neighbours are the award that a supersedes and the one that supersedes a.
func (s *Service) neighbours(ctx context.Context, a Award) (before, after Award, err error) {
	list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (w Award, err error) { return w, r.Scan(w.scanners()...) },
		`SELECT `+columns+` FROM award a WHERE a.id = $1 OR a.supersedes = $2`, a.Supersedes, a.ID)
	for _, w := range list {
		if w.ID == a.Supersedes {
			before = w
		} else {
			after = w
		}
	}
	return before, after, err
}

// holdAll holds back what an award has not approved yet.
func (s *Service) holdAll(ctx context.Context, id, why string) error {
	return s.exec(ctx, `UPDATE payment SET state = 'returned', note = $2, version = version + 1 WHERE award_id = $1 AND state = 'planned'`, id, why)
}

// dropReports takes away the reports that were not handed in.
func (s *Service) dropReports(ctx context.Context, id string) error {
	return s.exec(ctx, `DELETE FROM report WHERE award_id = $1 AND state IN ('due', 'draft')`, id)
}

// paid is what was approved or handed over of an award, and of those before it.
func (s *Service) paid(ctx context.Context, id string) (minor int64, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `WITH RECURSIVE chain (id) AS (SELECT id FROM award WHERE id = $1 UNION ALL SELECT a.supersedes FROM award a JOIN chain c ON c.id = a.id WHERE a.supersedes IS NOT NULL)
		SELECT CAST(COALESCE(sum(y.amount_minor), 0) AS BIGINT) FROM payment y WHERE y.state IN ('approved', 'exported') AND y.award_id IN (SELECT id FROM chain)`, id).Scan(&minor)
	return minor, err
}

func (s *Service) reports(ctx context.Context, id string) ([]Report, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p Report, err error) {
		return p, r.Scan(&p.ID, &p.AwardID, &p.Kind, &p.DueDay, &p.State, db.FromJSON(&p.Answers), db.Time(&p.SubmittedAt), &p.Version)
	}, `SELECT id, award_id, kind, due_day, state, answers, submitted_at, version FROM report WHERE award_id = $1 ORDER BY due_day, id`, id)
}

func (s *Service) results(ctx context.Context, where string, args ...any) ([]Result, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanResult, `SELECT `+resultColumns+` FROM result r LEFT JOIN award a ON a.id = r.award_id WHERE `+where+` ORDER BY COALESCE(r.year, 0) DESC, r.id`, args...)
}

const resultColumns = `r.id, COALESCE(r.award_id, ''), COALESCE(a.number, ''), a.title, r.kind, r.title, r.authors, COALESCE(r.doi, ''), r.url, COALESCE(r.year, 0), r.state, r.source`

func scanResult(r *sql.Rows) (p Result, err error) {
	return p, r.Scan(&p.ID, &p.AwardID, &p.AwardNumber, &p.AwardTitle, &p.Kind, &p.Title, &p.Authors, &p.DOI, &p.URL, &p.Year, &p.State, &p.Source)
}

func (s *Service) publicResults(ctx context.Context, text, kind string, page, size int) ([]Result, int, error) {
	where, args := []string{`r.state = 'public'`, `(a.id IS NULL OR a.public_at <= $1)`}, []any{db.At(clock.Now(ctx))}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	if text != "" {
		where = append(where, "("+db.Holds(arg, "r.title", text)+" OR "+db.Holds(arg, "r.authors", text)+")")
	}
	if kind != "" {
		where = append(where, `r.kind = `+arg(kind))
	}
	from := ` FROM result r LEFT JOIN award a ON a.id = r.award_id WHERE ` + strings.Join(where, " AND ")
	var total int
	if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*)`+from, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	n := len(args)
	list, err := db.Rows(ctx, s.DB.Q(ctx), scanResult, `SELECT `+resultColumns+from+` ORDER BY COALESCE(r.year, 0) DESC, r.id LIMIT $`+strconv.Itoa(n+1)+` OFFSET $`+strconv.Itoa(n+2),
		append(args, size, (max(page, 1)-1)*size)...)
	return list, total, err
}

// name gives an award the names of its funder, of its call and of what its holder was merged into, and the time zone in which its days are said.
func (s *Service) name(ctx context.Context, v *View) (err error) {
	if v.AgencyID != "" || v.Funder != "" {
		if err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT name, zone FROM agency WHERE id = $1 UNION ALL SELECT name, 'UTC' FROM organisation WHERE id = $2`, v.AgencyID, v.Funder).Scan(&v.Agency, &v.Zone); err != nil {
			return err
		}
	}
	if v.CallID != "" {
		if err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT title, zone FROM call WHERE id = $1`, v.CallID).Scan(&v.Call, &v.Zone); err != nil {
			return err
		}
	}
	return nil
}

// Held counts the running awards that an organisation holds, which follow it into a merger. Nobody learns of those that are not public yet.
func (s *Service) Held(ctx context.Context, organisation string) (n int, err error) {
	return n, s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM award WHERE holder_organisation = $1 AND state = $2 AND public_at <= $3`, organisation, Running, db.At(clock.Now(ctx))).Scan(&n)
}

func (s *Service) mine(ctx context.Context, person string) ([]Award, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (a Award, err error) { return a, r.Scan(a.scanners()...) },
		`SELECT `+columns+` FROM award a WHERE a.id IN (SELECT award_id FROM award_party WHERE person_id = $1) ORDER BY a.year DESC, a.number`, person)
}

func (s *Service) insertMilestone(ctx context.Context, awardID string, m Milestone) error {
	return s.exec(ctx, `INSERT INTO milestone (id, award_id, title, due_day, state, reached_day, note) VALUES ($1, $2, $3, $4, $5, $6, $7)`, m.ID, awardID, m.Title, m.DueDay, m.State, db.Str(m.ReachedDay), m.Note)
}

func (s *Service) updateMilestone(ctx context.Context, m Milestone) error {
	return s.exec(ctx, `UPDATE milestone SET state = $2, reached_day = $3, note = $4, version = version + 1 WHERE id = $1`, m.ID, m.State, db.Str(m.ReachedDay), m.Note)
}

// milestones are an award's by day; notes only for those inside.
func (s *Service) milestones(ctx context.Context, awardID string, notes bool) ([]Milestone, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (m Milestone, err error) {
		if err = r.Scan(&m.ID, &m.Title, &m.DueDay, &m.State, db.Null(&m.ReachedDay), &m.Note, &m.Version); !notes {
			m.Note = ""
		}
		return m, err
	}, `SELECT id, title, due_day, state, reached_day, note, version FROM milestone WHERE award_id = $1 ORDER BY due_day, id`, awardID)
}

// owing are the reports that are due by a day, of awards in force, and were not
// reminded of since; with the award's number, title and lead.
func (s *Service) owing(ctx context.Context, until string, since time.Time) ([]owedReport, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (o owedReport, err error) {
		return o, r.Scan(&o.id, &o.award, &o.due, &o.number, &o.title, &o.lead)
	}, `SELECT p.id, a.id, p.due_day, a.number, a.title, a.lead_person FROM report p JOIN award a ON a.id = p.award_id
		WHERE p.state IN ('due', 'draft', 'returned') AND a.state IN ('running', 'ended') AND a.lead_person IS NOT NULL AND p.due_day <= $1 AND COALESCE(p.reminded_at, 0) <= $2 ORDER BY p.due_day, p.id`, until, db.At(since))
}

func (s *Service) markReminded(ctx context.Context, ids []string) error {
	for some := range slices.Chunk(ids, 500) {
		in, args := db.In(2, some)
		if err := s.exec(ctx, `UPDATE report SET reminded_at = $1 WHERE id IN `+in, append([]any{db.At(clock.Now(ctx))}, args...)...); err != nil {
			return err
		}
	}
	return nil
}
