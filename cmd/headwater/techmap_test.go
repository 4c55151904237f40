package main

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const chipsTable = `name,kind,inputs,need,shares,probability,cost
chips,or,light;resist
light,and,source;mirror
resist,share,jp;kr;us,0.5,0.6;0.3;0.1
source,event,,,,0.1
mirror,event,,,,0.2
jp,event,,,,0.01,5
kr,event,,,,0.02
us,event,,,,0.03
`

const chipsPSA = `<?xml version="1.0"?>
<opsa-mef>
<define-fault-tree name="chips">
<define-gate name="chips"><or><and><basic-event name="source"/><basic-event name="mirror"/></and><basic-event name="jp"/></or></define-gate>
</define-fault-tree>
<model-data>
<define-basic-event name="source"><float value="0.1"/></define-basic-event>
<define-basic-event name="mirror"><float value="0.2"/></define-basic-event>
<define-basic-event name="jp"><float value="0.01"/></define-basic-event>
</model-data>
</opsa-mef>
`

func TestCuts(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"chips.csv": chipsTable, "chips.xml": chipsPSA})
	for _, name := range []string{"chips.csv", "chips.xml"} {
		code, out, errs := headwater(t, "techmap", "cuts", filepath.Join(dir, name), "--json", "--top", "1", "--importance")
		if code != 0 {
			t.Fatalf("exit %d: %s", code, errs)
		}
		var r cutsReport
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		if r.Count != "2" || r.ByOrder["1"] != "1" || r.ByOrder["2"] != "1" || len(r.ByOrder) != 2 || r.Truncated || !r.Coherent || r.PeakBytes <= 0 {
			t.Errorf("%s: %s", name, out)
		}
		if want := 1 - 0.99*0.98; r.Probability == nil || *r.Probability < want-1e-12 || *r.Probability > want+1e-12 {
			t.Errorf("%s: probability %v, want %v", name, text(r.Probability), want)
		}
		if len(r.Top) != 1 || strings.Join(r.Top[0].Events, " ") != "source mirror" || r.Top[0].Order != 2 {
			t.Errorf("%s: top %+v", name, r.Top)
		}
		if len(r.Importance) != r.BasicEvents || r.Importance[2].Event != "jp" {
			t.Errorf("%s: importance %+v", name, r.Importance)
		}
	}
	code, out, errs := headwater(t, "techmap", "cuts", filepath.Join(dir, "chips.csv"), "--list")
	if code != 0 || out != "source;mirror\njp\n" && out != "jp\nsource;mirror\n" {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	code, out, errs = headwater(t, "techmap", "cuts", filepath.Join(dir, "chips.csv"), "--top", "1", "--by", "order", "--why", "--harden", "--sample", "1")
	for _, want := range []string{"single points       jp\n", "resist (share): jp\n", "chips (or): resist\n", "cheapest to harden  source, jp, cost 6\n"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d: %s%s, want %s", code, out, errs, want)
		}
	}
	code, out, errs = headwater(t, "techmap", "cuts", filepath.Join(dir, "chips.csv"), "--top", "2", "--by", "cost")
	if code != 0 || !strings.Contains(out, "minimal cut sets  2") || !strings.Contains(out, "0.02              source, mirror\n0.01              jp\n") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

// TestCutsLeftOut: what is left out is said, with a bound.
func TestCutsLeftOut(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"chips.csv": chipsTable})
	for _, x := range []struct{ flag, value, count, above, most string }{
		{"--max-order", "1", "1", "1", "1"},
		{"--max-nodes", "3", "0", "-1", "2"},
	} {
		code, out, errs := headwater(t, "techmap", "cuts", filepath.Join(dir, "chips.csv"), "--json", x.flag, x.value)
		if code != 0 {
			t.Fatalf("exit %d: %s", code, errs)
		}
		var r cutsReport
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		if !r.Truncated || r.LeftOut == nil || r.Count != x.count || strconv.Itoa(r.LeftOut.AboveOrder) != x.above || r.LeftOut.AtMost != x.most {
			t.Errorf("%s %s: %s", x.flag, x.value, out)
		}
	}
}

func TestCutsRefused(t *testing.T) {
	t.Parallel()
	const head = "name,kind,inputs,need,shares,probability,cost\n"
	dir := files(t, map[string]string{
		"empty.csv": "", "header.csv": "a,b\n", "kind.csv": head + "g,maybe,a\n", "undefined.csv": head + "g,or,a;b\na,event,\n",
		"need.csv": head + "g,atleast,a;b,3\n", "shares.csv": head + "g,share,a;b,1,0.5\n", "p.csv": head + "g,or,a\na,event,,,,1.5\n",
		"twice.csv": head + "g,or,a\ng,or,b\n", "loop.csv": head + "top,or,g\ng,or,h;a\nh,not,g\n",
		"cut.xml": chipsPSA[:200], "unknown.xml": strings.Replace(chipsPSA, `name="jp"/>`, `name="kp"/>`, 1),
		"p.xml": strings.Replace(chipsPSA, `"0.2"`, `"-0.2"`, 1), "tag.xml": strings.Replace(chipsPSA, "<and>", "<und>", 1),
	})
	for _, x := range [][2]string{
		{"empty.csv", "the file is empty"}, {"header.csv", "line 1: columns name, kind and inputs are expected"},
		{"kind.csv", `line 2: kind "maybe" of "g"`}, {"undefined.csv", `line 2: gate "g": input "b" is not defined`},
		{"need.csv", `line 2: need "3" of "g": a whole number from 0 to 2`}, {"shares.csv", `line 2: shares "0.5" of "g": 2 numbers`},
		{"p.csv", `line 3: probability "1.5" of "a"`}, {"twice.csv", `line 3: "g" is defined on line 2 already`},
		{"loop.csv", `holds a negation`}, {"cut.xml", "line 4, column"}, {"unknown.xml", `line 4, column 98: basic-event "kp" is not defined`},
		{"p.xml", `line 8, column 35: probability -0.2 of "mirror"`}, {"tag.xml", "line 4, column"},
	} {
		code, _, errs := headwater(t, "techmap", "cuts", filepath.Join(dir, x[0]))
		if code != 1 || !strings.Contains(errs, x[1]) {
			t.Errorf("%s: exit %d: %s, want %s", x[0], code, errs, x[1])
		}
	}
}
