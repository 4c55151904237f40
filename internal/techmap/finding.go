package techmap

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/engine/cutset"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Finding is a minimal set of events that stops the goal. Where Doubts is empty it is
// certain: the goal stops whoever supplies what is not known. Otherwise it is possible: it
// stops the goal if what is not known about Doubts is lost with it.
type Finding struct {
	Events []Event  // that are known
	Doubts []Event  // that are not
	Broken []string // nodes by whose supply it stops the goal, in the order of their keys
	Oldest int      // year of the oldest source among those nodes' shares, 0 for none
}

// Certain says whether the finding holds whatever the unknown is.
func (f Finding) Certain() bool { return len(f.Doubts) == 0 }

// Single says whether the loss of one suffices, certainly or possibly. What consists of
// doubts only is a gap in what is known, no single point.
func (f Finding) Single() bool { return len(f.Events) == 1 }

// Answer is what stops the goal of a map.
type Answer struct {
	Assumptions
	Count     *big.Int   // of all minimal sets, exactly, certain and possible; of those up to Most events where that is set
	Most      int        // there are too many sets to be held: larger ones are neither counted nor listed; 0: all are
	ByOrder   []*big.Int // how many have each number of events, doubts included, from 0 on
	Findings  []Finding  // the smallest first; certain ones of one event are all there
	Structure []string   // nodes that nothing replaces, the goal left out: structure, not supply
	Unknown   []string   // nodes of which nobody knows who supplies enough of them
	Loops     [][]string // nodes that need each other in a circle, each needing the next
	Over      bool       // goal not reached even with nothing lost: a gate is never open
	r         *reading
}

// shown is how many sets an answer lists, besides single points.
const shown = 200

// patience is how long an answer may take: a map that takes longer is too tangled to be asked on a page.
const patience = 5 * time.Second

// How large the diagrams of an answer may be: most maps need a little of it; that of the others is some half a
// second's work, so that a page does not wait long for sets that cannot all be held. Bounded is work and not time,
// so that equal maps get equal answers.
const (
	littleHeld = 1 << 14
	mostHeld   = 1 << 18
)

// few are the sizes up to which sets are looked for where not all of them can be held.
var few = []int{3, 2, 1}

// analyze compiles a map as it is asked and finds its minimal sets: all of them, or where they cannot be held those
// up to a size. Where not even the few of the first size can be held, all are not tried for: that would take longest, and in vain.
// Errors: TooLarge as of Ask.
func (v View) analyze(ctx context.Context, q Assumptions) (r *reading, x *cutset.Analysis, err error) {
	r = newReading(v.Map, v.Graph, q)
	if x, err = r.sets(ctx, r.all(), littleHeld); !fault.Is(err, fault.TooLarge) {
		return r, x, err
	}
	for _, most := range few {
		if x, err = r.sets(ctx, most, mostHeld); !fault.Is(err, fault.TooLarge) {
			break
		}
	}
	if err != nil || x.Order < few[0] {
		return r, x, err
	}
	if all, err := r.sets(ctx, r.all(), mostHeld); !fault.Is(err, fault.TooLarge) {
		return r, all, err
	}
	return r, x, nil
}

// all is how many members a set has at most. Asked for sets of up to so many, the engine leaves none out and makes
// the sets themselves, which of a map are mostly far fewer than its states.
func (r *reading) all() int { return max(1, len(r.model.Events)) }

// sets finds the minimal sets of up to some members by diagrams of up to held nodes.
// Errors: TooLarge where that is not enough, or takes more than patience.
func (r *reading) sets(ctx context.Context, most, held int) (x *cutset.Analysis, err error) {
	err = patiently(ctx, func(ctx context.Context) (err error) {
		x, err = cutset.Analyze(ctx, r.model, cutset.Options{MaxOrder: most, MaxNodes: held})
		return err
	})
	return x, err
}

// patiently does what may take no longer than patience.
// Errors: TooLarge where it would take more time or memory.
func patiently(ctx context.Context, do func(context.Context) error) error {
	limited, done := context.WithTimeout(ctx, patience)
	defer done()
	err := do(limited)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, cutset.ErrTooLarge), errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.TooLarge, "techmap.toolarge").Because(err)
	}
	return err
}

// Ask finds what stops the goal of a map as the viewer sees it; where nothing is assumed the answer
// may be one that was found before.
// Errors: Invalid for assumptions that the map cannot be read with, or where it has no goal;
// TooLarge where the answer takes more than patience or memory.
func (v View) Ask(ctx context.Context, q Assumptions) (Answer, error) {
	q, err := q.read(v.Map, v.Graph)
	if err != nil {
		return Answer{}, err
	}
	if v.Goal == "" {
		return Answer{}, fault.Field("goal", "techmap.goal.none")
	}
	if v.Graph.answers == nil || q.turned() {
		return v.ask(ctx, q)
	}
	return v.Graph.answers.of(asked{v.Goal, q.Home, q.Layer, v.Threshold}, func() (Answer, error) { return v.ask(ctx, q) })
}

