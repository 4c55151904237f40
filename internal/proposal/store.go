package proposal

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

const columns = `p.id, p.number, p.call_id, p.agency_id, COALESCE(p.scheme_version_id, ''), p.stage, p.state, p.outcome, p.title, p.summary, p.language,
	COALESCE(p.lead_person, ''), COALESCE(p.holder_organisation, ''), p.currency, COALESCE(p.requested_minor, 0), COALESCE(p.months, 0),
	COALESCE(p.stage_of, ''), COALESCE(p.resubmission_of, ''), p.created_by, p.created_at, p.submitted_at, p.decided_at, p.version`

func (p *Proposal) scanners() []any {
	return []any{&p.ID, &p.Number, &p.CallID, &p.AgencyID, &p.SchemeVersionID, &p.Stage, &p.State, &p.Outcome, &p.Title, textScanner{&p.Summary}, &p.Language,
		&p.LeadPerson, &p.Holder, &p.Requested.Currency, &p.Requested.Minor, &p.Months,
		&p.StageOf, &p.ResubmissionOf, &p.CreatedBy, db.Time(&p.CreatedAt), db.Time(&p.SubmittedAt), db.Time(&p.DecidedAt), &p.Version}
}

// textScanner reads the summary, kept as a text by language.
type textScanner struct{ s *string }

func (t textScanner) Scan(src any) error {
	var text lang.Text
	err := text.Scan(src)
	*t.s = text.In(lang.English)
	return err
}

func (s *Service) byID(ctx context.Context, id string) (Proposal, error) {
	var p Proposal
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+columns+` FROM proposal p WHERE p.id = $1`, id).Scan(p.scanners()...)
	if db.IsNone(err) {
		return p, fault.Missing()
	}
	return p, err
}

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	return err
}

func summaryOf(p Proposal) lang.Text {
	if p.Summary == "" {
		return lang.Text{}
	}
	return lang.In1(p.Language, p.Summary)
}

