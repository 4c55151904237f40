package app_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/schemes"
)

// Of the answers, what the test looks at.
type (
	fault9457 struct {
		Status int
		Detail string
		Errors []struct{ Location, Message string }
	}
	oneID  struct{ ID string }
	listed struct {
		Items []struct {
			ID, Number, State, Outcome string
			ProposalID                 string `json:"proposal_id"`
		}
		Next  string
		Total int
	}
	readReview struct {
		ID, State string
		Criteria  []struct{ ID string }
		Proposal  *struct {
			Title   string
			Answers map[string]json.RawMessage
			Blind   bool
		}
		Others []struct{ Alias string }
	}
	readDecision struct {
		ID, State string
		Rows      []struct {
			Place      int
			ProposalID string `json:"proposal_id"`
			Mean       float64
			Reviews    int
		}
	}
)

// fields are everything that the form of open-call asks, as the API takes it.
func fields(title string, money int64) map[string]any {
	all := map[string]any{}
	for _, c := range answers(title, money) {
		all[c.Field] = map[string]any{"value": c.Value}
	}
	return all
}

var pdf = []byte("%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF\n")

// publish makes a call from open-call and opens it.
func (w *world) publishByAPI() (call string) {
	w.t.Helper()
	_, err := w.Schemes.Publish(w.ctx, w.actor["officer"], schemes.Files, "open-call.yaml")
	w.must(err)
	officer, public := w.caller("officer"), w.caller("")
	var list struct {
		Items []struct {
			Scheme    string
			VersionID string `json:"version_id"`
		}
	}
	public.do(http.MethodGet, "/schemes", nil, http.StatusOK, &list)
	version := list.Items[slices.IndexFunc(list.Items, func(s struct {
		Scheme    string
		VersionID string `json:"version_id"`
	}) bool {
		return s.Scheme == "open-call"
	})].VersionID
	in := map[string]any{"agency_id": "arc", "scheme_id": version, "title": map[string]string{"en": "Open questions 2027", "zh": "开放课题 2027"}, "summary": map[string]string{"en": "Free choice of topic."},
		"zone": "Europe/Vienna", "opens": "2027-03-16T08:00", "closes": "2027-03-15T17:00", "grace": 5, "low": "100,000", "high": "1,200,000", "total": "900,000"}
	var refused fault9457
	officer.do(http.MethodPost, "/calls", in, http.StatusUnprocessableEntity, &refused)
	if len(refused.Errors) != 1 || refused.Errors[0].Location != "body.closes" {
		w.t.Errorf("closing before it opens: %+v", refused)
	}
	in["closes"] = "2027-04-15T17:00"
	var c oneID
	officer.do(http.MethodPost, "/calls", in, http.StatusOK, &c)
	public.do(http.MethodGet, "/calls/"+c.ID, nil, http.StatusNotFound, nil)
	officer.do(http.MethodPost, "/calls/"+c.ID+"/publish", nil, http.StatusOK, nil)
	public.do(http.MethodGet, "/calls/"+c.ID, nil, http.StatusOK, nil)
	return c.ID
}

// two teams begin, write at once, attach a PDF, miss a field and submit.
func (w *world) applyByAPI(call string) (one, two string) {
	w.t.Helper()
	teams := []struct {
		caller
		title string
		money int64
		id    string
	}{{w.caller("mira"), "Grain boundaries as fuses", 700_000, ""}, {w.caller("ravi"), "Cold joints for hot modules", 600_000, ""}}
	for i := range teams {
		var p oneID
		teams[i].do(http.MethodPost, "/calls/"+call+"/proposals", nil, http.StatusOK, &p)
		teams[i].id = p.ID
	}
	var both sync.WaitGroup
	for _, team := range teams {
		both.Go(func() {
			for field, answer := range fields(team.title, team.money) {
				if field == "aim" {
					continue // missed
				}
				if got := team.send(http.MethodPatch, "/proposals/"+team.id+"/answers", map[string]any{"answers": map[string]any{field: answer}}); got.Code != http.StatusOK {
					w.t.Errorf("saving %s: %d %s", field, got.Code, got.Body)
				}
			}
		})
	}
	both.Wait()
	for _, team := range teams {
		var file struct{ SHA256 string }
		team.do(http.MethodPut, "/proposals/"+team.id+"/files/plan_file", pdf, http.StatusOK, &file)
		if got := team.send(http.MethodGet, "/proposals/"+team.id+"/files/plan_file", nil); got.Code != http.StatusOK || got.Body.String() != string(pdf) {
			w.t.Errorf("the file comes back as %d, %d bytes", got.Code, got.Body.Len())
		}
		var refused fault9457
		team.do(http.MethodPost, "/proposals/"+team.id+"/submit", nil, http.StatusUnprocessableEntity, &refused)
		if len(refused.Errors) != 1 || refused.Errors[0].Location != "body.answers.aim" || refused.Errors[0].Message == "" {
			w.t.Errorf("the missing field: %+v", refused)
		}
		team.do(http.MethodPatch, "/proposals/"+team.id+"/answers", map[string]any{"answers": map[string]any{"aim": fields("", 0)["aim"]}}, http.StatusOK, nil)
		w.submitByAPI(team.caller, team.id)
	}
	teams[1].do(http.MethodGet, "/proposals/"+teams[0].id, nil, http.StatusNotFound, nil)
	return teams[0].id, teams[1].id
}

