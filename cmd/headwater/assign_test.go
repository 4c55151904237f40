package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// files writes tables into a folder of the test and returns it.
func files(t *testing.T, tables map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range tables {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func solve(t *testing.T, dir string, args ...string) (report, string) {
	t.Helper()
	out, told := filepath.Join(dir, "assignment.csv"), filepath.Join(dir, "report.json")
	code, _, errs := headwater(t, append([]string{"assign", "solve", "--scores", filepath.Join(dir, "scores.csv"), "--out", out, "--report", told}, args...)...)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var r report
	text, err := os.ReadFile(told)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(pairs)
}

const fourPairs = "text,person,score\na,ada,0.9\na,bob,0.5\nb,ada,0.75\nb,bob,0.125\n"

func TestAssignSolve(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"scores.csv": fourPairs, "loads.csv": "person,min,max\nbob,0,0\n", "conflicts.csv": "proposal,person\na,ada\nb,nobody\n"})
	loads, conflicts := filepath.Join(dir, "loads.csv"), filepath.Join(dir, "conflicts.csv")
	for _, c := range []struct {
		name     string
		args     []string
		pairs    string
		cost     int64
		unfilled int
		reason   string
	}{
		{"best total", []string{"--demand=1", "--load-max=1"}, "a,bob,0.5\nb,ada,0.75\n", 750_000, 0, ""},
		{"a load of one's own", []string{"--demand=1", "--load-max=1", "--loads", loads}, "a,ada,0.9\n", 100_000, 1,
			"a and b need 2 reviews; all who may review them (ada and bob) have room for 1."},
		{"a conflict", []string{"--demand=1", "--load-max=2", "--conflicts", conflicts}, "a,bob,0.5\nb,ada,0.75\n", 750_000, 0, ""},
		{"empty places at a price", []string{"--demand=2", "--load-max=2", "--unfilled-cost=0.55"}, "a,ada,0.9\na,bob,0.5\nb,ada,0.75\n", 1_400_000, 1,
			"proposal b: 1 reviews stay empty, as each would cost more than an empty place."},
		{"a least load", []string{"--demand=1", "--load-max=2", "--load-min=1"}, "a,bob,0.5\nb,ada,0.75\n", 750_000, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			to := t.TempDir()
			if err := os.WriteFile(filepath.Join(to, "scores.csv"), []byte(fourPairs), 0o600); err != nil {
				t.Fatal(err)
			}
			r, pairs := solve(t, to, c.args...)
			if pairs != "proposal,person,score\n"+c.pairs {
				t.Errorf("wrote %s", pairs)
			}
			if r.Cost != c.cost || r.Bound != float64(c.cost) || r.Gap != 0 || !r.Optimal || r.Unfilled != c.unfilled || r.Peak < 1<<20 {
				t.Errorf("told %+v", r)
			}
			if (len(r.Reasons) > 0) != (c.reason != "") || c.reason != "" && r.Reasons[0].Text != c.reason {
				t.Errorf("reasons %+v", r.Reasons)
			}
		})
	}
}

