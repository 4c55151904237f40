package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/mail/postbox"
)

// Faults are what Crash can kill.
const (
	KillServer   = "server"    // headwater itself
	KillDatabase = "database"  // PostgreSQL's first process
	Promote      = "promotion" // the PostgreSQL server that takes writes; its synchronous copy takes over
)

// Crash kills one of the processes of an installation again and again at random
// moments of a storm, brings it back, and checks each time what the database holds.
type Crash struct {
	Fault       string
	DB          string // postgres://… of an empty database, for KillServer; "" for SQLite. The other faults run a PostgreSQL of their own
	Program     string // path of headwater itself
	Kills       int
	Applicants  int // who save; two more for each kill hand in
	Connections int
	Seed        uint64
	Log         io.Writer // of the servers
}

// CrashFigures are what Crash found. Half-done and lost count proposals, a proposal once a check.
type CrashFigures struct {
	Fault       string `json:"fault"`
	Database    string `json:"database"`
	Kills       int    `json:"kills"`
	Autosaves   int    `json:"autosaves"`   // acknowledged
	Submissions int    `json:"submissions"` // acknowledged
	Lost        int    `json:"lost"`        // acknowledged and not there
	HalfDone    int    `json:"half_done"`   // there in part: a submission without its entry, file or mail, a file that nothing names
	Altered     int    `json:"altered"`     // what `ledger verify` found, against the head kept before each kill
	JobsLeft    int    `json:"jobs_left"`   // not done at the end, or given up
	Mails       int    `json:"mails"`       // receipts that had to be sent
	MailsLost   int    `json:"mails_lost"`  // of them never sent, or under two names
	MailsTwice  int    `json:"mails_twice"` // sent again under the same Message-ID
	// Unavailable and Failed count requests while something was down: those refused by a
	// page that says so (503), and those broken off or refused otherwise.
	Unavailable int     `json:"unavailable"`
	Failed      int     `json:"failed"`
	OutageP50   float64 `json:"outage_p50_ms"` // from the kill to the next acknowledged saving
	OutageMax   float64 `json:"outage_max_ms"`
	Seed        uint64  `json:"seed"`
}

// Sound reports whether nothing was lost, half-done or altered, and every job was done.
func (f CrashFigures) Sound() bool {
	return f.Lost+f.HalfDone+f.Altered+f.JobsLeft+f.MailsLost == 0
}

const (
	crashUpload = 500_000 // bytes of what is handed in
	longestCalm = 1200 * time.Millisecond
	handingIn   = 800 * time.Millisecond // before the kill: when people hand in
	aftermath   = 200 * time.Millisecond // that the storm goes on once savings are acknowledged again
	handsIn     = 2                      // proposals for each kill
)

// Run makes the applicants, lets the storm blow and kills. It needs, for all
// faults but that of the server, PostgreSQL's programs.
func (c Crash) Run(ctx context.Context) (f CrashFigures, err error) {
	folder, err := os.MkdirTemp("", "headwater-crash-")
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	box, err := postbox.Open()
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	g := &gale{Crash: c, box: box, f: CrashFigures{Fault: c.Fault, Database: "postgres", Seed: c.Seed}}
	if err := g.prepare(ctx, folder); err != nil {
		return f, err
	}
	for i := range c.Kills {
		if err = g.round(ctx, i); err != nil {
			err = fmt.Errorf("kill %d: %w", i+1, err)
			break
		}
		if (i+1)%10 == 0 {
			fmt.Fprintf(c.Log, "%d of %d kills: %d savings, %d submissions acknowledged, %d lost, %d half-done, %d altered\n", i+1, c.Kills, g.f.Autosaves, g.f.Submissions, g.f.Lost, g.f.HalfDone, g.f.Altered)
		}
	}
	err = errors.Join(err, g.server.stop())
	if err == nil {
		err = g.end(ctx)
	}
	return g.f, errors.Join(err, g.victim.remove())
}

// gale is a storm in which things die.
type gale struct {
	Crash
	config  app.Config
	box     *postbox.Box
	server  *server
	victim  victim
	savers  []*applicant
	handing []*handing
	next    int    // of handing
	kept    string // head of the ledger
	stray   int    // files that nothing names
	outages []time.Duration

	mu sync.Mutex
	f  CrashFigures
}

// handing is somebody who hands in.
type handing struct {
	*applicant
	acknowledged bool
	hash         string // hex SHA-256 of the upload
}