// submit sends the same request twice, and checks the receipt offline and online.
func (w *world) submitByAPI(c caller, proposal string) {
	w.t.Helper()
	var receipt, again struct {
		Receipt string
		EntryID string `json:"entry_id"`
	}
	c.with("submit-"+proposal).do(http.MethodPost, "/proposals/"+proposal+"/submit", nil, http.StatusOK, &receipt)
	c.with("submit-"+proposal).do(http.MethodPost, "/proposals/"+proposal+"/submit", nil, http.StatusOK, &again)
	if receipt != again {
		w.t.Errorf("submitting twice with one key gave\n%+v\n%+v", receipt, again)
	}
	var keys struct{ Keys []string }
	w.caller("").do(http.MethodGet, "/ledger/keys", nil, http.StatusOK, &keys)
	if got, err := ledger.VerifyReceipt(receipt.Receipt, keys.Keys); err != nil || got.Subject != proposal {
		w.t.Errorf("receipt: %+v, %v", got, err)
	}
	var checked struct {
		Valid   bool
		Subject string
	}
	w.caller("").do(http.MethodPost, "/ledger/receipts/verify", map[string]any{"receipt": receipt.Receipt}, http.StatusOK, &checked)
	if !checked.Valid || checked.Subject != proposal {
		w.t.Errorf("the receipt checked online: %+v", checked)
	}
	w.caller("").do(http.MethodPost, "/ledger/receipts/verify", map[string]any{"receipt": strings.Replace(receipt.Receipt, "a", "b", 1)}, http.StatusOK, &checked)
	if checked.Valid {
		w.t.Error("a changed receipt is valid")
	}
	var list struct{ Items []struct{ Number int } }
	c.do(http.MethodGet, "/proposals/"+proposal+"/submissions", nil, http.StatusOK, &list)
	if len(list.Items) != 1 {
		w.t.Errorf("%d submissions, want one", len(list.Items))
	}
}

// judge has who review a proposal without learning whose it is.
func (w *world) judgeByAPI(who, proposal string, score float64) {
	w.t.Helper()
	officer, reviewer := w.caller("officer"), w.caller(who)
	var r oneID
	officer.do(http.MethodPost, "/proposals/"+proposal+"/reviews", map[string]any{"person_id": who}, http.StatusOK, &r)
	var v readReview
	reviewer.do(http.MethodGet, "/reviews/"+r.ID, nil, http.StatusOK, &v)
	if v.Proposal != nil {
		w.t.Error("the text is open before the invitation is accepted")
	}
	reviewer.do(http.MethodPost, "/reviews/"+r.ID+"/answer", map[string]any{"answer": "accept"}, http.StatusOK, nil)
	reviewer.do(http.MethodPost, "/reviews/"+r.ID+"/promise", nil, http.StatusOK, &v)
	if v.Proposal == nil || !v.Proposal.Blind || len(v.Proposal.Answers) < 5 {
		w.t.Fatalf("the blind text: %+v", v.Proposal)
	}
	var file string
	w.must(json.Unmarshal(v.Proposal.Answers["plan_file"], &file))
	if got := reviewer.send(http.MethodGet, "/reviews/"+r.ID+"/files/"+file, nil); got.Body.String() != string(pdf) || strings.Contains(got.Header().Get("Content-Disposition"), "plan.pdf") {
		w.t.Errorf("the file for the reviewer: %d, %s", got.Code, got.Header().Get("Content-Disposition"))
	}
	reviewer.do(http.MethodGet, "/proposals/"+proposal, nil, http.StatusNotFound, nil)
	var refused fault9457
	reviewer.do(http.MethodPost, "/reviews/"+r.ID+"/submit", nil, http.StatusUnprocessableEntity, &refused)
	if len(refused.Errors) == 0 || !strings.HasPrefix(refused.Errors[0].Location, "body.answers.") {
		w.t.Errorf("an empty review: %+v", refused)
	}
	list := map[string]any{}
	for _, c := range v.Criteria {
		list[c.ID] = map[string]any{"score": score, "text": "It is clear what is measured and why it matters."}
	}
	reviewer.do(http.MethodPut, "/reviews/"+r.ID+"/answers", map[string]any{"answers": list, "minutes": 200}, http.StatusOK, nil)
	reviewer.with("r"+r.ID).do(http.MethodPost, "/reviews/"+r.ID+"/submit", nil, http.StatusOK, &v)
	if v.State != "submitted" {
		w.t.Errorf("the review is %s", v.State)
	}
}

