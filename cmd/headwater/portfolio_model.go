package main

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"strings"
	"text/tabwriter"

	"github.com/headwater-platform/headwater/engine/portfolio"
)

// modelAnswer is what solve says of a model besides the figures.
type modelAnswer struct {
	Funded       []fundedProposal `json:"funded,omitempty"`
	Budgets      []usedBudget     `json:"budgets,omitempty"`
	Scenarios    []scenarioValue  `json:"scenarios,omitempty"`
	Mean         *float64         `json:"mean,omitempty"`      // over the scenarios
	Shortfall    *float64         `json:"shortfall,omitempty"` // mean over the worst of them
	Conflict     []string         `json:"conflict,omitempty"`  // rules that cannot hold together
	Minimal      *bool            `json:"conflict_minimal,omitempty"`
	Prices       []rulePrice      `json:"prices,omitempty"`
	MoreMoney    *changed         `json:"five_percent_more,omitempty"`
	Alternatives []changed        `json:"alternatives,omitempty"`
	Reasons      []whyProposal    `json:"reasons,omitempty"`
}

type fundedProposal struct {
	Proposal string `json:"proposal"`
	Level    string `json:"level,omitempty"`
}

type usedBudget struct {
	Name   string  `json:"name"`
	Amount float64 `json:"amount"`
	Used   float64 `json:"used"`
}

type scenarioValue struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// points is a difference of values: what was found, and what is proven to be the most.
type points struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

type rulePrice struct {
	Rule string `json:"rule"`
	Cost points `json:"points"`
	Text string `json:"text"`
}

type changed struct {
	Gain  points   `json:"gain"`
	In    []string `json:"in"`
	Out   []string `json:"out"`
	Level []string `json:"other_level"`
}

type whyProposal struct {
	Proposal string  `json:"proposal"`
	Funded   bool    `json:"funded"`
	Margin   float64 `json:"margin"`
	Text     string  `json:"text"`
}

// alternatives is how many next best choices are told.
const alternatives = 3

func (c *portfolioSolve) answer(ctx context.Context, m *portfolio.Model, d *portfolio.Decision, a *modelAnswer) error {
	if d.Taken == nil {
		if !d.Done {
			return nil
		}
		rules, minimal, err := d.Conflict(ctx)
		for _, r := range rules {
			a.Conflict = append(a.Conflict, r.String())
		}
		a.Minimal = &minimal
		return err
	}
	used := make([]int64, len(m.Budgets))
	for i, l := range d.Level {
		if l > 0 {
			level := m.Proposals[i].Levels[l-1]
			a.Funded = append(a.Funded, fundedProposal{m.Proposals[i].ID, level.Name})
			for b, cost := range level.Cost {
				used[b] += cost
			}
		}
	}
	for b, x := range m.Budgets {
		a.Budgets = append(a.Budgets, usedBudget{x.Name, float64(x.Amount) / portfolio.Unit, float64(used[b]) / portfolio.Unit})
	}
	a.outcomes(m, d.Level)
	if !c.Explain {
		return nil
	}
	return c.explain(ctx, m, d, a)
}

// outcomes tells what a choice is worth under scenarios, if there are such.
func (a *modelAnswer) outcomes(m *portfolio.Model, level []int) {
	if len(m.Scenarios) == 0 {
		return
	}
	values, mean, worst := m.Outcomes(level)
	for s, v := range values {
		a.Scenarios = append(a.Scenarios, scenarioValue{m.Scenarios[s].Name, float64(v) / portfolio.Point})
	}
	inPoints := func(r *big.Rat) *float64 {
		v, _ := r.Float64()
		v /= portfolio.Point
		return &v
	}
	a.Mean = inPoints(mean)
	if m.Risk.Tail > 0 {
		a.Shortfall = inPoints(worst)
	}
}

func (c *portfolioSolve) explain(ctx context.Context, m *portfolio.Model, d *portfolio.Decision, a *modelAnswer) error {
	third := c.Time / 3
	prices, err := d.Prices(ctx, third)
	if err != nil {
		return err
	}
	for _, p := range prices {
		a.Prices = append(a.Prices, rulePrice{p.Rule.String(), points(p.Cost), priceText(p)})
	}
	more, err := d.MoreMoney(ctx, 5, third)
	if err != nil {
		return err
	}
	told := namedChange(m, more)
	a.MoreMoney = &told
	next, err := d.Alternatives(ctx, alternatives, third)
	if err != nil {
		return err
	}
	for _, x := range next {
		a.Alternatives = append(a.Alternatives, namedChange(m, x))
	}
	for i, r := range d.Reasons() {
		in := d.Level[i] > 0
		a.Reasons = append(a.Reasons, whyProposal{m.Proposals[i].ID, in, r.Margin, reasonText(in, r)})
	}
	return nil
}

