package ledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Receipt is the answer to something submitted: a signed note over the hash of
// its content, both times, and the leaf that stands for it in the ledger.
type Receipt struct {
	EntryID, Kind, Subject string
	Content                string    // hex SHA-256 of the canonical content
	FirstByte, Recorded    time.Time // when it began to reach us, and when it was committed
	Leaf                   string    // hex leaf hash
	Note                   string    // the signed text
	Sealed                 bool      // position and proof are in it
}

func receiptText(r Receipt) string {
	return fmt.Sprintf("headwater-receipt/1\nentry %s\nsubject %s %s\ncontent sha256:%s\nfirst-byte %s\nrecorded %s\nleaf %s\n",
		r.EntryID, r.Kind, r.Subject, r.Content, r.FirstByte.UTC().Format(time.RFC3339Nano), r.Recorded.UTC().Format(time.RFC3339Nano), r.Leaf)
}

// Receipt signs the receipt of an entry just appended, in the same unit of work.
func (l *Ledger) Receipt(ctx context.Context, entryID, content string, firstByte time.Time) (Receipt, error) {
	r := Receipt{EntryID: entryID, Content: content, FirstByte: firstByte}
	q := l.db.Q(ctx)
	err := q.QueryRowContext(ctx, `SELECT subject_kind, subject_id, at, leaf FROM ledger_entry WHERE id = $1`, entryID).Scan(&r.Kind, &r.Subject, db.Time(&r.Recorded), &r.Leaf)
	if err != nil {
		return r, err
	}
	if r.Note, err = l.sign(receiptText(r)); err != nil {
		return r, err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO receipt (entry_id, subject_kind, subject_id, content_hash, note, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		entryID, r.Kind, r.Subject, content, r.Note, db.At(clock.Now(ctx)))
	return r, err
}

// proofMark separates the signed receipt from the proof that is added once the
// entry is sealed. The proof needs no signature of its own: it ends in a signed head.
const proofMark = "\n---- proof ----\n"

// ReceiptOf returns the receipt of an entry, with position and proof as soon as
// its batch is sealed. Cost: O(log size), with one pass over the leaves the first time in a process.
func (l *Ledger) ReceiptOf(ctx context.Context, entryID string) (Receipt, error) {
	r := Receipt{EntryID: entryID}
	var position int64
	err := l.db.Q(ctx).QueryRowContext(ctx, `SELECT r.subject_kind, r.subject_id, r.content_hash, r.note, e.at, e.leaf, COALESCE(e.position, -1)
		FROM receipt r JOIN ledger_entry e ON e.id = r.entry_id WHERE r.entry_id = $1`, entryID).
		Scan(&r.Kind, &r.Subject, &r.Content, &r.Note, db.Time(&r.Recorded), &r.Leaf, &position)
	if err != nil {
		return r, err
	}
	if fields, err := parseReceipt(r.Note); err == nil {
		r.FirstByte = fields.FirstByte
	}
	if position < 0 {
		return r, nil
	}
	path, signed, err := l.inclusion(ctx, position)
	if err != nil {
		return r, err
	}
	r.Sealed = true
	r.Note += proofMark + fmt.Sprintf("position %d\n", position)
	for _, h := range path {
		r.Note += "sibling " + hex.EncodeToString(h) + "\n"
	}
	r.Note += "\n" + signed
	return r, nil
}

// inclusion is the audit path of a leaf (RFC 6962, 2.1.1) under the newest head.
func (l *Ledger) inclusion(ctx context.Context, position int64) (path [][]byte, signed string, err error) {
	var size int64
	if err := l.db.Q(ctx).QueryRowContext(ctx, `SELECT size, note FROM ledger_head WHERE id = 1`).Scan(&size, &signed); err != nil {
		return nil, "", err
	}
	nodes, err := proof.Inclusion(uint64(position), uint64(size))
	if err != nil {
		return nil, "", err
	}
	var hashes [][]byte
	for _, id := range nodes.IDs {
		begin, end := id.Coverage()
		hash, err := l.blocks.root(int64(begin), int64(end), func(begin, end int64) ([][]byte, error) { return l.leaves(ctx, begin, end) })
		if err != nil {
			return nil, "", err
		}
		hashes = append(hashes, hash)
	}
	path, err = nodes.Rehash(hashes, rfc6962.DefaultHasher.HashChildren)
	return path, signed, err
}

// leaves are the leaf hashes at the positions from begin up to end.
func (l *Ledger) leaves(ctx context.Context, begin, end int64) ([][]byte, error) {
	rows, err := l.db.Q(ctx).QueryContext(ctx, `SELECT leaf FROM ledger_entry WHERE position >= $1 AND position < $2 ORDER BY position`, begin, end)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	leaves := make([][]byte, 0, end-begin)
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		b, err := hex.DecodeString(s)
		if err != nil {
			return nil, err
		}
		leaves = append(leaves, b)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if int64(len(leaves)) != end-begin {
		return nil, fmt.Errorf("ledger: of the entries %d to %d, %d are there", begin, end-1, len(leaves))
	}
	return leaves, nil
}

// parseReceipt reads the signed part; the signature is not looked at.
func parseReceipt(text string) (Receipt, error) {
	var r Receipt
	lines := strings.Split(text, "\n")
	if len(lines) < 7 || lines[0] != "headwater-receipt/1" {
		return r, errors.New("this is not a Headwater receipt: its first line should be headwater-receipt/1")
	}
	value := func(i int, name string) string {
		v, ok := strings.CutPrefix(lines[i], name+" ")
		if !ok {
			return ""
		}
		return v
	}
	r.EntryID = value(1, "entry")
	r.Kind, r.Subject, _ = strings.Cut(value(2, "subject"), " ")
	r.Content = strings.TrimPrefix(value(3, "content"), "sha256:")
	first, err1 := time.Parse(time.RFC3339Nano, value(4, "first-byte"))
	recorded, err2 := time.Parse(time.RFC3339Nano, value(5, "recorded"))
	r.FirstByte, r.Recorded, r.Leaf = first, recorded, value(6, "leaf")
	if err := errors.Join(err1, err2); err != nil || r.EntryID == "" || r.Leaf == "" {
		return r, fmt.Errorf("a line of the receipt is missing or was changed: %w", errors.Join(err, errors.New("entry, subject, content, first-byte, recorded and leaf are expected")))
	}
	return r, nil
}

// VerifyReceipt checks a receipt without any database: the signature by one of
// keys (verifier keys of signed notes) and, where the proof is there, that the leaf stands
// at its position under a signed head. It returns what the receipt says.
func VerifyReceipt(text string, keys []string) (Receipt, error) {
	signed, proofText, sealed := strings.Cut(text, proofMark)
	body, err := openNote(signed, keys)
	if err != nil {
		return Receipt{}, err
	}
	r, err := parseReceipt(body)
	if err != nil || !sealed {
		return r, err
	}
	r.Sealed = true
	return r, verifyProof(r, proofText, keys)
}

func verifyProof(r Receipt, text string, keys []string) error {
	list, signed, ok := strings.Cut(text, "\n\n")
	if !ok {
		return errors.New("the proof has no signed head")
	}
	var position uint64
	var path [][]byte
	for i, line := range strings.Split(list, "\n") {
		name, value, _ := strings.Cut(line, " ")
		var err error
		switch {
		case i == 0 && name == "position":
			position, err = strconv.ParseUint(value, 10, 63)
		case i > 0 && name == "sibling":
			var h []byte
			h, err = hex.DecodeString(value)
			path = append(path, h)
		default:
			err = errors.New("expected position, then siblings")
		}
		if err != nil {
			return fmt.Errorf("line %d of the proof: %w", i+1, err)
		}
	}
	headBody, err := openNote(signed, keys)
	if err != nil {
		return fmt.Errorf("head of the proof: %w", err)
	}
	_, size, root, err := parseHead(headBody)
	if err != nil {
		return err
	}
	leaf, err := hex.DecodeString(r.Leaf)
	if err != nil {
		return fmt.Errorf("leaf of the receipt: %w", err)
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, position, uint64(size), leaf, path, root); err != nil {
		return fmt.Errorf("the proof does not lead from this receipt to its head: %w", err)
	}
	return nil
}
