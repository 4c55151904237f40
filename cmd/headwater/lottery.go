package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/headwater-platform/headwater/engine/lottery"
)

type lotteryCommand struct {
	Verify lotteryVerify `cmd:"" help:"Recompute a published lottery: yes, or where it differs."`
	Draw   lotteryDraw   `cmd:"" help:"Print a lottery with the digest of its list, and what a seed draws."`
}

type lotteryVerify struct {
	File   string `arg:"" help:"The lottery as JSON, see docs/lottery.md." type:"existingfile"`
	Digest string `help:"Digest of the list as it was kept elsewhere, such as in the ledger."`
}

func (c *lotteryVerify) Run(s streams) error {
	r, err := readLottery(c.File)
	if err != nil {
		return err
	}
	differs := lottery.Verify(r, c.Digest)
	if len(differs) == 0 {
		_, err := fmt.Fprintf(s.out, "Yes: %d of %d were drawn by the rule from a list that went on record before the event.\n", len(r.Drawn), len(r.List.List))
		return err
	}
	for _, d := range differs {
		if _, err := fmt.Fprintln(s.out, d); err != nil {
			return err
		}
	}
	return exit(1)
}

type lotteryDraw struct {
	File string `arg:"" help:"The lottery as JSON; digest and drawn are written anew." type:"existingfile"`
	Seed string `help:"The outcome of the event as the list says that it is written."`
}

func (c *lotteryDraw) Run(s streams) error {
	r, err := readLottery(c.File)
	if err != nil {
		return err
	}
	digest := r.Commitment()
	switch {
	case c.Seed == "":
		r.Seed, r.Drawn = "", nil
	case r.Digest != digest:
		return fmt.Errorf("%s: the digest on record is %q, but the list as it stands has %s: a seed draws from a list on record alone", c.File, r.Digest, digest)
	default:
		if r.Seed = c.Seed; !lottery.OneLine(r.Seed) {
			return fmt.Errorf("--seed %q: one line of text is expected", c.Seed)
		}
		r.Drawn = r.Drawing(c.Seed)
	}
	r.Digest = digest
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func readLottery(name string) (*lottery.Record, error) {
	var r *lottery.Record
	err := open(name, func(in io.Reader) (err error) {
		r, err = lottery.Read(in)
		return err
	})
	return r, err
}
