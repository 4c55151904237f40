package app_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// sealedMaps is what TestSwap exchanges on technology maps: sealed nodes with all that hangs on
// them, a draft, who is let in, and what others suggest.
var sealedMaps = scene{name: "who does not keep a map learns nothing of what it seals", viewers: []string{"mira", "decider", "", "stranger", "visitor"}, build: (*swapped).charts, deep: "/maps"}

// secret is what a map seals on one of the two sides: no key, name or number is the same.
type secret struct {
	node, provider, probe, country string
	title                          lang.Text
}

var secrets = [2]secret{
	{node: "0-gyro", provider: "0-hid", probe: "0-probe", country: "XB", title: lang.In1("en", "Gyroscope")},
	{node: "zz-isotope-trap", provider: "zz-hidden-works-of-the-north", probe: "zz-second-probe", country: "XC", title: lang.Both("Trap for isotopes of the second kind", "第二类同位素阱")},
}

// named are the words and keys that tell of what is sealed, on either side.
func (s secret) named() []string {
	return []string{s.node, s.provider, s.probe, "g-" + s.node, s.title.In(lang.English), s.title.In(lang.Chinese)}
}

// drawn are the changes that draw the sealed node of a side: an alternative of the bulb, with a
// provider of its own; on the second side another node, tracks and a second provider besides.
func (s secret) drawn(side int) []techmap.Change {
	n := techmap.Node{ID: s.node, Kind: techmap.NodeKinds[2+side], Title: s.title, Summary: s.title, Sealed: true, Supplied: true, Floor: two(side, true, 0.4, 0.9)[0], Ready: 3 + side}
	list := []techmap.Change{{Node: &n}, provider(s.provider, s.country), share(s.node, s.provider, 0.9), share(s.node, "brask", 0.1),
		{Gate: &techmap.Gate{ID: "lamp-b", NodeID: "lamp", Kind: techmap.AnyOf, Inputs: []techmap.Input{{NodeID: "bulb"}, {NodeID: s.node}}}, Version: 1},
		{Gate: &techmap.Gate{ID: "g-" + s.node, NodeID: s.node, Kind: techmap.AllOf, Inputs: []techmap.Input{{NodeID: "glass"}}}},
		{Option: &techmap.Option{ID: "o-" + s.node, Title: s.title, Nodes: []string{"bulb", s.node}, Cost: money.Whole(int64(7+side), "XCR"), Success: 0.5}},
		{Scenario: &techmap.Scenario{ID: "cut-off", Title: lang.In1("en", "Trade is cut off"), Weight: 1, Layer: techmap.ByProvider, Chance: 0.1, Loss: money.Whole(900, "XCR"),
			Chances: map[string]float64{"osmund": 0.3, s.provider: two(side, true, 0.2, 0.9)[0]}}, Version: 1}}
	if side == 0 {
		return list
	}
	other := techmap.Node{ID: "zz-cryostat", Kind: "equipment", Title: lang.In1("en", "Cryostat"), Sealed: true, Supplied: true}
	return append(list, techmap.Change{Node: &other}, provider("zz-other", "XD"), share("zz-cryostat", "zz-other", 1), share("zz-cryostat", "osmund", 0.2),
		techmap.Change{Track: &techmap.Track{NodeID: s.node, Indicator: "patents", Country: "XA", Points: []techmap.Point{{Year: 2020, Low: 1, High: 2}}, Source: "Office", Confidence: "high"}})
}

func mapNode(id string, supplied bool) techmap.Change {
	return techmap.Change{Node: &techmap.Node{ID: id, Kind: "component", Title: lang.Both("The "+id, id+"（中）"), Supplied: supplied}}
}

func ready(node string, level int) techmap.Change {
	c := mapNode(node, true)
	c.Node.Ready = level
	return c
}

func provider(id, country string) techmap.Change {
	return techmap.Change{Provider: &techmap.Provider{ID: id, Name: lang.In1("en", "Works of "+id), Country: country, Site: "at " + id}}
}

func share(node, provider string, low float64) techmap.Change {
	return techmap.Change{Share: &techmap.Share{NodeID: node, ProviderID: provider, Low: &low, High: &low, Year: 2025, Source: "Survey", Confidence: "high"}}
}

func (s *swapped) secret() secret { return secrets[s.side] }

