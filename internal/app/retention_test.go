package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file/s3server"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/retention"
)

// What is Mira's alone, and what others write to or about her.
const (
	markedName    = "Zephyrine Quillfeather"
	markedAddress = "zephyrine@quillfeather.example"
	markedORCID   = "0000-0002-1825-0097"
	marked        = "zqmark"
)

var marks = []string{"Quillfeather", markedORCID, marked}

// marked makes Mira a person whose every text can be found again, with a funded proposal and a part in another's proposal of hers.
func (w *world) marked() (one, two proposal.Proposal) {
	w.t.Helper()
	w.account("admin", "", access.Grant{Role: access.Admin, Scope: access.Platform()})
	var id string
	w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT id FROM account WHERE email = 'mira@example.org'`).Scan(&id))
	_, err := w.DB.SQL().ExecContext(w.ctx, `UPDATE account SET email = $2 WHERE id = $1`, id, markedAddress) // the way by mail has its own test
	w.must(err)
	_, err = w.DB.SQL().ExecContext(w.ctx, `UPDATE person SET email = $1 WHERE id = 'mira'`, "Zephyrine@Quillfeather.example")
	w.must(err)
	mira := w.actor["mira"]
	was, err := w.Register.Profile(w.ctx, mira, "mira")
	w.must(err)
	w.must(w.Register.UpdateProfile(w.ctx, mira, "mira", was.Version, register.ProfileInput{Given: "Zephyrine", Family: "Quillfeather", Name: markedName, ORCID: markedORCID, Country: "SE",
		About: lang.In1("en", marked+" about me"), Keywords: []string{marked + " keyword"}, Languages: []string{"en"}}))
	w.must(w.Register.AddWork(w.ctx, mira, "mira", register.WorkInput{Title: marked + " work", Kind: "publication", DOI: "10.5555/" + marked, Year: 2020}))
	w.must(w.Register.AddJob(w.ctx, mira, "mira", register.JobInput{OrganisationID: "tarn", Department: marked + " department", Position: marked + " position", From: "2020-01-01"}))
	_, err = w.Accounts.Delegate(w.ctx, mira, account.Offer{Email: "ravi@example.org", Scope: "all", Until: w.now.Source().Now().Add(24 * time.Hour)})
	w.must(err)
	_, _, err = w.Accounts.NewToken(w.ctx, mira, marked+" token", "read", 24*time.Hour)
	w.must(err)
	w.must(w.Accounts.SetConsents(w.ctx, mira, []string{"calls"}))

	c := w.openCall("open-call.yaml")
	one = w.markedProposal(c.ID)
	other, err := w.Proposals.Begin(w.ctx, w.actor["ravi"], c.ID)
	w.must(err)
	_, err = w.Proposals.Save(w.ctx, w.actor["ravi"], other.ID, answers("With a partner", 100_000))
	w.must(err)
	_, err = w.Proposals.Invite(w.ctx, w.actor["ravi"], other.ID, "mira", "member", 10)
	w.must(err)
	w.must(w.Proposals.Answer(w.ctx, mira, other.ID, true))
	_, err = w.Proposals.Save(w.ctx, mira, other.ID, []proposal.Change{{Field: "approach", Version: 1, Value: raw(markedName + " (" + markedAddress + ") measures what nobody has measured, twice.")}})
	w.must(err)
	_, err = w.Proposals.Submit(w.ctx, w.actor["ravi"], other.ID, w.now.Source().Now())
	w.must(err)
	w.now.Set(c.ClosesAt.Add(time.Hour))
	w.judge("olena", one, 5)
	w.judge("olena", other, 3)
	d, err := w.Decisions.Begin(w.ctx, w.actor["officer"], c.ID, "")
	w.must(err)
	w.must(w.Decisions.Save(w.ctx, w.actor["officer"], d.ID, "By the reviews.", []decision.Choice{{ProposalID: one.ID, Outcome: decision.Fund, Reasons: marked + " reasons"},
		{ProposalID: other.ID, Outcome: decision.Reject, Reasons: markedName + " could not be heard."}}))
	w.sign(d.ID)
	w.must(w.Decisions.Lodge(w.ctx, w.actor["ravi"], other.ID, markedName+" was not asked."))
	w.markedAward()
	w.visitor("mira").ask("GET", "/home", nil, 200, markedName)
	return one, other
}

// markedProposal is submitted with a file.
func (w *world) markedProposal(call string) proposal.Proposal {
	w.t.Helper()
	mira := w.actor["mira"]
	p, err := w.Proposals.Begin(w.ctx, mira, call)
	w.must(err)
	long := marked + strings.Repeat(" A sentence that says what is done and why.", 4)
	list := answers("Joints, by "+markedName, 700_000) // title and summary of an award stay public, without the name
	for i, a := range list {
		switch a.Field {
		case "aim", "approach", "risks", "data":
			list[i].Value = raw(long)
		case "works":
			list[i].Value = raw([]string{markedName + ": on joints"})
		}
	}
	_, err = w.Proposals.Save(w.ctx, mira, p.ID, list)
	w.must(err)
	_, err = w.Proposals.Attach(w.ctx, mira, p.ID, "plan_file", "plan of "+marked+".pdf", bytes.NewReader(append(aPDF, []byte("% "+marked+"\n%%EOF\n")...)))
	w.must(err)
	_, err = w.Proposals.Submit(w.ctx, mira, p.ID, w.now.Source().Now())
	w.must(err)
	return p
}

func (w *world) markedAward() {
	w.t.Helper()
	list, err := w.Awards.Mine(w.ctx, w.actor["mira"])
	w.must(err)
	id := list[0].ID
	w.must(w.Awards.AddResult(w.ctx, w.actor["mira"], id, award.Result{Kind: "data", Title: lang.In1("en", "Moisture fronts"), Authors: markedName, Year: 2027}))
	long := strings.Repeat(marked+" is known now. ", 4)
	w.must(w.Awards.SubmitReport(w.ctx, w.actor["mira"], id, map[string]any{"found": long, "use": long}))
	w.must(w.Awards.AcceptReport(w.ctx, w.actor["officer"], id, true, "Thanks to "+markedAddress))
}

// leftOf lists where Mira still is: in the database's columns and in the folder of files.
func (w *world) leftOf() []string {
	w.t.Helper()
	return append(dbtest.Holding(w.t, w.DB, marks...), w.marksIn(w.Config.Files)...)
}

// marksIn lists the files in a folder that hold something of Mira's.
func (w *world) marksIn(dir string) (found []string) {
	w.t.Helper()
	w.must(filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(marked)) {
			found = append(found, "a stored file")
		}
		return err
	}))
	return found
}

// TestErasedEverywhere carries a person through the whole loop, with marks in all that they and others write, and erases them:
// first while rules keep their proposals, then when the rules' time is over.
func TestErasedEverywhere(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, _ := w.marked()
		w.whole()
		head, err := w.Ledger.Head(w.ctx)
		w.must(err)
		admin := w.actor["admin"]
		_, err = w.Retention.Order(w.ctx, w.actor["officer"], retention.Wish{Kind: "person", Ref: "mira", Reason: "asked"})
		w.refused(err, fault.Invalid, "an officer erases a person")
		_, err = w.Retention.Order(w.ctx, w.actor["officer"], retention.Wish{Kind: "proposal", Ref: one.Number, Reason: "to be rid of it"})
		w.refused(err, fault.Conflict, "a proposal in its time is erased")

		hold, err := w.Retention.Hold(w.ctx, w.actor["officer"], "proposal", one.Number, "A lawsuit.")
		w.must(err)
		w.heldBack("person", "mira", one.Number)
		w.must(w.Retention.Lift(w.ctx, w.actor["officer"], hold, "It is settled."))
		_, dry, err := w.Retention.Foresee(w.ctx, admin, "person", "mira")
		w.must(err)
		if len(dry.Kept) != 2 || dry.Kept[0].Number != one.Number || len(dry.Holds) != 0 || dry.Rows["person"] != 1 {
			w.t.Errorf("the dry run: %+v", dry)
		}
		id, err := w.Retention.Order(w.ctx, admin, retention.Wish{Kind: "person", Ref: "mira", Reason: "asked"})
		w.must(err)
		e := w.erased(id)
		if len(e.Result.Kept) != 2 {
			w.t.Errorf("kept: %+v", e.Result.Kept)
		}
		w.saysWhatStays(one, dry, e)
		if _, err := w.Proposals.Get(w.ctx, w.actor["officer"], one.ID); err != nil {
			w.t.Errorf("what a rule keeps: %v", err)
		}
		var content, hash string
		w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT content, hash FROM proposal_submission WHERE proposal_id = $1`, one.ID).Scan(&content, &hash))
		if fmt.Sprintf("%x", sha256.Sum256([]byte(content))) != hash {
			w.t.Error("what a rule keeps is not any more what the receipt says")
		}
		if secret, err := w.Accounts.SignInAs(w.ctx, w.actor["mira"].Account, "test"); err == nil {
			w.t.Errorf("who was erased signs in: %q", secret)
		}

		hold, err = w.Retention.Hold(w.ctx, w.actor["officer"], "proposal", one.Number, "An audit.")
		w.must(err)
		w.now.Advance(16 * 365 * 24 * time.Hour)
		due, err := w.Retention.Due(w.ctx, w.actor["officer"], retention.Award)
		w.must(err)
		if len(due) != 0 {
			w.t.Errorf("what is held is due: %+v", due)
		}
		w.must(w.Retention.Lift(w.ctx, w.actor["officer"], hold, "It is settled."))
		w.eraseDue(retention.Award)
		w.eraseDue(retention.Unfunded)
		w.eraseDue(retention.Mail)
		w.sweep()
		if left := w.leftOf(); len(left) != 0 {
			w.t.Errorf("still there: %v", left)
		}
		w.whole()
		if r, err := w.Ledger.Verify(w.ctx, head); err != nil || !r.OK() || r.Erased == 0 {
			w.t.Errorf("the ledger against the head of before: %+v, %v", r, err)
		}
		w.visitor("").ask("GET", "/awards", nil, 200, "Awards") // what is public of the award has lost its name, not its page
	})
}

