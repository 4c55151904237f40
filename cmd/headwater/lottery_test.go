package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// documented is the first block of docs/lottery.md in a language.
func documented(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/lottery.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(page), "```"+language+"\n")
	block, _, ended := strings.Cut(after, "```")
	if !found || !ended {
		t.Fatalf("docs/lottery.md has no %s", language)
	}
	return block
}

func TestLottery(t *testing.T) {
	t.Parallel()
	page := documented(t, "json")
	dir := files(t, map[string]string{"right.json": page, "swapped.json": strings.Replace(page, `"P-4", "P-17"`, `"P-17", "P-4"`, 1), "bad.json": `{"version":"1"}`, "check.py": documented(t, "python")})
	right, swapped := filepath.Join(dir, "right.json"), filepath.Join(dir, "swapped.json")
	if code, out, errs := headwater(t, "lottery", "verify", right); code != 0 || !strings.HasPrefix(out, "Yes: 2 of 4 were drawn") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if code, out, _ := headwater(t, "lottery", "verify", right, "--digest", "00"); code != 1 || !strings.Contains(out, "the one kept elsewhere is 00") {
		t.Errorf("exit %d: %s", code, out)
	}
	if code, out, _ := headwater(t, "lottery", "verify", swapped); code != 1 || !strings.Contains(out, "digest: the list as it stands has") || !strings.Contains(out, "drawn[0]") {
		t.Errorf("exit %d: %s", code, out)
	}
	if code, _, errs := headwater(t, "lottery", "verify", filepath.Join(dir, "bad.json")); code != 1 || !strings.Contains(errs, `version: "1": headwater-lottery-1 is expected`) {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, _, errs := headwater(t, "lottery", "draw", swapped, "--seed", "1"); code != 1 || !strings.Contains(errs, "a seed draws from a list on record alone") {
		t.Errorf("exit %d: %s", code, errs)
	}
	drawAnew(t, dir, right)
	if python, err := exec.LookPath("python3"); err == nil {
		for name, want := range map[string]string{right: "True\n", swapped: "False\n"} {
			if out, err := exec.CommandContext(t.Context(), python, filepath.Join(dir, "check.py"), name).Output(); err != nil || string(out) != want {
				t.Errorf("the documented program says %q of %s: %v", out, name, err)
			}
		}
	}
}

// drawAnew goes the way of an officer: digest first, then the draw, then the check.
func drawAnew(t *testing.T, dir, from string) {
	t.Helper()
	code, listed, errs := headwater(t, "lottery", "draw", from)
	if code != 0 || strings.Contains(listed, `"drawn"`) {
		t.Fatalf("exit %d: %s%s", code, listed, errs)
	}
	name := filepath.Join(dir, "anew.json")
	if err := os.WriteFile(name, []byte(listed), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := headwater(t, "lottery", "verify", name); code != 1 || out != "seed: there is none yet\n" {
		t.Errorf("exit %d: %s", code, out)
	}
	code, drawn, errs := headwater(t, "lottery", "draw", name, "--seed", "01 02 03 04 05 06")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	if err := os.WriteFile(name, []byte(drawn), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := headwater(t, "lottery", "verify", name); code != 0 {
		t.Errorf("exit %d: %s", code, out)
	}
}
