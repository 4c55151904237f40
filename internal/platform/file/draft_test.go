package file

import (
	"bytes"
	"os"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// TestSizes: content of every size about that of a block, and of a piece, is kept to the byte.
func TestSizes(t *testing.T) {
	t.Parallel()
	s := &Store{DB: dbtest.SQLite(t), Dir: t.TempDir()}
	all := noise(3*largePiece + 2*block)
	for _, size := range []int{1, block - 1, block, block + 1, largePiece - 1, largePiece, largePiece + 1, largePiece + block, 3*largePiece + block + 7} {
		text := string(all[:size])
		r := save(t, s, text, Meta{Name: "noise", OwnerKind: "proposal", OwnerID: "p1", Field: "f", MaxBytes: int64(len(all))})
		if r.Size != int64(size) || content(t, s, r) != text {
			t.Errorf("%d bytes: %d were kept, or others", size, r.Size)
		}
	}
}

// TestDraft: what is written in any pieces, of any place in memory, is what is there.
func TestDraft(t *testing.T) {
	t.Parallel()
	all := noise(5*block + 100)
	for _, pieces := range [][]int{{block, 2 * block}, {1, block, 7}, {block, block - 1, 1, block}, {2*block + 3, 2 * block}, {}} {
		f, err := os.CreateTemp(t.TempDir(), "draft-")
		if err != nil {
			t.Fatal(err)
		}
		d, at := newDraft(f), 1 // at an odd place
		for _, n := range pieces {
			if m, err := d.Write(all[at : at+n]); err != nil || m != n {
				t.Fatalf("%v: %d of %d written: %v", pieces, m, n, err)
			}
			at += n
		}
		if err := d.ordinary(); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, at)
		n, _ := f.ReadAt(got, 0) // to its end, which is an error by itself
		if !bytes.Equal(got[:n], all[1:at]) {
			t.Errorf("%v: what is there differs", pieces)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// noise is bytes that are no text and no PDF, the same each time.
func noise(n int) []byte {
	b, x := make([]byte, n), uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}
