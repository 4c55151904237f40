package techmap

import (
	"math"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

func track(country string, from int, values ...float64) Track {
	k := Track{NodeID: "laser", Indicator: "papers", Country: country, Source: "survey", Confidence: "high"}
	for i, v := range values {
		k.Points = append(k.Points, Point{from + i, v, v})
	}
	return k
}

func TestStandings(t *testing.T) {
	t.Parallel()
	g := &Graph{}
	g.putNode(Node{ID: "laser", Kind: "technology", Title: lang.In1("en", "Laser")})
	for _, k := range []Track{track("XA", 2020, 2, 3, 4), track("XB", 2016, 1, 2, 3, 4, 8, 12, 16), track("XC", 2020, 9, 9, 9)} {
		if err := g.apply(Change{Track: &k}); err != nil {
			t.Fatal(err)
		}
	}
	list := g.Standings("laser", "XA")
	if len(list) != 1 || list[0].Leader.Country != "XB" {
		t.Fatalf("standings %+v", list)
	}
	s := list[0]
	if s.Lag.Censored || s.Lag.Years.Low != 3 || s.Lag.Years.High != 3 {
		t.Errorf("home of 2022 is where XB was in 2019: %+v", s.Lag)
	}
	if !s.Grows || s.Diverging != (math.Log(2)/2 <= math.Log(16.0/2)/5) {
		t.Errorf("growth %+v", s)
	}
	none := track("XA", 2020, 0.5)
	none.Version = 1
	g.putTrack(none)
	if s := g.Standings("laser", "XA")[0]; !s.Lag.Censored || s.Lag.Years.Low != 4 || s.Grows {
		t.Errorf("not yet reached: %+v", s.Lag)
	}
	if len(g.Standings("laser", "XZ")) != 0 {
		t.Error("a country of which nothing is known stands somewhere")
	}
	for what, k := range map[string]Track{"no points": track("XD", 2020), "years out of order": {NodeID: "laser", Indicator: "papers", Country: "XD", Source: "x", Confidence: "low", Points: []Point{{2020, 1, 1}, {2019, 1, 1}}},
		"bounds exchanged": {NodeID: "laser", Indicator: "papers", Country: "XD", Source: "x", Confidence: "low", Points: []Point{{2020, 2, 1}}}, "an unknown indicator": {NodeID: "laser", Indicator: "fame", Country: "XD", Source: "x", Confidence: "low", Points: []Point{{2020, 1, 1}}}} {
		if err := g.apply(Change{Track: &k}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestNodesAreFoundByAnyName(t *testing.T) {
	t.Parallel()
	g := &Graph{}
	g.putNode(Node{ID: "quartz", Title: lang.Both("High-purity quartz", "高纯石英"), Aliases: map[string][]string{"de": {"Bergkristall"}}})
	g.putNode(Node{ID: "sand", Title: lang.In1("en", "Sand")})
	for text, want := range map[string]int{"QUARTZ": 1, "石英": 1, " bergk": 1, "a": 2, "steel": 0, " ": 0} {
		if got := g.Named(text); len(got) != want {
			t.Errorf("%q finds %d nodes, want %d", text, len(got), want)
		}
	}
}
