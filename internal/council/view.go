package council

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Meeting is a meeting with the items that a is not recused from, numbered among
// themselves, so that no gap tells of another.
func (s *Service) Meeting(ctx context.Context, a access.Actor, id string) (MeetingView, error) {
	g, err := s.agenda(ctx, a, id)
	if err != nil {
		return MeetingView{}, err
	}
	v := MeetingView{Meeting: g.meeting, Body: g.body, Seats: g.seats, Here: g.here, MayRun: g.set.Any(rules["council.run"])}
	for n := range g.items {
		one, err := s.itemView(ctx, a, g, n)
		if err != nil {
			return v, err
		}
		v.Items = append(v.Items, one)
	}
	if v.Editions, err = s.editions(ctx, id); err != nil {
		return v, err
	}
	for i := range v.Editions {
		v.Editions[i] = v.Editions[i].without(g.recused)
	}
	return v, nil
}

// agenda is a meeting with the items that its viewer is not recused from, and what the views of all of them need.
type agenda struct {
	sitting
	here     map[string]bool // in attendance, by person
	items    []Item
	recused  map[string]bool // the items that are left out, and those of other meetings
	agencies map[string]lang.Text
}

func (s *Service) agenda(ctx context.Context, a access.Actor, id string) (agenda, error) {
	sit, err := s.sit(ctx, a, id, "council.see")
	if fault.Is(err, fault.NotAllowed) {
		return agenda{}, fault.Missing()
	}
	g := agenda{sitting: sit}
	if err != nil {
		return g, err
	}
	if g.here, err = s.present(ctx, id); err != nil {
		return g, err
	}
	if g.recused, err = s.recusedFrom(ctx, a.Person); err != nil {
		return g, err
	}
	if g.items, err = s.itemsOf(ctx, id); err != nil {
		return g, err
	}
	g.items = slices.DeleteFunc(g.items, func(i Item) bool { return g.recused[i.ID] })
	g.agencies, err = s.agencies(ctx)
	return g, err
}

// MayApprove reports whether a may approve the minutes now.
func (s *Service) MayApprove(ctx context.Context, a access.Actor, v MeetingView) (bool, error) {
	if v.State != Over || a.Person == "" {
		return false, nil
	}
	may, err := s.approvers(ctx, v.ID, v.Seats)
	return may[a.Person], err
}

// Item is one item of an agenda.
func (s *Service) Item(ctx context.Context, a access.Actor, id string) (ItemView, error) {
	i, err := s.item(ctx, id)
	if err != nil {
		return ItemView{}, err
	}
	g, err := s.agenda(ctx, a, i.MeetingID)
	if err != nil {
		return ItemView{}, err
	}
	n := slices.IndexFunc(g.items, func(x Item) bool { return x.ID == id })
	if n < 0 {
		return ItemView{}, fault.Missing()
	}
	return s.itemView(ctx, a, g, n)
}

// itemView is the item at a place of the agenda.
func (s *Service) itemView(ctx context.Context, a access.Actor, g agenda, n int) (ItemView, error) {
	i := g.items[n]
	v := ItemView{Item: i, Meeting: g.meeting, Body: g.body, Number: n + 1, Seats: g.seats, MayRun: g.set.Any(rules["council.run"])}
	var err error
	if v.Recused, err = s.recusals(ctx, i.ID); err != nil {
		return v, err
	}
	v.Quorum = g.body.Rule.result(g.places(g.here, v.Recused), Tally{})
	if v.Votes, err = s.votes(ctx, i.ID); err != nil {
		return v, err
	}
	v.cast(a)
	if v.Conditions, err = s.conditions(ctx, `c.item_id = $1`, i.ID); err != nil {
		return v, err
	}
	if v.Cited, err = s.uses(ctx, OfItem, i.ID); err != nil {
		return v, err
	}
	if v.Records, err = s.dossier(ctx, a, i.ID); err != nil {
		return v, err
	}
	for _, id := range i.Touches {
		v.Agencies = append(v.Agencies, g.agencies[id].In(lang.Of(ctx)))
	}
	for _, r := range v.Records {
		if r.Kind == "priority" && r.ID == i.PriorityID {
			v.Priority = r.Number + " " + r.Title.In(lang.Of(ctx))
		}
	}
	return v, nil
}

// cast finds out whether a may vote and has voted. While a vote runs nobody is told how
// anybody voted, nor of a secret one after it.
func (v *ItemView) cast(a access.Actor) {
	for i := range v.Votes {
		one := &v.Votes[i]
		if one.Running() {
			for _, b := range one.Ballots {
				v.Voted = v.Voted || b.Person == a.Person
			}
			v.MayCast = hasVote(*one, a) && !v.Voted
		}
		if one.Running() || one.Secret {
			one.Ballots, one.counted = nil, Tally{}
		}
	}
}

// dossier are the records of an item as they stood when they were laid before the members,
// with how much was entered about each since.
func (s *Service) dossier(ctx context.Context, a access.Actor, item string) ([]Record, error) {
	list, err := s.recordsOf(ctx, item)
	if err != nil {
		return nil, err
	}
	for i := range list {
		r := &list[i]
		entries, err := s.Ledger.Of(ctx, r.Kind, r.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.At.After(r.FrozenAt) {
				r.Since++
			}
		}
		_, err = s.Subjects.Find(ctx, a, r.Kind, r.ID)
		if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.NotAllowed) && !fault.Is(err, fault.SignIn) {
			return nil, err
		}
		r.Reach = err == nil
	}
	return list, nil
}

// Source is where a priority comes from: the motion by which a body decided it.
type Source struct {
	Body          lang.Text
	BodyID        string
	Meeting, Day  string
	MeetingID, ID string // of the meeting and the item; "" where the viewer may not see them
	State         string // what the priority became
	Result        Result
	Waits         bool // other agencies have not agreed yet
}

// Sources are the decisions on a priority, the latest first. Everybody may know by which
// body, when and by how many votes; who was recused does not see it.
func (s *Service) Sources(ctx context.Context, a access.Actor, priority string) ([]Source, error) {
	items, err := s.itemsOn(ctx, priority)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	recused, err := s.recusedFrom(ctx, a.Person)
	if err != nil {
		return nil, err
	}
	var out []Source
	for _, i := range items {
		if recused[i.ID] {
			continue
		}
		src, err := s.source(ctx, a, i)
		if err != nil {
			return nil, err
		}
		out = append(out, src)
	}
	return out, nil
}

func (s *Service) source(ctx context.Context, a access.Actor, i Item) (Source, error) {
	sit, err := s.sitting(ctx, a, i.MeetingID)
	if err != nil {
		return Source{}, err
	}
	out := Source{Body: sit.body.Name, BodyID: sit.body.ID, Meeting: sit.meeting.Number, Day: sit.meeting.Day, State: i.PriorityState}
	if sit.check(a, "council.see") == nil {
		out.MeetingID, out.ID = sit.meeting.ID, i.ID
	}
	votes, err := s.votes(ctx, i.ID)
	if err != nil {
		return out, err
	}
	if n := len(votes); n > 0 {
		out.Result = votes[n-1].Result
	}
	if len(i.Touches) > 0 {
		cases, err := s.casesOf(ctx, OfItem, i.ID)
		if err != nil {
			return out, err
		}
		out.Waits = len(cases) == 0 || cases[0].State != Agreed
	}
	return out, nil
}
