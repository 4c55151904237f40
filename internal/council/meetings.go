package council

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// sitting is a meeting with what an act on it needs. Whom a body's rule gives a vote is
// judged on the day of the meeting.
type sitting struct {
	body    Body
	seats   []Seat // whose term runs on that day
	meeting Meeting
	set     access.Set
}

// sitting loads a meeting, whether or not a may know of it.
func (s *Service) sitting(ctx context.Context, a access.Actor, id string) (sitting, error) {
	m, err := s.meeting(ctx, id)
	if err != nil {
		return sitting{}, err
	}
	b, seats, have, err := s.seated(ctx, a, m.BodyID)
	if err != nil {
		return sitting{}, err
	}
	return sitting{b, seatsOn(seats, m.Day), m, have}, nil
}

// check is whether a may do an act in it. Errors: NotFound for who may not know of the
// meeting: while it is planned that is everybody but those who run it.
func (x sitting) check(a access.Actor, act access.Act) error {
	see := rules["council.see"]
	if x.meeting.State == Planned {
		see = rules["council.run"]
	}
	if !x.set.Any(see) {
		return fault.Missing()
	}
	return rules.Check(a, act, x.set, see)
}

// sit loads a meeting for an act. Errors: as of check.
func (s *Service) sit(ctx context.Context, a access.Actor, id string, act access.Act) (sitting, error) {
	sit, err := s.sitting(ctx, a, id)
	if err != nil {
		return sit, err
	}
	return sit, sit.check(a, act)
}

// sitItem loads an item for an act. Errors: NotFound also for who is recused from it,
// whatever their role.
func (s *Service) sitItem(ctx context.Context, a access.Actor, id string, act access.Act) (sitting, Item, error) {
	i, err := s.item(ctx, id)
	if err != nil {
		return sitting{}, i, err
	}
	recused, err := s.recusedFrom(ctx, a.Person)
	if err != nil {
		return sitting{}, i, err
	}
	if recused[id] {
		return sitting{}, i, fault.Missing()
	}
	sit, err := s.sit(ctx, a, i.MeetingID, act)
	return sit, i, err
}

// Plan begins a meeting of a body. By its chair, its secretary, and officers of its agency.
func (s *Service) Plan(ctx context.Context, a access.Actor, body string, in MeetingInput) (Meeting, error) {
	m := Meeting{BodyID: body, State: Planned, SetAt: clock.Now(ctx), Version: 1}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		b, _, have, err := s.seated(ctx, a, body)
		if err != nil {
			return err
		}
		if err := rules.Check(a, "council.run", have, access.Public); err != nil {
			return err
		}
		if err := in.apply(&m); err != nil {
			return err
		}
		if m.Number, err = number.Next(ctx, s.DB, "M"); err != nil {
			return err
		}
		m.ID = clock.ID(ctx)
		if err := s.insertMeeting(ctx, m); err != nil {
			return err
		}
		return s.log(ctx, a, b, "council.plan", "meeting", m.ID, "", m)
	})
	return m, err
}

// Set changes when and where a meeting is, before it is opened; version is the one that was seen. Whoever sits
// in it and was convened is told. Errors: Invalid as of apply; Conflict once it was opened, or for an old version.
func (s *Service) Set(ctx context.Context, a access.Actor, id string, version int64, in MeetingInput) error {
	return s.running(ctx, a, id, func(ctx context.Context, sit sitting) error {
		if sit.meeting.State != Planned && sit.meeting.State != Convened {
			return fault.New(fault.Conflict, "council.meeting.turn")
		}
		if err := in.apply(&sit.meeting); err != nil {
			return err
		}
		sit.meeting.Version, sit.meeting.SetAt = version, clock.Now(ctx)
		if err := s.moveMeeting(ctx, sit.meeting); err != nil {
			return err
		}
		if sit.meeting.State == Convened {
			if err := s.tellWhen(ctx, sit, "council.mail.moved"); err != nil {
				return err
			}
		}
		return s.log(ctx, a, sit.body, "council.set", "meeting", id, "", in)
	})
}

// running is an act of those who run a meeting, in a unit of work.
func (s *Service) running(ctx context.Context, a access.Actor, id string, do func(context.Context, sitting) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		sit, err := s.sit(ctx, a, id, "council.run")
		if err != nil {
			return err
		}
		return do(ctx, sit)
	})
}

// onItem is an act of those who run a meeting on one of its items, in a unit of work.
func (s *Service) onItem(ctx context.Context, a access.Actor, id string, do func(context.Context, sitting, Item) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		sit, i, err := s.sitItem(ctx, a, id, "council.run")
		if err != nil {
			return err
		}
		return do(ctx, sit, i)
	})
}

