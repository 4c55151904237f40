package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
)

// adminCommand appoints the first administrator, who then appoints the others on
// the pages. Who can run it holds the database anyway.
type adminCommand struct {
	database
	Address string `help:"Public address of the installation." env:"HEADWATER_ADDRESS" default:"http://127.0.0.1:8080"`
	Email   string `arg:"" help:"Their e-mail address."`
}

func (c *adminCommand) Run(ctx context.Context, s streams) (err error) {
	a, err := c.open(ctx, app.Config{Address: c.Address})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	address, err := a.Accounts.Invite(ctx, access.System, account.Invitation{Email: c.Email, Roles: []account.Appointment{{Role: access.Admin, Scope: access.Platform(), Why: "appointed from the command line"}}, Next: "/admin/roles"})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s administers this installation from the moment they open, within 30 days:\n\n  %s\n", c.Email, address)
	return err
}
