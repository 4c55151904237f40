package app

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/probe"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/retention"
	"github.com/headwater-platform/headwater/internal/review"
)

// outside makes what lies outside the database or follows a commit: files, jobs,
// and the mails that they send.
func (a *App) outside() (err error) {
	c := a.Config
	a.Jobs = job.New(a.DB)
	if a.Files, err = file.New(a.DB, c.Files); err != nil {
		return err
	}
	if c.Scan != "" {
		if a.Files.Scan, err = file.NewScanner(c.Scan); err != nil {
			return err
		}
	}
	a.Jobs.Every(retention.Sweep, 24*time.Hour, func(ctx context.Context) error {
		if c.Files == "" { // a command that needs no uploads
			return nil
		}
		_, err := a.Files.Sweep(ctx)
		return err
	})
	job.Handle(a.Jobs, retention.Copy, func(ctx context.Context, o retention.Ordered) error { return a.Retention.MakeCopy(ctx, o) })
	a.Jobs.Every(retention.EndCopies, 24*time.Hour, func(ctx context.Context) error { return a.Retention.EndOldCopies(ctx) })
	job.Handle(a.Jobs, retention.Erase, func(ctx context.Context, o retention.Ordered) error { return a.Retention.Run(ctx, o) })
	job.Handle(a.Jobs, review.MakeSuggestion, func(ctx context.Context, o review.Ordered) error { return a.Reviews.MakeOrdered(ctx, o) })
	return a.mails()
}

func (a *App) mails() (err error) {
	c := a.Config
	a.Mail, err = mail.New(a.DB, a.Jobs, mail.Settings{SMTP: c.SMTP, From: c.From, Name: a.name.In(lang.English), Base: strings.TrimSuffix(c.Address, "/")})
	if err != nil {
		return err
	}
	a.Mail.Ledger = a.Ledger
	a.Jobs.Every(indexAwards, time.Hour, a.indexAwards)
	a.Jobs.Every("account.sweep", time.Hour, func(ctx context.Context) error { return a.Accounts.Sweep(ctx) })
	a.Jobs.Every("review.rounds", time.Hour, a.nextRounds)
	for kind, remind := range map[string]func(context.Context) (int, error){"review.remind": a.remindReviews, "award.remind": a.remindReports, "proposal.remind": a.remindDrafts, "council.remind": a.remindMeetings} {
		a.Jobs.Every(kind, 3*time.Hour, func(ctx context.Context) error {
			_, err := remind(ctx)
			return err
		})
	}
	return nil
}

// The rooms are made after the jobs are registered: these look them up when they run.
func (a *App) remindReviews(ctx context.Context) (int, error)  { return a.Reviews.Remind(ctx) }
func (a *App) nextRounds(ctx context.Context) error            { return a.Reviews.Next(ctx) }
func (a *App) remindDrafts(ctx context.Context) (int, error)   { return a.Proposals.Remind(ctx) }
func (a *App) remindReports(ctx context.Context) (int, error)  { return a.Awards.Remind(ctx) }
func (a *App) remindMeetings(ctx context.Context) (int, error) { return a.Council.Remind(ctx) }

// indexAwards is the job that makes awards findable.
const indexAwards = "award.index"

// indexLater has it done at the end of an embargo too, once for all that end at the same instant.
func (a *App) indexLater(ctx context.Context, at time.Time) error {
	return a.Jobs.Enqueue(ctx, indexAwards, nil, job.At(at), job.Unique(at.Format(time.RFC3339)))
}

// indexAwards makes those findable whose embargo has ended.
func (a *App) indexAwards(ctx context.Context) error {
	return work.Do(ctx, a.DB, func(ctx context.Context) error {
		ids, err := a.Awards.Missing(ctx)
		if err != nil {
			return err
		}
		return a.Awards.Index(ctx, ids...)
	})
}

// run works in the background until ctx ends.
func (a *App) run(ctx context.Context) {
	defer close(a.done)
	if a.Config.ReadOnly {
		return
	}
	var group sync.WaitGroup
	group.Go(func() { a.Ledger.Run(ctx) })
	if !a.Config.NoJobs {
		group.Go(func() { a.runJobs(ctx) })
	}
	group.Wait()
}

// runJobs keeps the installation's time but lets jobs draw their own chance: when they
// run is not fixed, and what requests draw from a fixed source must not depend on it.
func (a *App) runJobs(ctx context.Context) {
	if now := a.Config.Clock.Now; now != nil {
		ctx = clock.With(ctx, clock.Source{Now: now, Rand: rand.Reader})
	}
	a.Jobs.Run(ctx)
}

// probes answer those who watch the installation.
func (a *App) probes() *probe.Probes {
	return &probe.Probes{DB: a.DB, Ledger: a.Ledger, Jobs: a.Jobs, Mail: a.Mail, Token: a.Config.MetricsToken, Clock: a.Config.Clock}
}

// letter sends the mails of accounts. They hold links that sign in.
func (a *App) letter(ctx context.Context, l account.Letter) error {
	return a.Mail.Send(ctx, mail.Message{Account: l.Account, Email: l.Email, Locale: l.Locale, Kind: l.Kind, Args: l.Args, Once: true})
}
