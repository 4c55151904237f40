package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// TestNothingAcknowledgedIsLost lets two people write the same few fields from
// pages of any age. A text that Save did not return as kept stands until
// somebody who has seen it writes over it; one that it did return was not stored.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		round := 0
		rapid.Check(w.t, func(rt *rapid.T) {
			if round++; round > 15 { // a database is slow beside a map: a few long histories rather than many
				return
			}
			p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
			w.must(err)
			_, err = w.Proposals.Invite(w.ctx, w.actor["mira"], p.ID, "ravi", "member", 10)
			w.must(err)
			w.must(w.Proposals.Answer(w.ctx, w.actor["ravi"], p.ID, true))
			type stand struct {
				text    string
				version int64
			}
			now := map[string]stand{}
			seen := map[string]map[string]int64{"mira": {}, "ravi": {}}
			for i := range rapid.IntRange(5, 25).Draw(rt, "writes") {
				who := rapid.SampledFrom([]string{"mira", "ravi"}).Draw(rt, "who")
				field := rapid.SampledFrom([]string{"title", "aim", "risks"}).Draw(rt, "field")
				text := fmt.Sprintf("%s %d", who, i)
				got, err := w.Proposals.Save(w.ctx, w.actor[who], p.ID, []proposal.Change{{Field: field, Value: raw(text), Version: seen[who][field]}})
				w.must(err)
				fresh := seen[who][field] == now[field].version
				if fresh != (len(got.Kept) == 0) {
					rt.Fatalf("%s wrote %s on version %d of %d: kept = %+v", who, field, seen[who][field], now[field].version, got.Kept)
				}
				if fresh {
					now[field] = stand{text, now[field].version + 1}
				} else if k := got.Kept[0]; string(k.There) != string(raw(now[field].text)) || string(k.Yours) != string(raw(text)) || k.Version != now[field].version {
					rt.Fatalf("kept = %+v, there is %+v", k, now[field])
				}
				if rapid.Bool().Draw(rt, "reads") {
					seen[who][field] = got.Versions[field]
				}
			}
			v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
			w.must(err)
			for field, s := range now {
				if v.Text(field) != s.text || v.Answers[field].Version != s.version {
					rt.Fatalf("%s = %q (%d), acknowledged %+v", field, v.Text(field), v.Answers[field].Version, s)
				}
			}
		})
	})
}

// TestWritersAtTheSameMoment: of many who save one field on the same version, one is
// acknowledged and all others are told; different fields are all stored.
func TestWritersAtTheSameMoment(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		type told struct {
			saved proposal.Saved
			err   error
		}
		fields := []string{"title", "summary", "aim", "approach", "risks", "data"}
		done := make(chan told)
		for i := range fields {
			go func() {
				s, err := w.Proposals.Save(w.ctx, w.actor["mira"], p.ID, []proposal.Change{{Field: fields[i], Value: raw(fields[i])}, {Field: "ethics", Value: raw(fmt.Sprint(i))}})
				done <- told{s, err}
			}()
		}
		stored, kept := 0, 0
		for range fields {
			got := <-done
			w.must(got.err)
			if len(got.saved.Kept) == 0 {
				stored++
			}
			kept += len(got.saved.Kept)
		}
		if stored != 1 || kept != len(fields)-1 {
			w.t.Errorf("%d stored, %d told", stored, kept)
		}
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		for _, f := range fields {
			if v.Text(f) != f {
				w.t.Errorf("%s = %q", f, v.Text(f))
			}
		}
	})
}

// TestHoursOfWriting: a saving counts the time since the last that was counted, a minute after a
// pause; what is saved within seconds is counted by the next, so that nothing is lost but the last seconds.
func TestHoursOfWriting(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], w.openCall("open-call.yaml").ID)
		w.must(err)
		for i, step := range []struct{ pause, want time.Duration }{
			{0, 60 * time.Second},
			{4 * time.Second, 60 * time.Second},
			{4 * time.Second, 60 * time.Second},
			{4 * time.Second, 72 * time.Second},
			{299 * time.Second, 371 * time.Second},
			{20 * time.Minute, 431 * time.Second},
		} {
			w.now.Advance(step.pause)
			_, err := w.Proposals.Save(w.ctx, w.actor["mira"], p.ID, []proposal.Change{{Field: "aim", Value: raw(fmt.Sprint(i)), Version: int64(i)}})
			w.must(err)
			if spent, people, err := w.Proposals.Effort(w.ctx, p.ID); err != nil || spent != step.want || people != 1 {
				w.t.Errorf("step %d: %v by %d, %v, want %v", i, spent, people, err, step.want)
			}
		}
	})
}

