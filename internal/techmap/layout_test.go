package techmap_test

import (
	"context"
	"encoding/csv"
	"io"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/published"
	"github.com/headwater-platform/headwater/internal/techmap"
)

func opened(t *testing.T, paths ...string) map[string]io.Reader {
	t.Helper()
	files := map[string]io.Reader{}
	for _, path := range paths {
		f, err := os.Open(path)
		must(t, err)
		t.Cleanup(func() { f.Close() })
		files[filepath.Base(path)] = f
	}
	return files
}

func shipped(t *testing.T, name string) *techmap.Layout {
	t.Helper()
	l, err := techmap.ShippedLayout(name)
	must(t, err)
	return l
}

// chips is an invented chip supply chain in the published layout of five files.
func chips(t *testing.T) map[string]io.Reader {
	t.Helper()
	paths, err := filepath.Glob("testdata/chips/*.csv")
	must(t, err)
	return opened(t, paths...)
}

func (b bench) empty(t *testing.T, ctx context.Context) techmap.Map {
	t.Helper()
	m, err := b.Create(ctx, analyst, techmap.MapInput{AgencyID: "arc", Title: en("Empty"), Home: "XA", Threshold: 0.5})
	must(t, err)
	return m
}

func TestChipFiles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		for _, c := range []struct {
			choices map[string]string
			want    []string // by country
			kind    string
		}{
			{nil, []string{"JP"}, techmap.AnyOf},
			{map[string]string{"variants": "all"}, []string{"JP", "NL"}, techmap.AllOf},
			{map[string]string{"providers": "organization"}, []string{"JP"}, techmap.AnyOf},
		} {
			m := s.empty(t, ctx)
			_, err := s.ImportBy(ctx, analyst, m.ID, shipped(t, "chips"), c.choices, chips(t))
			must(t, err)
			m, err = s.Update(ctx, analyst, m.ID, m.Version, techmap.MapInput{Title: m.Title, Home: "XA", Goal: "n9", Threshold: 0.5})
			must(t, err)
			v, err := s.Map(ctx, analyst, m.ID, time.Time{})
			must(t, err)
			if x, _ := v.Graph.Gate("t1-variants"); x.Kind != c.kind || len(x.Inputs) != 2 {
				t.Errorf("%v: the variants are %+v", c.choices, x)
			}
			if x, _ := v.Graph.Gate("n1-needs"); x.Kind != techmap.AllOf || len(x.Inputs) != 2 {
				t.Errorf("the process needs %+v", x)
			}
			a, err := v.Ask(ctx, techmap.Assumptions{Layer: techmap.ByCountry})
			must(t, err)
			var certain []string
			for _, f := range a.Singles() {
				if f.Certain() {
					certain = append(certain, f.Events[0].Key)
				}
			}
			slices.Sort(certain)
			if d := cmp.Diff(c.want, certain); d != "" {
				t.Errorf("%v: %s", c.choices, d)
			}
		}
	})
}

func TestLayoutsThatAreRefused(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ text, want string }{
		"nothing to read":  {"title: {en: x}\n", "tables"},
		"an unknown field": {"tables: []\ncolour: red\n", "colour"},
		"two items at once": {"tables:\n  - file: a.csv\n    make:\n      - {node: {key: \"{a}\"}, provider: {key: \"{a}\"}}\n",
			"one of node, provider, gate and share"},
		"an unknown lookup": {"tables:\n  - file: a.csv\n    make:\n      - node: {key: \"{a|b}\"}\n", `no lookup "b"`},
		"an unknown choice": {"tables:\n  - file: a.csv\n    make:\n      - node: {key: \"{=b}\"}\n", `no choice "b"`},
	} {
		_, err := techmap.ReadLayout("mine.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "mine.yaml") {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
}

func TestRowsThatAreRefused(t *testing.T) {
	t.Parallel()
	layout := `
lookups: {kind: {m: material}}
tables:
  - file: a.csv
    join: {b: {file: b.csv, on: key}}
    make:
      - node: {key: "{name}", kind: "{kind|kind}", supplied: "yes", name: {en: "{name}, {b.note}"}}
`
	l, err := techmap.ReadLayout("mine.yaml", []byte(layout))
	must(t, err)
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.empty(t, ctx)
		for what, c := range map[string]struct{ a, b, want string }{
			"a file that is missing":      {"", "", "a.csv"},
			"a column that is missing":    {"key,name\n1,x\n", "key,note\n1,n\n", "a.csv, line 2, kind"},
			"a value not looked up":       {"key,name,kind\n1,x,q\n", "key,note\n1,n\n", "“q”"},
			"no row to join":              {"key,name,kind\n2,x,m\n", "key,note\n1,n\n", "“2” has no row in b.csv"},
			"two names with one key":      {"key,name,kind\n1,A b,m\n1,a-b,m\n", "key,note\n1,n\n", "a.csv, line 3"},
			"one name with two meanings":  {"key,name,kind\n1,x,m\n2,x,m\n", "key,note\n1,n\n2,other\n", "said otherwise in line 2"},
			"a name without a usable key": {"key,name,kind\n1,…,m\n", "key,note\n1,n\n", "a.csv, line 2, id"},
		} {
			files := map[string]io.Reader{}
			if c.a != "" {
				files["a.csv"], files["b.csv"] = strings.NewReader(c.a), strings.NewReader(c.b)
			}
			_, err := s.ImportBy(ctx, analyst, m.ID, l, nil, files)
			refused(t, err, fault.Invalid, what)
			if got := fault.From(err).Msg.In(lang.English); !strings.Contains(got, c.want) {
				t.Errorf("%s: %q does not name %q", what, got, c.want)
			}
		}
		_, err := s.ImportBy(ctx, analyst, m.ID, l, map[string]string{"variants": "all"}, nil)
		refused(t, err, fault.Invalid, "a choice that the layout does not have")
		_, err = s.ImportBy(ctx, adviser, m.ID, l, nil, nil)
		refused(t, err, fault.NotFound, "an import by an adviser into a draft")
	})
}

