package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/scheme"
)

type schemeCommand struct {
	Check    schemeCheck    `cmd:"" help:"Check definitions: every problem with file, line and field."`
	Simulate schemeSimulate `cmd:"" help:"Run a definition from opening to close with invented teams: calendar, work, money."`
	Diff     schemeDiff     `cmd:"" help:"Say what is different in the second of two definitions."`
}

// checkFile tells the problems of a definition; ok is false where it cannot be used.
func checkFile(s streams, file string) (d *scheme.Definition, ok bool) {
	d, problems := scheme.Check(os.DirFS(filepath.Dir(file)), filepath.Base(file))
	for _, p := range problems {
		p.File = filepath.Join(filepath.Dir(file), p.File)
		fmt.Fprintln(s.out, p)
	}
	return d, scheme.Usable(problems)
}

type schemeCheck struct {
	Files []string `arg:"" help:"Definitions (YAML)." type:"existingfile"`
}

func (c *schemeCheck) Run(s streams) error {
	bad := false
	for _, file := range c.Files {
		d, ok := checkFile(s, file)
		if !ok {
			bad = true
			continue
		}
		fmt.Fprintf(s.out, "%s: %s can be published: %d stages, %g hours to apply.\n", file, d.Scheme, len(d.Stages), d.Hours)
	}
	if bad {
		return exit(1)
	}
	return nil
}

type schemeSimulate struct {
	File      string `arg:"" help:"Definition (YAML)." type:"existingfile"`
	Proposals int    `help:"How many teams begin." default:"100"`
	Seed      uint64 `help:"Equal seeds give equal simulations." default:"1"`
	Opens     string `help:"Day on which the call opens." default:"2027-01-11"`
	Days      int    `help:"How long it stays open." default:"60"`
	Budget    int64  `help:"Money of the call, whole units; 0: no end." default:"10000000"`
	Low       int64  `help:"Least that can be asked for; 0: no limit." default:"0"`
	High      int64  `help:"Most that can be asked for; 0: no limit." default:"500000"`
	Currency  string `help:"ISO 4217 code." default:"EUR"`
	Lang      string `help:"Language of the text." enum:"en,zh" default:"en"`
	JSON      bool   `help:"Write JSON." name:"json"`
}

func (c *schemeSimulate) Run(s streams) error {
	opens, err := time.Parse(time.DateOnly, c.Opens)
	if err != nil {
		return fmt.Errorf("--opens %s: a day like 2027-01-11 is expected", c.Opens)
	}
	d, ok := checkFile(streams{out: s.err}, c.File)
	if !ok {
		return exit(1)
	}
	result := scheme.Simulate(d, scheme.Plan{Proposals: c.Proposals, Seed: c.Seed, Opens: opens, OpenDays: c.Days,
		Budget: c.Budget, Low: c.Low, High: c.High, Currency: c.Currency})
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		return e.Encode(result)
	}
	return result.WriteText(s.out, lang.Locale(c.Lang))
}

type schemeDiff struct {
	Old  string `arg:"" help:"Definition as it was." type:"existingfile"`
	New  string `arg:"" help:"Definition as it is to be." type:"existingfile"`
	Lang string `help:"Language of the text." enum:"en,zh" default:"en"`
}

// Run ends with 0 where the two say the same and with 1 where they differ, as diff does.
func (c *schemeDiff) Run(s streams) error {
	a, ok := checkFile(streams{out: s.err}, c.Old)
	b, ok2 := checkFile(streams{out: s.err}, c.New)
	if !ok || !ok2 {
		return exit(2)
	}
	changes := scheme.Diff(a, b)
	for _, change := range changes {
		fmt.Fprintln(s.out, change.Says().In(lang.Locale(c.Lang)))
	}
	if len(changes) > 0 {
		return exit(1)
	}
	fmt.Fprintln(s.out, lang.T(lang.Locale(c.Lang), "scheme.diff.same"))
	return nil
}
