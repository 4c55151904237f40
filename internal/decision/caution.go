package decision

import (
	"context"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/headwater-platform/headwater/engine/portfolio"
)

// How much a choice minds that the scores may be wrong about the worth of proposals. The worst tenth
// is that of what the scores leave possible: draws of the worth of all proposals together, so that what
// one reviewer may have wrong about several is wrong of all of them at once. What is made greatest then
// is the expected shortfall (Rockafellar and Uryasev, 2000), or the mean of it and of what is expected.
const (
	Bold    = ""     // not at all: by what the scores lead one to expect
	Wary    = "half" // half by that, half by the worst tenth
	Guarded = "tail" // by the worst tenth alone
)

// Cautions are the ways to be cautious, the usual one first.
var Cautions = []string{Bold, Wary, Guarded}

const (
	draws  = 100                  // of the worth of all proposals
	tail   = portfolio.Whole / 10 // the worst tenth
	boldly = 100 * time.Millisecond
)

// Careful is how a cautious choice does beside the one without caution: points that are expected of
// each, and that are left in the mean of the worst tenth.
type Careful struct {
	Mean, Worst         float64
	BoldMean, BoldWorst float64
	In, Out             []string // what only the cautious choice funds, and only the other
}

// mind lets a model of rows know what the scores leave possible, as cautious as rules are. Where all scores
// are equal there is nothing to draw from, and caution changes nothing. worth is that of a row by its score.
func (v View) mind(r Rules, m *portfolio.Model, rows []int, worth func(Row, float64) int64) {
	if r.Caution == Bold || v.Calibration == nil || len(v.Calibration.Sample) == 0 {
		return
	}
	m.Risk = portfolio.Risk{Tail: tail, Weight: map[string]int64{Wary: portfolio.Whole / 2, Guarded: portfolio.Whole}[r.Caution]}
	at := make(map[string]int, len(v.Calibration.proposals))
	for i, id := range v.Calibration.proposals {
		at[id] = i
	}
	for n, effects := range v.Calibration.Sample {
		m.Scenarios = append(m.Scenarios, portfolio.Scenario{Name: strconv.Itoa(n), Weight: 1})
		for k, i := range rows {
			level := &m.Proposals[k].Levels[0]
			level.In = append(level.In, worth(v.Rows[i], v.Calibration.Overall+effects[at[v.Rows[i].ProposalID]]))
		}
	}
}

// compare finds the choice without caution and says how a cautious one does beside it.
func (p *Plan) compare(ctx context.Context, d *portfolio.Decision, m *portfolio.Model) error {
	if len(m.Scenarios) == 0 {
		return nil
	}
	bold := *m
	bold.Risk.Weight = 0
	other, err := portfolio.Decide(ctx, &bold, portfolio.Options{Time: boldly, Gap: near, Seed: 1})
	if err != nil || other.Taken == nil {
		return err
	}
	c := &Careful{}
	c.Mean, c.Worst = outcome(m, d.Level)
	c.BoldMean, c.BoldWorst = outcome(m, other.Level)
	for i, x := range m.Proposals {
		switch {
		case d.Level[i] > other.Level[i]:
			c.In = append(c.In, x.ID)
		case d.Level[i] < other.Level[i]:
			c.Out = append(c.Out, x.ID)
		}
	}
	p.Careful = c
	return nil
}

// outcome is what a choice is worth in points: in the mean, and in that of the worst tenth.
func outcome(m *portfolio.Model, level []int) (mean, worst float64) {
	in := func(r *big.Rat) float64 {
		f, _ := r.Float64()
		return math.Round(f) / portfolio.Point
	}
	_, all, bad := m.Outcomes(level)
	return in(all), in(bad)
}
