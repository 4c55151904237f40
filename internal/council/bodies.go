package council

import (
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// today is the plain day on which terms are judged, in Greenwich.
func today(ctx context.Context) string { return clock.Now(ctx).UTC().Format(time.DateOnly) }

// Form makes a body. By officers of its agency.
// Errors: Invalid with every field at fault.
func (s *Service) Form(ctx context.Context, a access.Actor, in BodyInput) (Body, error) {
	b := Body{AgencyID: in.AgencyID, Version: 1}
	if err := rules.Check(a, "council.form", a.Staffing(in.AgencyID, "", ""), access.Public); err != nil {
		return b, err
	}
	if err := in.apply(&b); err != nil {
		return b, err
	}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		b.ID = clock.ID(ctx)
		if err := s.insertBody(ctx, b); err != nil {
			return err
		}
		return s.log(ctx, a, b, "council.form", "body", b.ID, "", b)
	})
	return b, err
}

// Reform sets a body's name, remit and rule anew. Votes that were held keep the rule that they were held by.
// Errors: Invalid with every field at fault; Conflict for an old version.
func (s *Service) Reform(ctx context.Context, a access.Actor, id string, version int64, in BodyInput) error {
	return s.forming(ctx, a, id, func(ctx context.Context, b Body, _ []Seat) error {
		if err := in.apply(&b); err != nil {
			return err
		}
		b.Version = version
		if err := s.updateBody(ctx, b); err != nil {
			return err
		}
		return s.log(ctx, a, b, "council.reform", "body", b.ID, "", b)
	})
}

// forming is an act of those who may form a body, in a unit of work.
func (s *Service) forming(ctx context.Context, a access.Actor, id string, do func(context.Context, Body, []Seat) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		b, err := s.body(ctx, id)
		if err != nil {
			return err
		}
		if err := rules.Check(a, "council.form", a.Staffing(b.AgencyID, "", ""), access.Public); err != nil {
			return err
		}
		seats, err := s.seats(ctx, id)
		if err != nil {
			return err
		}
		return do(ctx, b, seats)
	})
}

// Seat begins a term. Errors: Invalid with every field at fault.
func (s *Service) Seat(ctx context.Context, a access.Actor, body string, in SeatInput) error {
	return s.forming(ctx, a, body, func(ctx context.Context, b Body, seats []Seat) error {
		if _, err := s.Register.Person(ctx, a, in.Person); fault.Is(err, fault.NotFound) {
			return fault.Field("person", "council.adviser.unknown")
		} else if err != nil {
			return err
		}
		if in.Role != Substitute {
			in.StandsFor = ""
		}
		if err := in.check(seats); err != nil {
			return err
		}
		x := Seat{ID: clock.ID(ctx), Person: in.Person, Role: in.Role, StandsFor: in.StandsFor, From: in.From, Until: in.Until}
		if err := s.insertSeat(ctx, b.ID, x); err != nil {
			return err
		}
		return s.log(ctx, a, b, "council.seat", "body", b.ID, "", in)
	})
}

// EndSeat sets the last day of a term. Errors: Invalid for a day before it began.
func (s *Service) EndSeat(ctx context.Context, a access.Actor, body, seat, last string) error {
	return s.forming(ctx, a, body, func(ctx context.Context, b Body, seats []Seat) error {
		i := slices.IndexFunc(seats, func(x Seat) bool { return x.ID == seat })
		if i < 0 {
			return fault.Missing()
		}
		if err := fault.Join(day("until", last, true)); err != nil {
			return err
		}
		if last < seats[i].From {
			return fault.Field("until", "council.until.early")
		}
		if err := s.endSeat(ctx, seat, last); err != nil {
			return err
		}
		return s.log(ctx, a, b, "council.unseat", "body", b.ID, "", map[string]string{"person": seats[i].Person, "until": last})
	})
}

// Declare says what the actor, who sits in the body, has to do with its matters.
// It takes the place of what was declared before, which is kept.
func (s *Service) Declare(ctx context.Context, a access.Actor, body, interests string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		b, seats, have, err := s.seated(ctx, a, body)
		if err != nil {
			return err
		}
		if err := rules.Check(a, "council.declare", have, access.Public); err != nil {
			return err
		}
		if !slices.ContainsFunc(seats, func(x Seat) bool { return x.Person == a.Person }) {
			return fault.New(fault.NotAllowed, "fault.denied")
		}
		if interests == "" {
			return fault.Field("interests", "council.interests.needed")
		}
		if over := len([]rune(interests)) - mostText; over > 0 {
			return fault.Field("interests", "fault.long", over)
		}
		if err := s.insertInterest(ctx, body, a.Person, interests); err != nil {
			return err
		}
		return s.log(ctx, a, b, "council.declare", "body", b.ID, "", map[string]string{"interests": interests})
	})
}

