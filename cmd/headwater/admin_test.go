package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
)

// TestAdmin appoints the first administrator of an empty installation.
func TestAdmin(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new.db")
	var out, log bytes.Buffer
	if code := run(t.Context(), []string{"admin", "--db", path, "--address", "https://science.example.org", "ada@example.org"}, streams{nil, &out, &log}); code != 0 {
		t.Fatalf("exit %d: %s", code, log.String())
	}
	_, link, found := strings.Cut(out.String(), "https://science.example.org/links/")
	if !found {
		t.Fatalf("no link in %q", out.String())
	}
	a, err := app.Open(t.Context(), app.Config{Database: path, Files: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	session, next, err := a.Accounts.Accept(t.Context(), strings.TrimSpace(link), account.Acceptance{Given: "Ada", Family: "Alder", Password: "tall grass and rain"})
	if err != nil {
		t.Fatal(err)
	}
	if who, err := a.Accounts.Actor(t.Context(), session); err != nil || !who.Has(access.Admin) || next != "/admin/roles" {
		t.Errorf("who = %+v, next = %s, %v", who, next, err)
	}
}