// charts draws three maps whose hidden parts differ: a public one, a draft to which mira is let
// in, and a draft of which nobody else knows.
func (s *swapped) charts() {
	s.t.Helper()
	officer, hid := s.actor["officer"], s.secret()
	open := s.chart(lang.Both("Lamps made at home", "国产灯具"), techmap.Public)
	half := s.chart(lang.In1("en", "Lamps for the harbour"), techmap.Draft)
	s.must(s.Maps.Admit(s.ctx, officer, half.ID, techmap.Reader{Person: "mira"}))
	s.must(s.Maps.Admit(s.ctx, officer, open.ID, techmap.Reader{Person: "ines", NodeID: hid.node}))
	s.chart(hid.title, techmap.Draft)
	question, err := s.Maps.Question(s.ctx, officer, open.ID, techmap.Assumptions{}, []string{hid.provider, "osmund"},
		strategy.QuestionInput{Title: lang.In1("en", "How can a bulb be made at home?"), Body: lang.In1("en", "Look."), Orientation: "need"})
	s.must(err)
	s.must(s.Maps.Link(s.ctx, officer, open.ID, "glass", "question", question.ID))
	s.must(work.Do(s.ctx, s.DB, func(ctx context.Context) error {
		now := s.now.Source().Now()
		return s.Awards.TakeIn(ctx, award.Award{ID: "bulb-award", Number: "W-1", Title: lang.In1("en", "A bulb"), State: award.Running, Year: 2027, AgencyID: "arc", PublicAt: now, SignedAt: now}, nil, nil)
	}))
	s.must(s.Maps.Link(s.ctx, officer, open.ID, hid.node, "award", "bulb-award"))
	s.must(s.Maps.Link(s.ctx, officer, open.ID, "bulb", "award", "bulb-award"))
	s.learned(open.ID, ready("bulb", 4), share(hid.node, "osmund", 0.05),
		techmap.Change{Gate: &techmap.Gate{ID: "lamp-b", NodeID: "lamp", Kind: techmap.SomeOf, K: 1, Inputs: []techmap.Input{{NodeID: "bulb"}, {NodeID: hid.node}}}})
	x, err := s.Maps.Suggest(s.ctx, s.actor["ravi"], open.ID, techmap.SuggestionInput{Reason: hid.title.In(lang.English), Changes: []techmap.Change{share("glass", "osmund", 0.1*float64(1+s.side))}})
	s.must(err)
	s.must(s.Maps.Decline(s.ctx, officer, open.ID, x.ID, hid.title.In(lang.English)))
	_, err = s.Maps.Suggest(s.ctx, s.actor["ravi"], open.ID, techmap.SuggestionInput{Reason: hid.title.In(lang.English), Changes: []techmap.Change{share("glass", "osmund", 0.3*float64(1+s.side))}}) // waits
	s.must(err)
	s.holds("POST /maps/{id}/question", "/maps/"+open.ID+"/question?layer=provider&of="+hid.provider+"&of=osmund", values("title_en", "How can glass be made?", "body_en", "Look."))
	at := "/api/v1/maps/" + open.ID
	s.held["POST /api/v1/maps/{id}/questions"] = []request{{http.MethodPost, at + "/questions", `{"set":["` + hid.provider + `","osmund"],"title":{"en":"How?"},"body":{"en":"Look."}}`, "application/json"}}
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		s.held[method+" /api/v1/maps/{id}/nodes/{node}/links/{kind}/{subject}"] = []request{{method: method, path: at + "/nodes/glass/links/question/" + question.ID}}
	}
}

// learned lets the award change a map, each change by a suggestion of its own that is accepted.
func (s *swapped) learned(mapID string, changes ...techmap.Change) {
	s.t.Helper()
	for _, c := range changes {
		x, err := s.Maps.Suggest(s.ctx, s.actor["officer"], mapID, techmap.SuggestionInput{Reason: "It came out of the award.", From: techmap.Ref{Kind: "award", ID: "bulb-award"}, Changes: []techmap.Change{c}})
		s.must(err)
		s.must(s.Maps.Accept(s.ctx, s.actor["officer"], mapID, x.ID, ""))
	}
}

