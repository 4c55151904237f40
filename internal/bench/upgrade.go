package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Upgrade is the hour in which two versions of the program run on one database: the old one was there
// first and serves a deadline evening, the new one migrates the schema under it, and people are answered by both until the old one is stopped.
type Upgrade struct {
	DB      string // postgres://… of an empty database; "" for SQLite in a temporary folder
	Old     string // path of a headwater of an earlier version
	Program string // path of headwater itself
	Log     io.Writer
}

// UpgradeFigures are what Upgrade found. Pages, Saved and Submitted count what the old program answered as it should
// after the schema had been migrated; the rest counts both programs' answers.
type UpgradeFigures struct {
	Migrations int    `json:"migrations"` // that ran while people wrote to the old program
	Stormed    int    `json:"stormed"`    // savings and submissions that the old program took before, while and after they ran
	Pages      int    `json:"pages"`
	Saved      int    `json:"saved"`
	Submitted  int    `json:"submitted"`
	Failed     int    `json:"failed"`  // answers that were not as they should be
	Lost       int    `json:"lost"`    // acknowledged and not there
	Altered    int    `json:"altered"` // what `ledger verify` found
	Database   string `json:"database"`
}

// Sound reports whether the old program served people on the new schema, and nothing was lost or altered.
func (f UpgradeFigures) Sound() bool {
	return f.Migrations > 0 && f.Stormed > 0 && f.Pages > 0 && f.Saved > 0 && f.Submitted > 0 && f.Failed+f.Lost+f.Altered == 0
}

const (
	upgradePeople = 12 // half of them hand in, by turns to the old and to the new program
	upgradeRounds = 3  // in each of which everybody saves once to each program
	upgradeSavers = 60 // people who save while the schema is migrated, beside the submitters
	upgradeTime   = 12 * time.Second
)

// Run makes people with the new program, carries them to a database of the old one, and lets them write to the old one while the
// new one migrates and joins, and to both then.
func (u Upgrade) Run(ctx context.Context) (f UpgradeFigures, err error) {
	place, err := newScratch("upgrade", u.DB)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, place.remove()) }()
	f.Database = place.kind
	c := app.Config{Database: place.db, Files: place.files, Country: "Upgrade", Zone: "UTC"}
	people, err := makeField(ctx, c, upgradePeople+submitters+upgradeSavers, upgradePeople+submitters)
	if err != nil {
		return f, fmt.Errorf("making the applicants: %w", err)
	}
	if c.Database, err = u.carry(ctx, place); err != nil {
		return f, fmt.Errorf("carrying them to the old program: %w", err)
	}
	if f.Migrations, err = pending(ctx, c.Database); err != nil {
		return f, err
	}
	with := setting{program: u.Old, db: c.Database, files: place.files, name: "Upgrade", log: u.Log}
	old, err := startServer(ctx, with)
	if err != nil {
		return f, fmt.Errorf("the old program: %w", err)
	}
	stop := func(one *server) { err = errors.Join(err, one.stop()) }
	defer func() { stop(old) }()
	storm := &weather{Storm: Storm{Applicants: upgradeSavers, Connections: 6, Time: upgradeTime, Log: u.Log}, servers: []*server{old}, end: time.Now().Add(upgradeTime), forms: true}
	with.program = u.Program
	fresh, err := u.join(ctx, storm, with, people[upgradePeople:])
	if err != nil {
		return f, err
	}
	defer func() { stop(fresh) }()
	f.Stormed, f.Failed = len(storm.saves)+len(storm.submits), storm.failed
	w := &crossing{weather: weather{receipts: map[string]string{}}, log: u.Log, f: &f}
	for range upgradeRounds {
		w.write(people[:upgradePeople], &conn{address: old.address}, true)
		w.write(people[:upgradePeople], &conn{address: fresh.address}, false)
	}
	w.handIn(people[:upgradePeople/2], &conn{address: old.address}, &conn{address: fresh.address})
	maps.Copy(w.receipts, storm.receipts)
	if f.Lost, err = w.lost(ctx, c, people); err == nil {
		f.Altered, err = altered(ctx, c)
	}
	return f, err
}

