package ledger_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// perBatch entries are in each batch of the ledger that is forged.
const perBatch = 6

// forger changes a ledger in one random way and says what it did, and to what.
type forger struct {
	ctx  context.Context
	t    *testing.T
	d    *db.DB
	l    *ledger.Ledger
	r    *rand.Rand
	ids  []string // in the order of their positions
	what string
}

// forged is what a report must say of a change.
type forged struct {
	ids    []string // one of these entries is named
	at     int      // else: the range of a batch with this position, where it is not negative
	told   []string // else: one problem says one of these
	hidden bool     // the ledger by itself is whole: only a kept head can tell
}

func one(id string) forged { return forged{ids: []string{id}} }
func near(at int) forged   { return forged{at: at} }

// told is a change of which no entry and no batch's range can be named: what is said of the batch or the head instead, by its size.
func told(what string, args ...any) forged { return forged{told: []string{fmt.Sprintf(what, args...)}} }

// unmade is what comes of a change that could not be made.
var unmade = forged{at: -1}

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
func (f *forger) column() (forged, error) {
	column := []string{"actor", "behalf", "delegation_id", "act", "subject_kind", "subject_id", "agency_id", "payload_hash", "leaf"}[f.r.IntN(9)]
	f.what = column
	value := fmt.Sprintf("%064x", f.r.Uint64())
	id := f.ids[f.r.IntN(len(f.ids))]
	return one(id), f.exec(`UPDATE ledger_entry SET `+column+` = $2 WHERE id = $1`, id, value)
}

func (f *forger) time() (forged, error) {
	f.what = "time"
	id := f.ids[f.r.IntN(len(f.ids))]
	return one(id), f.exec(`UPDATE ledger_entry SET at = at + $2 WHERE id = $1`, id, f.r.Int64N(1000)+1)
}

func (f *forger) payload() (forged, error) {
	f.what = "payload"
	id := f.ids[f.r.IntN(len(f.ids))]
	column := []string{"body", "salt"}[f.r.IntN(2)]
	return one(id), f.exec(`UPDATE ledger_payload SET `+column+` = `+column+` || $2 WHERE entry_id = $1`, id, fmt.Sprint(f.r.IntN(10)))
}

// blank makes an entry's payload look erased by rule, which nobody ordered.
func (f *forger) blank() (forged, error) {
	f.what = "payload taken out"
	id := f.ids[f.r.IntN(len(f.ids))]
	if f.r.IntN(2) == 0 {
		return one(id), f.exec(`DELETE FROM ledger_payload WHERE entry_id = $1`, id)
	}
	return one(id), f.exec(`UPDATE ledger_payload SET salt = '', body = '', erased_at = $2 WHERE entry_id = $1`, id, f.r.Int64N(1000)+1)
}

// behind puts somebody else behind a pseudonym, or nobody: the other of two, somebody new, or forgotten without a word.
func (f *forger) behind() (forged, error) {
	f.what = "who is behind a pseudonym"
	names, err := db.Strings(f.ctx, f.d.Q(f.ctx), `SELECT pseudonym FROM ledger_pseudonym ORDER BY person_id`)
	if err != nil || len(names) != 2 {
		return unmade, errors.Join(err, fmt.Errorf("%d pseudonyms, want two", len(names)))
	}
	name := names[f.r.IntN(2)]
	switch f.r.IntN(3) {
	case 0:
		f.what += ", exchanged"
		move := func(from, to string) error {
			return f.exec(`UPDATE ledger_pseudonym SET pseudonym = $2 WHERE pseudonym = $1`, from, to)
		}
		err = errors.Join(move(names[0], "aside"), move(names[1], names[0]), move("aside", names[1]))
	case 1:
		f.what += ", another"
		err = f.exec(`UPDATE ledger_pseudonym SET person_id = $2, salt = $3 WHERE pseudonym = $1`, name, fmt.Sprint("p", f.r.Uint64()), fmt.Sprintf("%024x", f.r.Uint64()))
	default:
		f.what += ", nobody"
		err = f.exec(`DELETE FROM ledger_pseudonym WHERE pseudonym = $1`, name)
	}
	return one(name), err
}

