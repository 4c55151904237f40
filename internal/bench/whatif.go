package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/techmap/sector"
)

// WhatIf asks a technology map what if as its analyst does: the whole page each time, over HTTP
// from a server of its own, always with assumptions that were not asked before.
type WhatIf struct {
	DB               string // postgres://… of an empty database; "" for SQLite in a temporary folder
	Program          string
	Nodes, Providers int
	Times            int // pages
	Log              io.Writer
}

// WhatIfFigures is how the pages came. Times are as the analyst saw them, in milliseconds.
type WhatIfFigures struct {
	Nodes     int     `json:"nodes"`
	Providers int     `json:"providers"`
	Pages     int     `json:"pages"`
	P50       float64 `json:"p50_ms"`
	P95       float64 `json:"p95_ms"`
	Worst     float64 `json:"worst_ms"`
	Processor float64 `json:"server_processor_ms"` // of the server for each page, all its threads
	Bytes     int     `json:"bytes"`               // of the last page
	Database  string  `json:"database"`
}

// Run makes the demonstration's country with the map, starts the server, and asks.
func (b WhatIf) Run(ctx context.Context) (f WhatIfFigures, err error) {
	f = WhatIfFigures{Nodes: b.Nodes, Providers: b.Providers, Pages: b.Times}
	place, err := newScratch("whatif", b.DB)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, place.remove()) }()
	f.Database = place.kind
	page, secret, err := b.make(ctx, place)
	if err != nil {
		return f, err
	}
	server, err := startServer(ctx, setting{program: b.Program, db: place.db, files: place.files, name: demo.Name, log: b.Log})
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	return f, b.ask(server, page, secret, &f)
}

// make is the country with the map, and an analyst of the agency that keeps it, signed in.
func (b WhatIf) make(ctx context.Context, place scratch) (page, secret string, err error) {
	err = place.country(ctx, func(a *app.App) error {
		agencies, err := a.Register.Agencies(ctx)
		if err != nil {
			return err
		}
		m, err := b.draw(ctx, a, agencies[0].ID)
		if err != nil {
			return err
		}
		page = "/maps/" + m.ID
		secret, err = hire(ctx, a, access.Analyst, agencies[0].ID)
		return err
	})
	return page, secret, err
}

// linked is how many nodes an award is linked to.
const linked = 10

// draw puts the map into the country, with awards at some of its nodes.
func (b WhatIf) draw(ctx context.Context, a *app.App, agency string) (techmap.Map, error) {
	v := sector.Map(b.Nodes, b.Providers)
	in := techmap.MapInput{AgencyID: agency, Title: v.Title, Home: v.Home, Threshold: v.Threshold, State: techmap.Internal}
	m, err := a.Maps.Create(ctx, access.System, in)
	if err != nil {
		return m, err
	}
	if err := a.Maps.Change(ctx, access.System, m.ID, sector.Changes(v.Graph)...); err != nil {
		return m, err
	}
	in.Goal = v.Goal
	if m, err = a.Maps.Update(ctx, access.System, m.ID, m.Version, in); err != nil {
		return m, err
	}
	awards, err := a.Awards.Find(ctx, award.Filter{Size: linked})
	for i, w := range awards.List {
		if err := a.Maps.Link(ctx, access.System, m.ID, v.Graph.Nodes[i*b.Nodes/linked].ID, "award", w.ID); err != nil {
			return m, err
		}
	}
	return m, err
}

// ask opens the page with one assumption after the other, a few first that do not count.
func (b WhatIf) ask(s *server, page, secret string, f *WhatIfFigures) error {
	const first = 20
	c := &conn{address: s.address}
	var took []time.Duration
	var before time.Duration
	for i := range first + b.Times {
		if i == first {
			var err error
			if before, err = s.processor(); err != nil {
				return err
			}
		}
		began := time.Now()
		status, size, err := c.get(page+"?"+b.assumed(i), secret)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("the page answered %d", status)
		}
		if err != nil {
			return errors.Join(err, c.close())
		}
		f.Bytes = size
		if i >= first {
			took = append(took, time.Since(began))
		}
	}
	after, err := s.processor()
	f.Processor = float64((after - before).Microseconds()) / 1000 / float64(b.Times)
	f.P50, f.P95, f.Worst = at(took, 0.50), at(took, 0.95), at(took, 1)
	return errors.Join(err, c.close())
}

// assumed is what the i-th page assumes: each layer in turn, a threshold from 10 to 90 %, and
// that home supplies more of another node each time.
func (b WhatIf) assumed(i int) string {
	return url.Values{"layer": {techmap.Layers[i%len(techmap.Layers)]}, "t": {fmt.Sprint(10 + 5*(i%17))}, "grow": {fmt.Sprintf("n%03d", i%b.Nodes)}, "share": {fmt.Sprint(20 + i%61)}}.Encode()
}