// carry has the old program make its schema, fills it with what was made, and returns its address.
func (u Upgrade) carry(ctx context.Context, place scratch) (string, error) {
	e, err := newEarlier(place.db, filepath.Join(place.folder, "earlier.db"), "earlier")
	if err != nil {
		return "", err
	}
	if err := e.with(ctx, func(*db.DB) error { return nil }); err != nil { // makes what it is in
		return "", err
	}
	if err := migrate(ctx, u.Old, e.place); err != nil {
		return "", err
	}
	return e.place, e.with(ctx, func(d *db.DB) error {
		left, err := db.FilledLater(ctx, d)
		if err != nil {
			return err
		}
		return e.fill(ctx, d, left...)
	})
}

// join has the new program migrate, and starts it, in the middle of a storm over the old one; it returns when the storm is over.
func (u Upgrade) join(ctx context.Context, storm *weather, with setting, people []*applicant) (fresh *server, err error) {
	var joining sync.WaitGroup
	joining.Go(func() {
		time.Sleep(upgradeTime / 4)
		if err = migrate(ctx, with.program, with.db); err != nil {
			return
		}
		if time.Now().After(storm.end.Add(-submitLast)) {
			err = errors.New("the storm was over, or nearly, when the schema had been migrated: this machine is too busy")
			return
		}
		fresh, err = startServer(ctx, with)
	})
	storm.blow(people)
	joining.Wait()
	return fresh, err
}

// migrate has a program bring the schema of a database to its own.
func migrate(ctx context.Context, program, database string) error {
	if out, err := exec.CommandContext(ctx, program, "migrate", "--db", database).CombinedOutput(); err != nil {
		return fmt.Errorf("%s migrate: %w\n%s", program, err, out)
	}
	return nil
}

// pending counts the migrations that this program has and a database has not seen.
func pending(ctx context.Context, url string) (n int, err error) {
	d, err := db.Open(ctx, url, db.Options{})
	if err != nil {
		return 0, err
	}
	n, err = db.Pending(ctx, d)
	return n, errors.Join(err, d.Close())
}

// altered counts what is wrong in the ledger.
func altered(ctx context.Context, c app.Config) (n int, err error) {
	a, err := app.Open(ctx, c)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if _, err := a.Ledger.Sequence(ctx); err != nil {
		return 0, err
	}
	report, err := a.Ledger.Verify(ctx, "")
	return len(report.Problems), err
}

// crossing is people who write to two versions.
type crossing struct {
	weather
	log io.Writer
	f   *UpgradeFigures
}

// ok notes whether something was answered as it should be.
func (w *crossing) ok(what string, err error) bool {
	if err != nil {
		w.f.Failed++
		fmt.Fprintf(w.log, "%s: %v\n", what, err)
	}
	return err == nil
}

// write has everybody read the pages of their work and save once.
func (w *crossing) write(people []*applicant, c *conn, old bool) {
	for i, p := range people {
		text := filler(rand.New(rand.NewPCG(uint64(i), 7)), draftBytes)
		if i < upgradePeople/2 { // who hands in keeps to the form's length
			text = text[:1000]
		}
		for _, path := range []string{"/home", "/calls", "/proposals/" + p.proposal, "/proposals/" + p.proposal + "/parts/plan", "/account"} {
			if w.ok("GET "+path, page(c, path, p.secret)) && old {
				w.f.Pages++
			}
		}
		if w.ok("saving", p.save(c, text)) && old {
			w.f.Saved++
		}
	}
	w.ok("closing", c.close())
}

func page(c *conn, path, secret string) error {
	status, _, err := c.get(path, secret)
	if err == nil && status != http.StatusOK {
		err = refusal{status: status}
	}
	return err
}

// handIn has people hand in by turns to one and to the other, and read their receipt from both.
func (w *crossing) handIn(people []*applicant, old, fresh *conn) {
	for i, p := range people {
		upload := document(uint64(i), crashUpload)
		to := []*conn{old, fresh}[i%2]
		if !w.ok("handing in", p.handInForm(to, upload)) {
			continue
		}
		w.receipts[p.proposal] = hexSum(upload)
		if to == old {
			w.f.Submitted++
		}
		for _, c := range []*conn{old, fresh} {
			w.ok("the receipt", page(c, "/proposals/"+p.proposal+"/receipt", p.secret))
		}
	}
	w.ok("closing", errors.Join(old.close(), fresh.close()))
}
