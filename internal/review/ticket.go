package review

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Tickets are links by which somebody answers an invitation without an account;
// internal/app fills it in.
type Tickets interface {
	// Ticket makes one about a subject, inside a unit of work.
	Ticket(ctx context.Context, subject string, until time.Time) (secret string, err error)
	// TicketFor is its subject, UseTicket too and uses it up. NotFound for one that is over.
	TicketFor(ctx context.Context, secret string) (subject string, err error)
	UseTicket(ctx context.Context, secret string) (subject string, err error)
}

// answerPath is where a mail lets a reviewer answer: by a ticket until the review is
// due, where there are such.
func (s *Service) answerPath(ctx context.Context, r Review) (mail.Path, error) {
	if s.Tickets == nil || r.State != Invited || !clock.Now(ctx).Before(r.DueAt) {
		return mail.Path("/reviews/" + r.ID), nil
	}
	secret, err := s.Tickets.Ticket(ctx, r.ID, r.DueAt)
	return mail.Path("/answer/" + secret), err
}

// ByTicket is the invitation that a ticket is for: title and summary, never the text.
// Errors: NotFound for a ticket that is over, and for an invitation that was answered.
func (s *Service) ByTicket(ctx context.Context, secret string) (View, error) {
	id, err := s.Tickets.TicketFor(ctx, secret)
	if err != nil {
		return View{}, err
	}
	r, err := s.invited(ctx, id)
	if err != nil {
		return View{}, err
	}
	return s.Get(ctx, holder(r), id)
}

// AnswerByTicket is Reply for who holds the ticket, in the invited person's name.
func (s *Service) AnswerByTicket(ctx context.Context, secret string, reply Reply) (Review, error) {
	var r Review
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		id, err := s.Tickets.UseTicket(ctx, secret)
		if err != nil {
			return err
		}
		if r, err = s.invited(ctx, id); err != nil {
			return err
		}
		return s.answer(ctx, holder(r), r, reply, map[string]string{"by": "mailed link"})
	})
	return r, err
}

// invited is a review that waits for an answer.
func (s *Service) invited(ctx context.Context, id string) (Review, error) {
	r, err := s.byID(ctx, id)
	if err == nil && r.State != Invited {
		err = fault.New(fault.NotFound, "account.link.over")
	}
	return r, err
}

// holder acts as the invited person, and as nothing else.
func holder(r Review) access.Actor { return access.Actor{Person: r.Reviewer} }
