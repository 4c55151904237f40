package openpsa_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/engine/cutset"
	"github.com/headwater-platform/headwater/engine/cutset/openpsa"
)

// document puts definitions into a file, those of events a to d after them.
func document(definitions string) string {
	events := ""
	for i, name := range []string{"a", "b", "c", "d"} {
		events += fmt.Sprintf(`<define-basic-event name="%s"><float value="0.%d"/></define-basic-event>`, name, i+1)
	}
	return `<opsa-mef name="m"><define-fault-tree name="t">` + definitions + `</define-fault-tree><model-data>` + events + `</model-data></opsa-mef>`
}

// probability is the answer for the gate of a name.
func probability(t *testing.T, text, gate string) float64 {
	t.Helper()
	m, err := openpsa.Read(strings.NewReader(text))
	if err == nil {
		err = m.SetTop(gate)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	a, err := cutset.Analyze(t.Context(), m, cutset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Probability()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFormulas: every formula means what the format says.
func TestFormulas(t *testing.T) {
	t.Parallel()
	const a, b, c = 0.1, 0.2, 0.3
	two := a*b + a*c + b*c - 2*a*b*c
	const events = `<basic-event name="a"/><basic-event name="b"/>`
	const three = events + `<basic-event name="c"/>`
	for formula, want := range map[string]float64{
		`<and>` + three + `</and>`:                                                   a * b * c,
		`<or>` + events + `</or>`:                                                    1 - (1-a)*(1-b),
		`<nand>` + events + `</nand>`:                                                1 - a*b,
		`<nor>` + events + `</nor>`:                                                  (1 - a) * (1 - b),
		`<xor>` + events + `</xor>`:                                                  a*(1-b) + b*(1-a),
		`<iff>` + events + `</iff>`:                                                  1 - a*(1-b) - b*(1-a),
		`<imply>` + events + `</imply>`:                                              1 - a*(1-b),
		`<atleast min="2">` + three + `</atleast>`:                                   two,
		`<cardinality min="1" max="2">` + three + `</cardinality>`:                   1 - (1-a)*(1-b)*(1-c) - a*b*c,
		`<not><basic-event name="a"/></not>`:                                         1 - a,
		`<event name="a" type="basic-event"/>`:                                       a,
		`<or><and>` + events + `</and><not><basic-event name="c"/></not></or>`:       1 - (1-a*b)*c,
		`<and><constant value="true"/><basic-event name="a"/></and>`:                 a,
		`<and><house-event name="on"/><gate name="other"/></and>`:                    b,
		`<atleast min="2"><house-event name="on"/><basic-event name="a"/></atleast>`: a,
	} {
		text := document(`<define-gate name="top">` + formula + `</define-gate><define-gate name="other"><event name="b"/></define-gate>` +
			`<define-house-event name="on"><constant value="true"/></define-house-event>`)
		if p := probability(t, text, "top"); p < want-1e-12 || p > want+1e-12 {
			t.Errorf("%s: %v, want %v", formula, p, want)
		}
	}
}

// TestScopes: private names are found from the inside outwards, parameters are computed.
func TestScopes(t *testing.T) {
	t.Parallel()
	text := `<opsa-mef>
<define-fault-tree name="one">
  <define-gate name="top"><and><gate name="inner"/><gate name="two.inner"/></and></define-gate>
  <define-gate name="inner" role="private"><basic-event name="a"/></define-gate>
</define-fault-tree>
<define-fault-tree name="two"><define-gate name="inner" role="private"><basic-event name="b"/></define-gate></define-fault-tree>
<model-data>
  <define-parameter name="rate"><mul><float value="2e-3"/><parameter name="hours"/></mul></define-parameter>
  <define-parameter name="hours"><int value="100"/></define-parameter>
  <define-basic-event name="a"><label>what a is</label><parameter name="rate"/></define-basic-event>
  <define-basic-event name="b"><attributes><attribute name="cost" value="7"/></attributes><exponential><float value="1"/><parameter name="rate"/></exponential></define-basic-event>
</model-data></opsa-mef>`
	const b = 0.18126924692201815 // 1 - exp(-0.2)
	if p := probability(t, text, "top"); p < 0.2*b-1e-12 || p > 0.2*b+1e-12 {
		t.Errorf("%v, want %v", p, 0.2*b)
	}
	m, err := openpsa.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if m.Events[1].Cost != 7 || m.Events[0].Cost != 1 || m.Name != "one" {
		t.Errorf("%+v", m)
	}
	if err := m.SetTop("two.inner"); err != nil {
		t.Error(err)
	}
}

// TestEventTree: a sequence is any of the paths that lead to it.
func TestEventTree(t *testing.T) {
	t.Parallel()
	text := `<opsa-mef><define-initiating-event name="i" event-tree="e"/>
<define-event-tree name="e"><define-functional-event name="f"/><define-sequence name="ok"/><define-sequence name="bad"/>
<initial-state><fork functional-event="f">
<path state="Success"><collect-formula><not><gate name="g"/></not></collect-formula><sequence name="ok"/></path>
<path state="Failure"><collect-formula><gate name="g"/></collect-formula><sequence name="bad"/></path>
</fork></initial-state></define-event-tree>
<define-fault-tree name="t"><define-gate name="g"><or><basic-event name="a"/><basic-event name="b"/></or></define-gate></define-fault-tree>
<model-data><define-basic-event name="a"><float value="0.1"/></define-basic-event><define-basic-event name="b"><float value="0.2"/></define-basic-event></model-data></opsa-mef>`
	for gate, want := range map[string]float64{"e.ok": 0.72, "e.bad": 0.28} {
		if p := probability(t, text, gate); p < want-1e-12 || p > want+1e-12 {
			t.Errorf("%s: %v, want %v", gate, p, want)
		}
	}
}

// TestRefused: what is wrong is named with its place.
func TestRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                                       "line 1: not an Open-PSA model, the root element <opsa-mef> is expected",
		`<html/>`:                                "line 1: not an Open-PSA model",
		`<opsa-mef><define-fault-tree name="t">`: "line 1, column",
		document(`<define-gate><basic-event name="a"/></define-gate>`):                     "<define-gate> has no name",
		document(`<define-gate name="g"/>`):                                                `gate "g" has 0 formulas, one is expected`,
		document(`<define-gate name="g"><or/></define-gate>`):                              "<or> has no arguments",
		document(`<define-gate name="g"><gate name="h"/></define-gate>`):                   `gate "h" is not defined`,
		document(`<define-gate name="g"><gate name="a"/></define-gate>`):                   `"a" is a basic-event, a gate is expected`,
		document(`<define-gate name="g"><sum><basic-event name="a"/></sum></define-gate>`): "<sum> is not a formula that is supported",
		document(`<define-gate name="a"><basic-event name="b"/></define-gate>`):            `"a" is defined in line 1 already`,
		document(`<define-CCF-group name="g"/>`):                                           "<define-CCF-group> is not supported",
		document(`<define-parameter name="p"><parameter name="p"/></define-parameter><define-basic-event name="e"><parameter name="p"/></define-basic-event>`): `parameter "p" is defined by itself`,
		document(`<define-basic-event name="e"><float value="2"/></define-basic-event>`):                                                                       `probability 2 of "e", a number from 0 to 1 is expected`,
		document(`<define-basic-event name="e"><float value="x"/></define-basic-event>`):                                                                       `value "x", a number is expected`,
		document(`<define-gate name="g"><atleast min="3"><basic-event name="a"/><basic-event name="b"/></atleast></define-gate>`):                              `<atleast min="3">, a number from 0 to 2`,
		document(`<define-gate name="g">or<basic-event name="a"/></define-gate>`):                                                                              `text "or" inside <define-gate>`,
	} {
		_, err := openpsa.Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "line 1") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// FuzzRead: whatever comes in, a model that passes its check and can be answered or refused comes out, or an
// error that begins with its place.
func FuzzRead(f *testing.F) {
	f.Add(document(`<define-gate name="g"><or><basic-event name="a"/><not><gate name="h"/></not></or></define-gate><define-gate name="h"><atleast min="1"><basic-event name="b"/></atleast></define-gate>`))
	f.Add(`<opsa-mef><define-event-tree name="e"><define-sequence name="s"/><initial-state><sequence name="s"/></initial-state></define-event-tree></opsa-mef>`)
	f.Add(document(`<define-gate name="g"><cardinality min="1" max="2"><basic-event name="a"/><gate name="g"/></cardinality></define-gate><define-parameter name="p"><pow><float value="0"/><float value="-1"/></pow></define-parameter>`))
	f.Fuzz(func(t *testing.T, text string) {
		m, err := openpsa.Read(strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "line ") {
				t.Errorf("%v names no place of\n%s", err, text)
			}
			return
		}
		if len(m.Gates) == 0 || m.SetTop("") != nil {
			return
		}
		if err := m.Check(); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		limited, done := context.WithTimeout(t.Context(), time.Second)
		defer done()
		if a, err := cutset.Analyze(limited, m, cutset.Options{MaxNodes: 1 << 12}); err == nil && a.Count().Sign() < 0 {
			t.Errorf("%s sets of\n%s", a.Count(), text)
		}
	})
}
