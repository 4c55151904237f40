package app_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// sits forms a council of five votes with mira in the chair and olena as its secretary, through pages.
func (w *world) sits() (body string) {
	w.t.Helper()
	officer := w.visitor("officer")
	rule := values("agency", "arc", "name_en", "Science Council", "quorum", council.Half, "share", council.Half, "base", council.Cast, "casting", "on", "recused", council.Apart, "priorities", "on")
	body = officer.ask("POST", "/bodies", rule, 303)
	for _, s := range []struct{ person, role string }{{"Mira", council.Chair}, {"Ravi", council.Member}, {"Ines", council.Member}, {"Edda", council.Member}, {"Jonas", council.Member}, {"Olena", council.Secretary}} {
		officer.ask("POST", body+"/seats", values("person_text", s.person+" Alder", "role", s.role, "from", "2027-01-01"), 303)
	}
	return body
}

// question is one that the officer's agency has written.
func (w *world) question(title string) strategy.Question {
	w.t.Helper()
	q, err := w.Strategy.WriteQuestion(w.ctx, access.System, strategy.QuestionInput{AgencyID: "arc", Title: lang.In1("en", title), Body: lang.In1("en", "What decides it?")})
	w.must(err)
	return q
}

// meets plans a meeting with one item and its motion, and returns both addresses.
func (w *world) meets(body string, item url.Values) (meeting, first string) {
	w.t.Helper()
	olena := w.visitor("olena")
	meeting = olena.ask("POST", body+"/meetings", values("day", "2027-03-16", "from", "10:00", "until", "12:30", "zone", "Europe/Vienna", "place", "room 2"), 303)
	return meeting, olena.ask("POST", meeting+"/items", item, 303)
}

// opens convenes a meeting and opens it with these in attendance.
func (w *world) opens(meeting string, present ...string) {
	w.t.Helper()
	olena := w.visitor("olena")
	olena.ask("POST", meeting+"/state", values("to", council.Convened), 303)
	olena.ask("POST", meeting+"/state", values("to", council.InRoom), 303)
	olena.ask("POST", meeting+"/present", url.Values{"present": present}, 303)
}

// votes holds a vote on an item: each of these casts a choice, then it is counted.
func (w *world) votes(item string, choices map[string]string) {
	w.t.Helper()
	olena := w.visitor("olena")
	olena.ask("POST", item+"/vote", url.Values{}, 303)
	for who, choice := range choices {
		w.visitor(who).ask("POST", item+"/ballot", values("choice", choice), 303)
	}
	olena.ask("POST", item+"/vote", values("close", "yes"), 303)
}

// TestCouncilQuorum: a vote without quorum is void and says so; with one more member it
// is held again and counts. What was decided is minuted, approved and fixed.
func TestCouncilQuorum(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		body := w.sits()
		officer, mira, ravi, olena, public := w.visitor("officer"), w.visitor("mira"), w.visitor("ravi"), w.visitor("olena"), w.visitor("")
		officer.ask("POST", body+"/seats", values("person_text", "Ravi Alder", "role", "member", "from", "2027-02-01"), 422, `href="#person"`, "already has a term")
		ravi.ask("GET", body+"/edit", nil, 403)
		mira.ask("POST", body+"/interests", values("interests", "I sell furnaces."), 303)
		ravi.ask("GET", body, nil, 200, "I sell furnaces.")
		public.ask("GET", body, nil, 200, "Mira Alder", "simple majority")
		public.lacks(body, "furnaces", "Meetings")

		q := w.question("Why ceramics crack")
		meeting, item := w.meets(body, values("title_en", "Powder", "motion_en", "A call on powders is opened."))
		olena.ask("POST", item+"/records", values("address", "https://example.org/questions/"+q.ID), 303)
		olena.ask("POST", item+"/records", values("address", "/questions/none"), 422, `href="#address"`)
		ravi.ask("GET", meeting, nil, 404)
		ravi.ask("POST", meeting+"/state", values("to", council.Convened), 404)
		olena.ask("POST", meeting+"/state", values("to", council.InRoom), 422, "not at that point")
		w.opens(meeting, "mira", "ravi")
		ravi.ask("GET", item, nil, 200, "Why ceramics crack", "What decides it?")
		w.now.Advance(time.Hour)
		_, err := w.Strategy.EditQuestion(w.ctx, access.System, q.ID, q.Version, strategy.QuestionInput{AgencyID: "arc", Title: lang.In1("en", "Why glass cracks"), Body: q.Body, State: "open"})
		w.must(err)
		ravi.ask("GET", item, nil, 200, "Why ceramics crack", "Changed since; entries in the ledger: 1")

		ravi.ask("POST", item+"/vote", url.Values{}, 403)
		olena.ask("GET", item, nil, 200, "2 of 5 votes are there, 3 are needed")
		w.votes(item, map[string]string{"mira": "for", "ravi": "for"})
		ravi.ask("GET", item, nil, 200, "Void, quorum missed", "Nothing is decided")
		w.refused(w.Council.Require(w.ctx, w.actor["officer"], strings.TrimPrefix(item, "/council-items/"), council.ConditionInput{}), fault.Conflict, "a condition on a void vote")

		olena.ask("POST", meeting+"/present", url.Values{"present": {"mira", "ravi", "jonas"}}, 303)
		olena.ask("POST", item+"/vote", url.Values{}, 303)
		olena.ask("POST", meeting+"/present", url.Values{"present": {"mira"}}, 422, "Count it first")
		w.visitor("edda").ask("POST", item+"/ballot", values("choice", "for"), 403)
		mira.ask("GET", "/home", nil, 200, "Your vote is awaited")
		mira.ask("POST", item+"/ballot", values("choice", "maybe"), 422)
		for who, choice := range map[string]string{"mira": "for", "ravi": "for", "jonas": "against"} {
			w.visitor(who).ask("POST", item+"/ballot", values("choice", choice), 303)
		}
		mira.ask("POST", item+"/ballot", values("choice", "against"), 422, "it stands")
		olena.lacks(item, "Jonas Alder: Against")
		olena.ask("POST", item+"/vote", values("close", "yes"), 303)
		ravi.ask("GET", item, nil, 200, "Vote 1: Void", "Vote 2: Carried", "2 for, 1 against, 0 abstained", "Jonas Alder: Against")
		w.minuted(body, meeting, item)
		w.whole()
	})
}