// reviews invites, with one conflict found and one declared.
func (w *world) reviewsByAPI(one, two string) {
	w.t.Helper()
	officer := w.caller("officer")
	var refused fault9457
	officer.do(http.MethodPost, "/proposals/"+one+"/reviews", map[string]any{"person_id": "edda"}, http.StatusConflict, &refused)
	if len(refused.Errors) != 1 || refused.Errors[0].Location != "body.person_id" {
		w.t.Errorf("a reviewer of the same organisation: %+v", refused)
	}
	var r oneID
	officer.do(http.MethodPost, "/proposals/"+one+"/reviews", map[string]any{"person_id": "jonas"}, http.StatusOK, &r)
	jonas := w.caller("jonas")
	jonas.do(http.MethodPost, "/reviews/"+r.ID+"/answer", map[string]any{"answer": "conflict"}, http.StatusUnprocessableEntity, nil)
	jonas.do(http.MethodPost, "/reviews/"+r.ID+"/answer", map[string]any{"answer": "conflict", "reason": "I wrote a paper with them."}, http.StatusOK, nil)
	w.judgeByAPI("ines", one, 5)
	w.judgeByAPI("olena", one, 6)
	w.judgeByAPI("ines", two, 3)
	var list listed
	officer.do(http.MethodGet, "/proposals/"+one+"/reviews", nil, http.StatusOK, &list)
	if len(list.Items) != 3 {
		w.t.Errorf("the officer lists %+v", list)
	}
	w.caller("mira").do(http.MethodGet, "/proposals/"+one+"/reviews", nil, http.StatusNotFound, nil)
}

// decide ranks, proposes and signs by two.
func (w *world) decideByAPI(call, one, two string) {
	w.t.Helper()
	officer, decider := w.caller("officer"), w.caller("decider")
	var d readDecision
	officer.do(http.MethodPost, "/calls/"+call+"/decisions", map[string]any{}, http.StatusOK, &d)
	if len(d.Rows) != 2 || d.Rows[0].ProposalID != one || d.Rows[0].Reviews != 2 || d.Rows[0].Mean <= d.Rows[1].Mean {
		w.t.Fatalf("the ranking: %+v", d)
	}
	var refused fault9457
	officer.do(http.MethodPost, "/decisions/"+d.ID+"/propose", nil, http.StatusUnprocessableEntity, &refused)
	if !slices.ContainsFunc(refused.Errors, func(e struct{ Location, Message string }) bool { return e.Location == "body.choices."+one+".outcome" }) {
		w.t.Errorf("an empty list: %+v", refused)
	}
	officer.do(http.MethodPut, "/decisions/"+d.ID, map[string]any{"reasons": "By the reviews.", "choices": map[string]any{one: map[string]any{"outcome": "fund"},
		two: map[string]any{"outcome": "reject", "reasons": "The second step is the least worked out."}}}, http.StatusOK, nil)
	officer.do(http.MethodPost, "/decisions/"+d.ID+"/propose", nil, http.StatusOK, nil)
	officer.do(http.MethodPost, "/decisions/"+d.ID+"/sign", nil, http.StatusForbidden, nil)
	w.caller("mira").do(http.MethodGet, "/decisions/"+d.ID, nil, http.StatusNotFound, nil)
	decider.do(http.MethodPost, "/decisions/"+d.ID+"/return", map[string]any{"why": "Say more of the second."}, http.StatusOK, nil)
	officer.do(http.MethodPost, "/decisions/"+d.ID+"/propose", nil, http.StatusOK, nil)
	decider.with("sign").do(http.MethodPost, "/decisions/"+d.ID+"/sign", nil, http.StatusOK, &d)
	decider.with("sign").do(http.MethodPost, "/decisions/"+d.ID+"/sign", nil, http.StatusOK, nil)
	if d.State != "signed" {
		w.t.Errorf("the decision is %s", d.State)
	}
	officer.do(http.MethodPut, "/decisions/"+d.ID, map[string]any{"choices": map[string]any{}}, http.StatusConflict, nil)
	var letter struct {
		Outcome string
		Place   int
		Amount  struct{ Minor int64 }
		Reviews []struct{ Alias string }
	}
	w.caller("mira").do(http.MethodGet, "/proposals/"+one+"/letter", nil, http.StatusOK, &letter)
	if letter.Outcome != "fund" || letter.Place != 1 || letter.Amount.Minor != 70_000_000 || len(letter.Reviews) != 2 {
		w.t.Errorf("letter = %+v", letter)
	}
	w.caller("ravi").do(http.MethodGet, "/proposals/"+one+"/letter", nil, http.StatusNotFound, nil)
}

