package techmap

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// DocumentFile is a whole map in one file.
const DocumentFile = "map.json"

// Document is all that a map says to a viewer: besides what its tables hold, how it is read, its
// scenarios and options, and which organisation a provider is.
type Document struct {
	Number    string     `json:"number,omitempty"`
	Title     lang.Text  `json:"title"`
	Summary   lang.Text  `json:"summary"`
	Home      string     `json:"home"`
	Goal      string     `json:"goal,omitempty"`
	Threshold float64    `json:"threshold"`
	Nodes     []Node     `json:"nodes"`
	Providers []Provider `json:"providers"`
	Gates     []Gate     `json:"gates"`
	Shares    []Share    `json:"shares"`
	Tracks    []Track    `json:"tracks"`
	Scenarios []Scenario `json:"scenarios"`
	Options   []Option   `json:"options"`
}

// Document is the map as it is seen.
func (v View) Document() Document {
	g := v.Graph
	return Document{v.Number, v.Title, v.Summary, v.Home, v.Goal, v.Threshold, listed(g.Nodes), listed(g.Providers), listed(g.Gates), listed(g.Shares), listed(g.Tracks), listed(g.Scenarios), listed(g.Options)}
}

// listed writes a list of nothing always alike: whether something sealed was left out of it must not show.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// readDocument reads a document. Errors: Invalid, with the place at which it is none.
func readDocument(in io.Reader) (d Document, err error) {
	read := json.NewDecoder(in)
	read.DisallowUnknownFields()
	if err = read.Decode(&d); err == nil {
		if _, more := read.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the end of the map")
		}
	}
	if err != nil {
		return d, fault.New(fault.Invalid, "techmap.import.json", DocumentFile, read.InputOffset(), err.Error()).Because(err)
	}
	return d, nil
}

// changes are what the document changes of a graph, what is named before what names it: what it
// holds is added or written anew, what it leaves out stays.
func (d Document) changes(g *Graph) (list []Change, from []*line, err error) {
	list = slices.Concat(
		changesOf(d.Nodes, func(x *Node) Change { return Change{Node: x} }),
		changesOf(d.Providers, func(x *Provider) Change { return Change{Provider: x} }),
		changesOf(d.Gates, func(x *Gate) Change { return Change{Gate: x} }),
		changesOf(d.Shares, func(x *Share) Change { return Change{Share: x} }),
		changesOf(d.Tracks, func(x *Track) Change { return Change{Track: x} }),
		changesOf(d.Scenarios, func(x *Scenario) Change { return Change{Scenario: x} }),
		changesOf(d.Options, func(x *Option) Change { return Change{Option: x} }))
	for i := range list {
		r, err := list[i].ref()
		if err != nil {
			return nil, nil, err
		}
		list[i].Version, _ = g.Version(r)
		from = append(from, &line{file: DocumentFile, item: r})
	}
	return list, from, nil
}

func changesOf[T any](items []T, change func(*T) Change) (list []Change) {
	for i := range items {
		list = append(list, change(&items[i]))
	}
	return list
}

// importDocument takes a document into a map, all or none. A map without nodes is from then on read
// as the document is: its goal, its home, its threshold, and its summary where the map has none.
// Title and state stay as they are.
func (s *Service) importDocument(ctx context.Context, a access.Actor, id string, in io.Reader) (n int, err error) {
	d, err := readDocument(in)
	if err != nil {
		return 0, err
	}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		_, before, err := s.writable(ctx, a, id)
		if err != nil {
			return err
		}
		if n, err = s.take(ctx, a, id, d.changes); err != nil || len(before.Nodes) > 0 {
			return err
		}
		return s.readAs(ctx, a, id, d)
	})
	return n, err
}

// readAs lets a map be read as a document is.
func (s *Service) readAs(ctx context.Context, a access.Actor, id string, d Document) error {
	m, err := s.mapByID(ctx, id)
	if err != nil {
		return err
	}
	to := MapInput{Title: m.Title, Summary: m.Summary, Home: d.Home, Goal: d.Goal, Threshold: d.Threshold, State: m.State}
	if to.Summary.Empty() {
		to.Summary = d.Summary
	}
	if _, err = s.Update(ctx, a, id, m.Version, to); fault.Is(err, fault.Invalid) {
		return (&line{file: DocumentFile, item: Ref{"map", d.Number}}).refused(err)
	}
	return err
}