// minuted sets a condition, which is met, and carries the minutes to their second edition.
func (w *world) minuted(body, meeting, item string) {
	w.t.Helper()
	mira, ravi, jonas, olena := w.visitor("mira"), w.visitor("ravi"), w.visitor("jonas"), w.visitor("olena")
	olena.ask("POST", item+"/conditions", values("condition_en", "Say what a furnace costs.", "person_text", "Jonas Alder", "due", "2027-04-01"), 303)
	olena.ask("POST", item+"/notes", values("version", "2", "notes_en", "One member would wait."), 303)
	olena.ask("POST", meeting+"/state", values("to", council.Over), 303)
	ravi.ask("POST", meeting+"/minutes", url.Values{}, 403)
	mira.ask("GET", "/home", nil, 200, "Approve the minutes")
	mira.ask("POST", meeting+"/minutes", url.Values{}, 303)
	olena.ask("POST", item+"/notes", values("version", "3", "notes_en", "Two members would wait."), 422, "begin a correction")
	olena.ask("POST", meeting+"/minutes/correct", values("why", ""), 422, "Fill this in")
	olena.ask("POST", meeting+"/minutes/correct", values("why", "It was two."), 303)
	olena.ask("POST", item+"/notes", values("version", "3", "notes_en", "Two members would wait."), 303)
	mira.ask("POST", meeting+"/minutes", url.Values{}, 303)
	v, err := w.Council.Meeting(w.ctx, w.actor["ravi"], strings.TrimPrefix(meeting, "/council-meetings/"))
	w.must(err)
	if len(v.Editions) != 2 || v.Editions[0].Correction != "It was two." || !v.Editions[1].Superseded {
		w.t.Fatalf("editions: %+v", v.Editions)
	}
	ravi.ask("GET", meeting+"/minutes?edition="+v.Editions[0].ID, nil, 200, "Two members would wait.", "Vote 1: Void", "Vote 2: Carried", "Say what a furnace costs.", "ledger of")
	ravi.ask("GET", meeting+"/minutes?edition="+v.Editions[1].ID, nil, 200, "One member would wait.", "Superseded")

	condition := "/council-conditions/" + v.Items[0].Conditions[0].ID
	w.visitor("edda").ask("POST", condition, values("version", "1", "report", "Done."), 403)
	jonas.ask("GET", "/home", nil, 200, "Say what a furnace costs.")
	jonas.ask("POST", condition, values("version", "1", "report", ""), 422, `href="#report"`)
	jonas.ask("POST", condition, values("version", "1", "report", "4,000 crowns; see the file."), 303)
	olena.ask("GET", body, nil, 200, "Conditions to follow up", "Reported as done")
	olena.ask("POST", condition, values("version", "2", "state", council.Met, "answer", "It is said."), 303)
	olena.lacks(body, "Conditions to follow up")
}