// A cap within a cap: what binds is named with its price, and what one more would fill.
func TestAssignCaps(t *testing.T) {
	t.Parallel()
	tables := map[string]string{"scores.csv": "proposal,person,score\na,ada,0.9\nb,ada,0.8\nb,eve,0.75\nc,eve,0.5\nc,bob,0.125\n", "caps.csv": "group,max\nTarn,1\nIlvane,3\n", "tight.csv": "group,max\nTarn,1\nIlvane,2\n",
		"groups.csv": "person,group\nada,Tarn\nada,Ilvane\neve,Ilvane\nbob,Brask\n", "crossed.csv": "person,group\nada,Tarn\nada,Ilvane\neve,Ilvane\nbob,Tarn\n"}
	dir := files(t, tables)
	at := func(name string) string { return filepath.Join(dir, name) }
	args := []string{"--demand=1", "--load-max=2", "--groups", at("groups.csv"), "--caps", at("caps.csv")}
	r, pairs := solve(t, dir, args...)
	if pairs != "proposal,person,score\na,ada,0.9\nb,eve,0.75\nc,eve,0.5\n" || !r.Optimal || r.Gap != 0 || len(r.Caps) != 2 || r.Caps[1].Group != "Ilvane" || *r.Caps[0].Price != 0.05 || r.Caps[0].Group != "Tarn" {
		t.Errorf("%+v\n%s", r, pairs)
	}
	args[len(args)-1] = at("tight.csv")
	r, pairs = solve(t, dir, args...)
	if pairs != "proposal,person,score\na,ada,0.9\nb,eve,0.75\nc,bob,0.125\n" || r.Caps[0].Group != "Ilvane" || *r.Caps[0].Price != 0.375 {
		t.Errorf("%+v\n%s", r, pairs)
	}
	for _, aim := range []string{"fair", "random"} {
		if r, pairs := solve(t, dir, append(args, "--objective="+aim)...); strings.Count(pairs, "ada")+strings.Count(pairs, "eve") > 2 || len(r.Caps) == 0 && aim == "fair" {
			t.Errorf("%s: %+v\n%s", aim, r.Caps, pairs)
		}
	}
	r, _ = solve(t, dir, append(args, "--conflicts", filepath.Join(files(t, map[string]string{"c.csv": "proposal,person\nc,bob\n"}), "c.csv"))...)
	if len(r.Reasons) != 1 || r.Reasons[0].Text != "a, b and c need 3 reviews; all who may review them (ada and eve) have room for 2, as the cap of 1 for Tarn and the cap of 2 for Ilvane bind." ||
		!slices.Contains(r.Reasons[0].Relaxations, "One review more under the cap for Ilvane: fills one, and the cost grows by 0.5.") {
		t.Errorf("%+v", r.Reasons)
	}
	args[3] = at("crossed.csv")
	code, _, errs := headwater(t, append([]string{"assign", "solve", "--scores", at("scores.csv"), "--out", at("o"), "--report", at("r")}, args...)...)
	if code == 0 || !strings.Contains(errs, `groups: "Ilvane" and "Tarn" share people, and neither holds all of the other: caps must nest`) {
		t.Errorf("crossed: %d %s", code, errs)
	}
}

// From the best two people of each text the optimum over all pairs is reached and certified, and conflicts are kept.
func TestAssignAllPairs(t *testing.T) {
	t.Parallel()
	words := strings.Fields("clay glaze kiln sodium anode cathode cell glacier moss reef plankton laser photon qubit magnet")
	var people, texts strings.Builder
	for i := range 12 {
		fmt.Fprintf(&people, "{\"id\":\"p%d\",\"works\":[{\"id\":\"w%d\",\"title\":\"%s of %s and %s\"}]}\n", i, i, words[i%5], words[(i*7+1)%15], words[(i*3+2)%15])
		fmt.Fprintf(&texts, "{\"id\":\"t%d\",\"title\":\"%s with %s for %s\"}\n", i, words[i%4], words[(i*2+5)%15], words[(i*5+1)%15])
	}
	dir := files(t, map[string]string{"people.jsonl": people.String(), "texts.jsonl": texts.String(), "conflicts.csv": "proposal,person\nt0,p0\nt1,p1\n"})
	at := func(name string) string { return filepath.Join(dir, name) }
	rated := func(more ...string) {
		if code, _, errs := headwater(t, append([]string{"expertise", "score", "--people", at("people.jsonl"), "--texts", at("texts.jsonl"), "--out", at("scores.csv")}, more...)...); code != 0 {
			t.Fatal(errs)
		}
	}
	args := []string{"--demand=3", "--load-max=3", "--conflicts", at("conflicts.csv")}
	rated()
	all, _ := solve(t, dir, args...)
	rated("--top=2")
	few, _ := solve(t, dir, args...)
	widened, _ := solve(t, dir, append(args, "--people", at("people.jsonl"), "--texts", at("texts.jsonl"))...)
	if few.Unfilled == 0 || all.Unfilled != 0 {
		t.Fatalf("two candidates each leave %d empty, all leave %d: the test shows nothing", few.Unfilled, all.Unfilled)
	}
	if w := widened.Widened; widened.Cost != all.Cost || widened.Bound != float64(all.Cost) || !widened.Optimal || w == nil || w.Pairs != 144 || w.Given != 24 || w.Taken == 0 || w.Taken > 118 || w.Rounds < 2 {
		t.Errorf("all %+v\nwidened %+v %+v", all, widened, widened.Widened)
	}
}

