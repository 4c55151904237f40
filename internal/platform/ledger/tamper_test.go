package ledger_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// forger changes a ledger in one random way and says what it did and to which
// entries; an empty list where no entry can be named.
type forger struct {
	ctx  context.Context
	d    *db.DB
	r    *rand.Rand
	ids  []string // in the order of their positions
	what string
}

func (f *forger) exec(query string, args ...any) error {
	res, err := f.d.Q(f.ctx).ExecContext(f.ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fmt.Errorf("%s changed nothing: %w", f.what, err)
	}
	return nil
}

// column puts another value into one column of one entry.
func (f *forger) column() ([]string, error) {
	column := []string{"actor", "behalf", "delegation_id", "act", "subject_kind", "subject_id", "agency_id", "payload_hash", "leaf"}[f.r.IntN(9)]
	f.what = column
	value := fmt.Sprintf("%064x", f.r.Uint64())
	id := f.ids[f.r.IntN(len(f.ids))]
	return []string{id}, f.exec(`UPDATE ledger_entry SET `+column+` = $2 WHERE id = $1`, id, value)
}

func (f *forger) time() ([]string, error) {
	f.what = "time"
	id := f.ids[f.r.IntN(len(f.ids))]
	return []string{id}, f.exec(`UPDATE ledger_entry SET at = at + $2 WHERE id = $1`, id, f.r.Int64N(1000)+1)
}

func (f *forger) payload() ([]string, error) {
	f.what = "payload"
	id := f.ids[f.r.IntN(len(f.ids))]
	column := []string{"body", "salt"}[f.r.IntN(2)]
	return []string{id}, f.exec(`UPDATE ledger_payload SET `+column+` = `+column+` || $2 WHERE entry_id = $1`, id, fmt.Sprint(f.r.IntN(10)))
}

// consistent rewrites an entry together with its leaf hash, as one would who knows the
// format: only the tree can tell.
func (f *forger) consistent() ([]string, error) {
	f.what = "entry with its leaf"
	id := f.ids[f.r.IntN(len(f.ids))]
	leaf := hex.EncodeToString(rfc6962.DefaultHasher.HashLeaf(fmt.Appendf(nil, "headwater-leaf/1\n%s\n%d\n\n\n\nx\nx\nx\n\n%064d\n", id, 1, 0)))
	err := f.exec(`UPDATE ledger_payload SET salt = '', body = '', erased_at = 1 WHERE entry_id = $1`, id)
	return nil, errors.Join(err, f.exec(`UPDATE ledger_entry SET at = 1, actor = '', behalf = '', delegation_id = '', act = 'x', subject_kind = 'x', subject_id = 'x', agency_id = '', payload_hash = $2, leaf = $3 WHERE id = $1`,
		id, strings.Repeat("0", 64), leaf))
}

// swap exchanges the places of two entries of one batch of ten; one of the two must be named.
func (f *forger) swap() ([]string, error) {
	f.what = "swap"
	batch := 10 * f.r.IntN(len(f.ids)/10)
	i := f.r.IntN(10)
	j := (i + 1 + f.r.IntN(9)) % 10
	one, two := f.ids[batch+i], f.ids[batch+j]
	at := func(id string, position int) error {
		return f.exec(`UPDATE ledger_entry SET position = $2 WHERE id = $1`, id, position)
	}
	return []string{one, two}, errors.Join(at(one, -1), at(two, batch+i), at(one, batch+j))
}

// remove takes an entry out; with close, those after it move up.
func (f *forger) remove() ([]string, error) {
	f.what = "removal"
	i := f.r.IntN(len(f.ids))
	err := errors.Join(f.exec(`DELETE FROM ledger_payload WHERE entry_id = $1`, f.ids[i]), f.exec(`DELETE FROM ledger_entry WHERE id = $1`, f.ids[i]))
	if i+1 == len(f.ids) {
		return nil, err
	}
	if f.r.IntN(2) == 0 {
		return []string{f.ids[i+1]}, err // the gap is named by who stands after it
	}
	f.what = "removal, closed up"
	for j := i + 1; j < len(f.ids) && err == nil; j++ {
		err = f.exec(`UPDATE ledger_entry SET position = $2 WHERE id = $1`, f.ids[j], j-1)
	}
	return nil, err
}

