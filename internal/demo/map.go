package demo

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
)

//go:embed map.yaml
var mapText []byte

// drawn is the country's technology map as map.yaml writes it.
type drawn struct {
	Providers map[string]struct{ Name, Country, Owner, Site string }
	Nodes     map[string]drawnNode
	Work      []studied
	Scenarios map[string]struct {
		En, Zh, Layer, Source string
		Weight, Chance, Loss  float64 // chances in per cent, losses in millions
		Chances               map[string]float64
	}
	Options map[string]struct {
		En, Zh        string
		Nodes         []string
		Cost, Success float64 // millions, per cent
	}
	Tracks []struct {
		Node, Indicator, Country, Source string
		From                             int // years before this one
		Levels                           []float64
	}
}

type drawnNode struct {
	Kind, En, Zh string
	Needs        []string
	Supply       []string
	Supplied     *bool
}

// studied is a question about the map, with the call that asks it and its awards.
type studied struct {
	Agency int
	Set    []string // providers whose loss stops the goal
	Node   string   // where it is not from a finding
	En, Zh string
	Call   string
	CallZh string `yaml:"call_zh"`
	Awards []string
}

// maps draws the technology map and what is under way about it.
func (c *country) maps() error {
	var d drawn
	if err := yaml.Unmarshal(mapText, &d); err != nil {
		return fmt.Errorf("map.yaml: %w", err)
	}
	c.fixed.Set(c.now.AddDate(0, -9, 0))
	in := techmap.MapInput{AgencyID: c.agencies[0].ID, Title: lang.Both("A converter for the northern grid, made at home by 2031", "北部电网变流器 2031 年前实现自主制造"),
		Summary: lang.Both("What the converter needs, from the metal to the test field, as of the survey of this spring.", "变流器所需的一切：从金属到试验场，数据截至今年春季调查。"),
		Home:    "XA", Threshold: 0.25, State: techmap.Public}
	m, err := c.Maps.Create(c.ctx, access.System, in)
	if err != nil {
		return err
	}
	changes, err := d.changes(c.now.Year())
	if err != nil {
		return err
	}
	if err := c.Maps.Change(c.ctx, access.System, m.ID, changes...); err != nil {
		return err
	}
	in.Goal = "converter"
	if _, err := c.Maps.Update(c.ctx, access.System, m.ID, m.Version, in); err != nil {
		return err
	}
	for i, s := range d.Work {
		if err := c.study(m.ID, i, s); err != nil {
			return fmt.Errorf("question %q: %w", s.En, err)
		}
	}
	if err := c.suggest(m.ID); err != nil {
		return err
	}
	return c.learn(m.ID)
}

// learn lets results change the map: one that was accepted, and one that waits.
func (c *country) learn(mapID string) error {
	adviser, err := c.actor("adviser")
	if err != nil {
		return err
	}
	officer, err := c.actor("officer")
	if err != nil {
		return err
	}
	c.fixed.Set(c.at(-5))
	first, err := c.proposed(adviser, mapID, "isostatic-graphite", 4, "Pressed blocks of 300 mm hold their density; the furnace test at Sardel confirms it.")
	if err != nil {
		return err
	}
	c.fixed.Set(c.at(-4))
	if err := c.Maps.Accept(c.ctx, officer, mapID, first.ID, "The report of the furnace test is with us."); err != nil {
		return err
	}
	low, high := 0.02, 0.04
	_, err = c.proposed(adviser, mapID, "boule", 5, "Two boules with fewer than 500 dislocations a square centimetre, measured by two laboratories. The pilot line sells its first ones.",
		techmap.Change{Provider: &techmap.Provider{ID: "merrow-pilot", Name: lang.Both("Merrow Crystal Pilot Line", "梅罗晶体中试线"), Country: "XA", Site: "Merrow"}},
		techmap.Change{Share: &techmap.Share{NodeID: "boule", ProviderID: "merrow-pilot", Low: &low, High: &high, Year: c.now.Year(), Source: "Books of the pilot line", Confidence: "medium"}})
	return err
}

// proposed is a readiness level that the first result at a node suggests, with more that it changes.
func (c *country) proposed(who access.Actor, mapID, node string, ready int, reason string, more ...techmap.Change) (techmap.Suggestion, error) {
	v, err := c.Maps.Map(c.ctx, who, mapID, time.Time{})
	if err != nil {
		return techmap.Suggestion{}, err
	}
	under, err := c.Maps.Underway(c.ctx, who, v)
	if err != nil {
		return techmap.Suggestion{}, err
	}
	awards := techmap.Awards(under[node])
	i := slices.IndexFunc(awards, func(t techmap.Trace) bool { return t.Results > 0 })
	if i < 0 {
		return techmap.Suggestion{}, fmt.Errorf("no award at %s has a result", node)
	}
	w, err := c.Awards.Get(c.ctx, who, awards[i].ID)
	if err != nil {
		return techmap.Suggestion{}, err
	}
	n, _ := v.Graph.Node(node)
	n.Ready = ready
	return c.Maps.Suggest(c.ctx, who, mapID, techmap.SuggestionInput{Reason: reason, From: techmap.Ref{Kind: "result", ID: w.Results[0].ID}, Changes: append([]techmap.Change{{Node: &n}}, more...)})
}

