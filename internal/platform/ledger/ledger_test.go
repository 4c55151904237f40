package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

func fixed(t *testing.T) context.Context {
	return clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 1).Source())
}

func open(t *testing.T, ctx context.Context, d *db.DB) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(ctx, d, "ledger.example")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var (
	mira = access.Actor{Account: "a1", Person: "mira"}
	ravi = access.Actor{Account: "a2", Person: "ravi"}
)

func fill(t *testing.T, ctx context.Context, d *db.DB, l *ledger.Ledger, n int) (ids []string) {
	t.Helper()
	for i := range n {
		ids = append(ids, act(t, ctx, d, l, mira, i))
	}
	return ids
}

func act(t *testing.T, ctx context.Context, d *db.DB, l *ledger.Ledger, by access.Actor, i int) (id string) {
	t.Helper()
	err := work.Do(ctx, d, func(ctx context.Context) (err error) {
		id, err = l.Append(ctx, by, ledger.Entry{Act: "call.publish", Kind: "call", ID: fmt.Sprint("c", i), Why: "because", Payload: map[string]int{"n": i}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func sequence(t *testing.T, ctx context.Context, l *ledger.Ledger, want int) {
	t.Helper()
	if n, err := l.Sequence(ctx); err != nil || n != want {
		t.Fatalf("placed %d, %v; want %d", n, err, want)
	}
}

func verify(t *testing.T, ctx context.Context, l *ledger.Ledger, kept string) ledger.Report {
	t.Helper()
	r, err := l.Verify(ctx, kept)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWholeLedgerVerifies(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := fixed(t)
		l := open(t, ctx, d)
		fill(t, ctx, d, l, 13)
		sequence(t, ctx, l, 13)
		fill(t, ctx, d, l, 4)
		sequence(t, ctx, l, 4)
		fill(t, ctx, d, l, 2)
		erase(t, ctx, d, l, func(ctx context.Context) (ledger.Erased, error) { return l.Erase(ctx, ledger.About("call", "c5")) })
		r := verify(t, ctx, l, "")
		if !r.OK() || r.Entries != 17 || r.Waiting != 3 || r.Erased != 1 || r.Batches != 2 {
			t.Errorf("report = %+v", r)
		}
		erase(t, ctx, d, l, func(ctx context.Context) (ledger.Erased, error) { return l.Forget(ctx, mira.Person) })
		sequence(t, ctx, l, 4)
		if r := verify(t, ctx, l, ""); !r.OK() || r.Erased != 1 {
			t.Errorf("after somebody was forgotten: %+v", r)
		}
		if got, err := l.Of(ctx, "call", "c3"); err != nil || len(got) != 2 || got[0].Payload != `{"why":"because","what":{"n":3}}` {
			t.Errorf("entries of c3 = %+v, %v", got, err)
		}
	})
}

// erase takes something out of the ledger, on record.
func erase(t *testing.T, ctx context.Context, d *db.DB, l *ledger.Ledger, take func(context.Context) (ledger.Erased, error)) {
	t.Helper()
	err := work.Do(ctx, d, func(ctx context.Context) error {
		gone, err := take(ctx)
		if err == nil && len(gone) == 0 {
			err = errors.New("nothing was there to be erased")
		}
		if err == nil {
			_, err = l.Append(ctx, access.System, ledger.Entry{Act: "retention.erase", Kind: "erasure", ID: "e", Erased: gone})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAppendNeedsUnitOfWork(t *testing.T) {
	t.Parallel()
	ctx := fixed(t)
	l := open(t, ctx, dbtest.SQLite(t))
	if _, err := l.Append(ctx, mira, ledger.Entry{Act: "call.publish", Kind: "call", ID: "c"}); err == nil {
		t.Error("an entry outside a unit of work was taken")
	}
}

// TestTampering changes what is stored in every way and expects the change to
// be found and, where one entry is at fault, to be named.
func TestTampering(t *testing.T) {
	t.Parallel()
	acts := []struct {
		name, sql string
		names     bool // the entry can be named
	}{
		{"payload", `UPDATE ledger_payload SET body = '{"what":{"n":99}}' WHERE entry_id = $1`, true},
		{"act", `UPDATE ledger_entry SET act = 'call.cancel' WHERE id = $1`, true},
		{"actor", `UPDATE ledger_entry SET actor = 'somebody' WHERE id = $1`, true},
		{"time", `UPDATE ledger_entry SET at = at - 1 WHERE id = $1`, true},
		{"subject", `UPDATE ledger_entry SET subject_id = 'c0' WHERE id = $1`, true},
		{"leaf", `UPDATE ledger_entry SET leaf = '00' || substr(leaf, 3) WHERE id = $1`, true},
		{"hidden as waiting", `UPDATE ledger_entry SET position = NULL WHERE id = $1`, false},
		{"moved", `UPDATE ledger_entry SET position = 1000 WHERE id = $1`, false},
		{"payload hidden as never there", `DELETE FROM ledger_payload WHERE entry_id = $1`, true},
		{"payload hidden as erased", `UPDATE ledger_payload SET salt = '', body = '', erased_at = 1 WHERE entry_id = $1`, true},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := fixed(t)
		l := open(t, ctx, d)
		ids := fill(t, ctx, d, l, 21)
		sequence(t, ctx, l, 21)
		for i, act := range acts {
			id := ids[(i*7)%len(ids)]
			restore := snapshot(t, ctx, d, id)
			if err := execute(ctx, d, act.sql, id); err != nil {
				t.Fatalf("%s: %v", act.name, err)
			}
			r := verify(t, ctx, l, "")
			if r.OK() {
				t.Errorf("%s: not found", act.name)
			} else if act.names && r.Problems[0].Entry != id {
				t.Errorf("%s: named %v, want entry %s", act.name, r.Problems[0], id)
			}
			restore()
			if r := verify(t, ctx, l, ""); !r.OK() {
				t.Fatalf("after %s was undone: %v", act.name, r.Problems)
			}
		}
	})
}

func execute(ctx context.Context, d *db.DB, query string, args ...any) error {
	return work.Do(ctx, d, func(ctx context.Context) error {
		_, err := d.Q(ctx).ExecContext(ctx, query, args...)
		return err
	})
}

func snapshot(t *testing.T, ctx context.Context, d *db.DB, id string) (restore func()) {
	t.Helper()
	var position, at int64
	var actor, act, subject, leaf, salt, body string
	err := d.Q(ctx).QueryRowContext(ctx, `SELECT e.position, e.at, e.actor, e.act, e.subject_id, e.leaf, p.salt, p.body
		FROM ledger_entry e JOIN ledger_payload p ON p.entry_id = e.id WHERE e.id = $1`, id).Scan(&position, &at, &actor, &act, &subject, &leaf, &salt, &body)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		err := execute(ctx, d, `UPDATE ledger_entry SET position = $2, at = $3, actor = $4, act = $5, subject_id = $6, leaf = $7 WHERE id = $1`, id, position, at, actor, act, subject, leaf)
		if err == nil {
			err = execute(ctx, d, `INSERT INTO ledger_payload (entry_id, salt, body) VALUES ($1, $2, $3) ON CONFLICT (entry_id) DO UPDATE SET salt = excluded.salt, body = excluded.body, erased_at = NULL`, id, salt, body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestRewrittenHistory cuts off the end and signs anew, with the key: only a
// head that was kept elsewhere can tell.
func TestRewrittenHistory(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := fixed(t)
		l := open(t, ctx, d)
		ids := fill(t, ctx, d, l, 9)
		sequence(t, ctx, l, 9)
		kept, err := l.Head(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if r := verify(t, ctx, l, kept); !r.OK() {
			t.Fatalf("before: %v", r.Problems)
		}
		for _, q := range []string{`DELETE FROM ledger_payload WHERE entry_id = '` + ids[8] + `'`, `DELETE FROM ledger_entry WHERE id = '` + ids[8] + `'`,
			`UPDATE ledger_entry SET position = NULL`, `DELETE FROM ledger_batch`, `DELETE FROM ledger_head`} {
			if err := execute(ctx, d, q); err != nil {
				t.Fatal(err)
			}
		}
		again := open(t, ctx, d)
		sequence(t, ctx, again, 8)
		if r := verify(t, ctx, again, ""); !r.OK() {
			t.Fatalf("a ledger rewritten with the key is whole in itself: %v", r.Problems)
		}
		if r := verify(t, ctx, again, kept); r.OK() || !strings.Contains(r.Problems[0].What, "cut off") {
			t.Errorf("against the kept head: %v", r.Problems)
		}
	})
}

func TestReceipt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := fixed(t)
		l := open(t, ctx, d)
		fill(t, ctx, d, l, 6)
		var r ledger.Receipt
		err := work.Do(ctx, d, func(ctx context.Context) error {
			id, err := l.Append(ctx, mira, ledger.Entry{Act: "proposal.submit", Kind: "proposal", ID: "p1"})
			if err != nil {
				return err
			}
			r, err = l.Receipt(ctx, id, strings.Repeat("ab", 32), clock.Now(ctx).Add(-time.Second))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		keys, err := l.Keys(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ledger.VerifyReceipt(r.Note, keys); err != nil || got.Subject != "p1" || got.Sealed {
			t.Fatalf("at once: %+v, %v", got, err)
		}
		fill(t, ctx, d, l, 5)
		sequence(t, ctx, l, 12)
		sealed, err := l.ReceiptOf(ctx, r.EntryID)
		if err != nil || !sealed.Sealed {
			t.Fatalf("sealed receipt: %+v, %v", sealed, err)
		}
		if err := l.Rotate(ctx); err != nil {
			t.Fatal(err)
		}
		fill(t, ctx, d, l, 3)
		sequence(t, ctx, l, 3)
		if keys, err = l.Keys(ctx); err != nil || len(keys) != 2 {
			t.Fatalf("keys = %v, %v", keys, err)
		}
		if got, err := ledger.VerifyReceipt(sealed.Note, keys); err != nil || !got.Sealed || got.Content != strings.Repeat("ab", 32) {
			t.Errorf("after a rotation: %+v, %v", got, err)
		}
		for _, change := range [][2]string{{"subject proposal p1", "subject proposal p2"}, {"sha256:ab", "sha256:cd"}, {"sibling ", "sibling 0"}, {"position ", "position 1"}} {
			forged := strings.Replace(sealed.Note, change[0], change[1], 1)
			if _, err := ledger.VerifyReceipt(forged, keys); err == nil || forged == sealed.Note {
				t.Errorf("%q changed to %q was believed", change[0], change[1])
			}
		}
	})
}

// TestRotationWhileOthersRun begins a new key in one process while another goes on: what was signed before, between and
// after verifies by the list of all keys, and what is signed after the other's next batch by the new key alone.
func TestRotationWhileOthersRun(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		server, command := open(t, ctx, d), open(t, ctx, d)
		receipt := func() ledger.Receipt {
			t.Helper()
			var r ledger.Receipt
			err := work.Do(ctx, d, func(ctx context.Context) error {
				id, err := server.Append(ctx, mira, ledger.Entry{Act: "proposal.submit", Kind: "proposal", ID: "p1"})
				if err == nil {
					r, err = server.Receipt(ctx, id, strings.Repeat("ab", 32), clock.Now(ctx))
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		before := receipt()
		sequence(t, ctx, server, 1)
		if err := command.Rotate(ctx); err != nil {
			t.Fatal(err)
		}
		between := receipt()
		sequence(t, ctx, server, 1)
		after := receipt()
		sequence(t, ctx, server, 1)
		keys, err := command.Keys(ctx)
		if err != nil || len(keys) != 2 {
			t.Fatalf("keys: %v, %v", keys, err)
		}
		for i, r := range []ledger.Receipt{before, between, after} {
			sealed, err := server.ReceiptOf(ctx, r.EntryID)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := ledger.VerifyReceipt(sealed.Note, keys); err != nil || !got.Sealed {
				t.Errorf("receipt %d by all keys: %+v, %v", i, got, err)
			}
			if _, err := ledger.VerifyReceipt(sealed.Note, keys[:1]); (err == nil) != (i == 2) {
				t.Errorf("receipt %d by the new key alone: %v", i, err)
			}
		}
		var private int
		if err := d.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM ledger_key WHERE private IS NOT NULL`).Scan(&private); err != nil || private != 1 {
			t.Errorf("%d private keys are kept, %v", private, err)
		}
		if r := verify(t, ctx, server, ""); !r.OK() || r.Entries != 3 {
			t.Errorf("report = %+v", r)
		}
	})
}

// TestTwoSequencers lets writers and two sequencers work at once.
func TestTwoSequencers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		one, two := open(t, ctx, d), open(t, ctx, d)
		var group sync.WaitGroup
		failed := make(chan error, 200)
		for w := range 4 {
			group.Go(func() {
				for i := range 20 {
					failed <- work.Do(ctx, d, func(ctx context.Context) error {
						_, err := one.Append(ctx, mira, ledger.Entry{Act: "call.publish", Kind: "call", ID: fmt.Sprint(w, "-", i)})
						return err
					})
				}
			})
		}
		for _, l := range []*ledger.Ledger{one, two} {
			group.Go(func() {
				for range 20 {
					_, err := l.Sequence(ctx)
					failed <- err
				}
			})
		}
		group.Wait()
		close(failed)
		for err := range failed {
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := one.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, ctx, two, ""); !r.OK() || r.Entries != 80 {
			t.Errorf("report = %+v", r)
		}
	})
}
