package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// Pages asks for the pages that people open most, many at once, of an
// installation with the demonstration's country in it.
type Pages struct {
	DB      string // postgres://… of an empty database; "" for SQLite in a temporary folder
	Program string
	Time    time.Duration // for each page
	Only    []string      // some of PageNames; none: all
	Rate    float64       // how many times a second each page is asked for; 0: by each person again as soon as it has come
	Log     io.Writer
}

// PageNames are the pages in the order in which they are asked for.
var PageNames = []string{"home", "form", "list", "submission"}

// PageFigures are how one page was answered.
type PageFigures struct {
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Processor float64 `json:"server_processor_ms"` // of the server for each answer, all its threads
	Bytes     int     `json:"bytes"`               // of one answer
	Failed    int     `json:"failed"`
}

// PagesFigures is what Pages found: by page, and the memory of the server at rest before the first.
type PagesFigures struct {
	Pages    map[string]PageFigures `json:"pages"`
	RestMB   float64                `json:"rest_mb"`
	FileMB   float64                `json:"rest_file_mb"` // of RestMB: pages of the program's file
	Database string                 `json:"database"`
}

const (
	visitors   = 16
	listed     = 1000 // proposals of the call whose list is asked for
	mostFiles  = 400  // submissions that can be had in a second: so many drafts are prepared
	searchWord = "stone"
)

// Sound reports whether every request was answered as it should be.
func (f PagesFigures) Sound() bool {
	for _, p := range f.Pages {
		if p.Failed > 0 {
			return false
		}
	}
	return true
}

// asks says whether a page is among those that are asked for.
func (b Pages) asks(name string) bool { return len(b.Only) == 0 || slices.Contains(b.Only, name) }

// files is how many drafts each visitor needs.
func (b Pages) files() int {
	if !b.asks("submission") {
		return 0
	}
	return int(math.Ceil(b.Time.Seconds() * mostFiles / visitors))
}

// Run makes the country, starts the server, and asks for each page in turn.
func (b Pages) Run(ctx context.Context) (f PagesFigures, err error) {
	place, err := newScratch("pages", b.DB)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, place.remove()) }()
	f.Database = place.kind
	var t town
	err = place.country(ctx, func(a *app.App) (err error) {
		t, err = makeTown(ctx, a, b.files())
		return err
	})
	if err != nil {
		return f, err
	}
	server, err := startServer(ctx, setting{program: b.Program, db: place.db, files: place.files, name: demo.Name, log: b.Log})
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	if f.RestMB, err = server.memory(); err != nil {
		return f, err
	}
	if f.FileMB, err = server.mapped(); err != nil {
		return f, err
	}
	list := "/calls/" + t.listOf + "/proposals"
	visits := map[string]visit{
		"home": reader(server, t.people, func(int, int) string { return "/home" }),
		"list": reader(server, t.people, func(_, k int) string {
			return []string{list, list + "?sort=title", list + "?q=" + searchWord, fmt.Sprintf("%s?page=%d", list, 1+k%20)}[k%4]
		}),
		"form":       reader(server, t.people, func(i, _ int) string { return "/proposals/" + t.people[i].proposal + "/parts/plan" }),
		"submission": submitter(server, t.drafts),
	}
	f.Pages = map[string]PageFigures{}
	for _, name := range PageNames {
		if !b.asks(name) {
			continue
		}
		if f.Pages[name], err = b.measure(server, visits[name]); err != nil {
			return f, err
		}
	}
	return f, nil
}

// town is a call with a long list, sixteen people who see that list and have a draft of their own,
// and drafts to submit.
type town struct {
	listOf string
	people []*applicant
	drafts [][]*applicant
}

