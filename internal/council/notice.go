package council

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
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

// tellWhen is tellMembers about when and where a meeting is, and notes that they were told.
func (s *Service) tellWhen(ctx context.Context, sit sitting, kind string) error {
	if err := s.tellMembers(ctx, sit, kind, "/council-meetings/"+sit.meeting.ID); err != nil {
		return err
	}
	return s.markTold(ctx, sit.meeting.ID)
}

// remindBefore is how long before a meeting begins those who sit in it are reminded.
const remindBefore = 48 * time.Hour

// due reports whether a reminder has come up, and nothing was written since: who was convened, or told of a change, within that
// time needs none.
func (m Meeting) due(now time.Time) bool {
	begins := m.begins()
	from := begins.Add(-remindBefore)
	return m.State == Convened && !now.Before(from) && now.Before(begins) && m.toldAt.Before(from)
}

// begins is when a meeting begins; where only the day is known, with the day.
func (m Meeting) begins() time.Time {
	if !m.Starts.IsZero() {
		return m.Starts
	}
	day, _ := time.Parse(time.DateOnly, m.Day) // apply has checked it
	return day
}

// Remind writes to everybody who sits in a convened meeting that begins within two days, once for each time that
// it is set; it says of how many meetings. Run as often as one likes.
func (s *Service) Remind(ctx context.Context) (meetings int, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		now := clock.Now(ctx).UTC()
		// The day is that of its zone, which may be one before or after.
		list, err := s.convened(ctx, now.AddDate(0, 0, -1).Format(time.DateOnly), now.Add(remindBefore).AddDate(0, 0, 1).Format(time.DateOnly))
		if err != nil {
			return err
		}
		for _, m := range list {
			if !m.due(now) {
				continue
			}
			sit, err := s.sitting(ctx, access.System, m.ID)
			if err != nil {
				return err
			}
			if err := s.tellWhen(ctx, sit, "council.mail.soon"); err != nil {
				return err
			}
			meetings++
		}
		return nil
	})
	return meetings, err
}
