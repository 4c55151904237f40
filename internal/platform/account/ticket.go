package account

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// linkTicket lets who holds it do one thing once, without an account: the room that
// gave it out says which.
const linkTicket = "ticket"

// Ticket makes a ticket that works until an instant, and returns its secret; subject
// is what the room will know it by. Inside a unit of work.
func (s *Service) Ticket(ctx context.Context, subject string, until time.Time) (string, error) {
	value, now := secret(ctx), clock.Now(ctx)
	return value, s.insertLink(ctx, value, link{kind: linkTicket}, subject, now, until)
}

// TicketFor is the subject of a ticket that still works. Looking does not use it:
// mail programs open links on their own. Errors: NotFound for one that is unknown, used or too old.
func (s *Service) TicketFor(ctx context.Context, secret string) (subject string, err error) {
	_, err = s.peek(ctx, secret, &subject, linkTicket)
	return subject, err
}

// UseTicket is TicketFor that uses it up, so that of several at once only one
// succeeds. Inside a unit of work: if that fails, the ticket works again.
func (s *Service) UseTicket(ctx context.Context, secret string) (subject string, err error) {
	_, err = s.use(ctx, secret, &subject, linkTicket)
	return subject, err
}

func (s *Service) insertLink(ctx context.Context, value string, l link, data any, now, until time.Time) error {
	return s.exec(ctx, `INSERT INTO link_token (hash, kind, account_id, email, data, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		digest(value), l.kind, db.Str(l.account), db.Str(l.email), db.JSON(data), db.At(now), db.At(until))
}