// TestRawMaterialsAsAMap imports the shares of the EU's study of 2023 and compares the
// concentration of each material and stage with one computed from the table in exact fractions.
func TestRawMaterialsAsAMap(t *testing.T) {
	t.Parallel()
	file := published.File(t, "crm/fact_GlobalSupplyShares&t.csv")
	want := exactConcentrations(t, file)
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.empty(t, ctx)
		_, err := s.ImportBy(ctx, analyst, m.ID, shipped(t, "eu-crm-2023"), nil, opened(t, file))
		must(t, err)
		v, err := s.Map(ctx, analyst, m.ID, time.Time{})
		must(t, err)
		if len(v.Graph.Nodes) != 122 || len(want) != 122 {
			t.Fatalf("%d nodes, %d in the table, want 122", len(v.Graph.Nodes), len(want))
		}
		for _, n := range v.Graph.Nodes {
			got, ok := v.Graph.Concentration(n.ID, techmap.ByCountry)
			if w := want[n.Title.By["en"]]; !ok || math.Abs(got.Low-w) > 1e-12 || got.High < got.Low {
				t.Errorf("%s: %v, want %v", n.ID, got, w)
			}
		}
		for _, p := range v.Graph.Providers {
			if p.Country == "" || p.Name.By["zh"] == "" {
				t.Errorf("provider %+v has no country or no name in Chinese", p)
			}
		}
	})
}

// exactConcentrations are the sums of squared shares of the table, by the name that the
// material and stage have on a map.
func exactConcentrations(t *testing.T, file string) map[string]float64 {
	t.Helper()
	f, err := os.Open(file)
	must(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	must(t, err)
	squares, sums := map[string]*big.Rat{}, map[string]*big.Rat{}
	for _, row := range rows[1:] {
		name := row[0] + ", " + map[string]string{"E": "extraction", "P": "processing"}[row[1]]
		if squares[name] == nil {
			squares[name], sums[name] = new(big.Rat), new(big.Rat)
		}
		if strings.HasPrefix(row[3], "<") {
			continue // certain of it is nothing
		}
		x, ok := new(big.Rat).SetString(strings.TrimSuffix(row[3], "%"))
		if !ok {
			t.Fatalf("share %q", row[3])
		}
		x.Quo(x, big.NewRat(100, 1))
		sums[name].Add(sums[name], x)
		squares[name].Add(squares[name], x.Mul(x, x))
	}
	out := map[string]float64{}
	for name, x := range squares {
		if sum := sums[name]; sum.Cmp(big.NewRat(1, 1)) > 0 { // rounded up
			x.Quo(x, new(big.Rat).Mul(sum, sum))
		}
		out[name], _ = x.Float64()
	}
	return out
}

func TestModelsThatAreRefused(t *testing.T) {
	t.Parallel()
	tree := func(body string) string {
		return `<opsa-mef><define-fault-tree name="t">` + body + `</define-fault-tree></opsa-mef>`
	}
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.empty(t, ctx)
		for what, c := range map[string]struct{ text, want string }{
			"no XML":       {"chips", "cannot be read"},
			"two tops":     {tree(`<define-gate name="a"><basic-event name="x"/></define-gate><define-gate name="b"><basic-event name="x"/></define-gate>`), "a, b"},
			"a negation":   {tree(`<define-gate name="a"><not><basic-event name="x"/></not></define-gate>`), "“a”"},
			"nothing left": {tree(`<define-gate name="a"><or><constant value="true"/><basic-event name="x"/></or></define-gate>`), "always or never"},
			"a part twice": {tree(`<define-gate name="a"><atleast min="2"><basic-event name="x"/><basic-event name="x"/><basic-event name="y"/></atleast></define-gate>`), "“x” twice"},
		} {
			_, err := s.ImportModel(ctx, analyst, m.ID, strings.NewReader(c.text), "")
			refused(t, err, fault.Invalid, what)
			if got := fault.From(err).Msg.In(lang.English); !strings.Contains(got, c.want) {
				t.Errorf("%s: %q does not name %q", what, got, c.want)
			}
		}
		n, err := s.ImportModel(ctx, analyst, m.ID, strings.NewReader(tree(`<define-gate name="stop"><label>The line stops</label><or><basic-event name="power"/><atleast min="2"><basic-event name="a"/><basic-event name="b"/><basic-event name="c"/></atleast></or></define-gate>`)), "")
		must(t, err)
		v, err := s.Map(ctx, analyst, m.ID, time.Time{})
		must(t, err)
		goal, _ := v.Graph.Node(v.Goal)
		a, err := v.Ask(ctx, techmap.Assumptions{})
		must(t, err)
		var sizes []int
		for _, f := range a.Findings {
			sizes = append(sizes, len(f.Events))
		}
		if goal.Title.By["en"] != "The line stops" || !slices.Equal(sizes, []int{1, 2, 2, 2}) || n != 16 {
			t.Errorf("%d items, goal %q, sets of %v", n, goal.Title.By["en"], sizes)
		}
	})
}