// suggest lets an adviser ask for changes of the map: of what is known of a node, and of what one needs.
func (c *country) suggest(mapID string) error {
	adviser, err := c.actor("adviser")
	if err != nil {
		return err
	}
	c.fixed.Set(c.at(-6))
	v, err := c.Maps.Map(c.ctx, adviser, mapID, time.Time{})
	if err != nil {
		return err
	}
	tests := v.Graph.GatesOf("type-test")[0]
	tests.Inputs = append(slices.Clone(tests.Inputs), techmap.Input{NodeID: "test-mobile"})
	if _, err := c.Maps.Suggest(c.ctx, adviser, mapID, techmap.SuggestionInput{
		Reason: "The railway's mobile test field has taken 10 MW on a siding since autumn. It is booked for most of the year, so two fields are still needed.",
		Changes: []techmap.Change{{Node: &techmap.Node{ID: "test-mobile", Kind: "facility", Title: lang.Both("Mobile test field of the railway", "铁路移动试验场"), Supplied: true}},
			{Gate: &tests}},
	}); err != nil {
		return err
	}
	quartz, _ := v.Graph.Node("quartz")
	quartz.Ready = 5
	low, high := 0.72, 0.8
	_, err = c.Maps.Suggest(c.ctx, adviser, mapID, techmap.SuggestionInput{
		Reason:  "The plant at Brask has run for a year now; Farrow has lost two customers to it. The figures are from the visit of the academy in spring.",
		Changes: []techmap.Change{{Node: &quartz}, {Share: &techmap.Share{NodeID: "quartz", ProviderID: "farquartz", Low: &low, High: &high, Year: c.now.Year(), Source: "Visit of the Academy of Aldermere", Confidence: "medium"}}},
	})
	return err
}

func (d drawn) changes(year int) ([]techmap.Change, error) {
	var nodes, rest []techmap.Change
	for id, p := range d.Providers {
		nodes = append(nodes, techmap.Change{Provider: &techmap.Provider{ID: id, Name: lang.In1("en", p.Name), Country: p.Country, Owner: p.Owner, Site: p.Site}})
	}
	for id, n := range d.Nodes {
		nodes = append(nodes, techmap.Change{Node: &techmap.Node{ID: id, Kind: n.Kind, Title: lang.Both(n.En, n.Zh), Supplied: n.Kind != "capability" && (n.Supplied == nil || *n.Supplied)}})
		for i, words := range n.Needs {
			x, err := gateOf(words)
			if err != nil {
				return nil, fmt.Errorf("node %s: %w", id, err)
			}
			x.ID, x.NodeID = id+"-"+string(rune('a'+i)), id
			rest = append(rest, techmap.Change{Gate: &x})
		}
		for i, words := range n.Supply {
			s, err := shareOf(words)
			if err != nil {
				return nil, fmt.Errorf("node %s: %w", id, err)
			}
			s.NodeID, s.Year, s.Source, s.Confidence = id, year-1-(len(id)+i)%3, "Survey of the grid industry", techmap.Confidences[(len(id)+i)%3]
			if n.Kind == "material" {
				s.Source = "Customs statistics"
			}
			rest = append(rest, techmap.Change{Share: &s})
		}
	}
	return slices.Concat(nodes, rest, d.plans(), d.tracks(year)), nil
}

// tracks are where countries stand, year by year.
func (d drawn) tracks(year int) (list []techmap.Change) {
	for _, k := range d.Tracks {
		x := techmap.Track{NodeID: k.Node, Indicator: k.Indicator, Country: k.Country, Source: k.Source, Confidence: "medium"}
		for i, level := range k.Levels {
			x.Points = append(x.Points, techmap.Point{Year: year - k.From + i, Low: level, High: level})
		}
		list = append(list, techmap.Change{Track: &x})
	}
	return list
}

// plans are the futures that the country reckons with, and what it could fund.
func (d drawn) plans() (list []techmap.Change) {
	for id, s := range d.Scenarios {
		x := techmap.Scenario{ID: id, Title: lang.Both(s.En, s.Zh), Weight: s.Weight, Layer: s.Layer, Chance: s.Chance / 100, Chances: map[string]float64{}, Loss: money.Whole(int64(s.Loss*1e6), Currency), Source: s.Source}
		for key, chance := range s.Chances {
			x.Chances[key] = chance / 100
		}
		list = append(list, techmap.Change{Scenario: &x})
	}
	for id, o := range d.Options {
		list = append(list, techmap.Change{Option: &techmap.Option{ID: id, Title: lang.Both(o.En, o.Zh), Nodes: o.Nodes, Cost: money.Whole(int64(o.Cost*1e6), Currency), Success: o.Success / 100}})
	}
	return list
}

