package retention

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/search"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Service is the only way into retention. Every field is set by internal/app.
type Service struct {
	DB     *db.DB
	Ledger *ledger.Ledger
	Files  *file.Store
	Search *search.Index
	Jobs   *job.Queue
	// Reindex makes awards findable as they are now, in the unit of work of ctx.
	Reindex func(ctx context.Context, awards ...string) error
	Notify  Notify
	// Accounts and Mail reach who asks without an account.
	Accounts *account.Service
	Mail     *mail.Service

	Conflicted access.Conflicted // finds proposals: of them, and of what was given to them, a must not know here
}

// Sweep is the kind of the job that removes content of which no row is left. Erase is that of an erasure.
const (
	Sweep = "file.sweep"
	Erase = "retention.erase"
)

// sweepAfter is how long after an erasure its files' content is removed: longer than the file
// store lets content rest whose row may be about to be committed.
const sweepAfter = 2 * time.Hour

// States of an erasure.
const (
	Waits   = "waits"
	Done    = "done"
	Stopped = "stopped" // a hold was placed, or the record was gone, before it ran
)

// Erasure is an erasing that was ordered, and what became of it. It names its subject by key only.
type Erasure struct {
	ID, Number    string
	Kind, Subject string
	SubjectNumber string // of a proposal or award
	Agency        string
	Class         Class // "" where somebody asked
	Reason        string
	State         string
	Result        Result
	Created, Done time.Time
	Entry         string // of the ledger
}

// Record is something that can be erased or held, as those see it who may do it.
type Record struct {
	Kind, ID, Number string
	Agency           string
}

// find is a record by its number or key, if a may act on it.
// Errors: Invalid where there is none; NotFound and NotAllowed by the act's rule.
func (s *Service) find(ctx context.Context, a access.Actor, act access.Act, kind, ref string) (Record, error) {
	r := Record{Kind: kind}
	query := map[string]string{
		"proposal": `SELECT id, number, agency_id FROM proposal WHERE id = $1 OR number = $1`,
		"award":    `SELECT id, number, COALESCE(agency_id, '') FROM award WHERE id = $1 OR number = $1`,
		"call":     `SELECT id, number, agency_id FROM call WHERE id = $1 OR number = $1`,
		"person":   `SELECT id, name, '' FROM person WHERE id = $1 AND state <> 'erased'`,
		"account":  `SELECT id, email, '' FROM account WHERE id = $1 AND person_id IS NULL AND email NOT LIKE '%@erased.invalid'`,
	}[kind]
	if query == "" {
		return r, fault.Field("kind", "fault.choice")
	}
	err := s.DB.Q(ctx).QueryRowContext(ctx, query, ref).Scan(&r.ID, &r.Number, &r.Agency)
	if db.IsNone(err) {
		return r, fault.Field("ref", "retention.unknown", ref)
	}
	if err != nil {
		return r, err
	}
	// What an officer of another agency may not know of is the same as what is not there.
	ended, err := s.ended(ctx, a)
	if err != nil {
		return r, err
	}
	if err := s.may(ended, a, act, r); fault.Is(err, fault.NotFound) || fault.Is(err, fault.NotAllowed) {
		return r, fault.Field("ref", "retention.unknown", ref)
	} else if err != nil {
		return r, err
	}
	return r, nil
}

// ended are the records of which a knows by no role, as a conflict of interest ends that: proposals, and what was given to them.
func (s *Service) ended(ctx context.Context, a access.Actor) (map[key]bool, error) {
	out := map[key]bool{}
	tied, err := award.Tied(ctx, s.DB, a)
	if err != nil {
		return nil, err
	}
	for id := range tied {
		out[key{"award", id}] = true
	}
	conflicted, err := s.Conflicted.Of(ctx, a)
	if err != nil {
		return nil, err
	}
	for id := range conflicted {
		out[key{"proposal", id}] = true
	}
	awards, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (id string, err error) { return id, r.Scan(&id) },
		`SELECT id FROM award WHERE proposal_id IN {keys}`, slices.Sorted(maps.Keys(conflicted)))
	for _, id := range awards {
		out[key{"award", id}] = true
	}
	return out, err
}

