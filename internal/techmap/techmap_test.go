package techmap_test

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
)

var (
	officer = access.Actor{Account: "o", Person: "olena", Grants: []access.Grant{{Role: access.Officer, Scope: access.Agency("arc")}}}
	analyst = access.Actor{Account: "y", Person: "yun", Grants: []access.Grant{{Role: access.Analyst, Scope: access.Platform()}}}
	adviser = access.Actor{Account: "s", Person: "salma", Grants: []access.Grant{{Role: access.Adviser, Scope: access.Agency("arc")}}}
	other   = access.Actor{Account: "x", Person: "xenia", Grants: []access.Grant{{Role: access.Officer, Scope: access.Agency("fund")}}}
	public  = access.Actor{}
)

var morning = time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC)

type bench struct {
	*techmap.Service
	fixed *clock.Fixed
}

func each(t *testing.T, test func(t *testing.T, ctx context.Context, s bench)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		fixed := clock.NewFixed(morning, 3)
		ctx := clock.With(t.Context(), fixed.Source())
		l, err := ledger.Open(ctx, d, "test")
		must(t, err)
		r := &register.Service{DB: d, Ledger: l}
		must(t, r.TakeIn(ctx, access.System, &register.Batch{
			Organisations: []register.Organisation{{ID: "council", Name: lang.In1("en", "Council")}},
			People:        []register.Person{{ID: "olena", Given: "Olena", Family: "Alder"}, {ID: "yun", Given: "Yun", Family: "Kestrel"}, {ID: "salma", Given: "S", Family: "O"}, {ID: "xenia", Given: "X", Family: "N"}},
			Agencies: []register.Agency{{ID: "arc", OrganisationID: "council", Slug: "arc", Name: lang.In1("en", "Research Council"), Currency: "XCR", Zone: "UTC"},
				{ID: "fund", OrganisationID: "council", Slug: "fund", Name: lang.In1("en", "Fund"), Currency: "XCR", Zone: "UTC"}},
		}))
		test(t, ctx, bench{&techmap.Service{DB: d, Ledger: l, Register: r, Strategy: &strategy.Service{DB: d, Ledger: l, Register: r}}, fixed})
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, kind fault.Kind, what string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v, want a fault of kind %d", what, err, kind)
	}
}

func en(s string) lang.Text { return lang.In1("en", s) }

func node(id string) techmap.Change {
	return techmap.Change{Node: &techmap.Node{ID: id, Kind: "component", Title: en(id), Supplied: true}}
}

func made(id string) techmap.Change { // by its inputs alone
	return techmap.Change{Node: &techmap.Node{ID: id, Kind: "capability", Title: en(id)}}
}

func provider(id, country string) techmap.Change {
	return techmap.Change{Provider: &techmap.Provider{ID: id, Name: en(id), Country: country, Owner: "owner of " + country}}
}

func share(node, provider string, low float64) techmap.Change {
	return techmap.Change{Share: &techmap.Share{NodeID: node, ProviderID: provider, Low: &low, High: &low, Year: 2025, Source: "survey", Confidence: "high"}}
}

func gate(id, node, kind string, inputs ...string) techmap.Change {
	x := techmap.Gate{ID: id, NodeID: node, Kind: kind}
	for _, in := range inputs {
		x.Inputs = append(x.Inputs, techmap.Input{NodeID: in})
	}
	return techmap.Change{Gate: &x}
}

// lamp is a map: a lamp needs a bulb and one of two sockets.
var lamp = []techmap.Change{made("lamp"), node("bulb"), node("screw"), node("bayonet"), gate("lamp-all", "lamp", techmap.AllOf, "bulb"), gate("lamp-any", "lamp", techmap.AnyOf, "screw", "bayonet"),
	provider("osmund", "XB"), provider("brask", "XA"), provider("tarn", "XB"),
	share("bulb", "osmund", 0.8), share("bulb", "brask", 0.2), share("screw", "brask", 1), share("bayonet", "tarn", 1)}

