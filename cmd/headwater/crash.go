package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/headwater-platform/headwater/internal/bench"
)

type benchCrashCommand struct {
	DB          string `help:"Empty PostgreSQL database: postgres://… Without it: SQLite in a temporary folder. Only with --fault server: the others run a PostgreSQL of their own." name:"db"`
	Fault       string `help:"What is killed by SIGKILL: the server; the database (PostgreSQL's first process); or the PostgreSQL server that takes writes, whose synchronous copy is promoted." enum:"server,database,promotion" default:"server"`
	Kills       int    `help:"How often." default:"200"`
	Applicants  int    `help:"People who save; two more for each kill hand in." default:"100"`
	Connections int    `help:"Connections that save back to back." default:"16"`
	Seed        uint64 `help:"Of the moments." default:"1"`
	JSON        bool   `help:"Print the figures as JSON." name:"json"`
}

// Run ends with status 1 where anything acknowledged was lost, half-done or altered.
func (c *benchCrashCommand) Run(ctx context.Context, s streams) error {
	if c.Kills < 1 || c.Applicants < 1 || c.Connections < 1 {
		return fmt.Errorf("--kills, --applicants and --connections: each at least 1")
	}
	if c.DB != "" && c.Fault != bench.KillServer {
		return fmt.Errorf("--fault %s runs a PostgreSQL of its own: leave --db away", c.Fault)
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	f, err := bench.Crash{Fault: c.Fault, DB: c.DB, Program: program, Kills: c.Kills, Applicants: c.Applicants, Connections: c.Connections, Seed: c.Seed, Log: s.err}.Run(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(s.out).Encode(f)
	} else {
		_, err = fmt.Fprintf(s.out, "%d kills of the %s on %s: %d autosaves and %d submissions acknowledged, %d lost, %d half-done, %d altered entries, %d jobs left, %d of %d mails lost, %d sent twice; away for %.0f ms, at most %.0f ms\n",
			f.Kills, f.Fault, f.Database, f.Autosaves, f.Submissions, f.Lost, f.HalfDone, f.Altered, f.JobsLeft, f.MailsLost, f.Mails, f.MailsTwice, f.OutageP50, f.OutageMax)
	}
	if err == nil && !f.Sound() {
		err = exit(1)
	}
	return err
}