// sight is what may says of many records at once, for what a query takes only a part of.
type sight struct {
	agencies []string
	all      bool // every agency's
	people   bool // people and mails too
	ended    map[key]bool
}

func (s *Service) sight(ctx context.Context, a access.Actor) (v sight, err error) {
	if v.ended, err = s.ended(ctx, a); err != nil {
		return v, err
	}
	v.agencies, v.all = a.Scopes("agency", access.Officer, access.Auditor, access.Admin)
	v.all = v.all || a.System
	v.people = s.may(nil, a, "retention.see", Record{Kind: "person"}) == nil
	return v, nil
}

// where is the condition on records of which a query knows kind, key and agency, with its arguments after those given.
func (v sight) where(kind, id, agency string, args ...any) (string, []any) {
	of := map[bool]string{false: "1 = 0", true: "1 = 1"}
	ours := of[true]
	if !v.all {
		in, ids := db.In(len(args)+1, v.agencies)
		ours, args = agency+" IN "+in, append(args, ids...)
	}
	out := `CASE WHEN ` + kind + ` IN ('person', 'account', 'mail') THEN ` + of[v.people] + ` ELSE ` + ours + ` END`
	for _, hidden := range []string{"proposal", "award"} {
		var ids []string
		for _, k := range slices.SortedFunc(maps.Keys(v.ended), func(a, b key) int { return strings.Compare(a.id, b.id) }) {
			if k.kind == hidden {
				ids = append(ids, k.id)
			}
		}
		if len(ids) > 0 {
			in, more := db.In(len(args)+1, ids)
			out, args = out+` AND NOT (`+kind+` = '`+hidden+`' AND `+id+` IN `+in+`)`, append(args, more...)
		}
	}
	return out, args
}

// may lets a do an act on a record that is none of those whose knowledge has ended for a.
func (s *Service) may(ended map[key]bool, a access.Actor, act access.Act, r Record) error {
	if ended[key{r.Kind, r.ID}] {
		return fault.Missing()
	}
	have := a.Staffing(r.Agency, "", "")
	if r.Kind == "person" || r.Kind == "account" || r.Kind == "mail" {
		have &^= access.Staff
		if a.System {
			have |= access.Operator
		}
	}
	return rules.Check(a, act, have, access.Of(access.Staff, access.Operator, access.Audit))
}

// Foresee is the dry run of an erasure: what it would touch, what rules keep, which holds stop it.
// Errors: as Order.
func (s *Service) Foresee(ctx context.Context, a access.Actor, kind, ref string) (Record, Result, error) {
	r, err := s.erasable(ctx, a, kind, ref)
	if err != nil {
		return r, Result{}, err
	}
	result, err := s.foresee(ctx, r.Kind, r.ID)
	if err == nil {
		result.Holds, err = s.shown(ctx, a, result.Holds)
	}
	return r, result, err
}

// erasable is a record that a may erase.
func (s *Service) erasable(ctx context.Context, a access.Actor, kind, ref string) (Record, error) {
	if kind == "mail" {
		r := Record{Kind: kind, ID: ref, Number: ref}
		return r, s.may(nil, a, "retention.erase", r)
	}
	if kind == "call" { // a call can be held, not erased
		return Record{}, fault.Field("kind", "fault.choice")
	}
	return s.find(ctx, a, "retention.erase", kind, ref)
}

// Wish orders an erasure.
type Wish struct {
	Kind, Ref string
	Class     Class // the rule by which it is due; "" where somebody asked
	Reason    string
	After     time.Duration // how long it waits before it is carried out
}

