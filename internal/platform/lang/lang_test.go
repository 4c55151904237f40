package lang

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var placeholder = regexp.MustCompile(`\{\d\}`)

func TestCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	all, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	for key, texts := range all {
		en, zh := map[string]bool{}, map[string]bool{}
		for _, p := range placeholder.FindAllString(texts[English], -1) {
			en[p] = true
		}
		for _, p := range placeholder.FindAllString(texts[Chinese], -1) {
			zh[p] = true
		}
		if strings.HasSuffix(key, ".one") {
			continue // "1 day" may leave its number out
		}
		for p := range en {
			if !zh[p] {
				t.Errorf("%s: the Chinese text leaves out %s", key, p)
			}
		}
		for p := range zh {
			if !en[p] {
				t.Errorf("%s: the English text leaves out %s", key, p)
			}
		}
	}
}

// used finds catalogue keys as they are written in the code.
var used = regexp.MustCompile(`(?:shell\.T\(ctx, |[^\w]T\(ctx, |lang\.M\(|lang\.T\([^,]+, |fault\.New\(fault\.\w+, |fault\.Field\([^,]+, |refuse\("[^"]+", |f\.Refuse\([^,]+, |shell\.Go\(w, r, [^,]+, |\bput\([^,\n]+, )"([a-z][a-z0-9_.\-]*)"`)

// TestEveryKeyExists reads the code for keys that the catalogue does not have.
func TestEveryKeyExists(t *testing.T) {
	t.Parallel()
	found := 0
	err := filepath.WalkDir("../../..", func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !(strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".templ")) || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range used.FindAllStringSubmatch(string(b), -1) {
			found++
			if !Has(m[1]) && !strings.HasSuffix(m[1], ".") { // "x." is joined with a state
				t.Errorf("%s uses %q, which is not in the catalogue", path, m[1])
			}
		}
		return nil
	})
	if err != nil || found < 50 {
		t.Errorf("%d keys found, %v", found, err)
	}
}

func TestPluralAndList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		got, want string
	}{
		{M("time.in.days", 1).In(English), "in 1 day"},
		{M("time.in.days", 30).In(English), "in 30 days"},
		{M("time.in.days", 1).In(Chinese), "1 天后"},
		{List(English, []string{"a", "b", "c"}), "a, b and c"},
		{List(Chinese, []string{"甲", "乙", "丙"}), "甲、乙和丙"},
		{List(Chinese, []string{"甲", "Alder Works"}), "甲和 Alder Works"},
		{List(Chinese, []string{"Alder", "Brask 2", "（丙）"}), "Alder、Brask 2 和（丙）"},
		{Integer(English, -1234567), "−1,234,567"},
		{Text{Original: "sv", By: map[string]string{"sv": "Vatten"}}.In(Chinese), "Vatten"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestNamed(t *testing.T) {
	for s, want := range map[string]string{"Fund of the North": "Fund of the North", `{"en": "Fund", "zh": "基金会"}`: "基金会"} {
		got, err := Named(s)
		if err != nil || got.In(Chinese) != want {
			t.Errorf("%s: %q, %v", s, got.In(Chinese), err)
		}
	}
	if _, err := Named(`{"en": 3}`); err == nil {
		t.Error("a number is accepted as a name")
	}
}
