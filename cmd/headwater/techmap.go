package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/headwater-platform/headwater/engine/cutset"
	"github.com/headwater-platform/headwater/engine/cutset/openpsa"
	"github.com/headwater-platform/headwater/engine/cutset/table"
)

type techmapCommand struct {
	Import techmapImport `cmd:"" help:"Take tables or a fault tree into a technology map."`
	Cuts   techmapCuts   `cmd:"" help:"The smallest sets of events that bring the top about: how many, which, how probable."`
}

type techmapCuts struct {
	File       string `arg:"" help:"Open-PSA model (XML) or table (CSV: name, kind, inputs, need, shares, probability, cost), gzip or not." type:"existingfile"`
	Gate       string `help:"Gate that is asked about. Without it: every gate that is no input of another."`
	MaxOrder   int    `help:"Count and list only cut sets of at most so many events; what is left out is said." default:"0"`
	Top        int    `help:"List that many cut sets, the best ones." default:"0"`
	By         string `help:"Which are best: probability (where all are known, else order), order or cost." enum:"probability,order,cost" default:"probability"`
	Why        bool   `help:"Prove each cut set that is listed, gate by gate."`
	Sample     int    `help:"Draw that many cut sets, each as likely as any other." default:"0"`
	Seed       uint64 `help:"Equal seeds draw equally." default:"1"`
	Harden     bool   `help:"Find the cheapest set of events which, kept from happening, keep the top from happening."`
	List       bool   `help:"Write every cut set, one a line, names separated by semicolons, and nothing else."`
	Importance bool   `help:"Measure how much hangs on each event."`
	Paths      bool   `help:"Ask for minimal path sets instead: what, kept from happening, keeps the top from happening."`
	MaxNodes   int    `help:"Nodes that a diagram may have, some 60 bytes each; a model that needs more is answered by bounds. Without it: 24 million."`
	JSON       bool   `help:"Print JSON." name:"json"`
}

// cutsReport is what cuts prints of one gate. Counts are decimal texts, as they exceed
// what many readers of JSON can hold.
type cutsReport struct {
	Model       string             `json:"model"`
	BasicEvents int                `json:"basic_events"`
	Gates       int                `json:"gates"`
	Gate        string             `json:"gate"`
	Coherent    bool               `json:"coherent"` // if not, the cut sets are those of the coherent hull
	Count       string             `json:"minimal_cut_sets"`
	ByOrder     map[string]string  `json:"by_order"`
	Probability *float64           `json:"probability"` // null where one of an event is missing
	Truncated   bool               `json:"truncated"`   // something is left out of minimal_cut_sets, or may be
	LeftOut     *leftOut           `json:"left_out,omitempty"`
	Method      string             `json:"method"`  // by which the answer was found
	Seconds     float64            `json:"seconds"` // without reading the file
	PeakBytes   int64              `json:"peak_bytes"`
	Single      []string           `json:"single_points"`
	Top         []cutReport        `json:"top,omitempty"`
	Sample      []cutReport        `json:"sample,omitempty"`
	Harden      *cutReport         `json:"harden,omitempty"` // none where the top happens anyway
	Importance  []importanceReport `json:"importance,omitempty"`
}

// leftOut bounds what a truncated report does not tell.
type leftOut struct {
	AboveOrder int      `json:"above_order"`                    // every cut set up to this order is counted; -1 if none is
	AtMost     string   `json:"cut_sets_at_most"`               // so many cut sets are above
	Low        *float64 `json:"probability_at_least,omitempty"` // of the top, where it is not known exactly
	High       *float64 `json:"probability_at_most,omitempty"`
}

type cutReport struct {
	Events      []string `json:"events"`
	Order       int      `json:"order"`
	Probability *float64 `json:"probability"`
	Cost        *float64 `json:"cost"`          // null for one that has no limit
	Why         []string `json:"why,omitempty"` // each follows from events and those before it
}

// importanceReport has null for what is not defined.
type importanceReport struct {
	Event         string   `json:"event"`
	Probability   *float64 `json:"probability"`
	Birnbaum      *float64 `json:"birnbaum"`
	Criticality   *float64 `json:"criticality"`
	FussellVesely *float64 `json:"fussell_vesely"`
	RAW           *float64 `json:"raw"`
	RRW           *float64 `json:"rrw"`
	Structural    *float64 `json:"structural"`
}

// cutsMemory is what the garbage collector keeps to, in bytes.
const cutsMemory = 3500 << 20

