package app

import (
	"context"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
)

// desk fills proposal.Desk and register.Staff: research offices are roles, invitations are links of accounts.
type desk struct{ a *App }

// Of an organisation that was merged it is the office of what it was merged into, too.
func (d desk) Offices(ctx context.Context, organisation string) (accounts []string, err error) {
	present, err := d.a.Register.Present(ctx, []string{organisation})
	if err != nil {
		return nil, err
	}
	if present[0] != organisation {
		present = append(present, organisation)
	}
	for _, id := range present {
		list, err := d.a.Accounts.Holders(ctx, access.Organisation(id), access.Research)
		if err != nil {
			return nil, err
		}
		for _, h := range list {
			accounts = append(accounts, h.Account)
		}
	}
	return accounts, nil
}

// Staff fills register.Staff: who works for an agency holds a role there.
func (d desk) Staff(ctx context.Context, agency string) ([]register.Member, error) {
	list, err := d.a.Accounts.Holders(ctx, access.Agency(agency), access.Officer, access.Decider, access.Finance, access.Adviser, access.Analyst, access.Auditor)
	staff := make([]register.Member, len(list))
	for i, h := range list {
		staff[i] = register.Member{Person: h.Person, Name: h.Name, Role: string(h.Role)}
	}
	return staff, err
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

// Invite mails a link to the invitation. Where the address has no account the link makes one first.
func (d desk) Invite(ctx context.Context, a access.Actor, in proposal.Asked) error {
	given, family := "", in.Name
	if i := strings.LastIndex(in.Name, " "); i > 0 {
		given, family = in.Name[:i], in.Name[i+1:]
	}
	address, err := d.a.Accounts.Invite(ctx, a, account.Invitation{Email: in.Email, Given: given, Family: family, AboutKind: "proposal", AboutID: in.ProposalID,
		Next: "/proposals/" + in.ProposalID + "/invitation"})
	if err != nil {
		return err
	}
	return d.a.Mail.Send(ctx, mail.Message{Email: in.Email, Locale: lang.Of(ctx), Kind: "proposal.mail.invite", Args: []any{in.Lead, in.Title, in.Call, address},
		About: mail.About{Kind: "proposal", ID: in.ProposalID}, Once: true})
}
