package app_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/schemes"
)

// demands lets an organisation's office ask to agree.
func (w *world) demands(organisation, when string) {
	w.t.Helper()
	o, err := w.Register.Organisation(w.ctx, organisation)
	w.must(err)
	_, err = w.Register.UpdateOrganisation(w.ctx, w.actor["officer"], organisation, o.Version, register.OrganisationInput{Name: o.Name, Kind: o.Kind, Approval: when})
	w.must(err)
}

// states are the agreements of a proposal as a sees them.
func (w *world) states(who, id string) string {
	w.t.Helper()
	v, err := w.Proposals.Get(w.ctx, w.actor[who], id)
	w.must(err)
	var out []string
	for _, a := range v.Approvals {
		out = append(out, a.OrganisationID+" "+a.State)
	}
	return strings.Join(out, ", ")
}

func (w *world) expectStates(who, id, want string) {
	w.t.Helper()
	if got := w.states(who, id); got != want {
		w.t.Errorf("%s sees %q, want %q", who, got, want)
	}
}

func TestAnOfficeAgreesAfterTheDeadlineUnlessTheSchemeSaysBefore(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.demands("ilvane", "holder")
		w.demands("tarn", "every")
		c := w.openCall("open-call.yaml")
		p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		w.expectStates("mira", p.ID, "ilvane none")
		w.account("desk", "", access.Grant{Role: access.Research, Scope: access.Organisation("ilvane")})
		w.account("otherdesk", "", access.Grant{Role: access.Research, Scope: access.Organisation("tarn")})
		_, err = w.Proposals.Save(w.ctx, w.actor["mira"], p.ID, answers("Grain boundaries as fuses", 700_000))
		w.must(err)
		_, err = w.Proposals.Invite(w.ctx, w.actor["mira"], p.ID, "ravi", "member", 10)
		w.must(err)
		w.must(w.Proposals.Answer(w.ctx, w.actor["ravi"], p.ID, true))
		w.expectStates("mira", p.ID, "ilvane open, tarn open")

		w.refused(w.Proposals.AskApproval(w.ctx, w.actor["ravi"], p.ID), fault.NotAllowed, "a member asks")
		w.must(w.Proposals.AskApproval(w.ctx, w.actor["mira"], p.ID))
		w.refused(w.Proposals.AskApproval(w.ctx, w.actor["mira"], p.ID), fault.Conflict, "asking twice")
		tasks, err := w.Proposals.ToApprove(w.ctx, w.actor["desk"])
		w.must(err)
		if len(tasks) != 1 || tasks[0].OrganisationID != "ilvane" || !tasks[0].By.Equal(c.ClosesAt.AddDate(0, 0, 7)) {
			w.t.Errorf("waits for the office: %+v", tasks)
		}
		w.refused(w.Proposals.AnswerApproval(w.ctx, w.actor["desk"], p.ID, "tarn", true, ""), fault.NotAllowed, "an office answers for another")
		w.refused(w.Proposals.AnswerApproval(w.ctx, w.actor["mira"], p.ID, "ilvane", true, ""), fault.NotAllowed, "the lead agrees")
		w.refused(w.Proposals.AnswerApproval(w.ctx, w.actor["desk"], p.ID, "ilvane", false, " "), fault.Invalid, "sending back without a note")
		w.must(w.Proposals.AnswerApproval(w.ctx, w.actor["desk"], p.ID, "ilvane", false, "Overhead is missing."))
		w.must(w.Proposals.AnswerApproval(w.ctx, w.actor["otherdesk"], p.ID, "tarn", true, ""))
		w.expectStates("mira", p.ID, "ilvane returned, tarn approved")
		if back, err := w.Proposals.ReturnedTo(w.ctx, w.actor["mira"]); err != nil || len(back) != 1 {
			w.t.Errorf("sent back to the lead: %+v, %v", back, err)
		}

		// The text may be mended; other money is another thing to agree to.
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		save := func(field string, value any) {
			_, err := w.Proposals.Save(w.ctx, w.actor["mira"], p.ID, []proposal.Change{{Field: field, Value: raw(value), Version: v.Answers[field].Version}})
			w.must(err)
		}
		save("title", "Grain boundaries as thin fuses")
		w.expectStates("mira", p.ID, "ilvane returned, tarn approved")
		save("budget", []map[string]any{{"category": "people", "year": 2027, "minor": 80_000_000}})
		w.expectStates("mira", p.ID, "ilvane returned, tarn lapsed")

		// Submitting does not wait, and asks anew whoever has to agree.
		_, err = w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, w.now.Source().Now())
		w.must(err)
		w.expectStates("desk", p.ID, "ilvane asked, tarn asked")
		w.now.Set(c.ClosesAt.Add(24 * time.Hour))
		_, err = w.Reviews.Invite(w.ctx, w.actor["officer"], p.ID, "edda")
		w.refused(err, fault.Conflict, "reviewing what no office agreed to")
		w.must(w.Proposals.AnswerApproval(w.ctx, w.actor["desk"], p.ID, "ilvane", true, ""))
		w.must(w.Proposals.AnswerApproval(w.ctx, w.actor["otherdesk"], p.ID, "tarn", true, ""))
		w.expectStates("officer", p.ID, "tarn approved, ilvane approved")
		_, err = w.Reviews.Invite(w.ctx, w.actor["officer"], p.ID, "olena")
		w.must(err)
		w.refused(w.Proposals.AnswerApproval(w.ctx, w.actor["desk"], p.ID, "ilvane", false, "No."), fault.Conflict, "taking an agreement back under review")
		reader, err := w.Proposals.ReviewText(w.ctx, p.ID, "dual")
		w.must(err)
		if len(reader.Approvals) != 0 {
			w.t.Errorf("a reviewer without names sees %+v", reader.Approvals)
		}
		if _, err := w.Ledger.Sequence(w.ctx); err != nil {
			w.t.Error(err)
		}
	})
}