// Order has a record erased by a job, soon. A proposal or award that is still in its time is not erased by this way unless
// it is due: only a person's own record can be erased before any time is over, and then rules keep what they keep.
// Errors: Invalid without a reason or for what is not there; Conflict where a hold stands, it is not due, or it is under way.
func (s *Service) Order(ctx context.Context, a access.Actor, in Wish) (id string, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		r, err := s.erasable(ctx, a, in.Kind, in.Ref)
		if err != nil {
			return err
		}
		if in.Reason == "" {
			return fault.Field("reason", "fault.required")
		}
		if err := s.ready(ctx, a, r); err != nil {
			return err
		}
		id, err = s.order(ctx, a, r, in)
		return err
	})
	return id, err
}

// ready refuses a record that is held, under way, or in its time.
func (s *Service) ready(ctx context.Context, a access.Actor, r Record) error {
	held, err := s.stops(ctx, r.Kind, r.ID)
	if err == nil {
		held, err = s.shown(ctx, a, held)
	}
	if err != nil {
		return err
	}
	if len(held) > 0 && held[0].ID == "" {
		return fault.New(fault.Conflict, "retention.held.elsewhere")
	}
	if len(held) > 0 {
		return fault.New(fault.Conflict, "retention.held", held[0].Reason)
	}
	waits, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM erasure WHERE subject_kind = $1 AND subject_id = $2 AND state = 'waits'`, r.Kind, r.ID)
	if err != nil {
		return err
	}
	if len(waits) > 0 {
		return fault.New(fault.Conflict, "retention.underway")
	}
	return s.inTime(ctx, r)
}

// inTime refuses a proposal or award whose rule still keeps it.
func (s *Service) inTime(ctx context.Context, r Record) error {
	if r.Kind != "proposal" && r.Kind != "award" {
		return nil
	}
	by, err := s.rules(ctx)
	if err != nil {
		return err
	}
	units, err := s.unitOf(ctx, r)
	for _, u := range units {
		if rule := by[u.class]; !rule.over(u.start, clock.Now(ctx)) {
			return fault.New(fault.Conflict, "retention.intime")
		}
	}
	return err
}

func (s *Service) order(ctx context.Context, a access.Actor, r Record, in Wish) (string, error) {
	e, err := s.write(ctx, a, r, in)
	if err != nil {
		return "", err
	}
	return e.ID, s.Jobs.Enqueue(ctx, Erase, Ordered{e.ID}, job.Unique(e.ID), job.At(e.Created.Add(in.After)))
}

// write notes that an erasure was ordered.
func (s *Service) write(ctx context.Context, a access.Actor, r Record, in Wish) (Erasure, error) {
	e := Erasure{ID: clock.ID(ctx), Kind: r.Kind, Subject: r.ID, Agency: r.Agency, Class: in.Class, Reason: in.Reason, State: Waits, Created: clock.Now(ctx)}
	var err error
	if e.Number, err = number.Next(ctx, s.DB, "E"); err != nil {
		return e, err
	}
	if err := s.exec(ctx, `INSERT INTO erasure (id, number, subject_kind, subject_id, agency_id, record_class, reason, state, by_account, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.ID, e.Number, e.Kind, e.Subject, e.Agency, string(e.Class), e.Reason, e.State, a.Account, db.At(e.Created)); err != nil {
		return e, err
	}
	return e, s.note(ctx, a, "retention.order", "erasure", e.ID, e.Agency, e.Reason, map[string]string{"number": e.Number, "kind": e.Kind})
}

// Ordered is the argument of the job that runs an erasure.
type Ordered struct {
	ID string `json:"id"`
}

