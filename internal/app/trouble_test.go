package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/mail/postbox"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// What goes wrong around an installation: the disk, the database, the clock, the mail server,
// the line to a browser. In each case people get a page that says so, and what they typed is in it.

// apology is what such a page says.
const apology = "Nothing was lost; try again in a minute."

// typedText stands in every form that is sent into trouble.
const typedText = "A joint that \"lasts\" <longer>,\nand why: it is sintered twice, which nobody has tried with this ceramic & that metal."

// draft is Mira's proposal with something in it.
func (w *world) draft() (call.Call, proposal.Proposal) {
	w.t.Helper()
	c := w.openCall("open-call.yaml")
	p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
	w.must(err)
	_, err = w.Proposals.Save(w.ctx, w.actor["mira"], p.ID, answers("Before the trouble", 300_000))
	w.must(err)
	return c, p
}

// fails expects what is typed into the form at path to be refused for now and
// kept in the page that says so, and returns the form of that page.
func (v visitor) fails(path string, form url.Values) url.Values {
	v.w.t.Helper()
	rec := v.send("POST", path, form)
	page := rec.Body.String()
	if rec.Code != http.StatusServiceUnavailable || !strings.Contains(page, apology) || rec.Header().Get("Retry-After") == "" {
		v.w.t.Fatalf("POST %s: %d, without the page that says that it is not available: %s", path, rec.Code, page)
	}
	kept := hidden(v.w, page)
	for name := range form {
		if kept.Get(name) != form.Get(name) {
			v.w.t.Errorf("the page keeps %q of %s, typed was %q", kept.Get(name), name, form.Get(name))
		}
	}
	return kept
}

// hidden are the hidden fields of a page.
func hidden(w *world, page string) url.Values {
	w.t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	w.must(err)
	out := url.Values{}
	for n := range root.Descendants() {
		at := map[string]string{}
		for _, a := range n.Attr {
			at[a.Key] = a.Val
		}
		if n.Data == "input" && at["type"] == "hidden" {
			out.Add(at["name"], at["value"])
		}
	}
	return out
}

// survives expects the approach to be text and the ledger to be whole.
func (w *world) survives(p proposal.Proposal, text string) {
	w.t.Helper()
	v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
	w.must(err)
	if v.Text("approach") != text {
		w.t.Errorf("the approach is %q, typed was %q", v.Text("approach"), text)
	}
	_, err = w.Ledger.Sequence(w.ctx)
	w.must(err)
	if r, err := w.Ledger.Verify(w.ctx, ""); err != nil || !r.OK() {
		w.t.Errorf("the ledger: %+v, %v", r.Problems, err)
	}
}

// approach is the form in which Mira writes what she will do.
func (w *world) approach(p proposal.Proposal) (path string, form url.Values) {
	w.t.Helper()
	v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
	w.must(err)
	return "/proposals/" + p.ID + "/parts/plan", values("approach", typedText, "v_approach", fmt.Sprint(v.Answers["approach"].Version))
}

// upload is a form with a file, as a browser sends it.
func upload(w *world, content []byte) (kind string, body []byte) {
	w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", "plan.pdf")
	w.must(err)
	_, err = part.Write(content)
	w.must(errors.Join(err, m.Close()))
	return m.FormDataContentType(), b.Bytes()
}

// planName is how a file that is sent alone says its name; of a form nobody asks.
const planName = "attachment; filename*=UTF-8''plan.pdf"

// alone is a file as the page's script sends it.
func alone(_ *world, content []byte) (kind string, body []byte) {
	return "application/octet-stream", content
}

// attach sends a file; its answer.
func (v visitor) attach(p proposal.Proposal, kind string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(v.w.ctx, "POST", "/proposals/"+p.ID+"/files/plan_file?part=plan", body)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Content-Disposition", planName)
	r.AddCookie(&http.Cookie{Name: "hw", Value: v.secret})
	rec := httptest.NewRecorder()
	v.w.Handler.ServeHTTP(rec, r)
	return rec
}

// stored are the files in the installation's folder, those half written included.
func (w *world) stored() (names []string) {
	w.t.Helper()
	w.must(filepath.WalkDir(w.Config.Files, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, e.Name())
		}
		return err
	}))
	return names
}

