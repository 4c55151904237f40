// Package lottery draws from a list in a way that anybody can recompute and nobody
// could have steered.
//
// # Contract
//
// First a list is fixed: its entries in order, how many are drawn, and the public event
// whose outcome will be the seed, with its time. [List.Commitment] of these goes on record
// before the event. Afterwards [List.Drawing] turns the published outcome into the draw.
// [Verify] recomputes all of it.
//
// # Algorithm
//
// All texts are UTF-8, "\n" is one line feed, hashes are SHA-256 (FIPS 180-4) in lower-case
// hexadecimal.
//
//	digest = hash("headwater-lottery-1\n" + call + "\n" + event + "\n" + at + "\n" + draw + "\n" + entry1 + "\n" + … + entryN + "\n")
//	ticket(entry) = hash(digest + "\n" + seed + "\n" + entry)
//
// at is as written in the file (RFC 3339), draw a decimal number. The entries with the smallest
// tickets are drawn, the smallest first.
//
// # Why it is fair
//
// Whoever fixes the list does not know the seed, so that each order of tickets is
// as likely as any other to them (SHA-256 taken as a random oracle); whoever learns the seed can no longer
// change list, number or event without another digest. The seed has to come from an event that nobody
// in it can bend or withhold, and whose wording leaves one way to write it down.
package lottery

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Version is the first line of what is hashed.
const Version = "headwater-lottery-1"

// List is what is fixed before the event.
type List struct {
	Call  string   `json:"call"`
	Event string   `json:"event"` // which outcome, and how it is written down as a seed
	At    string   `json:"at"`    // when it happens, RFC 3339
	Draw  int      `json:"draw"`  // how many are drawn
	List  []string `json:"list"`
}

// Record is a lottery as it is published: the list, what was put on record of it, and
// the draw once there is one.
type Record struct {
	Version string `json:"version"`
	List
	Digest   string   `json:"digest"`
	Recorded string   `json:"recorded"` // when the digest went on record, RFC 3339
	Seed     string   `json:"seed,omitempty"`
	Drawn    []string `json:"drawn,omitempty"` // in the order in which they were drawn
}

// Check says which field is wrong and what would be accepted, nil when a list can be drawn from.
func (l *List) Check() error {
	for _, x := range []struct{ field, text string }{{"call", l.Call}, {"event", l.Event}} {
		if err := oneLine(x.field, x.text); err != nil {
			return err
		}
	}
	if _, err := time.Parse(time.RFC3339, l.At); err != nil {
		return fmt.Errorf("at: %.40q: a time such as 2027-03-01T18:00:00+01:00 is expected", l.At)
	}
	if l.Draw < 0 || l.Draw > len(l.List) {
		return fmt.Errorf("draw: %d of %d: a number from 0 to that is expected", l.Draw, len(l.List))
	}
	seen := map[string]int{}
	for i, e := range l.List {
		if err := oneLine(fmt.Sprintf("list[%d]", i), e); err != nil {
			return err
		}
		if first, twice := seen[e]; twice {
			return fmt.Errorf("list[%d]: %q stands at %d already", i, e, first)
		}
		seen[e] = i
	}
	return nil
}

// OneLine says whether a text can stand in a list or be a seed: not blank, no line break.
func OneLine(text string) bool {
	return strings.TrimSpace(text) != "" && !strings.ContainsAny(text, "\r\n")
}

func oneLine(field, text string) error {
	if !OneLine(text) {
		return fmt.Errorf("%s: %.40q: one line of text is expected", field, text)
	}
	return nil
}

// Commitment is the digest of all of the list.
func (l *List) Commitment() string {
	lines := append([]string{Version, l.Call, l.Event, l.At, strconv.Itoa(l.Draw)}, l.List...)
	return hash(strings.Join(lines, "\n") + "\n")
}

// Drawing is the entries that a seed draws, the first drawn first. O(n log n).
func (l *List) Drawing(seed string) []string {
	digest := l.Commitment()
	type ticket struct{ hash, entry string }
	tickets := make([]ticket, len(l.List))
	for i, e := range l.List {
		tickets[i] = ticket{hash(digest + "\n" + seed + "\n" + e), e}
	}
	slices.SortFunc(tickets, func(a, b ticket) int { return strings.Compare(a.hash, b.hash) })
	drawn := make([]string, l.Draw)
	for i := range drawn {
		drawn[i] = tickets[i].entry
	}
	return drawn
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Read reads a record as JSON. The list has passed its check.
func Read(in io.Reader) (*Record, error) {
	d := json.NewDecoder(in)
	d.DisallowUnknownFields()
	r := &Record{}
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("a lottery as JSON is expected: %w", err)
	}
	if r.Version != Version {
		return nil, fmt.Errorf("version: %.40q: %s is expected", r.Version, Version)
	}
	if err := r.Check(); err != nil {
		return nil, err
	}
	if r.Seed != "" {
		if err := oneLine("seed", r.Seed); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Verify recomputes a record and says where it differs; nothing when it is right in
// all. known is a digest that was kept elsewhere, such as in a ledger or a newspaper;
// without it, that the list was not changed since rests on the record alone.
func Verify(r *Record, known string) (differs []string) {
	say := func(format string, args ...any) { differs = append(differs, fmt.Sprintf(format, args...)) }
	digest := r.Commitment()
	if r.Digest != digest {
		say("digest: the list as it stands has %s, the file says %s: list, number, event or time were changed after it went on record", digest, r.Digest)
	}
	if known != "" && !strings.EqualFold(known, digest) {
		say("digest: the list as it stands has %s, the one kept elsewhere is %s", digest, known)
	}
	at, _ := time.Parse(time.RFC3339, r.At) // checked by Read
	switch recorded, err := time.Parse(time.RFC3339, r.Recorded); {
	case err != nil:
		say("recorded: %.40q: a time such as 2027-02-20T12:00:00Z is expected", r.Recorded)
	case !recorded.Before(at):
		say("recorded: the list went on record at %s, not before the event at %s: its seed could have been known", r.Recorded, r.At)
	}
	if r.Seed == "" {
		say("seed: there is none yet")
		return differs
	}
	drawn := r.Drawing(r.Seed)
	if len(r.Drawn) != len(drawn) {
		say("drawn: %d entries, where %d are expected", len(r.Drawn), len(drawn))
	}
	for i := range min(len(r.Drawn), len(drawn)) {
		if r.Drawn[i] != drawn[i] {
			say("drawn[%d]: %q, where the seed draws %q", i, r.Drawn[i], drawn[i])
			break // the rest is shifted
		}
	}
	return differs
}