// add puts a copy of an entry after the last one.
func (f *forger) add() ([]string, error) {
	f.what = "addition"
	id := f.ids[f.r.IntN(len(f.ids))]
	leaf := hex.EncodeToString(rfc6962.DefaultHasher.HashLeaf(fmt.Appendf(nil, "headwater-leaf/1\nadded\n1\n\n\n\nx\nx\nx\n\n%064d\n", 0)))
	return []string{"added"}, f.exec(`INSERT INTO ledger_entry (id, position, at, actor, act, subject_kind, subject_id, payload_hash, leaf)
		SELECT 'added', $2, 1, '', 'x', 'x', 'x', $3, $4 FROM ledger_entry WHERE id = $1`, id, len(f.ids), strings.Repeat("0", 64), leaf)
}

// batch changes a batch or the head instead of an entry.
func (f *forger) batch() ([]string, error) {
	size := 10 * (1 + f.r.IntN(len(f.ids)/10))
	list := []string{`UPDATE ledger_batch SET root = substr(root, 2) || '0' WHERE size = $1`, `DELETE FROM ledger_batch WHERE size = $1`, `UPDATE ledger_batch SET first = first - 1 WHERE size = $1`,
		`UPDATE ledger_batch SET note = replace(note, 'time 2', 'time 3') WHERE size = $1`, `UPDATE ledger_head SET size = size - 1 WHERE $1 > 0`, `UPDATE ledger_head SET note = (SELECT note FROM ledger_batch WHERE size = 10) WHERE $1 > 0`}
	f.what = list[f.r.IntN(len(list))]
	return nil, f.exec(f.what, size)
}

// TestRandomTampering changes a ledger of sixty entries in six batches in 600
// random ways, each from the whole: every change is found, and where an entry is
// at fault it is named.
func TestRandomTampering(t *testing.T) {
	t.Parallel()
	undo := errors.New("undo")
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := fixed(t)
		l := open(t, ctx, d)
		for range 6 {
			fill(t, ctx, d, l, 10)
			sequence(t, ctx, l, 10)
		}
		placed, err := l.Latest(ctx, 0, 100)
		if err != nil || len(placed) != 60 {
			t.Fatalf("%d entries, %v", len(placed), err)
		}
		var ids []string
		for _, p := range slices.Backward(placed) {
			ids = append(ids, p.ID)
		}
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 600 {
			err := work.Do(ctx, d, func(ctx context.Context) error {
				f := &forger{ctx: ctx, d: d, r: r, ids: ids}
				act := []func() ([]string, error){f.column, f.time, f.payload, f.consistent, f.swap, f.remove, f.add, f.batch}[i%8]
				named, err := act()
				if err != nil {
					return err
				}
				report := verify(t, ctx, l, "")
				if report.OK() {
					t.Errorf("%d: %s of %v was not found", i, f.what, named)
				}
				if len(named) > 0 && !slices.ContainsFunc(report.Problems, func(p ledger.Problem) bool {
					return slices.Contains(named, p.Entry) || slices.ContainsFunc(named, func(id string) bool { return strings.Contains(p.What, id) })
				}) {
					t.Errorf("%d: %s: none of %v is named in %v", i, f.what, named, report.Problems)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Fatalf("%d: %v", i, err)
			}
		}
		if r := verify(t, ctx, l, ""); !r.OK() || r.Entries != 60 || r.Batches != 6 {
			t.Errorf("after all was undone: %+v", r)
		}
	})
}

// TestVerifyWhilePlacing checks the ledger again and again while entries are
// placed: it never complains.
func TestVerifyWhilePlacing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		l := open(t, ctx, d)
		done := make(chan error)
		go func() {
			var all error
			for i := range 60 {
				all = errors.Join(all, work.Do(ctx, d, func(ctx context.Context) error {
					_, err := l.Append(ctx, mira, ledger.Entry{Act: "call.publish", Kind: "call", ID: fmt.Sprint(i)})
					return err
				}))
				_, err := l.Sequence(ctx)
				all = errors.Join(all, err)
			}
			done <- all
		}()
		for {
			if r := verify(t, ctx, l, ""); !r.OK() {
				t.Errorf("found %v", r.Problems)
			}
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
				return
			default:
			}
		}
	})
}