var aPDF = []byte("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 1 >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n")

// TestFileSentAlone sends a file as the page's script does: under its name in any script, and never in an address, which would stand in
// logs. One without a name, and a body that is neither file nor form, change nothing.
func TestFileSentAlone(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		_, p := w.draft()
		mira := w.visitor("mira")
		send := func(kind, name string) int {
			r := httptest.NewRequestWithContext(w.ctx, "POST", "/proposals/"+p.ID+"/files/plan_file?part=plan", bytes.NewReader(aPDF))
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Content-Disposition", name)
			r.Header.Set("Accept", "application/json")
			r.AddCookie(&http.Cookie{Name: "hw", Value: mira.secret})
			rec := httptest.NewRecorder()
			w.Handler.ServeHTTP(rec, r)
			return rec.Code
		}
		for _, bad := range [][2]string{{"application/octet-stream", ""}, {"application/octet-stream", "attachment"}, {"application/octet-stream", "attachment; filename*=UTF-8''%zz"}, {"application/pdf", planName}} {
			if code := send(bad[0], bad[1]); code != http.StatusUnprocessableEntity {
				t.Errorf("%q: %d", bad, code)
			}
		}
		if names := w.stored(); len(names) != 0 {
			t.Errorf("stored of what was refused: %v", names)
		}
		if code := send("application/octet-stream", "attachment; filename*=UTF-8''%E7%A0%94%E7%A9%B6%E8%AE%A1%E5%88%92%20%282%29%27.pdf"); code != http.StatusSeeOther {
			t.Fatalf("a file under a Chinese name: %d", code)
		}
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		ref, content, err := w.Proposals.File(w.ctx, w.actor["mira"], p.ID, v.Text("plan_file"))
		w.must(err)
		w.must(content.Close())
		if ref.Name != "研究计划 (2)'.pdf" {
			t.Errorf("it is called %q", ref.Name)
		}
	})
}

func TestDatabaseGoneAndBack(t *testing.T) {
	t.Parallel()
	s := postgresIn(t, "", "fsync=off")
	w := country(t, s.URL("storm"))
	_, p := w.draft()
	mira := w.visitor("mira")
	page, form := w.approach(p)
	w.must(s.Kill())
	mira.ask("GET", "/proposals/"+p.ID, nil, http.StatusServiceUnavailable, apology)
	kept := mira.fails(page, form)
	if rec := w.visitor("").send("POST", "/sign-in", values("email", "mira@people.example", "password", "a secret")); strings.Contains(rec.Body.String(), "a secret") {
		t.Error("the page of an error repeats a password")
	}
	api := caller{w: w, token: "hw_not_even_looked_at"}
	if rec := api.send("GET", "/me", nil); rec.Code != http.StatusServiceUnavailable || !strings.Contains(rec.Body.String(), apology) {
		t.Errorf("API: %d %s", rec.Code, rec.Body)
	}
	w.must(s.Start("fsync=off"))
	mira.ask("POST", page, kept, http.StatusSeeOther)
	w.survives(p, typedText)
}

// TestClockJumps moves the clock an hour and a half back and a year on while people work.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c, p := w.draft()
		_, err := w.Ledger.Sequence(w.ctx)
		w.must(err)
		mira := w.visitor("mira")
		w.now.Advance(-90 * time.Minute)
		page, form := w.approach(p)
		mira.ask("POST", page, form, http.StatusSeeOther)
		w.handIn("ines", c, "Handed in while the clock was wrong", 200_000)
		w.survives(p, typedText)
		w.now.Advance(3 * time.Hour)
		_, err = w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, w.now.Source().Now())
		w.must(err)
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		if state, err := w.Jobs.State(w.ctx); err != nil || state.Failed > 0 || !state.Oldest.IsZero() {
			t.Errorf("jobs: %+v, %v", state, err)
		}
		w.now.Advance(365 * 24 * time.Hour)
		if to := mira.ask("GET", "/proposals/"+p.ID, nil, http.StatusSeeOther); to != "/sign-in" {
			t.Errorf("a session of a year ago leads to %s", to)
		}
		w.survives(p, typedText)
	})
}

