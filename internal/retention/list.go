package retention

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Due is a record whose time is over.
type Due struct {
	Record
	Class Class
	Since time.Time // when its time was over
}

// MostDue is how many due records of a class are named at once; the rest follows when these are gone.
const MostDue = 50

// Due lists what is due of a class, the longest due first, at most MostDue of it. Held records and those
// under way are left out. Of mails it is one line, as they go together.
func (s *Service) Due(ctx context.Context, a access.Actor, c Class) ([]Due, error) {
	if err := rules.Check(a, "retention.see", anywhere(a), access.Public); err != nil {
		return nil, err
	}
	by, err := s.rules(ctx)
	if err != nil || by[c].Days == 0 {
		return nil, err
	}
	v, err := s.sight(ctx, a)
	if err != nil {
		return nil, err
	}
	all, err := s.due(ctx, by[c], v)
	list := all[:0]
	for _, d := range all {
		if s.may(v.ended, a, "retention.see", d.Record) == nil {
			list = append(list, d)
		}
	}
	return list, err
}

// due is what is due by a rule of what v lets see: what a limit takes first must not be what is left out after it.
func (s *Service) due(ctx context.Context, r Rule, v sight) ([]Due, error) {
	cutoff := clock.Now(ctx).Truncate(24*time.Hour).AddDate(0, 0, -int(r.Days)) // a whole day: what is listed is still listed when it is ordered
	idle := func(kind, id string) string {
		return ` AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.subject_kind = '` + kind + `' AND e.subject_id = ` + id + ` AND e.state <> 'stopped')`
	}
	free := func(kind, id string) string {
		return idle(kind, id) + ` AND ` + id + ` NOT IN (` + kept(kind) + `)`
	}
	const unfunded = `COALESCE(p.decided_at, CASE WHEN p.state IN ('withdrawn', 'ineligible') OR p.state <> 'draft' AND c.state = 'cancelled' THEN COALESCE(c.closes_at, p.created_at) END)`
	q, scan := s.DB.Q(ctx), func(since func(*sql.Rows, *Due) error) func(*sql.Rows) (Due, error) {
		return func(rows *sql.Rows) (d Due, err error) {
			d.Class, d.Kind = r.Class, r.Class.kind()
			if err = since(rows, &d); err == nil {
				d.Since = d.Since.AddDate(0, 0, int(r.Days))
			}
			return d, err
		}
	}
	byTime := scan(func(rows *sql.Rows, d *Due) error { return rows.Scan(&d.ID, &d.Number, &d.Agency, db.Time(&d.Since)) })
	const limit = ` LIMIT $2`
	switch r.Class {
	case Draft:
		seen, args := v.where("'proposal'", "p.id", "p.agency_id", db.At(cutoff), MostDue)
		return db.Rows(ctx, q, byTime, `SELECT p.id, p.number, p.agency_id, COALESCE(c.closes_at, p.created_at) FROM proposal p JOIN call c ON c.id = p.call_id
			WHERE p.state = 'draft' AND p.submitted_at IS NULL AND COALESCE(c.closes_at, p.created_at) <= $1`+free("proposal", "p.id")+` AND `+seen+` ORDER BY 4, 1`+limit, args...)
	case Unfunded:
		seen, args := v.where("'proposal'", "p.id", "p.agency_id", db.At(cutoff), MostDue)
		return db.Rows(ctx, q, byTime, `SELECT p.id, p.number, p.agency_id, `+unfunded+` FROM proposal p JOIN call c ON c.id = p.call_id
			WHERE (p.state <> 'draft' OR p.submitted_at IS NOT NULL) AND `+unfunded+` <= $1 AND NOT EXISTS (SELECT 1 FROM award w WHERE w.proposal_id = p.id)`+free("proposal", "p.id")+` AND `+seen+` ORDER BY 4, 1`+limit, args...)
	case Award:
		byDay := scan(func(rows *sql.Rows, d *Due) (err error) {
			var day string
			if err = rows.Scan(&d.ID, &d.Number, &d.Agency, &day); err == nil {
				d.Since, err = time.Parse(time.DateOnly, day)
			}
			return err
		})
		seen, args := v.where("'award'", "w.id", "w.agency_id", cutoff.Format(time.DateOnly), MostDue)
		return db.Rows(ctx, q, byDay, `SELECT w.id, w.number, COALESCE(w.agency_id, ''), `+lastDay+` FROM award w WHERE `+lastDay+` <= $1
			AND NOT EXISTS (SELECT 1 FROM award o WHERE o.proposal_id = w.proposal_id AND (o.end_day > w.end_day OR o.end_day = w.end_day AND o.id < w.id))`+free("award", "w.id")+idle("proposal", "w.proposal_id")+` AND `+seen+` ORDER BY 4, 1`+limit, args...)
	case People:
		seen, args := v.where("'person'", "p.id", "''", db.At(cutoff), MostDue, db.At(clock.Now(ctx)))
		return db.Rows(ctx, q, byTime, `SELECT p.id, p.name, '', COALESCE(a.seen_at, a.created_at) FROM account a JOIN person p ON p.id = a.person_id
			WHERE p.state = 'active' AND COALESCE(a.seen_at, a.created_at) <= $1 AND NOT EXISTS (SELECT 1 FROM role_grant g WHERE g.account_id = a.id AND (g.until_at IS NULL OR g.until_at > $3))`+free("person", "p.id")+` AND `+seen+` ORDER BY 4, 1`+limit, args...)
	case Accounts:
		seen, args := v.where("'account'", "a.id", "''", db.At(cutoff), MostDue, db.At(clock.Now(ctx)))
		return db.Rows(ctx, q, byTime, `SELECT a.id, a.email, '', COALESCE(a.seen_at, a.created_at) FROM account a
			WHERE a.person_id IS NULL AND a.email NOT LIKE '%@erased.invalid' AND COALESCE(a.seen_at, a.created_at) <= $1 AND NOT EXISTS (SELECT 1 FROM role_grant g WHERE g.account_id = a.id AND (g.until_at IS NULL OR g.until_at > $3))
			AND NOT EXISTS (SELECT 1 FROM proposal p WHERE p.created_by = a.id)`+free("account", "a.id")+` AND `+seen+` ORDER BY 4, 1`+limit, args...)
	case Contacts:
		seen, args := v.where("'person'", "p.id", "''", db.At(cutoff), MostDue)
		return db.Rows(ctx, q, byTime, `SELECT p.id, p.name, '', `+lastUse+` FROM person p WHERE p.state = 'active' AND `+lastUse+` <= $1 AND NOT EXISTS (SELECT 1 FROM account a WHERE a.person_id = p.id)
			AND p.id NOT IN (`+onRecord+`)`+free("person", "p.id")+` AND `+seen+` ORDER BY 4, 1`+limit, args...)
	}
	return s.dueMails(ctx, r, cutoff)
}