func TestSchemeThatWantsTheOfficeFirst(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		text, err := schemes.Files.ReadFile("open-call.yaml")
		w.must(err)
		files := fstest.MapFS{"open-call.yaml": {Data: []byte(string(text) + "approval: {of: holder, when: before}\n")}}
		for _, f := range []string{"forms/open-proposal.json", "forms/final-report.json"} {
			form, err := schemes.Files.ReadFile(f)
			w.must(err)
			files[f] = &fstest.MapFile{Data: form}
		}
		v, err := w.Schemes.Publish(w.ctx, w.actor["officer"], files, "open-call.yaml")
		w.must(err)
		c := w.openCallOf(v.ID)
		w.account("desk", "", access.Grant{Role: access.Research, Scope: access.Organisation("ilvane")})
		p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		_, err = w.Proposals.Save(w.ctx, w.actor["mira"], p.ID, answers("Grain boundaries as fuses", 700_000))
		w.must(err)
		mira, desk := w.visitor("mira"), w.visitor("desk")
		mira.ask("GET", "/proposals/"+p.ID, nil, 200, "Ask the offices", "They agree before you can submit")
		mira.ask("POST", "/proposals/"+p.ID+"/submit", nil, 422, "The research office of University of Ilvane has to agree first")
		mira.ask("POST", "/proposals/"+p.ID+"/approvals", nil, 303)
		mira.ask("POST", "/proposals/"+p.ID+"/approvals", nil, 422, "No office has to be asked now")
		desk.ask("GET", "/home", nil, 200, "Agree for University of Ilvane")
		desk.ask("GET", "/proposals/"+p.ID, nil, 200, "Next: agree for University of Ilvane")
		desk.ask("GET", "/proposals/"+p.ID+"/approval?organisation=ilvane", nil, 200, "700,000", "Mira Alder")
		desk.ask("GET", "/proposals/"+p.ID+"/approval?organisation=tarn", nil, 404)
		mira.ask("GET", "/proposals/"+p.ID+"/approval", nil, 404)
		w.visitor("ravi").ask("GET", "/proposals/"+p.ID+"/approval", nil, 404)
		desk.ask("POST", "/proposals/"+p.ID+"/approval", values("organisation", "ilvane", "answer", "return"), 422, "Say what has to change")

		// The rest by the API.
		var got struct {
			Before bool
			Items  []struct{ State, Note string }
		}
		w.caller("desk").do("PUT", "/proposals/"+p.ID+"/approvals/ilvane", map[string]any{"agree": false, "note": "Overhead is missing."}, 200, &got)
		w.caller("mira").do("PUT", "/proposals/"+p.ID+"/approvals/ilvane", map[string]any{"agree": true}, 403, nil)
		w.caller("mira").do("GET", "/proposals/"+p.ID+"/approvals", nil, 200, &got)
		if !got.Before || len(got.Items) != 1 || got.Items[0].State != proposal.Returned || got.Items[0].Note != "Overhead is missing." {
			w.t.Errorf("agreements: %+v", got)
		}
		var check struct {
			Ready   bool
			Offices []string `json:"waiting_for_offices"`
		}
		w.caller("mira").do("GET", "/proposals/"+p.ID+"/check", nil, 200, &check)
		if check.Ready || len(check.Offices) != 1 {
			w.t.Errorf("check: %+v", check)
		}
		w.caller("mira").do("POST", "/proposals/"+p.ID+"/approvals", nil, 200, nil)
		var list struct {
			Items []struct {
				ID string `json:"proposal_id"`
			}
		}
		w.caller("desk").do("GET", "/me/approvals", nil, 200, &list)
		if len(list.Items) != 1 || list.Items[0].ID != p.ID {
			w.t.Errorf("the office's list: %+v", list)
		}
		desk.ask("POST", "/proposals/"+p.ID+"/approval", values("organisation", "ilvane", "answer", "agree"), 303)
		mira.ask("POST", "/proposals/"+p.ID+"/submit", nil, 303)
	})
}
