package app

import (
	"context"
	"errors"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/register"
)

// notifier tells people of the register by mail: at their account's address and
// in its language, else at the address that the register keeps. Who has neither
// is told nothing; what waits for them stands on their home page all the same.
type notifier struct {
	accounts *account.Service
	register *register.Service
	mail     *mail.Service
}

// Tell writes the mail in the unit of work of ctx.
func (n notifier) Tell(ctx context.Context, notice mail.Notice) error {
	m := mail.Message{Kind: notice.Kind, Args: notice.Args, About: notice.About, Digest: notice.Digest, Once: notice.Once}
	var err error
	if m.Account, _, err = n.accounts.ByPerson(ctx, notice.Person); err != nil {
		return err
	}
	if m.Account == "" {
		p, err := n.register.Profile(ctx, access.System, notice.Person)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if m.Email = p.Email; m.Email == "" {
			return nil
		}
		if notice.Join != "" {
			return errors.Join(n.mail.Send(ctx, m), n.join(ctx, m, notice))
		}
	}
	return n.mail.Send(ctx, m)
}

// TellOfficers writes to each account that is an officer of exactly this agency what its person may know.
func (n notifier) TellOfficers(ctx context.Context, agency string, say func(person string) (mail.Notice, bool, error)) error {
	list, err := n.accounts.Holders(ctx, access.Agency(agency), access.Officer)
	if err != nil {
		return err
	}
	for _, h := range list {
		notice, ok, err := say(h.Person)
		if err == nil && ok {
			err = n.mail.Send(ctx, mail.Message{Account: h.Account, Kind: notice.Kind, Args: notice.Args, About: notice.About, Digest: notice.Digest, Once: notice.Once})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// join sends a link by which a person of the register makes the account that what
// they are asked for takes. It goes out in the same digest, so as one mail with it.
func (n notifier) join(ctx context.Context, m mail.Message, notice mail.Notice) error {
	link, err := n.accounts.Invite(ctx, access.System, account.Invitation{Email: m.Email, Person: notice.Person, Next: notice.Join})
	if err != nil {
		return err
	}
	return n.mail.Send(ctx, mail.Message{Email: m.Email, Locale: m.Locale, Kind: "mail.join", Args: []any{link}, About: notice.About, Digest: m.Digest, Once: true})
}

func (n notifier) Sent(ctx context.Context, about mail.About) (bool, error) {
	return n.mail.Sent(ctx, about)
}
func (n notifier) Recall(ctx context.Context, about mail.About) error {
	return n.mail.Recall(ctx, about)
}
