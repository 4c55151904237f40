package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

// Storm is a deadline evening: many applicants save all the time, some hand in at the end.
type Storm struct {
	DB          string // postgres://… of an empty database; "" for SQLite in a temporary folder
	Program     string // path of headwater itself
	Replicas    int    // processes that share the work, on PostgreSQL
	Rolling     bool   // while it blows, one replica after the other is stopped and another process takes its place
	Applicants  int
	Connections int
	Time        time.Duration
	Log         io.Writer // of the servers
}

// Figures are what a storm came to. Times are as the clients saw them, in milliseconds.
type Figures struct {
	Autosaves   float64 `json:"autosaves_per_second"`
	Submissions int     `json:"submissions"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	SubmitP99   float64 `json:"submit_p99_ms"`
	Lost        int     `json:"lost"`
	Failed      int     `json:"failed"` // requests that were refused or broken off
	Database    string  `json:"database"`
	Durability  string  `json:"durability"`
	Replicas    int     `json:"replicas"`
	Answered    []int64 `json:"answered,omitempty"` // Rolling: by each process, in the order in which they were started
}

// Sound reports whether nothing was lost, every request was answered as it should be, and no process that was there
// stood by.
func (f Figures) Sound() bool { return f.Lost+f.Failed == 0 && !slices.Contains(f.Answered, 0) }

const (
	submitters  = 100
	draftBytes  = 20_000
	uploadBytes = 2_000_000
	submitLast  = 4 * time.Second // before the end: when people hand in
)

// Run makes the applicants, starts the servers, lets the storm pass, and checks
// every answer that a client kept against the database.
func (s Storm) Run(ctx context.Context) (f Figures, err error) {
	place, err := newScratch("storm", s.DB)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, place.remove()) }()
	c := app.Config{Database: place.db, Files: place.files, Country: "Storm", Zone: "UTC"}
	people, err := makeField(ctx, c, s.Applicants, submitters)
	if err != nil {
		return f, fmt.Errorf("making the applicants: %w", err)
	}
	w := &weather{Storm: s}
	with := setting{program: s.Program, db: place.db, files: place.files, name: "Storm", log: s.Log}
	if s.Rolling {
		with.drain = drainFor
	}
	for range s.Replicas {
		one, err := startServer(ctx, with)
		if err != nil {
			return f, err
		}
		w.servers = append(w.servers, one)
	}
	if w.end = time.Now().Add(s.Time); s.Rolling {
		err = w.rolling(ctx, with, people)
	} else {
		w.blow(people)
	}
	for _, one := range w.servers {
		err = errors.Join(err, one.stop())
	}
	if err != nil {
		return f, err
	}
	f = w.figures()
	f.Database, f.Durability, f.Replicas = place.kind, "synchronous=FULL", s.Replicas
	if s.DB != "" {
		f.Durability = "synchronous_commit as the server has it"
	}
	f.Lost, err = w.lost(ctx, c, people)
	return f, err
}

// weather is a storm that blows.
type weather struct {
	Storm
	servers  []*server
	balancer *balancer // Rolling
	left     []*stay   // of those that were replaced
	end      time.Time
	forms    bool // files are sent in forms, as the pages of earlier programs do

	mu       sync.Mutex
	saves    []time.Duration
	submits  []time.Duration
	receipts map[string]string // proposal → SHA-256 of its upload
	failed   int
}

// blow lets each connection serve its own applicants in turn, and the submitters
// hand in over connections of their own when the end is near.
func (w *weather) blow(people []*applicant) {
	w.receipts = map[string]string{}
	var group sync.WaitGroup
	savers := people[min(submitters, len(people)):]
	for i := range w.Connections {
		group.Go(func() { w.save(i, savers) })
	}
	for i, p := range people[:min(submitters, len(people))] {
		group.Go(func() {
			time.Sleep(time.Until(w.end.Add(-submitLast + time.Duration(i)*submitLast/(2*submitters))))
			w.submit(i, p)
		})
	}
	group.Wait()
}

// client is how one client's requests reach the servers.
func (w *weather) client(i int) poster {
	if w.balancer != nil {
		return w.balancer.route()
	}
	return &conn{address: w.servers[i%len(w.servers)].address}
}

// save is one connection: its applicants' drafts, one after the other, until the end.
func (w *weather) save(i int, people []*applicant) {
	c := w.client(i)
	text := filler(rand.New(rand.NewPCG(uint64(i), 7)), draftBytes)
	var took []time.Duration
	failed := 0
	for k := i; time.Now().Before(w.end) && len(people) > 0; k += w.Connections {
		p := people[k%len(people)]
		if k%len(people) < 0 || (k%len(people))%w.Connections != i%w.Connections {
			continue // each applicant belongs to one connection
		}
		began := time.Now()
		if err := p.save(c, text); err != nil {
			if failed == 0 { // of each connection the first is told
				fmt.Fprintf(w.Log, "storm: saving: %v\n", err)
			}
			failed++
			continue
		}
		took = append(took, time.Since(began))
	}
	if err := c.close(); err != nil {
		failed++
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.saves, w.failed = append(w.saves, took...), w.failed+failed
}

// submit attaches a PDF of its own and hands in.
func (w *weather) submit(i int, p *applicant) {
	upload := document(uint64(i), uploadBytes)
	c := w.client(i)
	handIn := p.handIn
	if w.forms {
		handIn = p.handInForm
	}
	began := time.Now()
	err := handIn(c, upload)
	took := time.Since(began)
	err = errors.Join(err, c.close())
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		fmt.Fprintf(w.Log, "storm: handing in: %v\n", err)
		w.failed++
		return
	}
	w.submits, w.receipts[p.proposal] = append(w.submits, took), hexSum(upload)
}

func (w *weather) figures() Figures {
	f := Figures{Autosaves: float64(len(w.saves)) / w.Time.Seconds(), Submissions: len(w.submits), Failed: w.failed, Answered: w.answered()}
	f.P50, f.P99 = at(w.saves, 0.50), at(w.saves, 0.99)
	f.SubmitP99 = at(w.submits, 0.99)
	return f
}

// at is a quantile in milliseconds; 0 of nothing.
func at(took []time.Duration, part float64) float64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return float64(took[int(part*float64(len(took)-1))].Microseconds()) / 1000
}

// lost counts what was acknowledged and is not there: a draft older than its last
// acknowledged saving, a submission without its whole content.
func (w *weather) lost(ctx context.Context, c app.Config, people []*applicant) (lost int, err error) {
	a, err := app.Open(ctx, c)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	for _, p := range people {
		v, err := a.Proposals.Get(ctx, access.System, p.proposal)
		if err != nil {
			v, err = a.Proposals.Get(ctx, p.actor, p.proposal)
		}
		if err != nil {
			return lost, err
		}
		if hash, ok := w.receipts[p.proposal]; ok {
			list, err := a.Proposals.Submissions(ctx, p.actor, p.proposal)
			if err != nil {
				return lost, err
			}
			if len(list) != 1 || list[0].Content.Files["plan_file"] != hash || list[0].EntryID == "" {
				lost++
			}
			continue
		}
		if !newEnough(v.Text("approach"), p) || v.Answers["approach"].Version < p.version {
			lost++
		}
	}
	return lost, nil
}