// TestCouncilRecusal: who is recused from an item sees no trace of it, in no list, count
// or number, and is not counted in its quorum; the priority that it decides says where it comes from.
func TestCouncilRecusal(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		body := w.sits()
		officer, ravi, ines, olena, public := w.visitor("officer"), w.visitor("ravi"), w.visitor("ines"), w.visitor("olena"), w.visitor("")
		officer.ask("POST", "/priorities", values("agency", "arc", "title_en", "Heat without fire", "state", "active"), 422, "Science Council")
		goal := officer.ask("POST", "/priorities", values("agency", "arc", "title_en", "Heat without fire", "state", "draft"), 303)
		meeting := officer.ask("POST", body+"/meetings", values("day", "2027-03-16", "from", "10:00", "until", "12:30", "zone", "Europe/Vienna"), 303)
		first := officer.ask("POST", meeting+"/items", values("title_en", "Heat", "motion_en", "Heat without fire is a goal.", "secret", "on",
			"priority", strings.TrimPrefix(goal, "/priorities/"), "priority_state", "active"), 303)
		second := officer.ask("POST", meeting+"/items", values("title_en", "Rooms", "motion_en", "We meet in room 3."), 303)
		olena.ask("POST", meeting+"/state", values("to", council.Convened), 303)
		ines.ask("GET", first, nil, 200, "Heat without fire")
		ravi.ask("POST", first+"/recusals", values("person", "ines", "reason", "Hers."), 403)
		ines.ask("POST", first+"/recusals", values("person", "ines", "reason", ""), 422, `href="#reason"`)
		if to := ines.ask("POST", first+"/recusals", values("person", "ines", "reason", "My firm makes kilns."), 303); to != meeting {
			t.Errorf("after a recusal: %s, want %s", to, meeting)
		}
		ines.ask("GET", first, nil, 404)
		ines.ask("POST", first+"/ballot", values("choice", "for"), 404)
		ines.lacks(meeting, "Heat", "kilns", first)
		ines.ask("GET", meeting, nil, 200, "1. Rooms")
		ravi.ask("GET", meeting, nil, 200, "1. Heat", "2. Rooms")
		ravi.ask("GET", first, nil, 200, "Ines Alder: My firm makes kilns.")

		olena.ask("POST", meeting+"/state", values("to", council.InRoom), 303)
		olena.ask("POST", meeting+"/present", url.Values{"present": {"ravi", "edda", "jonas", "ines"}}, 303)
		olena.ask("GET", first, nil, 200, "3 of 4 votes are there, 3 are needed")
		olena.ask("GET", second, nil, 200, "4 of 5 votes are there, 3 are needed")
		w.votes(first, map[string]string{"ravi": "for", "edda": "for", "jonas": "abstain"})
		ravi.lacks(first, "Ravi Alder: For", "Who voted how")
		ravi.ask("GET", first, nil, 200, "Result: Carried", "2 for, 0 against, 1 abstained", "The vote was secret.")
		public.ask("GET", goal, nil, 200, "Put in force by the Science Council, meeting M-2027-0001", "2 for, 0 against, 1 abstained")
		public.lacks(goal, first)
		ravi.ask("GET", goal, nil, 200, first)
		ines.lacks(goal, "Science Council")
		olena.ask("POST", first+"/conditions", values("condition_en", "Measure the heat.", "person_text", "Jonas Alder", "due", "2027-04-01"), 303)
		ines.lacks(body, "Measure the heat.")

		olena.ask("POST", meeting+"/state", values("to", council.Over), 303)
		w.visitor("mira").ask("POST", meeting+"/minutes", url.Values{}, 303)
		v, err := w.Council.Meeting(w.ctx, w.actor["ines"], strings.TrimPrefix(meeting, "/council-meetings/"))
		w.must(err)
		if len(v.Items) != 1 || len(v.Editions) != 1 || len(v.Editions[0].Minutes.Items) != 1 {
			t.Errorf("who is recused sees %d items and minutes of %+v", len(v.Items), v.Editions)
		}
		whole, err := w.Council.Meeting(w.ctx, w.actor["ravi"], v.ID)
		w.must(err)
		if v.Editions[0].Hash != "" || whole.Editions[0].Hash == "" {
			t.Errorf("who is recused reads the hash %q of minutes with the item, who is not %q", v.Editions[0].Hash, whole.Editions[0].Hash)
		}
		ines.lacks(meeting+"/minutes?edition="+v.Editions[0].ID, "SHA-256")
		ravi.ask("GET", meeting+"/minutes?edition="+v.Editions[0].ID, nil, 200, "SHA-256")
		ines.lacks(meeting+"/minutes?edition="+v.Editions[0].ID, "Heat", "kilns", "Measure")
	})
}

