package app_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// lamp draws a public map whose goal needs a bulb and a trap, each from one provider; the trap is sealed.
func (w *world) lamp() (mapID string) {
	w.t.Helper()
	officer := w.actor["officer"]
	in := techmap.MapInput{AgencyID: "arc", Title: lang.In1("en", "Lamps made at home"), Home: "XA", Threshold: 0.5, State: techmap.Public}
	m, err := w.Maps.Create(w.ctx, officer, in)
	w.must(err)
	trap := techmap.Node{ID: "isotope-trap", Kind: "component", Title: lang.Both("Trap for isotopes", "同位素阱"), Sealed: true, Supplied: true}
	w.must(w.Maps.Change(w.ctx, officer, m.ID, mapNode("lamp", false), mapNode("bulb", true), techmap.Change{Node: &trap}, provider("osmund", "XB"), provider("hidden", "XC"), share("bulb", "osmund", 1), share("isotope-trap", "hidden", 1),
		techmap.Change{Gate: &techmap.Gate{ID: "lamp-a", NodeID: "lamp", Kind: techmap.AllOf, Inputs: []techmap.Input{{NodeID: "bulb"}, {NodeID: "isotope-trap"}}}}))
	in.Goal = "lamp"
	_, err = w.Maps.Update(w.ctx, officer, m.ID, m.Version, in)
	w.must(err)
	return m.ID
}

// sought lets a call ask a question that was written from the loss of a provider.
func (w *world) sought(callID, mapID, provider string) strategy.Question {
	w.t.Helper()
	q, err := w.Maps.Question(w.ctx, w.actor["officer"], mapID, techmap.Assumptions{}, []string{provider}, strategy.QuestionInput{Title: lang.In1("en", "How without "+provider+"?"), Body: lang.In1("en", "Look."), Orientation: "need"})
	w.must(err)
	w.must(w.Calls.Ask(w.ctx, w.actor["officer"], callID, q.ID))
	return q
}

// TestBottlenecks: which proposals cover which node of a map follows from the question that their call
// asks, and from what people say where it asks several; constraints, groups and the balance go by it.
func TestBottlenecks(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		at := "/decisions/" + d.ID
		w.visitor("officer").ask("GET", at+"/bottlenecks", nil, 200, "No technology map has to do with this list")
		mapID := w.lamp()
		q := w.sought(d.CallID, mapID, "osmund")
		bulb := mapID + "/bulb"
		m := w.meet("officer", d.ID)
		if b, ok := m.Bottleneck(bulb); !ok || !b.All || len(b.Covered) != len(ids) || len(m.Bottlenecks) != 1 {
			w.t.Fatalf("one question, asked from the loss of the bulb's provider: %+v", m.Bottlenecks)
		}
		w.visitor("officer").ask("GET", at+"/bottlenecks", nil, 200, "The bulb", "10 of 10", q.Number, "/maps/"+mapID+"/finding?")
		w.visitor("officer").ask("GET", at+"/balance", nil, 200, "Bottleneck", "The bulb")

		w.must(w.Decisions.Cover(w.ctx, w.actor["officer"], d.ID, bulb, "P-2027-9000", "The others look elsewhere."))
		w.sought(d.CallID, mapID, "hidden")
		if b, _ := w.meet("officer", d.ID).Bottleneck(bulb); !slices.Equal(b.Covered, ids[:1]) {
			w.t.Fatalf("what people said stands, whatever the record says later: %+v", b)
		}
		w.now.Advance(time.Minute)
		w.must(w.Decisions.Cover(w.ctx, w.actor["officer"], d.ID, bulb, "", "Nobody knows yet."))
		if b, _ := w.meet("officer", d.ID).Bottleneck(bulb); b.All || len(b.Covered) != 0 {
			w.t.Fatalf("by several questions nobody knows who answers which: %+v", b)
		}
		say := func(numbers, reason string) error {
			return w.Decisions.Cover(w.ctx, w.actor["olena"], d.ID, bulb, numbers, reason)
		}
		w.refused(say("P-2027-9007", ""), fault.Invalid, "no reason")
		w.refused(say("P-1999-0001", "So."), fault.Invalid, "a proposal that is not on the list")
		w.refused(w.Decisions.Cover(w.ctx, w.actor["auditor"], d.ID, bulb, "P-2027-9007", "So."), fault.NotAllowed, "an auditor")
		w.refused(w.Decisions.Cover(w.ctx, w.actor["olena"], d.ID, mapID+"/lamp", "P-2027-9007", "So."), fault.NotFound, "a node that has nothing to do with the call")
		before := w.meet("ines", d.ID).Stamp
		w.now.Advance(time.Minute)
		w.visitor("olena").ask("POST", at+"/bottlenecks", values("bottleneck", bulb, "of", "P-2027-9007 P-2027-9008 P-2027-9009", "reason", "By their plans."), 303)
		w.visitor("olena").ask("POST", at+"/bottlenecks", values("bottleneck", bulb, "of", "P-2027-9007", "reason", ""), 422, "#reason")
		if w.meet("ines", d.ID).Stamp == before {
			w.t.Error("the others in the room do not learn of it")
		}

		m = w.meet("officer", d.ID)
		in := m.Write(m.Rules)
		in.Limits = []decision.LimitInput{{What: "bottleneck:" + bulb, By: decision.ByNumber, Min: "2"}}
		rules, err := m.Read(in)
		w.must(err)
		p, err := w.Decisions.WhatIf(w.ctx, m, rules)
		w.must(err)
		if !p.Funded[ids[7]] || !p.Funded[ids[8]] || len(p.Funded) != 4 {
			w.t.Errorf("a floor of two that cover it funds %v", p.Funded)
		}
		in = m.Write(m.Rules)
		in.Ties = []decision.TieInput{{Kind: decision.Covers, Node: bulb, Amount: "4 0.1"}}
		rules, err = m.Read(in)
		w.must(err)
		if p, err = w.Decisions.WhatIf(w.ctx, m, rules); err != nil || !slices.Equal(rules.Ties[0].Proposals, ids[7:]) || !p.Funded[ids[7]] || p.Funded[ids[8]] {
			w.t.Errorf("a bottleneck that is worth covering once, by the record: %+v funds %v, %v", rules.Ties, p.Funded, err)
		}
		if back := m.Write(rules); back.Ties[0].Of != "" {
			w.t.Errorf("the form repeats the record: %+v", back.Ties)
		}
		try := at + "/meeting?try=yes&pot_all=800000&tie_0=covers&amount_0=1&"
		w.visitor("olena").ask("GET", try+values("node_0", bulb).Encode(), nil, 200, "Bottleneck “The bulb”: ")
		w.visitor("olena").ask("GET", try+values("node_0", mapID+"/lamp").Encode(), nil, 422, "#node_0")
		w.now.Advance(time.Minute)
		w.must(say("", "Nobody after all."))
		w.visitor("olena").ask("GET", try+values("node_0", bulb).Encode(), nil, 422, "#of_0", "By the record no proposal")
	})
}

