package review

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
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
	History []Run // all suggestions, the newest first, without their pairs
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
		b.Waiting = len(list)
		var pool []PoolMember
		if pool, b.InPool, err = s.pool(ctx, d, "", 1, poolCap); err != nil {
			return err
		}
		asked, err := s.asked(ctx, d)
		if err != nil {
			return err
		}
		b.States = map[string]int{}
		for _, state := range asked {
			b.States[state]++
		}
		if b.History, err = s.runs(ctx, callID, d.Stage()); err != nil || len(b.History) == 0 {
			return err
		}
		run, err := s.run(ctx, b.History[0].ID)
		if err != nil {
			return err
		}
		b.Run = &run
		if b.Stale, err = s.changedSince(ctx, run); err != nil {
			return err
		}
		return s.tell(ctx, &b, list, pool, f)
	})
	return b, err
}

// tell puts names to a suggestion and cuts out the page that is asked for.
func (s *Service) tell(ctx context.Context, b *Board, list []candidate, pool []PoolMember, f AssignFilter) error {
	people := []string{}
	for _, p := range b.Run.Result.Pairs {
		people = append(people, p.Person)
	}
	people = append(people, b.Run.Certificate.People...)
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
			served[i].Pairs = append(served[i].Pairs, Suggested{p, names[p.Person]})
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
	for _, w := range b.Run.Result.Why {
		worded := Worded{Kind: w.Kind, Need: w.Need, Have: w.Have}
		for _, id := range w.Proposals {
			worded.Proposals = append(worded.Proposals, numbers[id])
		}
		for _, id := range w.People {
			worded.People = append(worded.People, names[id])
		}
		b.Reasons = append(b.Reasons, worded)
	}
	by, err := s.byName(ctx, b.Run.By)
	b.By = by
	return err
}

// poolCap bounds how many people a pool is read with at once.
const poolCap = 10_000

// matter reads everything that a suggestion is made from. The number of queries
// does not depend on the number of proposals or people.
func (s *Service) matter(ctx context.Context, d Desk) (*matter, error) {
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
	people := make([]string, len(m.pool))
	for i, p := range m.pool {
		people[i] = p.Person
	}
	if m.barred, err = s.barred(ctx, d, people); err != nil {
		return nil, err
	}
	said, err := s.Register.Words(ctx, people)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(people))
	for i, id := range people {
		texts[i] = said[id]
	}
	words := make([]map[string]string, len(m.proposals))
	for i, c := range m.proposals {
		m.proposals[i].words = alike(c.Title + "\n" + c.Summary)
		words[i] = m.proposals[i].words
	}
	m.measure = newShared(words, texts)
	return m, nil
}

// barred is why who must not judge what, for the pool and the proposals of a
// stage: the same rules as Conflicts.
func (s *Service) barred(ctx context.Context, d Desk, people []string) (map[[2]string]Conflict, error) {
	seats, err := s.seats(ctx, d)
	if err != nil {
		return nil, err
	}
	where, err := s.Register.Where(ctx, people)
	if err != nil {
		return nil, err
	}
	at := map[string][]string{} // organisation → who works there
	in := map[string]bool{}
	for _, person := range people {
		in[person] = true
		for _, o := range where[person] {
			at[o] = append(at[o], person)
		}
	}
	out := map[[2]string]Conflict{}
	put := func(proposal, person, rule, evidence string) {
		if _, known := out[[2]string{proposal, person}]; !known && in[person] {
			out[[2]string{proposal, person}] = Conflict{person, rule, evidence}
		}
	}
	for _, seat := range seats {
		put(seat.proposal, seat.person, "own-proposal", seat.name)
	}
	for _, seat := range seats {
		for _, person := range at[seat.organisation] {
			if person != seat.person {
				put(seat.proposal, person, "same-organisation", seat.organisationName)
			}
		}
	}
	declared, err := s.declaredOf(ctx, d)
	for _, c := range declared {
		put(c.proposal, c.Person, c.Rule, c.Evidence)
	}
	return out, err
}

// Suggest makes the best assignment under the rules and keeps it with its proof;
// nobody is asked yet. The time is that of assign.Solve; nothing is locked meanwhile.
// Errors: Invalid for rules that contradict themselves; Conflict without proposals or pool.
func (s *Service) Suggest(ctx context.Context, a access.Actor, callID, stage string, set Settings) (Run, error) {
	var d Desk
	var m *matter
	err := s.DB.Snapshot(ctx, func(ctx context.Context) (err error) {
		if d, err = s.desk(ctx, a, callID, stage, "review.assign"); err != nil {
			return err
		}
		m, err = s.matter(ctx, d)
		return err
	})
	if err != nil {
		return Run{}, err
	}
	if err := set.settle(d.Plan.Each); err != nil {
		return Run{}, err
	}
	switch {
	case len(m.proposals) == 0:
		return Run{}, fault.New(fault.Conflict, "review.assign.none")
	case len(m.pool) == 0:
		return Run{}, fault.New(fault.Conflict, "review.assign.pool")
	}
	began := time.Now() // how long the machine took, not when: the installation's clock may stand still
	p, scores, barred := m.problem(set)
	sol, err := assign.Solve(ctx, p)
	if err != nil {
		return Run{}, err
	}
	if err := assign.Verify(p, sol); err != nil {
		return Run{}, fmt.Errorf("the suggestion for %s is not proven: %w", callID, err)
	}
	run := Run{CallID: callID, Stage: d.Stage(), By: a.Account, Settings: set}
	run.Result, run.Certificate = m.told(p, sol, scores, barred)
	run.Result.Millis = time.Since(began).Milliseconds()
	return run, work.Do(ctx, s.DB, func(ctx context.Context) error {
		run.ID, run.At = clock.ID(ctx), clock.Now(ctx)
		if err := s.insertRun(ctx, run); err != nil {
			return err
		}
		_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.suggest", Kind: "assignment", ID: run.ID, Agency: d.agency,
			Payload: map[string]any{"call": callID, "stage": run.Stage, "problem": run.Certificate.Problem, "filled": run.Result.Filled, "places": run.Result.Places}})
		return err
	})
}

