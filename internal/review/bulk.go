package review

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// What a line of a bulk change does with its pair.
const (
	Free = "free" // takes a wish back
	Ask  = "ask"  // invites at once
)

// BulkActs are what a line may do.
var BulkActs = []string{Lock, Forbid, Free, Ask}

// mostBulk is how many lines one bulk change has at most.
const mostBulk = 5000

// BulkLine is one line, read and compared with how things stand.
type BulkLine struct {
	Line     int    `json:"line"`
	Proposal string `json:"proposal"` // its key
	Number   string `json:"number"`
	Person   string `json:"person"`
	Name     string `json:"name"`
	Do       string `json:"do"`
	Was      string `json:"was,omitempty"` // the wish before
	Same     bool   `json:"-"`             // nothing would change
	Problem  error  `json:"-"`
}

// Bulk is a dry run: what a table of changes would do.
type Bulk struct {
	Desk
	Lines    []BulkLine
	Problems int
	Changes  int
	Asked    int
}

// BulkChange is a bulk change that was applied.
type BulkChange struct {
	ID, By     string
	At, Undone time.Time
	Lines      []BulkLine
}

// TryBulk reads a table with the columns proposal, reviewer and do (see BulkActs) and says line by line what it
// would change and what is wrong. A reviewer is somebody of the pool, by key, mail address or name.
// Errors: Invalid for a text that is no such table.
func (s *Service) TryBulk(ctx context.Context, a access.Actor, callID, stage, text string) (Bulk, error) {
	var b Bulk
	return b, s.DB.Snapshot(ctx, func(ctx context.Context) error {
		d, err := s.desk(ctx, a, callID, stage, "review.assign")
		if err != nil {
			return err
		}
		b, err = s.tryBulk(ctx, d, text)
		return err
	})
}

func (s *Service) tryBulk(ctx context.Context, d Desk, text string) (Bulk, error) {
	b := Bulk{Desk: d}
	var err error
	if b.Lines, err = readBulk(text); err != nil {
		return b, err
	}
	known, err := s.bulkMatter(ctx, d)
	if err != nil {
		return b, err
	}
	seen := map[[2]string]int{}
	for i := range b.Lines {
		l := &b.Lines[i]
		l.Problem = known.settle(l)
		pair := [2]string{l.Proposal, l.Person}
		if first := seen[pair]; l.Problem == nil && first > 0 {
			l.Problem = fault.New(fault.Invalid, "review.bulk.twice", first)
		}
		seen[pair] = l.Line
		switch {
		case l.Problem != nil:
			b.Problems++
		case l.Do == Ask:
			b.Asked++
			b.Changes++
		case !l.Same:
			b.Changes++
		}
	}
	return b, nil
}

// readBulk reads a table. Columns may come in any order, with others between them.
func readBulk(text string) ([]BulkLine, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	if head, _, _ := strings.Cut(text, "\n"); strings.Count(head, ";") > strings.Count(head, ",") {
		r.Comma = ';'
	}
	head, err := r.Read()
	if err != nil {
		return nil, fault.Field("csv", "review.bulk.head")
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	columns := []string{"proposal", "reviewer", "do"}
	for _, name := range columns {
		if _, ok := at[name]; !ok {
			return nil, fault.Field("csv", "review.bulk.head")
		}
	}
	var out []BulkLine
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
			return nil, fault.Field("csv", "review.bulk.broken", bad.Line)
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		if len(out) == mostBulk {
			return nil, fault.Field("csv", "review.bulk.most", mostBulk)
		}
		cell := func(name string) string {
			if at[name] < len(row) {
				return strings.TrimSpace(row[at[name]])
			}
			return ""
		}
		out = append(out, BulkLine{Line: line, Number: cell("proposal"), Name: cell("reviewer"), Do: strings.ToLower(cell("do"))})
	}
}

// bulkMatter is what the lines of a table are compared with.
type bulkMatter struct {
	*matter
	byNumber map[string]candidate    // proposals, also by key
	byName   map[string][]PoolMember // by key, name and address in small letters
}

func (s *Service) bulkMatter(ctx context.Context, d Desk) (*bulkMatter, error) {
	all, err := s.unmeasured(ctx, d)
	if err != nil {
		return nil, err
	}
	addresses, err := s.addresses(ctx, all.people())
	if err != nil {
		return nil, err
	}
	m := &bulkMatter{all, map[string]candidate{}, map[string][]PoolMember{}}
	for _, c := range m.proposals {
		if !d.hidden[c.ID] {
			m.byNumber[c.Number], m.byNumber[c.ID] = c, c
		}
	}
	for _, p := range m.pool {
		names := []string{p.Person, strings.ToLower(p.Name), strings.ToLower(addresses[p.Person])}
		for _, name := range slices.Compact(names) {
			m.byName[name] = append(m.byName[name], p)
		}
	}
	return m, nil
}

// settle finds whom a line means and whether it can be done.
func (m *bulkMatter) settle(l *BulkLine) error {
	if !slices.Contains(BulkActs, l.Do) {
		return fault.New(fault.Invalid, "review.bulk.do", l.Do, strings.Join(BulkActs, ", "))
	}
	c, ok := m.byNumber[l.Number]
	if !ok {
		return fault.New(fault.Invalid, "review.assign.unknown", l.Number)
	}
	found := m.byName[l.Name]
	if len(found) == 0 {
		found = m.byName[strings.ToLower(l.Name)]
	}
	switch {
	case len(found) == 0 || l.Name == "":
		return fault.New(fault.Invalid, "review.bulk.nobody", l.Name)
	case len(found) > 1:
		return fault.New(fault.Invalid, "review.bulk.several", l.Name)
	}
	l.Proposal, l.Number, l.Person, l.Name = c.ID, c.Number, found[0].Person, found[0].Name
	pair := [2]string{l.Proposal, l.Person}
	l.Was = m.wishes[pair]
	if l.Same = l.Was == l.wish(); l.Do != Lock && l.Do != Ask {
		return nil
	}
	if c, is := m.barred[pair]; is {
		return fault.New(fault.Conflict, "review.conflict."+c.Rule, c.Evidence)
	}
	if l.Do == Ask && m.asked[pair] != "" {
		return fault.New(fault.Conflict, "review.asked.already")
	}
	return nil
}

