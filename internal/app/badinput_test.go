package app_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// badInput is one file of testdata/bad-input: what is sent, and what must be answered. Names in
// braces ("{draft}") stand for records of the world that it is sent to, see names.
type badInput struct {
	About   string            // what is bad about it
	As      string            // who sends it; nobody: the public
	Send    string            // method and path; below /api/ with a token of As, else with a session
	Headers map[string]string // besides
	Form    map[string]string // sent as a page's form
	JSON    any               // sent as a body of the API
	Body    *content          // sent as it is, as Type
	Type    string            // media type of Body
	Upload  *content          // sent as the file of a form
	Name    string            // of the file
	Times   int               // it is sent; 0 is once

	Status int      // of the answer; of the last, where it is sent more than once
	Says   []string // what stands in the answer
	Never  []string // what does not
	Keeps  string   // field of Form that is drawn again with what was typed
}

// content is a body: Base64 or Text, or one that Make makes, or Repeat many times between Text and Then.
type content struct {
	Text, Base64, Make, Repeat, Then string
	Times                            int
}

func (c content) bytes(names map[string]string) ([]byte, error) {
	switch {
	case c.Base64 != "":
		return base64.StdEncoding.DecodeString(c.Base64)
	case c.Make != "":
		make, ok := makers[c.Make]
		if !ok {
			return nil, fmt.Errorf("nothing makes %q", c.Make)
		}
		return make()
	}
	return []byte(named(c.Text, names) + strings.Repeat(c.Repeat, c.Times) + c.Then), nil
}

// makers make contents that are too large or too odd for a file of their own.
var makers = map[string]func() ([]byte, error){
	"pdf":          func() ([]byte, error) { return aPDF, nil },
	"zip bomb":     func() ([]byte, error) { return zipped("zeros", 64<<20) },
	"office bomb":  func() ([]byte, error) { return zipped("word/document.xml", 64<<20) },
	"slipping zip": func() ([]byte, error) { return zipped("../../etc/passwd", 10) },
	"gzip bomb":    func() ([]byte, error) { return squeezed(64 << 20) },
	"deep json":    func() ([]byte, error) { return []byte(strings.Repeat(`{"answers":`, 100_000)), nil },
	"locked pdf": func() ([]byte, error) {
		return bytes.Replace(aPDF, []byte("/Root"), []byte("/Encrypt 5 0 R /Root"), 1), nil
	},
	"cut pdf": func() ([]byte, error) { return aPDF[:len(aPDF)/2], nil },
	"large pdf": func() ([]byte, error) {
		return append(append(bytes.Clone(aPDF), bytes.Repeat([]byte("%"), 30<<20)...), aPDF...), nil
	},
}

func zipped(name string, zeros int64) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create(name)
	if err == nil {
		_, err = io.CopyN(f, nothing{}, zeros)
	}
	return b.Bytes(), errors.Join(err, z.Close())
}

func squeezed(zeros int64) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.CopyN(z, nothing{}, zeros)
	err = errors.Join(err, z.Close())
	return b.Bytes(), err
}

type nothing struct{}

