package review

import (
	"cmp"
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// defaultMost is how many reviews somebody new in a pool is asked for at most,
// unless they said themselves how many they take.
const defaultMost = 6

// mostLoad bounds what can be asked of one person in one call.
const mostLoad = 200

// PoolMember is somebody who may be asked to review for a call.
type PoolMember struct {
	Person, Name, Organisation string
	OrganisationID, Country    string // where they work now; the country is their own where that is nowhere
	CareerStage                string
	Least, Most                int
	Asked                      int // reviews of this stage that they were asked for and did not turn down
	Limit                      int // reviews a year that they agreed to; 0: not said
}

// Desk is a call's stage as those see it who assign its reviewers.
type Desk struct {
	CallID, Number string
	Title          scheme.Stage // the stage
	Set            access.Set
	Plan           scheme.Review
	Stages         []scheme.Stage // of the call that are reviewed
	agency         string
	hidden         map[string]bool // proposals of the stage with which the viewer has a conflict
}

// Stage is the key of the desk's stage.
func (d Desk) Stage() string { return d.Title.ID }

// MayAssign reports whether the viewer may change anything here.
func (d Desk) MayAssign() bool { return d.Set.Any(access.Staff) }

// desk is the stage of a call for act. Without a stage it is the one in which
// proposals wait for reviews, else the first that is reviewed.
func (s *Service) desk(ctx context.Context, a access.Actor, callID, stage string, act access.Act) (Desk, error) {
	c, err := s.Calls.Known(ctx, callID)
	if err != nil {
		return Desk{}, err
	}
	d := Desk{CallID: callID, Number: c.Number, Set: a.Staffing(c.AgencyID, c.ProgrammeID, c.ID), agency: c.AgencyID}
	if err := rules.Check(a, act, d.Set, rules["review.list"]); err != nil {
		return d, err
	}
	v, err := s.Schemes.Get(ctx, c.SchemeVersionID)
	if err != nil {
		return d, err
	}
	waiting, err := s.waitingStages(ctx, callID)
	if err != nil {
		return d, err
	}
	for _, st := range v.Stages {
		if st.Review == nil || st.Review.Each == 0 {
			continue
		}
		d.Stages = append(d.Stages, st)
		if st.ID == stage || stage == "" && (d.Title.ID == "" || waiting[st.ID] && !waiting[d.Title.ID]) {
			d.Title, d.Plan = st, *st.Review
		}
	}
	switch {
	case len(d.Stages) == 0:
		return d, fault.New(fault.Conflict, "review.none")
	case d.Title.ID == "":
		return d, fault.Missing()
	}
	d.hidden, err = s.hidden(ctx, a, d)
	return d, err
}

// stageOf is the stage in which a proposal of a call was handed in.
func (s *Service) stageOf(ctx context.Context, callID, proposalID string) (string, error) {
	p, err := s.Proposals.Known(ctx, proposalID)
	if err == nil && (p.CallID != callID || p.State == proposal.Draft) {
		err = fault.Missing()
	}
	return p.Stage, err
}

// deskOf is the stage of a call in which a proposal was handed in, for act. NotFound also for who has a
// conflict with the proposal.
func (s *Service) deskOf(ctx context.Context, a access.Actor, callID, proposalID string, act access.Act) (Desk, error) {
	stage, err := s.stageOf(ctx, callID, proposalID)
	if err != nil {
		return Desk{}, err
	}
	d, err := s.desk(ctx, a, callID, stage, act)
	if err == nil && d.hidden[proposalID] {
		err = fault.Missing()
	}
	return d, err
}

// Pool is a page of a call's reviewer pool, by name, and how many there are.
func (s *Service) Pool(ctx context.Context, a access.Actor, callID, stage, text string, page, size int) (Desk, []PoolMember, int, error) {
	d, err := s.desk(ctx, a, callID, stage, "review.list")
	if err != nil {
		return d, nil, 0, err
	}
	list, total, err := s.pool(ctx, d, text, page, size)
	if err != nil || len(d.hidden) == 0 {
		return d, list, total, err
	}
	asked, err := s.asked(ctx, d)
	d.forget(list, asked)
	return d, list, total, err
}

// SetPool puts somebody into the pool of a call, or changes how much they are
// asked for. A most of 0 stands for what they agreed to themselves, else 6.
// Errors: Invalid for loads that contradict themselves.
func (s *Service) SetPool(ctx context.Context, a access.Actor, callID, person string, least, most int) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, err := s.desk(ctx, a, callID, "", "review.assign")
		if err != nil {
			return err
		}
		limit, known, err := s.reviewLimit(ctx, person)
		if err != nil {
			return err
		}
		if !known {
			return fault.Field("person", "review.pool.unknown")
		}
		load, err := Loads{least, most}.settled(limit)
		if err != nil {
			return err
		}
		return s.setPool(ctx, a, d, person, load)
	})
}

// settled are loads with what stands for a most of 0: limit, what somebody agreed to themselves, else defaultMost.
func (l Loads) settled(limit int) (Loads, error) {
	if l.Most == 0 {
		l.Most = cmp.Or(limit, defaultMost)
	}
	if l.Most < 1 || l.Most > mostLoad {
		return l, fault.Field("most", "review.pool.most", mostLoad)
	}
	if l.Least < 0 || l.Least > l.Most {
		return l, fault.Field("least", "review.pool.least", l.Most)
	}
	return l, nil
}

// setPool is SetPool inside the unit of work of the caller.
func (s *Service) setPool(ctx context.Context, a access.Actor, d Desk, person string, load Loads) error {
	if err := s.putPool(ctx, d.CallID, person, load.Least, load.Most); err != nil {
		return err
	}
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.pool", Kind: "call", ID: d.CallID, Agency: d.agency, Payload: map[string]any{"person": person, "least": load.Least, "most": load.Most}})
	return err
}

// LeavePool takes somebody out of a call's pool. What they were asked for stays.
func (s *Service) LeavePool(ctx context.Context, a access.Actor, callID, person string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, err := s.desk(ctx, a, callID, "", "review.assign")
		if err != nil {
			return err
		}
		return s.leavePool(ctx, a, d, person)
	})
}

// leavePool is LeavePool inside the unit of work of the caller.
func (s *Service) leavePool(ctx context.Context, a access.Actor, d Desk, person string) error {
	if n, err := s.dropPool(ctx, d.CallID, person); err != nil {
		return err
	} else if n == 0 {
		return fault.Missing()
	}
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.pool.leave", Kind: "call", ID: d.CallID, Agency: d.agency, Payload: map[string]string{"person": person}})
	return err
}

// TakeInPool stores a pool as it is, inside the unit of work of the caller.
func (s *Service) TakeInPool(ctx context.Context, callID string, list []PoolMember) error {
	for _, m := range list {
		if err := s.putPool(ctx, callID, m.Person, m.Least, m.Most); err != nil {
			return err
		}
	}
	return nil
}

// Waiting is a call, or a stage of one, in which something waits for an officer.
type Waiting struct {
	CallID, Number string
	Stage          string // "" for what waits in a call
	Title          lang.Text
	N              int // proposals or reviews
}

// Unassigned lists the calls of a's agencies that have closed and of which
// proposals have no reviewer yet, the oldest first.
func (s *Service) Unassigned(ctx context.Context, a access.Actor) ([]Waiting, error) {
	return s.waiting(ctx, a, unassigned, `p.id`, db.At(clock.Now(ctx)))
}
