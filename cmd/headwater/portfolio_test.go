package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPortfolioSolveORLib(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"two.txt": "2\n3 2 0\n5 4 3\n2 3 1\n4 0 2\n5 6\n2 1 0\n5 4\n3 3\n-1\n", "bad.txt": "1\n2 1 0\n5 x\n"})
	code, out, errs := headwater(t, "portfolio", "solve", filepath.Join(dir, "two.txt"), "--format", "orlib", "--time", "10s", "--json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 {
		t.Fatalf("%s", out)
	}
	var first, second chosen
	for i, to := range []*chosen{&first, &second} {
		if err := json.Unmarshal([]byte(lines[i]), to); err != nil {
			t.Fatal(err)
		}
	}
	if !first.Optimal || *first.Value != 9 || *first.Bound != 9 || *first.Gap != 0 || !slices.Equal(first.Chosen, []int{0, 1}) {
		t.Errorf("%s", lines[0])
	}
	if second.Value != nil || second.Bound != nil || second.Optimal || len(second.Chosen) != 0 {
		t.Errorf("%s", lines[1])
	}
	if code, out, _ := headwater(t, "portfolio", "solve", filepath.Join(dir, "two.txt")); code != 0 || !strings.Contains(out, "9, proven best") || !strings.Contains(out, "nothing keeps all limits") {
		t.Errorf("exit %d: %s", code, out)
	}
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"bad.txt"}, `instance 1: line 3: the value of item 1 is "x": a whole number`},
		{[]string{"two.txt", "--time=-1s"}, "--time -1s --gap 0: numbers from 0 are expected"},
	} {
		x.args[0] = filepath.Join(dir, x.args[0])
		if code, _, errs := headwater(t, append([]string{"portfolio", "solve"}, x.args...)...); code == 0 || !strings.Contains(errs, x.want) {
			t.Errorf("%v: exit %d: %s", x.args, code, errs)
		}
	}
}
