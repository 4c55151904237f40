package panel

import (
	"context"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// lead runs an act of who leads the meeting on the panel as it stands.
func (s *Service) lead(ctx context.Context, a access.Actor, id, act string, do func(ctx context.Context, v View, p *Panel, r *room) (payload any, err error)) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, r, b, err := s.enter(ctx, a, id, "panel.lead")
		if err != nil {
			return err
		}
		payload, err := do(ctx, v, &r.panel, r)
		if err != nil {
			return err
		}
		if err := s.update(ctx, r.panel); err != nil {
			return err
		}
		return s.record(ctx, a, act, id, b, payload)
	})
}

// Begin opens the meeting. One that was ended can be begun again.
// Errors: Conflict while nobody can judge or nothing is on the order of the day.
func (s *Service) Begin(ctx context.Context, a access.Actor, id string) error {
	return s.lead(ctx, a, id, "panel.begin", func(ctx context.Context, v View, p *Panel, _ *room) (any, error) {
		switch {
		case p.State == Meeting:
			return nil, fault.New(fault.Conflict, "panel.begun")
		case len(v.Members) == 0 || len(v.Lines) == 0:
			return nil, fault.New(fault.Conflict, "panel.empty")
		}
		if p.State, p.EndedAt = Meeting, (time.Time{}); p.BeganAt.IsZero() {
			p.BeganAt = clock.Now(ctx)
		}
		return nil, nil
	})
}

// End closes the meeting. What was not treated stays so.
func (s *Service) End(ctx context.Context, a access.Actor, id string) error {
	return s.lead(ctx, a, id, "panel.end", func(ctx context.Context, _ View, p *Panel, _ *room) (any, error) {
		if p.State != Meeting {
			return nil, fault.New(fault.Conflict, "panel.not.begun")
		}
		p.State, p.Current, p.EndedAt = Closed, "", clock.Now(ctx)
		return nil, nil
	})
}

// Call makes an item the one that the meeting treats; the one before it waits until it
// is called again, unless it was closed. One that was closed may be called again.
func (s *Service) Call(ctx context.Context, a access.Actor, id, item string) error {
	return s.lead(ctx, a, id, "panel.call", func(ctx context.Context, v View, p *Panel, r *room) (any, error) {
		i, err := r.known(v, item)
		if err != nil {
			return nil, err
		}
		if p.State != Meeting {
			return nil, fault.New(fault.Conflict, "panel.not.begun")
		}
		p.Current, i.ClosedAt = i.ID, time.Time{}
		return map[string]string{"item": i.ID}, s.updateItem(ctx, i)
	})
}

// Close ends the treatment of the item that is open: its votes are final.
// Errors: Conflict where it is not open, or fewer members are there than the quorum.
func (s *Service) Close(ctx context.Context, a access.Actor, id, item string) error {
	return s.lead(ctx, a, id, "panel.close", func(ctx context.Context, v View, p *Panel, r *room) (any, error) {
		i, err := r.known(v, item)
		if err != nil {
			return nil, err
		}
		if p.Current != i.ID {
			return nil, fault.New(fault.Conflict, "panel.item.shut")
		}
		if err := r.quorate(i); err != nil {
			return nil, err
		}
		p.Current, i.ClosedAt, i.Attended = "", clock.Now(ctx), r.attending(i)
		t := r.tally(i, Final)
		return map[string]any{"item": i.ID, "votes": t.N, "of": t.Of, "mean": t.Mean, "attended": i.Attended}, s.updateItem(ctx, i)
	})
}

// known is an item that is in v.
func (r *room) known(v View, id string) (Item, error) {
	for _, l := range v.Lines {
		if l.ID != id {
			continue
		}
		for _, i := range r.items {
			if i.ID == id {
				return i, nil
			}
		}
	}
	return Item{}, fault.Missing()
}

// Summarise writes what the panel says of an item: its rapporteur, or who leads the meeting.
func (s *Service) Summarise(ctx context.Context, a access.Actor, id, item, text string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, i, _, b, err := s.within(ctx, a, id, item, "panel.read")
		if err != nil {
			return err
		}
		text = strings.TrimSpace(text)
		switch {
		case !d.MaySummarise():
			return fault.New(fault.NotAllowed, "panel.summary.whose")
		case len([]rune(text)) > longest:
			return fault.Field("summary", "panel.long", longest)
		}
		i.Summary = text
		if err := s.updateItem(ctx, i); err != nil {
			return err
		}
		return s.record(ctx, a, "panel.summary", id, b, map[string]string{"item": item, "summary": text})
	})
}

// Outcome is what a panel said of a proposal, for the decision and the letter.
type Outcome struct {
	Panel   string
	Summary string
	Final   Tally
}

// Outcomes are what panels said of the proposals of a call's stage whose treatment is
// closed, by proposal. For decision, the room below: it has decided who may know.
func (s *Service) Outcomes(ctx context.Context, callID, stage string) (map[string]Outcome, error) {
	list, err := s.list(ctx, `p.call_id = $1 AND p.stage = $2`, callID, stage)
	if err != nil {
		return nil, err
	}
	out := map[string]Outcome{}
	for _, p := range list {
		r, _, err := s.load(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		for _, i := range r.items {
			if !i.ClosedAt.IsZero() {
				out[i.ProposalID] = Outcome{p.Name, i.Summary, r.tally(i, Final)}
			}
		}
	}
	return out, nil
}
