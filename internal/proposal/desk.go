package proposal

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Desk reaches the people of a proposal outside its own tables; internal/app
// fills it in. Without one nobody is an office and no mail is sent.
type Desk interface {
	// Offices are the accounts of the research office of an organisation.
	Offices(ctx context.Context, organisation string) ([]string, error)
	// Tell mails a notice in the unit of work of ctx.
	Tell(ctx context.Context, n Notice) error
	// Invite mails somebody a link to the invitation of a proposal, to an account that
	// is made by following it where the address has none.
	Invite(ctx context.Context, a access.Actor, in Asked) error
}

// Notice is a mail about a proposal to whoever it is: an account, or a person of the register.
type Notice struct {
	Account, Person string
	Kind            string // catalogue prefix
	Args            []any  // the address of the page is put behind them
	ProposalID      string
	Path            string // below the proposal: "/approval"
}

// Asked is somebody who is invited to a team by address alone.
type Asked struct {
	Email, Name string
	ProposalID  string
	Lead, Title string
	Call        lang.Text
}

func (s *Service) offices(ctx context.Context, organisation string) ([]string, error) {
	if s.Desk == nil {
		return nil, nil
	}
	return s.Desk.Offices(ctx, organisation)
}

func (s *Service) tell(ctx context.Context, n Notice) error {
	if s.Desk == nil {
		return nil
	}
	return s.Desk.Tell(ctx, n)
}