// TestBottlenecksThatAreSealed: who may not see a node of a map gets lists as if it had never been drawn, also where
// the rules of the meeting go by it, and no letter tells of it.
func TestBottlenecksThatAreSealed(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		at, officer := "/decisions/"+d.ID, w.actor["officer"]
		mapID := w.lamp()
		w.sought(d.CallID, mapID, "osmund")
		w.sought(d.CallID, mapID, "hidden")
		trap, bulb := mapID+"/isotope-trap", mapID+"/bulb"
		w.must(w.Decisions.Cover(w.ctx, officer, d.ID, trap, "P-2027-9000 P-2027-9001", "By their plans."))
		w.must(w.Decisions.Cover(w.ctx, officer, d.ID, bulb, "P-2027-9002 P-2027-9003", "By their plans."))
		m := w.meet("officer", d.ID)
		in := m.Write(m.Rules)
		in.Limits = []decision.LimitInput{{What: "bottleneck:" + trap, By: decision.ByNumber, Max: "1"}, {What: "bottleneck:" + bulb, By: decision.ByNumber, Max: "1"}}
		in.Ties = []decision.TieInput{{Kind: decision.Covers, Node: trap, Amount: "0.1"}}
		x, err := w.Decisions.SaveScenario(w.ctx, officer, d.ID, "Spread", "One each.", in)
		w.must(err)
		w.visitor("officer").ask("GET", at+"/meeting?scenario="+x.ID, nil, 200, "Trap for isotopes")

		seen := w.meet("olena", d.ID)
		if s := seen.Scenarios[0].Rules; len(seen.Bottlenecks) != 1 || len(s.Limits) != 1 || len(s.Ties) != 0 {
			w.t.Errorf("who may not see a sealed node sees %+v and %+v", seen.Bottlenecks, s)
		}
		w.refused(w.Decisions.Cover(w.ctx, w.actor["olena"], d.ID, trap, "P-2027-9002", "So."), fault.NotFound, "a node that olena may not know of")
		olena := w.visitor("olena")
		olena.ask("GET", at+"/meeting?try=yes&pot_all=800000&by_0=number&min_0=1&"+values("what_0", "bottleneck:"+trap).Encode(), nil, 422, "#what_0")
		hidden := func(who, page, text string) {
			for _, trace := range []string{"isotope", "Trap for", "同位素"} {
				if strings.Contains(text, trace) {
					w.t.Errorf("%s finds %q on %s", who, trace, page)
				}
			}
		}
		for _, page := range []string{at + "/meeting", at + "/meeting?scenario=" + x.ID, at + "/bottlenecks", at + "/balance", at + "/balance?scenario=" + x.ID, at + "/rows/" + ids[0]} {
			hidden("olena", page, olena.body(page))
		}
		stamp := seen.Stamp
		w.must(w.Decisions.Cover(w.ctx, officer, d.ID, trap, "P-2027-9000 P-2027-9001 P-2027-9005", "One more."))
		if w.meet("olena", d.ID).Stamp != stamp {
			w.t.Error("olena's page is drawn anew for what is hidden from her")
		}
		for _, path := range []string{"/meeting", "/meeting/bottlenecks"} {
			hidden("olena", "the API's "+path, w.caller("olena").send(http.MethodGet, "/decisions/"+d.ID+path, nil).Body.String())
		}

		p, err := w.Decisions.Application(w.ctx, officer, d.ID, x.ID)
		w.must(err)
		w.must(w.Decisions.Apply(w.ctx, officer, d.ID, x.ID, p.Key(), decision.Reject, "As the meeting agreed."))
		w.must(w.Decisions.Save(w.ctx, officer, d.ID, "As the meeting agreed.", nil))
		w.visitor("officer").ask("GET", at+"/rows/"+ids[1], nil, 200, "“Bottleneck: Trap for isotopes” is limited to 1 award")
		w.sign(d.ID)
		mira := w.visitor("mira")
		mira.ask("GET", "/proposals/"+ids[3]+"/letter", nil, 200, "“Bottleneck: The bulb” is limited to 1 award")
		for _, id := range ids {
			hidden("mira", "the letter", mira.body("/proposals/"+id+"/letter"))
		}
	})
}
