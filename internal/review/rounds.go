package review

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// InvitationPlan is how the invitations of a stage go on after the first ones.
type InvitationPlan struct {
	Target     int  // reviews that a proposal is to get
	Reserve    int  // people who may be asked for it beyond these, one for each who does not review
	AnswerDays int  // how long people have to answer; then the invitation lapses
	Automatic  bool // the next one is asked by itself; else an officer does it with one click
}

// nudgeBefore is how long before an answer is due people are reminded of it.
const nudgeBefore = 2 * 24 * time.Hour

func (p InvitationPlan) check() error {
	var faults []*fault.Error
	for _, f := range []struct {
		name            string
		value, low, top int
	}{{"target", p.Target, 1, 20}, {"reserve", p.Reserve, 0, 20}, {"answer_days", p.AnswerDays, 1, 60}} {
		if f.value < f.low || f.value > f.top {
			faults = append(faults, fault.Field(f.name, "review.rounds.between", f.low, f.top))
		}
	}
	return fault.Join(faults...)
}

// Rounds is how the invitations of a stage stand.
type Rounds struct {
	Desk
	InvitationPlan
	Planned bool           // somebody has set the plan; else it is the usual one and nothing happens by itself
	States  map[string]int // reviews of the stage by state
	Wanting []Wanting      // proposals with too few, by number
	Late    []Late         // who was asked and must not judge: a conflict came to light since
	Seen    string         // names the problem from which the next people were found
}

// Wanting is a proposal for which too few people review.
type Wanting struct {
	ID, Number, Title string
	Active, Missing   int
	Left              int // of the reserve
	Turned            []Turned
	Pooled            bool // one of Turned is in the pool: what is lost with them can be reckoned
	Next              []Suggested
}

// Turned is somebody who was asked and does not review.
type Turned struct {
	Name, State, Reason string
	Instead             *Suggestion
}

// NextN is how many people would be asked next.
func (r Rounds) NextN() (n int) {
	for _, w := range r.Wanting {
		n += len(w.Next)
	}
	return n
}

// asking is what the rounds of a stage are told from.
type asking struct {
	*matter
	all     []Review               // of the stage
	names   map[string]string      // of who was asked
	titles  map[string][2]string   // number and title of what they were asked for
	instead map[string]*Suggestion // whom they would ask instead, by review
}

func (s *Service) asking(ctx context.Context, d Desk) (*asking, error) {
	k := &asking{}
	var err error
	if k.all, err = s.list(ctx, `r.call_id = $1 AND r.stage = $2 AND r.reviewer_person IS NOT NULL`, d.CallID, d.Stage()); err != nil || len(k.all) == 0 {
		return k, err
	}
	if k.names, k.titles, err = s.toldOf(ctx, k.all); err != nil {
		return nil, err
	}
	if k.instead, err = s.suggestions(ctx, d); err != nil {
		return nil, err
	}
	k.matter, err = s.matter(ctx, d)
	return k, err
}

// RoundsOf says which proposals lack reviewers, why, and who is the next best for each: all
// places are filled together, under everybody's limits, and who was asked stays.
func (s *Service) RoundsOf(ctx context.Context, a access.Actor, callID, stage string) (Rounds, error) {
	out := Rounds{States: map[string]int{}}
	var k *asking
	err := s.DB.Snapshot(ctx, func(ctx context.Context) (err error) {
		if out.Desk, err = s.desk(ctx, a, callID, stage, "review.assign"); err != nil {
			return err
		}
		if out.InvitationPlan, out.Planned, err = s.planOf(ctx, out.Desk); err != nil {
			return err
		}
		k, err = s.asking(ctx, out.Desk)
		return err
	})
	if err != nil || len(k.all) == 0 {
		return out, err
	}
	next, seen, err := k.nextBest(ctx, out.Desk, out.InvitationPlan)
	if err != nil && !fault.Is(err, fault.Conflict) { // no pool, or nothing left to review: nobody is next
		return out, err
	}
	out.Seen = seen.Certificate.Problem
	k.all = slices.DeleteFunc(k.all, func(r Review) bool { return out.hidden[r.ProposalID] })
	for _, r := range k.all {
		out.States[r.State]++
	}
	out.Late, out.Wanting = k.late(), k.wanting(out.InvitationPlan, next)
	return out, nil
}