// seated is a body with all its terms and the audiences of a for it.
func (s *Service) seated(ctx context.Context, a access.Actor, id string) (Body, []Seat, access.Set, error) {
	b, err := s.body(ctx, id)
	if err != nil {
		return b, nil, 0, err
	}
	seats, err := s.seats(ctx, id)
	return b, seats, b.seated(a, seats, today(ctx)), err
}

// Bodies are all bodies with those who sit today, for everybody.
func (s *Service) Bodies(ctx context.Context, a access.Actor) ([]BodyView, error) {
	list, err := s.bodies(ctx)
	if err != nil {
		return nil, err
	}
	agencies, err := s.agencies(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]BodyView, 0, len(list))
	for _, b := range list {
		v, err := s.bodyView(ctx, a, b)
		if err != nil {
			return nil, err
		}
		v.Agency = agencies[b.AgencyID]
		out = append(out, v)
	}
	return out, nil
}

// agencies are the names of all agencies by key.
func (s *Service) agencies(ctx context.Context) (map[string]lang.Text, error) {
	all, err := s.Register.Agencies(ctx)
	out := make(map[string]lang.Text, len(all))
	for _, g := range all {
		out[g.ID] = g.Name
	}
	return out, err
}

// bodyView is a body with its terms as a may see them: everybody reads who sits and by
// which rule, interests are for those who see its meetings.
func (s *Service) bodyView(ctx context.Context, a access.Actor, b Body) (BodyView, error) {
	v := BodyView{Body: b}
	seats, err := s.seats(ctx, b.ID)
	if err != nil {
		return v, err
	}
	now := today(ctx)
	have := b.seated(a, seats, now)
	v.MayForm = rules.Check(a, "council.form", a.Staffing(b.AgencyID, "", ""), access.Public) == nil
	v.MaySee = rules.Check(a, "council.see", have, access.Public) == nil
	v.MayRun = rules.Check(a, "council.run", have, access.Public) == nil
	for i := range seats {
		if !v.MaySee {
			seats[i].Interests, seats[i].DeclaredAt = "", time.Time{}
		}
		if seats[i].on(now) && a.Alone() != "" && seats[i].Person == a.Alone() {
			v.Mine = &seats[i]
		}
		if seats[i].Until != "" && seats[i].Until < now {
			v.Past = append(v.Past, seats[i])
		} else {
			v.Seats = append(v.Seats, seats[i])
		}
	}
	readOut(v.Seats)
	return v, nil
}

// Body is a body with its meetings and what is followed up, as far as a may see them.
func (s *Service) Body(ctx context.Context, a access.Actor, id string) (BodyView, error) {
	b, err := s.body(ctx, id)
	if err != nil {
		return BodyView{}, err
	}
	v, err := s.bodyView(ctx, a, b)
	if err != nil {
		return v, err
	}
	agencies, err := s.agencies(ctx)
	if err != nil {
		return v, err
	}
	v.Agency = agencies[b.AgencyID]
	if !v.MaySee {
		return v, nil
	}
	meetings, err := s.meetingsOf(ctx, id)
	if err != nil {
		return v, err
	}
	for _, m := range meetings {
		if m.State != Planned || v.MayRun {
			v.Meetings = append(v.Meetings, m)
		}
	}
	v.Follow, err = s.conditions(ctx, `m.body_id = $1 AND c.state IN ('open', 'reported')`+unlessRecused, id, a.Person)
	return v, err
}

// DecidesPriorities names the body by which an agency's priorities are decided; ok is
// false where none is. The strategy room asks it.
func (s *Service) DecidesPriorities(ctx context.Context, agency string) (name lang.Text, ok bool, err error) {
	b, err := s.bodyOfPriorities(ctx, agency)
	return b.Name, b.ID != "", err
}

// log notes an act of a body in the ledger.
func (s *Service) log(ctx context.Context, a access.Actor, b Body, act, kind, id, why string, what any) error {
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: kind, ID: id, Agency: b.AgencyID, Why: why, Payload: what})
	return err
}
