package app_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/retention"
)

// unzipped is what an archive holds, by name.
func (w *world) unzipped(body []byte) map[string]string {
	w.t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	w.must(err)
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		w.must(err)
		b, err := io.ReadAll(r)
		w.must(err)
		w.must(r.Close())
		out[f.Name] = string(b)
	}
	return out
}

// TestCopyOfOnesData: what Mira gets holds all that she wrote, and nothing by which she could learn who reviewed her.
func TestCopyOfOnesData(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		mira, ravi := w.visitor("mira"), w.visitor("ravi")
		mira.ask("POST", "/my-data", values("kind", "copy"), 303)
		mira.ask("POST", "/my-data", values("kind", "copy"), 409, "under way")
		mira.ask("POST", "/my-data", values("kind", "correction"), 422, "Say what is wrong")
		_, err := w.Jobs.Work(w.ctx)
		w.must(err)
		list, err := w.Retention.Mine(w.ctx, w.actor["mira"])
		w.must(err)
		if len(list) != 1 || list[0].State != retention.Ready || list[0].File == "" {
			w.t.Fatalf("requests: %+v", list)
		}
		at := "/my-data/" + list[0].ID + "/archive.zip"
		ravi.ask("GET", at, nil, 404)
		mira.ask("GET", "/my-data", nil, 200, "Get the archive", list[0].Number)
		got := w.unzipped([]byte(mira.body(at)))
		var tables []struct{ Table string }
		w.must(json.Unmarshal([]byte(got["data.json"]), &tables))
		names := map[string]bool{}
		for _, table := range tables {
			names[table.Table] = true
		}
		for _, name := range []string{"account", "person", "affiliation", "work", "delegation", "api_token", "consent", "session", "mail_message", "proposal", "proposal_answer", "proposal_submission", "proposal_member", "letter", "award", "report", "result", "payment", "work_author", "ledger_entry"} {
			if !names[name] {
				w.t.Errorf("%s is not in the archive", name)
			}
		}
		for _, part := range []string{"data.json", "index.html"} {
			for _, word := range []string{markedName, markedORCID, marked + " department", marked + " token", "Joints, by", "With a partner"} {
				if !strings.Contains(got[part], word) {
					w.t.Errorf("%s does not hold %q", part, word)
				}
			}
			for _, word := range []string{"olena", "Olena"} { // who reviewed both
				if strings.Contains(got[part], word) {
					w.t.Errorf("%s tells who reviewed: %q", part, word)
				}
			}
		}
		w.tellsOf(got["data.json"], "proposal.submit", "proposal")
		if w.toldOf(got["data.json"], "review.submit") != "" {
			w.t.Error("an applicant's copy tells what a reviewer handed in")
		}
		theirs := w.copyOf("olena")
		if w.tellsOf(theirs, "review.submit", "review"); !strings.Contains(w.toldOf(theirs, "review.submit"), "It is clear what is measured") {
			w.t.Error("a reviewer's copy does not tell what they handed in")
		}
		file := false
		for name, body := range got {
			file = file || strings.HasPrefix(name, "files/") && strings.Contains(body, marked)
		}
		if !file {
			w.t.Error("the file is not in the archive")
		}
		w.now.Advance(15 * 24 * time.Hour)
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		w.visitor("mira").ask("GET", at, nil, 404)
		w.visitor("mira").ask("GET", "/my-data", nil, 200, "Removed")
	})
}

// copyOf is all that somebody gets who asks for a copy of their data.
func (w *world) copyOf(who string) string {
	w.t.Helper()
	v := w.visitor(who)
	v.ask("POST", "/my-data", values("kind", "copy"), 303)
	_, err := w.Jobs.Work(w.ctx)
	w.must(err)
	list, err := w.Retention.Mine(w.ctx, w.actor[who])
	w.must(err)
	return w.unzipped([]byte(v.body("/my-data/" + list[0].ID + "/archive.zip")))["data.json"]
}

// tellsOf expects that a copy has an entry of an act with its time, the record that it is about, and what it tells.
func (w *world) tellsOf(data, act, kind string) {
	w.t.Helper()
	rows := w.entriesIn(data, act)
	if len(rows) == 0 {
		w.t.Fatalf("the copy has no entry of %s", act)
	}
	for _, row := range rows {
		if at, _ := row["at"].(string); at == "" || row["subject_kind"] != kind || row["subject_id"] == "" || row["told"] == nil {
			w.t.Errorf("an entry of %s says %v", act, row)
		}
	}
}

// toldOf is what the entries of an act tell in a copy.
func (w *world) toldOf(data, act string) (told string) {
	w.t.Helper()
	for _, row := range w.entriesIn(data, act) {
		if row["told"] != nil {
			told += string(raw(row["told"]))
		}
	}
	return told
}

func (w *world) entriesIn(data, act string) (list []map[string]any) {
	w.t.Helper()
	var tables []struct {
		Table string
		Rows  []map[string]any
	}
	w.must(json.Unmarshal([]byte(data), &tables))
	for _, t := range tables {
		for _, row := range t.Rows {
			if t.Table == "ledger_entry" && row["act"] == act {
				list = append(list, row)
			}
		}
	}
	return list
}

// TestAskedToBeErased carries the wish of a person from their page to the certificate.
func TestAskedToBeErased(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		mira, admin := w.visitor("mira"), w.visitor("admin")
		mira.ask("POST", "/my-data", values("kind", "erasure", "body", "I leave science."), 303)
		w.visitor("officer").ask("GET", "/requests", nil, 403)
		admin.ask("GET", "/home", nil, 200, "about personal data")
		cases, err := w.Retention.Cases(w.ctx, w.actor["admin"])
		w.must(err)
		if len(cases) != 1 || cases[0].Due.Sub(cases[0].Created) < 28*24*time.Hour {
			w.t.Fatalf("cases: %+v", cases)
		}
		at := "/requests/" + cases[0].ID
		admin.ask("GET", at, nil, 200, "I leave science.", markedName)
		admin.ask("POST", at, values("answer", "Done."), 422)
		admin.ask("POST", at, values("grant", "yes", "answer", "Your account goes; your proposals stay until the law lets them go."), 303)
		admin.ask("POST", at, values("grant", "no", "answer", "Or not."), 409)
		w.refused(w.Retention.AnswerCase(w.ctx, w.actor["mira"], cases[0].ID, retention.Reply{Grant: true, Words: "x"}), fault.NotAllowed, "a person answers for themself")
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		if !slices.ContainsFunc(w.outboxOf("mira"), func(l mail.Letter) bool { return l.Kind == "retention.mail.granted" }) {
			w.t.Error("mira was not told")
		}
		mira.ask("GET", "/home", nil, 200)
		w.now.Advance(11 * time.Minute)
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		if rec := mira.send("GET", "/home", nil); rec.Code == 200 {
			w.t.Error("who was erased is still signed in")
		}
		list, err := w.Retention.Erasures(w.ctx, w.actor["admin"])
		w.must(err)
		if len(list) != 1 || list[0].State != retention.Done || list[0].Reason != "request "+cases[0].Number || len(list[0].Result.Kept) != 2 {
			w.t.Errorf("erasures: %+v", list)
		}
		admin.ask("GET", "/retention/erasures/"+list[0].ID, nil, 200, "Certificate of erasure", "Signed receipt")
		w.whole()
	})
}
