package app_test

import (
	"regexp"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/register"
)

func TestSomebodyIsInvitedByMail(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		mira := w.visitor("mira")
		team := "/proposals/" + p.ID + "/team"
		mira.ask("POST", team, values("name", "", "email", "nowhere", "role", "member", "share", "10"), 422, "Give an e-mail address like", "nowhere")
		mira.ask("POST", team, values("name", "Noor Vale", "email", "Noor@Example.org", "role", "member", "share", "15"), 303)
		mira.ask("POST", team, values("name", "Noor Vale", "email", "noor@example.org", "role", "member", "share", "15"), 422, "is in the team already")
		mira.ask("GET", team, nil, 200, "Noor Vale", "noor@example.org")

		var body string
		w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT body FROM mail_message WHERE to_email = 'noor@example.org'`).Scan(&body))
		link := regexp.MustCompile(`/links/\S+`).FindString(body)
		if link == "" {
			w.t.Fatalf("the mail holds no link:\n%s", body)
		}
		w.visitor("").ask("GET", link, nil, 200, "Noor")
		to := w.visitor("").ask("POST", link, values("given", "Noor", "family", "Vale", "password", "a long enough sentence to sign in with"), 303)
		if to != "/proposals/"+p.ID+"/invitation" {
			w.t.Errorf("the link leads to %q", to)
		}
		var id string
		w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT id FROM account WHERE email = 'noor@example.org'`).Scan(&id))
		w.actor["noor"], err = w.Accounts.ActorOf(w.ctx, id)
		w.must(err)
		noor := w.visitor("noor")
		noor.ask("GET", "/home", nil, 200, "Confirm your part in a proposal")
		noor.ask("GET", "/proposals/"+p.ID, nil, 404)
		noor.ask("POST", "/proposals/"+p.ID+"/invitation", values("answer", "yes"), 303)
		noor.ask("GET", "/proposals/"+p.ID, nil, 200, p.Number)
		w.refused(w.Proposals.Answer(w.ctx, w.actor["noor"], p.ID, true), fault.NotFound, "confirming twice")
		w.refused(w.Proposals.Answer(w.ctx, w.actor["ravi"], p.ID, true), fault.NotFound, "somebody else confirms")

		// Another share has to be confirmed again; by the API.
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		var got struct {
			Team []struct {
				Name, State string
				Share       float64 `json:"share_percent"`
				MayEdit     bool    `json:"may_edit"`
			}
		}
		member := "/proposals/" + p.ID + "/team/" + v.Team[1].ID
		w.caller("noor").do("PUT", member, map[string]any{"role": "co-lead", "share_percent": 90, "may_edit": true}, 403, nil)
		w.caller("mira").do("PUT", member, map[string]any{"role": "co-lead", "share_percent": 30, "may_edit": false}, 200, &got)
		if m := got.Team[1]; m.State != "invited" || m.Share != 30 || m.MayEdit {
			w.t.Errorf("after another share: %+v", m)
		}
		mira.ask("POST", team+"/parts", values("share_"+v.Team[0].ID, "120"), 422, "between 0 and 100", "120")
		mira.ask("POST", team+"/parts", values("share_"+v.Team[0].ID, "35"), 303)
		if v, err = w.Proposals.Get(w.ctx, w.actor["mira"], p.ID); err != nil || v.Team[0].Share != 35 || v.Team[0].State != "confirmed" {
			w.t.Errorf("the lead's own part: %+v, %v", v.Team[0], err)
		}
	})
}

// TestWhoIsAskedTellsNothing: to ask somebody into a team does not tell where they work, if they show it to nobody, before they confirm.
func TestWhoIsAskedTellsNothing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ravi := w.actor["ravi"]
		w.must(w.Register.UpdateProfile(w.ctx, ravi, "ravi", 1, register.ProfileInput{Family: "Alder", Shown: map[string]string{"affiliations": register.ToNobody}}))
		p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], w.openCall("open-call.yaml").ID)
		w.must(err)
		where := func() string {
			v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
			w.must(err)
			return v.Team[1].OrganisationID
		}
		m, err := w.Proposals.Invite(w.ctx, w.actor["mira"], p.ID, "ravi", "member", 10)
		w.must(err)
		if got := where(); got != "" || m.OrganisationID != "" {
			w.t.Errorf("who is asked works at %q", got)
		}
		w.must(w.Proposals.Answer(w.ctx, ravi, p.ID, true))
		if got := where(); got != "tarn" {
			w.t.Errorf("who confirmed works at %q, want tarn", got)
		}
	})
}
