package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
)

// TestAssignmentByAPI assigns reviewers, from the pool to the invitations, without a page.
func TestAssignmentByAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCall("open-call.yaml")
		grain, _ := w.handIn("mira", c, "Grain boundaries as fuses in ceramics", 700_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		officer, mira, auditor := w.caller("officer"), w.caller("mira"), w.caller("auditor")
		at := "/calls/" + c.ID
		for _, person := range []string{"gala", "hugo", "edda"} {
			officer.do(http.MethodPut, at+"/pool/"+person, map[string]any{"most": 2}, http.StatusNoContent, nil)
		}
		officer.do(http.MethodPut, at+"/pool/gala", map[string]any{"least": 3, "most": 2}, http.StatusUnprocessableEntity, nil)
		officer.do(http.MethodPut, at+"/pool/nobody", map[string]any{}, http.StatusUnprocessableEntity, nil)
		mira.do(http.MethodGet, at+"/pool", nil, http.StatusNotFound, nil)
		var pool struct {
			Items []struct {
				Person string `json:"person_id"`
				Most   int
			}
			Total int
		}
		auditor.do(http.MethodGet, at+"/pool?q=beck", nil, http.StatusOK, &pool)
		if pool.Total != 2 || pool.Items[0].Most != 2 {
			w.t.Errorf("the pool is %+v", pool)
		}
		officer.do(http.MethodDelete, at+"/pool/hugo", nil, http.StatusNoContent, nil)
		officer.do(http.MethodDelete, at+"/pool/hugo", nil, http.StatusNotFound, nil)
		officer.do(http.MethodPut, at+"/pool/hugo", map[string]any{}, http.StatusNoContent, nil)

		var made struct {
			ID             string
			Places, Filled int
		}
		officer.do(http.MethodPost, at+"/assignment", map[string]any{"each": 2}, http.StatusOK, &made)
		if made.Places != 2 || made.Filled != 2 {
			w.t.Errorf("the suggestion is %+v", made)
		}
		officer.do(http.MethodPut, at+"/candidates/"+grain.ID+"/edda", map[string]any{"wish": "lock"}, http.StatusConflict, nil)
		w.now.Advance(time.Minute)
		officer.do(http.MethodPut, at+"/candidates/"+grain.ID+"/hugo", map[string]any{"wish": "forbid"}, http.StatusNoContent, nil)
		var candidates struct {
			Items []struct {
				Person         string `json:"person_id"`
				Conflict, Wish string
				Score          float64
				Words          []string
			}
		}
		officer.do(http.MethodGet, at+"/candidates/"+grain.ID, nil, http.StatusOK, &candidates)
		if len(candidates.Items) != 3 || candidates.Items[0].Person != "gala" || candidates.Items[0].Score <= 0 || len(candidates.Items[0].Words) == 0 {
			w.t.Errorf("candidates: %+v", candidates.Items)
		}
		var board struct {
			Stale   bool
			Items   []struct{ Missing int }
			Reasons []struct {
				Kind       string
				Need, Have int
			}
		}
		w.signing("officer").do(http.MethodGet, at+"/assignment", nil, http.StatusOK, &board)
		if !board.Stale {
			w.t.Error("a pair was forbidden, and the suggestion is not stale")
		}
		officer.do(http.MethodPost, at+"/assignment", map[string]any{"each": 2}, http.StatusOK, &made)
		w.signing("officer").do(http.MethodGet, at+"/assignment?only=open", nil, http.StatusOK, &board)
		if len(board.Items) != 1 || board.Items[0].Missing != 1 || len(board.Reasons) != 1 || board.Reasons[0].Kind != "reviewers" {
			w.t.Errorf("with one place empty the board is %+v", board)
		}
		var whole struct {
			Certificate struct {
				Problem        string
				Cost, Bound    int64
				Unmet          int
				People         []string
				PersonPrice    []int64 `json:"person_price"`
				ProposalPrices []int64 `json:"proposal_price"`
			}
		}
		w.signing("officer").do(http.MethodGet, at+"/assignment/"+made.ID, nil, http.StatusOK, &whole)
		if whole.Certificate.Unmet != 1 || len(whole.Certificate.Problem) != 64 || len(whole.Certificate.People) != len(whole.Certificate.PersonPrice) {
			w.t.Errorf("the certificate is %+v", whole.Certificate)
		}
		var applied struct{ Invited int }
		officer.do(http.MethodPost, at+"/assignment/"+made.ID+"/apply", nil, http.StatusOK, &applied)
		officer.do(http.MethodPost, at+"/assignment/"+made.ID+"/apply", nil, http.StatusConflict, nil)
		var reviews listed
		officer.do(http.MethodGet, "/proposals/"+grain.ID+"/reviews", nil, http.StatusOK, &reviews)
		if applied.Invited != 1 || len(reviews.Items) != 1 {
			w.t.Errorf("invited %d, reviews %+v", applied.Invited, reviews.Items)
		}
		officer.do(http.MethodPost, "/reviews/"+reviews.Items[0].ID+"/cancel", map[string]any{"why": "Enough."}, http.StatusOK, nil)
	})
}