func (s *Service) insert(ctx context.Context, p Proposal) error {
	return s.exec(ctx, `INSERT INTO proposal (id, number, call_id, agency_id, scheme_version_id, stage, state, outcome, title, summary, language, lead_person, holder_organisation,
		currency, requested_minor, months, stage_of, resubmission_of, created_by, created_at, submitted_at, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
		p.ID, p.Number, p.CallID, p.AgencyID, db.Str(p.SchemeVersionID), p.Stage, p.State, p.Outcome, p.Title, summaryOf(p), p.Language, db.Str(p.LeadPerson), db.Str(p.Holder),
		p.Requested.Currency, p.Requested.Minor, p.Months, db.Str(p.StageOf), db.Str(p.ResubmissionOf), p.CreatedBy, db.At(p.CreatedAt), db.At(p.SubmittedAt), db.At(p.DecidedAt))
}

func (s *Service) insertMember(ctx context.Context, proposalID string, m Member) (id string, err error) {
	id = clock.ID(ctx)
	return id, s.exec(ctx, `INSERT INTO proposal_member (id, proposal_id, person_id, name, email, role, organisation_id, share_percent, may_edit, state, invited_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, id, proposalID, db.Str(m.PersonID), m.Name, m.Email, m.Role, db.Str(m.OrganisationID), m.Share,
		db.Bool(m.MayEdit), m.State, db.At(clock.Now(ctx)))
}

func (s *Service) setMember(ctx context.Context, id, state string, at time.Time) error {
	return s.exec(ctx, `UPDATE proposal_member SET state = $2, answered_at = $3, version = version + 1 WHERE id = $1`, id, state, db.At(at))
}

func (s *Service) updateMember(ctx context.Context, m Member) error {
	return s.exec(ctx, `UPDATE proposal_member SET person_id = $2, name = $3, role = $4, organisation_id = $5, share_percent = $6, may_edit = $7, state = $8, answered_at = $9, version = version + 1 WHERE id = $1`,
		m.ID, db.Str(m.PersonID), m.Name, m.Role, db.Str(m.OrganisationID), m.Share, db.Bool(m.MayEdit), m.State, db.At(clock.Now(ctx)))
}

// emailOf is the address of a person's account, which is proven to be theirs; "" for none.
func (s *Service) emailOf(ctx context.Context, person string) (email string, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT email FROM account WHERE person_id = $1 AND disabled_at IS NULL`, person).Scan(&email)
	if db.IsNone(err) {
		return "", nil
	}
	return email, err
}

// memberColumns are NULL where a proposal has no team.
const memberColumns = `m.id, m.person_id, m.name, m.email, m.role, m.organisation_id, o.name, COALESCE(m.share_percent, 0), COALESCE(m.may_edit, 0), m.state`

// leadFirst is the order of a team.
const leadFirst = `CASE m.role WHEN 'lead' THEN 0 WHEN 'co-lead' THEN 1 ELSE 2 END, m.invited_at, m.id`

// scanMember reads memberColumns behind what else a row has.
func scanMember(r *sql.Rows, before ...any) (m Member, err error) {
	var organisation lang.Text
	err = r.Scan(append(before, db.Null(&m.ID), db.Null(&m.PersonID), db.Null(&m.Name), db.Null(&m.Email), db.Null(&m.Role), db.Null(&m.OrganisationID),
		&organisation, &m.Share, &m.MayEdit, db.Null(&m.State))...)
	m.Organisation = organisation.In(lang.English)
	return m, err
}

func (s *Service) team(ctx context.Context, id string) ([]Member, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (Member, error) { return scanMember(r) },
		`SELECT `+memberColumns+` FROM proposal_member m LEFT JOIN organisation o ON o.id = m.organisation_id WHERE m.proposal_id = $1 ORDER BY `+leadFirst, id)
}

// wholeOne is a proposal with its team, how its call stands and whose answers it has.
type wholeOne struct {
	Proposal
	team []Member
	by   sql.NullString // the account that alone wrote answers, "*" where several did; NULL where nobody did
}

// asked is the proposal for an account that asks: whether others than it wrote answers.
func (w *wholeOne) asked(account string) Proposal {
	p := w.Proposal
	p.shared = w.by.Valid && w.by.String != account
	return p
}

const wholeQuery = `SELECT ` + columns + `, c.version, (SELECT count(*) FROM call_extension e WHERE e.call_id = c.id),
	(SELECT CASE WHEN min(w.by_account) < max(w.by_account) THEN '*' ELSE min(w.by_account) END FROM proposal_answer w WHERE w.proposal_id = p.id), ` + memberColumns + `
	FROM proposal p JOIN call c ON c.id = p.call_id LEFT JOIN proposal_member m ON m.proposal_id = p.id LEFT JOIN organisation o ON o.id = m.organisation_id
	WHERE p.id IN {keys} ORDER BY p.id, ` + leadFirst

// wholesOf is some proposals by their keys, all in one question: every saving asks it, with a lock.
func (s *Service) wholesOf(ctx context.Context, ids []string, lock string) (map[string]*wholeOne, error) {
	out := make(map[string]*wholeOne, len(ids))
	_, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		w := &wholeOne{}
		m, err := scanMember(r, append(w.scanners(), &w.callAt.Version, &w.callAt.Extensions, &w.by)...)
		if known := out[w.ID]; known != nil {
			w = known
		}
		if out[w.ID] = w; m.ID != "" {
			w.team = append(w.team, m)
		}
		return struct{}{}, err
	}, wholeQuery+lock, ids)
	return out, err
}

// whole is one proposal, and whether others than an account wrote answers.
func (s *Service) whole(ctx context.Context, id, account string) (Proposal, []Member, error) {
	found, err := s.wholesOf(ctx, []string{id}, "")
	if err != nil {
		return Proposal{}, nil, err
	}
	w := found[id]
	if w == nil {
		return Proposal{}, nil, fault.Missing()
	}
	return w.asked(account), w.team, nil
}

// wholes is what savings are of.
func (s *Service) wholes(ctx context.Context, some []*work.Unit[*saving]) (map[string]*wholeOne, error) {
	ids := make([]string, len(some))
	for i, u := range some {
		ids[i] = u.Of.id
	}
	return s.wholesOf(ctx, evenly(ids), s.DB.Pick("", " FOR KEY SHARE OF p"))
}

// unerased refuses a proposal that was erased since it was looked at. On PostgreSQL nobody erases it until the unit of work is over.
func (s *Service) unerased(ctx context.Context, id string) error {
	var p Proposal
	if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT created_by, COALESCE(lead_person, '') FROM proposal WHERE id = $1`+s.DB.Pick("", " FOR KEY SHARE"), id).Scan(&p.CreatedBy, &p.LeadPerson); err != nil {
		return err
	}
	return p.unerased()
}

