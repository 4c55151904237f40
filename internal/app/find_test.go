package app_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/register"
)

// register of some awards: two funders, one of them without an agency here; one
// award is under embargo until tomorrow.
func (w *world) awards() {
	w.t.Helper()
	b := register.Batch{Organisations: []register.Organisation{{ID: "fund", Name: lang.In1("en", "Fund of the North"), Country: "ZZ"}}}
	w.must(w.Register.TakeIn(w.ctx, access.System, &b))
	agencies, err := w.Register.Agencies(w.ctx)
	w.must(err)
	w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
		var ids []string
		for i := range 60 {
			a := award.Award{ID: fmt.Sprintf("old%02d", i), Number: fmt.Sprintf("X-%02d", i), Title: lang.In1("en", []string{"Rivers under ice", "Glass that bends", "Songs of the river"}[i%3]),
				State: []string{award.Running, award.Ended}[i%2], Year: 2020 + i%4, PublicAt: clock.Now(w.ctx).Add(-time.Hour)}
			if i%5 == 0 {
				a.Funder = b.Organisations[0].ID
			} else {
				a.AgencyID = agencies[0].ID
			}
			if i == 59 {
				a.PublicAt = clock.Now(w.ctx).Add(24 * time.Hour)
			}
			if err := w.Awards.TakeIn(ctx, a, nil, nil); err != nil {
				return err
			}
			ids = append(ids, a.ID)
		}
		return w.Awards.Index(ctx, ids...)
	}))
}

// What pages list, downloads give and facets count is the same set, for every
// combination of a word, a funder, a state and a year.
func TestFindAwards(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.awards()
		whole, err := w.Awards.Find(w.ctx, award.Filter{Size: 100})
		w.must(err)
		if whole.Total != 59 || len(whole.List) != 59 || len(whole.Funders) != 2 || len(whole.States) != 2 {
			t.Fatalf("%d awards in %d lines, %d funders, %d states", whole.Total, len(whole.List), len(whole.Funders), len(whole.States))
		}
		for _, text := range []string{"", "river", "glass bends", "unheard"} {
			for _, funder := range []string{"", whole.Funders[0].ID, whole.Funders[1].ID} {
				for _, state := range []string{"", award.Running} {
					for _, year := range []int{0, 2021} {
						w.agrees(award.Filter{Text: text, Funder: funder, State: state, Year: year, Size: 7})
					}
				}
			}
		}
		w.now.Advance(48 * time.Hour)
		missing, err := w.Awards.Missing(w.ctx)
		if diff := cmp.Diff([]string{"old59"}, missing); err != nil || diff != "" {
			t.Errorf("after the embargo: %v %s", err, diff)
		}
	})
}

// TestResultsFollowTheirAward: a public result of an award that is not public, or has no day yet, is not found; one without an award is.
func TestResultsFollowTheirAward(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		now := clock.Now(w.ctx)
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			for id, public := range map[string]time.Time{"was": now.Add(-time.Hour), "will": now.Add(time.Hour), "never": {}} {
				a := award.Award{ID: id, Number: id, Title: lang.In1("en", id), State: award.Running, Year: 2020, Source: "old", PublicAt: public}
				if err := w.Awards.TakeIn(ctx, a, nil, nil); err != nil {
					return err
				}
				if err := w.Awards.TakeInResult(ctx, award.TakenResult{Result: award.Result{ID: "of " + id, AwardID: id, Kind: "data", Title: lang.In1("en", id)}}); err != nil {
					return err
				}
			}
			return w.Awards.TakeInResult(ctx, award.TakenResult{Result: award.Result{ID: "of none", Kind: "data", Title: lang.In1("en", "none")}})
		}))
		list, n, err := w.Awards.Results(w.ctx, "", "", 1, 10)
		if err != nil || n != 2 || len(list) != 2 || list[0].ID != "of none" || list[1].ID != "of was" {
			t.Errorf("found %d, %+v, %v; want those of none and of the public award", n, list, err)
		}
	})
}

// TestSlowReadersHoldNothing: more people than the database has connections are in the middle of a download, and take
// nothing more of it. Others are answered.
func TestSlowReadersHoldNothing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			a := award.Award{ID: "one", Number: "one", Title: lang.In1("en", "One"), State: award.Running, Year: 2020, Source: "old", PublicAt: clock.Now(ctx)}
			return errors.Join(w.Awards.TakeIn(ctx, a, nil, nil), w.Awards.Index(ctx, a.ID))
		}))
		ctx, cancel := context.WithTimeout(w.ctx, time.Minute) // else who waits for a connection waits for good
		defer cancel()
		const readers = 20
		reading := 0
		var read func(award.View) error
		read = func(award.View) error {
			if reading++; reading == readers {
				_, err := w.Awards.Find(ctx, award.Filter{Size: 1, Page: 1})
				return err
			}
			return w.Awards.Each(ctx, award.Filter{}, read)
		}
		w.must(w.Awards.Each(ctx, award.Filter{}, read))
		if reading != readers {
			w.t.Errorf("%d were reading at once, want %d", reading, readers)
		}
	})
}

func (w *world) agrees(f award.Filter) {
	w.t.Helper()
	var down []string
	years, states, funders := map[int]int{}, map[string]int{}, map[string]int{}
	w.must(w.Awards.Each(w.ctx, f, func(v award.View) error {
		down = append(down, v.ID)
		years[v.Year]++
		states[v.State]++
		funders[v.AgencyID+v.Funder]++
		return nil
	}))
	for _, sort := range []string{"", "-title"} {
		f.Sort = sort
		var paged []string
		for f.Page = 1; f.Page == 1 || len(paged) > (f.Page-1)*f.Size-1 && f.Page < 20; f.Page++ {
			found, err := w.Awards.Find(w.ctx, f)
			w.must(err)
			if found.Total != len(down) {
				w.t.Fatalf("%+v finds %d, gives %d", f, found.Total, len(down))
			}
			for _, v := range found.List {
				paged = append(paged, v.ID)
			}
			w.counts(f, found, years, states, funders)
		}
		if diff := cmp.Diff(down, paged, cmpopts.SortSlices(func(a, b string) bool { return a < b }), cmpopts.EquateEmpty()); diff != "" {
			w.t.Fatalf("%+v: %s", f, diff)
		}
	}
}

// counts checks the facets that are not chosen: chosen ones count what others would find.
func (w *world) counts(f award.Filter, found award.Found, years map[int]int, states, funders map[string]int) {
	w.t.Helper()
	if f.Year == 0 {
		if diff := cmp.Diff(years, found.Years); diff != "" {
			w.t.Fatalf("%+v years: %s", f, diff)
		}
	}
	for name, facet := range map[string]struct {
		chosen string
		want   map[string]int
		got    []award.Facet
	}{"states": {f.State, states, found.States}, "funders": {f.Funder, funders, found.Funders}} {
		got := map[string]int{}
		for _, v := range facet.got {
			got[v.ID] = v.N
		}
		if diff := cmp.Diff(facet.want, got); diff != "" && facet.chosen == "" {
			w.t.Fatalf("%+v %s: %s", f, name, diff)
		}
	}
}
