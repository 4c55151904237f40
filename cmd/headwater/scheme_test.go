package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// headwater runs the program and returns its exit code and what it wrote.
func headwater(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), args, streams{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

func TestSchemeCommands(t *testing.T) {
	t.Parallel()
	const dir = "../../schemes"
	bad := t.TempDir()
	if err := os.CopyFS(bad, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(bad, "open-call.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.Replace(text, []byte("hours: 16"), []byte("hours: 10"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"clean", []string{"check", dir + "/race.yaml"}, 0, "race can be published: 3 stages, 12 hours to apply."},
		{"broken", []string{"check", file}, 1, file + ":6:8: hours: the forms take 16 hours together, the scheme may cost 10"},
		{"simulated", []string{"simulate", dir + "/race.yaml", "--proposals=30", "--high=0"}, 0, "race: 30 simulated teams"},
		{"as JSON", []string{"simulate", dir + "/challenge.yaml", "--json"}, 0, `"act": "measure"`},
		{"in Chinese", []string{"simulate", dir + "/open-call.yaml", "--lang=zh"}, 0, "共资助"},
		{"not simulated", []string{"simulate", file}, 1, "the forms take 16 hours"},
		{"a day that is none", []string{"simulate", dir + "/race.yaml", "--opens=soon"}, 1, "a day like 2027-01-11 is expected"},
		{"same", []string{"diff", dir + "/race.yaml", dir + "/race.yaml"}, 0, "The two say the same."},
		{"different", []string{"diff", dir + "/open-call.yaml", dir + "/two-stage-call.yaml"}, 1, "stage outline: added"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := headwater(t, append([]string{"scheme"}, c.args...)...)
			if code != c.code || !strings.Contains(out+errs, c.want) {
				t.Errorf("exit %d, want %d; wrote\n%s%s\nwant %s", code, c.code, out, errs, c.want)
			}
		})
	}
}