// chart draws a map: what everybody may see, equal on both sides, then what is sealed.
func (s *swapped) chart(title lang.Text, state string) techmap.Map {
	s.t.Helper()
	officer, hid := s.actor["officer"], s.secret()
	in := techmap.MapInput{AgencyID: "arc", Title: title, Home: "XA", Threshold: 0.5, State: state}
	m, err := s.Maps.Create(s.ctx, officer, in)
	s.must(err)
	gate := func(id, node, kind string, inputs ...string) techmap.Change {
		x := techmap.Gate{ID: id, NodeID: node, Kind: kind}
		for _, in := range inputs {
			x.Inputs = append(x.Inputs, techmap.Input{NodeID: in})
		}
		return techmap.Change{Gate: &x}
	}
	s.must(s.Maps.Change(s.ctx, officer, m.ID, mapNode("lamp", false), mapNode("bulb", true), mapNode("glass", true), mapNode(hid.probe, true),
		provider("osmund", "XB"), provider("brask", "XA"), share("bulb", "osmund", 0.8), share("bulb", "brask", 0.2), share("glass", "brask", 0.6), share(hid.probe, "osmund", 1),
		gate("lamp-a", "lamp", techmap.AllOf, "glass"), gate("lamp-b", "lamp", techmap.AnyOf, "bulb"),
		techmap.Change{Scenario: &techmap.Scenario{ID: "cut-off", Title: lang.In1("en", "Trade is cut off"), Weight: 1, Layer: techmap.ByProvider, Chance: 0.1, Loss: money.Whole(900, "XCR")}},
		techmap.Change{Option: &techmap.Option{ID: "works", Title: lang.In1("en", "A works of our own"), Nodes: []string{"bulb"}, Cost: money.Whole(5, "XCR"), Success: 0.5}}))
	in.Goal = "lamp"
	m, err = s.Maps.Update(s.ctx, officer, m.ID, m.Version, in)
	s.must(err)
	s.now.Advance(48 * time.Hour)
	probe := mapNode(hid.probe, true)
	probe.Node.Sealed, probe.Version = true, 1 // everybody saw it once, nobody may any longer
	s.must(s.Maps.Change(s.ctx, officer, m.ID, append(hid.drawn(s.side), probe)...))
	s.now.Advance(48 * time.Hour)
	return m
}

// mapKeys are what stands in the addresses of a map, on either side.
func mapKeys() keys {
	k := keys{"node": {"bulb", "lamp"}, "gate": {"lamp-b", "new"}, "provider": {"osmund", "orcid"}, "share": {"osmund"}, "track": {"new"}, "scenario": {"cut-off"}, "option": {"works"},
		"file": append(slices.Clone(techmap.Files), "map.json", "model.xml", "ranking.csv")}
	for _, hid := range secrets {
		k["node"] = append(k["node"], hid.node, hid.probe)
		k["gate"] = append(k["gate"], "g-"+hid.node)
		k["provider"] = append(k["provider"], hid.provider)
		k["option"] = append(k["option"], "o-"+hid.node)
	}
	return k
}

// mapQueries ask a map in every way that its pages and its API know, with what is sealed too.
func mapQueries() (out []string) {
	add := func(pairs ...string) {
		q := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			q.Add(pairs[i], pairs[i+1])
		}
		out = append(out, q.Encode())
	}
	for _, layer := range techmap.Layers {
		add("layer", layer)
		add("layer", layer, "lost", "on", "t", "20", "home_lost", "true", "threshold", "0.2")
	}
	add("layer", "provider", "of", "osmund")
	add("layer", "country", "of", "XB")
	add("as", "2027-03-17")
	add("from", "2027-03-17")
	add("focus", "bulb", "steps", "3")
	add("need", "lamp-b", "needed", "lamp-b")
	add("grow", "bulb", "share", "40", "grow_node", "bulb", "grow_share", "0.4")
	for _, hid := range secrets {
		add("layer", "provider", "of", hid.provider, "of", "osmund")
		add("focus", hid.node, "grow", hid.node, "share", "40", "grow_node", hid.node, "grow_share", "0.4")
		add("kind", "node", "item", hid.node, "for", hid.node)
		for _, word := range hid.named() {
			add("q", word)
		}
	}
	return out
}

// TestSwapSeesEveryMapRoute answers one route after the other as if who keeps the map had asked:
// the comparison of TestSwap notices each.
func TestSwapSeesEveryMapRoute(t *testing.T) {
	t.Parallel()
	both := twinsOf(t, sealedMaps)
	blind := map[string]bool{ // what shows nothing of a map
		"GET /maps/new": true,
	}
	for _, pattern := range both.one.patterns() {
		if !strings.HasPrefix(pattern, "GET ") || !strings.Contains(pattern, sealedMaps.deep) || blind[pattern] {
			continue
		}
		for _, s := range []*swapped{both.one, both.other} {
			s.only, s.Handler = pattern, asKeeper(s.Web.Handler(), pattern, s.enter("officer"))
		}
		asked, found := both.gets("mira")
		if len(found) == 0 {
			t.Errorf("%s: in %d answers nobody would notice that it shows what is sealed", pattern, asked)
		}
	}
}

// asKeeper answers the requests of one route as if they came with another's session.
func asKeeper(whole http.Handler, pattern, secret string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Cookie", "__Host-hw="+secret)
		whole.ServeHTTP(w, r)
	})
	mux.Handle("/", whole)
	return mux
}
