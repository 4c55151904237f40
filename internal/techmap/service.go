package techmap

import (
	"context"
	"io"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// Service is the only way to technology maps.
type Service struct {
	DB       *db.DB
	Ledger   *ledger.Ledger
	Register *register.Service
	Strategy *strategy.Service
	Below    Follower

	memory memory
}

// Maps lists the maps that a may see, the newest first.
func (s *Service) Maps(ctx context.Context, a access.Actor) ([]View, error) {
	all, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	in, err := s.admittedTo(ctx, a)
	if err != nil {
		return nil, err
	}
	var list []View
	for _, m := range all {
		if !in.may(a, m) {
			continue
		}
		v, err := s.view(ctx, a, m, time.Time{}, in[m.ID])
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// Map is one map as known at an instant, the zero time for now, as far as a may see it.
// Errors: NotFound also for a map that a may not know of.
func (s *Service) Map(ctx context.Context, a access.Actor, id string, at time.Time) (View, error) {
	m, err := s.mapByID(ctx, id)
	if err != nil {
		return View{}, err
	}
	in, err := s.admittedTo(ctx, a)
	if err != nil {
		return View{}, err
	}
	if !in.may(a, m) {
		return View{}, fault.Missing()
	}
	return s.view(ctx, a, m, at, in[m.ID])
}

// Create begins a map, a draft unless in says otherwise. Officers and analysts of the agency.
func (s *Service) Create(ctx context.Context, a access.Actor, in MapInput) (Map, error) {
	m := Map{AgencyID: in.AgencyID, Version: 1}
	if err := rules.Check(a, "techmap.write", m.set(a), access.Public); err != nil {
		return m, err
	}
	if err := in.apply(&m, &Graph{}); err != nil {
		return m, err
	}
	if err := s.knownAgency(ctx, in.AgencyID); err != nil {
		return m, err
	}
	err := work.Do(ctx, s.DB, func(ctx context.Context) (err error) {
		if m.Number, err = number.Next(ctx, s.DB, "T"); err != nil {
			return err
		}
		m.ID, m.Created = clock.ID(ctx), clock.Now(ctx)
		if err := s.insertMap(ctx, m); err != nil {
			return err
		}
		return s.note(ctx, a, "techmap.create", m, map[string]string{"number": m.Number})
	})
	return m, err
}

// Update writes anew what a map asks; version is the one that the writer saw.
// Errors: Conflict for an old version.
func (s *Service) Update(ctx context.Context, a access.Actor, id string, version int64, in MapInput) (Map, error) {
	var m Map
	err := work.Do(ctx, s.DB, func(ctx context.Context) (err error) {
		var g *Graph
		if m, g, err = s.writable(ctx, a, id); err != nil {
			return err
		}
		if err := in.apply(&m, g); err != nil {
			return err
		}
		m.Version = version
		if err := s.updateMap(ctx, m); err != nil {
			return err
		}
		m.Version++
		return s.note(ctx, a, "techmap.edit", m, map[string]any{"home": m.Home, "goal": m.Goal, "threshold": m.Threshold, "state": m.State})
	})
	return m, err
}

// writable is a map and all that it says, for who may write it.
func (s *Service) writable(ctx context.Context, a access.Actor, id string) (Map, *Graph, error) {
	m, err := s.mapByID(ctx, id)
	if err != nil {
		return m, nil, err
	}
	if err := rules.Check(a, "techmap.write", m.set(a), m.seers()); err != nil {
		return m, nil, err
	}
	g, err := s.graph(ctx, id, time.Time{})
	return m, g, err
}

// Change makes changes to a map, all or none, in their order; each is kept with its author
// and the ledger has them all. A removed goal leaves the map without one.
// Errors: Invalid with every field at fault of the first change that cannot be made, Conflict
// where an item is at another version.
func (s *Service) Change(ctx context.Context, a access.Actor, id string, changes ...Change) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		m, before, err := s.writable(ctx, a, id)
		if err != nil {
			return err
		}
		after, err := before.with(changes)
		if err != nil {
			return err
		}
		return s.keep(ctx, a, m, before, after, a.Person)
	})
}

// Import takes the tables of Files into a map, or the one file that holds a whole map, all or none:
// what they name is added or written anew, what they leave out stays. It returns how many items were taken in.
// A file may be named as a download is, with the number of a map before it.
// Errors: Invalid, naming file, line and column, or the item, for the first that cannot be taken.
func (s *Service) Import(ctx context.Context, a access.Actor, id string, files map[string]io.Reader) (n int, err error) {
	if files, err = named(files); err != nil {
		return 0, err
	}
	if in := files[DocumentFile]; in != nil && len(files) == 1 {
		return s.importDocument(ctx, a, id, in)
	}
	return s.take(ctx, a, id, func(g *Graph) ([]Change, []*line, error) { return g.changes(files) })
}

// ImportBy takes tables that somebody else publishes into a map, as a layout says, with some of
// its choices turned. What it returns and refuses is as of Import.
func (s *Service) ImportBy(ctx context.Context, a access.Actor, id string, l *Layout, choices map[string]string, files map[string]io.Reader) (n int, err error) {
	c, err := l.with(choices)
	if err != nil {
		return 0, fault.New(fault.Invalid, "techmap.import.choice", err.Error())
	}
	return s.take(ctx, a, id, func(g *Graph) ([]Change, []*line, error) { return c.changes(g, files) })
}

// take makes the changes that rows of files ask for, and returns how many.
func (s *Service) take(ctx context.Context, a access.Actor, id string, read func(*Graph) ([]Change, []*line, error)) (n int, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		m, before, err := s.writable(ctx, a, id)
		if err != nil {
			return err
		}
		changes, from, err := read(before)
		if err != nil {
			return err
		}
		after := before.clone()
		for i, c := range changes {
			if err := after.apply(c); err != nil {
				return from[i].refused(err)
			}
		}
		n = len(changes)
		return s.keep(ctx, a, m, before, after, a.Person)
	})
	return n, err
}

// keep writes what differs between two graphs of a map, as of its author.
func (s *Service) keep(ctx context.Context, a access.Actor, m Map, before, after *Graph, author string) error {
	list := Differences(before, after)
	for _, d := range list {
		if err := s.write(ctx, m.ID, d, author); err != nil {
			return err
		}
	}
	if _, ok := after.Node(m.Goal); !ok && m.Goal != "" {
		m.Goal = ""
		if err := s.updateMap(ctx, m); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		return nil
	}
	return s.note(ctx, a, "techmap.change", m, list)
}

func (s *Service) note(ctx context.Context, a access.Actor, act string, m Map, what any) error {
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: "techmap", ID: m.ID, Agency: m.AgencyID, Payload: what})
	return err
}

func (s *Service) knownAgency(ctx context.Context, id string) error {
	all, err := s.Register.Agencies(ctx)
	if err != nil {
		return err
	}
	for _, g := range all {
		if g.ID == id {
			return nil
		}
	}
	return fault.Field("agency", "fault.choice")
}
