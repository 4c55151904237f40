package app_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/retention"
)

// dataLink is a link by which somebody without an account comes to their request.
var dataLink = regexp.MustCompile(`/data-requests/[\w-]+`)

// mailedTo are the links in the mails to an address, the newest first.
func (w *world) mailedTo(email string) (links []string) {
	w.t.Helper()
	var bodies []string
	rows, err := w.DB.SQL().QueryContext(w.ctx, `SELECT body FROM mail_message WHERE to_email = $1 ORDER BY created_at DESC, id DESC`, email)
	w.must(err)
	for rows.Next() {
		var body string
		w.must(rows.Scan(&body))
		bodies = append(bodies, body)
	}
	w.must(rows.Err())
	w.must(rows.Close())
	return dataLink.FindAllString(strings.Join(bodies, "\n"), -1)
}

// asksByMail asks as somebody without an account, and uses the link that comes.
func (w *world) asksByMail(email, kind string) retention.Request {
	w.t.Helper()
	public := w.visitor("")
	if to := public.ask("POST", "/data-requests", values("name", "Zephyrine Q.", "email", email, "kind", kind, "body", "Of the call on joints."), 303); to != "/mailed" {
		w.t.Errorf("asking leads to %s", to)
	}
	links := w.mailedTo(email)
	if len(links) == 0 {
		w.t.Fatalf("no link was mailed to %s", email)
	}
	before, err := w.Retention.Cases(w.ctx, w.actor["admin"])
	w.must(err)
	public.ask("GET", links[0], nil, 200, email) // a mail program looks: nothing happens by that
	public.ask("POST", links[0], nil, 303)
	public.ask("POST", links[0], nil, 404)
	after, err := w.Retention.Cases(w.ctx, w.actor["admin"])
	w.must(err)
	if len(after) != len(before)+1 {
		w.t.Fatalf("cases: %+v", after)
	}
	return after[len(after)-1] // the last is due last
}

// TestAskedWithoutAccount carries the wish of somebody without an account from the form to the copy, which only a link mailed to the
// address that they proved hands out, for two weeks.
func TestAskedWithoutAccount(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		public, admin := w.visitor(""), w.visitor("admin")
		public.ask("GET", "/privacy", nil, 200, `href="/data-requests"`)
		public.ask("GET", "/data-requests?lang=zh", nil, 200, "就您的个人数据提出请求")
		public.ask("POST", "/data-requests", values("name", "Zephyrine Q.", "email", "nobody", "kind", "copy"), 422, "Zephyrine Q.")
		public.ask("POST", "/data-requests", values("name", "Z", "email", "z@example.org", "kind", "correction"), 422, "Say what is wrong")

		r := w.asksByMail(markedAddress, "copy")
		at := "/requests/" + r.ID
		w.visitor("officer").ask("GET", at, nil, 403)
		admin.ask("GET", "/requests", nil, 200, r.Number, "Zephyrine Q.")
		admin.ask("GET", at, nil, 200, markedAddress, markedName+" (mira)", "Of the call on joints.")
		admin.ask("POST", at, values("grant", "yes", "answer", "Here it is."), 422)                               // whose?
		admin.ask("POST", at, values("grant", "yes", "answer", "Here it is.", "person", "nobody"), 422, "nobody") // what was typed stays
		admin.ask("POST", at, values("grant", "yes", "answer", "Here it is.", "person", "ravi"), 422, "Say how you checked")
		admin.ask("POST", at, values("grant", "yes", "answer", "Here it is.", "person", "mira"), 303)
		admin.ask("POST", at, values("grant", "no", "answer", "Or not."), 409)
		w.now.Advance(time.Minute) // after the mail with the first link
		_, err := w.Jobs.Work(w.ctx)
		w.must(err)
		link := w.mailedTo(markedAddress)[0]
		public.ask("GET", link, nil, 200, "Get the archive")
		got := w.unzipped([]byte(public.body(link + "/archive.zip")))
		for _, word := range []string{markedName, markedORCID, marked + " department", markedAddress} {
			if !strings.Contains(got["data.json"], word) {
				w.t.Errorf("the copy does not hold %q", word)
			}
		}
		if strings.Contains(got["data.json"], "olena") {
			w.t.Error("the copy tells who reviewed")
		}
		public.ask("POST", link, nil, 404) // it proves nothing
		public.ask("GET", "/data-requests/nothing/archive.zip", nil, 404)
		w.now.Advance(15 * 24 * time.Hour)
		public.ask("GET", link, nil, 404)
		public.ask("GET", link+"/archive.zip", nil, 404)
		w.whole()
	})
}

// TestNothingHeldWithoutAccount: who asks under an address of which nobody here knows gets the same pages, and a person's answer; what is
// granted on another proof of identity says which, and nobody fills a stranger's mailbox.
func TestNothingHeldWithoutAccount(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		public, admin := w.visitor(""), w.visitor("admin")
		const stranger = "stranger@elsewhere.example"
		r := w.asksByMail(stranger, "copy")
		admin.ask("GET", "/requests/"+r.ID, nil, 200, "on nobody")
		admin.ask("POST", "/requests/"+r.ID, values("grant", "no", "answer", "Nothing is held under this address."), 303)
		var body string
		w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT body FROM mail_message WHERE to_email = $1 AND kind = 'retention.mail.refused.outside'`, stranger).Scan(&body))
		if !strings.Contains(body, "Nothing is held") {
			w.t.Errorf("the answer is %q", body)
		}

		r = w.asksByMail(stranger, "erasure")
		reply := retention.Reply{Grant: true, Words: "You are erased.", Person: "mira"}
		w.refused(w.Retention.AnswerCase(w.ctx, w.actor["admin"], r.ID, reply), fault.Invalid, "an address that is not hers erases her")
		reply.Identity = "They came by with their passport."
		w.must(w.Retention.AnswerCase(w.ctx, w.actor["admin"], r.ID, reply))
		admin.ask("GET", "/requests/"+r.ID, nil, 200, "with their passport")
		w.now.Advance(11 * time.Minute)
		_, err := w.Jobs.Work(w.ctx)
		w.must(err)
		list, err := w.Retention.Erasures(w.ctx, w.actor["admin"])
		w.must(err)
		if len(list) != 1 || list[0].State != retention.Done {
			w.t.Errorf("erasures: %+v", list)
		}
		var left int
		w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT (SELECT count(*) FROM mailed_request WHERE email = $1 AND person_id IS NOT NULL) + (SELECT count(*) FROM mail_message WHERE to_email = $1)`, stranger).Scan(&left))
		if left != 0 {
			w.t.Errorf("%d rows still hold the address by which she asked", left)
		}

		was := len(w.mailedTo("full@elsewhere.example"))
		for range 5 {
			public.ask("POST", "/data-requests", values("name", "F", "email", "full@elsewhere.example", "kind", "copy"), 303)
		}
		if n := len(w.mailedTo("full@elsewhere.example")); n-was != 3 {
			w.t.Errorf("%d links were mailed to one address at once", n-was)
		}
		w.now.Advance(25 * time.Hour)
		public.ask("GET", w.mailedTo("full@elsewhere.example")[0], nil, 404)
		w.must(w.Retention.EndOldCopies(w.ctx))
		w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT count(*) FROM mailed_request WHERE state = 'mailed'`).Scan(&left))
		if left != 0 {
			w.t.Errorf("%d requests whose address nobody proved are still there", left)
		}
	})
}