// agency adds another agency with somebody who signs for it.
func (w *world) agency(id, name string) {
	w.t.Helper()
	w.must(w.Register.TakeIn(w.ctx, access.System, &register.Batch{Organisations: []register.Organisation{{ID: "org-" + id, Name: lang.In1("en", name), Kind: "funder"}},
		Agencies: []register.Agency{{ID: id, OrganisationID: "org-" + id, Slug: id, Short: strings.ToUpper(id), Name: lang.In1("en", name), Currency: "XCR", Zone: "Europe/Vienna"}}}))
	w.account(id, "", access.Grant{Role: access.Decider, Scope: access.Agency(id)})
}

// TestAgreement: a motion that touches two agencies goes to both; one refusal sends it
// back, all see why, and once both agree to another text it takes effect.
func TestAgreement(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.agency("lwf", "Land and Water Fund")
		w.agency("ati", "Agency for Technology")
		w.agency("hlf", "Health Fund")
		body := w.sits()
		officer, lwf, ati, mira := w.visitor("officer"), w.visitor("lwf"), w.visitor("ati"), w.visitor("mira")
		goal := officer.ask("POST", "/priorities", values("agency", "arc", "title_en", "Clean wells", "state", "draft"), 303)
		meeting := officer.ask("POST", body+"/meetings", values("day", "2027-03-16", "from", "10:00", "until", "12:30", "zone", "Europe/Vienna"), 303)
		in := values("title_en", "Clean wells", "motion_en", "Clean wells are a goal of all.", "priority", strings.TrimPrefix(goal, "/priorities/"), "priority_state", "active", "refusal", council.Return, "days", "14")
		in["touches"] = []string{"arc"}
		officer.ask("POST", meeting+"/items", in, 422, `href="#touches"`)
		in["touches"] = []string{"lwf", "ati"}
		item := officer.ask("POST", meeting+"/items", in, 303)
		w.opens(meeting, "mira", "ravi", "jonas")
		w.votes(item, map[string]string{"mira": "for", "ravi": "for", "jonas": "for"})
		w.visitor("").ask("GET", goal, nil, 404) // carried, but not agreed

		cases, err := w.Council.Agreements(w.ctx, w.actor["lwf"])
		w.must(err)
		if len(cases) != 1 {
			t.Fatalf("%d cases for the Land and Water Fund, want 1", len(cases))
		}
		page := "/agreements/" + cases[0].ID
		w.visitor("auditor").ask("GET", "/agreements", nil, 200, page)
		mira.ask("GET", "/agreements", nil, 200, page)
		w.visitor("hlf").lacks("/agreements", page)
		w.visitor("hlf").ask("GET", page, nil, 404)
		w.visitor("olena").ask("POST", page+"/answer", values("agency", "lwf", "answer", "agree"), 403)
		lwf.ask("GET", "/home", nil, 200, "Answer for your agency")
		lwf.ask("POST", page+"/answer", values("agency", "ati", "answer", "agree"), 403)
		lwf.ask("POST", page+"/answer", values("agency", "lwf", "answer", "refuse"), 422, `href="#words"`)
		ati.ask("POST", page+"/answer", values("agency", "ati", "answer", "conditions", "words", "We pay no wells."), 303)
		lwf.ask("POST", page+"/answer", values("agency", "lwf", "answer", "refuse", "words", "Wells are ours alone."), 303)
		for _, who := range []visitor{lwf, ati, officer, mira} {
			who.ask("GET", page, nil, 200, "Sent back by a refusal", "Wells are ours alone.", "We pay no wells.")
		}
		officer.ask("GET", item, nil, 200, "Sent back by a refusal")
		w.visitor("").ask("GET", goal, nil, 404)

		lwf.ask("POST", page+"/again", values("version", "3", "text_en", "x", "due", "2027-04-20"), 403)
		officer.ask("POST", page+"/again", values("version", "3", "text_en", "", "due", "2027-01-01"), 422, `href="#text"`, `href="#due"`)
		officer.ask("POST", page+"/again", values("version", "3", "text_en", "Clean wells are a goal; the fund leads.", "due", "2027-04-20"), 303)
		ati.ask("POST", page+"/answer", values("agency", "ati", "answer", "agree"), 303)
		ati.ask("POST", page+"/answer", values("agency", "ati", "answer", "refuse", "words", "No."), 422, "an answer stands")
		lwf.ask("POST", page+"/answer", values("agency", "lwf", "answer", "agree"), 303)
		lwf.ask("GET", page, nil, 200, "All agree", "the fund leads", "Wells are ours alone.", "round 1")
		w.visitor("").ask("GET", goal, nil, 200, "Put in force by the Science Council")
	})
}