func (v View) ask(ctx context.Context, q Assumptions) (Answer, error) {
	r, x, err := v.analyze(ctx, q)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Assumptions: r.q, Count: new(big.Int), ByOrder: x.ByOrder(), Structure: r.needed(), r: r}
	if x.Order < len(r.model.Events) {
		answer.Most = x.Order
	}
	for _, n := range answer.ByOrder {
		answer.Count.Add(answer.Count, n)
	}
	if answer.Loops, err = r.loops(); err != nil {
		return answer, err
	}
	singles := 0
	if len(answer.ByOrder) > 1 {
		singles = int(answer.ByOrder[1].Int64())
	}
	for _, c := range x.Best(singles+shown, cutset.ByOrder, 0) {
		if len(c.Events) == 0 {
			answer.Over = true
			continue
		}
		f := r.finding(c)
		if len(f.Events) == 0 {
			answer.Unknown = union(answer.Unknown, f.Broken)
			continue
		}
		answer.Findings = append(answer.Findings, f)
	}
	slices.SortStableFunc(answer.Findings, Finding.compare)
	return answer, nil
}

// compare puts single points first, then certain before possible, then small before large.
func (f Finding) compare(g Finding) int {
	rank := func(f Finding) int {
		n := 2 * len(f.Events)
		if !f.Certain() {
			n++
		}
		return n
	}
	return rank(f) - rank(g)
}

// Singles are the findings of one event.
func (a Answer) Singles() (list []Finding) {
	for _, f := range a.Findings {
		if f.Single() {
			list = append(list, f)
		}
	}
	return list
}

// SinglePoints counts the certain single points.
func (a Answer) SinglePoints() int {
	n := 0
	for _, f := range a.Findings {
		if f.Single() && f.Certain() {
			n++
		}
	}
	return n
}

// Find is the finding of a set of events, by their keys; it need not be one that is listed.
// Errors: NotFound where the set does not stop the goal or is not minimal.
func (a Answer) Find(keys []string) (Finding, error) {
	var c cutset.Cut
	for _, key := range keys {
		i := slices.IndexFunc(a.r.events, func(e Event) bool { return e.ref() == key })
		if i < 0 {
			return Finding{}, fault.Missing()
		}
		c.Events = append(c.Events, i)
	}
	if !a.r.stops(c.Events) {
		return Finding{}, fault.Missing()
	}
	for i := range c.Events {
		if a.r.stops(slices.Delete(slices.Clone(c.Events), i, i+1)) {
			return Finding{}, fault.Missing()
		}
	}
	return a.r.finding(c), nil
}

// ref names an event in an address.
func (e Event) ref() string {
	if e.Unknown == "" {
		return e.Key
	}
	return e.Unknown + ":" + e.Key
}

// Keys name the finding's events: Find finds it by them.
func (f Finding) Keys() (list []string) {
	for _, e := range append(slices.Clone(f.Events), f.Doubts...) {
		list = append(list, e.ref())
	}
	return list
}

func (r *reading) finding(c cutset.Cut) Finding {
	var f Finding
	for _, i := range c.Events {
		if e := r.events[i]; e.Unknown == "" {
			f.Events = append(f.Events, e)
		} else {
			f.Doubts = append(f.Doubts, e)
		}
	}
	slices.SortFunc(f.Events, Event.compare)
	slices.SortFunc(f.Doubts, Event.compare)
	f.Broken = r.lost(c.Events).causes()
	for _, id := range f.Broken {
		if year := r.oldest[r.node[id]]; year > 0 && (f.Oldest == 0 || year < f.Oldest) {
			f.Oldest = year
		}
	}
	return f
}

func (r *reading) stops(events []int) bool { return r.lost(events).goal() }

// needed lists the nodes without which the goal is lost, whoever supplies them.
func (r *reading) needed() (list []string) {
	for i, n := range r.g.Nodes {
		if n.ID != r.m.Goal && r.without(i).goal() {
			list = append(list, n.ID)
		}
	}
	return list
}

// loops lists the circles among the nodes that the goal needs.
func (r *reading) loops() (list [][]string, err error) {
	all, err := r.model.Loops()
	for _, l := range all {
		var nodes []string
		for _, x := range l.Cycle {
			if x < len(r.g.Nodes) {
				nodes = append(nodes, r.g.Nodes[x].ID)
			}
		}
		list = append(list, nodes)
	}
	return list, err
}

func union(a, b []string) []string {
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}
