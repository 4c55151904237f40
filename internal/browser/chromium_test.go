package browser_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// all reports whether every combination is asked for, not the few that tell most.
var all = os.Getenv("HEADWATER_BROWSER") == "all"

// chromium is one browser for all tests: each window of it has cookies of its own.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := find("chromium", "chromium-browser", "google-chrome")
	if err != nil {
		return nil, err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, // root has no sandbox
		chromedp.Flag("lang", "en"), chromedp.WindowSize(desktop, height))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(allocated)
	closing = func() { cancel(); stop() }
	return ctx, chromedp.Do(ctx)
})

var closing = func() {}

func find(names ...string) (string, error) {
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium is installed: `apt-get install chromium` brings it")
}

// axe is the source of axe-core.
var axe = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile(filepath.Join("..", "..", "tools", "browser", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return "", errors.New("axe-core is not installed: `npm ci --prefix tools/browser` brings it")
	}
	return string(source), nil
})

// equipped skips a test where Chromium or axe-core is missing; CI installs both.
func equipped(t *testing.T) {
	t.Helper()
	_, noBrowser := chromium()
	_, noAxe := axe()
	if err := errors.Join(noBrowser, noAxe); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	closing()
	os.Exit(code)
}
