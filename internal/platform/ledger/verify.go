package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Problem is one thing that is not as it should be.
type Problem struct {
	Position int64 // -1 where it is not about one entry
	Entry    string
	What     string
}

func (p Problem) String() string {
	if p.Position < 0 && p.Entry == "" {
		return p.What
	}
	return fmt.Sprintf("entry %s at position %d: %s", p.Entry, p.Position, p.What)
}

// Report is the result of checking the whole ledger.
type Report struct {
	Entries  int64 // placed
	Waiting  int64 // not placed yet
	Erased   int64 // payload erased by rule; the leaf still holds
	Batches  int64
	Head     string
	Problems []Problem
}

// OK reports whether nothing was found.
func (r Report) OK() bool { return len(r.Problems) == 0 }

// Verify reads the whole ledger and checks, in one pass: every payload against
// its commitment, every leaf against the columns, positions without gap and not
// beyond the head, every batch's root and signature, and the head; that a payload or a
// pseudonym is gone only where an entry names it among what was erased, and that every pseudonym belongs to whom it was made for. Where the entries of a batch do not
// give its root, those that break the order of keys in which a batch is placed
// are named. It may run while entries are placed. kept is a head that was stored elsewhere ("" if
// none): history that was cut off or rewritten, even with the key, is found
// against it. Complexity: O(entries) time, O(batches + erased + people + log entries) memory.
func (l *Ledger) Verify(ctx context.Context, kept string) (Report, error) {
	v := &verifier{l: l, keptSize: -1, named: map[string]bool{}, used: map[string]Placed{}}
	var err error
	if v.keys, err = l.Keys(ctx); err != nil {
		return v.Report, err
	}
	if kept != "" {
		if err := v.keep(kept); err != nil {
			return v.Report, err
		}
	}
	// One state of the database throughout: batches are sealed while this runs.
	err = l.db.Snapshot(ctx, func(ctx context.Context) error {
		if err := v.loadBatches(ctx); err != nil {
			return err
		}
		if err := v.entries(ctx); err != nil {
			return err
		}
		if err := v.waiting(ctx); err != nil {
			return err
		}
		return v.missing(ctx)
	})
	return v.Report, err
}

type verifier struct {
	Report
	l        *Ledger
	keys     []string
	batches  []Batch
	next     int // batch to be compared next
	keptSize int64
	keptRoot []byte
	order    []misplaced // in the batch that is being read
	before   Placed      // the entry before the one that is being read

	named map[string]bool   // what entries name as erased
	gone  []Placed          // entries whose payload is not there
	used  map[string]Placed // pseudonyms, by an entry that uses each
}

// misplaced is an entry whose key is smaller than that of the entry before it,
// which a batch never has: one of the two was swapped.
type misplaced struct{ entry, before Placed }

func (v *verifier) found(p Problem) { v.Problems = append(v.Problems, p) }

func (v *verifier) keep(kept string) error {
	text, err := openNote(kept, v.keys)
	if err != nil {
		return fmt.Errorf("the kept head: %w", err)
	}
	origin, size, root, err := parseHead(text)
	if err != nil {
		return fmt.Errorf("the kept head: %w", err)
	}
	if origin != v.l.origin {
		return fmt.Errorf("the kept head is of another ledger: %q, not %q", origin, v.l.origin)
	}
	v.keptSize, v.keptRoot = size, root
	return nil
}

func (v *verifier) loadBatches(ctx context.Context) error {
	var err error
	var size int64
	var root string
	if err := v.l.db.Q(ctx).QueryRowContext(ctx, `SELECT size, root, note FROM ledger_head WHERE id = 1`).Scan(&size, &root, &v.Head); err != nil {
		return err
	}
	v.batches, err = db.Rows(ctx, v.l.db.Q(ctx), scanBatch, `SELECT size, first, root, note, at FROM ledger_batch WHERE size <= $1 ORDER BY size`, size)
	if err != nil {
		return err
	}
	v.Batches = int64(len(v.batches))
	at := int64(0)
	for _, b := range v.batches {
		if b.First != at || b.Size <= b.First {
			v.found(Problem{Position: -1, What: fmt.Sprintf("the batch up to %d begins at %d, expected %d: a batch is missing or was changed", b.Size, b.First, at)})
		}
		at = b.Size
		v.checkNote(b.Note, b.Size, b.Root)
	}
	v.checkNote(v.Head, size, root)
	if size != at {
		v.found(Problem{Position: -1, What: fmt.Sprintf("the head counts %d entries, the last batch %d", size, at)})
	}
	return nil
}

func (v *verifier) checkNote(signed string, size int64, root string) {
	text, err := openNote(signed, v.keys)
	if err != nil {
		v.found(Problem{Position: -1, What: fmt.Sprintf("the head of size %d: %v", size, err)})
		return
	}
	origin, signedSize, signedRoot, err := parseHead(text)
	if err != nil || origin != v.l.origin || signedSize != size || hex.EncodeToString(signedRoot) != root {
		v.found(Problem{Position: -1, What: fmt.Sprintf("the head of size %d says something else than its row", size)})
	}
}

