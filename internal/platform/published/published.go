// Package published finds, for tests, the folder of data that the world publishes.
// It lies beside the repository, or where HEADWATER_DATA says; a user's machine need
// not have it.
package published

import (
	"os"
	"path/filepath"
	"testing"
)

// Path is a file or folder of it, where it should be.
func Path(t testing.TB, elements ...string) string {
	t.Helper()
	folder := os.Getenv("HEADWATER_DATA")
	if folder == "" {
		folder = filepath.Join(root(t), "..", "shared", "data")
	}
	return filepath.Join(append([]string{folder}, elements...)...)
}

// File is Path of what is there; a test that needs it is skipped, saying so, where it is not.
func File(t testing.TB, elements ...string) string {
	t.Helper()
	path := Path(t, elements...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no %s: set HEADWATER_DATA to the folder of published data", path)
	}
	return path
}

// root is the folder of the module: tests run in the folder of their package.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for d := dir; d != filepath.Dir(d); d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return d
		}
	}
	t.Fatalf("no go.mod above %s", dir)
	return ""
}