// makeTown adds one to a country, with so many drafts for each.
func makeTown(ctx context.Context, a *app.App, files int) (t town, err error) {
	made, persons, err := ground(ctx, a, visitors*(1+files))
	if err != nil {
		return t, err
	}
	if err := long(ctx, a, made); err != nil {
		return t, err
	}
	t = town{listOf: made.ID}
	if files > 0 {
		t.drafts = make([][]*applicant, visitors)
	}
	for i, p := range persons {
		one, err := apply(ctx, a, made, p, i, true)
		if err != nil {
			return t, err
		}
		if i >= visitors {
			t.drafts[i%visitors] = append(t.drafts[i%visitors], one)
			continue
		}
		if err := a.Accounts.Grant(ctx, access.System, one.actor.Account, access.Grant{Role: access.Officer, Scope: access.Agency(made.AgencyID)}, time.Time{}); err != nil {
			return t, err
		}
		t.people = append(t.people, one)
	}
	_, err = a.Ledger.Sequence(ctx)
	return t, err
}

// long gives a call a list of submitted proposals.
func long(ctx context.Context, a *app.App, made call.Call) error {
	things := []string{"stone", "water", "grain", "light", "salt", "wind", "glass"}
	return work.Do(ctx, a.DB, func(ctx context.Context) error {
		for i := range listed {
			p := proposal.Proposal{ID: clock.ID(ctx), Number: fmt.Sprintf("P-1999-%04d", i), CallID: made.ID, AgencyID: made.AgencyID, SchemeVersionID: made.SchemeVersionID, State: proposal.Submitted,
				Stage: "full", Title: fmt.Sprintf("On %s and %s, part %d", things[i%7], things[i%5], i), Language: "en", Requested: money.Whole(int64(100+i)*1000, "EUR"), Months: 24,
				CreatedAt: clock.Now(ctx), SubmittedAt: clock.Now(ctx), Version: 1}
			if err := a.Proposals.TakeIn(ctx, p, nil, "proposal", nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// visit is what visitor i does at a pace; it notes how long each answer took, how large it was and whether it was right.
type visit func(i int, at *pace, note func(took time.Duration, size int, ok bool)) error

// reader asks for a page again and again.
func reader(server *server, people []*applicant, page func(i, k int) string) visit {
	return func(i int, at *pace, note func(time.Duration, int, bool)) error {
		c := &conn{address: server.address}
		for k := 0; ; k++ {
			began, more := at.next()
			if !more {
				return c.close()
			}
			status, size, err := c.get(page(i, k), people[i].secret)
			note(time.Since(began), size, err == nil && status == http.StatusOK)
		}
	}
}

// submitter hands in drafts with a PDF of 2 MB, one after the other.
func submitter(server *server, drafts [][]*applicant) visit {
	plans := make([][]byte, len(drafts)) // all before the first is timed: making them takes both cores for longer than handing one in
	for i := range plans {
		plans[i] = document(uint64(i), uploadBytes)
	}
	return func(i int, at *pace, note func(time.Duration, int, bool)) error {
		c := &conn{address: server.address}
		plan := plans[i]
		middle := plan[len(plan)/2:]
		for k, p := range drafts[i] {
			binary.BigEndian.PutUint64(middle, uint64(k)) // no two are equal
			began, more := at.next()
			if !more {
				break
			}
			err := p.handIn(c, plan)
			note(time.Since(began), len(plan), err == nil)
		}
		return c.close()
	}
}

// measure lets all visitors go at once.
func (b Pages) measure(server *server, visiting visit) (f PageFigures, err error) {
	before, err := server.processor()
	if err != nil {
		return f, err
	}
	var mu sync.Mutex
	var took []time.Duration
	began := time.Now()
	var group sync.WaitGroup
	for i := range visitors {
		group.Go(func() {
			err := visiting(i, newPace(began, b.Time, i, visitors, b.Rate), func(d time.Duration, size int, ok bool) {
				mu.Lock()
				defer mu.Unlock()
				if !ok {
					f.Failed++
					return
				}
				took, f.Bytes = append(took, d), size
			})
			if err != nil {
				mu.Lock()
				f.Failed++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	after, err := server.processor()
	f.PerSecond, f.P50, f.P99 = float64(len(took))/time.Since(began).Seconds(), at(took, 0.50), at(took, 0.99)
	f.Processor = float64((after - before).Microseconds()) / 1000 / float64(max(len(took), 1))
	return f, err
}
