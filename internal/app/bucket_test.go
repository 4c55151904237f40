package app_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/file/s3server"
)

// TestS3GoneAndBack: without its S3 server an installation takes no file and says so; all else goes on, and what was stored is there afterwards.
func TestS3GoneAndBack(t *testing.T) {
	t.Parallel()
	server := s3server.Start(t)
	w := country(t, dbtest.SQLitePath(t), func(c *app.Config) { c.Files = server.At() })
	_, p := w.draft()
	mira := w.visitor("mira")
	kind, body := upload(w, aPDF)
	if rec := mira.attach(p, kind, bytes.NewReader(body)); rec.Code != http.StatusSeeOther {
		t.Fatalf("an upload: %d %s", rec.Code, rec.Body)
	}
	v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
	w.must(err)
	at := "/proposals/" + p.ID + "/files/" + v.Text("plan_file")
	if got := mira.body(at); got != string(aPDF) {
		t.Errorf("the file is %q", got)
	}
	server.Kill()
	mira.ask("GET", at, nil, http.StatusServiceUnavailable, apology)
	if rec := mira.attach(p, kind, bytes.NewReader(body)); rec.Code != http.StatusServiceUnavailable || !strings.Contains(rec.Body.String(), apology) {
		t.Errorf("an upload while the server is away: %d %s", rec.Code, rec.Body)
	}
	page, form := w.approach(p)
	mira.ask("POST", page, form, http.StatusSeeOther) // what needs no file goes on
	server.Run()
	if got := mira.body(at); got != string(aPDF) {
		t.Errorf("afterwards the file is %q", got)
	}
	if rec := mira.attach(p, kind, bytes.NewReader(body)); rec.Code != http.StatusSeeOther {
		t.Errorf("an upload afterwards: %d %s", rec.Code, rec.Body)
	}
	w.survives(p, typedText)
}
