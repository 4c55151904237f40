package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/headwater-platform/headwater/internal/api"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/web"
	"github.com/headwater-platform/headwater/internal/web/home"
)

// App is a running installation.
type App struct {
	Config Config
	DB     *db.DB

	Handler http.Handler
	Web     *web.Server
	API     *api.API
}

// Open opens the database, brings its schema up to date and makes the rooms.
// Close it when done.
func Open(ctx context.Context, c Config) (*App, error) {
	zone, err := c.zone()
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", c.Zone, err)
	}
	d, err := db.Open(ctx, c.Database, db.Options{Relaxed: c.Relaxed})
	if err != nil {
		return nil, err
	}
	a := &App{Config: c, DB: d}
	if err := db.Migrate(ctx, d); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	a.API = api.New(a.services(), a.apiActor, c.Clock)
	a.Web = &web.Server{Pages: a.pages(), Country: c.Country, Zone: zone, Demo: c.Demo, Clock: c.Clock, Session: a.session, API: a.API}
	a.Handler = a.Web.Handler()
	return a, nil
}

// Close stops what runs in the background and closes the database.
func (a *App) Close() error { return a.DB.Close() }

// services are what the API's operations call.
func (a *App) services() api.Services { return api.Services{} }

// pages are the rooms' pages.
func (a *App) pages() web.Pages {
	return web.Pages{Home: &home.Pages{}}
}

func (a *App) session(*http.Request) (access.Actor, web.Settings, error) {
	return access.Actor{}, web.Settings{}, nil
}

func (a *App) apiActor(*http.Request) (access.Actor, error) { return access.Actor{}, nil }
