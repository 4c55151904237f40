package app_test

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/mail/postbox"
)

// What an installation needs that hangs rather than fails: it takes connections and never answers.

// soon is within what people are told that they are in trouble, with what they typed.
const soon = 20 * time.Second

// within expects do to end in time.
func within(t testing.TB, limit time.Duration, what string, do func()) {
	t.Helper()
	began := time.Now()
	do()
	if took := time.Since(began); took > limit {
		t.Errorf("%s took %v, want at most %v", what, took.Round(time.Second), limit)
	}
}

// TestDatabaseHangs: a PostgreSQL whose processes stand still. Everybody hears so in time, also where many wait; each
// keeps what they typed, and it is stored once when the server goes on.
func TestDatabaseHangs(t *testing.T) {
	t.Parallel()
	s := postgresIn(t, "", "fsync=off")
	w := country(t, s.URL("storm"))
	_, p := w.draft()
	mira := w.visitor("mira")
	page, form := w.approach(p)
	mira.ask("GET", "/readyz", nil, http.StatusOK)
	w.must(s.Hang())
	t.Cleanup(func() { _ = s.GoOn() }) // so that it can be stopped
	within(t, soon, "/readyz", func() { mira.ask("GET", "/readyz", nil, http.StatusServiceUnavailable, "does not answer") })
	var group sync.WaitGroup
	for range 40 { // more than there are connections
		group.Go(func() {
			within(t, soon, "saving", func() { mira.fails(page, form) })
		})
	}
	group.Go(func() {
		within(t, soon, "reading", func() { mira.ask("GET", "/proposals/"+p.ID, nil, http.StatusServiceUnavailable, apology) })
	})
	group.Wait()
	kept := mira.fails(page, form)
	w.must(s.GoOn())
	mira.ready()
	mira.ask("POST", page, kept, http.StatusSeeOther)
	w.survives(p, typedText)
}

// TestDatabaseIsSlow: a statement that takes longer than a server may be silent which hangs is not cut off.
func TestDatabaseIsSlow(t *testing.T) {
	t.Parallel()
	s := postgresIn(t, "", "fsync=off")
	w := country(t, s.URL("storm"))
	if _, err := w.DB.SQL().ExecContext(w.ctx, `SELECT pg_sleep(8)`); err != nil {
		t.Error(err)
	}
}

// TestS3Hangs: an S3 server that takes connections and says nothing, and one that says that it is not available. Uploads are
// refused in time, with a page that says so; all else goes on.
func TestS3Hangs(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "headwater")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "a secret of the test")
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(func() {
		refusing.Close()
		_ = silent.Close()
	})
	var group sync.WaitGroup
	for what, at := range map[string]string{"silent": silent.Addr().String(), "refusing": refusing.Listener.Addr().String()} {
		w := country(t, dbtest.SQLitePath(t), func(c *app.Config) { c.Files = "s3+http://" + at + "/files" })
		_, p := w.draft()
		mira := w.visitor("mira")
		kind, body := upload(w, slices.Concat(aPDF, bytes.Repeat([]byte(" "), 4<<20), []byte("\nstartxref\n9\n%%EOF\n")))
		page, form := w.approach(p)
		group.Go(func() {
			within(t, 30*time.Second, "an upload to a "+what+" server", func() {
				if rec := mira.attach(p, kind, bytes.NewReader(body)); rec.Code != http.StatusServiceUnavailable || !strings.Contains(rec.Body.String(), apology) {
					t.Errorf("%s: %d %s", what, rec.Code, rec.Body)
				}
			})
			mira.ask("POST", page, form, http.StatusSeeOther)
			w.survives(p, typedText)
		})
	}
	group.Wait()
}

