package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"
)

// Entry is one act to be recorded.
type Entry struct {
	Act     string // room.verb: proposal.submit
	Kind    string // of the subject: proposal
	ID      string // key of the subject
	Agency  string // whose record it is; "" for the installation
	Why     string // reason given by the person, if any
	Payload any    // what was done, JSON-encodable, without secrets
	Erased  Erased // what the act took out of the ledger
}

// Placed is an entry as it stands in the ledger.
type Placed struct {
	ID         string
	Position   int64 // leaf index; -1 until a batch has placed it
	At         time.Time
	Actor      string // pseudonym
	Behalf     string // pseudonym
	Delegation string
	Act        string
	Kind       string
	Subject    string
	Agency     string
	Commitment string // hex SHA-256(salt ‖ payload)
	Leaf       string // hex leaf hash as stored

	Payload string // JSON; "" once erased
	salt    string
	Erased  bool
}

// bytes is the canonical form that the leaf hash is taken of.
func (p Placed) bytes() []byte {
	return []byte("headwater-leaf/1\n" + strings.Join([]string{p.ID, fmt.Sprint(p.At.UnixMicro()), p.Actor, p.Behalf, p.Delegation,
		p.Act, p.Kind, p.Subject, p.Agency, p.Commitment}, "\n") + "\n")
}

// hash is the RFC 6962 leaf hash: SHA-256(0x00 ‖ bytes).
func (p Placed) hash() []byte { return rfc6962.DefaultHasher.HashLeaf(p.bytes()) }

func commitment(salt, payload string) string {
	sum := sha256.Sum256([]byte(salt + payload))
	return hex.EncodeToString(sum[:])
}