func TestAssignFair(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"scores.csv": "proposal,person,score\na,ada,0.9\na,bob,0.5\nb,ada,0.6\nb,bob,0.1\n"})
	r, pairs := solve(t, dir, "--demand=1", "--load-max=1", "--objective=fair")
	if pairs != "proposal,person,score\na,bob,0.5\nb,ada,0.6\n" || r.Min != 0.5 || r.Bound < 0.5 || r.Optimal != (r.Bound == 0.5) {
		t.Errorf("%+v\n%s", r, pairs)
	}
}

// What would help is said with its cost.
func TestAssignRelaxations(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"scores.csv": "proposal,person,score\na,ada,0.9\nb,ada,0.7\na,bob,0.25\nc,bob,1\n", "conflicts.csv": "proposal,person\na,bob\n"})
	r, _ := solve(t, dir, "--demand=1", "--load-max=1", "--conflicts", filepath.Join(dir, "conflicts.csv"))
	if len(r.Reasons) != 1 {
		t.Fatalf("%+v", r)
	}
	want := []string{"One place more for ada: fills one, and the cost grows by 0.3.", "Ask 1 fewer reviews of these proposals together."}
	if !slices.Equal(r.Reasons[0].Relaxations, want) {
		t.Errorf("%q", r.Reasons[0].Relaxations)
	}
	r, _ = solve(t, dir, "--demand=1", "--load-max=2", "--conflicts", filepath.Join(dir, "conflicts.csv"), "--loads", filepath.Join(files(t, map[string]string{"loads.csv": "person,min,max\nada,0,0\n"}), "loads.csv"))
	if len(r.Reasons) == 0 || !slices.Contains(r.Reasons[0].Relaxations, "Allow bob to review a in spite of the conflict: fills one, and the cost grows by at most 0.75.") {
		t.Errorf("%+v", r.Reasons)
	}
}

// One who declines is made good for: by the new optimum, or with few changes and the certified distance from it.
func TestAssignDeclined(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"declined.csv": "proposal,person\na,ada\n", "unknown.csv": "proposal,person\na,ada\nc,ada\n",
		"scores.csv": "proposal,person,score\na,ada,0.9\na,bob,0.8\na,eve,0.25\nb,bob,0.75\nb,eve,0.625\n"})
	args := []string{"--demand=1", "--load-max=1", "--declined", filepath.Join(dir, "declined.csv")}
	r, pairs := solve(t, dir, args...)
	if want := (mending{Was: 350_000, Added: 2, Removed: 2, Optimum: 575_000}); pairs != "proposal,person,score\na,bob,0.8\nb,eve,0.625\n" || r.Mending == nil || withoutTime(*r.Mending) != want || !r.Optimal || r.Gap != 0 {
		t.Errorf("the new optimum: %+v, %+v\n%s", r, r.Mending, pairs)
	}
	r, pairs = solve(t, dir, append(args, "--max-changes=1")...)
	if want := (mending{Was: 350_000, Added: 1, Removed: 1, Optimum: 575_000, Distance: 0.425}); pairs != "proposal,person,score\na,eve,0.25\nb,bob,0.75\n" || withoutTime(*r.Mending) != want || r.Optimal || r.Cost != 1_000_000 || r.Bound != 575_000 {
		t.Errorf("one change: %+v, %+v\n%s", r, r.Mending, pairs)
	}
	r, _ = solve(t, dir, append(args, "--max-changes=0")...)
	if r.Unfilled != 1 || r.Mending.Added != 0 || r.Mending.Distance <= 0 || r.Optimal {
		t.Errorf("no change: %+v, %+v", r, r.Mending)
	}
	code, _, errs := headwater(t, "assign", "solve", "--scores", filepath.Join(dir, "scores.csv"), "--demand=1", "--load-max=1", "--declined", filepath.Join(dir, "unknown.csv"), "--out", filepath.Join(dir, "o"), "--report", filepath.Join(dir, "r"))
	if code == 0 || !strings.Contains(errs, `declined: line 3: "c" and "ada" have no score`) {
		t.Errorf("a pair without a score: %d %s", code, errs)
	}
}

