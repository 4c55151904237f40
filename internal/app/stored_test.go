package app_test

import (
	"fmt"
	"mime"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/schemes"
)

// rendered are files that a browser would run scripts of, if it showed them as pages of ours.
var rendered = map[string]string{
	"page.html":    "<!doctype html><html><body><script>alert(1)</script></body></html>",
	"drawing.svg":  `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`,
	"document.xml": `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>`,
}

// openCallOfAnyFile is an open call whose plan may be a file of any kind.
func (w *world) openCallOfAnyFile() call.Call {
	w.t.Helper()
	src, err := scheme.ReadSource(schemes.Files, "open-call.yaml")
	w.must(err)
	files, loosened := fstest.MapFS{"open-call.yaml": {Data: []byte(src.YAML)}}, false
	for name, text := range src.Forms {
		any := strings.ReplaceAll(text, `"x-accept": "application/pdf", `, "")
		loosened = loosened || any != text
		files[name] = &fstest.MapFile{Data: []byte(any)}
	}
	if !loosened {
		w.t.Fatal("no form of open-call.yaml asks for a PDF")
	}
	v, err := w.Schemes.Publish(w.ctx, w.actor["officer"], files, "open-call.yaml")
	w.must(err)
	return w.openCallOf(v.ID)
}

// handedInWithFiles is three proposals with a file each that a browser would show, with reviews and a panel.
func (w *world) handedInWithFiles() {
	w.t.Helper()
	c, officer := w.openCallOfAnyFile(), w.actor["officer"]
	authors := map[string]string{"mira": "page.html", "ravi": "drawing.svg", "jonas": "document.xml"}
	for who, name := range authors {
		p, err := w.Proposals.Begin(w.ctx, w.actor[who], c.ID)
		w.must(err)
		_, err = w.Proposals.Save(w.ctx, w.actor[who], p.ID, answers("Of "+name, 500_000))
		w.must(err)
		_, err = w.Proposals.Attach(w.ctx, w.actor[who], p.ID, "plan_file", name, strings.NewReader(rendered[name]))
		w.must(err)
		_, err = w.Proposals.Submit(w.ctx, w.actor[who], p.ID, w.now.Source().Now())
		w.must(err)
		r, err := w.Reviews.Invite(w.ctx, officer, p.ID, "olena")
		w.must(err)
		w.must(w.Reviews.Answer(w.ctx, w.actor["olena"], r.ID, "accept", ""))
		w.must(w.Reviews.PromiseFor(w.ctx, w.actor["olena"], r.ID))
	}
	w.now.Set(c.ClosesAt.Add(time.Hour))
	_, err := w.Panels.Form(w.ctx, officer, c.ID, "", panel.Plan{Groups: 1})
	w.must(err)
	b, err := w.Panels.Board(w.ctx, officer, c.ID, "")
	w.must(err)
	w.must(w.Panels.Seat(w.ctx, officer, b.Panels[0].ID, "olena", panel.Chair))
	w.must(w.Reviews.Promise(w.ctx, w.actor["olena"], c.ID))
}

// TestStoredPagesAreNotOurs: what people upload is saved by a browser and never shown as a page of ours, whatever it is, on
// every route that gives out a file. Routes that are added are asked too, and each must have been answered.
func TestStoredPagesAreNotOurs(t *testing.T) {
	t.Parallel()
	w := country(t, dbtest.SQLitePath(t))
	w.handedInWithFiles()
	s := &swapped{world: w}
	k := s.keys()
	for _, pattern := range s.patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet || !strings.Contains(path, "/files/{") {
			continue
		}
		seen := map[string]bool{}
		apt, _ := k.paths(path)
		for _, who := range []string{"officer", "mira", "ravi", "jonas", "olena"} {
			v := w.visitor(who)
			for _, at := range apt {
				rec := v.send(method, at, nil)
				if rec.Code != http.StatusOK {
					continue
				}
				seen[rec.Body.String()] = true // reviewers are not told a file's name
				if told := notOurs(rec.Header(), strings.HasPrefix(path, "/api/")); told != "" {
					t.Errorf("%s: %s", pattern, told)
				}
			}
		}
		for name, content := range rendered {
			if !seen[content] {
				t.Errorf("%s did not give out %s", pattern, name)
			}
		}
	}
}

// TestNamesOfFilesTellReviewersTheKind: who judges gets a file under a name that says what it is, and nothing of who named it.
func TestNamesOfFilesTellReviewersTheKind(t *testing.T) {
	t.Parallel()
	w := country(t, dbtest.SQLitePath(t))
	w.handedInWithFiles()
	s := &swapped{world: w}
	k, judge := s.keys(), w.visitor("olena")
	want := map[string]string{rendered["drawing.svg"]: "plan_file.svg", rendered["page.html"]: "plan_file", rendered["document.xml"]: "plan_file"}
	for _, pattern := range []string{"/reviews/{id}/files/{ref}", "/api/v1/reviews/{id}/files/{ref}", "/panels/{id}/items/{item}/files/{ref}", "/api/v1/panels/{id}/items/{item}/files/{ref}"} {
		seen := map[string]string{}
		apt, _ := k.paths(pattern)
		for _, at := range apt {
			if rec := judge.send(http.MethodGet, at, nil); rec.Code == http.StatusOK {
				_, names, err := mime.ParseMediaType(rec.Header().Get("Content-Disposition"))
				w.must(err)
				seen[rec.Body.String()] = names["filename"]
			}
		}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("%s: %s", pattern, diff)
		}
	}
}

// notOurs is what would let a browser show a file; "" where nothing does.
func notOurs(h http.Header, api bool) (told string) {
	disposition, _, err := mime.ParseMediaType(h.Get("Content-Disposition"))
	kind, _, kindErr := mime.ParseMediaType(h.Get("Content-Type"))
	switch policy := h.Get("Content-Security-Policy"); {
	case err != nil || disposition != "attachment":
		told = fmt.Sprintf("Content-Disposition %q", h.Get("Content-Disposition"))
	case kindErr != nil || kind != "application/octet-stream" && kind != "text/plain":
		told = fmt.Sprintf("Content-Type %q", kind)
	case h.Get("X-Content-Type-Options") != "nosniff":
		told = "its kind may be guessed"
	case !api && !strings.HasPrefix(policy, "sandbox"):
		told = fmt.Sprintf("Content-Security-Policy %q", policy)
	}
	return told
}