// TestMailServerRefuses: what people do is done all the same, and the mail goes out later, once.
func TestMailServerRefuses(t *testing.T) {
	t.Parallel()
	box, err := postbox.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	w := country(t, dbtest.SQLitePath(t), func(c *app.Config) { c.SMTP, c.From = box.URL(), "office@science.example" })
	box.Refuse("451 greylisted")
	c, _ := w.draft()
	p, receipt := w.handIn("mira", c, "Handed in while mail was down", 200_000)
	if receipt.Note == "" {
		t.Error("no receipt")
	}
	about := mail.About{Kind: "proposal", ID: p.ID}
	for range 3 {
		_, err := w.Jobs.Work(w.ctx)
		w.must(err)
		w.now.Advance(time.Minute)
	}
	if list := w.outbox(about); len(list) != 1 || !list[0].Sent.IsZero() || !strings.Contains(list[0].Error, "greylisted") || len(box.Letters()) != 0 {
		t.Errorf("outbox while the server refuses: %+v", list)
	}
	w.visitor("mira").ask("GET", "/outbox", nil, http.StatusOK, p.Number)
	box.Refuse("")
	for range 3 {
		w.now.Advance(time.Hour)
		_, err := w.Jobs.Work(w.ctx)
		w.must(err)
	}
	receipts := 0
	for _, l := range box.Letters() {
		if strings.Contains(l.Header.Get("Subject"), p.Number) {
			receipts++
		}
	}
	if receipts != 1 || w.outbox(about)[0].Sent.IsZero() {
		t.Errorf("%d receipts were mailed once the server took mail again", receipts)
	}
}

// TestSlowClients has many browsers send half of an upload and wait: others work on,
// and when the lines break nothing is left of what was half sent.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		_, p := w.draft()
		server := httptest.NewServer(w.Handler)
		defer server.Close()
		mira := w.visitor("mira")
		var lines []net.Conn
		for i := range 40 {
			kind, body := []func(*world, []byte) (string, []byte){upload, alone}[i%2](w, append(aPDF, bytes.Repeat([]byte(" "), 100_000)...))
			head := fmt.Sprintf("POST /proposals/%s/files/plan_file?part=plan HTTP/1.1\r\nHost: x\r\nCookie: hw=%s\r\nContent-Type: %s\r\nContent-Disposition: %s\r\nContent-Length: %d\r\n\r\n", p.ID, mira.secret, kind, planName, len(body))
			line, err := net.Dial("tcp", server.Listener.Addr().String())
			w.must(err)
			_, err = line.Write(append([]byte(head), body[:len(body)/2]...))
			w.must(err)
			lines = append(lines, line)
		}
		page, form := w.approach(p)
		mira.ask("POST", page, form, http.StatusSeeOther)
		mira.ask("GET", "/proposals/"+p.ID, nil, http.StatusOK)
		for _, line := range lines {
			w.must(line.Close())
		}
		server.Close() // returns when every handler has
		if left := w.stored(); len(left) != 0 {
			t.Errorf("of uploads that broke off there is left: %v", left)
		}
		w.survives(p, typedText)
	})
}

// TestHalfSentUpload sends a file of which the end is missing: the page says so, and the file that
// was there before is still there.
func TestHalfSentUpload(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		_, p := w.draft()
		mira := w.visitor("mira")
		kind, body := upload(w, aPDF)
		for _, as := range []func(*world, []byte) (string, []byte){upload, alone} {
			kind, body := as(w, aPDF)
			if rec := mira.attach(p, kind, bytes.NewReader(body)); rec.Code != http.StatusSeeOther {
				t.Fatalf("the whole file as %s: %d", kind, rec.Code)
			}
		}
		rec := mira.attach(p, kind, bytes.NewReader(body[:len(body)-80]))
		if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), "The file did not arrive whole") {
			t.Errorf("half a file: %d %s", rec.Code, rec.Body)
		}
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		ref, content, err := w.Proposals.File(w.ctx, w.actor["mira"], p.ID, v.Text("plan_file"))
		w.must(err)
		got, err := io.ReadAll(content)
		w.must(errors.Join(err, content.Close()))
		if !bytes.Equal(got, aPDF) || ref.Name != "plan.pdf" || len(w.stored()) != 1 {
			t.Errorf("the file before is %q; stored: %v", got, w.stored())
		}
	})
}
