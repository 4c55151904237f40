// Headwater is an open platform for science and technology programmes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/seal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// streams are what the program reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// cli is the list of subcommands; each lives in a file of its own.
type cli struct {
	Demo      demoCommand      `cmd:"" help:"Make a fictional country and look around in it."`
	Serve     serveCommand     `cmd:"" help:"Run the installation."`
	Admin     adminCommand     `cmd:"" help:"Appoint an administrator, the first one for a start."`
	Expertise expertiseCommand `cmd:"" help:"Who can judge a text."`
	Assign    assignCommand    `cmd:"" help:"Give proposals to reviewers, with a proof that none do better."`
	Calibrate calibrateCommand `cmd:"" help:"What the scores of reviewers say about the order of proposals, and what they cannot tell."`
	Portfolio portfolioCommand `cmd:"" help:"What to fund under many budgets and rules, with proof."`
	Bench     benchCommand     `cmd:"" help:"Measure this installation."`
	Import    importCommand    `cmd:"" help:"Take in records of other systems by a mapping."`
	Backup    backupCommand    `cmd:"" help:"Copy the whole installation, while it is at work, into a folder."`
	Restore   restoreCommand   `cmd:"" help:"Make an installation of a backup, and check it."`
	Config    configCommand    `cmd:"" help:"Whether an installation may be run with its settings."`
	Files     filesCommand     `cmd:"" help:"Where uploaded files lie."`
	Erasure   erasureCommand   `cmd:"" help:"What was erased, and what stays of it in backups and files."`
	Mail      mailCommand      `cmd:"" help:"Mails that the mail server never took."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database's schema up to date."`
	Lottery   lotteryCommand   `cmd:"" help:"Draws that anybody can recompute."`
	Ledger    ledgerCommand    `cmd:"" help:"The record that cannot be quietly altered."`
	Receipt   receiptCommand   `cmd:"" help:"Receipts of what was submitted."`
	Scheme    schemeCommand    `cmd:"" help:"Definitions of how awards are made."`
	Techmap   techmapCommand   `cmd:"" help:"What a technology hangs on."`
}

// database is the flag that most subcommands share.
type database struct {
	DB   string `help:"Database: path of a SQLite file, or postgres://…; an address with a password by the variable only, or in the file that HEADWATER_DB_FILE names." env:"HEADWATER_DB" default:"headwater.db" name:"db"`
	Seal string `help:"File of keys, 32 bytes in base64 a line: the first seals the secrets that lie in the database, the others open what they sealed before." env:"HEADWATER_SEAL"`
}

// keys are those of the file that seals, none where none is named.
func (d database) keys() (seal.Keys, error) {
	if d.Seal == "" {
		return nil, nil
	}
	f, err := os.Open(d.Seal)
	if err != nil {
		return nil, err
	}
	keys, err := seal.Read(f)
	return keys, errors.Join(err, f.Close())
}

// open opens the installation for a command that runs beside the server, to which its jobs are left: it knows the mail server.
func (d database) open(ctx context.Context, c app.Config) (*app.App, error) {
	keys, err := d.keys()
	if err != nil {
		return nil, err
	}
	c.Database, c.Keys, c.NoJobs = d.DB, keys, true
	return app.Open(ctx, c)
}

// exit is an error that has been told already: only its code is left.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// run is the program: 0 when it did what was asked, 1 when not, 2 when it was
// asked wrongly.
func run(ctx context.Context, args []string, s streams) int {
	var c cli
	code := -1
	parser, err := kong.New(&c, kong.Name("headwater"), kong.UsageOnError(),
		kong.Description("From a need to a result that people use: the record of science and technology programmes."),
		kong.Writers(s.out, s.err), kong.Exit(func(n int) { code = n }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s), kong.Resolvers(kong.ResolverFunc(fromFile)))
	if err != nil {
		fmt.Fprintln(s.err, "headwater:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if code >= 0 { // --help was printed
		return code
	}
	if err != nil {
		fmt.Fprintln(s.err, "headwater:", err)
		return 2
	}
	found := exposed(command)
	if len(found) > 0 && command.Selected().FullPath() != checkPath {
		fmt.Fprintln(s.err, "headwater:", strings.Join(found, "\nheadwater: "))
		return 2
	}
	err = command.Run(inArguments(found))
	var told exit
	switch {
	case errors.As(err, &told):
		return int(told)
	case err != nil && !errors.Is(err, context.Canceled):
		fmt.Fprintln(s.err, "headwater:", err)
		return 1
	}
	return 0
}
