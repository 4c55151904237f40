package ledger

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// FuzzReceipt changes a genuine receipt: whatever is taken as genuine says what the genuine one says.
func FuzzReceipt(f *testing.F) {
	private, public, err := note.GenerateKey(rand.Reader, "ledger.example")
	if err != nil {
		f.Fatal(err)
	}
	key, err := note.NewSigner(private)
	if err != nil {
		f.Fatal(err)
	}
	signed := func(text string) string {
		b, err := note.Sign(&note.Note{Text: text}, key)
		if err != nil {
			f.Fatal(err)
		}
		return string(b)
	}
	now := time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC)
	leaf := rfc6962.DefaultHasher.HashLeaf([]byte("an entry"))
	genuine := Receipt{EntryID: "e1", Kind: "proposal", Subject: "p1", Content: strings.Repeat("a", 64), FirstByte: now, Recorded: now.Add(time.Second), Leaf: hex.EncodeToString(leaf)}
	text := signed(receiptText(genuine))
	head := signed(headText("ledger.example", 1, leaf, now)) // of a tree with one leaf: its root is the leaf
	whole := text + proofMark + fmt.Sprintf("position %d\n", 0) + "\n" + head
	if r, err := VerifyReceipt(whole, []string{public}); err != nil || !r.Sealed {
		f.Fatalf("the genuine receipt: %+v, %v", r, err)
	}
	f.Add(text)
	f.Add(whole)
	f.Add(head) // signed by the same key, and no receipt
	f.Fuzz(func(t *testing.T, text string) {
		got, err := VerifyReceipt(text, []string{public})
		if err != nil {
			return
		}
		got.Sealed = false
		if got != genuine {
			t.Errorf("taken as genuine: %+v", got)
		}
	})
}
