package ledger

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// batchSize bounds one batch, so that a long queue is placed in several commits.
const batchSize = 2000

// head is the single row that orders the batches.
type head struct {
	size    int64
	root    string
	compact [][]byte
	version int64
}

// begin writes the head of the empty tree the first time.
func (l *Ledger) begin(ctx context.Context) error {
	return work.Do(ctx, l.db, func(ctx context.Context) error {
		var n int
		if err := l.db.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM ledger_head`).Scan(&n); err != nil || n > 0 {
			return err
		}
		now := clock.Now(ctx)
		signed, err := l.sign(headText(l.origin, 0, rfc6962.DefaultHasher.EmptyRoot(), now))
		if err != nil {
			return err
		}
		_, err = l.db.Q(ctx).ExecContext(ctx, `INSERT INTO ledger_head (id, size, root, compact, note, at, version) VALUES (1, 0, $1, '[]', $2, $3, 1)
			ON CONFLICT (id) DO NOTHING`, hex.EncodeToString(rfc6962.DefaultHasher.EmptyRoot()), signed, db.At(now))
		return err
	})
}

// headText is a checkpoint: origin, size, root in base64, and the time in an extension line.
func headText(origin string, size int64, root []byte, at time.Time) string {
	return fmt.Sprintf("%s\n%d\n%s\ntime %s\n", origin, size, base64.StdEncoding.EncodeToString(root), at.UTC().Format(time.RFC3339Nano))
}

func parseHead(text string) (origin string, size int64, root []byte, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return "", 0, nil, errors.New("a head has an origin, a size, a root and a time, each on its line")
	}
	if size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return "", 0, nil, fmt.Errorf("size of the head: %w", err)
	}
	if root, err = base64.StdEncoding.DecodeString(lines[2]); err != nil {
		return "", 0, nil, fmt.Errorf("root of the head: %w", err)
	}
	return lines[0], size, root, nil
}

// Sequence places the entries that wait, in batches, and seals each with a
// signed head. It returns how many were placed. Several processes may call it at
// once: a batch is committed only if nobody moved the head meanwhile, and a lost
// race leaves nothing behind. A batch of n entries costs O(n + log size).
func (l *Ledger) Sequence(ctx context.Context) (placed int, err error) {
	for {
		n, err := l.batch(ctx)
		placed += n
		if err != nil || n < batchSize {
			return placed, err
		}
	}
}

var errRace = errors.New("ledger: another sequencer moved the head")

func (l *Ledger) batch(ctx context.Context) (n int, err error) {
	var waiting int
	if err := l.db.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM ledger_entry WHERE position IS NULL LIMIT 1) q`).Scan(&waiting); err != nil || waiting == 0 {
		return 0, err
	}
	err = work.Do(ctx, l.db, func(ctx context.Context) error {
		h, err := l.head(ctx)
		if err != nil {
			return err
		}
		if err := l.claim(ctx, h); err != nil {
			return err
		}
		open, err := db.Rows(ctx, l.db.Q(ctx), func(r *sql.Rows) (e [2]string, err error) {
			return e, r.Scan(&e[0], &e[1])
		}, `SELECT id, leaf FROM ledger_entry WHERE position IS NULL ORDER BY id LIMIT $1`, batchSize)
		if err != nil || len(open) == 0 {
			return err
		}
		n = len(open)
		if err := l.follow(ctx); err != nil {
			return err
		}
		return l.seal(ctx, h, open)
	})
	if errors.Is(err, errRace) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (l *Ledger) head(ctx context.Context) (head, error) {
	var h head
	var hashes []string
	err := l.db.Q(ctx).QueryRowContext(ctx, `SELECT size, root, compact, version FROM ledger_head WHERE id = 1`).Scan(&h.size, &h.root, db.FromJSON(&hashes), &h.version)
	for _, s := range hashes {
		b, e := hex.DecodeString(s)
		err = errors.Join(err, e)
		h.compact = append(h.compact, b)
	}
	return h, err
}

// claim moves the head's version from the one that was read, before any position
// is given: who comes second finds another version there and leaves.
func (l *Ledger) claim(ctx context.Context, h head) error {
	res, err := l.db.Q(ctx).ExecContext(ctx, `UPDATE ledger_head SET version = version + 1 WHERE id = 1 AND version = $1`, h.version)
	if err != nil {
		return err
	}
	if moved, err := res.RowsAffected(); err != nil || moved != 1 {
		return errors.Join(errRace, err)
	}
	return nil
}

var factory = compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}

// seal gives the open entries their positions and moves the head over them.
func (l *Ledger) seal(ctx context.Context, h head, open [][2]string) error {
	r := factory.NewEmptyRange(0)
	var err error
	if h.size > 0 {
		if r, err = factory.NewRange(0, uint64(h.size), h.compact); err != nil {
			return err
		}
	}
	q := l.db.Q(ctx)
	for i, e := range open {
		leaf, err := hex.DecodeString(e[1])
		if err != nil {
			return err
		}
		if err := r.Append(leaf, nil); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, `UPDATE ledger_entry SET position = $2 WHERE id = $1`, e[0], h.size+int64(i)); err != nil {
			return err
		}
	}
	size := h.size + int64(len(open))
	root, err := r.GetRootHash(nil)
	if err != nil {
		return err
	}
	now := clock.Now(ctx)
	signed, err := l.sign(headText(l.origin, size, root, now))
	if err != nil {
		return err
	}
	var hashes []string
	for _, b := range r.Hashes() {
		hashes = append(hashes, hex.EncodeToString(b))
	}
	compactJSON, err := json.Marshal(hashes)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `UPDATE ledger_head SET size = $1, root = $2, compact = $3, note = $4, at = $5 WHERE id = 1`,
		size, hex.EncodeToString(root), string(compactJSON), signed, db.At(now))
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO ledger_batch (size, first, root, note, at) VALUES ($1, $2, $3, $4, $5)`, size, h.size, hex.EncodeToString(root), signed, db.At(now))
	return err
}

func (l *Ledger) wake() {
	select {
	case l.nudge <- struct{}{}:
	default:
	}
}

// Run places entries until ctx ends: soon after each commit in this process,
// and at least every second for those of others.
func (l *Ledger) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-l.nudge:
		}
		if _, err := l.Sequence(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "ledger: a batch was not placed; it is tried again", "error", err)
		}
	}
}

// Head is the newest signed head.
func (l *Ledger) Head(ctx context.Context) (string, error) {
	var s string
	err := l.db.Q(ctx).QueryRowContext(ctx, `SELECT note FROM ledger_head WHERE id = 1`).Scan(&s)
	return s, err
}

// Batch is one sealed batch.
type Batch struct {
	Size, First int64
	Root, Note  string
	At          time.Time
}

// Batches lists sealed batches from the newest down.
func (l *Ledger) Batches(ctx context.Context, limit int) ([]Batch, error) {
	return db.Rows(ctx, l.db.Q(ctx), scanBatch, `SELECT size, first, root, note, at FROM ledger_batch ORDER BY size DESC LIMIT $1`, limit)
}

func scanBatch(r *sql.Rows) (b Batch, err error) {
	return b, r.Scan(&b.Size, &b.First, &b.Root, &b.Note, db.Time(&b.At))
}

// State is how far the ledger has come.
type State struct {
	Size    int64     // entries placed
	Waiting int64     // entries not placed yet
	Oldest  time.Time // of those that wait; zero if none does
}

// State reads how far the ledger has come: what monitoring looks at.
func (l *Ledger) State(ctx context.Context) (State, error) {
	var s State
	q := l.db.Q(ctx)
	if err := q.QueryRowContext(ctx, `SELECT size FROM ledger_head WHERE id = 1`).Scan(&s.Size); err != nil {
		return s, err
	}
	err := q.QueryRowContext(ctx, `SELECT count(*), MIN(at) FROM ledger_entry WHERE position IS NULL`).Scan(&s.Waiting, db.Time(&s.Oldest))
	return s, err
}