// wish is what a line leaves as the wish of its pair.
func (l BulkLine) wish() string {
	if l.Do == Lock || l.Do == Forbid {
		return l.Do
	}
	return ""
}

// ApplyBulk does what a table of changes says, all of it or, with any problem, nothing: as one step
// that can be undone. Each person who is asked gets one mail. Errors: Invalid for a table with problems
// or without changes.
func (s *Service) ApplyBulk(ctx context.Context, a access.Actor, callID, stage, text string) (BulkChange, error) {
	var change BulkChange
	return change, work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, err := s.desk(ctx, a, callID, stage, "review.assign")
		if err != nil {
			return err
		}
		b, err := s.tryBulk(ctx, d, text)
		switch {
		case err != nil:
			return err
		case b.Problems > 0:
			return fault.Field("csv", "review.bulk.problems", b.Problems)
		case b.Changes == 0:
			return fault.Field("csv", "review.bulk.nothing")
		}
		change = BulkChange{ID: clock.ID(ctx), By: a.Account, At: clock.Now(ctx), Lines: slices.DeleteFunc(b.Lines, func(l BulkLine) bool { return l.Same && l.Do != Ask })}
		if err := s.insertChange(ctx, d, change); err != nil {
			return err
		}
		asked := map[string][]Review{}
		for _, l := range change.Lines {
			if err := s.doLine(ctx, a, d, l, change, asked); err != nil {
				return err
			}
		}
		if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.bulk", Kind: "call", ID: callID, Agency: d.agency, Payload: map[string]any{"change": change.ID, "stage": d.Stage(), "lines": change.Lines}}); err != nil {
			return err
		}
		return s.inviteBundles(ctx, callID, mail.About{Kind: "assignment", ID: change.ID}, asked)
	})
}

func (s *Service) doLine(ctx context.Context, a access.Actor, d Desk, l BulkLine, change BulkChange, asked map[string][]Review) error {
	if l.Do != Ask {
		return s.putWish(ctx, a, d, l.Proposal, l.Person, l.wish())
	}
	p, err := s.Proposals.Known(ctx, l.Proposal)
	if err != nil {
		return err
	}
	if err := s.Proposals.Cleared(ctx, p); err != nil {
		return err
	}
	r, err := s.ask(ctx, a, p, d.Plan, l.Person, &Run{ID: change.ID}, Pair{})
	asked[l.Person] = append(asked[l.Person], r)
	return err
}

// shownChanges is how many bulk changes of a stage are listed.
const shownChanges = 20

// BulkChanges lists the bulk changes of a stage, the newest first, without those that change nothing a may know of.
func (s *Service) BulkChanges(ctx context.Context, a access.Actor, callID, stage string) (Desk, []BulkChange, error) {
	d, err := s.desk(ctx, a, callID, stage, "review.assign")
	if err != nil {
		return d, nil, err
	}
	all, err := s.changes(ctx, d)
	list := all[:0]
	for _, c := range all {
		if c.Lines = c.seen(d); len(c.Lines) > 0 && len(list) < shownChanges {
			list = append(list, c)
		}
	}
	return d, list, err
}

// seen are the lines about proposals of which the viewer of a desk may know.
func (c BulkChange) seen(d Desk) []BulkLine {
	return slices.DeleteFunc(slices.Clone(c.Lines), func(l BulkLine) bool { return d.hidden[l.Proposal] })
}

// UndoBulk puts the wishes of a bulk change back as they were, where nobody has changed them since, and takes
// the invitations back that nobody has answered. Errors: Conflict for one that was undone.
func (s *Service) UndoBulk(ctx context.Context, a access.Actor, callID, changeID string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, change, err := s.change(ctx, a, callID, changeID)
		if err != nil {
			return err
		}
		wishes, err := s.wishes(ctx, d)
		if err != nil {
			return err
		}
		for _, l := range change.Lines {
			if l.Do == Ask || wishes[[2]string{l.Proposal, l.Person}] != l.wish() {
				continue
			}
			if err := s.putWish(ctx, a, d, l.Proposal, l.Person, l.Was); err != nil {
				return err
			}
		}
		open, _, err := s.openOf(ctx, change.ID)
		if err != nil {
			return err
		}
		if _, err := s.takeBack(ctx, Run{ID: change.ID}, open, lang.T(lang.Of(ctx), "review.bulk.undone.why")); err != nil {
			return err
		}
		if err := s.markChangeUndone(ctx, change.ID); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.bulk.undo", Kind: "call", ID: callID, Agency: d.agency, Payload: map[string]string{"change": change.ID}})
		return err
	})
}

// change is a bulk change that can be undone.
func (s *Service) change(ctx context.Context, a access.Actor, callID, id string) (Desk, BulkChange, error) {
	change, call, stage, err := s.changeByID(ctx, id)
	if err != nil {
		return Desk{}, change, err
	}
	if call != callID {
		return Desk{}, change, fault.Missing()
	}
	d, err := s.desk(ctx, a, callID, stage, "review.assign")
	if err == nil && len(change.seen(d)) == 0 {
		return d, change, fault.Missing()
	}
	if err == nil && !change.Undone.IsZero() {
		err = fault.New(fault.Conflict, "review.undo.not")
	}
	return d, change, err
}