// gateOf reads "all a b", "any a b" or "2 of a b c".
func gateOf(words string) (x techmap.Gate, err error) {
	list := strings.Fields(words)
	if len(list) < 2 {
		return x, fmt.Errorf("gate %q: all, any or a number of, and its inputs are expected", words)
	}
	if list[1] == "of" {
		if x.K, err = strconv.Atoi(list[0]); err != nil {
			return x, fmt.Errorf("gate %q: a number is expected before of", words)
		}
		x.Kind, list = techmap.SomeOf, list[2:]
	} else {
		x.Kind, list = list[0], list[1:]
	}
	for _, in := range list {
		x.Inputs = append(x.Inputs, techmap.Input{NodeID: in})
	}
	return x, nil
}

// shareOf reads "provider 45%".
func shareOf(words string) (s techmap.Share, err error) {
	provider, percent, _ := strings.Cut(strings.TrimSuffix(words, "%"), " ")
	v, err := strconv.ParseFloat(percent, 64)
	if err != nil {
		return s, fmt.Errorf("supply %q: provider share%% is expected", words)
	}
	v /= 100
	return techmap.Share{ProviderID: provider, Low: &v, High: &v}, nil
}

// study writes a question, opens its call and gives the awards.
func (c *country) study(mapID string, nth int, s studied) error {
	c.fixed.Set(c.at(-260 + 9*nth))
	in := strategy.QuestionInput{AgencyID: c.agencies[s.Agency].ID, Title: lang.Both(s.En, s.Zh), Body: lang.Both("What would it take, what does it cost, and how would one know that it works?", "需要什么条件、成本几何、如何验证？"),
		Orientation: "need", PriorityID: c.areas[0]}
	var q strategy.Question
	var err error
	if len(s.Set) > 0 {
		q, err = c.Maps.Question(c.ctx, access.System, mapID, techmap.Assumptions{}, s.Set, in)
	} else if q, err = c.Strategy.WriteQuestion(c.ctx, access.System, in); err == nil {
		err = c.Maps.Link(c.ctx, access.System, mapID, s.Node, "question", q.ID)
	}
	if err != nil || s.Call == "" {
		return err
	}
	return work.Do(c.ctx, c.DB, func(ctx context.Context) error {
		outer := c.ctx
		c.ctx = ctx
		defer func() { c.ctx = outer }()
		return c.ask(nth, s, q)
	})
}

func (c *country) ask(nth int, s studied, q strategy.Question) error {
	made, err := c.call(plan{agency: s.Agency, scheme: "open-call", en: s.Call, zh: s.CallZh, sumEn: "One question, asked from the technology map.", sumZh: "源自技术图谱的一个课题。",
		opens: -240 + 9*nth, closes: -190 + 9*nth, low: 300_000, high: 2_000_000, total: 5_000_000})
	if err != nil {
		return err
	}
	if err := c.Calls.TakeIn(c.ctx, []call.Call{made}); err != nil {
		return err
	}
	if err := c.Calls.Ask(c.ctx, access.System, made.ID, q.ID); err != nil {
		return err
	}
	c.fixed.Set(c.at(-120))
	institutes := slices.DeleteFunc(slices.Clone(c.orgs), func(o register.Organisation) bool { return o.Kind != "institute" })
	for i, title := range s.Awards {
		start := c.at(-110 + 10*i)
		holder := institutes[(7*nth+3*i)%len(institutes)]
		w := award.Award{ID: clock.ID(c.ctx), Number: fmt.Sprintf("W-%d-95%02d", start.Year(), 10*nth+i), CallID: made.ID, AgencyID: made.AgencyID, Title: lang.In1("en", title), Summary: q.Title,
			Holder: holder.ID, HolderName: holder.Name.By["en"], State: award.Running, StartDay: start.Format(time.DateOnly), EndDay: start.AddDate(3, 0, -1).Format(time.DateOnly), Year: start.Year(),
			Amount: money.Whole(int64(600_000+250_000*i+40_000*nth), Currency), PublicAt: start, SignedAt: start, Version: 1}
		var results []award.Result
		if i == 0 {
			results = []award.Result{{Kind: "publication", Title: lang.In1("en", "First results: "+title), DOI: fmt.Sprintf("10.5555/ald.map.%d", nth+1), Year: c.now.Year()}}
		}
		if err := c.Awards.TakeIn(c.ctx, w, nil, results); err != nil {
			return err
		}
		if err := c.Awards.Index(c.ctx, w.ID); err != nil {
			return err
		}
	}
	return nil
}