// wanting tells of each proposal that lacks somebody who was asked and turned it down, and who is next.
func (k *asking) wanting(plan InvitationPlan, next map[string][]Suggested) (out []Wanting) {
	by, pooled := map[string][]Review{}, map[string]bool{}
	for _, r := range k.all {
		by[r.ProposalID] = append(by[r.ProposalID], r)
	}
	for _, m := range k.pool {
		pooled[m.Person] = true
	}
	for _, c := range k.proposals {
		w := Wanting{ID: c.ID, Number: c.Number, Title: c.Title, Next: next[c.ID], Left: max(0, plan.Target+plan.Reserve-len(by[c.ID]))}
		for _, r := range by[c.ID] {
			if counts(r.State) {
				w.Active++
				continue
			}
			w.Pooled = w.Pooled || pooled[r.Reviewer]
			w.Turned = append(w.Turned, Turned{k.names[r.Reviewer], r.State, r.Reason, k.instead[r.ID]})
		}
		if w.Missing = plan.Target - w.Active; w.Missing > 0 && len(by[c.ID]) > 0 {
			out = append(out, w)
		}
	}
	return out
}

// nextBest fills the places that are open in proposals for which somebody was asked, and keeps who is;
// by proposal, and as a suggestion that is not kept.
func (m *matter) nextBest(ctx context.Context, d Desk, plan InvitationPlan) (map[string][]Suggested, Run, error) {
	q, err := m.question(d, Settings{Each: plan.Target, Caps: m.caps})
	if err != nil {
		return nil, Run{}, err
	}
	q.only(plan)
	run, _, err := q.solve(ctx, 0)
	if err != nil {
		return nil, run, err
	}
	run.Settings.Round = true
	names, out := m.names(), map[string][]Suggested{}
	for _, p := range run.Result.Pairs {
		if !p.Asked {
			out[p.Proposal] = append(out[p.Proposal], Suggested{Pair: p, Name: names[p.Person]})
		}
	}
	return out, run, nil
}

// only asks for no more than the reserve allows: nothing for proposals that nobody was
// asked for yet. Least loads do not count here.
func (q *question) only(plan InvitationPlan) {
	asked, fixed := map[string]int{}, make([]int, len(q.Demand))
	for pair := range q.matter.asked {
		asked[pair[0]]++
	}
	for _, e := range q.Edges {
		if e.Fixed {
			fixed[e.Proposal]++
		}
	}
	for i, c := range q.matter.proposals {
		left := max(0, plan.Target+plan.Reserve-asked[c.ID])
		if asked[c.ID] == 0 {
			left = 0
		}
		q.Demand[i] = max(fixed[i], min(q.Demand[i], fixed[i]+left))
	}
	for j := range q.Load {
		q.Load[j].Min = 0
	}
}

// SetPlan says how the invitations of a stage go on. Errors: Invalid, with the numbers that would be accepted.
func (s *Service) SetPlan(ctx context.Context, a access.Actor, callID, stage string, plan InvitationPlan) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, err := s.desk(ctx, a, callID, stage, "review.assign")
		if err != nil {
			return err
		}
		if err := plan.check(); err != nil {
			return err
		}
		if err := s.putPlan(ctx, a, d, plan); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.rounds", Kind: "call", ID: callID, Agency: d.agency, Payload: plan})
		return err
	})
}

