package browser_test

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/clock"
)

// opening is when every country of these tests begins: a working morning, so
// that dates on the pages are the same whenever the tests run.
var opening = time.Date(2027, 3, 16, 8, 0, 0, 0, time.UTC)

// site is the program, started whole on a port of its own with a country of its own.
type site struct {
	*app.App
	ctx context.Context
	now *clock.Shifted
	url string

	passing bool // the pages on the way are judged by another walk
}

// country is the demonstration's country, made once and copied for each test.
var country = sync.OnceValues(func() (folder string, err error) {
	folder, err = os.MkdirTemp("", "headwater-browser-")
	if err != nil {
		return "", err
	}
	before := closing
	closing = func() { before(); os.RemoveAll(folder) }
	ctx, now := began(context.Background())
	a, err := app.Open(ctx, config(folder, now))
	if err != nil {
		return "", err
	}
	if err := demo.Make(ctx, a); err != nil {
		return "", err
	}
	return folder, a.Close()
})

// began is a clock that shows opening and runs on from there.
func began(ctx context.Context) (context.Context, *clock.Shifted) {
	now := &clock.Shifted{}
	now.Advance(time.Until(opening))
	return clock.With(ctx, now.Source()), now
}

func config(folder string, now *clock.Shifted) app.Config {
	return app.Config{Database: filepath.Join(folder, "country.db"), Files: filepath.Join(folder, "files"), Country: demo.Name, Zone: demo.Zone,
		Demo: true, Relaxed: true, Clock: now.Source()}
}

func start(t *testing.T) *site {
	t.Helper()
	equipped(t)
	made, err := country()
	must(t, err)
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS(made)))
	ctx, now := began(t.Context())
	a, err := app.Open(ctx, config(folder, now))
	must(t, err)
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(a.Handler)
	t.Cleanup(server.Close)
	return &site{App: a, ctx: ctx, now: now, url: server.URL}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
