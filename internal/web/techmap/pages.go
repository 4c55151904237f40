// Package techmap is the pages of technology maps: the drawing with what stops its goal,
// the nodes with their providers, and the forms by which a map is written.
package techmap

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the pages of technology maps.
type Pages struct {
	Maps     *techmap.Service
	Register *register.Service
	Strategy *strategy.Service
}

// List is GET /maps.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Maps.Maps(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	var lines []line
	for _, v := range list {
		l := line{View: v}
		if v.Goal != "" {
			a, err := v.Ask(r.Context(), techmap.Assumptions{})
			if _, refused := shell.Refused(err); refused {
				lines = append(lines, l)
				continue
			}
			if err != nil {
				return err
			}
			l.answer = &a
		}
		lines = append(lines, l)
	}
	return shell.Render(w, r, http.StatusOK, listPage(lines, strings.TrimSpace(r.URL.Query().Get("q"))))
}

// line is a map in the list, with its answer where it has a goal.
type line struct {
	techmap.View
	answer *techmap.Answer
}

// view is the map of the address, as known on the day that the query asks for.
func (p *Pages) view(r *http.Request) (techmap.View, error) {
	at, _ := shell.DayEnd(r.Context(), r.URL.Query().Get("as"))
	if at.After(shell.Of(r.Context()).Now) {
		at = time.Time{}
	}
	return p.Maps.Map(r.Context(), shell.Actor(r), r.PathValue("id"), at)
}

// writable is the map of the address for who may write it.
func (p *Pages) writable(r *http.Request) (techmap.View, error) {
	v, err := p.Maps.Map(r.Context(), shell.Actor(r), r.PathValue("id"), time.Time{})
	if err == nil && !v.MayWrite {
		err = fault.New(fault.NotAllowed, "fault.denied")
	}
	return v, err
}

// Show is GET /maps/{id}: the drawing and what stops the goal, as the query assumes.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	underway, err := p.Maps.Underway(r.Context(), shell.Actor(r), v)
	if err != nil {
		return err
	}
	s, err := newSheet(r.Context(), v, wishOf(r.URL.Query()), underway)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, mapPage(s))
}

// sheet is what the page of a map shows.
type sheet struct {
	techmap.View
	wish     wish
	refusal  shell.Refusal
	answer   *techmap.Answer // nil where there is no goal, or the assumptions were refused
	base     *techmap.Answer // without assumptions, where there are any
	underway techmap.Underway
	frame    frame
	drawing  string
}

// newSheet asks a map as wished and draws it.
func newSheet(ctx context.Context, v techmap.View, w wish, underway techmap.Underway) (sheet, error) {
	s := sheet{View: v, wish: w, underway: underway}
	s.frame = w.frame(v)
	d := drawing{view: v, graph: s.frame.of(v.Graph), home: v.Home, zoom: s.frame.zoom(), focused: s.frame.node, active: activeCounts(s.underway)}
	if v.Goal != "" {
		if err := s.ask(ctx); err != nil {
			return s, err
		}
	}
	if s.answer != nil {
		d.home = s.answer.Home
		d.finds, d.hot = marks(*s.answer)
	}
	s.drawing = d.svg(ctx)
	return s, nil
}

// ask answers the map as wished and, where anything is assumed, besides without it, both at once.
func (s *sheet) ask(ctx context.Context) error {
	var group errgroup.Group
	if s.wish.turned() {
		group.Go(func() error {
			base, err := s.Ask(ctx, techmap.Assumptions{Layer: s.wish.Layer})
			if err == nil {
				s.base = &base
			}
			return err
		})
	}
	a, err := s.Ask(ctx, s.wish.Assumptions)
	baseErr := group.Wait()
	refusal, refused := shell.Refused(err)
	if refused {
		s.refusal, s.base = refusal, nil
		return nil
	}
	s.answer = &a
	return errors.Join(err, baseErr)
}

// marks are the nodes whose supply is a single point, and the ways from the certain ones to the goal.
func marks(a techmap.Answer) (map[string]mark, map[[2]string]bool) {
	finds, hot := map[string]mark{}, map[[2]string]bool{}
	for _, f := range a.Singles() {
		m := possible
		if f.Certain() {
			m = single
			for way := range a.Ways(f) {
				hot[way] = true
			}
		}
		for _, id := range f.Broken {
			finds[id] = max(finds[id], m)
		}
	}
	return finds, hot
}

// Node is GET /maps/{id}/nodes/{node}.
func (p *Pages) Node(w http.ResponseWriter, r *http.Request) error {
	return p.node(w, r, http.StatusOK, shell.Refusal{}, "")
}

func (p *Pages) node(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, address string) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	n, ok := v.Graph.Node(r.PathValue("node"))
	if !ok {
		return fault.Missing()
	}
	s := nodeSheet{View: v, node: n, refusal: refusal, address: address}
	all, err := p.Maps.Underway(r.Context(), shell.Actor(r), v)
	if err != nil {
		return err
	}
	s.underway = all[n.ID]
	if s.outcomes, err = p.Maps.Outcomes(r.Context(), shell.Actor(r), v); err != nil {
		return err
	}
	s.outcomes = slices.DeleteFunc(s.outcomes, func(o techmap.Outcome) bool { return !o.Touches(n.ID) })
	d := drawing{view: v, home: v.Home, focused: n.ID, graph: v.Graph.Around(n.ID, 1), active: activeCounts(all), zoom: 1}
	if v.Goal != "" {
		a, err := v.Ask(r.Context(), techmap.Assumptions{})
		if _, refused := shell.Refused(err); err != nil && !refused {
			return err
		}
		if err == nil {
			d.finds, d.hot = marks(a)
			s.mark = d.finds[n.ID]
		}
	}
	s.drawing = d.svg(r.Context())
	if s.names, err = p.authors(r, s); err != nil {
		return err
	}
	return shell.Render(w, r, status, nodePage(s))
}

// nodeSheet is what the page of a node shows.
type nodeSheet struct {
	techmap.View
	node     techmap.Node
	mark     mark
	names    map[string]string // of who wrote what stands here, by key; none for who may not know
	drawing  string
	underway []techmap.Trace
	outcomes []techmap.Outcome // what awards and results changed here
	refusal  shell.Refusal
	address  string // as typed
}

// maySuggest says whether the viewer may suggest changes here: who may write the map changes it.
func (s nodeSheet) maySuggest(ctx context.Context) bool {
	return !s.MayWrite && !shell.Of(ctx).Actor.Public()
}

// authors are the names of who wrote a node and its shares; who does not keep the map is told none.
func (p *Pages) authors(r *http.Request, s nodeSheet) (map[string]string, error) {
	if !s.Keeps {
		return nil, nil
	}
	people := []string{s.node.Author}
	for _, x := range s.Graph.SharesOf(s.node.ID) {
		people = append(people, x.Author)
	}
	return p.Register.Names(r.Context(), people, nil)
}

// Providers is GET /maps/{id}/providers.
func (p *Pages) Providers(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, providersPage(v))
}

// own is the agencies whose maps the viewer may write.
func (p *Pages) own(r *http.Request) ([]shell.Option, error) {
	all, err := p.Register.Agencies(r.Context())
	var list []shell.Option
	for _, g := range all {
		a := shell.Actor(r)
		if a.Has(access.Officer, access.Agency(g.ID)) || a.Has(access.Analyst, access.Agency(g.ID)) {
			list = append(list, shell.Option{Value: g.ID, Label: shell.Say(r.Context(), g.Name)})
		}
	}
	return list, err
}
