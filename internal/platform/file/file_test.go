package file

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

const pdf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"

var plan = Meta{Name: `..\..\etc/plan.pdf`, OwnerKind: "proposal", OwnerID: "p1", Field: "plan", MaxBytes: 1000, PDF: true}

func content(t *testing.T, s *Store, r Ref) string {
	t.Helper()
	f, err := s.Open(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func receive(ctx context.Context, s *Store, body string, m Meta) (Ref, error) {
	r, err := s.Receive(ctx, strings.NewReader(body), m)
	if err == nil {
		err = s.Keep(ctx, r, m.By)
	}
	return r, err
}

func save(t *testing.T, s *Store, body string, m Meta) Ref {
	t.Helper()
	r, err := receive(t.Context(), s, body, m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// age makes everything in the folder two hours old.
func age(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		old := time.Now().Add(-2 * time.Hour)
		return os.Chtimes(path, old, old)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sweep(t *testing.T, s *Store, want int) {
	t.Helper()
	if n, err := s.Sweep(t.Context()); err != nil || n != want {
		t.Errorf("swept %d, %v; want %d", n, err, want)
	}
}

func TestEachUseIsItsOwn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := &Store{DB: d, Dir: t.TempDir()}
		one, two := save(t, s, pdf, plan), save(t, s, pdf, plan)
		if one.Name != "plan.pdf" || one.Pages != 1 || two.Hash != one.Hash || two.ID == one.ID {
			t.Fatalf("%+v, %+v", one, two)
		}
		three, err := s.Copy(ctx, two.ID, Meta{OwnerKind: "award", OwnerID: "a1", Field: "annex"})
		if err != nil || three.Hash != one.Hash || three.Name != "plan.pdf" {
			t.Fatalf("%+v, %v", three, err)
		}
		if got, err := s.Info(ctx, three.ID); err != nil || got.OwnerKind != "award" || got.Field != "annex" {
			t.Errorf("%+v, %v", got, err)
		}
		age(t, s.Dir)
		for _, r := range []Ref{one, two} {
			if err := s.Delete(ctx, r.ID); err != nil {
				t.Fatal(err)
			}
			sweep(t, s, 0)
			if content(t, s, three) != pdf {
				t.Error("another use lost its content")
			}
		}
		if err := s.Delete(ctx, three.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(ctx, three.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleted twice: %v", err)
		}
		sweep(t, s, 1)
		if _, err := s.Open(t.Context(), three); err == nil {
			t.Error("content without a use is still there")
		}
		again := save(t, s, pdf, plan)
		if content(t, s, again) != pdf {
			t.Error("saved again after it was swept")
		}
	})
}

func TestSweepLeavesWhatIsNew(t *testing.T) {
	t.Parallel()
	s := &Store{DB: dbtest.SQLite(t), Dir: t.TempDir()}
	kept := save(t, s, pdf, plan)
	no := errors.New("no")
	var lost Ref
	err := work.Do(t.Context(), s.DB, func(ctx context.Context) (err error) {
		lost, err = receive(ctx, s, "rolled back", Meta{Name: "x", MaxBytes: 100})
		return errors.Join(err, no)
	})
	if !errors.Is(err, no) {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "upload-1"), []byte("broken off"), 0o600); err != nil {
		t.Fatal(err)
	}
	sweep(t, s, 0) // the row may be about to be committed
	age(t, s.Dir)
	sweep(t, s, 2)
	if err := os.Rename(s.path(kept.Hash), s.path(kept.Hash)+goneMark); err != nil { // as a sweep leaves it that died in the middle
		t.Fatal(err)
	}
	sweep(t, s, 0)
	if _, err := os.Stat(s.path(kept.Hash)); err != nil {
		t.Errorf("what was taken aside was not put back: %v", err)
	}
	if _, err := s.Open(t.Context(), lost); err == nil || content(t, s, kept) != pdf {
		t.Error("swept the wrong ones")
	}
}

// TestSweepWhileSaving saves and deletes the same content over and over while
// old content of it is being swept: what has a row always has its content.
func TestSweepWhileSaving(t *testing.T) {
	t.Parallel()
	s := &Store{DB: dbtest.SQLite(t), Dir: t.TempDir()}
	done := make(chan error)
	go func() {
		var all error
		for range 200 {
			_, err := s.Sweep(t.Context())
			all = errors.Join(all, err)
		}
		done <- all
	}()
	for range 40 {
		r := save(t, s, pdf, plan)
		if content(t, s, r) != pdf {
			t.Fatal("no content")
		}
		if err := s.Delete(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-2 * time.Hour)
		_ = os.Chtimes(s.path(r.Hash), old, old) // ripe for the sweep, if that was not quicker
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	s := &Store{DB: dbtest.SQLite(t), Dir: t.TempDir()}
	png, zip := "\x89PNG\r\n\x1a\n\x00\x00", "PK\x03\x04rest"
	for _, c := range []struct {
		name, body, want string
		accept           []string
		ok               bool
	}{
		{"a.png", png, "image/png", []string{"image/*"}, true},
		{"a.pdf", png, "image/png", []string{"application/pdf"}, false},
		{"a.csv", "a,b\n1,2\n", "text/csv", []string{"text/csv"}, true},
		{"a.xlsx", zip, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", nil, true},
		{"a.exe", zip, "application/zip", []string{"application/vnd.*"}, false},
		{"a.txt", "<html><script>", "text/html", []string{"text/plain"}, false},
		{"a.txt", "<svg onload=x>", "image/svg+xml", []string{"text/plain"}, false},
		{"a.bin", pdf, "application/pdf", []string{"application/pdf"}, true},
		{"a.bin", pdf, "application/pdf", []string{"image/*"}, false},
	} {
		r, err := receive(t.Context(), s, c.body, Meta{Name: c.name, Field: "f", MaxBytes: 1000, Accept: c.accept})
		if (err == nil) != c.ok || r.MediaType != c.want || err != nil && fault.From(err).Field != "f" {
			t.Errorf("%s: %q, %v; want %q, taken %v", c.name, r.MediaType, err, c.want, c.ok)
		}
	}
}

// TestCalled: a name that is given tells the kind of the file, whatever it was called before.
func TestCalled(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"application/pdf": "plan.pdf", "text/csv": "plan.csv", "image/jpeg": "plan.jpg", "application/octet-stream": "plan", "text/html": "plan",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": "plan.docx", "application/vnd.oasis.opendocument.text": "plan.odt"} {
		if got := (Ref{Name: "Alder.exe", MediaType: kind}).Called("plan").Name; got != want {
			t.Errorf("%s is called %q, want %q", kind, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := &Store{DB: dbtest.SQLite(t), Dir: t.TempDir()}
	for name, c := range map[string]struct {
		body string
		kind fault.Kind
	}{
		"empty":             {"", fault.Invalid},
		"HTML named .pdf":   {"<html><script>alert(1)</script></html>", fault.Invalid},
		"cut off":           {pdf[:100], fault.Invalid},
		"with a password":   {strings.Replace(pdf, "/Root", "/Encrypt 5 0 R/Root", 1), fault.Invalid},
		"without an index":  {strings.Replace(pdf, "startxref\n9", "startxref\n9999", 1), fault.Invalid},
		"no catalogue":      {strings.Replace(pdf, "/Root", "/Boot", 1), fault.Invalid},
		"larger than asked": {pdf + strings.Repeat(" ", 1000), fault.TooLarge},
	} {
		_, err := receive(t.Context(), s, c.body, Meta{Name: "x.pdf", Field: "plan", MaxBytes: 1000, PDF: true})
		if !fault.Is(err, c.kind) || fault.From(err).Field != "plan" {
			t.Errorf("%s: %v, want kind %d at plan", name, err, c.kind)
		}
	}
}

// TestNothingOfAnother has uploads of any length follow each other and run at once: each keeps its own bytes and its own
// pages, whatever lay in the memory that they share.
func TestNothingOfAnother(t *testing.T) {
	t.Parallel()
	s := &Store{DB: dbtest.SQLite(t), Dir: t.TempDir()}
	loose, whole := Meta{Name: "a.bin", OwnerKind: "proposal", OwnerID: "p1", Field: "plan", MaxBytes: 2 << 20}, plan
	whole.MaxBytes = 2 << 20
	long := strings.Replace(pdf, "trailer", strings.Repeat("4 0 obj<</Type/Page>>endobj\n", 20_000)+"trailer", 1)
	cut, other := pdf[:len(pdf)-6], strings.Repeat("z", 600<<10)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 5 {
				for _, body := range []string{long, pdf, other, pdf[:len(pdf)-1]} {
					m := whole
					if body == other {
						m = loose
					}
					r, err := s.Receive(t.Context(), strings.NewReader(body), m)
					if err != nil || content(t, s, r) != body || (r.Pages != strings.Count(body, "/Type/Page>>")+strings.Count(body, "/Type/Page/")) {
						t.Errorf("%d bytes: %d pages, %v", len(body), r.Pages, err)
					}
				}
				if _, err := s.Receive(t.Context(), strings.NewReader(cut), whole); !fault.Is(err, fault.Invalid) {
					t.Errorf("a PDF without its end after one that has it: %v", err)
				}
			}
		})
	}
	group.Wait()
}

// TestBrokenOff: an upload that ends before it should is none, whichever way its reader says so.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	s := &Store{DB: dbtest.SQLite(t), Dir: t.TempDir()}
	for _, broken := range []error{io.ErrUnexpectedEOF, io.ErrClosedPipe} {
		_, err := s.Receive(t.Context(), io.MultiReader(strings.NewReader(pdf), iotest.ErrReader(broken)), plan)
		if !fault.Is(err, fault.Invalid) || fault.From(err).Field != "plan" || !errors.Is(err, broken) {
			t.Errorf("%v: %v", broken, err)
		}
	}
	if left, err := os.ReadDir(s.Dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// passed is what a reader says of a body that comes in pieces of some length.
func passed(body []byte, length int) (r pdfReader, pages int, err error) {
	for piece := range slices.Chunk(body, length) {
		r.take(piece)
	}
	pages, err = r.check(body[:min(len(body), headLength)])
	return r, pages, err
}

func FuzzCheckPDF(f *testing.F) {
	f.Add([]byte(pdf), 10)
	f.Add([]byte("%PDF-"), 1)
	f.Fuzz(func(t *testing.T, b []byte, length int) {
		_, pages, err := passed(b, max(1, len(b)))
		if err == nil && pages < 0 {
			t.Errorf("%d pages", pages)
		}
		if _, again, broken := passed(b, 1+max(0, length)%5000); again != pages || (broken == nil) != (err == nil) {
			t.Errorf("%d pages, %v; in pieces %d, %v", pages, err, again, broken)
		}
	})
}

// TestPDFInPieces: going from name to name through pieces of any length finds what looking everywhere in the whole does.
func TestPDFInPieces(t *testing.T) {
	t.Parallel()
	words := []string{"/Type", "/Type", "/Pages", "/Pages", "/Page", "/Page ", "/Count", "/Count ", "/Encrypt", "/Root", "/XRef", "trailer", "/", " ", "\n", "3", "0", "R", "41 ", "7777777 ", "<<", ">", ">>", "x", strings.Repeat("x", reach), strings.Repeat("/", reach)}
	rapid.Check(t, func(t *rapid.T) {
		body := []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 40).Draw(t, "body"), ""))
		got, _, _ := passed(body, rapid.SampledFrom([]int{1, 7, reach - 1, reach, reach + 1, 3 * reach, 1 << 20}).Draw(t, "length"))
		want := pdfReader{trailer: bytes.Contains(body, []byte("trailer")), xref: bytes.Contains(body, []byte("/XRef")), root: bytes.Contains(body, []byte("/Root"))}
		for part := range bytes.SplitSeq(body, []byte(">")) {
			isTree, count := false, 0
			for at := range part {
				isTree = isTree || pageTree.Match(part[at:])
				if m := pageCount.FindSubmatch(part[at:]); m != nil {
					count = max(count, number(m[1]))
				}
			}
			if isTree {
				want.counted = max(want.counted, count)
			}
		}
		for at := range body {
			want.locked = want.locked || locked.Match(body[at:])
			if pageObject.Match(body[at:]) {
				want.pages++
			}
		}
		if got.size != int64(len(body)) || got.locked != want.locked || got.xref != want.xref || got.root != want.root || got.trailer != want.trailer || got.pages != want.pages || got.counted != want.counted {
			t.Errorf("%+v in %q, want %+v", got, body, want)
		}
	})
}

func FuzzCleanName(f *testing.F) {
	f.Add("../../x")
	f.Add("a\u202egnp.exe")
	f.Fuzz(func(t *testing.T, name string) {
		if got := cleanName(name); got == "" || strings.ContainsAny(got, `/\<>`) || got == ".." {
			t.Errorf("cleanName(%q) = %q", name, got)
		}
	})
}
