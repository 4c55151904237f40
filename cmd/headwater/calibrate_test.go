package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func TestCalibrate(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"scores.csv": "reviewer,proposal,score,panel\nada,a,5,x\nada,b,3,x\nbob,a,4,x\nbob,b,2,x\ncy,c,1,x\ncy,a,4,x\n", "bad.csv": "reviewer,proposal,score\nada,a,good\n", "letters.csv": "reviewer,proposal,score\nada,a,A\nada,b,C\nbob,a,B\n"})
	code, out, errs := headwater(t, "calibrate", filepath.Join(dir, "scores.csv"), "--funded", "1", "--json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var c calibration
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Proposals) != 3 || len(c.Reviewers) != 3 || c.Alpha == nil || c.Proposals[0].Proposal != "a" {
		t.Fatalf("%s", out)
	}
	if a := c.Proposals[0]; a.Funded == nil || *a.Funded < 0.6 || a.RankLow != 1 || a.ExpectedRank > 1.5 {
		t.Errorf("the best: %+v", a)
	}
	if code, out, _ := headwater(t, "calibrate", filepath.Join(dir, "letters.csv"), "--scale", "C,B,A"); code != 0 || !strings.Contains(out, "expected rank") {
		t.Errorf("exit %d: %s", code, out)
	}
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"bad.csv"}, `line 2: score "good": a decimal number is expected`},
		{[]string{"scores.csv", "--funded", "4"}, "4 funded of 3 proposals: a number from 0 to 3 is expected"},
		{[]string{"scores.csv", "--level", "1"}, "level 1: a probability between 0 and 1 is expected"},
	} {
		x.args[0] = filepath.Join(dir, x.args[0])
		if code, _, errs := headwater(t, append([]string{"calibrate"}, x.args...)...); code != 1 || !strings.Contains(errs, x.want) {
			t.Errorf("%v: exit %d: %s", x.args, code, errs)
		}
	}
}