// evenly repeats the last of some keys until their number is a power of two, so that a database meets few lengths
// of a list and keeps a plan for each.
func evenly(ids []string) []string {
	out := slices.Clone(ids)
	for n := len(ids); n > 0 && n&(n-1) != 0; n++ {
		out = append(out, ids[len(ids)-1])
	}
	return out
}

func (s *Service) invitations(ctx context.Context, person string) ([]Invitation, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (i Invitation, err error) {
		var callTitle lang.Text
		err = r.Scan(&i.ProposalID, &i.Number, &i.Title, &i.Lead, &i.Role, &i.Share, &callTitle)
		i.Call = callTitle.In(lang.English)
		return i, err
	}, `SELECT p.id, p.number, p.title, COALESCE(l.name, ''), m.role, COALESCE(m.share_percent, 0), c.title FROM proposal_member m
		JOIN proposal p ON p.id = m.proposal_id JOIN call c ON c.id = p.call_id LEFT JOIN person l ON l.id = p.lead_person
		WHERE (m.person_id = $1 OR m.person_id IS NULL AND m.email <> '' AND m.email = (SELECT a.email FROM account a WHERE a.person_id = $1 AND a.disabled_at IS NULL))
		AND m.state = 'invited' AND p.state = 'draft' ORDER BY m.invited_at, m.id`, person)
}

func (s *Service) answers(ctx context.Context, id, form string) (map[string]Answer, error) {
	return s.answersWhere(ctx, ``, id, form)
}

// answersOf is the answers to some fields.
func (s *Service) answersOf(ctx context.Context, id, form string, fields ...string) (map[string]Answer, error) {
	in, list := db.In(3, fields)
	return s.answersWhere(ctx, ` AND field IN `+in, append([]any{id, form}, list...)...)
}

// answersBut is the answers that others than an account wrote last.
func (s *Service) answersBut(ctx context.Context, id, form, account string) (map[string]Answer, error) {
	return s.answersWhere(ctx, ` AND by_account <> $3`, id, form, account)
}

func (s *Service) answersWhere(ctx context.Context, which string, args ...any) (map[string]Answer, error) {
	out := map[string]Answer{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var field, value string
		var a Answer
		err := r.Scan(&field, &value, &a.Version, &a.By, db.Time(&a.At))
		a.Value = json.RawMessage(value)
		out[field] = a
		return struct{}{}, err
	}, `SELECT field, value, version, by_account, at FROM proposal_answer WHERE proposal_id = $1 AND form = $2`+which, args...)
	return out, err
}

// put is what a field is to hold.
type put struct {
	id, form, by string
	Change
	at time.Time
}

// answerKey names a field of a proposal's form.
type answerKey struct{ proposal, field string }

// latest bounds the versions that a form may claim to know, so that no number runs over.
const latest = 1 << 40

// putAnswer writes a field if nobody changed it since the version that was seen.
func (s *Service) putAnswer(ctx context.Context, id, form, by string, c Change, at time.Time) (version int64, stored bool, err error) {
	done, err := s.puts(ctx, []put{{id, form, by, c, at}})
	version, stored = done[answerKey{id, c.Field}]
	return version, stored, err
}

