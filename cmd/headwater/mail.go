package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

type mailCommand struct {
	GivenUp mailGivenUp `cmd:"" name:"given-up" help:"List mails that are tried no more, with what the mail server said."`
	Again   mailAgain   `cmd:"" help:"Have mails that were given up sent again, by the server that runs."`
}

type mailGivenUp struct{ database }

func (c *mailGivenUp) Run(ctx context.Context, s streams) (err error) {
	a, err := c.open(ctx, app.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	list, err := a.Mail.GivenUp(ctx, access.System)
	for _, g := range list {
		fmt.Fprintf(s.out, "%s %s %s, %d attempts: %s\n", g.ID, g.At.Format(time.RFC3339), g.Email, g.Attempts, g.Why)
	}
	return err
}

type mailAgain struct {
	database
	IDs []string `arg:"" optional:"" name:"id" help:"Mails, by the keys that headwater mail given-up prints."`
	All bool     `help:"All that headwater mail given-up prints."`
}

func (c *mailAgain) Run(ctx context.Context, s streams) (err error) {
	if c.All == (len(c.IDs) > 0) {
		return errors.New("headwater mail again: name the mails by the keys that headwater mail given-up prints, or say --all")
	}
	a, err := c.open(ctx, app.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	n, err := a.Mail.SendAgain(ctx, access.System, c.IDs...)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%d of the mails that were given up are sent again.\n", n)
	return err
}
