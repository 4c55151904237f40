package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/demo"
)

type benchCommand struct {
	Search   benchSearchCommand   `cmd:"" help:"Time the search of the register of awards."`
	Assign   benchAssignCommand   `cmd:"" help:"Assign the reviewers of one large call from its page, each step timed."`
	National benchNationalCommand `cmd:"" help:"Find reviewers for a whole country: index, score, conflicts, assignment with its certificate."`
	WhatIf   benchWhatIfCommand   `cmd:"" name:"whatif" help:"Ask a technology map what if, the whole page each time."`
	Pages    benchPagesCommand    `cmd:"" help:"Ask for the pages that people open most, sixteen people at once."`
	Crash    benchCrashCommand    `cmd:"" help:"Kill the server, or its database, again and again in a storm, and check what is left."`
	Upgrade  benchUpgradeCommand  `cmd:"" help:"Let an earlier version of the program serve people beside this one, on the schema of this one."`
	Storm    benchStormCommand    `cmd:"" help:"Let a deadline evening blow: autosaves and submissions, each answer checked afterwards."`
}

type benchSearchCommand struct {
	DB      string `help:"Installation to search in. Without it: a made country with as many awards as records says." name:"db"`
	Records int    `help:"Awards to make, without --db." default:"83000"`
	Queries int    `help:"Searches to time." default:"500"`
	JSON    bool   `help:"Print the figures as JSON." name:"json"`
}

// figures are what bench search prints.
type figures struct {
	Queries int     `json:"queries"`
	P50     float64 `json:"p50_ms"`
	P95     float64 `json:"p95_ms"`
	Records int     `json:"records"`
}

func (c *benchSearchCommand) Run(ctx context.Context, s streams) (err error) {
	if c.Queries < 1 {
		return fmt.Errorf("--queries %d: ask for at least 1", c.Queries)
	}
	folder, err := os.MkdirTemp("", "headwater-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	a, err := c.open(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	f, err := c.measure(ctx, a)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(f)
	}
	_, err = fmt.Fprintf(s.out, "%d searches in %d awards: half within %.1f ms, 95 of 100 within %.1f ms\n", f.Queries, f.Records, f.P50, f.P95)
	return err
}

func (c *benchSearchCommand) open(ctx context.Context, folder string) (*app.App, error) {
	if c.DB != "" {
		return app.Open(ctx, app.Config{Database: c.DB})
	}
	a, err := app.Open(ctx, app.Config{Database: filepath.Join(folder, "bench.db"), Files: filepath.Join(folder, "files"), Country: demo.Name, Zone: demo.Zone, Demo: true, Relaxed: true})
	if err != nil {
		return nil, err
	}
	if err = demo.Make(ctx, a); err == nil {
		var found award.Found
		if found, err = a.Awards.Find(ctx, award.Filter{Size: 1}); err == nil {
			err = demo.Awards(ctx, a, c.Records-found.Total)
		}
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// measure times whole searches: a page of awards, how many there are in all,
// and every facet with its counts, as the page of the register asks for them.
func (c *benchSearchCommand) measure(ctx context.Context, a *app.App) (figures, error) {
	rnd := rand.New(rand.NewPCG(83, 2027))
	asked, records, err := questions(ctx, a, rnd, c.Queries)
	if err != nil {
		return figures{}, err
	}
	if records == 0 {
		return figures{}, errors.New("there is no public award to search for: import some first, or leave --db away")
	}
	took := make([]time.Duration, 0, len(asked))
	for _, f := range asked {
		began := time.Now()
		if _, err := a.Awards.Find(ctx, f); err != nil {
			return figures{}, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	at := func(part float64) float64 { return float64(took[int(part*float64(len(took)-1))].Microseconds()) / 1000 }
	return figures{Queries: len(took), P50: at(0.50), P95: at(0.95), Records: records}, nil
}

// questions are searches for one to three words that stand together in some
// award, drawn evenly from the register, every third of them narrowed by its
// year. Words of fewer than four letters are left out, as people leave them out.
func questions(ctx context.Context, a *app.App, rnd *rand.Rand, n int) ([]award.Filter, int, error) {
	sample := make([]award.View, 0, n) // a reservoir (Vitter 1985, algorithm R)
	records := 0
	err := a.Awards.Each(ctx, award.Filter{}, func(v award.View) error {
		records++
		if len(sample) < n {
			sample = append(sample, v)
		} else if k := rnd.IntN(records); k < n {
			sample[k] = v
		}
		return nil
	})
	var out []award.Filter
	for i := 0; i < n && len(sample) > 0; i++ {
		v := sample[i%len(sample)]
		f := award.Filter{Text: someWords(rnd, v), Size: 25}
		if i%3 == 0 {
			f.Year = v.Year
		}
		out = append(out, f)
	}
	return out, records, err
}

func someWords(rnd *rand.Rand, v award.View) string {
	all := strings.FieldsFunc(v.Title.In("en")+" "+v.HolderName+" "+v.LeadName, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	all = slices.DeleteFunc(all, func(w string) bool { return utf8.RuneCountInString(w) < 4 })
	var out []string
	for range min(1+rnd.IntN(3), len(all)) {
		out = append(out, all[rnd.IntN(len(all))])
	}
	return strings.Join(out, " ")
}
