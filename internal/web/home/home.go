// Package home is the first page of the public and the home page of everybody
// signed in: what waits for me, by when, and what moves without me.
package home

import (
	"context"
	"net/http"
	"sort"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Item is one record that moves without the person.
type Item struct {
	Title, Href, Kind string
	Chip, State, Next string
}

// Source is a room that has something waiting for people. Tasks lists what
// waits for the actor; Moving lists records of theirs that wait for others.
type Source interface {
	Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error)
	Moving(ctx context.Context, a access.Actor) ([]Item, error)
}

// Pages are the two home pages. Sources are asked in order; internal/app fills them in.
type Pages struct {
	Sources []Source
	// Front draws the public first page.
	Public shell.Handler
}

// Front is the public first page.
func (p *Pages) Front(w http.ResponseWriter, r *http.Request) error { return p.Public(w, r) }

// Tasks is everything that waits for a, the most urgent first; what has no date comes last.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	var all []shell.Task
	for _, s := range p.Sources {
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
	var moving []Item
	for _, s := range p.Sources {
		items, err := s.Moving(r.Context(), a)
		if err != nil {
			return err
		}
		moving = append(moving, items...)
	}
	return shell.Render(w, r, http.StatusOK, minePage(a, tasks, moving))
}