func (b bench) lamp(t *testing.T, ctx context.Context, state string) techmap.Map {
	t.Helper()
	m, err := b.Create(ctx, analyst, techmap.MapInput{AgencyID: "arc", Title: en("Lamps"), Home: "XA", Threshold: 0.5, State: state})
	must(t, err)
	must(t, b.Change(ctx, analyst, m.ID, lamp...))
	m, err = b.Update(ctx, officer, m.ID, m.Version, techmap.MapInput{Title: m.Title, Home: "XA", Goal: "lamp", Threshold: 0.5, State: state})
	must(t, err)
	return m
}

func TestMapIsKeptWithItsHistory(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Draft)
		then := clock.Now(ctx)
		s.fixed.Advance(24 * time.Hour)
		v, err := s.Map(ctx, analyst, m.ID, time.Time{})
		must(t, err)
		bulb, _ := v.Graph.Node("bulb")
		bulb.Title = en("LED bulb")
		must(t, s.Change(ctx, analyst, m.ID, techmap.Change{Node: &bulb, Version: bulb.Version}))
		refused(t, s.Change(ctx, analyst, m.ID, techmap.Change{Node: &bulb, Version: bulb.Version}), fault.Conflict, "a change on an old version")
		refused(t, s.Change(ctx, analyst, m.ID, techmap.Change{Node: &bulb}), fault.Invalid, "a key that is taken")
		must(t, s.Change(ctx, officer, m.ID, techmap.Change{Remove: &techmap.Ref{Kind: techmap.KindNode, ID: "bayonet"}, Version: 1}))

		now, err := s.Map(ctx, analyst, m.ID, time.Time{})
		must(t, err)
		was, err := s.Map(ctx, analyst, m.ID, then)
		must(t, err)
		if got, _ := was.Graph.Node("bulb"); got.Title.By["en"] != "bulb" || len(was.Graph.Nodes) != 4 {
			t.Errorf("the map as known then has %q and %d nodes", got.Title.By["en"], len(was.Graph.Nodes))
		}
		var changed []string
		for _, d := range techmap.Differences(was.Graph, now.Graph) {
			changed = append(changed, d.Kind+" "+d.ID)
		}
		want := []string{"node bulb", "gate lamp-any", "node bayonet", "share bayonet|tarn"}
		if d := cmp.Diff(want, changed); d != "" {
			t.Errorf("differences: %s", d)
		}
		if got, _ := now.Graph.Node("bulb"); got.Author != "yun" || !got.Since.Equal(clock.Now(ctx)) {
			t.Errorf("the bulb is by %q since %v", got.Author, got.Since)
		}
		must(t, s.Change(ctx, officer, m.ID, node("bayonet")))
	})
}

func TestRefusedChanges(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Draft)
		for what, c := range map[string]techmap.Change{
			"nothing":            {},
			"two things":         {Node: node("a").Node, Provider: provider("b", "XA").Provider},
			"a key with a space": node("a b"),
			"an input to itself": gate("g", "bulb", techmap.AllOf, "bulb"),
			"an unknown input":   gate("g", "bulb", techmap.AllOf, "candle"),
			"an empty gate":      gate("g", "bulb", techmap.AllOf),
			"k of nothing":       gate("g", "bulb", techmap.SomeOf, "screw"),
			"shares without":     gate("g", "bulb", techmap.ShareOf, "screw"),
			"a share over 1":     share("bulb", "tarn", 1.2),
			"a country's name":   provider("p", "Brask"),
		} {
			refused(t, s.Change(ctx, analyst, m.ID, node("kept-back"), c), fault.Invalid, what)
		}
		v, err := s.Map(ctx, analyst, m.ID, time.Time{})
		must(t, err)
		if _, ok := v.Graph.Node("kept-back"); ok {
			t.Error("half of a refused change was kept")
		}
		refused(t, s.Change(ctx, analyst, m.ID, techmap.Change{Remove: &techmap.Ref{Kind: techmap.KindNode, ID: "candle"}}), fault.NotFound, "removing what is not there")
	})
}

