package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
	fuzzLine   = regexp.MustCompile(`(?m)^(\./\S+ Fuzz\w+) \d+s$`)
)

// TestEveryFuzzTargetRuns: the list in .ci/run names every target of the repository, and no other.
func TestEveryFuzzTargetRuns(t *testing.T) {
	t.Parallel()
	const root = "../.."
	var there, listed []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, found := range fuzzTarget.FindAllSubmatch(text, -1) {
			there = append(there, "./"+filepath.ToSlash(filepath.Dir(strings.TrimPrefix(path, root+"/")))+" "+string(found[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, ".ci/run"))
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range fuzzLine.FindAllSubmatch(text, -1) {
		listed = append(listed, string(found[1]))
	}
	slices.Sort(there)
	slices.Sort(listed)
	for _, target := range there {
		if !slices.Contains(listed, target) {
			t.Errorf("%s is a target that .ci/run does not run", target)
		}
	}
	for _, target := range listed {
		if !slices.Contains(there, target) {
			t.Errorf(".ci/run runs %s, which is no target", target)
		}
	}
	if len(listed) != len(slices.Compact(listed)) || len(there) == 0 {
		t.Errorf("%d targets, and listed: %q", len(there), listed)
	}
}