// putAll writes what savings change.
func (s *Service) putAll(ctx context.Context, some []*work.Unit[*saving]) (map[answerKey]int64, error) {
	var list []put
	for _, u := range some {
		for _, c := range u.Of.changes {
			list = append(list, put{u.Of.view.ID, u.Of.view.StageIn.Form, u.Of.actor.Account, c, u.Of.at})
		}
	}
	slices.SortStableFunc(list, func(a, b put) int { return cmp.Or(strings.Compare(a.id, b.id), strings.Compare(a.Field, b.Field)) })
	out := map[answerKey]int64{}
	for part := range slices.Chunk(list, mostPuts) {
		stored, err := s.puts(ctx, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, stored)
	}
	return out, nil
}

// mostPuts is how many fields one statement writes.
const mostPuts = 64

// puts writes fields that nobody changed since the version that was seen, and tells the versions of those. A new row is
// at the version after that one too: the statement knows by it what was seen.
func (s *Service) puts(ctx context.Context, list []put) (map[answerKey]int64, error) {
	rowsOf := putValues
	if s.DB.Dialect == db.Postgres {
		rowsOf = putArrays
	}
	rows, args := rowsOf(list)
	out := make(map[answerKey]int64, len(list))
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (_ struct{}, err error) {
		var key answerKey
		var version int64
		err = r.Scan(&key.proposal, &key.field, &version)
		out[key] = version
		return struct{}{}, err
	}, `INSERT INTO proposal_answer (proposal_id, form, field, value, version, by_account, at) `+rows+`
		ON CONFLICT (proposal_id, form, field) DO UPDATE SET value = excluded.value, version = excluded.version, by_account = excluded.by_account, at = excluded.at
		WHERE proposal_answer.version = excluded.version - 1 RETURNING proposal_id, field, version`, args...)
	return out, err
}

// next is the version that a field has once it is written.
func (p put) next() int64 { return 1 + min(max(p.Version, 0), latest) }

// putValues are the rows of puts as a list of values.
func putValues(list []put) (rows string, args []any) {
	var b strings.Builder
	b.WriteString("VALUES ")
	args = make([]any, 0, 7*len(list))
	for i, p := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		for k := range 7 {
			b.WriteByte("(,,,,,,"[k])
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(len(args) + k + 1))
		}
		b.WriteByte(')')
		args = append(args, p.id, p.form, p.Field, string(p.Value), p.next(), p.by, db.At(p.at))
	}
	return b.String(), args
}

// putArrays are the rows of puts as one array a column: on PostgreSQL one statement, planned once, serves any number of them.
func putArrays(list []put) (rows string, args []any) {
	var ids, forms, fields, values, accounts []string
	var versions, times []int64
	for _, p := range list {
		ids, forms, fields, values, accounts = append(ids, p.id), append(forms, p.form), append(fields, p.Field), append(values, string(p.Value)), append(accounts, p.by)
		versions, times = append(versions, p.next()), append(times, p.at.UnixMicro())
	}
	return `SELECT * FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS TEXT[]), CAST($3 AS TEXT[]), CAST($4 AS TEXT[]), CAST($5 AS BIGINT[]), CAST($6 AS TEXT[]), CAST($7 AS BIGINT[]))`,
		[]any{ids, forms, fields, values, versions, accounts, times}
}

// effortCap is the longest pause between two savings that still counts as writing.
const effortCap = 5 * time.Minute

// effortStep is how long the hours measured may be behind while somebody writes: a form is saved every few seconds.
const effortStep = 10 * time.Second