// lastUse is when a person p without an account was last written down, or asked for a review.
const lastUse = `(SELECT max(u.at) FROM (SELECT p.changed_at AS at UNION ALL SELECT r.created_at FROM review r WHERE r.reviewer_person = p.id) u)`

// onRecord are the people who wait for the rules of others: while a proposal or award of theirs is on record, or they sit in a council.
const onRecord = `SELECT t.lead_person FROM proposal t WHERE t.lead_person IS NOT NULL UNION SELECT t.person_id FROM proposal_member t WHERE t.person_id IS NOT NULL
	UNION SELECT t.lead_person FROM award t WHERE t.lead_person IS NOT NULL UNION SELECT t.person_id FROM award_party t WHERE t.person_id IS NOT NULL UNION SELECT t.person_id FROM council_seat t WHERE t.until_day = ''`

// dueMails is one line for all mails that were sent before the rule's time and that no hold keeps: those that the inventory names.
func (s *Service) dueMails(ctx context.Context, r Rule, cutoff time.Time) ([]Due, error) {
	var n int64
	var first time.Time
	before := strconv.FormatInt(cutoff.UnixMicro(), 10)
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*), MIN(COALESCE(sent_at, created_at)) FROM mail_message WHERE `+mailsBefore, before).Scan(&n, db.Time(&first))
	if err != nil || n == 0 {
		return nil, err
	}
	return []Due{{Record{Kind: "mail", ID: before, Number: fmt.Sprint(n)}, r.Class, first.AddDate(0, 0, int(r.Days))}}, nil
}

// unitOf is the unit of a proposal or award.
func (s *Service) unitOf(ctx context.Context, r Record) ([]unit, error) {
	proposal := r.ID
	if r.Kind == "award" {
		list, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT COALESCE(proposal_id, '') FROM award WHERE id = $1`, r.ID)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		if proposal = list[0]; proposal == "" {
			return db.Rows(ctx, s.DB.Q(ctx), scanUnit, `SELECT 'award', w.id, w.number, COALESCE(w.agency_id, ''), w.state, 1, NULL, NULL, w.created_at, COALESCE(`+lastDay+`, ''), 1, 'lead' FROM award w WHERE w.id = $1`, r.ID)
		}
	}
	return db.Rows(ctx, s.DB.Q(ctx), scanUnit, `SELECT `+proposalUnit+`, 'lead' FROM proposal p JOIN call c ON c.id = p.call_id WHERE p.id = $1`, proposal)
}

