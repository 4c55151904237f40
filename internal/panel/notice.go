package panel

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
)

// Notifier tells a person something, after the commit of the unit of work of
// ctx; internal/app fills it in.
type Notifier interface {
	Tell(ctx context.Context, n mail.Notice) error
}

func (s *Service) say(ctx context.Context, n mail.Notice) error {
	if s.Notify == nil {
		return nil
	}
	return s.Notify.Tell(ctx, n)
}

// tellSeated says that somebody sits in a panel, and nothing of what it treats.
func (s *Service) tellSeated(ctx context.Context, p Panel, b about, person string) error {
	return s.say(ctx, mail.Notice{Person: person, Kind: "panel.mail.seated", Args: []any{p.Name, b.call.Title, mail.Path("/panels/" + p.ID)},
		About: mail.About{Kind: "panel", ID: p.ID}, Join: "/panels/" + p.ID})
}

// Announce sends every member the order of the day, as they may see it.
// Errors: Conflict without a time of the meeting, and once it is over.
func (s *Service) Announce(ctx context.Context, a access.Actor, id string) error {
	return s.arrange(ctx, a, id, "panel.announce", func(ctx context.Context, r *room, b about) (any, error) {
		switch {
		case r.panel.State == Closed:
			return nil, fault.New(fault.Conflict, "panel.over")
		case r.panel.MeetsAt.IsZero():
			return nil, fault.New(fault.Conflict, "panel.announce.when")
		case len(r.members) == 0:
			return nil, fault.New(fault.Conflict, "panel.empty")
		}
		for _, m := range r.members {
			v := r.cut(access.Actor{Person: m.Person}, access.PanelSeat)
			lines := make(mail.Lines, len(v.Lines))
			for i, l := range v.Lines {
				lines[i] = lang.M("panel.mail.line", l.Place, l.Number, l.Title)
			}
			n := mail.Notice{Person: m.Person, Kind: "panel.mail.agenda", Args: []any{r.panel.Name, b.call.Title, r.panel.MeetsAt, lines, mail.Path("/panels/" + id)},
				About: mail.About{Kind: "panel", ID: id}}
			if err := s.say(ctx, n); err != nil {
				return nil, err
			}
		}
		return map[string]int{"members": len(r.members)}, nil
	})
}
