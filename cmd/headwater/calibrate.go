package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/headwater-platform/headwater/engine/calibrate"
)

type calibrateCommand struct {
	File       string   `arg:"" help:"CSV: reviewer, proposal, score, and if there are such panel and criterion. Higher is better." type:"existingfile"`
	Model      string   `help:"How scores come about. hierarchical: effects of proposals, reviewers and panels, drawn to their mean where reviews are few; least-squares: the same effects as they are; plackett-luce: only the order in which each reviewer puts proposals, ties included." enum:"hierarchical,least-squares,plackett-luce" default:"hierarchical"`
	Funded     *int     `help:"How many proposals are above the line."`
	Level      float64  `help:"Probability of the intervals." default:"0.9"`
	Scale      []string `help:"Names of the scores from worst to best, such as C,B,A: an ordinal scale."`
	Ordinal    bool     `help:"Scores are places on a scale without distances."`
	ReviewerSD float64  `help:"Standard deviation of how mild reviewers are, if it is known. Without it: estimated." name:"reviewer-sd"`
	Seed       uint64   `help:"Equal seeds draw equally." default:"1"`
	JSON       bool     `help:"Print JSON." name:"json"`
}

// calibration is what calibrate prints. Ranks begin with 1, the best.
type calibration struct {
	Proposals []rankedProposal   `json:"proposals"`
	Reviewers []measuredReviewer `json:"reviewers"`
	Alpha     *float64           `json:"alpha"`                  // Krippendorff's; null where it is not defined
	Tied      []string           `json:"tied_at_line,omitempty"` // equal as far as can be told, on both sides of the line
	Influence []influence        `json:"influence,omitempty"`
	Seconds   float64            `json:"seconds"` // without reading the file
}

type rankedProposal struct {
	Proposal     string   `json:"proposal"`
	ExpectedRank float64  `json:"expected_rank"`
	RankLow      int      `json:"rank_low"`
	RankHigh     int      `json:"rank_high"`
	Funded       *float64 `json:"p_funded"` // null without a line
	Band         bool     `json:"band"`     // the interval reaches over the line
	Effect       float64  `json:"effect"`
	EffectSD     float64  `json:"effect_sd"`
	Reviews      int      `json:"reviews"`
}

// measuredReviewer has null for what the order of scores alone does not tell.
type measuredReviewer struct {
	Reviewer string   `json:"reviewer"`
	Shift    *float64 `json:"shift"` // in points: above 0 is mild, below strict
	ShiftSD  *float64 `json:"shift_sd"`
	Spread   *float64 `json:"spread"`
	Reviews  int      `json:"reviews"`
}

// influence is a reviewer without whom other proposals are above the line.
type influence struct {
	Reviewer string   `json:"reviewer"`
	With     []string `json:"above_only_with"`
	Without  []string `json:"above_only_without"`
}

func (c *calibrateCommand) Run(ctx context.Context, s streams) error {
	var p *calibrate.Panel
	err := open(c.File, func(r io.Reader) (err error) {
		p, err = calibrate.Read(r, c.Scale)
		return err
	})
	if err != nil {
		return err
	}
	began := time.Now()
	o := calibrate.Options{Model: models[c.Model], Level: c.Level, Ordinal: c.Ordinal || len(c.Scale) > 0, ReviewerSD: c.ReviewerSD, Seed: c.Seed}
	if c.Funded != nil {
		o.Funded = *c.Funded
	}
	r, err := calibrate.Calibrate(ctx, p, o)
	if err != nil {
		return err
	}
	var list []calibrate.Influence
	if c.Funded != nil && len(p.Scores) <= influenceUpTo {
		if list, err = calibrate.Influences(ctx, p, r, o); err != nil {
			return err
		}
	}
	out := c.words(p, r, list)
	out.Seconds = time.Since(began).Seconds()
	if c.JSON {
		return json.NewEncoder(s.out).Encode(out)
	}
	return out.print(s.out)
}

var models = map[string]calibrate.Model{
	"hierarchical":  calibrate.Hierarchical,
	"least-squares": calibrate.LeastSquares,
	"plackett-luce": calibrate.PlackettLuce,
}

// influenceUpTo is the number of scores up to which reviewers are left out one by one.
const influenceUpTo = 10000

func (c *calibrateCommand) words(p *calibrate.Panel, r *calibrate.Result, list []calibrate.Influence) calibration {
	out := calibration{Proposals: []rankedProposal{}, Reviewers: []measuredReviewer{}}
	if !math.IsNaN(r.Alpha) {
		out.Alpha = &r.Alpha
	}
	for i, q := range r.Proposals {
		x := rankedProposal{Proposal: p.Proposals[i], ExpectedRank: q.ExpectedRank, RankLow: q.Low, RankHigh: q.High, Effect: q.Effect, EffectSD: q.EffectSD, Reviews: q.Reviews}
		if c.Funded != nil {
			x.Funded, x.Band = &q.Funded, q.AcrossTheLine
		}
		out.Proposals = append(out.Proposals, x)
	}
	for i, q := range r.Reviewers {
		x := measuredReviewer{Reviewer: p.Reviewers[i], Reviews: q.Reviews}
		if c.Model != "plackett-luce" {
			x.Shift, x.ShiftSD, x.Spread = &q.Shift, &q.ShiftSD, &q.Spread
		}
		out.Reviewers = append(out.Reviewers, x)
	}
	named := func(list []int) []string {
		out := []string{}
		for _, i := range list {
			out = append(out, p.Proposals[i])
		}
		return out
	}
	out.Tied = named(r.Tied)
	for _, x := range list {
		out.Influence = append(out.Influence, influence{p.Reviewers[x.Reviewer], named(x.With), named(x.Without)})
	}
	return out
}

func (c calibration) print(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "proposal\texpected rank\tinterval\tabove the line\treviews")
	for _, p := range c.Proposals {
		above := "–"
		if p.Funded != nil {
			above = fmt.Sprintf("%.0f %%", 100**p.Funded)
		}
		if p.Band {
			above += " (cannot be told from it)"
		}
		fmt.Fprintf(w, "%s\t%.1f\t%d–%d\t%s\t%d\n", p.Proposal, p.ExpectedRank, p.RankLow, p.RankHigh, above, p.Reviews)
	}
	fmt.Fprintln(w, "\nreviewer\tshift\tspread\treviews")
	for _, r := range c.Reviewers {
		shift, spread := "–", "–"
		if r.Shift != nil {
			shift, spread = fmt.Sprintf("%+.2f ± %.2f", *r.Shift, *r.ShiftSD), fmt.Sprintf("%.2f", *r.Spread)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", r.Reviewer, shift, spread, r.Reviews)
	}
	if len(c.Tied) > 0 {
		fmt.Fprintf(w, "\nequal at the line\t%s\n", strings.Join(c.Tied, ", "))
	}
	if len(c.Influence) > 0 {
		fmt.Fprintln(w, "\nwithout\tbelow the line\tabove the line")
	}
	for _, x := range c.Influence {
		fmt.Fprintf(w, "%s\t%s\t%s\n", x.Reviewer, strings.Join(x.With, ", "), strings.Join(x.Without, ", "))
	}
	if c.Alpha != nil {
		fmt.Fprintf(w, "\nKrippendorff’s alpha\t%.2f\n", *c.Alpha)
	}
	return w.Flush()
}