func (nothing) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// named puts what names stand for in their places.
func named(text string, names map[string]string) string {
	for name, value := range names {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// struck is the world that bad input is sent to.
type struck struct {
	*world
	names         map[string]string
	secrets       map[string]visitor
	tokens        map[string]caller
	draft, handed proposal.Proposal
}

func strike(w *world) *struck {
	s := &struck{world: w, secrets: map[string]visitor{"": w.visitor("")}, tokens: map[string]caller{"": w.caller("")}}
	c, draft := w.draft()
	handed, receipt := w.handIn("mira", c, "Handed in before the bad days", 200_000)
	theirs, err := w.Proposals.Begin(w.ctx, w.actor["ravi"], c.ID)
	w.must(err)
	s.names = map[string]string{}
	s.judged(c.SchemeVersionID)
	for _, who := range []string{"mira", "ravi", "ines", "olena", "jonas", "officer", "decider", "auditor"} {
		s.secrets[who], s.tokens[who] = w.visitor(who), w.caller(who)
	}
	ended, id, err := w.Accounts.NewToken(w.ctx, w.actor["mira"], "ended", account.WriteToken, 24*time.Hour)
	w.must(err)
	w.must(w.Accounts.EndToken(w.ctx, w.actor["mira"], id.ID))
	reading, _, err := w.Accounts.NewToken(w.ctx, w.actor["mira"], "reading", account.ReadToken, 24*time.Hour)
	w.must(err)
	left := w.visitor("mira")
	left.ask("POST", "/sign-out", values(), http.StatusSeeOther)
	s.draft, s.handed = draft, handed
	for name, value := range map[string]string{"draft": draft.ID, "submitted": handed.ID, "theirs": theirs.ID, "call": c.ID, "receipt": receipt.Note, "ended": ended, "reading": reading, "left": left.secret,
		"number": handed.Number, "changed": strings.Replace(receipt.Note, "proposal", "panel", 1)} {
		s.names[name] = value
	}
	return s
}

// state is what must not change: both proposals with their submissions, what the ledger tells of them, and all that is judged.
func (s *struck) state() string {
	var all []any
	for _, p := range []proposal.Proposal{s.draft, s.handed} {
		v, err := s.Proposals.Get(s.ctx, s.actor["mira"], p.ID)
		s.must(err)
		list, err := s.Proposals.Submissions(s.ctx, s.actor["mira"], p.ID)
		s.must(err)
		entries, err := s.Ledger.Of(s.ctx, "proposal", p.ID)
		s.must(err)
		all = append(all, v.State, v.Answers, len(v.Team), list, len(entries))
	}
	text := []string{string(raw(all))}
	for _, table := range judging {
		text = append(text, s.rows(table))
	}
	return strings.Join(text, "\n")
}

// send sends b once.
func (s *struck) send(b badInput) *httptest.ResponseRecorder {
	s.t.Helper()
	method, path, ok := strings.Cut(named(b.Send, s.names), " ")
	if !ok {
		s.t.Fatalf("send: %q is no method and path", b.Send)
	}
	body, kind, err := s.body(b)
	s.must(err)
	r := httptest.NewRequestWithContext(s.ctx, method, path, bytes.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if token := s.tokens[b.As].token; strings.HasPrefix(path, "/api/") && token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	} else if secret := s.secrets[b.As].secret; secret != "" {
		r.AddCookie(&http.Cookie{Name: "hw", Value: secret})
	}
	for name, value := range b.Headers {
		r.Header.Set(name, named(value, s.names))
	}
	rec := httptest.NewRecorder()
	s.Handler.ServeHTTP(rec, r)
	return rec
}

func (s *struck) body(b badInput) (body []byte, kind string, err error) {
	switch {
	case b.Form != nil:
		form := values()
		for name, value := range b.Form {
			form.Set(name, named(value, s.names))
		}
		return []byte(form.Encode()), "application/x-www-form-urlencoded", nil
	case b.JSON != nil:
		text, err := json.Marshal(b.JSON)
		var quoted = map[string]string{}
		for name, value := range s.names {
			quoted[name] = strings.Trim(string(raw(value)), `"`)
		}
		return []byte(named(string(text), quoted)), "application/json", err
	case b.Upload != nil:
		content, err := b.Upload.bytes(s.names)
		if err != nil {
			return nil, "", err
		}
		return fileForm(b.Name, content)
	case b.Body != nil:
		body, err := b.Body.bytes(s.names)
		return body, b.Type, err
	}
	return nil, b.Type, nil
}

func fileForm(name string, content []byte) (body []byte, kind string, err error) {
	var out bytes.Buffer
	m := multipart.NewWriter(&out)
	// As it is, without the quoting of CreateFormFile: a bad name is one.
	part, err := m.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}, "Content-Type": {"application/octet-stream"}})
	if err == nil {
		_, err = part.Write(content)
	}
	err = errors.Join(err, m.Close())
	return out.Bytes(), m.FormDataContentType(), err
}

// TestBadInput sends each file of testdata/bad-input to a running installation: the answer is
// the one that the file asks for, it is no failure of ours, and nothing that was there is lost.
func TestBadInput(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad-input/*.yaml")
	if err != nil || len(files) < 190 {
		t.Fatalf("%d files of bad input, %v; there are two hundred", len(files), err)
	}
	each(t, func(w *world) {
		s := strike(w)
		before := s.state()
		for _, file := range files {
			s.check(file)
			after := s.state()
			if before != after {
				w.t.Errorf("%s changed what was there:\n%s", file, cmp.Diff(before, after))
				before = after
			}
		}
		_, err := w.Ledger.Sequence(w.ctx)
		w.must(err)
		if r, err := w.Ledger.Verify(w.ctx, ""); err != nil || !r.OK() {
			w.t.Errorf("the ledger: %+v, %v", r.Problems, err)
		}
	})
}

func (s *struck) check(file string) {
	s.t.Helper()
	text, err := os.ReadFile(file)
	s.must(err)
	var b badInput
	if err := yaml.UnmarshalWithOptions(text, &b, yaml.Strict()); err != nil || b.About == "" || b.Status == 0 {
		s.t.Fatalf("%s: it tells about, send and status: %v", file, err)
	}
	var rec *httptest.ResponseRecorder
	for range max(1, b.Times) {
		rec = s.send(b)
	}
	answer := rec.Body.String()
	if rec.Code != b.Status {
		s.t.Errorf("%s: answered with %d, must be %d: %.600s", file, rec.Code, b.Status, answer)
	}
	for _, says := range b.Says {
		if !strings.Contains(answer, named(says, s.names)) {
			s.t.Errorf("%s: the answer does not say %q: %.900s", file, says, answer)
		}
	}
	for _, never := range append(b.Never, "goroutine ", "SQLSTATE", "SQL logic") {
		if strings.Contains(answer, named(never, s.names)) {
			s.t.Errorf("%s: the answer holds %q", file, never)
		}
	}
	if b.Keeps != "" && !strings.Contains(html.UnescapeString(answer), strings.TrimSpace(b.Form[b.Keeps])) {
		s.t.Errorf("%s: what was typed in %s is not drawn again", file, b.Keeps)
	}
}