func (v *verifier) entries(ctx context.Context) error {
	rows, err := v.l.db.Q(ctx).QueryContext(ctx, `SELECT `+columns+` FROM ledger_entry e LEFT JOIN ledger_payload p ON p.entry_id = e.id
		WHERE e.position IS NOT NULL ORDER BY e.position`)
	if err != nil {
		return err
	}
	defer rows.Close()
	tree := factory.NewEmptyRange(0)
	v.compareKept(tree.End(), rfc6962.DefaultHasher.EmptyRoot())
	for rows.Next() {
		p, err := scan(rows)
		if err != nil {
			return err
		}
		v.entry(p)
		v.place(p)
		if p.Position != v.Entries {
			v.found(Problem{p.Position, p.ID, fmt.Sprintf("expected position %d: %d entries before it are missing", v.Entries, p.Position-v.Entries)})
			v.Entries = p.Position
		}
		v.Entries++
		leaf, err := hex.DecodeString(p.Leaf)
		if err != nil {
			v.found(Problem{p.Position, p.ID, "its leaf hash is not hexadecimal"})
		}
		if err := tree.Append(leaf, nil); err != nil {
			return err
		}
		root, err := tree.GetRootHash(nil)
		if err != nil {
			return err
		}
		v.compareBatch(int64(tree.End()), root)
		v.compareKept(tree.End(), root)
	}
	if v.keptSize > int64(tree.End()) {
		v.found(Problem{Position: -1, What: fmt.Sprintf("the kept head counts %d entries, the ledger only %d: history was cut off", v.keptSize, tree.End())})
	}
	if v.next < len(v.batches) {
		v.found(Problem{Position: -1, What: fmt.Sprintf("batches up to %d are sealed, only %d entries are there: entries are missing", v.batches[len(v.batches)-1].Size, tree.End())})
	}
	return rows.Err()
}

func (v *verifier) entry(p Placed) {
	v.use(p)
	if p.Erased {
		v.Erased++
		v.gone = append(v.gone, Placed{ID: p.ID, Position: p.Position})
	} else if commitment(p.salt, p.Payload) != p.Commitment {
		v.found(Problem{p.Position, p.ID, "its payload was changed"})
	}
	if hex.EncodeToString(p.hash()) != p.Leaf {
		v.found(Problem{p.Position, p.ID, "its columns were changed"})
	}
}

// use notes whom an entry names, and what it names as erased.
func (v *verifier) use(p Placed) {
	for _, name := range []string{p.Actor, p.Behalf} {
		if _, known := v.used[name]; !known && name != "" {
			v.used[name] = Placed{ID: p.ID, Position: p.Position}
		}
	}
	if !strings.Contains(p.Payload, `"erased":[`) { // few do
		return
	}
	var what told
	if json.Unmarshal([]byte(p.Payload), &what) == nil { // one that was changed is told by its hash
		for _, key := range what.Erased {
			v.named[key] = true
		}
	}
}

// waiting counts the entries that have no place yet. What they erased is on record already.
func (v *verifier) waiting(ctx context.Context) error {
	list, err := db.Rows(ctx, v.l.db.Q(ctx), scan, `SELECT `+columns+` FROM ledger_entry e LEFT JOIN ledger_payload p ON p.entry_id = e.id WHERE e.position IS NULL`)
	for _, p := range list {
		v.use(p)
	}
	v.Waiting = int64(len(list))
	return err
}

// missing tells what is gone without an entry that names it, and pseudonyms that stand for somebody else than they were made for.
func (v *verifier) missing(ctx context.Context) error {
	for _, p := range v.gone {
		if !v.named[p.ID] {
			v.found(Problem{p.Position, p.ID, "its payload is gone, and no entry says that it was erased"})
		}
	}
	list, err := db.Rows(ctx, v.l.db.Q(ctx), func(r *sql.Rows) (p [3]string, err error) { return p, r.Scan(&p[0], &p[1], &p[2]) },
		`SELECT pseudonym, salt, person_id FROM ledger_pseudonym ORDER BY pseudonym`)
	if err != nil {
		return err
	}
	for _, p := range list {
		if name := p[0]; len(name) == boundLength && bound(p[1], p[2]) != name {
			v.found(Problem{Position: -1, What: fmt.Sprintf("the pseudonym %s was not made for %s: who stands behind it was changed", name, p[2])})
		}
		delete(v.used, p[0])
	}
	for _, name := range slices.Sorted(maps.Keys(v.used)) {
		if p := v.used[name]; !v.named[name] {
			v.found(Problem{p.Position, p.ID, fmt.Sprintf("who stands behind its pseudonym %s is gone, and no entry says that it was forgotten", name)})
		}
	}
	return nil
}

// place notes what an entry's place says, before the tree is asked.
func (v *verifier) place(p Placed) {
	if v.next >= len(v.batches) {
		v.found(Problem{p.Position, p.ID, "it stands after the last sealed batch: it was added or moved"})
		return
	}
	if p.Position > v.batches[v.next].First && p.ID < v.before.ID {
		v.order = append(v.order, misplaced{p, v.before})
	}
	v.before = p
}

func (v *verifier) compareBatch(size int64, root []byte) {
	if v.next >= len(v.batches) || v.batches[v.next].Size > size {
		return
	}
	b := v.batches[v.next]
	v.next++
	if b.Size == size && b.Root != hex.EncodeToString(root) {
		v.found(Problem{Position: -1, What: fmt.Sprintf("the entries from %d to %d do not give the root that was signed: one was changed, swapped or removed", b.First, b.Size-1)})
		for _, m := range v.order {
			v.found(Problem{m.entry.Position, m.entry.ID, fmt.Sprintf("its place is wrong, or that of entry %s before it: one of them was swapped", m.before.ID)})
		}
	}
	v.order = nil
}

func (v *verifier) compareKept(size uint64, root []byte) {
	if v.keptSize == int64(size) && !bytes.Equal(root, v.keptRoot) {
		v.found(Problem{Position: -1, What: fmt.Sprintf("the first %d entries are not those of the kept head: history was rewritten", v.keptSize)})
	}
}
