package main

import (
	"context"
	"testing"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/mail/postbox"
)

// TestCommandsLeaveMailsToTheServer: a command that runs beside the server knows no mail server. What waits to be
// mailed still goes out after it has run.
func TestCommandsLeaveMailsToTheServer(t *testing.T) {
	t.Parallel()
	box, err := postbox.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	database := dbtest.SQLitePath(t)
	serving := func(f func(ctx context.Context, a *app.App) error) {
		t.Helper()
		a, err := app.Open(t.Context(), app.Config{Database: database, Files: t.TempDir(), Address: "https://science.example", SMTP: box.URL(), From: "office@science.example", NoJobs: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := f(t.Context(), a); err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	serving(func(ctx context.Context, a *app.App) error {
		person(t, a, "mira")
		return a.Accounts.Recover(ctx, "mira@people.example", "")
	})
	for range 3 {
		told(t, 0, "admin", "ada@people.example", "--db", database)
	}
	serving(func(ctx context.Context, a *app.App) error {
		_, err := a.Jobs.Work(ctx)
		return err
	})
	if n := len(box.Letters()); n != 1 {
		t.Errorf("%d letters were mailed, want the one that waited", n)
	}
}