// consistent rewrites an entry together with its leaf hash, as one would who knows the
// format: only the tree can tell.
func (f *forger) consistent() (forged, error) {
	f.what = "entry with its leaf"
	at := f.r.IntN(len(f.ids))
	id := f.ids[at]
	leaf := hex.EncodeToString(rfc6962.DefaultHasher.HashLeaf(fmt.Appendf(nil, "headwater-leaf/1\n%s\n%d\n\n\n\nx\nx\nx\n\n%064d\n", id, 1, 0)))
	err := f.exec(`UPDATE ledger_payload SET salt = '', body = '', erased_at = 1 WHERE entry_id = $1`, id)
	return near(at), errors.Join(err, f.exec(`UPDATE ledger_entry SET at = 1, actor = '', behalf = '', delegation_id = '', act = 'x', subject_kind = 'x', subject_id = 'x', agency_id = '', payload_hash = $2, leaf = $3 WHERE id = $1`,
		id, strings.Repeat("0", 64), leaf))
}

// swap exchanges the places of two entries of one batch; one of the two must be named.
func (f *forger) swap() (forged, error) {
	f.what = "swap"
	batch := perBatch * f.r.IntN(len(f.ids)/perBatch)
	i := f.r.IntN(perBatch)
	j := (i + 1 + f.r.IntN(perBatch-1)) % perBatch
	first, second := f.ids[batch+i], f.ids[batch+j]
	at := func(id string, position int) error {
		return f.exec(`UPDATE ledger_entry SET position = $2 WHERE id = $1`, id, position)
	}
	return forged{ids: []string{first, second}}, errors.Join(at(first, -1), at(second, batch+i), at(first, batch+j))
}

// remove takes an entry out; with close, those after it move up.
func (f *forger) remove() (forged, error) {
	f.what = "removal"
	i := f.r.IntN(len(f.ids))
	err := errors.Join(f.exec(`DELETE FROM ledger_payload WHERE entry_id = $1`, f.ids[i]), f.exec(`DELETE FROM ledger_entry WHERE id = $1`, f.ids[i]))
	missing := told("batches up to %d are sealed, only %d entries are there", len(f.ids), len(f.ids)-1)
	if i+1 == len(f.ids) {
		return missing, err
	}
	if f.r.IntN(2) == 0 {
		return one(f.ids[i+1]), err // the gap is named by who stands after it
	}
	f.what = "removal, closed up"
	for j := i + 1; j < len(f.ids) && err == nil; j++ {
		err = f.exec(`UPDATE ledger_entry SET position = $2 WHERE id = $1`, f.ids[j], j-1)
	}
	if last := len(f.ids) - perBatch; i >= last { // its batch cannot be filled any more
		return missing, err
	}
	return near(i), err
}

// insert puts an entry of the right form between two others, with a key that keeps the order: only the tree can tell.
func (f *forger) insert() (forged, error) {
	f.what = "insertion"
	i := f.r.IntN(len(f.ids))
	var err error
	for j := len(f.ids) - 1; j >= i && err == nil; j-- {
		err = f.exec(`UPDATE ledger_entry SET position = $2 WHERE id = $1`, f.ids[j], j+1)
	}
	id := f.ids[i][:len(f.ids[i])-1] // sorts before the one whose place it takes
	leaf := hex.EncodeToString(rfc6962.DefaultHasher.HashLeaf(fmt.Appendf(nil, "headwater-leaf/1\n%s\n1\n\n\n\nx\nx\nx\n\n%064d\n", id, 0)))
	return near(i), errors.Join(err, f.exec(`INSERT INTO ledger_entry (id, position, at, actor, act, subject_kind, subject_id, payload_hash, leaf) VALUES ($1, $2, 1, '', 'x', 'x', 'x', $3, $4)`,
		id, i, strings.Repeat("0", 64), leaf))
}

