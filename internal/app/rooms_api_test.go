package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// TestCallChangesByAPI amends a published call and ends it, each with a note that everybody reads.
func TestCallChangesByAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id := w.publishByAPI()
		officer, public := w.caller("officer"), w.caller("")
		var c struct {
			Version int64
			Phase   string
		}
		officer.do(http.MethodGet, "/calls/"+id, nil, http.StatusOK, &c)
		in := map[string]any{"title": map[string]string{"en": "Open questions 2027, enlarged"}, "summary": map[string]string{"en": "Free choice of topic."}, "low": "100,000", "high": "1,200,000", "total": "1,900,000", "version": c.Version}
		var refused fault9457
		officer.do(http.MethodPost, "/calls/"+id+"/amend", with(in, "note", map[string]string{}), http.StatusUnprocessableEntity, &refused)
		if len(refused.Errors) != 1 || refused.Errors[0].Location != "body.note" {
			t.Errorf("without a note: %+v", refused)
		}
		in = with(in, "note", map[string]string{"en": "There is more money."})
		w.caller("mira").do(http.MethodPost, "/calls/"+id+"/amend", in, http.StatusForbidden, nil)
		officer.do(http.MethodPost, "/calls/"+id+"/amend", in, http.StatusOK, &c)
		officer.do(http.MethodPost, "/calls/"+id+"/amend", in, http.StatusConflict, nil) // the version that was seen is old now
		w.now.Advance(time.Minute)
		officer.do(http.MethodPost, "/calls/"+id+"/cancel", map[string]any{"reason": map[string]string{"en": "The budget was cut."}}, http.StatusOK, &c)
		if c.Phase != "cancelled" {
			t.Errorf("phase %q after cancelling", c.Phase)
		}
		var changes struct {
			Items []struct {
				Note          map[string]string
				Before, After struct {
					Total *struct{ Minor int64 }
					State string
				}
			}
		}
		public.do(http.MethodGet, "/calls/"+id+"/changes", nil, http.StatusOK, &changes)
		if len(changes.Items) != 2 || changes.Items[0].After.State != "cancelled" || changes.Items[1].Before.Total.Minor >= changes.Items[1].After.Total.Minor || changes.Items[1].Note["en"] != "There is more money." {
			t.Errorf("changes: %+v", changes)
		}
	})
}

func with(in map[string]any, key string, value any) map[string]any {
	out := map[string]any{key: value}
	for k, v := range in {
		if k != key {
			out[k] = v
		}
	}
	return out
}

// TestAdviceByAPI asks, answers apart, and closes by the API alone.
func TestAdviceByAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		q, err := w.Strategy.WriteQuestion(w.ctx, access.System, strategy.QuestionInput{AgencyID: "arc", Title: lang.In1("en", "Why ceramics crack"), Body: lang.In1("en", "What decides it?")})
		w.must(err)
		officer, mira, public := w.caller("officer"), w.caller("mira"), w.caller("")
		type advice struct {
			ID      string
			Version int64
			State   string
			May     bool `json:"may_close"`
			Answers []struct{ Answer, Name string }
		}
		var a advice
		officer.do(http.MethodPost, "/advice", map[string]any{"agency_id": "arc", "about_kind": "question", "about_id": q.ID, "question": map[string]string{"en": "Powder?"}, "due": "2027-03-30", "adviser_id": "mira"}, http.StatusOK, &a)
		officer.do(http.MethodPost, "/advice/"+a.ID+"/advisers", map[string]any{"adviser_id": "ravi"}, http.StatusOK, nil)
		officer.do(http.MethodPost, "/advice/"+a.ID+"/advisers", map[string]any{"adviser_id": "nobody"}, http.StatusUnprocessableEntity, nil)
		public.do(http.MethodGet, "/advice/"+a.ID, nil, http.StatusNotFound, nil)
		mira.do(http.MethodPost, "/advice/"+a.ID+"/answer", map[string]any{"answer": "Yes.", "evidence": "Data.", "confidence": "high", "interests": "none"}, http.StatusOK, &a)
		officer.do(http.MethodGet, "/advice/"+a.ID, nil, http.StatusOK, &a)
		if a.May || len(a.Answers) != 2 || a.Answers[0].Answer != "" {
			t.Errorf("one answer is awaited, yet the agency reads %+v", a)
		}
		w.caller("ravi").do(http.MethodPost, "/advice/"+a.ID+"/decline", map[string]any{"reason": "I sell powder."}, http.StatusOK, nil)
		officer.do(http.MethodPost, "/advice/"+a.ID+"/close", map[string]any{"synthesis": map[string]string{"en": "Powder."}, "followed": map[string]string{"mira": "yes"}, "version": 1}, http.StatusOK, &a)
		officer.do(http.MethodPost, "/advice/"+a.ID+"/follow", map[string]any{"became": map[string]string{"en": "A call."}, "version": a.Version}, http.StatusOK, nil)
		public.do(http.MethodGet, "/advice/"+a.ID, nil, http.StatusOK, &a)
		if a.State != "closed" || len(a.Answers) != 2 || a.Answers[0].Name != "Mira Alder" {
			t.Errorf("on record: %+v", a)
		}
		var list struct{ Items []struct{ ID string } }
		public.do(http.MethodGet, "/advice", nil, http.StatusOK, &list)
		if len(list.Items) != 1 {
			t.Errorf("the public lists %d", len(list.Items))
		}
	})
}

// TestNeedsAndPrioritiesByAPI says that a need stands, and what a priority has reached.
func TestNeedsAndPrioritiesByAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		base, aim := 0.0, 40.0
		goal, err := w.Strategy.CreatePriority(w.ctx, access.System, strategy.PriorityInput{AgencyID: "arc", Title: lang.In1("en", "Graphite from home"), Metric: lang.In1("en", "Share"), Unit: "%", Baseline: &base, Target: &aim})
		w.must(err)
		var p struct {
			Reached *float64
			Version int64
		}
		officer := w.caller("officer")
		officer.do(http.MethodGet, "/priorities/"+goal.ID, nil, http.StatusOK, &p)
		officer.do(http.MethodPost, "/priorities/"+goal.ID+"/measure", map[string]any{"reached": 8, "source": "Customs, 2026", "version": p.Version}, http.StatusOK, &p)
		if p.Reached == nil || *p.Reached != 8 {
			t.Errorf("reached: %+v", p)
		}
		w.caller("mira").do(http.MethodPost, "/priorities/"+goal.ID+"/measure", map[string]any{"reached": 9, "source": "x", "version": p.Version}, http.StatusForbidden, nil)
		n, err := w.Strategy.Post(w.ctx, w.actor["mira"], strategy.NeedInput{OrganisationID: "ilvane", Title: lang.In1("en", "Crack-free plates"), Body: lang.In1("en", "They crack."), Measure: lang.In1("en", "Starts until the first crack")})
		w.must(err)
		w.caller("ravi").do(http.MethodPost, "/needs/"+n.ID+"/confirm", nil, http.StatusForbidden, nil)
		w.caller("mira").do(http.MethodPost, "/needs/"+n.ID+"/confirm", nil, http.StatusOK, nil)
	})
}
