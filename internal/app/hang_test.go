package app_test

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// What an installation needs that hangs rather than fails: it takes connections and never answers.

// soon is within what people are told that they are in trouble, with what they typed.
const soon = 20 * time.Second

// within expects do to end in time.
func within(t *testing.T, limit time.Duration, what string, do func()) {
	t.Helper()
	began := time.Now()
	do()
	if took := time.Since(began); took > limit {
		t.Errorf("%s took %v, want at most %v", what, took.Round(time.Second), limit)
	}
}

// TestDatabaseHangs: a PostgreSQL whose processes stand still. Everybody hears so in time, also where many wait; each
// keeps what they typed, and it is stored once when the server goes on.
func TestDatabaseHangs(t *testing.T) {
	t.Parallel()
	s := postgresIn(t, "", "fsync=off")
	w := country(t, s.URL("storm"))
	_, p := w.draft()
	mira := w.visitor("mira")
	page, form := w.approach(p)
	mira.ask("GET", "/readyz", nil, http.StatusOK)
	w.must(s.Hang())
	t.Cleanup(func() { _ = s.GoOn() }) // so that it can be stopped
	within(t, soon, "/readyz", func() { mira.ask("GET", "/readyz", nil, http.StatusServiceUnavailable, "does not answer") })
	var group sync.WaitGroup
	for range 40 { // more than there are connections
		group.Go(func() {
			within(t, soon, "saving", func() { mira.fails(page, form) })
		})
	}
	group.Go(func() {
		within(t, soon, "reading", func() { mira.ask("GET", "/proposals/"+p.ID, nil, http.StatusServiceUnavailable, apology) })
	})
	group.Wait()
	kept := mira.fails(page, form)
	w.must(s.GoOn())
	mira.ask("POST", page, kept, http.StatusSeeOther)
	mira.ask("GET", "/readyz", nil, http.StatusOK)
	w.survives(p, typedText)
}

// TestDatabaseIsSlow: a statement that takes longer than a server may be silent which hangs is not cut off.
func TestDatabaseIsSlow(t *testing.T) {
	t.Parallel()
	s := postgresIn(t, "", "fsync=off")
	w := country(t, s.URL("storm"))
	if _, err := w.DB.SQL().ExecContext(w.ctx, `SELECT pg_sleep(8)`); err != nil {
		t.Error(err)
	}
}