// TestCorrectionByAPI appeals, corrects, divides the money and reads both letters, without a page.
func TestCorrectionByAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, one, two := w.decided()
		officer, decider, mira, ravi := w.caller("officer"), w.caller("decider"), w.caller("mira"), w.caller("ravi")
		ravi.do(http.MethodPost, "/proposals/"+two.ID+"/appeal", map[string]any{"grounds": "It is in section 3."}, http.StatusNoContent, nil)
		var list struct {
			State   string
			Next    string `json:"superseded_by"`
			Appeals []struct{ ID, State string }
		}
		officer.do(http.MethodGet, "/decisions/"+d.ID, nil, http.StatusOK, &list)
		if len(list.Appeals) != 1 || list.Appeals[0].State != "lodged" {
			w.t.Fatalf("appeals: %+v", list.Appeals)
		}
		var answer struct {
			Correction string `json:"correction_id"`
		}
		officer.do(http.MethodPost, "/appeals/"+list.Appeals[0].ID+"/answer", map[string]any{"uphold": true, "answer": "It was overlooked."}, http.StatusOK, &answer)
		next := "/decisions/" + answer.Correction
		officer.do(http.MethodPost, "/decisions/"+d.ID+"/correct", map[string]any{"kind": "error", "why": "x"}, http.StatusConflict, nil)
		officer.do(http.MethodPut, next, map[string]any{"reasons": "Both.", "choices": map[string]any{two.ID: map[string]any{"outcome": "fund"}}}, http.StatusOK, nil)
		lines := "/items/" + one.ID + "/lines"
		var refused fault9457
		officer.do(http.MethodPut, next+lines, map[string]any{"lines": []any{map[string]any{"budget_line_id": "none", "amount_minor": 100}}}, http.StatusUnprocessableEntity, &refused)
		if len(refused.Errors) != 1 || refused.Errors[0].Location != "body.lines[0].budget_line_id" {
			w.t.Errorf("a budget line that is none: %+v", refused)
		}
		officer.do(http.MethodPut, next+lines, map[string]any{"lines": []any{map[string]any{"budget_line_id": "b27", "amount_minor": 20_000_000}, map[string]any{"budget_line_id": "b28", "amount_minor": 10_000_000, "condition": "After a report."}}}, http.StatusOK, nil)
		officer.do(http.MethodPost, next+"/propose", nil, http.StatusOK, nil)
		w.now.Advance(time.Hour)
		decider.do(http.MethodPost, next+"/sign", nil, http.StatusOK, nil)
		officer.do(http.MethodGet, "/decisions/"+d.ID, nil, http.StatusOK, &list)
		if list.State != decision.Superseded || list.Next != answer.Correction {
			w.t.Errorf("the first decision is %+v", list)
		}
		var letters struct {
			Items []struct {
				Outcome, Corrects, Supersedes, ID string
				Lines                             []struct{ Condition string }
			}
		}
		mira.do(http.MethodGet, "/proposals/"+one.ID+"/letters", nil, http.StatusOK, &letters)
		if len(letters.Items) != 2 || len(letters.Items[0].Lines) != 2 || letters.Items[0].Corrects != d.Number || letters.Items[0].Supersedes != letters.Items[1].ID {
			w.t.Errorf("letters: %+v", letters.Items)
		}
		ravi.do(http.MethodGet, "/proposals/"+one.ID+"/letters", nil, http.StatusNotFound, nil)

		awards, err := w.Awards.Mine(w.ctx, w.actor["ravi"])
		w.must(err)
		at := "/awards/" + awards[0].ID
		var award struct {
			Milestones []struct{ ID, State, Note string }
		}
		ravi.do(http.MethodPost, at+"/milestones", map[string]any{"title": "A joint that holds", "due": "1999-01-01"}, http.StatusUnprocessableEntity, nil)
		ravi.do(http.MethodPost, at+"/milestones", map[string]any{"title": "A joint that holds", "due": "2028-01-01"}, http.StatusOK, &award)
		mira.do(http.MethodPut, at+"/milestones/"+award.Milestones[0].ID, map[string]any{"state": "reached"}, http.StatusForbidden, nil)
		ravi.do(http.MethodPut, at+"/milestones/"+award.Milestones[0].ID, map[string]any{"state": "missed", "note": "It broke."}, http.StatusOK, &award)
		award.Milestones = nil // decoding would leave what is not sent
		w.caller("").do(http.MethodGet, at, nil, http.StatusOK, &award)
		if award.Milestones[0].State != "missed" || award.Milestones[0].Note != "" {
			w.t.Errorf("the public sees %+v", award.Milestones)
		}
	})
}