func TestWhoSeesAndWrites(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Draft)
		for _, a := range []access.Actor{adviser, other, public} {
			_, err := s.Map(ctx, a, m.ID, time.Time{})
			refused(t, err, fault.NotFound, "a draft")
			refused(t, s.Change(ctx, a, m.ID, node("x")), fault.NotFound, "writing a draft")
		}
		m, err := s.Update(ctx, officer, m.ID, m.Version, techmap.MapInput{Title: m.Title, Home: "XA", Goal: "lamp", Threshold: 0.5, State: techmap.Internal})
		must(t, err)
		_, err = s.Map(ctx, adviser, m.ID, time.Time{})
		must(t, err)
		refused(t, s.Change(ctx, adviser, m.ID, node("x")), fault.NotAllowed, "writing as an adviser")
		for _, a := range []access.Actor{other, public} {
			list, err := s.Maps(ctx, a)
			must(t, err)
			if len(list) > 0 {
				t.Errorf("%s sees %d maps", a.Account, len(list))
			}
		}
	})
}

// TestSealedNodesLeaveNoTrace compares a map with a sealed node, as the public sees it, with
// the same map in which that node was never drawn.
func TestSealedNodesLeaveNoTrace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		with, without := s.lamp(t, ctx, techmap.Public), s.lamp(t, ctx, techmap.Public)
		secret := node("secret")
		secret.Node.Sealed = true
		all := gate("lamp-all", "lamp", techmap.AllOf, "bulb", "secret")
		all.Version = 1
		must(t, s.Change(ctx, analyst, with.ID, secret, all, provider("hidden", "XC"), share("secret", "hidden", 1), share("secret", "tarn", 0)))
		see := func(a access.Actor, id string) (string, techmap.Answer) {
			v, err := s.Map(ctx, a, id, time.Time{})
			must(t, err)
			answer, err := v.Ask(ctx, techmap.Assumptions{})
			must(t, err)
			b, err := json.Marshal([]any{v.Graph, answer.Count, answer.ByOrder, answer.Findings, answer.Structure, answer.Unknown})
			must(t, err)
			return string(b), answer
		}
		a, _ := see(public, with.ID)
		b, _ := see(public, without.ID)
		if a != b {
			t.Errorf("the public sees a trace:\n%s\n%s", a, b)
		}
		if full, answer := see(officer, with.ID); !strings.Contains(full, "hidden") || answer.SinglePoints() != 2 {
			t.Errorf("the officer sees %d single points: %s", answer.SinglePoints(), full)
		}
	})
}

// TestLookingBackShowsNothingSealed seals a node, and removes another that was sealed.
func TestLookingBackShowsNothingSealed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Public)
		before := clock.Now(ctx)
		s.fixed.Advance(time.Hour)
		seal := func(id string) {
			n := node(id)
			n.Node.Sealed, n.Version = true, 1
			must(t, s.Change(ctx, analyst, m.ID, n))
		}
		seal("bayonet")
		seal("screw")
		s.fixed.Advance(time.Hour)
		must(t, s.Change(ctx, analyst, m.ID, techmap.Change{Remove: &techmap.Ref{Kind: techmap.KindNode, ID: "screw"}, Version: 2}))
		for _, c := range []struct {
			who  access.Actor
			want int
		}{{public, 2}, {adviser, 2}, {officer, 4}} {
			v, err := s.Map(ctx, c.who, m.ID, before)
			must(t, err)
			if len(v.Graph.Nodes) != c.want {
				t.Errorf("%q sees %d nodes as of then, want %d", c.who.Account, len(v.Graph.Nodes), c.want)
			}
		}
	})
}

