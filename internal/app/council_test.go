package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// TestAdvice asks two people, keeps their answers apart until both are in, and
// publishes the whole with its synthesis.
func TestAdvice(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		q, err := w.Strategy.WriteQuestion(w.ctx, access.System, strategy.QuestionInput{AgencyID: "arc", Title: lang.In1("en", "Why ceramics crack"), Body: lang.In1("en", "What decides it?")})
		w.must(err)
		officer, mira, ravi, public := w.visitor("officer"), w.visitor("mira"), w.visitor("ravi"), w.visitor("")
		ask := values("kind", "question", "subject", q.ID, "agency", "arc", "question_en", "Is powder the place to begin?", "due", "2027-03-30", "adviser_text", "Mira Alder")
		mira.ask("POST", "/advice", ask, 403)
		officer.ask("GET", "/questions/"+q.ID, nil, 200, "Ask for advice")
		bad := values("kind", "question", "subject", q.ID, "agency", "arc", "due", "2027-03-01", "adviser_text", "Mira Alder")
		officer.ask("POST", "/advice", bad, 422, `href="#due"`, `href="#question"`, "Mira Alder", "Choose today or a later day")
		page := officer.ask("POST", "/advice", ask, 303)
		officer.ask("POST", page+"/advisers", values("adviser_text", "Ravi Alder"), 303)
		officer.ask("POST", page+"/advisers", values("adviser_text", "Ravi Alder"), 422, "asked already")

		public.ask("GET", page, nil, 404)
		w.visitor("edda").ask("GET", page, nil, 404)
		w.visitor("edda").ask("POST", page+"/answer", values("answer", "Yes."), 404)
		w.visitor("edda").lacks("/advice", "Is powder")
		mira.ask("GET", "/home", nil, 200, "Your advice is asked")
		mira.ask("POST", page+"/answer", values("answer", "Begin with powder."), 422, "Begin with powder.", `href="#evidence"`, `href="#interests"`)
		whole := values("answer", "Begin with powder.", "evidence", "Twelve furnaces.", "confidence", "high", "interests", "none")
		mira.ask("POST", page+"/answer", whole, 303)
		mira.ask("POST", page+"/answer", whole, 422, "Your part is done")

		// Apart: neither the agency nor the other adviser reads it yet, and it cannot be closed.
		officer.lacks(page, "Begin with powder.")
		officer.ask("GET", page, nil, 200, "1 of 2 have answered")
		ravi.lacks(page, "Begin with powder.", "Mira Alder")
		id := strings.TrimPrefix(page, "/advice/")
		w.refused(w.Council.Close(w.ctx, w.actor["officer"], id, 1, council.Synthesis{Text: lang.In1("en", "Powder.")}), fault.Conflict, "closing early")

		w.must(w.Council.Reply(w.ctx, w.actor["ravi"], id, council.Reply{Answer: "Begin with the furnace.", Evidence: "My judgement.", Confidence: "low", Interests: "I sell furnaces."}))
		officer.ask("GET", page, nil, 200, "Begin with powder.", "Begin with the furnace.", "I sell furnaces.")
		officer.ask("GET", "/home", nil, 200, "Close the request for advice")
		ravi.lacks(page, "Begin with powder.")
		officer.ask("POST", page+"/advisers", values("adviser_text", "Jonas Alder"), 422, "ask in a new request")
		close := values("version", "1", "synthesis_en", "Powder first.", "followed_mira", "yes", "followed_ravi", "no")
		officer.ask("POST", page+"/close", values("version", "1", "synthesis_en", "Powder first."), 422, `href="#followed_mira"`, "Powder first.")
		officer.ask("POST", page+"/close", close, 422, `href="#minority"`)
		close.Set("minority_en", "One would begin with the furnace.")
		officer.ask("POST", page+"/close", close, 303)
		officer.ask("POST", page+"/follow", values("version", "2", "became_en", "A call on powders opens in May."), 303)
		officer.ask("POST", page+"/follow", values("version", "2", "became_en", "Stale."), 422, "Stale.")

		public.ask("GET", page, nil, 200, "Powder first.", "One would begin with the furnace.", "Begin with powder.", "Ravi Alder", "A call on powders opens in May.")
		public.ask("GET", "/advice", nil, 200, "Is powder the place to begin?")
		public.ask("GET", "/questions/"+q.ID, nil, 200, "Is powder the place to begin?")
	})
}

