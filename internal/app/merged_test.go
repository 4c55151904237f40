package app_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/schemes"
)

// TestMergerReachesRunningAwards: after the university is merged into another, that one's office looks after its awards and is asked for its
// proposals, whoever works there has a conflict with its teams, and the award keeps the name of its day; taken back, all is as before.
func TestMergerReachesRunningAwards(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		_, one, _ := w.decided()
		w.demands("tarn", "holder")
		w.account("office", "", access.Grant{Role: access.Research, Scope: access.Organisation("tarn")})
		list, err := w.Awards.Mine(w.ctx, w.actor["mira"])
		w.must(err)
		at := "/awards/" + list[0].ID
		api := w.caller("office")
		reports := func() int { // for who has to do with the award
			var got struct{ Reports []any }
			api.do("GET", at, nil, 200, &got)
			return len(got.Reports)
		}
		offices := func() int {
			accounts, err := w.Proposals.Desk.Offices(w.ctx, "ilvane")
			w.must(err)
			return len(accounts)
		}
		conflicts := func() int {
			list, err := w.Reviews.Conflicts(w.ctx, "jonas", one.ID) // of Tarn, as she is of Ilvane
			w.must(err)
			return len(list)
		}
		if offices() != 0 || conflicts() != 0 || reports() != 0 {
			w.t.Fatalf("before: %d offices, %d conflicts, %d reports", offices(), conflicts(), reports())
		}
		draft := w.draftOfNextCall()
		officer := w.visitor("officer")
		officer.ask("GET", "/organisations/ilvane/merge?into=tarn", nil, 200, "looked after by the research office of Tarn Institute of Technology: 1.")
		officer.ask("POST", "/organisations/ilvane/merge", values("into", "ilvane", "why", "By law."), 422, "Choose another organisation")
		officer.ask("POST", "/organisations/ilvane/merge", values("into", "tarn", "why", ""), 422, "Merge into Tarn Institute of Technology")
		officer.ask("POST", "/organisations/ilvane/merge", values("into", "tarn", "why", "By law."), 303)
		w.now.Advance(time.Minute)
		w.paysAndReports(at)
		_, err = w.Proposals.Submit(w.ctx, w.actor["mira"], draft, w.now.Source().Now())
		w.must(err)
		w.visitor("office").ask("GET", "/home", nil, 200, "/proposals/"+draft+"/approval")
		if offices() != 1 || conflicts() != 1 || reports() == 0 {
			w.t.Errorf("merged: %d offices, %d conflicts, %d reports; want one of each", offices(), conflicts(), reports())
		}
		w.visitor("office").ask("GET", at, nil, 200, "University of Ilvane")
		officer.ask("GET", "/organisations/tarn", nil, 200, "/organisations/ilvane/unmerge")
		officer.ask("POST", "/organisations/ilvane/unmerge", values("why", ""), 422)
		officer.ask("POST", "/organisations/ilvane/unmerge", values("why", "The law was repealed."), 303)
		if offices() != 0 || conflicts() != 0 || reports() != 0 {
			w.t.Errorf("taken back: %d offices, %d conflicts, %d reports", offices(), conflicts(), reports())
		}
		officer.ask("GET", "/organisations/ilvane", nil, 200, "University of Ilvane", "was separated from")

		w.must(w.Register.Merge(w.ctx, w.actor["officer"], "ilvane", "tarn", "By law, again."))
		back := map[string]any{"why": "Repealed again."}
		api.do("POST", "/organisations/ilvane/unmerge", back, 403, nil)
		w.caller("officer").do("POST", "/organisations/ilvane/unmerge", map[string]any{"why": ""}, 422, nil)
		w.caller("officer").do("POST", "/organisations/ilvane/unmerge", back, 204, nil)
		w.caller("officer").do("POST", "/organisations/ilvane/unmerge", back, 409, nil)
		if offices() != 0 || conflicts() != 0 {
			w.t.Errorf("taken back by the API: %d offices, %d conflicts", offices(), conflicts())
		}
	})
}

