package internal_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/headwater-platform/headwater/"

// order is the way of a record through the house: a room may import rooms
// before it in this list, never after it.
var order = []string{"register", "scheme", "strategy", "techmap", "council", "call", "proposal", "review", "panel", "decision", "award", "similar", "insight", "exchange", "retention"}

type listed struct {
	ImportPath string
	Imports    []string
	Name       string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Name", module+"...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// TestImportRules keeps the drawing of the house true.
func TestImportRules(t *testing.T) {
	t.Parallel()
	all := packages(t)
	if len(all) < 12 {
		t.Fatalf("go list names only %d packages", len(all))
	}
	for _, p := range all {
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, module) {
				continue
			}
			to := strings.TrimPrefix(imported, module)
			if why := forbidden(from, to); why != "" {
				t.Errorf("%s imports %s: %s", from, to, why)
			}
		}
	}
}

func forbidden(from, to string) string {
	switch {
	case strings.HasPrefix(from, "engine/") && strings.HasPrefix(to, "internal/"):
		return "an engine is pure and knows nothing of the house"
	case strings.HasPrefix(from, "internal/platform/") && strings.HasPrefix(to, "internal/") && !strings.HasPrefix(to, "internal/platform/"):
		return "the platform knows no room"
	case room(from) >= 0 && (strings.HasPrefix(to, "internal/web") || strings.HasPrefix(to, "internal/api") || to == "internal/app" || strings.HasPrefix(to, "internal/demo")):
		return "a room knows nothing of pages and API"
	case room(from) >= 0 && room(to) > room(from):
		return "a room may import rooms above it, never below"
	case strings.HasPrefix(to, "cmd/"):
		return "nobody imports the program"
	case strings.HasPrefix(from, "internal/web/") && strings.HasPrefix(to, "internal/api"), strings.HasPrefix(from, "internal/api") && strings.HasPrefix(to, "internal/web"):
		return "pages and API stand beside each other"
	}
	return ""
}

func room(path string) int {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "internal/"), "/")
	if !strings.HasPrefix(path, "internal/") {
		return -1
	}
	return slices.Index(order, name)
}

// TestNoCatchAllPackages keeps every folder to one purpose.
func TestNoCatchAllPackages(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		last := p.ImportPath[strings.LastIndex(p.ImportPath, "/")+1:]
		if slices.Contains([]string{"util", "utils", "common", "helpers", "misc"}, last) {
			t.Errorf("%s: a folder has one purpose that its name says", p.ImportPath)
		}
	}
}

func TestForbiddenKnowsTheRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		bad      bool
	}{
		{"internal/proposal", "internal/call", false},
		{"internal/call", "internal/proposal", true},
		{"internal/platform/db", "internal/register", true},
		{"engine/assign", "internal/platform/db", true},
		{"internal/review", "engine/assign", false},
		{"internal/review", "internal/web/shell", true},
		{"internal/app", "internal/review", false},
	} {
		if got := forbidden(c.from, c.to) != ""; got != c.bad {
			t.Errorf("%s imports %s: forbidden = %v, want %v", c.from, c.to, got, c.bad)
		}
	}
}

var (
	namedTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z]*)`")
	madeTest  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w*)\(`)
)

// TestSecurityNamesTests keeps docs/security.md true: every test that it names is there.
func TestSecurityNamesTests(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	err = filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range madeTest.FindAllSubmatch(source, -1) {
			there[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := namedTest.FindAllSubmatch(text, -1)
	if len(named) < 20 {
		t.Errorf("docs/security.md names only %d tests", len(named))
	}
	for _, m := range named {
		if !there[string(m[1])] {
			t.Errorf("docs/security.md names %s, which is nowhere", m[1])
		}
	}
}
