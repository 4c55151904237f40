package review

import (
	"cmp"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/register"
)

// Board is what the page of a call's assignment shows.
type Board struct {
	Desk
	Run     *Run // the newest suggestion; nil where there is none
	By      string
	Stale   bool // pool, pairs or answers changed since
	Rows    []Served
	Found   int // proposals that the filter finds
	Waiting int // proposals that are in review
	InPool  int
	States  map[string]int // how many reviews of the stage are in each state
	Loads   []Load         // of the pool under the suggestion, by name
	Reasons []Worded
	Rings   []WordedRing
	Order   *Order // a suggestion that is being made, or that failed; nil for none
	History []Run  // all suggestions, the newest first, without their pairs
}

// Load is how much the suggestion gives a person.
type Load struct {
	PoolMember
	Given int
}

// Worded is a Reason with names.
type Worded struct {
	Kind       string
	Proposals  []string // numbers
	People     []string // names
	Need, Have int
	Caps       []Cap
	Raise      []Raise
}

// Board is the newest suggestion of a call's stage with the proposals that the filter finds.
func (s *Service) Board(ctx context.Context, a access.Actor, callID, stage string, f AssignFilter) (Board, error) {
	var b Board
	err := s.DB.Snapshot(ctx, func(ctx context.Context) error {
		d, err := s.desk(ctx, a, callID, stage, "review.list")
		if err != nil {
			return err
		}
		b.Desk = d
		list, err := s.candidates(ctx, d)
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(c candidate) bool { return d.hidden[c.ID] })
		b.Waiting = len(list)
		var pool []PoolMember
		if pool, b.InPool, err = s.pool(ctx, d, "", 1, poolCap); err != nil {
			return err
		}
		asked, err := s.asked(ctx, d)
		if err != nil {
			return err
		}
		d.forget(pool, asked)
		b.States = map[string]int{}
		for pair, state := range asked {
			if !d.hidden[pair[0]] {
				b.States[state]++
			}
		}
		if b.Order, err = s.orderFor(ctx, d); err != nil {
			return err
		}
		if b.History, err = s.runs(ctx, callID, d.Stage()); err != nil || len(b.History) == 0 {
			return err
		}
		for i := range b.History {
			b.History[i].without(d.hidden)
		}
		if b.Order != nil && !b.Order.Under() && b.History[0].At.After(b.Order.At) {
			b.Order = nil // what it came to is there, or something newer
		}
		run, err := s.run(ctx, b.History[0].ID)
		if err != nil {
			return err
		}
		if b.Stale, err = s.changedSince(ctx, d, run); err != nil {
			return err
		}
		run.without(d.hidden)
		b.Run = &run
		if err := s.tell(ctx, &b, list, pool, f); err != nil {
			return err
		}
		return s.markConflicts(ctx, &b)
	})
	return b, err
}

// markConflicts adds to the pairs of a board what speaks against them as things stand now.
func (s *Service) markConflicts(ctx context.Context, b *Board) error {
	agency, bars, err := s.barsOf(ctx, b.Desk)
	if err != nil {
		return err
	}
	for rows := range slices.Chunk(b.Rows, 500) {
		var ids, people []string
		for _, row := range rows {
			ids = append(ids, row.ID)
			for _, p := range row.Pairs {
				people = append(people, p.Person)
			}
		}
		slices.Sort(people)
		in, args := db.In(1, ids)
		found, err := s.conflicts(ctx, scope{`p.id IN ` + in, args, agency, b.CallID, bars}, slices.Compact(people))
		if err != nil {
			return err
		}
		for _, row := range rows {
			for i := range row.Pairs {
				if list := found[[2]string{row.ID, row.Pairs[i].Person}]; len(list) > 0 {
					row.Pairs[i].Conflict = &list[0]
				}
			}
		}
	}
	return nil
}

