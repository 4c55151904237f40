package app_test

import (
	"net/http"
	"slices"
	"testing"
)

// triedChoice is what the API answers of the best choice.
type triedChoice struct {
	Found    bool
	Funded   []string
	Value    float64
	Conflict []struct{ Kind string }
	Prices   []struct {
		Kind      string
		Index     int
		Low, High float64
	}
}

// TestMeetingByAPI carries a list from the scores to its letters by the API alone: rules are tried
// and saved, somebody is recused, a scenario is chosen as it was looked at, proposed and signed.
func TestMeetingByAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		at := "/decisions/" + d.ID
		officer, olena, ines := w.caller("officer"), w.caller("olena"), w.caller("ines")
		type row struct {
			ID      string `json:"proposal_id"`
			Traits  map[string]string
			Outcome string
			Causes  []struct {
				Kind string
				Rank int
				Text string
			}
		}
		var m struct {
			Rows  []row
			Rules struct {
				Worth string
				Pots  []struct {
					Minor int64 `json:"amount_minor"`
				}
			}
			Seats     []struct{ Name string }
			Scenarios []struct{ Name string }
		}
		w.caller("mira").do(http.MethodGet, at+"/meeting", nil, http.StatusNotFound, nil)
		officer.do(http.MethodPut, at+"/meeting/seats/edda", nil, http.StatusNoContent, nil)
		officer.do(http.MethodDelete, at+"/meeting/seats/edda", nil, http.StatusNoContent, nil)
		olena.do(http.MethodPut, at+"/meeting/rows/"+ids[9]+"/risk", map[string]any{"class": "high", "reason": "Nobody has grown one before."}, http.StatusNoContent, nil)
		ines.do(http.MethodPost, at+"/meeting/rows/"+ids[2]+"/recusals", map[string]any{"reason": "A joint paper."}, http.StatusNoContent, nil)
		ines.do(http.MethodPost, at+"/meeting/rows/"+ids[2]+"/recusals", map[string]any{"reason": "Again."}, http.StatusNotFound, nil)
		ines.do(http.MethodGet, at+"/meeting", nil, http.StatusOK, &m)
		if len(m.Rows) != 9 || slices.ContainsFunc(m.Rows, func(r row) bool { return r.ID == ids[2] }) {
			t.Errorf("who is recused reads %d rows", len(m.Rows))
		}
		olena.do(http.MethodGet, at+"/meeting", nil, http.StatusOK, &m)
		if len(m.Rows) != 10 || m.Rules.Worth != "money" || m.Rules.Pots[0].Minor != 90_000_000 || len(m.Seats) != 2 || m.Rows[9].Traits["risk"] != "high" {
			t.Errorf("the meeting: %+v", m)
		}
		rules := map[string]any{"limits": []any{map[string]any{"dimension": "risk", "value": "high", "by": "number", "min": 1}}, "ties": []any{map[string]any{"kind": "most", "proposals": ids[:2]}}}
		var tried triedChoice
		olena.do(http.MethodPost, at+"/meeting/try", map[string]any{"rules": rules}, http.StatusOK, &tried)
		if want := []string{ids[0], ids[2], ids[3], ids[9]}; !tried.Found || !slices.Equal(tried.Funded, want) || len(tried.Prices) != 3 || tried.Prices[2].Kind != "most" || tried.Prices[2].High <= 0 {
			t.Errorf("the best choice: %+v, want %v", tried, want)
		}
		var refused fault9457
		olena.do(http.MethodPost, at+"/meeting/try", map[string]any{"rules": map[string]any{"limits": []any{map[string]any{"by": "number"}}, "ties": []any{map[string]any{"kind": "needs", "proposals": ids[:1]}},
			"pots": []any{map[string]any{"agency_id": "arc", "year": 1999, "amount_minor": 5}}, "in": []string{"nobody"}}}, http.StatusUnprocessableEntity, &refused)
		for _, want := range []string{"body.rules.limits[0].min", "body.rules.ties[0].proposals", "body.rules.pots", "body.rules.in"} {
			if !slices.ContainsFunc(refused.Errors, func(e struct{ Location, Message string }) bool { return e.Location == want }) {
				t.Errorf("nothing is refused at %s: %+v", want, refused)
			}
		}
		var x struct{ ID string }
		olena.do(http.MethodPost, at+"/scenarios", map[string]any{"name": "", "why": "So.", "rules": rules}, http.StatusUnprocessableEntity, &refused)
		olena.do(http.MethodPost, at+"/scenarios", map[string]any{"name": "Dare", "why": "One of high risk.", "rules": rules}, http.StatusOK, &x)
		olena.do(http.MethodPost, at+"/dissents", map[string]any{"proposal_id": ids[9], "reasons": "It cannot work."}, http.StatusNoContent, nil)
		olena.do(http.MethodPost, at+"/dissents", map[string]any{"proposal_id": "nobody", "reasons": "It cannot work."}, http.StatusUnprocessableEntity, nil)

		var p struct {
			Key   string
			Steps []struct{ To string }
			May   bool `json:"may_choose"`
		}
		officer.do(http.MethodGet, at+"/scenarios/"+x.ID, nil, http.StatusOK, &p)
		if len(p.Steps) != 10 || !p.May {
			t.Errorf("choosing it would change %+v", p)
		}
		choose := map[string]any{"key": p.Key, "other": "reject", "reason": "As the meeting agreed."}
		olena.do(http.MethodPost, at+"/scenarios/"+x.ID+"/choose", choose, http.StatusForbidden, nil)
		officer.do(http.MethodPost, at+"/scenarios/"+x.ID+"/choose", with(choose, "key", "old"), http.StatusConflict, nil)
		officer.do(http.MethodPost, at+"/scenarios/"+x.ID+"/choose", choose, http.StatusOK, nil)
		officer.do(http.MethodPut, at, map[string]any{"reasons": "As the meeting agreed.", "choices": map[string]any{}}, http.StatusOK, nil)
		officer.do(http.MethodGet, at+"/meeting", nil, http.StatusOK, &m)
		if c := m.Rows[1].Causes; m.Rows[1].Outcome != "reject" || len(c) != 1 || c[0].Kind != "most" || c[0].Rank != 1 {
			t.Errorf("why the second is out: %+v", m.Rows[1])
		}
		officer.do(http.MethodPost, at+"/propose", nil, http.StatusOK, nil)
		w.caller("decider").with("sign").do(http.MethodPost, at+"/sign", nil, http.StatusOK, nil)
		var letter struct {
			Causes []struct{ Kind, Text string }
		}
		w.caller("mira").do(http.MethodGet, "/proposals/"+ids[4]+"/letter", nil, http.StatusOK, &letter)
		if len(letter.Causes) != 1 || letter.Causes[0].Kind != "floor" {
			t.Errorf("the letter names %+v", letter)
		}
		olena.do(http.MethodPost, at+"/scenarios", map[string]any{"name": "Late", "why": "So.", "rules": rules}, http.StatusForbidden, nil)
	})
}