// saysWhatStays expects of a certificate that it says which texts of a kept proposal still name who was erased, under which rule and until
// when, as the dry run did, and that it does not name them itself.
func (w *world) saysWhatStays(kept proposal.Proposal, dry retention.Result, e retention.Erasure) {
	w.t.Helper()
	if diff := cmp.Diff(dry.Spared, e.Result.Spared); diff != "" {
		w.t.Errorf("the dry run and the certificate differ in what stays (-dry +done):\n%s", diff)
	}
	tables := map[string]bool{}
	for _, k := range e.Result.Spared {
		if tables[k.Table] = true; k.Class == "" || len(k.Holds) != 0 || k.Class == retention.Award && k.Until.IsZero() || k.Texts < 1 {
			w.t.Errorf("it is not said what keeps a text: %+v", k)
		}
	}
	if !tables["proposal_answer"] || !slices.ContainsFunc(e.Result.Spared, func(k retention.Spared) bool { return k.Number == kept.Number }) {
		w.t.Errorf("the texts of %s are not among what stays: %+v", kept.Number, e.Result.Spared)
	}
	for _, mark := range marks {
		if strings.Contains(strings.ToLower(string(e.Certificate())), strings.ToLower(mark)) {
			w.t.Errorf("the certificate holds %q: %s", mark, e.Certificate())
		}
	}
}