func (c *techmapCuts) Run(ctx context.Context, s streams) error {
	if c.MaxOrder < 0 || c.Top < 0 || c.Sample < 0 || c.MaxNodes < 0 {
		return errors.New("--max-order, --top, --sample, --max-nodes: whole numbers from 0 are expected")
	}
	debug.SetGCPercent(400) // diagrams are few large slices
	debug.SetMemoryLimit(cutsMemory)
	var m *cutset.Model
	err := open(c.File, func(r io.Reader) (err error) {
		m, err = readModel(r)
		return err
	})
	if err != nil {
		return err
	}
	tops := m.Roots()
	if err := m.SetTop(c.Gate); err == nil {
		tops = []int{m.Top}
	} else if c.Gate != "" || len(tops) < 2 {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if m.Name == "" {
		m.Name = strings.TrimSuffix(filepath.Base(c.File), filepath.Ext(c.File))
	}
	if c.List {
		return c.list(ctx, s.out, m, tops)
	}
	var list []cutsReport
	for _, m.Top = range tops {
		r, err := c.report(ctx, m)
		if err != nil {
			return fmt.Errorf("%s: gate %q: %w", c.File, m.Gates[m.Top].Name, err)
		}
		list = append(list, r)
	}
	switch {
	case !c.JSON:
		return printCuts(s.out, list)
	case len(list) == 1:
		return json.NewEncoder(s.out).Encode(list[0])
	}
	return json.NewEncoder(s.out).Encode(list)
}

// readModel takes in a model in either form, packed or not.
func readModel(in io.Reader) (*cutset.Model, error) {
	r := bufio.NewReader(in)
	if head, _ := r.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = bufio.NewReader(z)
	}
	head, _ := r.Peek(64)
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	if bytes.HasPrefix(head, []byte("<")) {
		return openpsa.Read(r)
	}
	return table.Read(r)
}

func (c *techmapCuts) report(ctx context.Context, m *cutset.Model) (cutsReport, error) {
	began := time.Now()
	r := cutsReport{Model: m.Name, Single: []string{}, BasicEvents: len(m.Events), Gate: m.Gates[m.Top].Name}
	for _, g := range m.Gates {
		if g.Name != "" {
			r.Gates++
		}
	}
	a, err := cutset.Analyze(ctx, m, cutset.Options{Paths: c.Paths, MaxNodes: c.MaxNodes})
	switch {
	case err == nil:
		err = c.exact(ctx, &r, m, a)
	case errors.Is(err, cutset.ErrTooLarge):
		err = c.bounded(ctx, &r, m)
	}
	r.Seconds = time.Since(began).Seconds()
	r.PeakBytes = peak()
	return r, err
}

// exact is all that is known when every cut set is found.
func (c *techmapCuts) exact(ctx context.Context, r *cutsReport, m *cutset.Model, a *cutset.Analysis) error {
	r.Coherent, r.Method = a.Coherent, a.Method()
	orders := a.ByOrder()
	last := len(orders) - 1
	if c.MaxOrder > 0 {
		last = min(last, c.MaxOrder)
	}
	r.count(orders[:last+1])
	above := new(big.Int)
	for _, n := range orders[last+1:] {
		above.Add(above, n)
	}
	if above.Sign() > 0 {
		r.Truncated, r.LeftOut = true, &leftOut{AboveOrder: last, AtMost: above.String()}
	}
	p, unknown := a.Probability()
	if unknown == nil {
		r.Probability = &p
	}
	r.Single = events(m, a.SinglePoints())
	var err error
	if r.Top, err = c.cuts(m, a.Best(c.Top, c.criterion(unknown == nil), c.MaxOrder)); err != nil {
		return err
	}
	sample, err := a.Sample(rand.New(rand.NewPCG(c.Seed, 0)), c.Sample)
	if err != nil {
		return err
	}
	if r.Sample, err = c.cuts(m, sample); err != nil {
		return err
	}
	if c.Importance {
		if r.Importance, err = importances(m, a); err != nil {
			return err
		}
	}
	if !c.Harden {
		return nil
	}
	set, ok, err := cutset.Harden(ctx, m, cutset.Options{MaxNodes: c.MaxNodes})
	if ok {
		x := cut(m, set)
		r.Harden = &x
	}
	return err
}

// bounded is what can be proven of a model that is out of reach.
func (c *techmapCuts) bounded(ctx context.Context, r *cutsReport, m *cutset.Model) error {
	b, err := cutset.Bound(ctx, m, cutset.Options{Paths: c.Paths, MaxNodes: c.MaxNodes}, c.MaxOrder)
	if err != nil {
		return err
	}
	r.Coherent, r.Truncated, r.Method = b.Coherent, true, cutset.ByBounds
	found := r.count(b.ByOrder)
	r.LeftOut = &leftOut{AboveOrder: b.Order, AtMost: found.Sub(b.AtMost, found).String(), Low: finite(b.Low), High: finite(b.High)}
	return nil
}

// count takes the numbers of cut sets in, and returns their sum.
func (r *cutsReport) count(orders []*big.Int) *big.Int {
	r.ByOrder = map[string]string{}
	total := new(big.Int)
	for order, n := range orders {
		if n.Sign() > 0 {
			r.ByOrder[strconv.Itoa(order)] = n.String()
			total.Add(total, n)
		}
	}
	r.Count = total.String()
	return total
}