// Suggestion is one suggestion whole, with its proof.
func (s *Service) Suggestion(ctx context.Context, a access.Actor, callID, runID string) (Run, error) {
	run, err := s.run(ctx, runID)
	if err != nil {
		return Run{}, err
	}
	if run.CallID != callID {
		return Run{}, fault.Missing()
	}
	_, err = s.desk(ctx, a, callID, run.Stage, "review.list")
	return run, err
}

// Wish asks the next suggestions to keep a pair (Lock) or to leave it out
// (Forbid); "" takes the wish back.
// Errors: Conflict for locking a pair with a conflict of interest; Invalid for who is not in the pool.
func (s *Service) Wish(ctx context.Context, a access.Actor, callID, proposalID, person, kind string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, err := s.Proposals.Known(ctx, proposalID)
		if err != nil {
			return err
		}
		if p.CallID != callID || p.State == proposal.Draft {
			return fault.Missing()
		}
		d, err := s.desk(ctx, a, callID, p.Stage, "review.assign")
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
			} else if len(found) > 0 {
				return fault.New(fault.Conflict, "review.conflict."+found[0].Rule, found[0].Evidence).At("person")
			}
		}
		if err := s.putWish(ctx, a, d, proposalID, person, kind); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.wish", Kind: "proposal", ID: proposalID, Agency: d.agency, Payload: map[string]string{"person": person, "kind": kind}})
		return err
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
		asked, err := s.askAll(ctx, a, d, run)
		if err != nil {
			return err
		}
		for _, list := range asked {
			invited += len(list)
		}
		if invited == 0 {
			return fault.New(fault.Conflict, "review.assign.nothing")
		}
		if err := s.markApplied(ctx, run); err != nil {
			return err
		}
		if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.assign", Kind: "assignment", ID: run.ID, Agency: d.agency, Payload: map[string]int{"invited": invited}}); err != nil {
			return err
		}
		return s.inviteBundles(ctx, d, asked)
	})
	return invited, err
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
			return nil, fault.New(fault.Conflict, "review.assign.stale", cmp.Or(c.Number, pair.Proposal))
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
	Score    float64
	Words    []string
	Conflict *Conflict
	State    string // of their review of this proposal; "" where they were not asked
	Wish     string
	Chosen   bool // in the newest suggestion
}

// CandidatesOf lists who of the pool may judge a proposal, the best first; text narrows by name.
func (s *Service) CandidatesOf(ctx context.Context, a access.Actor, callID, proposalID, text string, page, size int) (Candidates, error) {
	var out Candidates
	err := s.DB.Snapshot(ctx, func(ctx context.Context) error {
		p, err := s.Proposals.Known(ctx, proposalID)
		if err != nil {
			return err
		}
		if p.CallID != callID || p.State == proposal.Draft {
			return fault.Missing()
		}
		if out.Desk, err = s.desk(ctx, a, callID, p.Stage, "review.list"); err != nil {
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
		chosen, err := s.chosen(ctx, out.Desk, proposalID)
		if err != nil {
			return err
		}
		out.Proposal = m.proposals[i]
		scores := m.measure.scores(out.Proposal.words)
		for j, member := range m.pool {
			if !strings.Contains(strings.ToLower(member.Name), strings.ToLower(strings.TrimSpace(text))) {
				continue
			}
			key := [2]string{proposalID, member.Person}
			c := Candidate{PoolMember: member, Score: scores[j], Words: m.measure.words(out.Proposal.words, j), State: m.asked[key], Wish: m.wishes[key], Chosen: chosen[member.Person]}
			if conflict, is := m.barred[key]; is {
				c.Conflict = &conflict
			}
			out.List = append(out.List, c)
		}
		slices.SortStableFunc(out.List, func(x, y Candidate) int {
			return cmp.Or(cmp.Compare(y.Score, x.Score), strings.Compare(x.Name, y.Name))
		})
		out.Total = len(out.List)
		from := min((max(page, 1)-1)*size, len(out.List))
		out.List = out.List[from:min(from+size, len(out.List))]
		return nil
	})
	return out, err
}

// chosen are the people whom the newest suggestion gives a proposal.
func (s *Service) chosen(ctx context.Context, d Desk, proposalID string) (map[string]bool, error) {
	out := map[string]bool{}
	runs, err := s.runs(ctx, d.CallID, d.Stage())
	if err != nil || len(runs) == 0 {
		return out, err
	}
	run, err := s.run(ctx, runs[0].ID)
	for _, p := range run.Result.Pairs {
		if p.Proposal == proposalID {
			out[p.Person] = true
		}
	}
	return out, err
}

// inviteBundles writes one mail a person about everything that they are asked for.
func (s *Service) inviteBundles(ctx context.Context, d Desk, asked map[string][]Review) error {
	for _, person := range slices.Sorted(maps.Keys(asked)) {
		list := asked[person]
		if err := s.tellInvited(ctx, d.CallID, person, list); err != nil {
			return err
		}
	}
	return nil
}
