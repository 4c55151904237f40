package proposal

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Notifier tells a person something, after the commit of the unit of work of
// ctx; internal/app fills it in.
type Notifier interface {
	Tell(ctx context.Context, n mail.Notice) error
}

func (s *Service) say(ctx context.Context, n mail.Notice) error {
	if s.Notify == nil || n.Person == "" {
		return nil
	}
	return s.Notify.Tell(ctx, n)
}

// tellAsked tells somebody of the register that a team asks them to join.
func (s *Service) tellAsked(ctx context.Context, a access.Actor, p Proposal, m Member) error {
	c, err := s.Calls.Known(ctx, p.CallID)
	if err != nil {
		return err
	}
	return s.say(ctx, mail.Notice{Person: m.PersonID, Kind: "proposal.mail.asked", Args: []any{a.Name, p.Number, cmp.Or(p.Title, p.Number), c.Title, lang.M("proposal.role." + m.Role), m.Share, c.ClosesAt,
		mail.Path("/proposals/" + p.ID + "/invitation")}, About: mail.About{Kind: "proposal", ID: p.ID}, Digest: "proposal", Join: "/proposals/" + p.ID + "/invitation"})
}

// tellReceipt tells who leads a proposal that it is in, when, and under which hash.
func (s *Service) tellReceipt(ctx context.Context, v View, r ledger.Receipt, hash string) error {
	for _, m := range v.Team {
		if m.State != "confirmed" || m.Role == "member" {
			continue
		}
		if err := s.say(ctx, mail.Notice{Person: m.PersonID, Kind: "proposal.mail.receipt", Args: []any{v.Number, v.Title, v.Call.Title, r.FirstByte, hash, mail.Path("/proposals/" + v.ID + "/receipt")},
			About: mail.About{Kind: "proposal", ID: v.ID}}); err != nil {
			return err
		}
	}
	return nil
}

// drafted is a draft whose call closes soon, with one of who writes it.
type drafted struct {
	id, number, title, person string
	closes, reminded          time.Time
}

// reminders are how long before the deadline of a call those are reminded whose draft is not submitted.
var reminders = []time.Duration{24 * time.Hour, 72 * time.Hour}

// due reports whether a reminder has come up that was not sent.
func (d drafted) due(now time.Time) bool {
	for _, before := range reminders {
		if from := d.closes.Add(-before); !now.Before(from) {
			return d.reminded.Before(from)
		}
	}
	return false
}

// Remind writes one mail to each person with drafts whose call closes within
// three days, and one more within the last; it says to how many people. Run as often as one likes.
func (s *Service) Remind(ctx context.Context) (people int, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		now := clock.Now(ctx)
		list, err := s.drafted(ctx, now, now.Add(slices.Max(reminders)))
		if err != nil {
			return err
		}
		by, ids := map[string][]drafted{}, map[string]bool{}
		for _, d := range list {
			if d.due(now) {
				by[d.person] = append(by[d.person], d)
				ids[d.id] = true
			}
		}
		people = len(by)
		for _, person := range slices.Sorted(maps.Keys(by)) {
			var lines mail.Lines
			for _, d := range by[person] {
				lines = append(lines, lang.M("proposal.mail.draft", d.number, cmp.Or(d.title, "…"), d.closes, mail.Path("/proposals/"+d.id)))
			}
			if err := s.say(ctx, mail.Notice{Person: person, Kind: "proposal.mail.closing", Args: []any{len(lines), by[person][0].closes, lines}, About: mail.About{Kind: "proposal", ID: by[person][0].id}, Digest: "proposal"}); err != nil {
				return err
			}
		}
		return s.markReminded(ctx, slices.Sorted(maps.Keys(ids)))
	})
	return people, err
}