// mostErasures is how many erasures are listed at once.
const mostErasures = 100

// Erasures lists the newest erasures of records that a may see.
func (s *Service) Erasures(ctx context.Context, a access.Actor) ([]Erasure, error) {
	if err := rules.Check(a, "retention.see", anywhere(a), access.Public); err != nil {
		return nil, err
	}
	v, err := s.sight(ctx, a)
	if err != nil {
		return nil, err
	}
	seen, args := v.where("e.subject_kind", "e.subject_id", "e.agency_id")
	all, err := s.erasures(ctx, seen, args...)
	list := all[:0]
	for _, e := range all {
		if s.may(v.ended, a, "retention.see", e.of()) == nil {
			list = append(list, e)
		}
	}
	return list, err
}

// of is the record that was or is to be erased.
func (e Erasure) of() Record { return Record{Kind: e.Kind, ID: e.Subject, Agency: e.Agency} }

// Erasure is one erasure. Errors: NotFound.
func (s *Service) Erasure(ctx context.Context, a access.Actor, id string) (Erasure, error) {
	list, err := s.erasures(ctx, `e.id = $1`, id)
	if err != nil {
		return Erasure{}, err
	}
	ended, err := s.ended(ctx, a)
	if err != nil {
		return Erasure{}, err
	}
	if len(list) == 0 || s.may(ended, a, "retention.see", list[0].of()) != nil {
		return Erasure{}, fault.Missing()
	}
	return list[0], nil
}

// Receipt is the signed receipt of an erasure that was done. Errors: NotFound.
func (s *Service) Receipt(ctx context.Context, a access.Actor, id string) (ledger.Receipt, error) {
	e, err := s.Erasure(ctx, a, id)
	if err != nil {
		return ledger.Receipt{}, err
	}
	if e.Entry == "" {
		return ledger.Receipt{}, fault.Missing()
	}
	return s.Ledger.ReceiptOf(ctx, e.Entry)
}

func (s *Service) erasures(ctx context.Context, where string, args ...any) ([]Erasure, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (e Erasure, err error) {
		return e, r.Scan(&e.ID, &e.Number, &e.Kind, &e.Subject, &e.SubjectNumber, &e.Agency, &e.Class, &e.Reason, &e.State, db.FromJSON(&e.Result), db.Time(&e.Created), db.Time(&e.Done), &e.Entry)
	}, `SELECT e.id, e.number, e.subject_kind, e.subject_id, COALESCE(p.number, w.number, ''), e.agency_id, e.record_class, e.reason, e.state, e.result, e.created_at, e.done_at, e.entry_id
		FROM erasure e LEFT JOIN proposal p ON e.subject_kind = 'proposal' AND p.id = e.subject_id LEFT JOIN award w ON e.subject_kind = 'award' AND w.id = e.subject_id
		WHERE `+where+` ORDER BY e.created_at DESC, e.id DESC LIMIT `+strconv.Itoa(mostErasures), args...)
}

// Done lists the subjects of all erasures, the oldest first, as "kind key": what is to be erased again after
// an older backup was restored. For the command line.
func (s *Service) Done(ctx context.Context) ([]string, error) {
	return db.Strings(ctx, s.DB.Q(ctx), `SELECT subject_kind || ' ' || subject_id FROM erasure WHERE state = 'done' AND subject_kind <> 'mail' ORDER BY done_at, id`)
}

// Again erases what was erased before an older backup was restored. It reports false where the record
// is not there or was erased in the backup already. A hold of that time does not stop what was done since. For the command line.
func (s *Service) Again(ctx context.Context, kind, id string) (again bool, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.aloneErasing(ctx); err != nil {
			return err
		}
		done, err := s.erasures(ctx, `e.subject_kind = $1 AND e.subject_id = $2 AND e.state = 'done'`, kind, id)
		if err != nil || len(done) > 0 {
			return err
		}
		r, err := s.find(ctx, access.System, "retention.erase", kind, id)
		if fault.Is(err, fault.Invalid) {
			return nil
		}
		if err != nil {
			return err
		}
		made, err := s.write(ctx, access.System, r, Wish{Reason: "erased before the backup was restored"})
		if err != nil {
			return err
		}
		w, err := s.gather(ctx, kind, r.ID)
		if err != nil {
			return err
		}
		again, w.heed = true, false
		return s.carryOut(ctx, made, w)
	})
	return again, err
}

// Compact takes what was deleted out of the database's files. Nobody can write meanwhile. For the command line.
func (s *Service) Compact(ctx context.Context) error {
	if err := work.Do(ctx, s.DB, s.Search.Merge); err != nil {
		return err
	}
	return s.DB.Compact(ctx)
}
