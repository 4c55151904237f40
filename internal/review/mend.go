package review

import (
	"context"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// The ways to make good for somebody who turned a proposal down.
const (
	Gentle = "gentle" // with few changes
	Best   = "best"   // the new optimum
)

// Way is a repair to be carried out.
type Way struct {
	Name string // Gentle, Best
	Most int    // new pairs of the gentle one
	Seen string // Repair.Seen of what the officer looked at; "": whatever is best now
	Why  string // for those whose invitation is taken back
}

// Mend carries a repair out as one step: everybody whom it names is asked, and the invitations that it gives up are
// taken back; all of it or, with an error, nothing. Undo takes the step back.
// Errors: Invalid for an unknown way, or no reason where an invitation is taken back; Conflict where something changed since
// it was looked at, or nobody is to be asked.
func (s *Service) Mend(ctx context.Context, a access.Actor, callID, proposalID string, way Way) (invited int, err error) {
	r, q, gentle, best, err := s.repair(ctx, a, callID, proposalID, way.Most)
	if err != nil {
		return 0, err
	}
	chosen, m := gentle, r.Gentle
	switch way.Name {
	case Gentle:
	case Best:
		chosen, m = best, r.Best
	default:
		return 0, fault.Field("way", "fault.choice")
	}
	if way.Seen != "" && way.Seen != r.Seen {
		return 0, fault.New(fault.Conflict, "review.rounds.changed")
	}
	if len(m.Dropped) > 0 && way.Why == "" {
		return 0, fault.Field("why", "fault.required")
	}
	run := q.mended(chosen, way)
	return invited, work.Do(ctx, s.DB, func(ctx context.Context) error {
		run.By, run.ID, run.At = a.Account, clock.ID(ctx), clock.Now(ctx)
		if err := s.insertRun(ctx, run); err != nil {
			return err
		}
		if err := s.giveUp(ctx, a, r.Desk, run, way.Why); err != nil {
			return err
		}
		invited, err = s.send(ctx, a, r.Desk, run)
		return err
	})
}

// mended is the suggestion that some edges of a repair's problem make.
func (q *question) mended(chosen map[int]bool, way Way) Run {
	run := Run{CallID: q.desk.CallID, Stage: q.desk.Stage(), Settings: q.set}
	run.Settings.Round, run.Settings.Mend = true, way.Name
	var list []int
	for k := range q.Edges {
		if chosen[k] {
			list = append(list, k)
		}
	}
	if g := q.matter.rings; g != nil {
		for _, ring := range g.found(q, list) {
			r, _ := g.told(q, list, ring)
			q.ringed = append(q.ringed, r)
		}
	}
	run.Result, run.Certificate = q.told(q.certain(list, q.lacks(list), nil, nil))
	for k, e := range q.Edges {
		pair := q.pair(k)
		if !chosen[k] && counts(q.matter.asked[pair]) {
			run.Result.Dropped = append(run.Result.Dropped, Pair{Proposal: pair[0], Person: pair[1], Score: q.scores[k], Words: q.matter.measure.words(e.Proposal, e.Reviewer), Asked: true})
		}
	}
	return run
}

// lacks are the places of proposals that some edges leave empty.
func (q *question) lacks(list []int) (out []assign.Missing) {
	got := make([]int, len(q.Demand))
	for _, k := range list {
		got[q.Edges[k].Proposal]++
	}
	for i, d := range q.Demand {
		if got[i] < d {
			out = append(out, assign.Missing{Index: i, Count: d - got[i]})
		}
	}
	return out
}

// pair are the keys of an edge's proposal and person.
func (q *question) pair(edge int) [2]string {
	e := q.Edges[edge]
	return [2]string{q.matter.proposals[e.Proposal].ID, q.matter.pool[e.Reviewer].Person}
}

// giveUp takes the invitations back that a repair gives up, inside the unit of work of the caller.
// Errors: Conflict for one that was answered meanwhile.
func (s *Service) giveUp(ctx context.Context, a access.Actor, d Desk, run Run, why string) error {
	for _, pair := range run.Result.Dropped {
		p, err := s.Proposals.Known(ctx, pair.Proposal)
		if err != nil {
			return err
		}
		list, err := s.ofPair(ctx, run, pair, Invited)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return d.stale(p.ID, p.Number)
		}
		if err := s.setState(ctx, list[0], Cancelled, why); err != nil {
			return err
		}
		if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.cancel", Kind: "review", ID: list[0].ID, Agency: d.agency, Why: why, Payload: map[string]string{"assignment": run.ID}}); err != nil {
			return err
		}
		if err := s.tellCancelled(ctx, p, list[0], why, mailsOf(run)); err != nil {
			return err
		}
	}
	return nil
}

// takeUp asks those again whose invitation a repair gave up, as far as nothing else became of it; told says whether they
// know that it was. It gives how many there were.
func (s *Service) takeUp(ctx context.Context, run Run, told bool) (n int, err error) {
	list, err := s.givenUp(ctx, run)
	for _, r := range list {
		if err == nil {
			err = s.reopen(ctx, r.ID)
		}
		if r.State = Invited; err == nil && told {
			err = s.tellInvited(ctx, run.CallID, r.Reviewer, []Review{r}, mail.About{Kind: "call", ID: run.CallID})
		}
	}
	return len(list), err
}

// givenUp are the invitations that a repair took back and that are still so.
func (s *Service) givenUp(ctx context.Context, run Run) (out []Review, err error) {
	for _, pair := range run.Result.Dropped {
		list, err := s.ofPair(ctx, run, pair, Cancelled)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// ofPair are the reviews of a pair of a suggestion that are in a state.
func (s *Service) ofPair(ctx context.Context, run Run, pair Pair, state string) ([]Review, error) {
	return s.list(ctx, `r.proposal_id = $1 AND r.stage = $2 AND r.reviewer_person = $3 AND r.state = $4`, pair.Proposal, run.Stage, pair.Person, state)
}