// TestErasedFromTheBucket: where files lie in a bucket, nothing of an erased person is left in it, nor in older versions of what it holds.
func TestErasedFromTheBucket(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLitePath, "postgres": dbtest.PostgresURL} {
		for kind, start := range map[string]func(testing.TB) *s3server.Server{"": s3server.Start, " with versions": s3server.StartVersions} {
			t.Run(name+kind, func(t *testing.T) {
				t.Parallel()
				server := start(t)
				w := country(t, url(t), func(c *app.Config) { c.Files = server.At() })
				w.marked()
				if len(w.marksIn(server.Dir())) == 0 {
					t.Fatal("nothing of hers is in the bucket before")
				}
				w.now.Advance(40 * 365 * 24 * time.Hour) // no rule keeps what was submitted before
				id, err := w.Retention.Order(w.ctx, w.actor["admin"], retention.Wish{Kind: "person", Ref: "mira", Reason: "asked"})
				w.must(err)
				if e := w.erased(id); e.Result.Files == 0 {
					t.Errorf("no file was erased: %+v", e.Result)
				}
				w.sweepIn(server.Dir())
				if left := w.marksIn(server.Dir()); len(left) != 0 {
					t.Errorf("still in the bucket: %v", left)
				}
				w.whole()
			})
		}
	}
}

