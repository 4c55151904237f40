package app_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Disks that hang: what is written to them waits, and nothing fails.

// frozen has everything that writes to the disk wait in the kernel, until what it returns is called. A process of its own
// freezes the disk and thaws it when its line to this one ends, or after two minutes: however this process ends, or stands
// still, no frozen disk is left behind.
func (d breaking) frozen() (thaw func()) {
	d.t.Helper()
	cmd := exec.Command("sh", "-c", `fsfreeze --freeze "$1" && echo frozen; timeout 120 cat; fsfreeze --unfreeze "$1"`, "sh", d.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	var said bytes.Buffer
	cmd.Stderr = &said
	line, err := cmd.StdinPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		d.t.Fatal(err)
	}
	thaw = sync.OnceFunc(func() {
		_ = line.Close()
		if err := cmd.Wait(); err != nil {
			d.t.Errorf("the disk is thawed: %v %s", err, &said)
		}
	})
	d.t.Cleanup(thaw)
	if first, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		thaw()
		notHere(d.t, "a disk that hangs", fmt.Errorf("fsfreeze: %w %s %s", err, first, &said))
	}
	return thaw
}

// ready waits until the server says that it can serve: what it waits for is a process outside ours.
func (v visitor) ready() {
	v.w.t.Helper()
	for end := time.Now().Add(30 * time.Second); v.send("GET", "/readyz", nil).Code != http.StatusOK; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			v.w.t.Fatal("the server does not become ready")
		}
	}
}

// writer is somebody at work on a draft of their own.
type writer struct {
	visitor
	who, id, page string
	kept          url.Values // the form that was not stored
	stored        string     // what was acknowledged last
}

// writers are some of the country's people, each with a draft.
func (w *world) writers() (all []*writer) {
	w.t.Helper()
	c, p := w.draft()
	all = append(all, &writer{visitor: w.visitor("mira"), who: "mira", id: p.ID})
	for _, who := range []string{"ravi", "ines", "edda", "jonas", "olena"} {
		p, err := w.Proposals.Begin(w.ctx, w.actor[who], c.ID)
		w.must(err)
		_, err = w.Proposals.Save(w.ctx, w.actor[who], p.ID, answers("Before the trouble", 300_000))
		w.must(err)
		all = append(all, &writer{visitor: w.visitor(who), who: who, id: p.ID})
	}
	for _, one := range all {
		one.page = "/proposals/" + one.id + "/parts/plan"
	}
	return all
}

func (one *writer) text() (text string, version int64) {
	one.w.t.Helper()
	v, err := one.w.Proposals.Get(one.w.ctx, one.w.actor[one.who], one.id)
	one.w.must(err)
	return v.Text("approach"), v.Answers["approach"].Version
}

func (one *writer) form(n int) url.Values {
	_, version := one.text()
	return values("approach", fmt.Sprintf("%s %d", typedText, n), "v_approach", fmt.Sprint(version))
}

// saves saves until it is told that nothing is stored, within the time that may take.
func (one *writer) saves(begun func()) {
	for n := 0; ; n++ {
		form, began := one.form(n), time.Now()
		code, took := one.send("POST", one.page, form).Code, time.Since(began)
		if took > soon {
			one.w.t.Errorf("%s was answered %d after %v", one.who, code, took.Round(time.Second))
			return
		}
		if code != http.StatusSeeOther {
			within(one.w.t, soon, "saving again", func() { one.kept = one.fails(one.page, form) })
			return
		}
		one.stored = form.Get("approach")
		if n == 2 && begun != nil {
			begun()
		}
	}
}

// goesOn expects what was acknowledged to be there, or what was typed after that, whole; what was kept is stored then.
func (one *writer) goesOn() {
	one.w.t.Helper()
	if text, _ := one.text(); text != one.stored && text != one.kept.Get("approach") {
		one.w.t.Errorf("%s: there is %q, acknowledged was %q", one.who, text, one.stored)
	}
	one.ask("POST", one.page, one.kept, http.StatusSeeOther)
	if text, _ := one.text(); text != one.kept.Get("approach") {
		one.w.t.Errorf("%s: there is %q, stored was %q", one.who, text, one.kept.Get("approach"))
	}
}

// onHangingDisk is what people and probes see while nothing can be written, and what jobs do.
func (w *world) onHangingDisk(mira *writer) {
	w.t.Helper()
	form := mira.kept
	var group sync.WaitGroup
	for range 40 { // more than there are connections
		group.Go(func() {
			within(w.t, soon, "saving", func() { mira.fails(mira.page, form) })
		})
	}
	group.Go(func() {
		within(w.t, soon, "reading", func() { mira.ask("GET", "/proposals/"+mira.id, nil, http.StatusOK, "Before the trouble") })
	})
	group.Go(func() {
		within(w.t, soon, "a new account", func() {
			if _, err := w.Accounts.Create(w.ctx, access.System, newAccount("late", "")); db.Fault(err).Kind != fault.Unavailable {
				w.t.Errorf("a new account: %v", err)
			}
		})
	})
	group.Go(func() {
		within(w.t, soon+10*time.Second, "the work on jobs", func() { _, _ = w.Jobs.Work(w.ctx) })
	})
	group.Wait()
	within(w.t, time.Second, "/healthz", func() { mira.ask("GET", "/healthz", nil, http.StatusOK) })
	within(w.t, time.Second, "/readyz", func() { mira.ask("GET", "/readyz", nil, http.StatusServiceUnavailable, "takes no writes") })
	within(w.t, time.Second, "reading once it is known", func() { mira.ask("GET", "/proposals/"+mira.id, nil, http.StatusOK, "Before the trouble") })
	within(w.t, time.Second, "saving once it is known", func() { mira.kept = mira.fails(mira.page, form) })
}

