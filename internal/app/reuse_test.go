package app_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// begunAgain is a proposal of mira's that was withdrawn, with a plan as a file, and
// a draft of hers that has a title of its own.
func (w *world) begunAgain() (old, draft proposal.Proposal) {
	c := w.openCall("open-call.yaml")
	old, _ = w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
	_, err := w.Proposals.Attach(w.ctx, w.actor["mira"], old.ID, "plan_file", "plan.pdf", bytes.NewReader(pdf))
	w.must(err)
	_, err = w.Proposals.Submit(w.ctx, w.actor["mira"], old.ID, w.now.Source().Now())
	w.must(err)
	w.must(w.Proposals.Withdraw(w.ctx, w.actor["mira"], old.ID, "A better plan."))
	draft, err = w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
	w.must(err)
	_, err = w.Proposals.Save(w.ctx, w.actor["mira"], draft.ID, []proposal.Change{{Field: "title", Value: raw("Fuses, once more")}})
	w.must(err)
	return old, draft
}

func TestEarlierAnswersFillWhatIsEmpty(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		old, draft := w.begunAgain()
		mira := w.visitor("mira")
		mira.ask("GET", "/proposals/"+draft.ID, nil, 200, "You wrote one other proposal", "/proposals/"+draft.ID+"/reuse")
		mira.ask("GET", "/proposals/"+draft.ID+"/reuse", nil, 200, old.Number, "/reuse?from="+old.ID)
		offer := mira.ask("GET", "/proposals/"+draft.ID+"/reuse?from="+old.ID, nil, 200, `value="aim"`, "plan.pdf", "Already answered here and left as it is", "<li>Title</li>", "new version of "+old.Number)
		if strings.Contains(offer, `value="budget"`) || strings.Contains(offer, `value="title"`) {
			w.t.Error("a budget, or what is answered, is offered")
		}
		path := "/proposals/" + draft.ID + "/reuse"
		mira.ask("POST", path, url.Values{"from": {old.ID}}, 422, "Choose at least one answer")
		mira.ask("POST", path, url.Values{"from": {old.ID}, "fields": {"budget"}}, 422, "has no answer for “budget”")
		mira.ask("POST", path, url.Values{"from": {old.ID}, "fields": {"title", "aim", "works", "plan_file"}, "revised": {"on"}}, 303)

		was, err := w.Proposals.Get(w.ctx, w.actor["mira"], old.ID)
		w.must(err)
		now, err := w.Proposals.Get(w.ctx, w.actor["mira"], draft.ID)
		w.must(err)
		if now.Text("title") != "Fuses, once more" || now.Text("aim") != was.Text("aim") || string(now.Answers["works"].Value) != string(was.Answers["works"].Value) || now.Text("approach") != "" {
			w.t.Errorf("answers = %+v", now.Answers)
		}
		w.ownFile(was, now)
		if now.ResubmissionOf != old.ID {
			w.t.Errorf("a new version of %q", now.ResubmissionOf)
		}
		mira.ask("GET", "/proposals/"+draft.ID, nil, 200, "New version of", old.Number)
		blind, err := w.Proposals.ReviewText(w.ctx, draft.ID, scheme.Dual)
		w.must(err)
		if blind.ResubmissionOf != "" {
			w.t.Error("a reviewer without names sees what it is a new version of")
		}
		entries, err := w.Ledger.Of(w.ctx, "proposal", draft.ID)
		w.must(err)
		last := entries[slices.IndexFunc(entries, func(e ledger.Placed) bool { return e.Act == "proposal.reuse" })]
		if !strings.Contains(last.Payload, old.Number) || !strings.Contains(last.Payload, `"aim"`) || strings.Contains(last.Payload, `"title"`) {
			w.t.Errorf("the ledger says %s", last.Payload)
		}
		mira.ask("POST", path, url.Values{"from": {old.ID}, "fields": {"aim"}}, 303) // it is no new version after all
		if now, err = w.Proposals.Get(w.ctx, w.actor["mira"], draft.ID); err != nil || now.ResubmissionOf != "" {
			w.t.Errorf("still a new version of %q, %v", now.ResubmissionOf, err)
		}
	})
}

