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
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/file"
)

type configCommand struct {
	Check configCheck `cmd:"" help:"Say what is unsafe in the settings that serve would run with; exit status 1 if anything is."`
}

// configCheck takes the settings of serve, from the same flags and variables.
type configCheck struct{ serveCommand }

// Run hides that of serve.
func (c *configCheck) Run(ctx context.Context, command *kong.Context, found inArguments, s streams) error {
	var problems []string
	versions, seen := c.versions(ctx)
	for _, list := range [][]string{found, readable(command), c.reach(), c.mailing(), c.storing(), versions, c.signingIn()} {
		problems = append(problems, list...)
	}
	if seen != "" {
		fmt.Fprintln(s.out, seen)
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

// checkPath is the one command that takes a secret on the command line: to say so.
const checkPath = "headwater config check"

// inArguments are the secrets found in the program's arguments, as they are told.
type inArguments []string

// reach is how browsers come to the server.
func (c *configCheck) reach() (problems []string) {
	if u, err := url.Parse(c.Address); err != nil || u.Scheme != "https" || local(u.Hostname()) {
		problems = append(problems, fmt.Sprintf("--address %s: people need an https address that leads here from elsewhere; links in mails begin with it", c.Address))
	}
	switch host, _, err := net.SplitHostPort(c.Listen); {
	case err != nil:
		problems = append(problems, fmt.Sprintf("--listen %s: host:port is expected", c.Listen))
	case (host == "" || !local(host)) && len(c.Proxies) == 0:
		problems = append(problems, fmt.Sprintf("--listen %s without --proxies: passwords can be sent here without TLS; listen on 127.0.0.1, where only a proxy on this machine comes, or name the proxy", c.Listen))
	}
	for _, p := range c.Proxies {
		if wide(p) {
			problems = append(problems, fmt.Sprintf("--proxies %s: anybody's X-Forwarded-For is believed, so that failed sign-ins count against whomever they name; name the proxy's own address, or the network that only proxies are in", p))
		}
	}
	if c.Metrics != "" && len(c.Metrics) < 16 {
		problems = append(problems, "--metrics: a token of fewer than 16 characters can be guessed")
	}
	return problems
}

// inside are the networks that nobody reaches from elsewhere.
var inside = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"),
}

// wide reports whether a network holds more public addresses than any fleet of proxies has: the largest that the
// providers of such fleets publish are a /13, and a /29 of IPv6.
func wide(p netip.Prefix) bool {
	if slices.ContainsFunc(inside, func(i netip.Prefix) bool { return i.Bits() <= p.Bits() && i.Contains(p.Addr()) }) {
		return false
	}
	if p.Addr().Is4() {
		return p.Bits() < 12
	}
	return p.Bits() < 28
}

func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || host == "localhost" || err == nil && ip.IsLoopback()
}

func (c *configCheck) mailing() (problems []string) {
	switch u, err := url.Parse(c.SMTP); {
	case c.SMTP == "":
		problems = append(problems, "--smtp is not set: links to choose a password reach nobody")
	case err != nil:
		problems = append(problems, "--smtp cannot be read as the address of a mail server") // it may hold a password: it is not repeated
	case u.Scheme == "smtp" && u.User == nil && !local(u.Hostname()):
		problems = append(problems, fmt.Sprintf("--smtp: where %s offers no TLS, or somebody on the way says so, links to choose a password go there in the clear; use smtp+starttls:// or smtps://", u.Host))
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
	if keyValue.MatchString(c.DB) {
		return append(problems, "--db: settings written key=value are taken for the path of a SQLite file; write postgres://user@host/database?sslmode=verify-full")
	}
	if db.KindOf(c.DB) == db.SQLite {
		return append(problems, private(strings.TrimPrefix(c.DB, "sqlite:"), "--db", 0)...)
	}
	p, err := pgx.ParseConfig(c.DB)
	if err != nil {
		return append(problems, "--db cannot be read as the address of a PostgreSQL database") // it may hold a password: it is not repeated
	}
	lines := []*pgconn.FallbackConfig{{Host: p.Host, TLSConfig: p.TLSConfig}}
	for _, line := range append(lines, p.Fallbacks...) {
		if told := unproven(line); told != "" {
			problems = append(problems, told)
		}
	}
	return slices.Compact(problems)
}

// keyValue is PostgreSQL's other way to write where a database is.
var keyValue = regexp.MustCompile(`(^|\s)(host|hostaddr|user|dbname|password|sslmode)\s*=`)

// unproven tells what is wrong with one of the ways by which the database may be reached, "" where nothing is. A line
// with TLS that does not prove the server's name can be answered by anybody on the way, who then reads everything.
func unproven(line *pgconn.FallbackConfig) string {
	switch {
	case strings.HasPrefix(line.Host, "/") || local(line.Host):
		return ""
	case line.TLSConfig == nil:
		return fmt.Sprintf("--db: the line to %s may go without TLS; add sslmode=verify-full", line.Host)
	case line.TLSConfig.InsecureSkipVerify:
		return fmt.Sprintf("--db: the line to %s goes by TLS, but to whoever answers there; write sslmode=verify-full (and sslrootcert=FILE where the certificate is of an authority of your own)", line.Host)
	}
	return ""
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

// versions asks a bucket whether what is erased would stay in it as an older version. One that cannot be asked is no fault
// of the settings: that, and what is well, is seen.
func (c *configCheck) versions(ctx context.Context) (problems []string, seen string) {
	store, err := file.New(nil, c.Files)
	if err != nil || store.Bucket == nil {
		return nil, ""
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	kept, err := store.Bucket.Versions(ctx)
	switch {
	case file.Refused(err) && kept:
		return []string{"--files: the bucket keeps versions, and these keys may not remove them: what is erased stays there; allow them " + file.VersionRights}, ""
	case file.Refused(err):
		return []string{"--files: these keys may not ask whether the bucket keeps versions, in which what is erased would stay; allow them " + file.VersionRights}, ""
	case err != nil:
		return nil, fmt.Sprintf("--files: whether the bucket keeps versions could not be asked: %v", err)
	case kept:
		return nil, "--files: the bucket keeps versions, and these keys may remove them: what is erased goes with every version."
	}
	return nil, "--files: the bucket keeps no versions: what is erased is gone."
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
