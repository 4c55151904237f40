package main

import (
	"context"
	"strings"
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

// TestMailCommand lists what was given up, and has it sent again by the server.
func TestMailCommand(t *testing.T) {
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
	box.Refuse("550 5.1.1 nobody of that name")
	database := dbtest.SQLitePath(t)
	serving := func(f func(a *app.App)) {
		t.Helper()
		a, err := app.Open(t.Context(), app.Config{Database: database, Files: t.TempDir(), Address: "https://science.example", SMTP: box.URL(), From: "office@science.example", NoJobs: true})
		if err != nil {
			t.Fatal(err)
		}
		f(a)
		if _, err := a.Jobs.Work(t.Context()); err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	serving(func(a *app.App) {
		person(t, a, "mira")
		person(t, a, "ravi")
		for _, name := range []string{"mira", "ravi"} {
			if err := a.Accounts.Recover(t.Context(), name+"@people.example", ""); err != nil {
				t.Error(err)
			}
		}
	})
	box.Refuse("")
	list := strings.Split(strings.TrimSpace(told(t, 0, "mail", "given-up", "--db", database)), "\n")
	if len(list) != 2 || !strings.Contains(list[0], "ravi@people.example, 1 attempts: ") && !strings.Contains(list[0], "mira@people.example, 1 attempts: ") || !strings.Contains(list[0], "nobody of that name") {
		t.Fatalf("given up: %q", list)
	}
	told(t, 1, "mail", "again", "--db", database)
	told(t, 1, "mail", "again", "none", "--db", database)
	id, _, _ := strings.Cut(list[0], " ")
	if got := told(t, 0, "mail", "again", id, "--db", database); got != "1 of the mails that were given up are sent again.\n" {
		t.Error(got)
	}
	if got := told(t, 0, "mail", "again", "--all", "--db", database); got != "1 of the mails that were given up are sent again.\n" {
		t.Error(got)
	}
	serving(func(*app.App) {})
	if n := len(box.Letters()); n != 2 {
		t.Errorf("%d letters were mailed, want 2", n)
	}
}