// tell puts names to a suggestion and cuts out the page that is asked for.
func (s *Service) tell(ctx context.Context, b *Board, list []candidate, pool []PoolMember, f AssignFilter) error {
	people := []string{}
	for _, p := range b.Run.Result.Pairs {
		people = append(people, p.Person)
	}
	people = append(people, b.Run.Certificate.People...)
	for _, r := range b.Run.Result.Rings {
		people = append(people, r.People...)
	}
	slices.Sort(people)
	names, err := s.Register.Names(ctx, slices.Compact(people), nil)
	if err != nil {
		return err
	}
	numbers, given := map[string]string{}, map[string]int{}
	served := make([]Served, 0, len(list))
	at := map[string]int{}
	for _, c := range list {
		at[c.ID] = len(served)
		numbers[c.ID] = c.Number
		served = append(served, Served{ID: c.ID, Number: c.Number, Title: c.Title})
	}
	for _, p := range b.Run.Result.Pairs {
		given[p.Person]++
		if i, ok := at[p.Proposal]; ok {
			served[i].Pairs = append(served[i].Pairs, Suggested{Pair: p, Name: names[p.Person]})
		}
	}
	for _, m := range b.Run.Result.Short {
		if i, ok := at[m.ID]; ok {
			served[i].Missing = m.Count
		}
	}
	served = slices.DeleteFunc(served, func(v Served) bool { return !f.takes(v) })
	slices.SortFunc(served, f.order)
	b.Found = len(served)
	from := min((max(f.Page, 1)-1)*f.Size, len(served))
	b.Rows = served[from:min(from+f.Size, len(served))]
	for i := range b.Rows {
		slices.SortFunc(b.Rows[i].Pairs, func(x, y Suggested) int {
			return cmp.Or(cmp.Compare(y.Score, x.Score), strings.Compare(x.Name, y.Name))
		})
	}
	for _, m := range pool {
		b.Loads = append(b.Loads, Load{m, given[m.Person]})
	}
	maps.Copy(names, numbers)
	b.Run.Result.Caps = namedCaps(b.Run.Result.Caps, pool)
	b.Reasons, b.Rings = worded(b.Run.Result.Why, names, pool), wordedRings(b.Run.Result.Rings, names)
	by, err := s.byName(ctx, b.Run.By)
	b.By = by
	return err
}

// worded puts names, by key, to reasons; organisations are those of the pool.
func worded(why []Reason, names map[string]string, pool []PoolMember) (out []Worded) {
	named := func(keys []string) []string {
		list := make([]string, len(keys))
		for i, k := range keys {
			list[i] = names[k]
		}
		return list
	}
	for _, w := range why {
		one := Worded{w.Kind, named(w.Proposals), named(w.People), w.Need, w.Have, namedCaps(w.Caps, pool), nil}
		for _, x := range w.Raise {
			if x.Person = names[x.Person]; x.Cap != nil {
				x.Cap = &namedCaps([]Cap{*x.Cap}, pool)[0]
			}
			one.Raise = append(one.Raise, x)
		}
		out = append(out, one)
	}
	return out
}

// poolCap bounds how many people a pool is read with at once.
const poolCap = 10_000

// matter reads everything that a suggestion is made from. The number of queries
// does not depend on the number of proposals or people.
func (s *Service) matter(ctx context.Context, d Desk) (*matter, error) {
	m, writings, err := s.unscored(ctx, d)
	if err != nil {
		return nil, err
	}
	m.measure, err = s.measures.get(ctx, m.proposals, m.people(), writings, blend{s.Embedder, s.EmbedShare})
	return m, err
}

// unscored is the matter of a stage before its texts are compared, with what its people wrote.
func (s *Service) unscored(ctx context.Context, d Desk) (*matter, map[string][]register.Writing, error) {
	m, err := s.unmeasured(ctx, d)
	if err != nil {
		return nil, nil, err
	}
	writings, err := s.Register.Writings(ctx, m.people())
	return m, writings, err
}

