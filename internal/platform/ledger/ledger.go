package ledger

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/seal"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Ledger appends, places and proves. It is safe for concurrent use, also by
// several processes on one database.
type Ledger struct {
	db     *db.DB
	origin string // first line of every head: names this ledger
	keys   seal.Keys
	signer atomic.Pointer[signer]
	nudge  chan struct{}
	blocks blocks
}

// Open opens the ledger of a migrated database. The first time it makes the
// signing key. origin names the ledger in its heads; it should not change.
func Open(ctx context.Context, d *db.DB, origin string) (*Ledger, error) {
	return OpenSealed(ctx, d, origin, nil)
}

// OpenSealed is Open where the signing key is sealed in the database: a first one, and one that is not sealed yet, are
// sealed by it. Without keys that fit, the ledger is Locked.
func OpenSealed(ctx context.Context, d *db.DB, origin string, keys seal.Keys) (*Ledger, error) {
	l := &Ledger{db: d, origin: origin, keys: keys, nudge: make(chan struct{}, 1)}
	if err := l.loadSigner(ctx); err != nil {
		return nil, fmt.Errorf("ledger key: %w", err)
	}
	return l, l.begin(ctx)
}

// told is the payload of an entry.
type told struct {
	Why    string `json:"why,omitempty"`
	What   any    `json:"what,omitempty"`
	Erased Erased `json:"erased,omitempty"`
}

// Append records an act in the unit of work of ctx, which must have one. The
// entry is as durable as what it tells of; its position comes later, from Sequence.
func (l *Ledger) Append(ctx context.Context, a access.Actor, e Entry) (id string, err error) {
	q := l.db.Tx(ctx)
	if q == nil {
		return "", errors.New("ledger: an entry outside a unit of work")
	}
	body, err := json.Marshal(told{e.Why, e.Payload, e.Erased})
	if err != nil {
		return "", fmt.Errorf("ledger: payload of %s: %w", e.Act, err)
	}
	p := Placed{ID: clock.ID(ctx), At: clock.Now(ctx), Delegation: a.Delegation, Act: e.Act, Kind: e.Kind, Subject: e.ID, Agency: e.Agency,
		Payload: string(body), salt: hex.EncodeToString(clock.Bytes(ctx, 16))}
	// The account acts; while it acts for another the delegate is the actor and the other the one acted for.
	actor, behalf := a.Person, ""
	if a.Delegate != "" {
		actor, behalf = a.Delegate, a.Person
	}
	if actor == "" {
		actor = a.Account
	}
	if p.Actor, err = l.pseudonym(ctx, q, actor); err != nil {
		return "", err
	}
	if p.Behalf, err = l.pseudonym(ctx, q, behalf); err != nil {
		return "", err
	}
	p.Commitment = commitment(p.salt, p.Payload)
	p.Leaf = hex.EncodeToString(p.hash())
	if err := insert(ctx, q, p); err != nil {
		return "", err
	}
	work.After(ctx, func(context.Context) { l.wake() })
	return p.ID, nil
}

func insert(ctx context.Context, q db.Querier, p Placed) error {
	_, err := q.ExecContext(ctx, `INSERT INTO ledger_entry (id, at, actor, behalf, delegation_id, act, subject_kind, subject_id, agency_id, payload_hash, leaf)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		p.ID, db.At(p.At), p.Actor, p.Behalf, p.Delegation, p.Act, p.Kind, p.Subject, p.Agency, p.Commitment, p.Leaf)
	if err != nil {
		return fmt.Errorf("ledger entry: %w", err)
	}
	if _, err = q.ExecContext(ctx, `INSERT INTO ledger_payload (entry_id, salt, body) VALUES ($1, $2, $3)`, p.ID, p.salt, p.Payload); err != nil {
		return fmt.Errorf("ledger payload: %w", err)
	}
	return nil
}

// pseudonym is the name of a person or account in the ledger: the hash of a salt and of who
// it is, so that its row cannot be made another's, and says nothing once its row is erased.
func (l *Ledger) pseudonym(ctx context.Context, q db.Querier, who string) (string, error) {
	if who == "" {
		return "", nil
	}
	// The no-op update makes RETURNING give the row that was there before.
	salt := hex.EncodeToString(clock.Bytes(ctx, 12))
	row := q.QueryRowContext(ctx, `INSERT INTO ledger_pseudonym (person_id, pseudonym, salt) VALUES ($1, $2, $3)
		ON CONFLICT (person_id) DO UPDATE SET person_id = excluded.person_id RETURNING pseudonym`, who, bound(salt, who), salt)
	var name string
	if err := row.Scan(&name); err != nil {
		return "", fmt.Errorf("ledger pseudonym: %w", err)
	}
	return name, nil
}

// boundLength tells pseudonyms that are bound to who they stand for from older ones, which were random.
const boundLength = 32

// bound is the pseudonym of who under a salt: the first 128 bits of SHA-256(salt ‖ who), in hex.
func bound(salt, who string) string { return commitment(salt, who)[:boundLength] }

const columns = `e.id, COALESCE(e.position, -1), e.at, e.actor, e.behalf, e.delegation_id, e.act, e.subject_kind, e.subject_id, e.agency_id,
	e.payload_hash, e.leaf, COALESCE(p.salt, ''), COALESCE(p.body, ''), CASE WHEN p.entry_id IS NULL OR p.erased_at IS NOT NULL THEN 1 ELSE 0 END`

func scan(r *sql.Rows) (Placed, error) {
	var p Placed
	err := r.Scan(&p.ID, &p.Position, db.Time(&p.At), &p.Actor, &p.Behalf, &p.Delegation, &p.Act, &p.Kind, &p.Subject, &p.Agency,
		&p.Commitment, &p.Leaf, &p.salt, &p.Payload, &p.Erased)
	return p, err
}

// Of lists the entries about one record, the oldest first.
func (l *Ledger) Of(ctx context.Context, kind, id string) ([]Placed, error) {
	return db.Rows(ctx, l.db.Q(ctx), scan, `SELECT `+columns+` FROM ledger_entry e LEFT JOIN ledger_payload p ON p.entry_id = e.id
		WHERE e.subject_kind = $1 AND e.subject_id = $2 ORDER BY e.at, e.id`, kind, id)
}

// Acts is how many entries there are, placed or not. It grows with every act that is committed, so
// that what was derived from the record holds while it stays. O(entries that wait for their position).
func (l *Ledger) Acts(ctx context.Context) (n int64, err error) {
	err = l.db.Q(ctx).QueryRowContext(ctx, `SELECT size + (SELECT count(*) FROM ledger_entry WHERE position IS NULL) FROM ledger_head WHERE id = 1`).Scan(&n)
	return n, err
}

// Latest lists placed entries from the newest down, below position before (0: from the end).
func (l *Ledger) Latest(ctx context.Context, before int64, limit int) ([]Placed, error) {
	if before <= 0 {
		before = 1 << 62
	}
	return db.Rows(ctx, l.db.Q(ctx), scan, `SELECT `+columns+` FROM ledger_entry e LEFT JOIN ledger_payload p ON p.entry_id = e.id
		WHERE e.position < $1 ORDER BY e.position DESC LIMIT $2`, before, limit)
}

// Who names the person or account behind a pseudonym, "" once forgotten. For auditors.
func (l *Ledger) Who(ctx context.Context, pseudonym string) (string, error) {
	var who string
	err := l.db.Q(ctx).QueryRowContext(ctx, `SELECT person_id FROM ledger_pseudonym WHERE pseudonym = $1`, pseudonym).Scan(&who)
	if db.IsNone(err) {
		return "", nil
	}
	return who, err
}