// Move takes a meeting on: to Convened, which lays every dossier anew before the members,
// to InRoom, and to Over. Errors: Conflict out of turn, without an item, or while a vote is open.
func (s *Service) Move(ctx context.Context, a access.Actor, id, to string) error {
	return s.running(ctx, a, id, func(ctx context.Context, sit sitting) error {
		if from, ok := next[to]; !ok || sit.meeting.State != from {
			return fault.New(fault.Conflict, "council.meeting.turn")
		}
		if to == Convened {
			if err := s.convene(ctx, sit); err != nil {
				return err
			}
		}
		if to == Over {
			if open, err := s.voting(ctx, id); err != nil {
				return err
			} else if open {
				return fault.New(fault.Conflict, "council.voting")
			}
		}
		if err := s.setMeeting(ctx, sit.meeting, to, ""); err != nil {
			return err
		}
		if to == Convened {
			if err := s.tellWhen(ctx, sit, "council.mail.convened"); err != nil {
				return err
			}
		}
		return s.log(ctx, a, sit.body, "council."+to, "meeting", id, "", map[string]string{"number": sit.meeting.Number})
	})
}

func (s *Service) convene(ctx context.Context, sit sitting) error {
	items, err := s.itemsOf(ctx, sit.meeting.ID)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return fault.New(fault.Conflict, "council.meeting.empty")
	}
	for _, i := range items {
		records, err := s.recordsOf(ctx, i.ID)
		if err != nil {
			return err
		}
		for _, r := range records {
			// Who laid it saw it; who convenes need not.
			if err := s.freeze(ctx, access.System, i.ID, r.Kind, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// freeze lays a record before the members as it stands now, with the ledger's head.
func (s *Service) freeze(ctx context.Context, a access.Actor, item, kind, id string) error {
	r, err := s.Subjects.Find(ctx, a, kind, id)
	if err != nil {
		return err
	}
	heads, err := s.Ledger.Batches(ctx, 1)
	if err != nil {
		return err
	}
	r.Kind, r.ID, r.FrozenAt = kind, id, clock.Now(ctx)
	if len(heads) > 0 {
		r.Size, r.Root = heads[0].Size, heads[0].Root
	}
	return s.putRecord(ctx, item, r)
}

// AddItem puts an item at the end of the agenda, until the meeting is over.
// Errors: Invalid with every field at fault.
func (s *Service) AddItem(ctx context.Context, a access.Actor, meeting string, in ItemInput) (Item, error) {
	i := Item{MeetingID: meeting, Version: 1}
	err := s.running(ctx, a, meeting, func(ctx context.Context, sit sitting) error {
		if sit.meeting.State == Over || sit.meeting.State == Minuted {
			return fault.New(fault.Conflict, "council.meeting.turn")
		}
		if err := s.write(ctx, a, sit, in, &i); err != nil {
			return err
		}
		i.ID = clock.ID(ctx)
		if err := s.insertItem(ctx, i); err != nil {
			return err
		}
		if err := s.lay(ctx, a, i); err != nil {
			return err
		}
		return s.log(ctx, a, sit.body, "council.item", "council-item", i.ID, "", in)
	})
	return i, err
}

// EditItem writes an item anew, before its first vote. Errors: Conflict after it, or for an old version.
func (s *Service) EditItem(ctx context.Context, a access.Actor, id string, version int64, in ItemInput) error {
	return s.onItem(ctx, a, id, func(ctx context.Context, sit sitting, i Item) error {
		if err := s.unvoted(ctx, sit, i); err != nil {
			return err
		}
		if err := s.write(ctx, a, sit, in, &i); err != nil {
			return err
		}
		i.Version = version
		if err := s.updateItem(ctx, i); err != nil {
			return err
		}
		if err := s.lay(ctx, a, i); err != nil {
			return err
		}
		return s.log(ctx, a, sit.body, "council.item", "council-item", id, "", in)
	})
}

// DropItem takes an item off the agenda, before the meeting is opened; what was said of it stays in the ledger.
// Errors: Conflict from then on, and for the only item of a convened meeting.
func (s *Service) DropItem(ctx context.Context, a access.Actor, id, why string) error {
	return s.onItem(ctx, a, id, func(ctx context.Context, sit sitting, i Item) error {
		if sit.meeting.State != Planned && sit.meeting.State != Convened {
			return fault.New(fault.Conflict, "council.item.opened")
		}
		if why == "" {
			return fault.Field("drop", "fault.required")
		}
		items, err := s.itemsOf(ctx, i.MeetingID)
		if err != nil {
			return err
		}
		if sit.meeting.State == Convened && len(items) == 1 {
			return fault.New(fault.Conflict, "council.item.last")
		}
		if err := s.deleteItem(ctx, id); err != nil {
			return err
		}
		return s.log(ctx, a, sit.body, "council.item.drop", "council-item", id, why, map[string]any{"meeting": sit.meeting.Number, "title": i.Title})
	})
}

// unvoted refuses what may only be done to an item before its first vote.
func (s *Service) unvoted(ctx context.Context, sit sitting, i Item) error {
	votes, err := s.votes(ctx, i.ID)
	if err == nil && (len(votes) > 0 || sit.meeting.State == Over || sit.meeting.State == Minuted) {
		err = fault.New(fault.Conflict, "council.item.fixed")
	}
	return err
}

// write checks an item against its body: it decides priorities only where the body does,
// and asks other agencies only.
func (s *Service) write(ctx context.Context, a access.Actor, sit sitting, in ItemInput, i *Item) error {
	if err := in.apply(i); err != nil {
		return err
	}
	agencies, err := s.agencies(ctx)
	if err != nil {
		return err
	}
	for _, g := range i.Touches {
		if _, known := agencies[g]; !known || g == sit.body.AgencyID {
			return fault.Field("touches", "council.touches")
		}
	}
	if i.PriorityID == "" {
		return nil
	}
	v, err := s.Strategy.Priority(ctx, a, i.PriorityID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil || !sit.body.Priorities || v.AgencyID != sit.body.AgencyID {
		return fault.Field("priority", "council.priority")
	}
	return nil
}

// lay puts the priority that an item decides into its dossier.
func (s *Service) lay(ctx context.Context, a access.Actor, i Item) error {
	if i.PriorityID == "" {
		return nil
	}
	return s.freeze(ctx, a, i.ID, "priority", i.PriorityID)
}

// Lay puts a record into the dossier of an item as it stands now; one that is there is
// laid anew. Before the first vote only: what was known then stays.
// Errors: Invalid for a record that a does not see; Conflict after the first vote.
func (s *Service) Lay(ctx context.Context, a access.Actor, item, kind, id string) error {
	return s.onItem(ctx, a, item, func(ctx context.Context, sit sitting, i Item) error {
		if err := s.unvoted(ctx, sit, i); err != nil {
			return err
		}
		if !slices.Contains(RecordKinds, kind) {
			return fault.Field("address", "council.record.none")
		}
		if err := s.freeze(ctx, a, item, kind, id); fault.Is(err, fault.NotFound) {
			return fault.Field("address", "council.record.none")
		} else if err != nil {
			return err
		}
		return s.log(ctx, a, sit.body, "council.lay", "council-item", item, "", map[string]string{"kind": kind, "id": id})
	})
}

// Recuse keeps somebody away from an item: themselves, or whom those name who run the
// meeting. From then on they see no trace of it. A recusal is not taken back.
// Errors: Conflict once a vote was opened; Invalid without a reason.
func (s *Service) Recuse(ctx context.Context, a access.Actor, item, person, reason string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		act := access.Act("council.run")
		if person == a.Person {
			act = "council.cast"
		}
		sit, i, err := s.sitItem(ctx, a, item, act)
		if err != nil {
			return err
		}
		if err := s.unvoted(ctx, sit, i); err != nil {
			return err
		}
		if !slices.ContainsFunc(sit.seats, func(x Seat) bool { return x.Person == person }) {
			return fault.Field("person", "fault.choice")
		}
		if reason == "" {
			return fault.Field("reason", "fault.required")
		}
		if err := s.insertRecusal(ctx, item, person, reason); err != nil {
			return err
		}
		return s.log(ctx, a, sit.body, "council.recuse", "council-item", item, reason, map[string]string{"person": person})
	})
}

// Attend sets who is in attendance, of those who sit. Errors: Conflict while a vote is
// open: its quorum was counted when it was opened.
func (s *Service) Attend(ctx context.Context, a access.Actor, meeting string, people []string) error {
	return s.running(ctx, a, meeting, func(ctx context.Context, sit sitting) error {
		if sit.meeting.State != InRoom {
			return fault.New(fault.Conflict, "council.meeting.turn")
		}
		if open, err := s.voting(ctx, meeting); err != nil {
			return err
		} else if open {
			return fault.New(fault.Conflict, "council.voting")
		}
		slices.Sort(people)
		people = slices.Compact(people)
		for _, p := range people {
			if !slices.ContainsFunc(sit.seats, func(x Seat) bool { return x.Person == p }) {
				return fault.Field("present", "fault.choice")
			}
		}
		if err := s.putPresent(ctx, meeting, people); err != nil {
			return err
		}
		return s.log(ctx, a, sit.body, "council.attend", "meeting", meeting, "", people)
	})
}