// TestErasedNameIsNotPublic: who is erased while a rule keeps their award is named to those who have to do with it, and to nobody else.
func TestErasedNameIsNotPublic(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, _ := w.marked()
		id := w.text(`SELECT id FROM award WHERE proposal_id = $1`, one.ID)
		pages := []string{"/awards", "/awards.csv", "/awards.json", "/awards/" + id, "/api/v1/awards", "/api/v1/awards/" + id, "/api/v1/results"}
		for _, path := range pages {
			w.visitor("").ask("GET", path, nil, 200, markedName)
		}
		order, err := w.Retention.Order(w.ctx, w.actor["admin"], retention.Wish{Kind: "person", Ref: "mira", Reason: "asked"})
		w.must(err)
		w.erased(order)
		for _, path := range pages {
			page := w.visitor("").body(path)
			if strings.Contains(page, markedName) {
				w.t.Errorf("%s names who was erased", path)
			}
			if path != "/api/v1/results" && !strings.Contains(page, "Joints, by [erased]") {
				w.t.Errorf("%s does not show the award", path)
			}
		}
		for word, want := range map[string]int{markedName: 0, "joints": 1} {
			found, err := w.Awards.Find(w.ctx, award.Filter{Text: word, Size: 10})
			if err != nil || found.Total != want {
				w.t.Errorf("by %q %d are found, %v, want %d", word, found.Total, err, want)
			}
		}
		w.visitor("officer").ask("GET", "/awards/"+id, nil, 200, markedName)
		w.whole()
	})
}

// TestErasedFromOthersRecords: what others wrote of a person, in records of which these know nothing but a name and an address, or
// nothing at all, loses both where the record is read and where it is found.
func TestErasedFromOthersRecords(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		w.now.Set(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC))
		p, err := w.Proposals.Begin(w.ctx, w.actor["ravi"], w.openCall("open-call.yaml").ID)
		w.must(err)
		_, err = w.Proposals.Save(w.ctx, w.actor["ravi"], p.ID, answers("To be begun with "+markedName, 100_000))
		w.must(err)
		_, err = w.Proposals.InviteByMail(w.ctx, w.actor["ravi"], p.ID, markedName, strings.ToUpper(markedAddress), "member", 10)
		w.must(err)
		foreign := award.Award{ID: "foreign", Number: "F-1", Title: lang.In1("en", "Foreign"), Summary: lang.In1("en", "Contact "+markedAddress+", ORCID "+markedORCID), State: award.Running,
			Year: 2020, Source: "old", PublicAt: w.now.Source().Now().Add(-time.Hour)}
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			return errors.Join(w.Awards.TakeIn(ctx, foreign, nil, nil), w.Awards.Index(ctx, foreign.ID))
		}))

		w.now.Advance(40 * 365 * 24 * time.Hour) // no rule keeps what was submitted before
		id, err := w.Retention.Order(w.ctx, w.actor["admin"], retention.Wish{Kind: "person", Ref: "mira", Reason: "asked"})
		w.must(err)
		w.erased(id)
		w.sweep()
		if left := w.leftOf(); len(left) != 0 {
			w.t.Errorf("still there: %v", left)
		}
		if got, err := w.Proposals.Get(w.ctx, w.actor["ravi"], p.ID); err != nil || got.Title != "To be begun with [erased]" {
			w.t.Errorf("the proposal of who invited: %q, %v", got.Title, err)
		}
	})
}