func keys(list []techmap.Finding) (out []string) {
	for _, f := range list {
		k := strings.Join(f.Keys(), "+")
		if !f.Certain() {
			k += "?"
		}
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func TestFindings(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Draft)
		v, err := s.Map(ctx, officer, m.ID, time.Time{})
		must(t, err)
		for _, c := range []struct {
			what string
			q    techmap.Assumptions
			want []string
		}{
			{"providers", techmap.Assumptions{}, []string{"brask+tarn", "osmund"}},
			{"a low threshold", techmap.Assumptions{Threshold: 0.1}, []string{"brask+osmund", "brask+tarn"}},
			{"a high threshold", techmap.Assumptions{Threshold: 0.9}, []string{"brask", "osmund"}},
			{"countries, home holds", techmap.Assumptions{Layer: techmap.ByCountry}, []string{"XB"}},
			{"countries, from XB", techmap.Assumptions{Layer: techmap.ByCountry, Home: "XB", Threshold: 0.9}, []string{"XA"}},
			{"sites are not known", techmap.Assumptions{Layer: techmap.BySite}, nil},
			{"alternatives are needed", techmap.Assumptions{Needed: []string{"lamp-any"}}, []string{"brask", "osmund", "tarn"}},
			{"home grows", techmap.Assumptions{Grown: []techmap.Grown{{NodeID: "bulb", Share: 0.6}}}, []string{"assumed-home", "brask+tarn"}},
		} {
			a, err := v.Ask(ctx, c.q)
			must(t, err)
			if d := cmp.Diff(c.want, keys(a.Findings)); d != "" {
				t.Errorf("%s: %s", c.what, d)
			}
			if want := []string{"bulb"}; len(c.q.Needed) == 0 && !slices.Equal(a.Structure, want) {
				t.Errorf("%s: needed are %v, want %v", c.what, a.Structure, want)
			}
		}
		_, err = v.Ask(ctx, techmap.Assumptions{Layer: "planet", Threshold: 2})
		refused(t, err, fault.Invalid, "assumptions that cannot be")
	})
}

func TestWhatIsNotKnownIsADoubt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Draft)
		must(t, s.Change(ctx, analyst, m.ID, node("wire"), gate("bulb-all", "bulb", techmap.AllOf, "wire"), node("glass"), gate("bulb-glass", "bulb", techmap.AllOf, "glass"),
			provider("somebody", ""), share("glass", "somebody", 0.3), share("glass", "osmund", 0.3)))
		v, err := s.Map(ctx, officer, m.ID, time.Time{})
		must(t, err)
		a, err := v.Ask(ctx, techmap.Assumptions{})
		must(t, err)
		if !slices.Equal(a.Unknown, []string{"wire"}) {
			t.Errorf("nobody knows who supplies %v", a.Unknown)
		}
		want := []string{"brask+tarn", "osmund", "somebody+supply:glass?"}
		if d := cmp.Diff(want, keys(a.Findings)); d != "" {
			t.Error(d)
		}
		home, known := v.Graph.HomeShare("glass", "XA")
		if !known || home.Low != 0 || home.High < 0.699 || home.High > 0.701 {
			t.Errorf("home has %v of the glass", home)
		}
		if _, known := v.Graph.HomeShare("wire", "XA"); known {
			t.Error("the wire's home share is known")
		}
	})
}

func TestProof(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Draft)
		v, err := s.Map(ctx, officer, m.ID, time.Time{})
		must(t, err)
		a, err := v.Ask(ctx, techmap.Assumptions{})
		must(t, err)
		f, err := a.Find([]string{"tarn", "brask"})
		must(t, err)
		var lines []string
		for _, step := range a.Proof(f) {
			lines = append(lines, step.NodeID+" < "+strings.Join(step.Inputs, ","))
		}
		if want := []string{"lamp < screw,bayonet", "screw < ", "bayonet < "}; !slices.Equal(lines, want) {
			t.Errorf("the proof is %q", lines)
		}
		for _, keys := range [][]string{{"tarn"}, {"tarn", "brask", "osmund"}, {"nobody"}} {
			_, err := a.Find(keys)
			refused(t, err, fault.NotFound, "no minimal set")
		}
	})
}

