package file

import (
	"io"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

const pdf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"

func TestSaveOpenDelete(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := &Store{DB: d, Dir: t.TempDir()}
		m := Meta{Name: `..\..\etc/plan.pdf`, OwnerKind: "proposal", OwnerID: "p1", Field: "plan", MaxBytes: 1000, PDF: true}
		one, err := s.Save(ctx, strings.NewReader(pdf), m)
		if err != nil || one.Name != "plan.pdf" || one.Pages != 1 {
			t.Fatalf("%+v, %v", one, err)
		}
		two, err := s.Save(ctx, strings.NewReader(pdf), m)
		if err != nil || two.Hash != one.Hash || two.ID == one.ID {
			t.Fatalf("%+v, %v", two, err)
		}
		if err := s.Delete(ctx, one.ID); err != nil {
			t.Fatal(err)
		}
		f, err := s.Open(two)
		if err != nil {
			t.Fatalf("the second use lost its content: %v", err)
		}
		if b, err := io.ReadAll(f); string(b) != pdf || err != nil || f.Close() != nil {
			t.Errorf("read %d bytes, %v", len(b), err)
		}
		if err := s.Delete(ctx, two.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(two); err == nil {
			t.Error("content without a use is still there")
		}
	})
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
		"larger than asked": {pdf + strings.Repeat(" ", 1000), fault.TooLarge},
	} {
		_, err := s.Save(t.Context(), strings.NewReader(c.body), Meta{Name: "x.pdf", Field: "plan", MaxBytes: 1000, PDF: true})
		if !fault.Is(err, c.kind) || fault.From(err).Field != "plan" {
			t.Errorf("%s: %v, want kind %d at plan", name, err, c.kind)
		}
	}
}

func FuzzCheckPDF(f *testing.F) {
	f.Add([]byte(pdf))
	f.Add([]byte("%PDF-"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if pages, err := checkPDF(b); err == nil && pages < 0 {
			t.Errorf("%d pages", pages)
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