// reportByAPI carries the award to its public result.
func (w *world) reportByAPI() {
	w.t.Helper()
	mira, officer, public := w.caller("mira"), w.caller("officer"), w.caller("")
	var mine listed
	mira.do(http.MethodGet, "/me/awards", nil, http.StatusOK, &mine)
	if len(mine.Items) != 1 {
		w.t.Fatalf("awards of mira: %+v", mine)
	}
	path := "/awards/" + mine.Items[0].ID
	result := map[string]any{"kind": "data", "title": map[string]string{"en": "Moisture fronts, 80 days"}, "doi": "nonsense", "year": 2027}
	mira.do(http.MethodPost, path+"/results", result, http.StatusUnprocessableEntity, nil)
	result["doi"] = "https://doi.org/10.5555/ald.1"
	mira.do(http.MethodPost, path+"/results", result, http.StatusOK, nil)
	long := strings.Repeat("We know now how fast it fails. ", 4)
	var refused fault9457
	mira.do(http.MethodPost, path+"/report", map[string]any{"answers": map[string]any{"found": long}}, http.StatusUnprocessableEntity, &refused)
	if len(refused.Errors) != 1 || refused.Errors[0].Location != "body.answers.use" {
		w.t.Errorf("half a report: %+v", refused)
	}
	mira.do(http.MethodPost, path+"/report", map[string]any{"answers": map[string]any{"found": long, "use": long}}, http.StatusOK, nil)
	var results listed
	public.do(http.MethodGet, "/results?q=moisture", nil, http.StatusOK, &results)
	if results.Total != 0 {
		w.t.Error("a result is public before its report is accepted")
	}
	officer.do(http.MethodPost, path+"/report/answer", map[string]any{"accept": true}, http.StatusOK, nil)
	public.do(http.MethodGet, "/results?q=moisture", nil, http.StatusOK, &results)
	var found struct {
		Total  int
		States []struct {
			Value string
			Count int
		}
	}
	public.do(http.MethodGet, "/awards?q=grain", nil, http.StatusOK, &found)
	var award struct {
		State   string
		Results []struct{ DOI string }
		Reports []struct{}
		Parties []struct {
			PersonID string `json:"person_id"`
		}
	}
	public.do(http.MethodGet, path, nil, http.StatusOK, &award)
	if results.Total != 1 || found.Total != 1 || len(found.States) != 1 || award.State != "ended" || len(award.Results) != 1 || award.Results[0].DOI != "10.5555/ald.1" ||
		len(award.Reports) != 0 || award.Parties[0].PersonID != "" {
		w.t.Errorf("the public sees %+v, %+v, %+v", results, found, award)
	}
}

// TestLoopByTheAPIAlone carries one record through the whole loop without a page:
// every request and every answer is checked against the OpenAPI document.
func TestLoopByTheAPIAlone(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		call := w.publishByAPI()
		one, two := w.applyByAPI(call)
		w.now.Set(time.Date(2027, 4, 15, 17, 0, 0, 0, time.UTC))
		w.caller("mira").do(http.MethodPost, "/calls/"+call+"/proposals", nil, http.StatusConflict, nil)
		w.reviewsByAPI(one, two)
		w.decideByAPI(call, one, two)
		w.reportByAPI()
		_, err := w.Ledger.Sequence(w.ctx)
		w.must(err)
		auditor := w.caller("auditor")
		var checked struct {
			OK      bool
			Entries int
		}
		auditor.do(http.MethodPost, "/ledger/verify", map[string]any{}, http.StatusOK, &checked)
		var entries struct{ Items []struct{ Act string } }
		auditor.do(http.MethodGet, "/ledger/entries", nil, http.StatusOK, &entries)
		if !checked.OK || checked.Entries < 20 || len(entries.Items) < 20 {
			w.t.Errorf("the ledger: %+v, %d entries listed", checked, len(entries.Items))
		}
		w.caller("").do(http.MethodGet, "/ledger/heads", nil, http.StatusOK, nil)
		w.caller("").do(http.MethodGet, "/figures", nil, http.StatusOK, nil)
	})
}
