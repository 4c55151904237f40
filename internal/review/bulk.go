package review

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
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
	Join = "pool" // puts somebody of the register into the pool, or changes their limits; of no proposal
)

// BulkActs are what a line may do.
var BulkActs = []string{Lock, Forbid, Free, Ask, Join}

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
	Was      string `json:"was,omitempty"`      // the wish before
	Load     *Loads `json:"load,omitempty"`     // Join
	WasLoad  *Loads `json:"was_load,omitempty"` // and before, of who was in the pool
	Same     bool   `json:"-"`                  // nothing would change
	Problem  error  `json:"-"`

	least, most string // as the table has them
}

// Loads are how many reviews of a call somebody takes at least and at most.
type Loads struct {
	Least int `json:"least"`
	Most  int `json:"most"`
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
// would change and what is wrong. A reviewer is somebody of the pool, by key, mail address or name; who is to come into
// it, by the same, is somebody of the register, with least and most in columns of these names or as SetPool has them.
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
	if known.register, err = s.joining(ctx, b.Lines); err != nil {
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
			if i, there := at[name]; there && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		out = append(out, BulkLine{Line: line, Number: cell("proposal"), Name: cell("reviewer"), Do: strings.ToLower(cell("do")), least: cell("least"), most: cell("most")})
	}
}

// bulkMatter is what the lines of a table are compared with.
type bulkMatter struct {
	*matter
	byNumber map[string]candidate    // proposals, also by key
	byName   map[string][]PoolMember // by key, name and address in small letters
	register map[string][]PoolMember // likewise, of those who are to come into the pool
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
	m := &bulkMatter{matter: all, byNumber: map[string]candidate{}, byName: map[string][]PoolMember{}}
	for _, c := range m.proposals {
		if !d.hidden[c.ID] {
			m.byNumber[c.Number], m.byNumber[c.ID] = c, c
		}
	}
	for _, p := range m.pool {
		called(m.byName, p, addresses[p.Person])
	}
	return m, nil
}

// called notes by what a line may call somebody.
func called(by map[string][]PoolMember, p PoolMember, address string) {
	names := []string{p.Person, strings.ToLower(p.Name), strings.ToLower(address)}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if name != "" {
			by[name] = append(by[name], p)
		}
	}
}

// joining are the people of the register whom lines would put into the pool.
func (s *Service) joining(ctx context.Context, lines []BulkLine) (map[string][]PoolMember, error) {
	var names []string
	for _, l := range lines {
		if l.Do == Join && l.Name != "" {
			names = append(names, l.Name, strings.ToLower(l.Name))
		}
	}
	slices.Sort(names)
	people, err := s.registered(ctx, slices.Compact(names))
	by := map[string][]PoolMember{}
	for _, p := range people {
		called(by, p.PoolMember, p.address)
	}
	return by, err
}

// settle finds whom a line means and whether it can be done.
func (m *bulkMatter) settle(l *BulkLine) error {
	if !slices.Contains(BulkActs, l.Do) {
		return fault.New(fault.Invalid, "review.bulk.do", l.Do, strings.Join(BulkActs, ", "))
	}
	if l.Do == Join {
		return m.joins(l)
	}
	c, ok := m.byNumber[l.Number]
	if !ok {
		return fault.New(fault.Invalid, "review.assign.unknown", l.Number)
	}
	who, err := one(m.byName, l.Name, "review.bulk.nobody", "review.bulk.several")
	if err != nil {
		return err
	}
	l.Proposal, l.Number, l.Person, l.Name = c.ID, c.Number, who.Person, who.Name
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

// one is whom a name means. nobody and several say what is wrong where it means none or more.
func one(by map[string][]PoolMember, name, nobody, several string) (PoolMember, error) {
	found := by[name]
	if len(found) == 0 {
		found = by[strings.ToLower(name)]
	}
	switch {
	case len(found) == 0 || name == "":
		return PoolMember{}, fault.New(fault.Invalid, nobody, name)
	case len(found) > 1:
		return PoolMember{}, fault.New(fault.Invalid, several, name)
	}
	return found[0], nil
}

// joins settles a line that puts somebody into the pool.
func (m *bulkMatter) joins(l *BulkLine) error {
	if l.Number != "" {
		return fault.New(fault.Invalid, "review.bulk.pool.proposal", l.Number)
	}
	who, err := one(m.register, l.Name, "review.bulk.pool.nobody", "review.bulk.pool.several")
	if err != nil {
		return err
	}
	l.Person, l.Name = who.Person, who.Name
	var load Loads
	for _, n := range []struct {
		text string
		to   *int
	}{{l.least, &load.Least}, {l.most, &load.Most}} {
		if n.text == "" {
			continue
		}
		if *n.to, err = strconv.Atoi(n.text); err != nil {
			return fault.New(fault.Invalid, "review.bulk.number", n.text)
		}
	}
	if load, err = load.settled(who.Limit); err != nil {
		return err
	}
	l.Load = &load
	if at := m.person(l.Person); at >= 0 {
		l.WasLoad = &Loads{m.pool[at].Least, m.pool[at].Most}
		l.Same = *l.WasLoad == load
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
	switch l.Do {
	case Ask:
	case Join:
		return s.setPool(ctx, a, d, l.Person, *l.Load)
	default:
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

// UndoBulk puts the wishes of a bulk change and the pool back as they were, where nobody has changed them since, and takes
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
			if l.Do == Join {
				if err := s.unjoin(ctx, a, d, l); err != nil {
					return err
				}
				continue
			}
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

// unjoin puts the pool back as it was before a line, where nobody has changed it since. What somebody was asked for stays.
func (s *Service) unjoin(ctx context.Context, a access.Actor, d Desk, l BulkLine) error {
	now, in, err := s.loadsOf(ctx, d.CallID, l.Person)
	switch {
	case err != nil:
		return err
	case !in || now != *l.Load:
		return nil
	case l.WasLoad != nil:
		return s.setPool(ctx, a, d, l.Person, *l.WasLoad)
	}
	return s.leavePool(ctx, a, d, l.Person)
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