// TestAdviceCited: a council is asked, each of its members answers alone, the decision says
// whether it follows the advice, and who advised sees what became of it.
func TestAdviceCited(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		body := w.sits()
		q := w.question("Why ceramics crack")
		officer, ravi, public := w.visitor("officer"), w.visitor("ravi"), w.visitor("")
		council := strings.TrimPrefix(body, "/bodies/")
		ask := values("kind", "question", "subject", q.ID, "agency", "arc", "question_en", "Powder?", "due", "2027-03-30", "body", council)
		page := officer.ask("POST", "/advice", ask, 303)
		officer.ask("GET", page, nil, 200, "Jonas Alder", "asked as a member of the Science Council", "0 of 5 have answered")
		officer.ask("POST", page+"/advisers", values("body", council), 422, "Nobody with a vote")
		for _, who := range []string{"mira", "ravi", "ines", "edda", "jonas"} {
			w.visitor(who).ask("POST", page+"/answer", values("answer", "So says "+who, "evidence", "Data.", "confidence", "high", "interests", "none"), 303)
		}
		close := values("version", "1", "synthesis_en", "Powder first.", "minority_en", "Two would wait.", "followed_mira", "yes", "followed_ravi", "no", "followed_ines", "partly", "followed_edda", "yes", "followed_jonas", "yes")
		officer.ask("POST", page+"/close", close, 303)

		meeting, item := w.meets(body, values("title_en", "Powder", "motion_en", "A call on powders is opened."))
		olena := w.visitor("olena")
		olena.ask("POST", item+"/records", values("address", "/questions/"+q.ID), 303)
		olena.ask("POST", meeting+"/state", values("to", "convened"), 303)
		ravi.ask("GET", item, nil, 200, "Powder?", "Nobody has said yet whether it is followed")
		cite := values("advice", strings.TrimPrefix(page, "/advice/"), "followed", "partly", "why", "")
		olena.ask("POST", item+"/advice", cite, 422, "Fill this in")
		cite.Set("why", "The furnace comes second.")
		ravi.ask("POST", item+"/advice", cite, 403)
		olena.ask("POST", item+"/advice", cite, 303)
		olena.ask("POST", item+"/advice", cite, 422, "says already")
		ravi.ask("GET", item, nil, 200, "Followed in part", "The furnace comes second.")
		ravi.ask("GET", page, nil, 200, "Not followed by the synthesis", "Science Council M-2027-0001", "The furnace comes second.", item)
		public.lacks(page, "The furnace comes second.") // nothing is decided
		olena.ask("POST", meeting+"/state", values("to", "open"), 303)
		olena.ask("POST", meeting+"/present", url.Values{"present": {"mira", "ravi", "ines"}}, 303)
		w.votes(item, map[string]string{"mira": "for", "ravi": "for", "ines": "for"})
		public.ask("GET", page, nil, 200, "Science Council M-2027-0001", "The furnace comes second.")
		public.lacks(page, item)
		ravi.ask("GET", "/advice?mine=yes", nil, 200, "Powder?")
	})
}

// TestAdviceWhenTheDayIsOver reads what came when somebody never answers.
func TestAdviceWhenTheDayIsOver(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		q, err := w.Strategy.WriteQuestion(w.ctx, access.System, strategy.QuestionInput{AgencyID: "arc", Title: lang.In1("en", "Why ceramics crack"), Body: lang.In1("en", "What decides it?")})
		w.must(err)
		v, err := w.Council.Ask(w.ctx, w.actor["officer"], council.Input{AgencyID: "arc", Kind: "question", SubjectID: q.ID, Question: lang.In1("en", "Powder?"), Due: "2027-03-20", Adviser: "mira"})
		w.must(err)
		w.must(w.Council.Add(w.ctx, w.actor["officer"], v.ID, "ravi"))
		w.must(w.Council.Reply(w.ctx, w.actor["mira"], v.ID, council.Reply{Answer: "Yes.", Evidence: "Data.", Confidence: "medium", Interests: "none"}))
		w.now.Set(time.Date(2027, 3, 21, 11, 0, 0, 0, time.UTC)) // still the 20th somewhere
		if got, err := w.Council.Get(w.ctx, w.actor["officer"], v.ID); err != nil || got.Together {
			t.Errorf("before the day is over everywhere: together %v, %v", got.Together, err)
		}
		w.now.Set(time.Date(2027, 3, 21, 13, 0, 0, 0, time.UTC))
		got, err := w.Council.Get(w.ctx, w.actor["officer"], v.ID)
		if err != nil || !got.Together || len(got.Answers) != 2 || got.Answers[0].Answer != "Yes." {
			t.Errorf("after the day: %+v, %v", got.Answers, err)
		}
		w.must(w.Council.Decline(w.ctx, w.actor["ravi"], v.ID, "Too late for me."))
	})
}