// effortAll adds to the hours measured the time since it last did so on the same day.
func (s *Service) effortAll(ctx context.Context, some []*work.Unit[*saving]) error {
	var rows strings.Builder
	args := []any{effortCap.Microseconds(), effortStep.Microseconds()}
	for _, u := range some {
		who, at := writer{u.Of.id, u.Of.actor.Account}, u.Of.at
		if s.efforts.noted(who, at) {
			continue
		}
		work.After(u.Ctx, func(context.Context) { s.efforts.note(who, at) })
		sep := ","
		if len(args) == 2 {
			sep = ""
		}
		n := len(args)
		fmt.Fprintf(&rows, "%s($%d, $%d, $%d, 60, $%d)", sep, n+1, n+2, n+3, n+4)
		args = append(args, who.proposal, who.account, at.Format(time.DateOnly), db.At(at))
	}
	if len(args) == 2 {
		return nil
	}
	return s.exec(ctx, `INSERT INTO proposal_effort (proposal_id, account_id, day, seconds, last_at) VALUES `+rows.String()+`
		ON CONFLICT (proposal_id, account_id, day) DO UPDATE SET last_at = excluded.last_at,
		seconds = proposal_effort.seconds + CASE WHEN excluded.last_at - proposal_effort.last_at <= $1 THEN (excluded.last_at - proposal_effort.last_at) / 1000000 ELSE 60 END
		WHERE excluded.last_at - proposal_effort.last_at >= $2`, args...)
}

// efforts remembers whose time this process noted last, so that the database is asked once a step and not with each
// saving. It forgets all of them with each step, which costs a question more and no time.
type efforts struct {
	mu    sync.Mutex
	since time.Time
	last  map[writer]time.Time
}

type writer struct{ proposal, account string }

func (e *efforts) noted(w writer, at time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	last, ok := e.last[w]
	return ok && !at.Before(last) && at.Sub(last) < effortStep
}

func (e *efforts) note(w writer, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if since := at.Sub(e.since); since < 0 || since >= effortStep {
		e.since, e.last = at, map[writer]time.Time{}
	}
	e.last[w] = at
}

// Effort is the time measured on a proposal so far, and by how many people.
func (s *Service) Effort(ctx context.Context, id string) (spent time.Duration, people int, err error) {
	var seconds int64
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT COALESCE(CAST(sum(seconds) AS BIGINT), 0), count(DISTINCT account_id) FROM proposal_effort WHERE proposal_id = $1`, id).Scan(&seconds, &people)
	return time.Duration(seconds) * time.Second, people, err
}

// nameOthers writes the names of who wrote, as the team knows them, into list.
func (s *Service) nameOthers(ctx context.Context, list []Other) error {
	accounts := make([]string, len(list))
	for i, o := range list {
		accounts[i] = o.By
	}
	in, args := db.In(1, accounts)
	names := map[string]string{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id, name string
		err := r.Scan(&id, &name)
		names[id] = name
		return struct{}{}, err
	}, `SELECT a.id, p.name FROM account a JOIN person p ON p.id = a.person_id WHERE a.id IN `+in, args...)
	for i := range list {
		list[i].Name = names[list[i].By]
	}
	return err
}

// updateProjection writes what lists show, while the proposal is still in the state in which it was read.
func (s *Service) updateProjection(ctx context.Context, id, state, title, summary string, months, minor int64) error {
	text := lang.Text{}
	if summary != "" {
		text = lang.In1("en", summary)
	}
	return s.exec(ctx, `UPDATE proposal SET title = $2, summary = $3, months = $4, requested_minor = $5 WHERE id = $1 AND state = $6`, id, title, text, months, minor, state)
}

func (s *Service) setRevised(ctx context.Context, id, from string) error {
	return s.exec(ctx, `UPDATE proposal SET resubmission_of = $2, version = version + 1 WHERE id = $1`, id, db.Str(from))
}

func (s *Service) setState(ctx context.Context, p Proposal, state string, submitted time.Time) error {
	return s.exec(ctx, `UPDATE proposal SET state = $2, submitted_at = $3, version = version + 1 WHERE id = $1`, p.ID, state, db.At(submitted))
}

func (s *Service) move(ctx context.Context, p Proposal, state, outcome string) error {
	decided := p.DecidedAt
	if state == Decided {
		decided = clock.Now(ctx)
	}
	return s.exec(ctx, `UPDATE proposal SET state = $2, outcome = $3, decided_at = $4, version = version + 1 WHERE id = $1`, p.ID, state, outcome, db.At(decided))
}

func (s *Service) insertSubmission(ctx context.Context, a access.Actor, v View, text, hash string, firstByte time.Time, entry string) error {
	return s.exec(ctx, `INSERT INTO proposal_submission (id, proposal_id, number, form, content, hash, first_byte_at, recorded_at, by_account, entry_id)
		SELECT $1, $2, COALESCE(max(number), 0) + 1, $3, $4, $5, $6, $7, $8, $9 FROM proposal_submission WHERE proposal_id = $2`,
		clock.ID(ctx), v.ID, v.StageIn.Form, text, hash, db.At(firstByte), db.At(clock.Now(ctx)), a.Account, entry)
}

func (s *Service) insertBudget(ctx context.Context, v View, c Content) error {
	if err := s.exec(ctx, `DELETE FROM proposal_budget WHERE proposal_id = $1`, v.ID); err != nil {
		return err
	}
	for name, f := range v.Form.Fields {
		if f.Widget != "budget" || len(c.Answers[name]) == 0 {
			continue
		}
		var lines []struct {
			Category string `json:"category"`
			Year     int    `json:"year"`
			Minor    int64  `json:"minor"`
		}
		if err := json.Unmarshal(c.Answers[name], &lines); err != nil {
			return err
		}
		for i, l := range lines {
			if err := s.exec(ctx, `INSERT INTO proposal_budget (proposal_id, line, category, year, currency, amount_minor) VALUES ($1, $2, $3, $4, $5, $6)`,
				v.ID, i, l.Category, l.Year, v.Call.Low.Currency, l.Minor); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) submissions(ctx context.Context, id string) ([]Submission, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (b Submission, err error) {
		return b, r.Scan(&b.ID, &b.Number, &b.Hash, db.Time(&b.FirstByte), db.Time(&b.RecordedAt), &b.EntryID, db.Time(&b.Withdrawn), db.FromJSON(&b.Content))
	}, `SELECT id, number, hash, first_byte_at, recorded_at, entry_id, withdrawn_at, content FROM proposal_submission WHERE proposal_id = $1 ORDER BY number DESC`, id)
}

// counting is the entry of the submission that counts, where its hash is this one; "" otherwise.
func (s *Service) counting(ctx context.Context, id, hash string) (entry string, err error) {
	var there string
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT hash, entry_id FROM proposal_submission WHERE proposal_id = $1 AND withdrawn_at IS NULL ORDER BY number DESC LIMIT 1`, id).Scan(&there, &entry)
	if db.IsNone(err) || err == nil && there != hash {
		return "", nil
	}
	return entry, err
}