func (g *gale) prepare(ctx context.Context, folder string) (err error) {
	if g.victim, err = g.newVictim(); err != nil {
		return err
	}
	g.config = app.Config{Database: g.victim.url(), Files: filepath.Join(folder, "files"), Country: "Storm", Zone: "UTC", NoJobs: true}
	if g.config.Database == "" {
		g.f.Database, g.config.Database = "sqlite", filepath.Join(folder, "storm.db")
	}
	people, err := makeField(ctx, g.config, handsIn*g.Kills+g.Applicants, handsIn*g.Kills)
	if err != nil {
		return errors.Join(fmt.Errorf("making the applicants: %w", err), g.victim.remove())
	}
	for _, p := range people[:handsIn*g.Kills] {
		g.handing = append(g.handing, &handing{applicant: p})
	}
	g.savers = people[handsIn*g.Kills:]
	if err = g.startServer(ctx, ""); err != nil {
		err = errors.Join(err, g.victim.remove())
	}
	return err
}

func (g *gale) startServer(ctx context.Context, listen string) (err error) {
	g.server, err = startServer(ctx, setting{program: g.Program, db: g.config.Database, files: g.config.Files, name: g.config.Country, listen: listen, smtp: g.box.URL(), log: g.Log})
	return err
}

// round lets it blow, kills at a random moment, brings back, and checks.
func (g *gale) round(ctx context.Context, number int) error {
	rnd := rand.New(rand.NewPCG(g.Seed, uint64(number)))
	kill := time.Now().Add(20*time.Millisecond + time.Duration(rnd.Int64N(int64(longestCalm))))
	b := &blow{over: make(chan struct{}), again: make(chan struct{})}
	var group sync.WaitGroup
	for i := range min(g.Connections, len(g.savers)) {
		group.Go(func() { g.save(b, i) })
	}
	for range handsIn {
		p := g.handing[g.next]
		upload := document(uint64(g.next), crashUpload)
		g.next++
		begin := kill.Add(-time.Duration(rnd.Int64N(int64(handingIn))))
		group.Go(func() { g.handIn(p, upload, begin) })
	}
	time.Sleep(time.Until(kill))
	err := g.victim.kill()
	b.down()
	if err == nil {
		err = g.victim.back(ctx)
	}
	if err == nil {
		select {
		case <-b.again:
			g.outages = append(g.outages, b.outage)
			time.Sleep(aftermath)
		case <-time.After(time.Minute):
			err = errors.New("a minute after it was back no saving was acknowledged")
		}
	}
	close(b.over)
	group.Wait()
	if err != nil {
		return err
	}
	g.f.Kills++
	return g.check(ctx)
}

// blow is one round's storm.
type blow struct {
	over  chan struct{} // closed at its end
	again chan struct{} // closed when a saving that began after the kill was acknowledged

	mu     sync.Mutex
	died   time.Time
	outage time.Duration // set before again is closed
}

func (b *blow) down() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.died = time.Now()
}

func (b *blow) acknowledged(began time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.outage == 0 && !b.died.IsZero() && began.After(b.died) {
		b.outage = time.Since(b.died)
		close(b.again)
	}
}

// save is one connection: the drafts of its applicants, one after the other, until the storm is over.
func (g *gale) save(b *blow, i int) {
	c := &conn{address: g.server.address}
	text := filler(rand.New(rand.NewPCG(uint64(i), 7)), draftBytes)
	saved, unavailable, failed := 0, 0, 0
	for k := i; ; k += g.Connections {
		if k >= len(g.savers) {
			k = i
		}
		began := time.Now()
		err := g.savers[k].save(c, text)
		var no refusal
		switch {
		case err == nil:
			saved++
			b.acknowledged(began)
		case errors.As(err, &no) && no.status == 503:
			unavailable++
		default:
			failed++
		}
		pause := time.Duration(0)
		if err != nil {
			pause = 20 * time.Millisecond
		}
		select {
		case <-b.over:
			_ = c.close() // what it was good for is done
			g.mu.Lock()
			defer g.mu.Unlock()
			g.f.Autosaves, g.f.Unavailable, g.f.Failed = g.f.Autosaves+saved, g.f.Unavailable+unavailable, g.f.Failed+failed
			return
		case <-time.After(pause):
		}
	}
}

// handIn submits once, at its moment; it is not tried again, so that what a broken
// submission leaves behind can be looked at.
func (g *gale) handIn(p *handing, upload []byte, begin time.Time) {
	time.Sleep(time.Until(begin))
	p.hash = hexSum(upload)
	c := &conn{address: g.server.address}
	err := p.applicant.handIn(c, upload)
	_ = c.close()
	p.acknowledged = err == nil
	g.mu.Lock()
	defer g.mu.Unlock()
	if err == nil {
		g.f.Submissions++
	} else {
		g.f.Failed++
	}
}

// end sums up once the storms are over.
func (g *gale) end(ctx context.Context) error {
	slices.Sort(g.outages)
	g.f.OutageP50, g.f.OutageMax = at(g.outages, 0.5), at(g.outages, 1)
	return g.finish(ctx)
}
