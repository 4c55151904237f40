package review

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Late is a review with a conflict that came to light after the invitation.
type Late struct {
	ReviewID, ProposalID, Number, Name string
	Conflict
}

// late are the invitations and reviews that records or names of today would forbid.
func (k *asking) late() (out []Late) {
	for _, r := range k.all {
		if c, is := k.barred[[2]string{r.ProposalID, r.Reviewer}]; is && r.Pending() {
			out = append(out, Late{r.ID, r.ProposalID, k.titles[r.ProposalID][0], k.names[r.Reviewer], c})
		}
	}
	return out
}

// Watch looks at every open review for conflicts that came to light since its person was asked: a profile changed, somebody joined
// a team. The agency's officers are told of each once, and again should it have been gone in between. Run as often as one likes.
func (s *Service) Watch(ctx context.Context) error {
	stages, err := s.openStages(ctx)
	for _, stage := range stages {
		if err := s.watch(ctx, stage[0], stage[1]); err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) { // its scheme asks for reviews no more
			return err
		}
	}
	return err
}

func (s *Service) watch(ctx context.Context, callID, stage string) error {
	var d Desk
	k := &asking{matter: &matter{}}
	err := s.DB.Snapshot(ctx, func(ctx context.Context) (err error) {
		if d, err = s.desk(ctx, access.System, callID, stage, "review.assign"); err != nil {
			return err
		}
		if k.all, err = s.list(ctx, `r.call_id = $1 AND r.stage = $2 AND r.state IN ('invited', 'accepted') AND r.reviewer_person IS NOT NULL`, callID, stage); err != nil {
			return err
		}
		people := make([]string, len(k.all))
		for i, r := range k.all {
			people[i] = r.Reviewer
		}
		slices.Sort(people)
		if k.barred, err = s.barred(ctx, d, slices.Compact(people)); err != nil {
			return err
		}
		k.names, k.titles, err = s.toldOf(ctx, k.all)
		return err
	})
	if err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error { return s.note(ctx, d, k.late()) })
}

// note keeps which reviews have a conflict now, and tells the officers of those that had none when they were last looked at.
func (s *Service) note(ctx context.Context, d Desk, list []Late) error {
	known, err := s.knownLate(ctx, d)
	if err != nil {
		return err
	}
	var news []Late
	for _, l := range list {
		if known[l.ReviewID] == "" {
			news = append(news, l)
			if _, err := s.Ledger.Append(ctx, access.System, ledger.Entry{Act: "review.conflict.found", Kind: "review", ID: l.ReviewID, Agency: d.agency, Payload: map[string]string{"rule": l.Rule}}); err != nil {
				return err
			}
		}
		if known[l.ReviewID] != l.Rule {
			if err := s.setLate(ctx, l.ReviewID, l.Rule); err != nil {
				return err
			}
		}
		delete(known, l.ReviewID)
	}
	for id := range known {
		if err := s.setLate(ctx, id, ""); err != nil {
			return err
		}
	}
	if len(news) == 0 {
		return nil
	}
	return s.tellLate(ctx, d, news)
}

// tellLate is one mail to each officer of the agency, about proposals with which they have no conflict of their own: it says who judges them.
func (s *Service) tellLate(ctx context.Context, d Desk, list []Late) error {
	if s.Notify == nil {
		return nil
	}
	return s.Notify.TellOfficers(ctx, d.agency, func(person string) (mail.Notice, bool, error) {
		kept, err := s.kept().Of(ctx, access.Actor{Person: person})
		var lines mail.Lines
		for _, l := range list {
			if !kept[l.ProposalID] {
				lines = append(lines, lang.M("review.mail.conflict.line", l.Number, l.Name, lang.M("review.conflict."+l.Rule, l.Evidence)))
			}
		}
		return mail.Notice{Kind: "review.mail.conflict", About: mail.About{Kind: "call", ID: d.CallID},
			Args: []any{len(lines), d.Number, lines, mail.Path("/calls/" + d.CallID + "/assignment/rounds?stage=" + d.Stage())}}, len(lines) > 0, err
	})
}

// LateCalls lists those of a's agencies in which an officer is to decide on such reviews, as Watch last saw them.
func (s *Service) LateCalls(ctx context.Context, a access.Actor) ([]Waiting, error) {
	return s.waiting(ctx, a, lateCalls, `r.proposal_id`)
}
