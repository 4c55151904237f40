package retention

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

const (
	mailed      = "mailed"       // a request whose address no link has proved yet
	proveFor    = 24 * time.Hour // how long that link works
	longestName = 200            // runes
	ticketOf    = "request:"     // how the subject of a ticket to a request begins
)

// Outsider is what somebody tells who asks for their data without an account.
type Outsider struct {
	Name, Email string
	Kind, Body  string
	From        string // network address
}

func (in Outsider) check() error {
	var faults []*fault.Error
	if in.Name == "" {
		faults = append(faults, fault.Field("name", "fault.required"))
	}
	if over := len([]rune(in.Name)) - longestName; over > 0 {
		faults = append(faults, fault.Field("name", "fault.long", over))
	}
	return fault.Join(append(faults, checkWish(in.Kind, in.Body))...)
}

// AskByMail mails a link that proves the address of who asks without an account. Whether anything is held under it makes
// no difference to the answer or the work. Errors: Invalid; Unavailable after far too many from one network.
func (s *Service) AskByMail(ctx context.Context, in Outsider) error {
	if err := in.check(); err != nil {
		return err
	}
	return s.Accounts.AskByMail(ctx, "data-request", in.Email, in.From, func(ctx context.Context, email string) error {
		id, now := clock.ID(ctx), clock.Now(ctx)
		if err := s.exec(ctx, `INSERT INTO mailed_request (id, number, kind, body, state, due_at, created_at, name, email, locale) VALUES ($1, $1, $2, $3, '`+mailed+`', $4, $5, $6, $7, $8)`,
			id, in.Kind, in.Body, db.At(answerBy(now)), db.At(now), in.Name, email, string(lang.Of(ctx))); err != nil {
			return err
		}
		link, err := s.link(ctx, id, now.Add(proveFor))
		if err != nil {
			return err
		}
		return s.Mail.Send(ctx, mail.Message{Email: email, Locale: lang.Of(ctx), Kind: "retention.mail.prove", Args: []any{link}, About: mail.About{Kind: "request", ID: id}, Once: true})
	})
}

// link is an address that opens a request to who was mailed it.
func (s *Service) link(ctx context.Context, id string, until time.Time) (mail.Path, error) {
	secret, err := s.Accounts.Ticket(ctx, ticketOf+id, until)
	return mail.Path("/data-requests/" + secret), err
}

// ByLink is the request that a mailed link opens: one that it will prove, or one whose copy it hands out. Looking uses nothing up.
// Errors: NotFound for a link that is unknown, used or over.
func (s *Service) ByLink(ctx context.Context, secret string) (Request, error) {
	subject, err := s.Accounts.TicketFor(ctx, secret)
	if err != nil {
		return Request{}, err
	}
	id, _ := strings.CutPrefix(subject, ticketOf)
	return db.One(s.requests(ctx, `r.id = $1 AND (r.state = '`+mailed+`' OR r.state = 'ready' AND r.until_at > $2)`, id, db.At(clock.Now(ctx))))
}

// Prove puts a request among those that wait for an answer: whoever uses its link reads what is mailed to the address.
// Errors: NotFound for a link that is over.
func (s *Service) Prove(ctx context.Context, secret string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		r, err := s.ByLink(ctx, secret)
		if err != nil {
			return err
		}
		if r.State != mailed {
			return fault.Missing()
		}
		if _, err := s.Accounts.UseTicket(ctx, secret); err != nil {
			return err
		}
		no, err := number.Next(ctx, s.DB, "R")
		if err != nil {
			return err
		}
		now := clock.Now(ctx)
		if err := s.exec(ctx, `UPDATE mailed_request SET state = 'open', number = $2, created_at = $3, due_at = $4 WHERE id = $1`, r.ID, no, db.At(now), db.At(answerBy(now))); err != nil {
			return err
		}
		return s.note(ctx, access.System, "retention.ask", "request", r.ID, "", "", map[string]string{"number": no, "kind": r.Kind})
	})
}

// FetchByLink opens the copy that a mailed link hands out. Errors: NotFound.
func (s *Service) FetchByLink(ctx context.Context, secret string) (file.Ref, io.ReadSeekCloser, error) {
	r, err := s.ByLink(ctx, secret)
	if err == nil && r.File == "" {
		err = fault.Missing()
	}
	if err != nil {
		return file.Ref{}, nil, err
	}
	return s.open(ctx, access.System, r)
}

// Held are the people on whose record the address of a request stands.
func (s *Service) Held(ctx context.Context, r Request) ([]Record, error) {
	ids, err := s.under(ctx, r.Email)
	list := make([]Record, 0, len(ids))
	for _, id := range ids {
		if err == nil {
			var one Record
			one, err = s.find(ctx, access.System, "retention.erase", "person", id)
			list = append(list, one)
		}
	}
	return list, err
}

// under are the keys of the people on whose record an address stands: their own, or one that their account has proved.
func (s *Service) under(ctx context.Context, email string) ([]string, error) {
	return db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM person WHERE state <> 'erased' AND lower(email) = $1
		UNION SELECT person_id FROM account WHERE email = $1 AND email_verified_at IS NOT NULL AND disabled_at IS NULL AND person_id IS NOT NULL ORDER BY 1`, email)
}

// match names the person whose data was asked for by mail. Where the address does not stand on their record, whoever answers
// says how it was checked who asks. Errors: Invalid.
func (s *Service) match(ctx context.Context, a access.Actor, r Request, reply Reply) (Request, error) {
	found, err := s.find(ctx, a, "retention.erase", "person", reply.Person)
	if err != nil {
		f := fault.From(err)
		if f.Field == "ref" {
			f.Field = "person"
		}
		return r, err
	}
	ids, err := s.under(ctx, r.Email)
	if err == nil && !slices.Contains(ids, found.ID) && reply.Identity == "" {
		err = fault.Field("identity", "retention.identity.what")
	}
	r.Person = found.ID
	return r, err
}

// tell mails who asked what became of it, at the address that they proved or that of their account.
func (s *Service) tell(ctx context.Context, r Request, kind string, args ...any) error {
	about := mail.About{Kind: "request", ID: r.ID}
	if r.Email != "" {
		return s.Mail.Send(ctx, mail.Message{Email: r.Email, Locale: r.Locale, Kind: kind + ".outside", Args: args, About: about})
	}
	return s.Notify.Tell(ctx, mail.Notice{Person: r.Person, Kind: kind, Args: args, About: about})
}