// TestDecisionWaitsForAgreement: a list that touches another agency cannot be signed while
// that refuses; where the rule says so one refusal ends the case, and another begins.
func TestDecisionWaitsForAgreement(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.agency("lwf", "Land and Water Fund")
		c := w.openCall("open-call.yaml")
		p, _ := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		officer, decider, lwf := w.visitor("officer"), w.visitor("decider"), w.visitor("lwf")
		d, err := w.Decisions.Begin(w.ctx, w.actor["officer"], c.ID, "")
		w.must(err)
		page := "/decisions/" + d.ID
		ask := values("title_en", "Wells beside the furnace", "text_en", "One project drills two wells.", "refusal", council.Block, "due", "2027-04-20")
		officer.ask("POST", page+"/agreement", ask, 422, `href="#agencies"`, "One project drills")
		ask["agencies"] = []string{"lwf"}
		officer.ask("POST", page+"/agreement", ask, 303)
		officer.ask("POST", page+"/agreement", ask, 422, "a case about it is open")
		w.must(w.Decisions.Save(w.ctx, w.actor["officer"], d.ID, "By the reviews.", []decision.Choice{{ProposalID: p.ID, Outcome: decision.Fund}}))
		w.must(w.Decisions.Propose(w.ctx, w.actor["officer"], d.ID))
		decider.ask("POST", page+"/sign", url.Values{}, 422, "other agencies have not agreed (G-2027-0001)")
		answer := func(answer, words string) {
			cases, err := w.Council.AgreementsOn(w.ctx, w.actor["lwf"], council.OfDecision, d.ID)
			w.must(err)
			lwf.ask("POST", "/agreements/"+cases[0].ID+"/answer", values("agency", "lwf", "answer", answer, "words", words), 303)
		}
		answer("refuse", "No wells there.")
		lwf.ask("GET", page, nil, 404)
		officer.ask("GET", page, nil, 200, "Ended by a refusal", "No wells there.")
		decider.ask("POST", page+"/sign", url.Values{}, 422, "other agencies have not agreed")
		officer.ask("POST", page+"/agreement", ask, 303)
		answer("conditions", "One well only.")
		decider.ask("GET", page, nil, 200, "All agree", "One well only.")
		decider.ask("POST", page+"/sign", url.Values{}, 303)
		w.whole()
	})
}

// TestCouncilByAPI: a vote of two thirds of all members, from forming the council to the count.
func TestCouncilByAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer, mira, ravi, public := w.caller("officer"), w.caller("mira"), w.caller("ravi"), w.caller("")
		type made struct {
			ID string `json:"id"`
		}
		var body, meeting, item made
		en := func(s string) map[string]string { return map[string]string{"en": s} }
		rule := map[string]any{"quorum": "half", "share": "two-thirds", "base": "members", "recused": "counted"}
		mira.do(http.MethodPost, "/bodies", map[string]any{"agency_id": "arc", "name": en("Board"), "rule": rule}, http.StatusForbidden, nil)
		officer.do(http.MethodPost, "/bodies", map[string]any{"agency_id": "arc", "name": en("Board"), "rule": rule}, http.StatusOK, &body)
		for person, role := range map[string]string{"mira": "chair", "ravi": "member", "ines": "member"} {
			officer.do(http.MethodPost, "/bodies/"+body.ID+"/seats", map[string]any{"person_id": person, "role": role, "from": "2027-01-01"}, http.StatusOK, nil)
		}
		mira.do(http.MethodPut, "/bodies/"+body.ID+"/interests", map[string]any{"interests": "none"}, http.StatusOK, nil)
		mira.do(http.MethodPost, "/bodies/"+body.ID+"/meetings", map[string]any{"day": "2027-03-16", "from": "10:00", "until": "12:30", "zone": "Europe/Vienna"}, http.StatusOK, &meeting)
		mira.do(http.MethodPost, "/council-meetings/"+meeting.ID+"/items", map[string]any{"title": en("Rooms"), "motion": en("We meet in room 3.")}, http.StatusOK, &item)
		ravi.do(http.MethodGet, "/council-items/"+item.ID, nil, http.StatusNotFound, nil)
		for _, to := range []string{"convened", "open"} {
			mira.do(http.MethodPost, "/council-meetings/"+meeting.ID+"/state", map[string]any{"to": to}, http.StatusOK, nil)
		}
		mira.do(http.MethodPut, "/council-meetings/"+meeting.ID+"/present", map[string]any{"present": []string{"mira", "ravi"}}, http.StatusOK, nil)
		mira.do(http.MethodPost, "/council-items/"+item.ID+"/vote", nil, http.StatusOK, nil)
		for _, who := range []caller{mira, ravi} {
			who.do(http.MethodPost, "/council-items/"+item.ID+"/ballot", map[string]any{"choice": "for"}, http.StatusOK, nil)
		}
		var got struct {
			Outcome string `json:"outcome"`
			Votes   []struct {
				Result struct{ For, Needed, Base int } `json:"result"`
			} `json:"votes"`
		}
		mira.do(http.MethodPost, "/council-items/"+item.ID+"/vote/count", nil, http.StatusOK, &got)
		if got.Outcome != "carried" || len(got.Votes) != 1 || got.Votes[0].Result.Needed != 2 || got.Votes[0].Result.Base != 3 {
			t.Errorf("the count says %+v", got)
		}
		ravi.do(http.MethodPost, "/council-items/"+item.ID+"/recusals", map[string]any{"person_id": "ravi", "reason": "Late."}, http.StatusConflict, nil)
		public.do(http.MethodGet, "/council-items/"+item.ID, nil, http.StatusUnauthorized, nil)
		public.do(http.MethodGet, "/bodies/"+body.ID, nil, http.StatusOK, nil)
		w.caller("jonas").do(http.MethodGet, "/council-meetings/"+meeting.ID, nil, http.StatusNotFound, nil)
	})
}

