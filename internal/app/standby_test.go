package app_test

import (
	"context"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/db/pgserver"
	"github.com/headwater-platform/headwater/internal/proposal"
)

var href = regexp.MustCompile(`href="(/[^"#]*)`)

// TestStandby: a server on a standby of PostgreSQL that follows another answers every reading as the one on the primary does, to the
// byte, without the key that signs; what would write says so and keeps what was typed; and it shows what is written at the primary.
func TestStandby(t *testing.T) {
	t.Parallel()
	s := postgresIn(t, "", "fsync=off")
	w := country(t, s.URL("storm"))
	w.award()
	standby := follower(t, s)
	_, err := app.Open(w.ctx, app.Config{Database: standby.URL("postgres"), ReadOnly: true})
	if err == nil || !strings.Contains(err.Error(), "start a server of this version on the database that this one follows first") {
		t.Errorf("a standby without the schema: %v", err)
	}
	c := w.Config
	c.Database, c.ReadOnly = standby.URL("storm"), true
	a, err := app.Open(w.ctx, c)
	w.must(err)
	afterwards(t, func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	reader := *w
	reader.App = a

	for _, who := range []string{"", "auditor"} {
		here := w.visitor(who)
		w.caughtUp(a)
		there := visitor{w: &reader, secret: here.secret}
		todo, seen := []string{"/", "/api/v1/awards", "/api/v1/calls", "/calls.atom", "/calls.ics", "/readyz", "/ledger/heads", "/home", "/payments"}, map[string]bool{}
		for len(todo) > 0 {
			path := html.UnescapeString(todo[0])
			todo = todo[1:]
			if seen[path] || len(seen) > 150 {
				continue
			}
			seen[path] = true
			want, got := here.send("GET", path, nil), there.send("GET", path, nil)
			if got.Code != want.Code || got.Body.String() != want.Body.String() {
				t.Errorf("%q reads %s: %d with %d bytes on the standby, %d with %d on the primary", who, path, got.Code, got.Body.Len(), want.Code, want.Body.Len())
			}
			for _, m := range href.FindAllStringSubmatch(want.Body.String(), -1) {
				todo = append(todo, m[1])
			}
		}
		if len(seen) < 50 {
			t.Errorf("%q read %d addresses only", who, len(seen))
		}
	}

	mira := w.visitor("mira")
	w.now.Advance(time.Minute)
	draft := w.draftOfNextCall()
	w.caughtUp(a)
	there := visitor{w: &reader, secret: mira.secret}
	there.ask("GET", "/proposals/"+draft, nil, http.StatusOK, "A draft of the old university")
	page, form := w.approach(proposal.Proposal{ID: draft})
	kept := there.fails(page, form)
	mira.ask("POST", page, kept, http.StatusSeeOther)

	_, err = w.DB.SQL().ExecContext(w.ctx, `DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
	w.must(err)
	w.caughtUp(a)
	if _, err := app.Open(w.ctx, c); err == nil || !strings.HasPrefix(err.Error(), "the schema lacks 1 migrations: start a server") {
		t.Errorf("a standby whose schema is behind: %v", err)
	}
}

// follower is a server that follows another one that runs.
func follower(t *testing.T, primary *pgserver.Server) *pgserver.Server {
	t.Helper()
	s, err := pgserver.New(pgserver.Programs(), "")
	if err == nil {
		err = s.Follow(primary)
	}
	if err == nil {
		err = s.Start("fsync=off")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, err := range []error{s.Stop(), s.Remove()} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

// caughtUp waits until the database of a standby has all that w's holds now.
func (w *world) caughtUp(standby *app.App) {
	w.t.Helper()
	w.whole()
	ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
	defer cancel()
	var at string
	w.must(w.DB.SQL().QueryRowContext(ctx, `SELECT pg_current_wal_lsn()::text`).Scan(&at))
	for there := false; !there; {
		w.must(standby.DB.SQL().QueryRowContext(ctx, `SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn`, at).Scan(&there))
	}
}
