package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/engine/expertise"
	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/arrival"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/schemes"
)

type serveCommand struct {
	database
	Listen  string `help:"Address to listen on." env:"HEADWATER_LISTEN" default:"127.0.0.1:8080"`
	Address string `help:"Public address, for links in mails." env:"HEADWATER_ADDRESS" default:"http://127.0.0.1:8080"`
	Files   string `help:"Uploaded files: a folder, or s3+https://host:port/bucket (keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in the file that AWS_SHARED_CREDENTIALS_FILE names)." env:"HEADWATER_FILES" default:"headwater-files"`
	Scan    string `help:"ClamAV's daemon, which looks at each upload: unix:/run/clamav/clamd.ctl or tcp:host:port. Without it uploads are not scanned." env:"HEADWATER_SCAN"`
	Country string `help:"Name of the installation, shown in the head of each page: one name, or one a language, as {\"en\": \"…\", \"zh\": \"…\"}." env:"HEADWATER_NAME" default:""`
	Zone    string `help:"IANA time zone of the installation." env:"HEADWATER_ZONE" default:"UTC"`
	SMTP    string `help:"Mail server: smtp+starttls://host:port (never without TLS), smtps://… (TLS from the first byte) or smtp://… (TLS if it offers it). With user:password@ before the host by the variable only, or in the file that HEADWATER_SMTP_FILE names. Without one, mails stay in the outbox." env:"HEADWATER_SMTP"`
	From    string `help:"Sender of mails." env:"HEADWATER_FROM" default:"headwater@localhost"`

	Providers string         `help:"File (YAML) that lists other ways to sign in, by OpenID Connect." env:"HEADWATER_PROVIDERS" type:"existingfile"`
	Proxies   []netip.Prefix `help:"Networks of proxies whose X-Forwarded-For is believed: 10.0.0.0/8,…" env:"HEADWATER_PROXIES"`
	Reach     []netip.Prefix `help:"Networks inside that the server may be led to when it fetches an address: a sign-in provider of the house, say. Without them, only the public internet: 10.2.0.0/16,…" env:"HEADWATER_REACH"`
	Second    []string       `help:"Roles that hold only in a session with a second factor: officer,decider,admin,…" name:"second-factor" env:"HEADWATER_SECOND_FACTOR"`
	embedding

	ReadOnly bool          `help:"Answer readings from a standby of PostgreSQL that follows another server: nothing is written, and what would be is answered with 503." env:"HEADWATER_READ_ONLY"`
	NoJobs   bool          `help:"Answer requests only: mails and other jobs are left to another server on the same database." env:"HEADWATER_NO_JOBS"`
	Drain    time.Duration `help:"How long a server that was asked to stop goes on answering while /readyz says no: longer than a load balancer takes to notice." env:"HEADWATER_DRAIN" default:"0s"`
	Profile  string        `help:"File for a CPU profile, written at the end." env:"HEADWATER_PROFILE"`
	Metrics  string        `help:"Bearer token for /metrics: by the variable only, or in the file that HEADWATER_METRICS_TOKEN_FILE names. Without one only this machine may read it." env:"HEADWATER_METRICS_TOKEN"`
}

func (c *serveCommand) Run(ctx context.Context, s streams) (err error) {
	if c.Profile != "" {
		f, err := os.Create(c.Profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return errors.Join(err, f.Close())
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, f.Close())
		}()
	}
	ours := os.Getenv("GOGC") == ""
	if ours {
		debug.SetGCPercent(startPercent)
	}
	settings, err := c.settings()
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, settings)
	if err != nil {
		return err
	}
	if !c.ReadOnly {
		if err := a.Schemes.Ship(ctx, schemes.Files); err != nil {
			return errors.Join(err, a.Close())
		}
		a.Files.Prepare()
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	lang.Prepare()
	debug.FreeOSMemory()
	debug.FreeOSMemory() // what lay in pools outlives the first
	if ours {
		go newCollecting().run(ctx)
	}
	fmt.Fprintf(s.out, "Headwater listens on http://%s\n", l.Addr())
	return errors.Join(serving{a.Handler, a.Leave, c.Drain}.serve(ctx, l), a.Close())
}

// settings are those of the installation, with what files hold that the flags name.
func (c *serveCommand) settings() (app.Config, error) {
	providers, err := c.providers()
	if err != nil {
		return app.Config{}, err
	}
	second, err := c.secondFactor()
	if err != nil {
		return app.Config{}, err
	}
	keys, err := c.keys()
	if err != nil {
		return app.Config{}, err
	}
	service, err := c.service(c.Reach)
	if err != nil {
		return app.Config{}, err
	}
	var embedder expertise.Embedder
	if service != nil {
		embedder = service
	}
	return app.Config{Embedder: embedder, EmbedShare: c.Share, Providers: providers, Keys: keys, Proxies: c.Proxies, Reach: c.Reach, SecondFactor: second, Database: c.DB, Files: c.Files, Scan: c.Scan, Address: c.Address, Country: c.Country, Zone: c.Zone, SMTP: c.SMTP, From: c.From, NoJobs: c.NoJobs, ReadOnly: c.ReadOnly, MetricsToken: c.Metrics}, nil
}

// providers reads the file of other ways to sign in.
func (c *serveCommand) providers() ([]account.Provider, error) {
	if c.Providers == "" {
		return nil, nil
	}
	f, err := os.Open(c.Providers)
	if err != nil {
		return nil, err
	}
	list, err := account.ReadProviders(f, os.Getenv)
	return list, errors.Join(err, f.Close())
}

// secondFactor are the roles that --second-factor names.
func (c *serveCommand) secondFactor() ([]access.Role, error) {
	var list []access.Role
	for _, name := range c.Second {
		if !slices.Contains(access.Roles, access.Role(name)) {
			return nil, fmt.Errorf("--second-factor %s: there is no such role; take some of %q", name, access.Roles)
		}
		list = append(list, access.Role(name))
	}
	return list, nil
}

// slowest is how long a request may take to arrive: the largest upload over a line of 1 Mbit/s, and some.
const slowest = 15 * time.Minute

// largestHeader is how many bytes a request's line and headers may have, some 4 KB more than said.
const largestHeader = 64 << 10

// ending is how long requests that run when the last new one was taken have to end.
const ending = time.Minute

// serving is what answers, and how it stops.
type serving struct {
	http.Handler
	leave func()        // called when it is asked to stop: has whoever spreads requests spread them elsewhere; nil where nobody does
	drain time.Duration // how long it goes on as before then
}

// serve answers on l until ctx ends, and drain longer; then no new connection is taken, and requests that run finish.
// Each answer since ctx ended is the last on its connection, so that no request is sent on one that is about to be closed.
func (s serving) serve(ctx context.Context, l net.Listener) error {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ctx.Err() != nil {
			w.Header().Set("Connection", "close")
		}
		s.ServeHTTP(w, r)
	})
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: largestHeader, ReadTimeout: slowest, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(arrival.Watch(server, patient{l})) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	if s.leave != nil {
		s.leave()
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(s.drain):
	}
	quiet, cancel := context.WithTimeout(context.WithoutCancel(ctx), ending)
	defer cancel()
	err := server.Shutdown(quiet)
	if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}
