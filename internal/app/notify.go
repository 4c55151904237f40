package app

import (
	"context"

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
	m := mail.Message{Kind: notice.Kind, Args: notice.Args, About: notice.About, Digest: notice.Digest}
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
	}
	return n.mail.Send(ctx, m)
}