// TestPostgresDiskFull: PostgreSQL on a disk that is full. Who saves keeps what they typed, others read on; once there is
// room again it is stored.
func TestPostgresDiskFull(t *testing.T) {
	t.Parallel()
	dir := disk(t, "160m")
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil { // PostgreSQL's user enters it
		t.Fatal(err)
	}
	s := postgresIn(t, dir, "max_wal_size=32MB", "wal_keep_size=0")
	w := country(t, s.URL("storm"))
	_, p := w.draft()
	mira := w.visitor("mira")
	page, form := w.approach(p)
	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	noise := make([]byte, 60_000) // nothing that can be compressed into what is left
	_, err := rand.NewChaCha8([32]byte{7}).Read(noise)
	w.must(err)
	form.Set("risks", hex.EncodeToString(noise))
	form.Set("v_risks", "1")
	kept := mira.fails(page, form)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); mira.send("GET", "/readyz", nil).Code != http.StatusOK; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) { // it may have to recover: a process outside ours, there is no signal to wait for
			t.Fatal("PostgreSQL does not come back")
		}
	}
	mira.ask("POST", page, kept, http.StatusSeeOther)
	w.survives(p, typedText)
}

// TestMailsGivenUp: what the mail server never took waits for an administrator, who sees why and has it sent again.
func TestMailsGivenUp(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		box, err := postbox.Open()
		w.must(err)
		w.must(w.Close())
		w.Config.SMTP, w.Config.From = box.URL(), "office@science.example"
		w.App, err = app.Open(w.ctx, w.Config)
		w.must(err)
		t.Cleanup(func() {
			if err := box.Close(); err != nil {
				t.Error(err)
			}
		})
		w.account("admin", "", access.Grant{Role: access.Admin, Scope: access.Platform()})
		box.Refuse("550 5.1.1 nobody of that name")
		for _, name := range []string{"mira", "ravi", "ines"} {
			w.must(w.Accounts.Recover(w.ctx, name+"@example.org", ""))
		}
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		box.Refuse("")
		list, err := w.Mail.GivenUp(w.ctx, access.System)
		w.must(err)
		if len(list) != 3 {
			t.Fatalf("%d mails were given up", len(list))
		}
		admin := w.visitor("admin")
		admin.ask("GET", "/home", nil, http.StatusOK, "3 mails were given up")
		failed := `UPDATE job SET failed_at = $2 WHERE id = $1`
		_, err = w.DB.SQL().ExecContext(w.ctx, failed, list[0].ID, nil)
		w.must(err)
		admin.ask("GET", "/home", nil, http.StatusOK, "3 mails were given up") // remembered with the rest of the page
		w.now.Advance(time.Minute)
		admin.ask("GET", "/home", nil, http.StatusOK, "2 mails were given up")
		_, err = w.DB.SQL().ExecContext(w.ctx, failed, list[0].ID, db.At(w.now.Source().Now()))
		w.must(err)
		w.now.Advance(time.Minute)
		admin.ask("GET", "/home", nil, http.StatusOK, "3 mails were given up")
		admin.ask("GET", "/admin/mails", nil, http.StatusOK, list[0].Email, "nobody of that name", "Send all 3 again")
		admin.ask("GET", "/admin/mails?lang=zh", nil, http.StatusOK, "重新发送全部 3 封邮件")
		w.visitor("officer").ask("POST", "/admin/mails", values("id", list[0].ID), http.StatusForbidden)
		admin.ask("POST", "/admin/mails", values("id", list[0].ID), http.StatusSeeOther)
		admin.ask("POST", "/admin/mails", values("id", list[0].ID), http.StatusNotFound, "sent again, or erased")
		admin.ask("POST", "/admin/mails", values(), http.StatusSeeOther)
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		if n := len(box.Letters()); n != 3 {
			t.Errorf("%d letters arrived, want each of three once", n)
		}
		admin.ask("GET", "/admin/mails?lang=en", nil, http.StatusOK, "No mail was given up")
		_, err = w.Ledger.Sequence(w.ctx)
		w.must(err)
		if r, err := w.Ledger.Verify(w.ctx, ""); err != nil || !r.OK() {
			t.Errorf("the ledger: %+v, %v", r.Problems, err)
		}
	})
}
