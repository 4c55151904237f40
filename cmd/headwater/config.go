package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/file"
)

type configCommand struct {
	Check configCheck `cmd:"" help:"Say what is unsafe in the settings that serve would run with; exit status 1 if anything is."`
}

// configCheck takes the settings of serve, from the same flags and variables.
type configCheck struct{ serveCommand }

// Run hides that of serve.
func (c *configCheck) Run(_ context.Context, given arguments, s streams) error {
	var problems []string
	for _, list := range [][]string{c.onCommandLine(given), c.reach(), c.mailing(), c.storing(), c.signingIn()} {
		problems = append(problems, list...)
	}
	for _, p := range problems {
		fmt.Fprintln(s.out, "UNSAFE:", p)
	}
	if len(problems) > 0 {
		return exit(1)
	}
	_, err := fmt.Fprintln(s.out, "Nothing unsafe was found in these settings.")
	return err
}

// arguments are what the program was called with.
type arguments []string

// onCommandLine finds secrets in the arguments, which everybody on the machine can read.
func (c *configCheck) onCommandLine(given arguments) (problems []string) {
	line := strings.Join(given, "\x00")
	for _, s := range []struct{ secret, variable string }{{passwordOf(c.DB), "HEADWATER_DB"}, {passwordOf(c.SMTP), "HEADWATER_SMTP"}, {c.Metrics, "HEADWATER_METRICS_TOKEN"}, {c.Token, "HEADWATER_EMBEDDING_TOKEN"}} {
		if s.secret != "" && strings.Contains(line, s.secret) {
			problems = append(problems, "a secret stands on the command line, where everybody on the machine can read it: set "+s.variable+" instead")
		}
	}
	return problems
}

func passwordOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return ""
	}
	password, _ := u.User.Password()
	return password
}

// reach is how browsers come to the server.
func (c *configCheck) reach() (problems []string) {
	if u, err := url.Parse(c.Address); err != nil || u.Scheme != "https" || local(u.Hostname()) {
		problems = append(problems, fmt.Sprintf("--address %s: people need an https address that leads here from elsewhere; links in mails begin with it", c.Address))
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		problems = append(problems, fmt.Sprintf("--listen %s: host:port is expected", c.Listen))
	}
	if ip, err := netip.ParseAddr(host); (host == "" || err == nil && ip.IsUnspecified()) && len(c.Proxies) == 0 {
		problems = append(problems, fmt.Sprintf("--listen %s without --proxies: passwords can be sent here without TLS; listen where only the proxy comes, or name it", c.Listen))
	}
	for _, p := range c.Proxies {
		if p.Bits() == 0 {
			problems = append(problems, fmt.Sprintf("--proxies %s: anybody's X-Forwarded-For is believed, so that failed sign-ins count against whomever they name", p))
		}
	}
	if c.Metrics != "" && len(c.Metrics) < 16 {
		problems = append(problems, "--metrics: a token of fewer than 16 characters can be guessed")
	}
	return problems
}

func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || host == "localhost" || err == nil && ip.IsLoopback()
}

func (c *configCheck) mailing() (problems []string) {
	if c.SMTP == "" {
		problems = append(problems, "--smtp is not set: links to choose a password reach nobody")
	}
	if from, err := mail.ParseAddress(c.From); err != nil || strings.HasSuffix(from.Address, "@localhost") {
		problems = append(problems, fmt.Sprintf("--from %s: an address of your own domain is needed, or mails are thrown away", c.From))
	}
	if _, err := time.LoadLocation(c.Zone); err != nil {
		problems = append(problems, fmt.Sprintf("--zone %s: deadlines need a time zone that exists: %v", c.Zone, err))
	}
	return problems
}