// truncate cuts off the last batches and puts an older head, which is genuine, in place of the newest.
func (f *forger) truncate() (forged, error) {
	f.what = "truncation"
	size := perBatch * f.r.IntN(len(f.ids)/perBatch)
	leaves, err := db.Strings(f.ctx, f.d.Q(f.ctx), `SELECT leaf FROM ledger_entry WHERE position < $1 ORDER BY position`, size)
	if err != nil {
		return unmade, err
	}
	tree := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	for _, leaf := range leaves {
		b, err := hex.DecodeString(leaf)
		if err = errors.Join(err, tree.Append(b, nil)); err != nil {
			return unmade, err
		}
	}
	hashes := []string{}
	for _, h := range tree.Hashes() {
		hashes = append(hashes, hex.EncodeToString(h))
	}
	text, err := json.Marshal(hashes)
	if err == nil && size > 0 {
		err = f.exec(`UPDATE ledger_head SET size = $1, compact = $2, root = (SELECT root FROM ledger_batch WHERE size = $1), note = (SELECT note FROM ledger_batch WHERE size = $1)`, size, string(text))
	}
	if err == nil && size == 0 { // as a ledger that has never placed anything begins
		err = f.exec(`DELETE FROM ledger_head`)
	}
	err = errors.Join(err, f.exec(`DELETE FROM ledger_payload WHERE entry_id IN (SELECT id FROM ledger_entry WHERE position >= $1)`, size),
		f.exec(`DELETE FROM ledger_entry WHERE position >= $1`, size), f.exec(`DELETE FROM ledger_batch WHERE size > $1`, size))
	if size == 0 && err == nil {
		f.l, err = ledger.Open(f.ctx, f.d, "ledger.example")
	}
	return forged{at: -1, hidden: true}, err
}

// rewrite is by one who has the key: the last batches are written anew, and signed.
func (f *forger) rewrite() (forged, error) {
	found, err := f.truncate()
	f.what = "rewriting with the key"
	for range 1 + f.r.IntN(2*len(f.ids)) {
		if err != nil {
			break
		}
		_, err = f.l.Append(f.ctx, mira, ledger.Entry{Act: "call.publish", Kind: "call", ID: "another", Payload: f.r.Uint64()})
	}
	if err == nil {
		_, err = f.l.Sequence(f.ctx)
	}
	return found, err
}

// add puts a copy of an entry after the last one.
func (f *forger) add() (forged, error) {
	f.what = "addition"
	id := f.ids[f.r.IntN(len(f.ids))]
	leaf := hex.EncodeToString(rfc6962.DefaultHasher.HashLeaf(fmt.Appendf(nil, "headwater-leaf/1\nadded\n1\n\n\n\nx\nx\nx\n\n%064d\n", 0)))
	return one("added"), f.exec(`INSERT INTO ledger_entry (id, position, at, actor, act, subject_kind, subject_id, payload_hash, leaf)
		SELECT 'added', $2, 1, '', 'x', 'x', 'x', $3, $4 FROM ledger_entry WHERE id = $1`, id, len(f.ids), strings.Repeat("0", 64), leaf)
}

// batch changes a batch or the head instead of an entry: which one is told by its size.
func (f *forger) batch() (forged, error) {
	all := len(f.ids)
	size := perBatch * (1 + f.r.IntN(all/perBatch))
	gone := told("the batch up to %d begins at %d, expected %d: a batch is missing", size+perBatch, size, size-perBatch)
	if size == all {
		gone = told("the head counts %d entries, the last batch %d", all, all-perBatch)
	}
	list := []struct {
		query string
		found forged
	}{
		{`UPDATE ledger_batch SET root = substr(root, 2) || '0' WHERE size = $1`, told("the head of size %d says something else than its row", size)},
		{`DELETE FROM ledger_batch WHERE size = $1`, gone},
		{`UPDATE ledger_batch SET first = first - 1 WHERE size = $1`, told("the batch up to %d begins at %d, expected %d", size, size-perBatch-1, size-perBatch)},
		{`UPDATE ledger_batch SET note = replace(note, 'time 2', 'time 3') WHERE size = $1`, told("the head of size %d: ", size)},
		{`UPDATE ledger_head SET size = size - 1 WHERE $1 > 0`, told("the head counts %d entries, the last batch %d", all-1, all-perBatch)},
		{`UPDATE ledger_head SET note = (SELECT note FROM ledger_batch WHERE size = 6) WHERE $1 > 0`, told("the head of size %d says something else than its row", all)},
	}
	c := list[f.r.IntN(len(list))]
	f.what = c.query
	return c.found, f.exec(c.query, size)
}