// afterHanging expects everybody to go on, and the jobs and the ledger to be whole.
func (w *world) afterHanging(all []*writer) {
	w.t.Helper()
	all[0].ready()
	for _, one := range all {
		one.goesOn()
	}
	_, err := w.Jobs.Work(w.ctx)
	w.must(err)
	if state, err := w.Jobs.State(w.ctx); err != nil || state.Failed > 0 || !state.Oldest.IsZero() {
		w.t.Errorf("jobs: %+v, %v", state, err)
	}
	_, err = w.Ledger.Sequence(w.ctx)
	w.must(err)
	if r, err := w.Ledger.Verify(w.ctx, ""); err != nil || !r.OK() {
		w.t.Errorf("the ledger: %+v, %v", r.Problems, err)
	}
}

// TestPostgresDiskHangs: the disk under PostgreSQL takes no writes while people save, and refuses none. The server lives
// and answers: each hears in time that nothing is stored and keeps what they typed, all read on, and connections do not pile up.
func TestPostgresDiskHangs(t *testing.T) {
	t.Parallel()
	d := newBreaking(t, 192)
	s := postgresIn(t, d.dir)
	w := country(t, s.URL("storm"))
	all := w.writers()
	all[0].ask("GET", "/readyz", nil, http.StatusOK)
	var group, begun sync.WaitGroup
	begun.Add(len(all))
	for _, one := range all {
		group.Go(func() { one.saves(begun.Done) })
	}
	begun.Wait()
	thaw := d.frozen()
	group.Wait()
	w.onHangingDisk(all[0])
	most := int(w.DB.Pool.Config().MaxConns) + 3 // the one that asks whether the disk goes on, and those that are ending
	var open int
	w.must(w.DB.Pool.QueryRow(w.ctx, `SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'`).Scan(&open))
	if open > most {
		t.Errorf("%d connections are open while the disk hangs, want at most %d", open, most)
	}
	thaw()
	w.afterHanging(all)
	for end := time.Now().Add(10 * time.Second); w.DB.Pool.Stat().AcquiredConns() > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d connections were not given back", w.DB.Pool.Stat().AcquiredConns())
		}
	}
}

// TestDiskHangs: the disk under SQLite takes no writes and refuses none. Each who saves hears so in time, all read on.
func TestDiskHangs(t *testing.T) {
	t.Parallel()
	d := newBreaking(t, 64)
	w := onDisk(t, d.dir)
	all := w.writers()
	_, err := w.Ledger.Sequence(w.ctx)
	w.must(err)
	// The first who reads what was committed last marks that in a page of SQLite's index, which the kernel maps. A process that
	// writes there while the disk hangs stands still as a whole: nothing of Go can bound that, and docs/operations.md says so.
	all[0].ask("GET", "/readyz", nil, http.StatusOK)
	thaw := d.frozen()
	var group sync.WaitGroup
	for _, one := range all {
		one.stored, _ = one.text()
		group.Go(func() { one.saves(nil) })
	}
	group.Wait()
	w.onHangingDisk(all[0])
	thaw()
	w.afterHanging(all)
}

// TestFilesDiskHangs: the disk of the files takes no writes. Uploads are refused in time, also where many come, all else
// goes on, and afterwards nothing is left of what was refused.
func TestFilesDiskHangs(t *testing.T) {
	t.Parallel()
	d := newBreaking(t, 64)
	w := country(t, dbtest.SQLitePath(t), func(c *app.Config) { c.Files = filepath.Join(d.dir, "files") })
	_, p := w.draft()
	mira := w.visitor("mira")
	attach := func(as func(*world, []byte) (string, []byte)) *httptest.ResponseRecorder {
		kind, body := as(w, slices.Concat(aPDF, bytes.Repeat([]byte(" "), 1<<20), []byte("\nstartxref\n9\n%%EOF\n")))
		return mira.attach(p, kind, io.MultiReader(bytes.NewReader(body[:len(body)/2]), bytes.NewReader(body[len(body)/2:])))
	}
	send := func(as func(*world, []byte) (string, []byte), status int, words string) {
		if rec := attach(as); rec.Code != status || !strings.Contains(rec.Body.String(), words) {
			t.Errorf("an upload: %d %s", rec.Code, rec.Body)
		}
	}
	send(alone, http.StatusSeeOther, "")
	thaw := d.frozen()
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			within(t, soon, "an upload", func() {
				send([]func(*world, []byte) (string, []byte){upload, alone}[i%2], http.StatusServiceUnavailable, apology)
			})
		})
	}
	page, form := w.approach(p)
	within(t, soon, "saving", func() { mira.ask("POST", page, form, http.StatusSeeOther) }) // what needs no file goes on
	group.Wait()
	within(t, time.Second, "an upload once it is known", func() { send(alone, http.StatusServiceUnavailable, apology) })
	thaw()
	for end := time.Now().Add(10 * time.Second); len(w.stored()) != 1; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("stored: %v, want the one file", w.stored())
		}
	}
	for end := time.Now().Add(10 * time.Second); attach(upload).Code != http.StatusSeeOther; time.Sleep(20 * time.Millisecond) { // once what hung has ended
		if time.Now().After(end) {
			t.Fatal("no upload is taken, and the disk has taken writes for ten seconds")
		}
	}
	w.survives(p, typedText)
}
