package council

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
)

// Duties is what waits for one person in the council's room.
type Duties struct {
	Votes      []Item      // to be cast now
	Minutes    []Meeting   // to be approved
	Meetings   []Meeting   // that are convened and to come
	Conditions []Condition // to be met
	Cases      []Agreement // to be answered for an agency
}

// Duties finds what waits for a. Nothing that a is recused from is among it.
func (s *Service) Duties(ctx context.Context, a access.Actor) (d Duties, err error) {
	if a.Delegation != "" { // nobody acts for another in a council
		return d, nil
	}
	if a.Person != "" {
		if err := s.sittings(ctx, a, &d); err != nil {
			return d, err
		}
		if d.Conditions, err = s.conditions(ctx, `c.person_id = $1 AND c.state = 'open'`, a.Person); err != nil {
			return d, err
		}
	}
	agencies, _ := a.Scopes("agency", access.Decider)
	if len(agencies) == 0 {
		return d, nil
	}
	d.Cases, err = s.casesToAnswer(ctx, a.Person, agencies)
	return d, err
}

// sittings finds what waits in the meetings of the bodies that a sits in.
func (s *Service) sittings(ctx context.Context, a access.Actor, d *Duties) error {
	bodies, err := s.sittingOf(ctx, a.Person, today(ctx))
	if err != nil || len(bodies) == 0 {
		return err
	}
	if d.Votes, err = s.toCast(ctx, a); err != nil {
		return err
	}
	for _, b := range bodies {
		list, err := s.meetingsOf(ctx, b)
		if err != nil {
			return err
		}
		for _, m := range list {
			switch m.State {
			case Convened:
				d.Meetings = append(d.Meetings, m)
			case Over:
				sit, err := s.sit(ctx, a, m.ID, "council.approve")
				if err != nil {
					return err
				}
				if may, err := s.approvers(ctx, m.ID, sit.seats); err != nil {
					return err
				} else if may[a.Person] {
					d.Minutes = append(d.Minutes, m)
				}
			}
		}
	}
	return nil
}

// toCast are the items on which a has a vote now and has not cast it.
func (s *Service) toCast(ctx context.Context, a access.Actor) ([]Item, error) {
	list, err := s.uncast(ctx, a.Person)
	var out []Item
	for _, r := range list {
		if hasVote(r.vote, a) {
			out = append(out, r.item)
		}
	}
	return out, err
}
