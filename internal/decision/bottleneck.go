package decision

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// Covering is the dimension of the bottlenecks that a proposal covers, the only one of which
// it may have several values: keys of Bottlenecks.
const Covering = "bottleneck"

// Bottleneck is a node of a technology map that proposals of a list may cover: the list's call, or
// a question that it asks, is linked to the node, or somebody said so of a proposal.
type Bottleneck struct {
	techmap.Origin
	Question strategy.Question // by which the call came to the node; zero where by none that the viewer may see
	All      bool              // by the record: what is handed in to the call covers it, as long as nobody says otherwise
	Covered  []string          // proposals of the list that do, in its order
}

// Key names a bottleneck in rules: map and node.
func (b Bottleneck) Key() string { return b.Map.ID + "/" + b.Node.ID }

// covering is a proposal and a node.
type covering struct{ proposal, mapID, node string }

// Bottleneck is that of a key; false for none that the viewer may know of.
func (v View) Bottleneck(key string) (Bottleneck, bool) {
	i := slices.IndexFunc(v.Bottlenecks, func(b Bottleneck) bool { return b.Key() == key })
	if i < 0 {
		return Bottleneck{}, false
	}
	return v.Bottlenecks[i], true
}

// cover finds which of the rows cover which bottlenecks, as far as a may see these.
func (s *Service) cover(ctx context.Context, a access.Actor, d Decision, rows []Row) ([]Bottleneck, error) {
	said, err := s.coverings(ctx, d)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i := range rows {
		rows[i].Covers, seen[rows[i].ProposalID] = nil, true
	}
	maps.DeleteFunc(said, func(c covering, _ bool) bool { return !seen[c.proposal] }) // of what is hidden no trace
	list, err := s.bottlenecks(ctx, a, d, said)
	for i := range list {
		b := &list[i]
		for k, r := range rows {
			covers, spoken := said[covering{r.ProposalID, b.Map.ID, b.Node.ID}]
			if spoken && covers || !spoken && b.All {
				b.Covered = append(b.Covered, r.ProposalID)
				rows[k].Covers = append(rows[k].Covers, b.Key())
			}
		}
	}
	return list, err
}

// bottlenecks are the nodes that a list's call leads to and those that somebody spoke of, each once,
// as far as a may see them. Where a call asks several questions nobody knows by the record which
// proposal answers which.
func (s *Service) bottlenecks(ctx context.Context, a access.Actor, d Decision, said map[covering]bool) (list []Bottleneck, err error) {
	add := func(found []techmap.Origin, q strategy.Question, all bool) {
		for _, o := range found {
			b := Bottleneck{Origin: o, Question: q, All: all}
			switch i := slices.IndexFunc(list, func(x Bottleneck) bool { return x.Key() == b.Key() }); {
			case i < 0:
				list = append(list, b)
			case !list[i].All:
				list[i].All = all
			}
		}
	}
	linked, questions, err := s.linked(ctx, d.CallID)
	if err != nil {
		return nil, err
	}
	if linked {
		direct, err := s.Maps.Origins(ctx, a, "call", d.CallID)
		if err != nil {
			return nil, err
		}
		add(direct, strategy.Question{}, true)
		asks, err := s.Calls.Links(ctx, a, d.CallID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		for _, q := range asks.Questions {
			found, err := s.Maps.Origins(ctx, a, "question", q.ID)
			if err != nil {
				return nil, err
			}
			add(found, q, questions == 1)
		}
	}
	spoken, err := s.spokenOf(ctx, a, said)
	add(spoken, strategy.Question{}, false)
	return list, err
}

// spokenOf are the nodes that somebody spoke of, as far as a may see them, in the order of their keys.
func (s *Service) spokenOf(ctx context.Context, a access.Actor, said map[covering]bool) ([]techmap.Origin, error) {
	var nodes []covering
	for c := range said {
		c.proposal = ""
		if !slices.Contains(nodes, c) {
			nodes = append(nodes, c)
		}
	}
	slices.SortFunc(nodes, func(x, y covering) int { return strings.Compare(x.mapID+"/"+x.node, y.mapID+"/"+y.node) })
	var out []techmap.Origin
	for _, c := range nodes {
		v, err := s.Maps.Map(ctx, a, c.mapID, time.Time{})
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n, ok := v.Graph.Node(c.node); ok {
			out = append(out, techmap.Origin{Map: v.Map, Node: n})
		}
	}
	return out, nil
}

// Cover says which proposals of a list cover a bottleneck, with the numbers of all that do; of those
// that the viewer does not see nothing changes. What was said before stays in the record. By staff
// and by those in the room. Errors: NotFound for a bottleneck that a may not know of; Invalid
// without a reason, or for a number that is not on the list; Conflict for a list that is signed.
func (s *Service) Cover(ctx context.Context, a access.Actor, id, key, numbers, reason string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.meet(ctx, a, id)
		if err != nil {
			return err
		}
		if !v.Set.Any(rules["decision.try"]) {
			return fault.New(fault.NotAllowed, "fault.denied")
		}
		if v.Bottlenecks, err = s.cover(ctx, a, v.Decision, v.Rows); err != nil {
			return err
		}
		b, known := v.Bottleneck(key)
		covered, unknown := v.keys(numbers)
		switch {
		case !known:
			return fault.Missing()
		case v.settled():
			return fault.New(fault.Conflict, "decision.fixed")
		case unknown != "":
			return fault.Field("of", "decision.rules.number", unknown)
		case reason == "":
			return fault.Field("reason", "fault.required")
		}
		said, err := s.coverings(ctx, v.Decision)
		if err != nil {
			return err
		}
		for _, r := range v.Rows { // of all, also where the record says the same now: it may say otherwise later
			c, does := covering{r.ProposalID, b.Map.ID, b.Node.ID}, slices.Contains(covered, r.ProposalID)
			if before, spoken := said[c]; spoken && before == does {
				continue
			}
			if err := s.insertCovering(ctx, a, c, does, reason); err != nil {
				return err
			}
		}
		return s.note(ctx, a, v.Decision, "decision.cover", reason, map[string]any{"map": b.Map.ID, "node": b.Node.ID, "proposals": covered})
	})
}