// ownFile: the copy is the new proposal's own, so that removing it leaves the old one's.
func (w *world) ownFile(was, now proposal.View) {
	w.t.Helper()
	if now.Text("plan_file") == "" || now.Text("plan_file") == was.Text("plan_file") {
		w.t.Fatalf("file %q, before %q", now.Text("plan_file"), was.Text("plan_file"))
	}
	read := func(v proposal.View) string {
		_, content, err := w.Proposals.File(w.ctx, w.actor["mira"], v.ID, v.Text("plan_file"))
		w.must(err)
		defer content.Close()
		b, err := io.ReadAll(content)
		w.must(err)
		return string(b)
	}
	if read(now) != string(pdf) {
		w.t.Error("another file")
	}
	w.must(w.Proposals.Detach(w.ctx, w.actor["mira"], now.ID, "plan_file"))
	if read(was) != string(pdf) {
		w.t.Error("the earlier proposal lost its file")
	}
}

func TestOnlyOnesOwnAnswersAreOffered(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		old, draft := w.begunAgain()
		theirs, err := w.Proposals.Begin(w.ctx, w.actor["ravi"], draft.CallID)
		w.must(err)
		for _, c := range []struct{ who, to, from string }{
			{"ravi", theirs.ID, old.ID}, {"mira", draft.ID, theirs.ID}, {"ravi", draft.ID, old.ID}, {"officer", draft.ID, old.ID}, {"mira", draft.ID, draft.ID}, {"mira", draft.ID, "nothing"},
		} {
			_, err := w.Proposals.Offer(w.ctx, w.actor[c.who], c.to, c.from)
			w.refused(err, fault.NotFound, c.who+" looks")
			_, err = w.Proposals.Reuse(w.ctx, w.actor[c.who], c.to, c.from, []string{"aim"}, false)
			w.refused(err, fault.NotFound, c.who+" takes over")
		}
		w.visitor("ravi").ask("GET", "/proposals/"+theirs.ID+"/reuse", nil, 200, "No earlier proposal")
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], draft.ID)
		w.must(err)
		w.now.Set(v.Closes.AddDate(0, 0, 1))
		_, err = w.Proposals.Reuse(w.ctx, w.actor["mira"], draft.ID, old.ID, []string{"aim"}, false)
		w.refused(err, fault.Conflict, "taking over after the call closed")
	})
}

func TestEarlierAnswersOfAnotherForm(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		old, _ := w.begunAgain()
		long := strings.Repeat("As long as the other form allows. ", 30)
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], old.ID)
		w.must(err)
		_, err = w.Proposals.Save(w.ctx, w.actor["mira"], old.ID, []proposal.Change{{Field: "summary", Value: raw(long), Version: v.Answers["summary"].Version}})
		w.must(err)
		draft, err := w.Proposals.Begin(w.ctx, w.actor["mira"], w.openCall("small-grant.yaml").ID)
		w.must(err)
		mira := w.caller("mira")
		var offer struct {
			From      string
			MayRevise bool `json:"may_revise"`
			Fields    []struct {
				Field    string
				Answered bool
				TooLong  bool `json:"too_long"`
			}
		}
		mira.do(http.MethodGet, "/proposals/"+draft.ID+"/reuse/"+old.ID, nil, http.StatusOK, &offer)
		var names []string
		for _, f := range offer.Fields {
			names = append(names, f.Field)
			if f.TooLong != (f.Field == "summary") || f.Answered {
				w.t.Errorf("%+v", f)
			}
		}
		if strings.Join(names, " ") != "title summary aim months" || offer.From != old.Number || !offer.MayRevise {
			w.t.Errorf("offered %+v", offer)
		}
		mira.do(http.MethodPost, "/proposals/"+draft.ID+"/reuse/"+old.ID, map[string]any{"fields": []string{"approach"}}, http.StatusUnprocessableEntity, nil)
		var done struct{ Filled []string }
		mira.do(http.MethodPost, "/proposals/"+draft.ID+"/reuse/"+old.ID, map[string]any{"fields": names}, http.StatusOK, &done)
		if !slices.Equal(done.Filled, names) {
			w.t.Errorf("filled %v", done.Filled)
		}
		if v, err = w.Proposals.Get(w.ctx, w.actor["mira"], draft.ID); err != nil || v.Title != "Grain boundaries as fuses" || v.Months != 36 || v.Text("summary") != long {
			w.t.Errorf("%q, %d months, %v: lists and form do not say the same", v.Title, v.Months, err)
		}
	})
}
