package app

import (
	"context"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// desk fills proposal.Desk: research offices are roles, invitations are links of accounts.
type desk struct{ a *App }

func (d desk) Offices(ctx context.Context, organisation string) ([]string, error) {
	list, err := d.a.Accounts.Holders(ctx, access.Organisation(organisation), access.Research)
	accounts := make([]string, len(list))
	for i, h := range list {
		accounts[i] = h.Account
	}
	return accounts, err
}

func (d desk) base() string { return strings.TrimSuffix(d.a.Config.Address, "/") }

func (d desk) Tell(ctx context.Context, n proposal.Notice) error {
	if n.Account == "" && n.Person != "" {
		var err error
		if n.Account, _, err = d.a.Accounts.ByPerson(ctx, n.Person); err != nil {
			return err
		}
	}
	if n.Account == "" { // nobody here who could read it
		return nil
	}
	return d.a.Mail.Send(ctx, mail.Message{Account: n.Account, Kind: n.Kind, Args: append(n.Args, d.base()+"/proposals/"+n.ProposalID+n.Path), About: mail.About{Kind: "proposal", ID: n.ProposalID}})
}

// Invite mails whoever is asked into a team. A person of the register who has an
// account is told there; who has none, or is no more than an address, gets a link
// that makes the account and leads to the invitation.
func (d desk) Invite(ctx context.Context, a access.Actor, in proposal.Asked) error {
	next := "/proposals/" + in.ProposalID + "/invitation"
	m := mail.Message{Kind: "proposal.mail.invite", About: mail.About{Kind: "proposal", ID: in.ProposalID}, Once: true, Locale: lang.Of(ctx)}
	address := d.base() + next
	if in.Person != "" {
		id, _, err := d.a.Accounts.ByPerson(ctx, in.Person)
		if err != nil || id == "" {
			return err // a person of the register without an account has given us no address to write to
		}
		m.Account, m.Locale, m.Once = id, "", false
	} else {
		given, family := "", in.Name
		if i := strings.LastIndex(in.Name, " "); i > 0 {
			given, family = in.Name[:i], in.Name[i+1:]
		}
		var err error
		if address, err = d.a.Accounts.Invite(ctx, a, account.Invitation{Email: in.Email, Given: given, Family: family, AboutKind: "proposal", AboutID: in.ProposalID, Next: next}); err != nil {
			return err
		}
		m.Email = in.Email
	}
	m.Args = []any{in.Lead, in.Title, in.Call, address}
	return d.a.Mail.Send(ctx, m)
}
