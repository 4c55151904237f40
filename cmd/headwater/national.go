package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/headwater-platform/headwater/internal/bench"
)

type benchNationalCommand struct {
	People     int  `help:"People who may review." default:"150000"`
	Works      int  `help:"Works of a person, in the mean." default:"20"`
	Proposals  int  `help:"Proposals to be reviewed." default:"300000"`
	Candidates int  `help:"People found for each proposal, before conflicts." default:"50"`
	Start      int  `help:"Of these, with whom the assignment begins; the others come in as prices call for them." default:"25"`
	Demand     int  `help:"Reviews of a proposal." default:"3"`
	LoadMax    int  `help:"Most reviews of a person." default:"8"`
	JSON       bool `help:"Print the figures as JSON." name:"json"`
}

func (c *benchNationalCommand) Run(ctx context.Context, s streams) error {
	if c.People < 2 || c.Works < 1 || c.Proposals < 1 || c.Candidates < 1 || c.Start < 1 || c.Demand < 1 || c.LoadMax < 1 {
		return fmt.Errorf("--people at least 2, and --works, --proposals, --candidates, --start, --demand and --load-max: each at least 1")
	}
	f, err := bench.National{
		Nation:     bench.Nation{People: c.People, Works: c.Works, Texts: c.Proposals, Topics: max(10, min(4000, c.People/4)), Vocabulary: 300_000, Words: 120},
		Candidates: c.Candidates, Start: c.Start, Demand: c.Demand, Load: c.LoadMax, Log: s.err,
	}.Run(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(f)
	}
	_, err = fmt.Fprintf(s.out, "%d proposals, %d people, %d works: %.0f s (index %.0f, score %.0f, conflicts %.0f, assignment %.0f), %.1f GB; %d reviews assigned, %d places unfilled, optimal: %t; %d rounds, %d pairs taken in; gap over all pairs %.4f %%\n",
		f.Proposals, f.People, f.Works, f.Total, f.Index, f.Score, f.Conflict, f.Assign, float64(f.PeakBytes)/1e9, f.Assigned, f.Unfilled, f.Optimal, f.Rounds, f.Taken, 100*f.GapAll)
	return err
}
