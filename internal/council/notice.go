package council

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
)

// Notifier tells a person something, after the commit of the unit of work of
// ctx; internal/app fills it in.
type Notifier interface {
	Tell(ctx context.Context, n mail.Notice) error
}

// tellMembers writes to everybody who sits in a meeting, of the items that they may know of, by their titles.
func (s *Service) tellMembers(ctx context.Context, sit sitting, kind, path string) error {
	if s.Notify == nil {
		return nil
	}
	items, err := s.itemsOf(ctx, sit.meeting.ID)
	if err != nil {
		return err
	}
	for _, x := range sit.seats {
		recused, err := s.recusedFrom(ctx, x.Person)
		if err != nil {
			return err
		}
		var lines mail.Lines
		for _, i := range items {
			if !recused[i.ID] {
				lines = append(lines, lang.M("council.mail.line", len(lines)+1, i.Title))
			}
		}
		n := mail.Notice{Person: x.Person, Kind: kind, Args: []any{sit.body.Name, sit.meeting.Number, lang.Day(sit.meeting.Day), sit.meeting.Where(), lines, mail.Path(path)},
			About: mail.About{Kind: "meeting", ID: sit.meeting.ID}}
		if err := s.Notify.Tell(ctx, n); err != nil {
			return err
		}
	}
	return nil
}
