package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/web/home"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// What waits is counted again after any act, for each who asks, and in another minute; else it is remembered.
func TestWaitingIsRemembered(t *testing.T) {
	now := clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 7)
	ctx := clock.With(t.Context(), now.Source())
	var acts int64
	counted := 0
	w := &waiting{
		memory: memory[string, int]{acts: func(context.Context) (int64, error) { return acts, nil }},
		count:  func(context.Context, access.Actor) (int, error) { counted++; return counted, nil },
	}
	ines, acting := access.Actor{Account: "ines"}, access.Actor{Account: "ines", Delegation: "d1"}
	for i, step := range []struct {
		before func()
		who    access.Actor
		want   int
	}{
		{func() {}, ines, 1},
		{func() {}, ines, 1},
		{func() {}, acting, 2},
		{func() {}, ines, 1},
		{func() { acts++ }, ines, 3},
		{func() {}, acting, 4},
		{func() { now.Advance(30 * time.Second) }, ines, 3},
		{func() { now.Advance(30 * time.Second) }, ines, 5},
	} {
		step.before()
		if n, err := w.of(ctx, step.who); err != nil || n != step.want {
			t.Errorf("step %d: %d, %v, want %d", i, n, err, step.want)
		}
	}
	w.count = func(context.Context, access.Actor) (int, error) { acts++; return 100, nil } // somebody acts while it is counted
	acts++
	for range 2 {
		if n, err := w.of(ctx, ines); err != nil || n != 100 {
			t.Errorf("%d, %v, want 100", n, err)
		}
	}
	if w.as.acts == acts {
		t.Error("a number counted before an act is taken for one after it")
	}
}

// asked is a room that says how often it was asked, and by whom.
type asked struct{ times int }

func (r *asked) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	r.times++
	return []shell.Task{{Title: fmt.Sprint(r.times, " ", a.Account, " ", len(a.Grants), " ", lang.Of(ctx), " ", shell.Of(ctx).Zone)}}, nil
}

// Tasks are remembered for one actor, language and zone alone: a role that sleeps in one session of an account and not
// in another makes two askers, and so does whatever else an actor is.
func TestTasksAreRememberedForWhoReadsThem(t *testing.T) {
	var acts int64
	room := &asked{}
	m := &remembered{rooms: []home.Waiter{room}, memory: memory[reader, []shell.Task]{acts: func(context.Context) (int64, error) { return acts, nil }}}
	fixed := clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 7).Source())
	read := func(a access.Actor, l lang.Locale, zone *time.Location) string {
		t.Helper()
		tasks, err := m.Tasks(shell.With(fixed, &shell.View{Locale: l, Zone: zone}), a)
		if err != nil || len(tasks) != 1 {
			t.Fatal(tasks, err)
		}
		return tasks[0].Title
	}
	east := time.FixedZone("East", 3600)
	officer := access.Actor{Account: "ines", Grants: []access.Grant{{Role: access.Officer, Scope: access.Agency("arc")}}}
	asleep := access.Actor{Account: "ines", Asleep: []access.Role{access.Officer}}
	other := access.Actor{Account: "ines", Grants: []access.Grant{{Role: access.Officer, Scope: access.Agency("tib")}}}
	acting := access.Actor{Account: "ines", Person: "mira", Delegate: "ines", Delegation: "d1", Covers: "all", Grants: officer.Grants}
	for i, c := range []struct {
		a    access.Actor
		l    lang.Locale
		zone *time.Location
		want string
	}{
		{officer, lang.English, time.UTC, "1 ines 1 en UTC"},
		{officer, lang.English, time.UTC, "1 ines 1 en UTC"},
		{asleep, lang.English, time.UTC, "2 ines 0 en UTC"},
		{other, lang.English, time.UTC, "3 ines 1 en UTC"},
		{acting, lang.English, time.UTC, "4 ines 1 en UTC"},
		{officer, lang.Chinese, time.UTC, "5 ines 1 zh UTC"},
		{officer, lang.English, east, "6 ines 1 en East"},
		{access.Actor{Account: "mira"}, lang.English, time.UTC, "7 mira 0 en UTC"},
		{officer, lang.English, time.UTC, "1 ines 1 en UTC"},
	} {
		if got := read(c.a, c.l, c.zone); got != c.want {
			t.Errorf("%d: %q, want %q", i, got, c.want)
		}
	}
	acts++
	if got, want := read(officer, lang.English, time.UTC), "8 ines 1 en UTC"; got != want {
		t.Errorf("after an act: %q, want %q", got, want)
	}
}