// Run does an erasure that was ordered: the job. It may run twice; the second time does nothing.
func (s *Service) Run(ctx context.Context, o Ordered) error {
	list, err := Forgotten(ctx, s.DB)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		return fmt.Errorf("retention: this program does not know what %v hold: a newer one has to erase", list)
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.aloneErasing(ctx); err != nil {
			return err
		}
		list, err := s.erasures(ctx, `e.id = $1 AND e.state = 'waits'`, o.ID)
		if err != nil || len(list) == 0 {
			return err
		}
		e := list[0]
		if err := s.grip(ctx, e.Kind, e.Subject); err != nil {
			return err
		}
		w, err := s.gather(ctx, e.Kind, e.Subject)
		if db.IsNone(err) { // the person is gone
			return s.end(ctx, e, Stopped, Result{}, "")
		}
		if err != nil {
			return err
		}
		held, err := s.stops(ctx, e.Kind, e.Subject)
		if err != nil {
			return err
		}
		if len(held) > 0 {
			return s.end(ctx, e, Stopped, Result{}, "")
		}
		return s.carryOut(ctx, e, w)
	})
}

// carryOut erases and certifies, inside a unit of work.
func (s *Service) carryOut(ctx context.Context, e Erasure, w whole) error {
	result, err := s.erase(ctx, w)
	if err != nil {
		return err
	}
	return s.certify(ctx, e, result)
}

// certify ends an erasure with its ledger entry and the signed receipt of what was done.
func (s *Service) certify(ctx context.Context, e Erasure, result Result) error {
	entry, err := s.Ledger.Append(ctx, access.System, ledger.Entry{Act: "retention.erase", Kind: "erasure", ID: e.ID, Agency: e.Agency, Payload: map[string]any{"number": e.Number, "kind": e.Kind, "subject": e.Subject}, Erased: result.erased})
	if err != nil {
		return err
	}
	e.State, e.Done, e.Result = Done, clock.Now(ctx), result
	sum := sha256.Sum256(e.Certificate())
	if _, err := s.Ledger.Receipt(ctx, entry, hex.EncodeToString(sum[:]), e.Created); err != nil {
		return err
	}
	if err := s.Jobs.Enqueue(ctx, Sweep, nil, job.At(e.Done.Add(sweepAfter))); err != nil {
		return err
	}
	return s.end(ctx, e, Done, result, entry)
}

func (s *Service) end(ctx context.Context, e Erasure, state string, result Result, entry string) error {
	return s.exec(ctx, `UPDATE erasure SET state = $2, result = $3, done_at = $4, entry_id = $5 WHERE id = $1`, e.ID, state, db.JSON(result), db.At(clock.Now(ctx)), entry)
}

// Certificate is what the signed receipt of an erasure vouches for, byte by byte.
func (e Erasure) Certificate() []byte {
	return []byte(db.JSON(struct {
		Number  string    `json:"number"`
		Kind    string    `json:"kind"`
		Subject string    `json:"subject"`
		Class   Class     `json:"class,omitempty"`
		Ordered time.Time `json:"ordered"`
		Done    time.Time `json:"done"`
		Result  Result    `json:"result"`
	}{e.Number, e.Kind, e.Subject, e.Class, e.Created, e.Done, e.Result}) + "\n")
}

func (s *Service) note(ctx context.Context, a access.Actor, act, kind, id, agency, why string, what any) error {
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: kind, ID: id, Agency: agency, Why: why, Payload: what})
	return err
}

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	return err
}

// change runs a statement and counts the rows it changed.
func (s *Service) change(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// OrderDue orders the erasing of records of a class that are due, each for itself. What is not due (any more), or held, is left out.
// Errors: Invalid without a reason, or where none of them is due.
func (s *Service) OrderDue(ctx context.Context, a access.Actor, c Class, ids []string, reason string) error {
	if reason == "" {
		return fault.Field("reason", "fault.required")
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		list, err := s.Due(ctx, a, c)
		if err != nil {
			return err
		}
		ordered := 0
		for _, d := range list {
			if !slices.Contains(ids, d.ID) {
				continue
			}
			_, err := s.Order(ctx, a, Wish{Kind: d.Kind, Ref: d.ID, Class: c, Reason: reason})
			if fault.Is(err, fault.Conflict) {
				continue
			}
			if err != nil {
				return err
			}
			ordered++
		}
		if ordered == 0 {
			return fault.Field("id", "retention.nonedue")
		}
		return nil
	})
}