// unmeasured is the matter of a stage without the measure: for what needs no scores.
func (s *Service) unmeasured(ctx context.Context, d Desk) (*matter, error) {
	m := &matter{}
	var err error
	if m.proposals, err = s.candidates(ctx, d); err != nil {
		return nil, err
	}
	if m.pool, _, err = s.pool(ctx, d, "", 1, poolCap); err != nil {
		return nil, err
	}
	slices.SortFunc(m.pool, func(a, b PoolMember) int { return strings.Compare(a.Person, b.Person) })
	if m.asked, err = s.asked(ctx, d); err != nil {
		return nil, err
	}
	if m.wishes, err = s.wishes(ctx, d); err != nil {
		return nil, err
	}
	if m.caps, err = s.applied(ctx, d.CallID, d.Stage()); err != nil {
		return nil, err
	}
	people := m.people()
	for pair := range m.asked {
		people = append(people, pair[1])
	}
	slices.Sort(people)
	agency, bars, err := s.barsOf(ctx, d)
	if err != nil {
		return nil, err
	}
	if m.barred, m.doubted, err = s.reasons(ctx, d, agency, bars, slices.Compact(people)); err != nil {
		return nil, err
	}
	m.rings, err = s.rings(ctx, d, m, bars)
	return m, err
}

// Suggest makes an assignment for the aim and under the rules of set and keeps it with its proof, and
// the pairs that set locks or forbids with it; nobody is asked yet. The time is that of
// package assign; nothing is locked meanwhile. What comes back is what a may know of it.
// Errors: Invalid for rules that contradict themselves; Conflict without proposals or pool.
func (s *Service) Suggest(ctx context.Context, a access.Actor, callID, stage string, set Settings) (Run, error) {
	return s.suggest(ctx, a, callID, stage, set, untold)
}

// suggest is Suggest that tells begins which step begins.
func (s *Service) suggest(ctx context.Context, a access.Actor, callID, stage string, set Settings, begins func(step string) error) (Run, error) {
	q, err := s.puts(ctx, a, callID, stage, set, begins)
	if err != nil {
		return Run{}, err
	}
	if err := begins(Fills); err != nil {
		return Run{}, err
	}
	run, _, err := q.solve(ctx, binary.BigEndian.Uint64(clock.Bytes(ctx, 8))>>11) // 53 bits: JSON numbers hold no more
	if err != nil {
		return Run{}, err
	}
	run.By = a.Account
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		for _, w := range q.set.Pairs {
			if err := s.wish(ctx, a, q.desk, w); err != nil {
				return err
			}
		}
		run.ID, run.At = clock.ID(ctx), clock.Now(ctx)
		if err := s.insertRun(ctx, run); err != nil {
			return err
		}
		_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.suggest", Kind: "assignment", ID: run.ID, Agency: q.desk.agency,
			Payload: map[string]any{"call": callID, "stage": run.Stage, "settings": run.Settings, "seed": run.Certificate.Seed, "problem": run.Certificate.Problem, "filled": run.Result.Filled, "places": run.Result.Places}})
		return err
	})
	run.without(q.desk.hidden)
	return run, err
}

// wish notes a pair that is locked, forbidden or freed, inside the unit of work of the caller.
func (s *Service) wish(ctx context.Context, a access.Actor, d Desk, w Wish) error {
	if err := s.putWish(ctx, a, d, w.Proposal, w.Person, w.Kind); err != nil {
		return err
	}
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.wish", Kind: "proposal", ID: w.Proposal, Agency: d.agency, Payload: map[string]string{"person": w.Person, "kind": w.Kind}})
	return err
}

// Suggestion is one suggestion whole, with its proof; for who has a conflict with one of its proposals as of Run.without.
func (s *Service) Suggestion(ctx context.Context, a access.Actor, callID, runID string) (Run, error) {
	run, err := s.run(ctx, runID)
	if err != nil {
		return Run{}, err
	}
	if run.CallID != callID {
		return Run{}, fault.Missing()
	}
	d, err := s.desk(ctx, a, callID, run.Stage, "review.list")
	run.without(d.hidden)
	return run, err
}