// says reports whether a report tells what it must of a change.
func (found forged) says(list []ledger.Problem) bool {
	for _, p := range list {
		if len(found.ids)+len(found.told) == 0 {
			var first, last int
			if _, err := fmt.Sscanf(p.What, "the entries from %d to %d ", &first, &last); err == nil && first <= found.at && found.at <= last {
				return true
			}
		}
		if slices.ContainsFunc(found.told, func(what string) bool { return strings.HasPrefix(p.What, what) }) {
			return true
		}
		if slices.ContainsFunc(found.ids, func(id string) bool { return p.Entry == id || strings.Contains(p.What, id) }) {
			return true
		}
	}
	return false
}

// TestRandomTampering changes a ledger of 24 entries in four batches in 10,000
// random ways (1,000 on PostgreSQL, and in short runs), each from the whole. Every change is found. Where
// one entry is at fault it is named; where only the tree can tell, its batch is; a batch or a head that was changed is told by its size; and what leaves the ledger whole in
// itself, history cut off or written anew with the key, is found against the head that was kept.
func TestRandomTampering(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := fixed(t)
		l := open(t, ctx, d)
		for range 4 {
			fill(t, ctx, d, l, perBatch-1)
			act(t, ctx, d, l, ravi, perBatch)
			sequence(t, ctx, l, perBatch)
		}
		placed, err := l.Latest(ctx, 0, 100)
		if err != nil || len(placed) != 4*perBatch {
			t.Fatalf("%d entries, %v", len(placed), err)
		}
		var ids []string
		for _, p := range slices.Backward(placed) {
			ids = append(ids, p.ID)
		}
		kept, err := l.Head(ctx)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 2))
		times := 10_000
		if testing.Short() || d.Dialect == db.Postgres {
			times = 1000
		}
		for i := range times {
			tamper(ctx, &forger{t: t, d: d, l: l, r: r, ids: ids}, i, kept)
		}
		if r := verify(t, ctx, l, kept); !r.OK() || r.Entries != 4*perBatch || r.Batches != 4 {
			t.Errorf("after all was undone: %+v", r)
		}
	})
}

// tamper makes the i-th change, looks at the reports, and undoes it.
func tamper(ctx context.Context, f *forger, i int, kept string) {
	f.t.Helper()
	undo := errors.New("undo")
	err := work.Do(ctx, f.d, func(ctx context.Context) error {
		f.ctx = ctx
		acts := []func() (forged, error){f.column, f.time, f.payload, f.blank, f.behind, f.consistent, f.swap, f.remove, f.add, f.insert, f.batch, f.truncate, f.rewrite}
		found, err := acts[i%len(acts)]()
		if err != nil {
			return err
		}
		alone := verify(f.t, ctx, f.l, "")
		switch {
		case !found.hidden && !found.says(alone.Problems):
			f.t.Errorf("%d: %s of %+v is not told in %v", i, f.what, found, alone.Problems)
		case found.hidden && !alone.OK():
			f.t.Errorf("%d: %s was to leave the ledger whole: %v", i, f.what, alone.Problems)
		case found.hidden && verify(f.t, ctx, f.l, kept).OK():
			f.t.Errorf("%d: %s: not found against the kept head", i, f.what)
		}
		return undo
	})
	if !errors.Is(err, undo) {
		f.t.Fatalf("%d: %s: %v", i, f.what, err)
	}
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
