// Package home is the first page of the public and the home page of everybody
// signed in: what waits for me, by when, and what moves without me.
package home

import (
	"context"
	"net/http"
	"sort"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/insight"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Item is one record that moves without the person.
type Item struct {
	Title, Href, Kind string
	Chip, State, Next string
}

// Waiter is a room that has something waiting for people.
type Waiter interface {
	Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error)
}

// Mover is a room with records of people that others work on now.
type Mover interface {
	Moving(ctx context.Context, a access.Actor) ([]Item, error)
}

// Pages are the first pages. Rooms are asked in order; internal/app fills them in.
type Pages struct {
	Calls  *call.Service
	Counts func(context.Context) (insight.Counts, error)
	Waits  []Waiter
	Moves  []Mover
}

// Front is the public first page.
func (p *Pages) Front(w http.ResponseWriter, r *http.Request) error {
	calls, total, err := p.Calls.List(r.Context(), access.Actor{}, call.Filter{Phase: call.IsOpen, Size: 6})
	if err != nil {
		return err
	}
	counts, err := p.Counts(r.Context())
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, frontPage(calls, total, counts))
}

// About is GET /about.
func (p *Pages) About(w http.ResponseWriter, r *http.Request) error { return words(w, r, "about", 4) }

// Help is GET /help.
func (p *Pages) Help(w http.ResponseWriter, r *http.Request) error { return words(w, r, "help", 5) }

// Accessibility is GET /accessibility.
func (p *Pages) Accessibility(w http.ResponseWriter, r *http.Request) error {
	return words(w, r, "accessibility", 3)
}

// Privacy is GET /privacy.
func (p *Pages) Privacy(w http.ResponseWriter, r *http.Request) error {
	return words(w, r, "privacy", 5)
}

// OpenData is GET /open-data.
func (p *Pages) OpenData(w http.ResponseWriter, r *http.Request) error {
	return shell.Render(w, r, http.StatusOK, dataPage())
}

// words draws a page that is only text: paragraphs home.<page>.1 to home.<page>.<n>.
func words(w http.ResponseWriter, r *http.Request, page string, n int) error {
	return shell.Render(w, r, http.StatusOK, wordsPage(page, n))
}

// Tasks is everything that waits for a, the most urgent first; what has no date comes last.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	var all []shell.Task
	for _, s := range p.Waits {
		tasks, err := s.Tasks(ctx, a)
		if err != nil {
			return nil, err
		}
		all = append(all, tasks...)
	}
	sort.SliceStable(all, func(i, j int) bool {
		a, b := all[i].Due, all[j].Due
		if a.IsZero() != b.IsZero() {
			return b.IsZero()
		}
		return a.Before(b)
	})
	return all, nil
}

// Mine is the home page of somebody signed in.
func (p *Pages) Mine(w http.ResponseWriter, r *http.Request) error {
	a := shell.Actor(r)
	tasks, err := p.Tasks(r.Context(), a)
	if err != nil {
		return err
	}
	v := shell.Of(r.Context())
	v.Waiting, v.Count = len(tasks), nil // just counted
	var moving []Item
	for _, s := range p.Moves {
		items, err := s.Moving(r.Context(), a)
		if err != nil {
			return err
		}
		moving = append(moving, items...)
	}
	return shell.Render(w, r, http.StatusOK, minePage(a, tasks, moving))
}