// TestNamesakesKeepTheirName: who has the same name as somebody who is erased keeps it where they signed, and who has a longer one
// keeps it whole.
func TestNamesakesKeepTheirName(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		exec := func(query string, args ...any) {
			_, err := w.DB.SQL().ExecContext(w.ctx, query, args...)
			w.must(err)
		}
		exec(`UPDATE person SET name = $1 WHERE id = 'olena'`, markedName)
		var decision string
		w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT id FROM decision`).Scan(&decision))
		for id, name := range map[string]string{"mira": markedName, "olena": markedName, "ravi": markedName + "stone"} {
			var entry string
			w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) (err error) {
				entry, err = w.Ledger.Append(ctx, w.actor[id], ledger.Entry{Act: "decision.lottery", Kind: "decision", ID: decision})
				return err
			}))
			exec(`INSERT INTO decision_lottery (id, decision_id, proposals, record, entry_id, by_name, at) VALUES ($1, $2, '[]', '{}', $3, $4, 0)`, id, decision, entry, name)
		}
		id, err := w.Retention.Order(w.ctx, w.actor["admin"], retention.Wish{Kind: "person", Ref: "mira", Reason: "asked"})
		w.must(err)
		w.erased(id)
		for id, want := range map[string]string{"mira": "[erased]", "olena": markedName, "ravi": markedName + "stone"} {
			var got string
			w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT by_name FROM decision_lottery WHERE id = $1`, id).Scan(&got))
			if got != want {
				w.t.Errorf("the lottery of %s is by %q; want %q", id, got, want)
			}
		}
	})
}

// erased runs the jobs and is the erasure that was ordered, with its receipt checked.
func (w *world) erased(id string) retention.Erasure {
	w.t.Helper()
	_, err := w.Jobs.Work(w.ctx)
	w.must(err)
	e, err := w.Retention.Erasure(w.ctx, w.actor["admin"], id)
	w.must(err)
	if e.State != retention.Done {
		w.t.Fatalf("the erasure is %+v", e)
	}
	r, err := w.Retention.Receipt(w.ctx, w.actor["admin"], id)
	w.must(err)
	keys, err := w.Ledger.Keys(w.ctx)
	w.must(err)
	if got, err := ledger.VerifyReceipt(r.Note, keys); err != nil || got.Subject != id || got.Content != fmt.Sprintf("%x", sha256.Sum256(e.Certificate())) {
		w.t.Errorf("the certificate's receipt: %+v, %v", got, err)
	}
	return e
}

// eraseDue erases all of a class that is due.
func (w *world) eraseDue(c retention.Class) {
	w.t.Helper()
	due, err := w.Retention.Due(w.ctx, w.actor["admin"], c)
	w.must(err)
	if len(due) == 0 {
		w.t.Errorf("nothing of class %s is due", c)
	}
	var ids []string
	for _, d := range due {
		ids = append(ids, d.ID)
	}
	w.must(w.Retention.OrderDue(w.ctx, w.actor["admin"], c, ids, "its time is over"))
	_, err = w.Jobs.Work(w.ctx)
	w.must(err)
	if due, err = w.Retention.Due(w.ctx, w.actor["admin"], c); err != nil || len(due) != 0 {
		w.t.Errorf("still due: %+v, %v", due, err)
	}
}

// sweep removes the content of files of which no row is left, as the job does hours later.
func (w *world) sweep() {
	w.t.Helper()
	w.sweepIn(w.Config.Files)
}

// sweepIn is sweep where files lie in a folder.
func (w *world) sweepIn(dir string) {
	w.t.Helper()
	old := time.Now().Add(-2 * time.Hour)
	w.must(filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return os.Chtimes(path, old, old)
	}))
	w.now.Advance(3 * time.Hour)
	_, err := w.Jobs.Work(w.ctx)
	w.must(err)
}