func (c *techmapCuts) criterion(probabilities bool) cutset.Criterion {
	switch {
	case c.By == "cost":
		return cutset.ByCost
	case c.By == "order" || !probabilities:
		return cutset.ByOrder
	}
	return cutset.ByProbability
}

func (c *techmapCuts) cuts(m *cutset.Model, list []cutset.Cut) (out []cutReport, err error) {
	for _, x := range list {
		r := cut(m, x)
		if c.Why && !c.Paths {
			proof, err := m.Why(x.Events)
			if err != nil {
				return nil, err
			}
			for _, step := range proof.Steps {
				r.Why = append(r.Why, m.Describe(step))
			}
		}
		out = append(out, r)
	}
	return out, nil
}

func cut(m *cutset.Model, x cutset.Cut) cutReport {
	return cutReport{Events: events(m, x.Events), Order: len(x.Events), Probability: finite(x.Probability), Cost: finite(x.Cost)}
}

// events are names.
func events(m *cutset.Model, list []int) []string {
	names := []string{}
	for _, e := range list {
		names = append(names, m.Events[e].Name)
	}
	return names
}

// list writes every cut set while it goes through them.
func (c *techmapCuts) list(ctx context.Context, to io.Writer, m *cutset.Model, tops []int) error {
	w := bufio.NewWriter(to)
	for _, m.Top = range tops {
		a, err := cutset.Analyze(ctx, m, cutset.Options{Paths: c.Paths, MaxNodes: c.MaxNodes})
		if err != nil {
			return fmt.Errorf("%s: gate %q: %w", c.File, m.Gates[m.Top].Name, err)
		}
		for x := range a.All() {
			if c.MaxOrder > 0 && len(x.Events) > c.MaxOrder {
				continue
			}
			if _, err := fmt.Fprintln(w, strings.Join(events(m, x.Events), ";")); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return w.Flush()
}

// importances are those of the events on which most hangs first.
func importances(m *cutset.Model, a *cutset.Analysis) ([]importanceReport, error) {
	list, err := a.Importances()
	slices.SortStableFunc(list, func(x, y cutset.Importance) int {
		return cmp.Or(cmp.Compare(y.Criticality, x.Criticality), cmp.Compare(y.Birnbaum, x.Birnbaum), cmp.Compare(y.Structural, x.Structural))
	})
	var out []importanceReport
	for _, i := range list {
		e := m.Events[i.Event]
		out = append(out, importanceReport{
			Event: e.Name, Probability: finite(e.Probability), Birnbaum: finite(i.Birnbaum), Criticality: finite(i.Criticality),
			FussellVesely: finite(i.FussellVesely), RAW: finite(i.RAW), RRW: finite(i.RRW), Structural: finite(i.Structural),
		})
	}
	return out, err
}

// finite is x, or nothing where it is no number.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func printCuts(to io.Writer, list []cutsReport) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, r := range list {
		fmt.Fprintf(w, "gate\t%s\n", r.Gate)
		fmt.Fprintf(w, "minimal cut sets\t%s, by %s\n", r.Count, r.Method)
		if !r.Coherent {
			fmt.Fprintf(w, "\tof the coherent hull: some stop being cut sets when further events occur\n")
		}
		for order := range r.BasicEvents + 1 {
			if n, ok := r.ByOrder[strconv.Itoa(order)]; ok {
				fmt.Fprintf(w, "of order %d\t%s\n", order, n)
			}
		}
		if l := r.LeftOut; l != nil {
			fmt.Fprintf(w, "above order %d\tat most %s, left out\n", l.AboveOrder, l.AtMost)
		}
		if l := r.LeftOut; l != nil && r.Probability == nil && l.Low != nil {
			fmt.Fprintf(w, "probability\tfrom %s to %s\n", text(l.Low), text(l.High))
		} else {
			fmt.Fprintf(w, "probability\t%s\n", text(r.Probability))
		}
		if len(r.Single) > 0 {
			fmt.Fprintf(w, "single points\t%s\n", strings.Join(r.Single, ", "))
		}
		for _, t := range slices.Concat(r.Top, r.Sample) {
			fmt.Fprintf(w, "%s\t%s\n", text(t.Probability), strings.Join(t.Events, ", "))
			for _, line := range t.Why {
				fmt.Fprintf(w, "\t  %s\n", line)
			}
		}
		if r.Harden != nil {
			fmt.Fprintf(w, "cheapest to harden\t%s, cost %s\n", strings.Join(r.Harden.Events, ", "), text(r.Harden.Cost))
		}
		if len(r.Importance) > 0 {
			fmt.Fprintln(w, "\nevent\tBirnbaum\tcriticality\tFussell-Vesely\tRAW\tRRW\tstructural")
		}
		for _, i := range r.Importance {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", i.Event, text(i.Birnbaum), text(i.Criticality), text(i.FussellVesely), text(i.RAW), text(i.RRW), text(i.Structural))
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

func text(x *float64) string {
	if x == nil {
		return "–"
	}
	return strconv.FormatFloat(*x, 'g', 6, 64)
}