// storing is where database and files are.
func (c *configCheck) storing() []string {
	problems := append(c.storingFiles(), c.sealing()...)
	if !strings.HasPrefix(c.DB, "postgres://") && !strings.HasPrefix(c.DB, "postgresql://") {
		return append(problems, private(strings.TrimPrefix(c.DB, "sqlite:"), "--db", 0)...)
	}
	p, err := pgx.ParseConfig(c.DB)
	if err != nil {
		return append(problems, "--db cannot be read as the address of a PostgreSQL database") // it may hold a password: it is not repeated
	}
	if plain := p.TLSConfig == nil || slices.ContainsFunc(p.Fallbacks, func(f *pgconn.FallbackConfig) bool { return f.TLSConfig == nil }); plain && !strings.HasPrefix(p.Host, "/") && !local(p.Host) {
		problems = append(problems, fmt.Sprintf("--db: the line to %s may go without TLS; add sslmode=verify-full", p.Host))
	}
	return problems
}

// sealing is what a database that got out would tell.
func (c *configCheck) sealing() []string {
	if c.Seal == "" {
		return []string{"--seal names no file of keys: whoever gets the database or a backup can sign the ledger anew and make codes of second factors"}
	}
	problems := closed(c.Seal, "--seal", 0)
	if _, err := c.keys(); err != nil {
		problems = append(problems, "--seal: "+err.Error())
	}
	return problems
}

// storingFiles is where uploads lie.
func (c *configCheck) storingFiles() []string {
	if !strings.HasPrefix(c.Files, "s3+") {
		return private(c.Files, "--files", fs.ModeDir)
	}
	if _, err := file.New(nil, c.Files); err != nil {
		return []string{"--files: " + err.Error()}
	}
	if u, err := url.Parse(strings.TrimPrefix(c.Files, "s3+")); err == nil && u.Scheme == "http" && !local(u.Hostname()) {
		return []string{fmt.Sprintf("--files: the line to %s goes without TLS: everything that is uploaded can be read on the way; use s3+https", u.Host)}
	}
	return nil
}

// private tells what is wrong with a file or folder that lasts and that nobody else may read; that it is not there yet is right.
func private(path, flag string, kind fs.FileMode) (problems []string) {
	full, err := filepath.Abs(path)
	if err != nil {
		return []string{fmt.Sprintf("%s %s: %v", flag, path, err)}
	}
	for _, temporary := range []string{"/tmp/", "/var/tmp/", "/dev/shm/"} {
		if strings.HasPrefix(full, temporary) {
			problems = append(problems, fmt.Sprintf("%s %s: what stands there is deleted some day", flag, path))
		}
	}
	return append(problems, closed(path, flag, kind)...)
}

// closed tells what is wrong with a file or folder that nobody else may read.
func closed(path, flag string, kind fs.FileMode) (problems []string) {
	i, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		problems = append(problems, fmt.Sprintf("%s: %v", flag, err))
	case i.Mode().Type() != kind:
		problems = append(problems, fmt.Sprintf("%s %s: it is not what is expected there: %s", flag, path, i.Mode()))
	case i.Mode().Perm()&0o007 != 0:
		problems = append(problems, fmt.Sprintf("%s %s: everybody on this machine may open it (%s): chmod o-rwx", flag, path, i.Mode().Perm()))
	}
	return problems
}

func (c *configCheck) signingIn() (problems []string) {
	if _, err := c.service(c.Reach); err != nil {
		problems = append(problems, err.Error())
	}
	if _, err := c.providers(); err != nil {
		problems = append(problems, "--providers: "+err.Error())
	}
	roles, err := c.secondFactor()
	if err != nil {
		problems = append(problems, err.Error())
	}
	for _, r := range []access.Role{access.Admin, access.Decider} {
		if !slices.Contains(roles, r) {
			problems = append(problems, fmt.Sprintf("--second-factor leaves out %s: a stolen password alone is enough to act as one", r))
		}
	}
	for _, p := range c.Reach {
		if p.Contains(netip.MustParseAddr("169.254.169.254")) || p.Contains(netip.IPv6Loopback()) || p.Contains(netip.MustParseAddr("127.0.0.1")) {
			problems = append(problems, fmt.Sprintf("--reach %s: holds this machine, or the address under which clouds give out their secrets; name the network of what is to be reached and no more", p))
		}
	}
	return problems
}