// AskNext asks the next best person for every open place, as one step that can be undone. seen names the
// problem that the officer looked at; "" takes whatever is best now.
// Errors: Conflict where that has changed since, or nobody is left to ask.
func (s *Service) AskNext(ctx context.Context, a access.Actor, callID, stage, seen string) (invited int, err error) {
	var d Desk
	var plan InvitationPlan
	var m *matter
	if err := s.DB.Snapshot(ctx, func(ctx context.Context) (err error) {
		if d, err = s.desk(ctx, a, callID, stage, "review.assign"); err != nil {
			return err
		}
		if plan, _, err = s.planOf(ctx, d); err != nil {
			return err
		}
		m, err = s.matter(ctx, d)
		return err
	}); err != nil {
		return 0, err
	}
	_, run, err := m.nextBest(ctx, d, plan)
	if err != nil {
		return 0, err
	}
	if seen != "" && seen != run.Certificate.Problem {
		return 0, fault.New(fault.Conflict, "review.rounds.changed")
	}
	return invited, work.Do(ctx, s.DB, func(ctx context.Context) error {
		run.By, run.ID, run.At = a.Account, clock.ID(ctx), clock.Now(ctx)
		if err := s.insertRun(ctx, run); err != nil {
			return err
		}
		invited, err = s.send(ctx, a, d, run)
		return err
	})
}

// Next keeps the rounds of all stages going: it looks for conflicts that came to light, reminds of answers, lets those lapse
// that did not come, and asks the next best where an officer wants that. Run as often as one likes.
func (s *Service) Next(ctx context.Context) error {
	if err := s.Watch(ctx); err != nil {
		return err
	}
	if err := s.nudge(ctx); err != nil {
		return err
	}
	if err := s.lapse(ctx); err != nil {
		return err
	}
	list, err := s.automatic(ctx)
	for _, stage := range list {
		if _, err := s.AskNext(ctx, access.System, stage[0], stage[1], ""); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return err
}

// nudge reminds people, once, that an answer is due soon.
func (s *Service) nudge(ctx context.Context) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		list, err := s.list(ctx, `r.state = 'invited' AND r.nudged_at IS NULL AND r.answer_by <= $1`, clock.Now(ctx).Add(nudgeBefore).UnixMicro())
		if err == nil {
			list, err = s.needed(ctx, list)
		}
		if err != nil {
			return err
		}
		by, ids := map[string][]Review{}, make([]string, len(list))
		for i, r := range list {
			by[r.Reviewer], ids[i] = append(by[r.Reviewer], r), r.ID
		}
		for _, person := range slices.Sorted(maps.Keys(by)) {
			lines, err := s.lines(ctx, by[person])
			if err != nil {
				return err
			}
			if err := s.say(ctx, mail.Notice{Person: person, Kind: "review.mail.nudge", Args: []any{len(by[person]), lines, mail.Path("/reviews")},
				About: mail.About{Kind: "review", ID: by[person][0].ID}, Digest: reviewDigest, Once: s.Tickets != nil}); err != nil {
				return err
			}
		}
		return s.markNudged(ctx, ids)
	})
}

// lapse ends invitations that nobody answered in time; their people are told.
func (s *Service) lapse(ctx context.Context) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		list, err := s.list(ctx, `r.state = 'invited' AND r.answer_by <= $1`, clock.Now(ctx).UnixMicro())
		if err != nil {
			return err
		}
		for _, r := range list {
			p, err := s.Proposals.Known(ctx, r.ProposalID)
			if err != nil {
				return err
			}
			if err := s.setState(ctx, r, Lapsed, ""); err != nil {
				return err
			}
			if _, err := s.Ledger.Append(ctx, access.System, ledger.Entry{Act: "review.lapse", Kind: "review", ID: r.ID, Agency: p.AgencyID}); err != nil {
				return err
			}
			if err := s.say(ctx, mail.Notice{Person: r.Reviewer, Kind: "review.mail.lapsed", Args: []any{p.Number, p.Title, r.AnswerBy}, About: mail.About{Kind: "review", ID: r.ID}, Digest: reviewDigest}); err != nil {
				return err
			}
		}
		return nil
	})
}

// ToAsk lists the calls of a's agencies in which somebody turned an invitation down and an officer is to ask the next.
func (s *Service) ToAsk(ctx context.Context, a access.Actor) ([]Waiting, error) {
	return s.waiting(ctx, a, toAsk, `p.id`, 0)
}