// TestCouncilAgendaAndMails: an item can be taken off the agenda until the meeting is opened;
// members get agenda and minutes by mail, without what they are recused from.
func TestCouncilAgendaAndMails(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		body := w.sits()
		olena, ravi := w.visitor("olena"), w.visitor("ravi")
		meeting, first := w.meets(body, values("title_en", "Powder", "motion_en", "A call on powders is opened."))
		item := func(title string) string {
			return olena.ask("POST", meeting+"/items", values("title_en", title, "motion_en", "It is begun."), 303)
		}
		kiln, glass := item("Kilns"), item("Glass")
		q := w.question("Why ceramics crack")
		olena.ask("POST", first+"/records", values("address", "/questions/"+q.ID), 303)
		olena.ask("POST", kiln+"/recusals", values("person", "ravi", "reason", "His firm makes kilns."), 303)
		ravi.ask("POST", first+"/drop", values("drop", "No."), 404)
		olena.ask("POST", first+"/drop", values("drop", ""), 422, `href="#drop"`)
		if to := olena.ask("POST", first+"/drop", values("drop", "It was decided last year."), 303); to != meeting {
			t.Errorf("after dropping an item: %s", to)
		}
		olena.ask("GET", first, nil, 404)
		olena.lacks(meeting, "Powder")
		entries, err := w.Ledger.Of(w.ctx, "council-item", strings.TrimPrefix(first, "/council-items/"))
		w.must(err)
		if !slices.ContainsFunc(entries, func(e ledger.Placed) bool {
			return e.Act == "council.item.drop" && strings.Contains(e.Payload, "It was decided last year.")
		}) {
			t.Errorf("the ledger does not say why the item went: %+v", entries)
		}
		w.opens(meeting, "mira", "ravi", "ines")
		olena.ask("POST", glass+"/drop", values("drop", "Late."), 422, "its agenda stands")
		ravi.ask("POST", glass+"/drop", values("drop", "Late."), 403)
		mailed := func(who, kind string) (text string) {
			for _, l := range w.outboxOf(who) {
				if l.Kind == kind {
					text += l.Subject + "\n" + l.Body
				}
			}
			if strings.Contains(text, "{") {
				t.Errorf("a mail has a gap: %s", text)
			}
			return text
		}
		if text := mailed("mira", "council.mail.convened"); !strings.Contains(text, "1. Kilns\n2. Glass") || !strings.Contains(text, "10:00–12:30 (Europe/Vienna) · room 2") || !strings.Contains(text, meeting) {
			t.Errorf("the chair is invited by %q", text)
		}
		if text := mailed("ravi", "council.mail.convened"); !strings.Contains(text, "1. Glass") || strings.Contains(text, "Kilns") {
			t.Errorf("a recused member is invited by %q", text)
		}
		olena.ask("POST", meeting+"/state", values("to", council.Over), 303)
		w.visitor("mira").ask("POST", meeting+"/minutes", url.Values{}, 303)
		for who, kilns := range map[string]bool{"olena": true, "ravi": false, "edda": true} {
			if text := mailed(who, "council.mail.minutes"); !strings.Contains(text, "Glass") || strings.Contains(text, "Kilns") != kilns {
				t.Errorf("%s gets the minutes by %q", who, text)
			}
		}
		only := olena.ask("POST", body+"/meetings", values("day", "2027-03-20", "from", "10:00", "until", "11:00", "zone", "UTC"), 303)
		last := olena.ask("POST", only+"/items", values("title_en", "Sand"), 303)
		olena.ask("POST", only+"/state", values("to", council.Convened), 303)
		olena.ask("POST", last+"/drop", values("drop", "Late."), 422, "the only item")
		program := w.caller("olena")
		program.do(http.MethodDelete, last, nil, http.StatusUnprocessableEntity, nil)
		program.do(http.MethodDelete, last, map[string]any{"why": "Late"}, http.StatusConflict, nil)
		program.do(http.MethodDelete, last+"?why=Late", nil, http.StatusConflict, nil) // as an earlier client says it
		w.whole()
	})
}

