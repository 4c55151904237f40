package app

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"sync"

	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/probe"
)

// outside makes what follows a commit: jobs, and the mails that they send.
func (a *App) outside() (err error) {
	c := a.Config
	a.Jobs = job.New(a.DB)
	a.Mail, err = mail.New(a.DB, a.Jobs, mail.Settings{SMTP: c.SMTP, From: c.From, Name: c.Country, Base: strings.TrimSuffix(c.Address, "/")})
	return err
}

// run works in the background until ctx ends.
func (a *App) run(ctx context.Context) {
	defer close(a.done)
	var group sync.WaitGroup
	group.Go(func() { a.Ledger.Run(ctx) })
	group.Go(func() {
		// Jobs keep the installation's time but draw their own chance: when they run
		// is not fixed, and what requests draw from a fixed source must not depend on it.
		if now := a.Config.Clock.Now; now != nil {
			a.Jobs.Run(clock.With(ctx, clock.Source{Now: now, Rand: rand.Reader}))
			return
		}
		a.Jobs.Run(ctx)
	})
	group.Wait()
}

// probes answer those who watch the installation.
func (a *App) probes() http.Handler {
	return (&probe.Probes{DB: a.DB, Ledger: a.Ledger, Jobs: a.Jobs, Mail: a.Mail, Token: a.Config.MetricsToken, Clock: a.Config.Clock}).Handler()
}

// letter sends the mails of accounts. They hold links that sign in.
func (a *App) letter(ctx context.Context, l account.Letter) error {
	return a.Mail.Send(ctx, mail.Message{Account: l.Account, Email: l.Email, Locale: l.Locale, Kind: l.Kind, Args: l.Args, Once: true})
}
