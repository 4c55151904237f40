package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
)

type serveCommand struct {
	database
	Listen  string `help:"Address to listen on." env:"HEADWATER_LISTEN" default:"127.0.0.1:8080"`
	Address string `help:"Public address, for links in mails." env:"HEADWATER_ADDRESS" default:"http://127.0.0.1:8080"`
	Files   string `help:"Folder of uploaded files." env:"HEADWATER_FILES" default:"headwater-files"`
	Country string `help:"Name of the installation, shown in the head of each page." env:"HEADWATER_NAME" default:""`
	Zone    string `help:"IANA time zone of the installation." env:"HEADWATER_ZONE" default:"UTC"`
	SMTP    string `help:"Mail server: smtp://user:password@host:port. Without one, mails stay in the outbox." env:"HEADWATER_SMTP"`
	From    string `help:"Sender of mails." env:"HEADWATER_FROM" default:"headwater@localhost"`
	Metrics string `help:"Bearer token for /metrics; without one only this machine may read it." env:"HEADWATER_METRICS_TOKEN"`
}

func (c *serveCommand) Run(ctx context.Context, s streams) error {
	a, err := app.Open(ctx, app.Config{Database: c.DB, Files: c.Files, Address: c.Address, Country: c.Country, Zone: c.Zone, SMTP: c.SMTP, From: c.From, MetricsToken: c.Metrics})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	fmt.Fprintf(s.out, "Headwater listens on http://%s\n", l.Addr())
	return errors.Join(serve(ctx, l, a.Handler), a.Close())
}

// serve answers on l until ctx ends, then lets requests that run finish.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	quiet, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	err := server.Shutdown(quiet)
	if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}