func priceText(p portfolio.Price) string {
	switch {
	case p.Cost.High <= 0:
		return "costs nothing"
	case p.Cost.Low == p.Cost.High:
		return fmt.Sprintf("costs %.4g points", p.Cost.Low)
	}
	return fmt.Sprintf("costs from %.4g to %.4g points", p.Cost.Low, p.Cost.High)
}

func namedChange(m *portfolio.Model, c portfolio.Change) changed {
	named := func(list []int) []string {
		out := []string{}
		for _, i := range list {
			out = append(out, m.Proposals[i].ID)
		}
		return out
	}
	return changed{points(c.Gain), named(c.In), named(c.Out), named(c.Level)}
}

func reasonText(in bool, r portfolio.Reason) string {
	var b strings.Builder
	fmt.Fprintf(&b, "worth %.4g", r.Value)
	for i, c := range r.Charges {
		if i == 0 {
			b.WriteString("; takes up, in points: ")
		} else {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %.4g", c.Rule, c.Points)
	}
	switch {
	case in == (r.Margin >= 0):
		fmt.Fprintf(&b, "; margin %.4g", r.Margin)
	case in:
		fmt.Fprintf(&b, "; margin %.4g: near the line, in as it fits with the others", r.Margin)
	default:
		fmt.Fprintf(&b, "; margin %.4g: near the line, out as it does not fit with the others", r.Margin)
	}
	return b.String()
}

func (a *modelAnswer) print(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	if len(a.Conflict) > 0 {
		fmt.Fprintln(w, "These rules cannot hold together:")
		for _, r := range a.Conflict {
			fmt.Fprintf(w, "  %s\n", r)
		}
		return w.Flush()
	}
	fmt.Fprintln(w, "\nfunded\tlevel")
	for _, f := range a.Funded {
		fmt.Fprintf(w, "%s\t%s\n", f.Proposal, f.Level)
	}
	fmt.Fprintln(w, "\nbudget\tused\tof")
	for _, b := range a.Budgets {
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\n", b.Name, b.Used, b.Amount)
	}
	if len(a.Scenarios) > 0 {
		fmt.Fprintln(w, "\nscenario\tvalue")
	}
	for _, s := range a.Scenarios {
		fmt.Fprintf(w, "%s\t%.4g\n", s.Name, s.Value)
	}
	if a.Mean != nil {
		fmt.Fprintf(w, "mean\t%.4g\n", *a.Mean)
	}
	if a.Shortfall != nil {
		fmt.Fprintf(w, "mean of the worst\t%.4g\n", *a.Shortfall)
	}
	if len(a.Prices) > 0 {
		fmt.Fprintln(w, "\nrule\tprice")
	}
	for _, p := range a.Prices {
		fmt.Fprintf(w, "%s\t%s\n", p.Rule, p.Text)
	}
	if a.MoreMoney != nil {
		fmt.Fprintf(w, "\n5 %% more money\t%s\n", a.MoreMoney.words())
	}
	for _, x := range a.Alternatives {
		fmt.Fprintf(w, "next best\t%s\n", x.words())
	}
	if len(a.Reasons) > 0 {
		fmt.Fprintln(w, "\nproposal\tin\twhy")
	}
	for _, r := range a.Reasons {
		in := "no"
		if r.Funded {
			in = "yes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Proposal, in, r.Text)
	}
	return w.Flush()
}

func (c changed) words() string {
	out := fmt.Sprintf("%+.4g points", c.Gain.Low)
	if c.Gain.High != c.Gain.Low {
		out += fmt.Sprintf(" (at most %+.4g)", c.Gain.High)
	}
	for _, part := range []struct {
		name string
		list []string
	}{{"in", c.In}, {"out", c.Out}, {"other level", c.Level}} {
		if len(part.list) > 0 {
			out += fmt.Sprintf("; %s: %s", part.name, strings.Join(part.list, ", "))
		}
	}
	return out
}
