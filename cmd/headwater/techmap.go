package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
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
	Cuts techmapCuts `cmd:"" help:"The smallest sets of events that bring the top about: how many, which, how probable."`
}

type techmapCuts struct {
	File       string `arg:"" help:"Open-PSA model (XML) or table (CSV: name, kind, inputs, need, shares, probability, cost), gzip or not." type:"existingfile"`
	Gate       string `help:"Gate that is asked about. Without it: every gate that is no input of another."`
	Top        int    `help:"List that many cut sets, the best ones." default:"0"`
	By         string `help:"Which are best: probability (where all are known, else order), order or cost." enum:"probability,order,cost" default:"probability"`
	Importance bool   `help:"Measure how much hangs on each event."`
	Paths      bool   `help:"Ask for minimal path sets instead: what, kept from happening, keeps the top from happening."`
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
	Truncated   bool               `json:"truncated"`
	Seconds     float64            `json:"seconds"` // without reading the file
	PeakBytes   int64              `json:"peak_bytes"`
	Top         []cutReport        `json:"top,omitempty"`
	Importance  []importanceReport `json:"importance,omitempty"`
}

type cutReport struct {
	Events      []string `json:"events"`
	Order       int      `json:"order"`
	Probability *float64 `json:"probability"`
	Cost        *float64 `json:"cost"` // null for one that has no limit
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
	a, err := cutset.Analyze(ctx, m, cutset.Options{Paths: c.Paths})
	if err != nil {
		return cutsReport{}, err
	}
	r := cutsReport{Model: m.Name, BasicEvents: len(m.Events), Gate: m.Gates[m.Top].Name, Coherent: a.Coherent, ByOrder: map[string]string{}}
	for _, g := range m.Gates {
		if g.Name != "" {
			r.Gates++
		}
	}
	total := new(big.Int)
	for order, n := range a.ByOrder() {
		if n.Sign() > 0 {
			r.ByOrder[strconv.Itoa(order)] = n.String()
			total.Add(total, n)
		}
	}
	r.Count = total.String()
	p, unknown := a.Probability()
	if unknown == nil {
		r.Probability = &p
	}
	for _, cut := range a.Best(c.Top, c.criterion(unknown == nil)) {
		r.Top = append(r.Top, c.cut(m, cut))
	}
	if c.Importance {
		r.Importance = importances(m, a)
	}
	r.Seconds = time.Since(began).Seconds()
	r.PeakBytes = peak()
	return r, nil
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

func (c *techmapCuts) cut(m *cutset.Model, cut cutset.Cut) cutReport {
	r := cutReport{Events: []string{}, Order: len(cut.Events), Probability: finite(cut.Probability), Cost: finite(cut.Cost)}
	for _, e := range cut.Events {
		r.Events = append(r.Events, m.Events[e].Name)
	}
	return r
}

// importances are those of the events on which most hangs first.
func importances(m *cutset.Model, a *cutset.Analysis) []importanceReport {
	list := a.Importances()
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
	return out
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
		fmt.Fprintf(w, "minimal cut sets\t%s\n", r.Count)
		if !r.Coherent {
			fmt.Fprintf(w, "\tof the coherent hull: some stop being cut sets when further events occur\n")
		}
		for order := range r.BasicEvents + 1 {
			if n, ok := r.ByOrder[strconv.Itoa(order)]; ok {
				fmt.Fprintf(w, "of order %d\t%s\n", order, n)
			}
		}
		fmt.Fprintf(w, "probability\t%s\n", text(r.Probability))
		for _, t := range r.Top {
			fmt.Fprintf(w, "%s\t%s\n", text(t.Probability), strings.Join(t.Events, ", "))
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