// Wish asks the next suggestions to keep a pair (Lock) or to leave it out
// (Forbid); "" takes the wish back.
// Errors: Conflict for locking a pair with a conflict of interest; Invalid for who is not in the pool.
func (s *Service) Wish(ctx context.Context, a access.Actor, callID, proposalID, person, kind string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, err := s.deskOf(ctx, a, callID, proposalID, "review.assign")
		if err != nil {
			return err
		}
		if kind != Lock && kind != Forbid && kind != "" {
			return fault.Field("kind", "fault.choice")
		}
		if in, err := s.inPool(ctx, callID, person); err != nil {
			return err
		} else if !in {
			return fault.Field("person", "review.pool.not")
		}
		if kind == Lock {
			if found, err := s.Conflicts(ctx, person, proposalID); err != nil {
				return err
			} else if err := refusal(found); err != nil {
				return err
			}
		}
		return s.wish(ctx, a, d, Wish{proposalID, person, kind})
	})
}

// Apply asks everybody whom a suggestion names and who was not asked before, as
// one step: all of them or, with an error, nobody. Each person gets one mail with all that it is about.
// Errors: Conflict where it was applied already, is not the newest, or no longer
// holds because of an answer, a conflict or a proposal that was withdrawn.
func (s *Service) Apply(ctx context.Context, a access.Actor, callID, runID string) (invited int, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		invited = 0
		run, err := s.run(ctx, runID)
		if err != nil {
			return err
		}
		if run.CallID != callID {
			return fault.Missing()
		}
		d, err := s.desk(ctx, a, callID, run.Stage, "review.assign")
		if err != nil {
			return err
		}
		runs, err := s.runs(ctx, callID, run.Stage)
		if err != nil {
			return err
		}
		if !run.AppliedAt.IsZero() || runs[0].ID != run.ID {
			return fault.New(fault.Conflict, "review.assign.applied")
		}
		invited, err = s.send(ctx, a, d, run)
		return err
	})
	return invited, err
}

// send asks everybody of a suggestion who was not asked before, inside the unit of work of the caller. It says for how many reviews of
// which a may know.
func (s *Service) send(ctx context.Context, a access.Actor, d Desk, run Run) (told int, err error) {
	asked, err := s.askAll(ctx, a, d, run)
	if err != nil {
		return 0, err
	}
	invited := 0
	for _, list := range asked {
		invited += len(list)
		told += len(d.shown(list))
	}
	if invited == 0 {
		return 0, fault.New(fault.Conflict, "review.assign.nothing")
	}
	if err := s.markApplied(ctx, run); err != nil {
		return 0, err
	}
	if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.assign", Kind: "assignment", ID: run.ID, Agency: d.agency, Payload: map[string]int{"invited": invited}}); err != nil {
		return 0, err
	}
	return told, s.inviteBundles(ctx, run.CallID, mailsOf(run), asked)
}

// askAll invites for every pair of a run that is new; by person.
func (s *Service) askAll(ctx context.Context, a access.Actor, d Desk, run Run) (map[string][]Review, error) {
	list, err := s.candidates(ctx, d)
	if err != nil {
		return nil, err
	}
	known := map[string]candidate{}
	for _, c := range list {
		known[c.ID] = c
	}
	asked, err := s.asked(ctx, d)
	if err != nil {
		return nil, err
	}
	var people []string
	for _, p := range run.Result.Pairs {
		people = append(people, p.Person)
	}
	slices.Sort(people)
	barred, err := s.barred(ctx, d, slices.Compact(people))
	if err != nil {
		return nil, err
	}
	out := map[string][]Review{}
	for _, pair := range run.Result.Pairs {
		c, there := known[pair.Proposal]
		key := [2]string{pair.Proposal, pair.Person}
		if counts(asked[key]) {
			continue
		}
		if _, bar := barred[key]; bar || !there || asked[key] != "" {
			return nil, d.stale(pair.Proposal, cmp.Or(c.Number, pair.Proposal))
		}
		p, err := s.Proposals.Known(ctx, pair.Proposal)
		if err != nil {
			return nil, err
		}
		r, err := s.ask(ctx, a, p, d.Plan, pair.Person, &run, pair)
		if err != nil {
			return nil, err
		}
		out[pair.Person] = append(out[pair.Person], r)
	}
	return out, nil
}