// TestHours: a meeting has hours of a day in a zone, which can be changed until it is opened; who was convened is
// told, and takes it into a calendar with the agenda that they may know of.
func TestHours(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		body := w.sits()
		olena := w.visitor("olena")
		plan := func(day, from, until, zone, link string) url.Values {
			return values("day", day, "from", from, "until", until, "zone", zone, "place", "room 2", "link", link)
		}
		for say, form := range map[string]url.Values{
			"#from":                  plan("2027-03-16", "ten", "12:00", "Europe/Vienna", ""),
			"#until":                 plan("2027-03-16", "10:00", "09:00", "Europe/Vienna", ""),
			"#zone":                  plan("2027-03-16", "10:00", "12:00", "Vienna", ""),
			"#link":                  plan("2027-03-16", "10:00", "12:00", "Europe/Vienna", "http://meet.example.org"),
			"#day":                   plan("16 March", "10:00", "12:00", "Europe/Vienna", ""),
			"clocks are put forward": plan("2027-03-28", "02:30", "04:00", "Europe/Vienna", ""),
		} {
			olena.ask("POST", body+"/meetings", form, 422, say)
		}
		late := olena.ask("POST", body+"/meetings", plan("2027-03-16", "14:00", "15:00", "Europe/Vienna", ""), 303)
		meeting := olena.ask("POST", body+"/meetings", plan("2027-03-16", "10:00", "12:30", "Europe/Vienna", "https://meet.example.org/a,b"), 303)
		if page := olena.body(body); strings.Index(page, late) > strings.Index(page, meeting) || !strings.Contains(page, "10:00–12:30 (Europe/Vienna) · room 2") {
			w.t.Error("meetings of one day do not stand by their hours, the latest first")
		}
		glass := olena.ask("POST", meeting+"/items", values("title_en", "Glass, and what it is for"), 303)
		olena.ask("POST", meeting+"/items", values("title_en", "Kilns"), 303)
		olena.ask("POST", glass+"/recusals", values("person", "ravi", "reason", "A cousin."), 303)
		w.visitor("ravi").ask("GET", meeting+"/calendar", nil, 404)
		olena.ask("POST", meeting+"/state", values("to", council.Convened), 303)
		event := func(who string) map[string]string {
			list := events(w.t, w.visitor(who).body(meeting+"/calendar"))
			if len(list) != 1 {
				w.t.Fatalf("%d events", len(list))
			}
			return list[0]
		}
		if e := event("olena"); e["DTSTART"] != "20270316T090000Z" || e["DTEND"] != "20270316T113000Z" || e["LOCATION"] != "room 2" || e["URL"] != "https://meet.example.org/a,b" || e["SEQUENCE"] != "0" || !strings.Contains(e["DESCRIPTION"], `Glass\, and what it is for`) {
			w.t.Errorf("in the calendar: %v", e)
		}
		if e := event("ravi"); strings.Contains(e["DESCRIPTION"], "Glass") || !strings.Contains(e["DESCRIPTION"], "Kilns") {
			w.t.Errorf("in the calendar of who is recused: %v", e)
		}
		form := plan("2027-03-17", "11:00", "12:00", "Europe/Vienna", "")
		form.Set("version", "1")
		olena.ask("POST", meeting+"/time", form, 422)
		form.Set("version", "2")
		w.visitor("ravi").ask("POST", meeting+"/time", form, 403)
		olena.ask("POST", meeting+"/time", form, 303)
		if e := event("olena"); e["DTSTART"] != "20270317T100000Z" || e["SEQUENCE"] != "1" {
			w.t.Errorf("moved: %v", e)
		}
		told := 0
		for _, l := range w.outboxOf("ravi") {
			if strings.Contains(l.Body, "11:00–12:00 (Europe/Vienna)") && !strings.Contains(l.Body, "Glass") {
				told++
			}
		}
		if told != 1 {
			w.t.Errorf("%d mails tell of the new hours", told)
		}
		olena.ask("POST", meeting+"/state", values("to", council.InRoom), 303)
		form.Set("version", "4")
		olena.ask("POST", meeting+"/time", form, 422)
		var got struct {
			Starts string `json:"starts_at"`
		}
		w.caller("olena").do(http.MethodGet, meeting, nil, http.StatusOK, &got)
		if got.Starts != "2027-03-17T10:00:00Z" {
			w.t.Errorf("by the API it starts at %q", got.Starts)
		}
		w.whole()
	})
}

