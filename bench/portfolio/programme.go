package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/engine/portfolio"
)

// programme measures made programmes of 5,000 proposals: two agencies with three years
// each, and 46 floors and ceilings on numbers, money and shares, without and with several levels.
func (b *bench) programme(ctx context.Context) error {
	fmt.Println("\n| programme of 5,000 proposals | seconds | gap, % |\n|---|---|---|")
	for _, levels := range []int{1, 2, 3, 5} {
		for seed := range uint64(3) {
			m := madeProgramme(5000, levels, seed)
			began := time.Now()
			d, err := portfolio.Decide(ctx, m, portfolio.Options{Time: b.time / 2, Seed: 1})
			if err != nil {
				return err
			}
			gap := "nothing found"
			if d.Level != nil {
				gap = fmt.Sprintf("%.4f", 100*d.Gap())
			}
			fmt.Printf("| %d, levels: %d | %.1f | %s |\n", seed, levels, time.Since(began).Seconds(), gap)
		}
	}
	return nil
}

var attributes = []struct {
	name  string
	count int
}{{"field", 12}, {"region", 10}, {"stage", 3}, {"organisation", 4}, {"orientation", 4}}

// madeProgramme has values that grow with the root of the cost, some better than
// others, and budgets of three tenths of what is asked for. Levels are equal steps of the cost;
// values grow with powers of it from 0.4 to 1.4, so that for some the first steps are worth most, for some the last.
func madeProgramme(proposals, levels int, seed uint64) *portfolio.Model {
	r := rand.New(rand.NewPCG(seed, 5000))
	m := &portfolio.Model{Limits: limits(int64(proposals) * 3 / 10)}
	for b := range 6 {
		m.Budgets = append(m.Budgets, portfolio.Budget{Name: fmt.Sprintf("agency %d, year %d", b/3, b%3)})
	}
	for i := range proposals {
		p := portfolio.Proposal{ID: fmt.Sprint(i), Attributes: map[string]string{"risk": "low"}}
		if r.IntN(5) == 0 {
			p.Attributes["risk"] = "high"
		}
		for _, a := range attributes {
			p.Attributes[a.name] = fmt.Sprint(r.IntN(a.count))
		}
		cost, agency := make([]int64, 6), 3*r.IntN(2)
		all := math.Exp(12.5 + 0.6*r.NormFloat64())
		for year := range 3 {
			cost[agency+year] = int64(portfolio.Unit * all / 3 * (0.5 + r.Float64()))
			m.Budgets[agency+year].Amount += cost[agency+year] * 3 / 10
		}
		score := max(0.5, 6+1.5*r.NormFloat64())
		value := 1000 * score * math.Sqrt(all/250000)
		power := 1.0
		if levels > 1 {
			power = 0.4 + r.Float64()
		}
		for k := range levels {
			part := float64(k+1) / float64(levels)
			l := portfolio.Level{Value: portfolio.Point / 1000 * int64(value*math.Pow(part, power)), Cost: slices.Clone(cost)}
			for b := range l.Cost {
				l.Cost[b] = l.Cost[b] * int64(k+1) / int64(levels)
			}
			p.Levels = append(p.Levels, l)
		}
		m.Proposals = append(m.Proposals, p)
	}
	return m
}

// limits suppose that some number of proposals will be funded: each field between 0.8
// and 1.3 of an equal share, and so on.
func limits(funded int64) []portfolio.Limit {
	var out []portfolio.Limit
	for _, a := range attributes {
		equal := funded / int64(a.count)
		for v := range a.count {
			l := portfolio.Limit{Name: fmt.Sprint(a.name, " ", v), Where: map[string][]string{a.name: {fmt.Sprint(v)}}, Min: portfolio.NoLo, Max: portfolio.NoHi}
			switch a.name {
			case "field":
				l.Min, l.Max = equal*8/10, equal*13/10
			case "organisation":
				l.Money, l.Share, l.Max = true, true, portfolio.Whole*28/100
			case "orientation":
				l.Money, l.Share, l.Min = true, true, portfolio.Whole*22/100
			default:
				l.Min = equal * 85 / 100
			}
			out = append(out, l)
		}
	}
	return append(out, portfolio.Limit{Name: "high risk", Where: map[string][]string{"risk": {"high"}}, Money: true, Share: true, Min: portfolio.Whole / 4, Max: portfolio.NoHi})
}