func TestImport(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Draft)
		files := func(name, text string) map[string]io.Reader {
			return map[string]io.Reader{name: strings.NewReader(text)}
		}
		for what, c := range map[string]struct{ file, text, want string }{
			"a file of another name":    {"parts.csv", "key\n", "parts.csv"},
			"a column of another name":  {"nodes.csv", "key,colour\n", "colour"},
			"a share that is no number": {"shares.csv", "node,provider,low,year,source,confidence\nbulb,tarn,much,2025,x,low\n", "shares.csv, line 2, low"},
			"a node that is not there":  {"shares.csv", "node,provider,low,year,source,confidence\nbulb,tarn,0.1,2025,x,low\ncandle,tarn,0.1,2025,x,low\n", "shares.csv, line 3, node"},
		} {
			_, err := s.Import(ctx, analyst, m.ID, files(c.file, c.text))
			refused(t, err, fault.Invalid, what)
			if got := fault.From(err).Msg.In(lang.English); !strings.Contains(got, c.want) {
				t.Errorf("%s: %q does not name %q", what, got, c.want)
			}
		}
		n, err := s.Import(ctx, analyst, m.ID, map[string]io.Reader{"nodes.csv": strings.NewReader("\ufeffkey,kind,name_en,name_zh,supplied\nbulb,component,LED bulb,LED 灯泡,yes\nwire,material,Wire,,yes\n"),
			"links.csv": strings.NewReader("gate,node,join,input\nbulb-all,bulb,all,wire\nbulb-all,bulb,all,screw\n")})
		must(t, err)
		v, err := s.Map(ctx, analyst, m.ID, time.Time{})
		must(t, err)
		bulb, _ := v.Graph.Node("bulb")
		x, _ := v.Graph.Gate("bulb-all")
		if n != 3 || bulb.Title.By["zh"] != "LED 灯泡" || bulb.Version != 2 || len(x.Inputs) != 2 || len(v.Graph.Shares) != 4 {
			t.Errorf("%d rows, bulb %+v, gate %+v, %d shares", n, bulb, x, len(v.Graph.Shares))
		}
		_, err = s.Import(ctx, adviser, m.ID, files("nodes.csv", "key\n"))
		refused(t, err, fault.NotFound, "an import by an adviser into a draft")
	})
}

func TestWhoOwnsItselfIsItsOwner(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Draft)
		parent := techmap.Change{Provider: &techmap.Provider{ID: "norr", Name: en("Norr"), Country: "XA"}}
		plant := techmap.Change{Provider: &techmap.Provider{ID: "plant", Name: en("Norr, second plant"), Country: "XA", Owner: "Norr"}}
		glass := gate("bulb-glass", "bulb", techmap.AllOf, "glass")
		must(t, s.Change(ctx, analyst, m.ID, parent, plant, node("glass"), glass, share("glass", "norr", 0.4), share("glass", "plant", 0.6)))
		v, err := s.Map(ctx, analyst, m.ID, time.Time{})
		must(t, err)
		a, err := v.Ask(ctx, techmap.Assumptions{Layer: techmap.ByOwner, Threshold: 0.3})
		must(t, err)
		if !slices.Contains(keys(a.Findings), "Norr") {
			t.Errorf("the owner of both plants is no single point: %v", keys(a.Findings))
		}
	})
}

func TestConcentration(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Draft)
		must(t, s.Change(ctx, analyst, m.ID, node("glass"), share("glass", "osmund", 0.4), share("glass", "tarn", 0.2)))
		v, err := s.Map(ctx, analyst, m.ID, time.Time{})
		must(t, err)
		for _, c := range []struct {
			node, layer string
			low, high   float64
		}{
			{"bulb", techmap.ByProvider, 0.68, 0.68},
			{"bulb", techmap.ByCountry, 0.68, 0.68},
			{"glass", techmap.ByProvider, 0.20, 0.36}, // the rest of 0.4 may be one other
			{"glass", techmap.ByCountry, 0.36, 0.52},
		} {
			got, ok := v.Graph.Concentration(c.node, c.layer)
			if !ok || math.Abs(got.Low-c.low) > 1e-9 || math.Abs(got.High-c.high) > 1e-9 {
				t.Errorf("%s by %s: %v, want %v to %v", c.node, c.layer, got, c.low, c.high)
			}
		}
		if got, ok := v.Graph.Largest("screw", techmap.ByOwner); !ok || got.Low != 1 {
			t.Errorf("the largest share of the screw socket is %v, of its only supplier", got)
		}
		if _, ok := v.Graph.Concentration("bulb", techmap.BySite); ok {
			t.Error("the concentration of unknown sites is known")
		}
	})
}