// Candidates are those of the pool who fit a proposal best, and those who would
// but must not judge it, with the reason.
type Candidates struct {
	Desk
	Proposal candidate
	List     []Candidate
	Total    int
}

// Candidate is one of them.
type Candidate struct {
	PoolMember
	place    int // in the pool of the measure
	Score    float64
	Words    []string
	Conflict *Conflict // soft, or what keeps them apart
	State    string    // of their review of this proposal; "" where they were not asked
	Wish     string
	Chosen   bool    // in the newest suggestion
	Passed   *Passed // why it passes over somebody who may judge the proposal; nil for who is in it, was asked, or is kept from it, and without a suggestion
}

// Barred reports whether the person must not judge the proposal.
func (c Candidate) Barred() bool { return c.Conflict != nil && !c.Conflict.Soft }

// CandidatesOf lists who of the pool may judge a proposal, the best first; text narrows by name.
func (s *Service) CandidatesOf(ctx context.Context, a access.Actor, callID, proposalID, text string, page, size int) (Candidates, error) {
	var out Candidates
	err := s.DB.Snapshot(ctx, func(ctx context.Context) error {
		var err error
		if out.Desk, err = s.deskOf(ctx, a, callID, proposalID, "review.list"); err != nil {
			return err
		}
		m, err := s.matter(ctx, out.Desk)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(m.proposals, func(c candidate) bool { return c.ID == proposalID })
		if i < 0 {
			return fault.Missing()
		}
		run, current, err := s.newest(ctx, out.Desk)
		if err != nil {
			return err
		}
		out.Proposal = m.proposals[i]
		out.forget(m.pool, m.asked)
		scores := m.measure.scores(i)
		for j, member := range m.pool {
			if !strings.Contains(strings.ToLower(member.Name), strings.ToLower(strings.TrimSpace(text))) {
				continue
			}
			key := [2]string{proposalID, member.Person}
			c := Candidate{PoolMember: member, place: j, Score: scores[j], State: m.asked[key], Wish: m.wishes[key], Chosen: run != nil && run.gives(proposalID, member.Person)}
			if bar, is := m.barred[key]; is {
				c.Conflict = &bar
			} else if doubt, is := m.doubted[key]; is {
				c.Conflict = &doubt
			}
			out.List = append(out.List, c)
		}
		slices.SortStableFunc(out.List, func(x, y Candidate) int {
			return cmp.Or(cmp.Compare(y.Score, x.Score), strings.Compare(x.Name, y.Name))
		})
		out.Total = len(out.List)
		from := min((max(page, 1)-1)*size, len(out.List))
		out.List = out.List[from:min(from+size, len(out.List))]
		for k := range out.List {
			c := &out.List[k]
			c.Words = m.measure.words(i, c.place)
			if run != nil && !c.Chosen && c.State == "" && c.Wish != Forbid && !c.Barred() {
				passed := run.passed(current, proposalID, c.PoolMember, c.Score)
				c.Passed = &passed
			}
		}
		return nil
	})
	return out, err
}

// inviteBundles writes one mail a person about everything that they are asked for.
func (s *Service) inviteBundles(ctx context.Context, callID string, about mail.About, asked map[string][]Review) error {
	for _, person := range slices.Sorted(maps.Keys(asked)) {
		if err := s.tellInvited(ctx, callID, person, asked[person], about); err != nil {
			return err
		}
	}
	return nil
}