func withoutTime(m mending) mending {
	m.Seconds = 0
	return m
}

// With q a half each of the two answers comes up about every second time.
func TestAssignRandom(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"scores.csv": fourPairs})
	seen := map[string]int{}
	for seed := range 40 {
		r, pairs := solve(t, dir, "--demand=1", "--load-max=1", "--objective=random", "--q=1/2", fmt.Sprint("--seed=", seed))
		if !r.Optimal || r.ExpectedTotal == nil || *r.ExpectedTotal != (0.9+0.5+0.75+0.125)/2 || r.Unfilled != 0 {
			t.Fatalf("%+v", r)
		}
		seen[pairs]++
	}
	if len(seen) != 2 || seen["proposal,person,score\na,bob,0.5\nb,ada,0.75\n"] < 8 {
		t.Errorf("drew %v", seen)
	}
}

func TestAssignRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scores string
		args   []string
		want   string
	}{
		{"proposal,person\n", nil, "line 1: no column score, only proposal, person"},
		{"", nil, "the file is empty"},
		{"proposal,person,score\na,b,1.5\n", nil, `line 2: assign: a score is a decimal between 0 and 1, not "1.5"`},
		{"proposal,person,score\na,b,1\na,b,0\n", nil, "proposal a, person b, the tables: given twice"},
		{fourPairs, []string{"--load-min=3"}, "--load-min 3 --load-max 2"},
		{fourPairs, []string{"--unfilled-cost=-1"}, "--unfilled-cost -1: a decimal above 0"},
		{fourPairs, []string{"--objective=random", "--q=two"}, "--q two: a probability such as"},
		{fourPairs, []string{"--objective=random", "--q=1.5"}, "a probability of 3/2: above 0 and at most 1"},
		{fourPairs, []string{"--objective=fair", "--gap=0.1"}, "--gap goes with --objective total"},
		{fourPairs, []string{"--objective=best"}, "must be one of"},
		{fourPairs, []string{"--gap=2"}, "--gap 2"},
		{fourPairs, []string{"--caps", os.DevNull}, "--groups and --caps go together"},
		{fourPairs, []string{"--people", os.DevNull}, "--people and --texts go together"},
		{fourPairs, []string{"--people", os.DevNull, "--texts", os.DevNull, "--gap=0.1"}, "--people goes with --objective total"},
	} {
		dir := files(t, map[string]string{"scores.csv": c.scores})
		args := append([]string{"assign", "solve", "--scores", filepath.Join(dir, "scores.csv"), "--demand=1", "--load-max=2",
			"--out", filepath.Join(dir, "a.csv"), "--report", filepath.Join(dir, "r.json")}, c.args...)
		code, _, errs := headwater(t, args...)
		if code == 0 || !strings.Contains(errs, c.want) {
			t.Errorf("exit %d: %s; want %s", code, errs, c.want)
		}
	}
}