// TestMeetingReminderByDay: a meeting of which only the day is known, as those are that were planned before meetings had hours, is
// reminded of within the two days before that day begins, once, without hours; not on the day itself.
func TestMeetingReminderByDay(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		body := w.sits()
		begins := time.Date(2027, 3, 16, 0, 0, 0, 0, time.UTC)
		w.now.Set(begins.AddDate(0, 0, -9))
		meeting, _ := w.meets(body, values("title_en", "Glass"))
		w.visitor("olena").ask("POST", meeting+"/state", values("to", council.Convened), 303)
		_, err := w.DB.SQL().ExecContext(w.ctx, `UPDATE council_meeting SET starts_at = NULL, ends_at = NULL`)
		w.must(err)
		for _, x := range []struct {
			before   time.Duration
			meetings int
		}{{49 * time.Hour, 0}, {48 * time.Hour, 1}, {47 * time.Hour, 0}, {time.Minute, 0}, {0, 0}, {-10 * time.Hour, 0}} {
			w.now.Set(begins.Add(-x.before))
			if n, err := w.Council.Remind(w.ctx); err != nil || n != x.meetings {
				t.Errorf("%v before the day begins %d meetings are reminded of, %v; want %d", x.before, n, err, x.meetings)
			}
		}
		soon := 0
		for _, l := range w.outboxOf("mira") {
			if l.Kind != "council.mail.soon" {
				continue
			}
			if soon++; !strings.Contains(l.Body, "16 March 2027") || !strings.Contains(l.Body, "room 2") || strings.Contains(l.Body, "Vienna") || strings.Contains(l.Subject+l.Body, "{") {
				t.Errorf("mira is reminded by %q", l.Subject+"\n"+l.Body)
			}
		}
		if soon != 1 {
			t.Errorf("mira got %d reminders", soon)
		}
		// Of whom nobody was told when it was convened, they learn now.
		w.now.Set(begins.Add(-time.Hour))
		_, err = w.DB.SQL().ExecContext(w.ctx, `UPDATE council_meeting SET told_at = NULL`)
		w.must(err)
		if n, err := w.Council.Remind(w.ctx); err != nil || n != 1 {
			t.Errorf("an hour before the day of which nobody was told, %d meetings are reminded of, %v", n, err)
		}
	})
}

// TestMeetingReminder: who sits in a meeting gets one mail within the two days before it, and another when it is moved and
// comes near again; of nothing that is not convened, and no item from which they are recused.
func TestMeetingReminder(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		body := w.sits()
		olena := w.visitor("olena")
		meeting, glass := w.meets(body, values("title_en", "Glass"))
		olena.ask("POST", meeting+"/items", values("title_en", "Kilns"), 303)
		olena.ask("POST", glass+"/recusals", values("person", "ravi", "reason", "A cousin."), 303)
		begins := time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC) // 10:00 in Vienna
		remind := func(at time.Time, meetings int) {
			t.Helper()
			w.now.Set(at)
			if n, err := w.Council.Remind(w.ctx); err != nil || n != meetings {
				t.Errorf("reminded of %d meetings at %v, %v; want %d", n, at, err, meetings)
			}
		}
		w.now.Set(begins.AddDate(0, 0, -10))
		remind(begins.Add(-47*time.Hour), 0) // planned only
		w.now.Set(begins.AddDate(0, 0, -9))
		olena.ask("POST", meeting+"/state", values("to", council.Convened), 303)
		remind(begins.Add(-49*time.Hour), 0)
		remind(begins.Add(-47*time.Hour), 1)
		remind(begins.Add(-2*time.Hour), 0)
		form := values("day", "2027-03-20", "from", "10:00", "until", "12:30", "zone", "Europe/Vienna", "place", "room 2", "version", "2")
		olena.ask("POST", meeting+"/time", form, 303)
		begins = begins.AddDate(0, 0, 4)
		remind(begins.Add(-50*time.Hour), 0)
		remind(begins.Add(-time.Hour), 1)
		remind(begins.Add(time.Hour), 0)
		for who, lines := range map[string]string{"mira": "1. Glass\n2. Kilns", "ravi": "1. Kilns"} {
			soon := 0
			for _, l := range w.outboxOf(who) {
				if l.Kind != "council.mail.soon" {
					continue
				}
				if soon++; !strings.Contains(l.Body, lines) || !strings.Contains(l.Body, "10:00–12:30 (Europe/Vienna)") || !strings.Contains(l.Body, meeting) || strings.Contains(l.Subject+l.Body, "{") || who == "ravi" && strings.Contains(l.Body, "Glass") {
					t.Errorf("%s is reminded by %q", who, l.Subject+"\n"+l.Body)
				}
			}
			if soon != 2 {
				t.Errorf("%s got %d reminders", who, soon)
			}
		}
		w.whole()
	})
}
