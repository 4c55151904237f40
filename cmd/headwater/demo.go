package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/clock"
)

type demoCommand struct {
	DB     string `help:"Empty database to make the country in: path of a SQLite file, or postgres://… Without it: a file in a temporary folder." name:"db"`
	Folder string `help:"Folder for database and files. Without it: a temporary one, removed at the end."`
	Listen string `help:"Address to listen on; the next free port is taken where it is in use." default:"127.0.0.1:8080"`
	Walk   bool   `help:"Drive the whole loop over HTTP as the people of the country, print each step with its time, and end."`
}

func (c *demoCommand) Run(ctx context.Context, s streams) (err error) {
	folder := c.Folder
	if folder == "" {
		if folder, err = os.MkdirTemp("", "headwater-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	url := c.DB
	if url == "" {
		url = filepath.Join(folder, "aldermere.db")
	}
	l, err := listen(c.Listen)
	if err != nil {
		return err
	}
	began := time.Now()
	shifted := &clock.Shifted{}
	a, err := app.Open(ctx, app.Config{Clock: shifted.Source(), Database: url, Files: filepath.Join(folder, "files"), Address: "http://" + l.Addr().String(),
		Country: demo.Names, Zone: demo.Zone, Demo: true, Relaxed: true})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := demo.Make(ctx, a); err != nil {
		return errors.Join(fmt.Errorf("making the country: %w", err), l.Close())
	}
	fmt.Fprintf(s.out, "The %s is made (%.1f s).\n", demo.Name, time.Since(began).Seconds())
	if c.Walk {
		return c.walk(ctx, s, l, a, shifted)
	}
	fmt.Fprintf(s.out, "\n  Open http://%s/demo and choose who you want to be.\n\nEverybody in it is invented. Stop with Ctrl+C.\n", l.Addr())
	return serving{Handler: a.Handler}.serve(ctx, l)
}

func (c *demoCommand) walk(ctx context.Context, s streams, l net.Listener, a *app.App, shifted *clock.Shifted) error {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- serving{Handler: a.Handler}.serve(ctx, l) }()
	err := demo.Walk(ctx, "http://"+l.Addr().String(), shifted.Advance, s.out)
	stop()
	return errors.Join(err, <-ended)
}

// listen takes the address, or any free port of its host where it is in use.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	host, _, splitErr := net.SplitHostPort(address)
	if splitErr != nil {
		return nil, err
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}
