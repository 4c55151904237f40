package techmap

import (
	"math"
	"slices"

	"github.com/headwater-platform/headwater/engine/measure"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Indicators are by what one can be ahead or behind. No index is made of them.
var Indicators = []string{"papers", "patents", "output", "readiness", "talent", "standards"}

// Track is where a country stands at a node by one indicator, year by year.
type Track struct {
	NodeID     string  `json:"node"`
	Indicator  string  `json:"indicator"`
	Country    string  `json:"country"`
	Points     []Point `json:"points"`
	Source     string  `json:"source"`
	Confidence string  `json:"confidence"`
	Stamp      `json:"-"`
}

// Point is the level in a year, in the indicator's own unit, with bounds.
type Point struct {
	Year int     `json:"year"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

func (k Track) ref() Ref { return TrackRef(k.NodeID, k.Indicator, k.Country) }

// TrackRef names where a country stands at a node by an indicator.
func TrackRef(node, indicator, country string) Ref {
	return Ref{KindTrack, node + "|" + indicator + "|" + country}
}

// Track is where a country stands at a node by an indicator.
func (g *Graph) Track(node, indicator, country string) (Track, bool) {
	return find(g.Tracks, TrackRef(node, indicator, country).ID)
}

func (k *Track) check(g *Graph) error {
	faults := []*fault.Error{oneOf("indicator", k.Indicator, Indicators), Country("country", k.Country, false), oneOf("confidence", k.Confidence, Confidences),
		said("source", k.Source), length("source", k.Source, 500)}
	if _, ok := g.Node(k.NodeID); !ok {
		faults = append(faults, fault.Field("node", "fault.choice"))
	}
	if len(k.Points) == 0 {
		faults = append(faults, fault.Field("points", "fault.required"))
	}
	for i, p := range k.Points {
		if p.Year < 1900 || p.Year > 2200 || i > 0 && p.Year <= k.Points[i-1].Year {
			faults = append(faults, fault.Field("points", "techmap.track.years", p.Year))
		}
		if !(p.Low >= 0 && p.Low <= p.High) || math.IsInf(p.High, 0) {
			faults = append(faults, fault.Field("points", "techmap.track.bounds", p.Year))
		}
	}
	return fault.Join(faults...)
}

// curve is the track as the measures read it.
func (k Track) curve() (list []measure.Point) {
	for _, p := range k.Points {
		list = append(list, measure.Point{Year: float64(p.Year), Low: p.Low, High: p.High})
	}
	return list
}

func (k Track) last() Point { return k.Points[len(k.Points)-1] }

// Standing is where home stands at a node by one indicator, against who leads among the others.
type Standing struct {
	Indicator    string
	Home, Leader Track
	Lag          measure.Lag
	CatchUp      float64 // years until home is level, if both go on growing as they did; 0 where it is not behind
	Diverging    bool    // home does not grow faster
	Grows        bool    // CatchUp and Diverging are known
}

// Standings are those of a node, in the order of Indicators: where home and somebody else are
// known. Leader is whose last certain level is the highest, the first by code among equals.
func (g *Graph) Standings(node, home string) (list []Standing) {
	for _, indicator := range Indicators {
		mine, known := g.Track(node, indicator, home)
		leader, found := g.leader(node, indicator, home)
		if !known || !found {
			continue
		}
		lag, err := measure.Behind(mine.curve(), leader.curve())
		if err != nil {
			continue // a track that was checked is in order
		}
		s := Standing{Indicator: indicator, Home: mine, Leader: leader, Lag: lag}
		grown, ok := mine.growth()
		grows, too := leader.growth()
		if ok && too {
			s.CatchUp, s.Diverging, err = measure.CatchUp(middle(mine.last()), middle(leader.last()), grown, grows)
			s.Grows = err == nil
		}
		list = append(list, s)
	}
	return list
}

func (g *Graph) leader(node, indicator, home string) (leader Track, found bool) {
	for _, k := range g.Tracks {
		if k.NodeID == node && k.Indicator == indicator && k.Country != home && (!found || k.last().Low > leader.last().Low) {
			leader, found = k, true
		}
	}
	return leader, found
}

// recent is over how many years growth is taken.
const recent = 5

// growth is the logarithm of the mean yearly factor over the recent years. False where a level
// is zero or only one year is known.
func (k Track) growth() (float64, bool) {
	last := k.last()
	i := slices.IndexFunc(k.Points, func(p Point) bool { return p.Year >= last.Year-recent })
	first := k.Points[i]
	if first.Year == last.Year || middle(first) <= 0 || middle(last) <= 0 {
		return 0, false
	}
	return math.Log(middle(last)/middle(first)) / float64(last.Year-first.Year), true
}

func middle(p Point) float64 { return (p.Low + p.High) / 2 }