func TestWhatIsWrittenAfterHandingInIsNotHandedIn(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, first := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		_, err = w.Proposals.Save(w.ctx, w.actor["mira"], p.ID, []proposal.Change{{Field: "title", Value: raw("An unsent thought"), Version: v.Answers["title"].Version}})
		w.must(err)
		staff, err := w.Proposals.Get(w.ctx, w.actor["officer"], p.ID)
		w.must(err)
		reader, err := w.Proposals.ReviewText(w.ctx, p.ID, scheme.Dual)
		w.must(err)
		for who, v := range map[string]proposal.View{"officer": staff, "reviewer": reader} {
			if b, err := json.Marshal(v); err != nil || strings.Contains(string(b), "unsent") || v.Text("title") != "Grain boundaries as fuses" {
				w.t.Errorf("%s sees what was not handed in: %s (%v)", who, b, err)
			}
		}
		second, err := w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, w.now.Source().Now())
		w.must(err)
		if staff, err = w.Proposals.Get(w.ctx, w.actor["officer"], p.ID); err != nil || staff.Title != "An unsent thought" || staff.Text("title") != staff.Title {
			w.t.Errorf("after handing in again: %q, %v", staff.Title, err)
		}
		if first.Content == second.Content {
			w.t.Error("two contents, one hash")
		}
		list, err := w.Proposals.Submissions(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		if len(list) != 2 || list[0].Hash != second.Content || list[1].Hash != first.Content {
			w.t.Errorf("submissions = %+v", list)
		}
		keys, err := w.Ledger.Keys(w.ctx)
		w.must(err)
		if _, err := ledger.VerifyReceipt(strings.Replace(second.Note, second.Content, first.Content, 1), keys); err == nil {
			w.t.Error("a receipt with another content verifies")
		}
	})
}

func TestWithdrawAndSubmitAgain(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, _ := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		w.refused(w.Proposals.Withdraw(w.ctx, w.actor["officer"], p.ID, ""), fault.NotAllowed, "an officer withdraws")
		w.refused(w.Proposals.Withdraw(w.ctx, w.actor["ravi"], p.ID, ""), fault.NotFound, "a stranger withdraws")
		w.must(w.Proposals.Withdraw(w.ctx, w.actor["mira"], p.ID, "A better plan."))
		w.refused(w.Proposals.Withdraw(w.ctx, w.actor["mira"], p.ID, ""), fault.Conflict, "withdrawing twice")
		_, err := w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, w.now.Source().Now())
		w.must(err)
		w.must(w.Proposals.Withdraw(w.ctx, w.actor["mira"], p.ID, "Once more."))
		w.now.Set(c.ClosesAt.Add(time.Hour))
		_, err = w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, w.now.Source().Now())
		w.refused(err, fault.Conflict, "submitting after the call closed")
	})
}

func TestWhoSeesADraft(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		w.account("desk", "", access.Grant{Role: access.Research, Scope: access.Organisation("ilvane")})
		w.account("otherdesk", "", access.Grant{Role: access.Research, Scope: access.Organisation("tarn")})
		for _, who := range []string{"officer", "decider", "auditor", "ravi", "otherdesk"} {
			_, err := w.Proposals.Get(w.ctx, w.actor[who], p.ID)
			w.refused(err, fault.NotFound, who+" reads a draft")
			_, err = w.Proposals.Save(w.ctx, w.actor[who], p.ID, []proposal.Change{{Field: "title", Value: raw("x")}})
			w.refused(err, fault.NotFound, who+" writes in a draft")
			if rows, _, err := w.Proposals.List(w.ctx, w.actor[who], proposal.Filter{Size: 50}); err != nil || len(rows) != 0 {
				w.t.Errorf("%s lists %+v, %v", who, rows, err)
			}
		}
		_, err = w.Proposals.Get(w.ctx, w.actor["desk"], p.ID)
		w.must(err)
		_, err = w.Proposals.Save(w.ctx, w.actor["desk"], p.ID, []proposal.Change{{Field: "title", Value: raw("x")}})
		w.refused(err, fault.NotAllowed, "the research office writes")

		m, err := w.Proposals.Invite(w.ctx, w.actor["mira"], p.ID, "ravi", "member", 10)
		w.must(err)
		w.must(w.Proposals.Answer(w.ctx, w.actor["ravi"], p.ID, true))
		_, err = w.Proposals.Get(w.ctx, w.actor["otherdesk"], p.ID)
		w.must(err)
		w.refused(w.Proposals.Remove(w.ctx, w.actor["ravi"], p.ID, m.ID), fault.NotAllowed, "a member takes somebody out")
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		w.refused(w.Proposals.Remove(w.ctx, w.actor["mira"], p.ID, v.Team[0].ID), fault.Conflict, "taking the lead out")
		w.must(w.Proposals.Remove(w.ctx, w.actor["mira"], p.ID, v.Team[1].ID))
		for _, who := range []string{"ravi", "otherdesk"} {
			_, err = w.Proposals.Get(w.ctx, w.actor[who], p.ID)
			w.refused(err, fault.NotFound, who+" reads after leaving")
		}
	})
}

func TestWhatIsNoFileOfTheFormIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		field := ""
		for _, f := range v.Form.Ordered() {
			if f.Widget == "file" {
				field = f.Name
			}
		}
		if field == "" {
			w.t.Fatal("open-call asks for no file")
		}
		_, err = w.Proposals.Attach(w.ctx, w.actor["mira"], p.ID, field, "alder.pdf", strings.NewReader("no PDF at all"))
		w.refused(err, fault.Invalid, "a text named .pdf")
		_, err = w.Proposals.Attach(w.ctx, w.actor["mira"], p.ID, "title", "alder.pdf", strings.NewReader("%PDF-1.4"))
		w.refused(err, fault.Invalid, "a file where text is asked for")
		_, err = w.Proposals.Attach(w.ctx, w.actor["ravi"], p.ID, field, "alder.pdf", strings.NewReader("%PDF-1.4"))
		w.refused(err, fault.NotFound, "a stranger's file")
		w.refused(w.Proposals.Detach(w.ctx, w.actor["mira"], p.ID, field), fault.NotFound, "removing no file")
		if _, _, err := w.Proposals.File(w.ctx, w.actor["mira"], p.ID, "nothing"); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("a file that is not there: %v", err)
		}
	})
}

func TestVersionsAreComparedWordByWord(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, _ := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		mira, officer, public := w.visitor("mira"), w.visitor("officer"), w.visitor("")
		mira.ask("GET", "/proposals/"+p.ID+"/versions", nil, 200, "One submission", "The two say the same")
		_, err = w.Proposals.Save(w.ctx, w.actor["mira"], p.ID, []proposal.Change{{Field: "title", Value: raw("Grain boundaries as thin fuses"), Version: v.Answers["title"].Version},
			{Field: "ethics", Value: raw("people"), Version: v.Answers["ethics"].Version}})
		w.must(err)
		mira.ask("GET", "/proposals/"+p.ID+"/versions", nil, 200, "<ins>thin </ins>", "<del>Nothing of the kind</del>", "2 answers differ, 12 are the same")
		officer.ask("GET", "/proposals/"+p.ID+"/read?version=0", nil, 404)
		officer.ask("GET", "/proposals/"+p.ID+"/read", nil, 200, "Grain boundaries as fuses", "No. 1", "First byte arrived")
		mira.ask("GET", "/proposals/"+p.ID+"/read?version=0", nil, 200, "Grain boundaries as thin fuses", "Draft, not submitted")
		mira.ask("GET", "/proposals/"+p.ID+"/read?version=9", nil, 404)
		public.ask("GET", "/proposals/"+p.ID+"/read", nil, 303)
		w.visitor("ravi").ask("GET", "/proposals/"+p.ID+"/versions", nil, 404)

		_, err = w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, w.now.Source().Now())
		w.must(err)
		officer.ask("GET", "/proposals/"+p.ID+"/versions?lang=zh", nil, 200, "共提交 2 次", "<ins>thin </ins>", "个人数据</ins>")
		officer.ask("GET", "/proposals/"+p.ID+"/versions?from=1&to=0", nil, 404)
		var got struct {
			Same   int
			Fields []struct {
				Field string
				Words []struct{ Kind, Text string }
			}
		}
		w.caller("officer").do("GET", "/proposals/"+p.ID+"/compare?from=1&to=2", nil, 200, &got)
		if got.Same != 12 || len(got.Fields) != 2 || got.Fields[0].Field != "title" || len(got.Fields[0].Words) != 3 || got.Fields[0].Words[1].Text != "thin " {
			w.t.Errorf("compared: %+v", got)
		}
		w.caller("officer").do("GET", "/proposals/"+p.ID+"/compare?from=0&to=2", nil, 404, nil)
		w.caller("ravi").do("GET", "/proposals/"+p.ID+"/compare?from=1&to=2", nil, 404, nil)
	})
}
