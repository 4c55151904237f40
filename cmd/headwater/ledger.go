package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

type ledgerCommand struct {
	Verify ledgerVerify `cmd:"" help:"Check every entry, batch and head."`
	Head   ledgerHead   `cmd:"" help:"Print the newest signed head, to be kept elsewhere."`
	Keys   ledgerKeys   `cmd:"" help:"Print the public keys of all times."`
	Rotate ledgerRotate `cmd:"" help:"Begin a new signing key."`
}

// origin names the ledger in its heads.
const origin = "headwater-ledger"

// openLedger opens the ledger to read it; to write it takes the keys by which it is sealed.
func openLedger(ctx context.Context, from database) (*db.DB, *ledger.Ledger, error) {
	keys, err := from.keys()
	if err != nil {
		return nil, nil, err
	}
	d, err := db.Open(ctx, from.DB, db.Options{})
	if err != nil {
		return nil, nil, err
	}
	if n, err := db.Pending(ctx, d); err != nil || n > 0 {
		return nil, nil, errors.Join(err, fmt.Errorf("%d migrations are pending: run headwater migrate first", n), d.Close())
	}
	l, err := ledger.OpenSealed(ctx, d, origin, keys)
	if err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	return d, l, nil
}

type ledgerVerify struct {
	database
	Kept string `help:"A head that was kept elsewhere: finds history that was cut off or rewritten." name:"head" type:"existingfile"`
}

func (c *ledgerVerify) Run(ctx context.Context, s streams) error {
	d, l, err := openLedger(ctx, c.database)
	if err != nil {
		return err
	}
	defer d.Close()
	kept := ""
	if c.Kept != "" {
		b, err := os.ReadFile(c.Kept)
		if err != nil {
			return err
		}
		kept = string(b)
	}
	r, err := l.Verify(ctx, kept)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d entries in %d batches; %d wait for their place; %d erased by rule.\n", r.Entries, r.Batches, r.Waiting, r.Erased)
	for _, p := range r.Problems {
		fmt.Fprintln(s.out, "ALTERED:", p)
	}
	if !r.OK() {
		return exit(1)
	}
	fmt.Fprintln(s.out, "Nothing was altered.")
	return nil
}

type ledgerHead struct{ database }

func (c *ledgerHead) Run(ctx context.Context, s streams) error {
	d, l, err := openLedger(ctx, c.database)
	if err != nil {
		return err
	}
	defer d.Close()
	head, err := l.Head(ctx)
	if err == nil {
		_, err = fmt.Fprint(s.out, head)
	}
	return err
}

type ledgerKeys struct{ database }

func (c *ledgerKeys) Run(ctx context.Context, s streams) error {
	d, l, err := openLedger(ctx, c.database)
	if err != nil {
		return err
	}
	defer d.Close()
	keys, err := l.Keys(ctx)
	if err == nil {
		_, err = fmt.Fprintln(s.out, strings.Join(keys, "\n"))
	}
	return err
}

type ledgerRotate struct {
	database
	Lost bool `help:"Also where the present key is sealed and the key that opens it was lost."`
}

func (c *ledgerRotate) Run(ctx context.Context, s streams) error {
	d, l, err := openLedger(ctx, c.database)
	if err != nil {
		return err
	}
	defer d.Close()
	rotate := l.Rotate
	if c.Lost {
		rotate = l.Replace
	}
	if err := rotate(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, "A new key signs from now on; the old public keys stay listed.")
	return err
}

type receiptCommand struct {
	Verify receiptVerify `cmd:"" help:"Check a receipt offline, without any database."`
}

type receiptVerify struct {
	File string `arg:"" help:"The receipt." type:"existingfile"`
	Key  string `help:"File with the ledger's public keys, one a line (headwater ledger keys, or the page /ledger/keys)." required:"" type:"existingfile"`
}

func (c *receiptVerify) Run(s streams) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	list, err := os.ReadFile(c.Key)
	if err != nil {
		return err
	}
	r, err := ledger.VerifyReceipt(string(text), strings.Fields(string(list)))
	if err != nil {
		fmt.Fprintln(s.out, "NOT GENUINE:", err)
		return exit(1)
	}
	fmt.Fprintf(s.out, "Genuine. %s %s, content sha256:%s\nBegan to arrive %s, recorded %s.\n", r.Kind, r.Subject, r.Content,
		r.FirstByte.Format("2006-01-02 15:04:05.000000 UTC"), r.Recorded.Format("2006-01-02 15:04:05.000000 UTC"))
	if r.Sealed {
		fmt.Fprintln(s.out, "Its place in the ledger is proven.")
	} else {
		fmt.Fprintln(s.out, "Fetched before its batch was sealed: fetch it again for the proof of its place.")
	}
	return nil
}