// paysAndReports: the award's payments and reports go on as agreed, under the name of its day and with what its holder is now.
func (w *world) paysAndReports(at string) {
	w.t.Helper()
	w.account("oskar", "", access.Grant{Role: access.Finance, Scope: access.Agency("arc")})
	oskar := w.visitor("oskar")
	oskar.ask("GET", "/payments", nil, 200, "University of Ilvane (now Tarn Institute of Technology)")
	oskar.ask("GET", "/payments.csv", nil, 200, "University of Ilvane,Tarn Institute of Technology,")
	var list struct {
		Items []struct {
			ID, Holder string
			Now        struct{ En string } `json:"holder_now"`
		}
	}
	w.caller("oskar").do("GET", "/payments", nil, 200, &list)
	if len(list.Items) == 0 || list.Items[0].Holder != "University of Ilvane" || list.Items[0].Now.En != "Tarn Institute of Technology" {
		w.t.Errorf("payments of the merged university: %+v", list.Items)
	}
	oskar.ask("POST", "/payments", values("act", "approve", "payment", list.Items[0].ID), 303)
	oskar.ask("POST", "/payments/export", nil, 303)
	told := strings.Repeat("We know now how fast it fails. ", 4)
	w.visitor("").ask("GET", at, nil, 200, "University of Ilvane (now Tarn Institute of Technology)")
	w.must(w.Awards.SubmitReport(w.ctx, w.actor["mira"], strings.TrimPrefix(at, "/awards/"), map[string]any{"found": told, "use": told}))
	w.must(w.Awards.AcceptReport(w.ctx, w.actor["officer"], strings.TrimPrefix(at, "/awards/"), true, ""))
}

// draftOfNextCall is a whole draft of mira's in a call that opens after the first is decided.
func (w *world) draftOfNextCall() string {
	w.t.Helper()
	v, err := w.Schemes.Publish(w.ctx, w.actor["officer"], schemes.Files, "open-call.yaml")
	w.must(err)
	c, err := w.Calls.Create(w.ctx, w.actor["officer"], call.Input{AgencyID: "arc", SchemeVersionID: v.ID, Title: lang.In1("en", "Open questions, once more"), Summary: lang.In1("en", "Free choice of topic."),
		Zone: "Europe/Vienna", Opens: "2027-04-16T08:00", Closes: "2027-05-15T17:00", Low: "100,000", High: "1,200,000", Total: "900,000"})
	w.must(err)
	w.must(w.Calls.Publish(w.ctx, w.actor["officer"], c.ID))
	w.now.Advance(24 * time.Hour)
	p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
	w.must(err)
	_, err = w.Proposals.Save(w.ctx, w.actor["mira"], p.ID, answers("A draft of the old university", 300_000))
	w.must(err)
	return p.ID
}

// TestAwardIsAskedForOnce: what the holder is now comes with the award itself.
func TestAwardIsAskedForOnce(t *testing.T) {
	t.Parallel()
	w := country(t, dbtest.SQLitePath(t))
	w.decided()
	list, err := w.Awards.Mine(w.ctx, w.actor["mira"])
	w.must(err)
	w.must(w.Register.Merge(w.ctx, w.actor["officer"], "ilvane", "tarn", "By law."))
	var mu sync.Mutex
	asked := 0
	d, err := db.Open(w.ctx, w.Config.Database, db.Options{Told: func(statement string) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasSuffix(statement, "FROM award a WHERE a.id = $1") {
			asked++
		}
	}})
	w.must(err)
	defer d.Close()
	awards := *w.Awards
	awards.DB = d
	v, err := awards.Get(w.ctx, w.actor["officer"], list[0].ID)
	w.must(err)
	if asked != 1 || v.HolderName != "University of Ilvane" || v.Now.In(lang.English) != "Tarn Institute of Technology" {
		t.Errorf("asked %d times; held by %s, now %s", asked, v.HolderName, v.Now.In(lang.English))
	}
}
