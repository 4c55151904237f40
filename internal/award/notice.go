package award

import (
	"context"
	"maps"
	"slices"
	"time"

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

// Digests into which mails about awards are gathered.
const (
	reportDigest  = "report"
	paymentDigest = "payment"
)

func (s *Service) say(ctx context.Context, n mail.Notice) error {
	if s.Notify == nil || n.Person == "" {
		return nil
	}
	return s.Notify.Tell(ctx, n)
}

func (s *Service) tellAnswer(ctx context.Context, v View, state, note string) error {
	return s.say(ctx, mail.Notice{Person: v.LeadPerson, Kind: "award.mail." + state, Args: []any{v.Number, v.Title, note, mail.Path("/awards/" + v.ID)},
		About: mail.About{Kind: "award", ID: v.ID}, Digest: reportDigest})
}

// tellPayments tells the leads of awards what went on with their payments, each once.
func (s *Service) tellPayments(ctx context.Context, kind, why string, list []Payment) error {
	by := map[string][]Payment{}
	for _, p := range list {
		by[p.AwardID] = append(by[p.AwardID], p)
	}
	for _, id := range slices.Sorted(maps.Keys(by)) {
		a, err := s.byID(ctx, id)
		if err != nil {
			return err
		}
		var lines mail.Lines
		for _, p := range by[id] {
			lines = append(lines, lang.M("award.mail.payment", p.Amount, lang.Day(p.DueDay)))
		}
		if err := s.say(ctx, mail.Notice{Person: a.LeadPerson, Kind: kind, Args: []any{a.Number, a.Title, lines, why, mail.Path("/awards/" + id)},
			About: mail.About{Kind: "award", ID: id}, Digest: paymentDigest}); err != nil {
			return err
		}
	}
	return nil
}

// owedReport is a report to be reminded of.
type owedReport struct {
	id, award, due, number, lead string
	title                        lang.Text
}

// A report is reminded of from 30 days before it is due, every 14 days.
const (
	remindDays  = 30
	remindPause = 14 * 24 * time.Hour
)

// Remind writes one mail to each lead whose reports are due soon or late, and
// says to how many. Run as often as one likes.
func (s *Service) Remind(ctx context.Context) (people int, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		now := clock.Now(ctx)
		list, err := s.owing(ctx, now.AddDate(0, 0, remindDays).Format(time.DateOnly), now.Add(-remindPause))
		if err != nil {
			return err
		}
		by := map[string][]owedReport{}
		var ids []string
		for _, o := range list {
			by[o.lead] = append(by[o.lead], o)
			ids = append(ids, o.id)
		}
		people = len(by)
		for _, lead := range slices.Sorted(maps.Keys(by)) {
			var lines mail.Lines
			kind := "award.mail.due"
			for _, o := range by[lead] {
				lines = append(lines, lang.M("award.mail.report", o.number, o.title, lang.Day(o.due), mail.Path("/awards/"+o.award+"/report")))
				if o.due < now.Format(time.DateOnly) {
					kind = "award.mail.late"
				}
			}
			if err := s.say(ctx, mail.Notice{Person: lead, Kind: kind, Args: []any{len(lines), lines}, About: mail.About{Kind: "award", ID: by[lead][0].award}, Digest: reportDigest}); err != nil {
				return err
			}
		}
		return s.markReminded(ctx, ids)
	})
	return people, err
}
