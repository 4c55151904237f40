package review

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// Notifier tells a person something, after the commit of the unit of work of
// ctx; internal/app fills it in.
type Notifier interface {
	Tell(ctx context.Context, n mail.Notice) error
	// TellOfficers tells every officer of an agency what say says to the person that the officer is, "" for none; it names
	// no person, and who may know nothing of it (ok is false) is told nothing.
	TellOfficers(ctx context.Context, agency string, say func(person string) (n mail.Notice, ok bool, err error)) error
	// Sent reports whether anybody was sent something about a record; Recall forgets what was not sent yet.
	Sent(ctx context.Context, about mail.About) (bool, error)
	Recall(ctx context.Context, about mail.About) error
}

// reviewDigest gathers what reviewers are told into few mails.
const reviewDigest = "review"

func (s *Service) say(ctx context.Context, n mail.Notice) error {
	if s.Notify == nil || n.Person == "" {
		return nil
	}
	return s.Notify.Tell(ctx, n)
}

// tellInvited is one mail to a person about all that they are asked for at once;
// about is what brought them. A title is all that an invitation gives away.
func (s *Service) tellInvited(ctx context.Context, callID, person string, list []Review, about mail.About) error {
	c, err := s.Calls.Known(ctx, callID)
	if err != nil {
		return err
	}
	lines, err := s.lines(ctx, list)
	if err != nil {
		return err
	}
	return s.say(ctx, mail.Notice{Person: person, Kind: "review.mail.invited", Args: []any{len(list), c.Title, list[0].DueAt, lines, mail.Path("/reviews")},
		About: about, Digest: reviewDigest, Join: "/reviews", Once: s.Tickets != nil})
}

// lines are reviews as lines of a mail: title, due date, address.
func (s *Service) lines(ctx context.Context, list []Review) (mail.Lines, error) {
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.ProposalID
	}
	titles, err := s.titles(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(mail.Lines, len(list))
	for i, r := range list {
		t := titles[r.ProposalID]
		path, err := s.answerPath(ctx, r)
		if err != nil {
			return nil, err
		}
		if out[i] = lang.M("review.mail.line", t[0], t[1], r.DueAt, path); r.State == Invited && !r.AnswerBy.IsZero() {
			out[i] = lang.M("review.mail.line.answer", t[0], t[1], r.DueAt, path, r.AnswerBy)
		}
	}
	return out, nil
}

func (s *Service) tellThanks(ctx context.Context, p proposal.Proposal, r Review) error {
	return s.say(ctx, mail.Notice{Person: r.Reviewer, Kind: "review.mail.thanks", Args: []any{p.Number, p.Title, mail.Path("/reviews/" + r.ID)},
		About: mail.About{Kind: "review", ID: r.ID}, Digest: reviewDigest})
}

// tellCancelled is about the review, or about the step that took it back.
func (s *Service) tellCancelled(ctx context.Context, p proposal.Proposal, r Review, why string, about mail.About) error {
	return s.say(ctx, mail.Notice{Person: r.Reviewer, Kind: "review.mail.cancelled", Args: []any{p.Number, p.Title, why}, About: about, Digest: reviewDigest})
}

func mailOf(r Review) mail.About { return mail.About{Kind: "review", ID: r.ID} }

// Reviews are reminded of this long before they are due, and not again within
// this time: three days before, at the due date, and then while they are late.
const (
	remindBefore = 3 * 24 * time.Hour
	remindPause  = 3 * 24 * time.Hour
)

// Remind writes one mail to each person whose reviews are due soon or late, and
// says how many people were reminded. Run as often as one likes: what was
// reminded of is left alone for three days.
func (s *Service) Remind(ctx context.Context) (people int, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		now := clock.Now(ctx)
		list, err := s.reminding(ctx, now.Add(remindBefore), now.Add(-remindPause))
		if err == nil {
			list, err = s.needed(ctx, list)
		}
		if err != nil || len(list) == 0 {
			return err
		}
		by := map[string][]Review{}
		ids := make([]string, len(list))
		for i, r := range list {
			by[r.Reviewer] = append(by[r.Reviewer], r)
			ids[i] = r.ID
		}
		people = len(by)
		for _, person := range slices.Sorted(maps.Keys(by)) {
			if err := s.tellDue(ctx, person, by[person], now); err != nil {
				return err
			}
		}
		return s.markReminded(ctx, ids)
	})
	return people, err
}

func (s *Service) tellDue(ctx context.Context, person string, list []Review, now time.Time) error {
	slices.SortStableFunc(list, func(a, b Review) int { return a.DueAt.Compare(b.DueAt) })
	kind, late := "review.mail.due", 0
	for _, r := range list {
		if now.After(r.DueAt) {
			late++
		}
	}
	if late > 0 {
		kind = "review.mail.late"
	}
	lines, err := s.lines(ctx, list)
	if err != nil {
		return err
	}
	return s.say(ctx, mail.Notice{Person: person, Kind: kind, Args: []any{len(list), late, lines, mail.Path("/reviews")}, About: mail.About{Kind: "review", ID: list[0].ID}, Digest: reviewDigest, Once: s.Tickets != nil})
}