func (s *Service) markWithdrawn(ctx context.Context, id string) error {
	return s.exec(ctx, `UPDATE proposal_submission SET withdrawn_at = $2 WHERE proposal_id = $1 AND withdrawn_at IS NULL`, id, db.At(clock.Now(ctx)))
}

// drafted are the drafts of calls that close between two instants, once for each
// confirmed member; a draft without a title goes by its number.
func (s *Service) drafted(ctx context.Context, from, until time.Time) ([]drafted, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (d drafted, err error) {
		return d, r.Scan(&d.id, &d.number, &d.title, &d.person, db.Time(&d.closes), db.Time(&d.reminded))
	}, `SELECT p.id, p.number, p.title, m.person_id, c.closes_at, p.reminded_at FROM proposal p JOIN call c ON c.id = p.call_id JOIN proposal_member m ON m.proposal_id = p.id
		WHERE p.state = 'draft' AND c.state = 'published' AND c.closes_at > $1 AND c.closes_at <= $2 AND m.state = 'confirmed' AND m.person_id IS NOT NULL ORDER BY c.closes_at, p.number, m.id`, db.At(from), db.At(until))
}

func (s *Service) markReminded(ctx context.Context, ids []string) error {
	for some := range slices.Chunk(ids, 500) {
		in, args := db.In(2, some)
		if err := s.exec(ctx, `UPDATE proposal SET reminded_at = $1 WHERE id IN `+in, append([]any{db.At(clock.Now(ctx))}, args...)...); err != nil {
			return err
		}
	}
	return nil
}
