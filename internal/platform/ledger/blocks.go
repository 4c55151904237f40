package ledger

import (
	"slices"
	"sync"
)

// blockLeaves is how many leaves one remembered hash stands for; a power of two.
const blockLeaves = 256

// blocks remembers the hashes of the ledger's whole blocks of leaves. Sealed leaves never change, so that they
// need reading once, not for each of the thousands of receipts of a deadline evening.
type blocks struct {
	mu     sync.Mutex
	hashes [][]byte // of the blocks from the first on
}

// root is the hash of the complete subtree over the leaves from begin up to end, which read gives.
func (b *blocks) root(begin, end int64, read func(begin, end int64) ([][]byte, error)) ([]byte, error) {
	if end-begin < blockLeaves {
		leaves, err := read(begin, end)
		if err != nil {
			return nil, err
		}
		return rootOf(leaves), nil
	}
	// Nothing is held while read is waited for: it may need a connection that waits for what is held.
	known := b.upTo(end / blockLeaves)
	for len(known) < int(end/blockLeaves) {
		at := int64(len(known)) * blockLeaves
		leaves, err := read(at, at+blockLeaves)
		if err != nil {
			return nil, err
		}
		known = append(known, rootOf(leaves))
	}
	b.remember(known)
	return rootOf(known[begin/blockLeaves:]), nil // blocks of one size hash like leaves of theirs
}

// upTo is what is remembered of the first n blocks.
func (b *blocks) upTo(n int64) [][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clip(b.hashes[:min(n, int64(len(b.hashes)))])
}

func (b *blocks) remember(known [][]byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(known) > len(b.hashes) {
		b.hashes = known
	}
}

// rootOf is the Merkle tree hash of leaf hashes (RFC 6962, 2.1).
func rootOf(leaves [][]byte) []byte {
	r := factory.NewEmptyRange(0)
	for _, h := range leaves {
		if err := r.Append(h, nil); err != nil {
			panic(err) // only for ranges that do not begin where the last one ended
		}
	}
	root, err := r.GetRootHash(nil)
	if err != nil {
		panic(err) // only for ranges that do not begin at 0
	}
	return root
}
