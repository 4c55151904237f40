package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// TestRetentionByAPI reads and changes a rule, holds an award and lets it go, and asks for one's own data.
func TestRetentionByAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.account("admin", "", access.Grant{Role: access.Admin, Scope: access.Platform()})
		w.awards()
		admin, officer, mira := w.caller("admin"), w.caller("officer"), w.caller("mira")
		var rules struct {
			Items []struct {
				Class, Note   string
				Days, Version int64
			}
		}
		officer.do(http.MethodGet, "/retention/rules", nil, http.StatusOK, &rules)
		if len(rules.Items) != 7 || rules.Items[0].Class != "draft" {
			w.t.Fatalf("rules: %+v", rules)
		}
		mira.do(http.MethodGet, "/retention/rules", nil, http.StatusForbidden, nil)
		change := map[string]any{"days": 400, "note": "The archive asks for it.", "version": rules.Items[0].Version}
		officer.do(http.MethodPut, "/retention/rules/draft", change, http.StatusForbidden, nil)
		w.signing("admin").do(http.MethodPut, "/retention/rules/draft", change, http.StatusNoContent, nil)
		w.signing("admin").do(http.MethodPut, "/retention/rules/draft", change, http.StatusConflict, nil)
		admin.do(http.MethodGet, "/retention/rules", nil, http.StatusOK, &rules)
		if rules.Items[0].Days != 400 || rules.Items[0].Note != "The archive asks for it." {
			w.t.Errorf("rule: %+v", rules.Items[0])
		}
		officer.do(http.MethodGet, "/retention/due/award", nil, http.StatusOK, nil)
		officer.do(http.MethodGet, "/retention/due/everything", nil, http.StatusUnprocessableEntity, nil)

		var made struct{ ID string }
		hold := map[string]any{"kind": "award", "ref": "X-01", "reason": ""}
		officer.do(http.MethodPost, "/retention/holds", hold, http.StatusUnprocessableEntity, nil)
		hold["reason"] = "An audit."
		officer.do(http.MethodPost, "/retention/holds", hold, http.StatusOK, &made)
		officer.do(http.MethodPost, "/retention/holds", hold, http.StatusConflict, nil)
		var holds struct {
			Items []struct{ ID, Number, Reason string }
		}
		officer.do(http.MethodGet, "/retention/holds", nil, http.StatusOK, &holds)
		if len(holds.Items) != 1 || holds.Items[0].ID != made.ID || holds.Items[0].Number != "X-01" {
			w.t.Errorf("holds: %+v", holds)
		}
		mira.do(http.MethodPost, "/retention/holds/"+made.ID+"/lift", map[string]any{"reason": "Mine."}, http.StatusForbidden, nil)
		officer.do(http.MethodPost, "/retention/holds/"+made.ID+"/lift", map[string]any{"reason": "It is over."}, http.StatusNoContent, nil)
		officer.do(http.MethodPost, "/retention/holds/"+made.ID+"/lift", map[string]any{"reason": "It is over."}, http.StatusNotFound, nil)

		mira.do(http.MethodPost, "/me/data-requests", map[string]any{"kind": "correction"}, http.StatusUnprocessableEntity, nil)
		mira.do(http.MethodPost, "/me/data-requests", map[string]any{"kind": "correction", "body": "My name is written Myra."}, http.StatusOK, nil)
		var mine struct {
			Items []struct{ Kind, State string }
		}
		mira.do(http.MethodGet, "/me/data-requests", nil, http.StatusOK, &mine)
		if len(mine.Items) != 1 || mine.Items[0].Kind != "correction" || mine.Items[0].State != "open" {
			w.t.Errorf("requests: %+v", mine)
		}
	})
}

// TestErasureByAPI carries two wishes of a person by the API: for a copy, which they fetch, and to be erased, which is
// foreseen, granted, carried out and certified.
func TestErasureByAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		admin, officer, mira := w.caller("admin"), w.caller("officer"), w.caller("mira")
		var made struct{ ID string }
		mira.do(http.MethodPost, "/me/data-requests", map[string]any{"kind": "copy"}, http.StatusOK, &made)
		_, err := w.Jobs.Work(w.ctx)
		w.must(err)
		archive := w.signing("mira").send(http.MethodGet, "/me/data-requests/"+made.ID+"/archive", nil)
		if archive.Code != http.StatusOK || w.unzipped(archive.Body.Bytes())["data.json"] == "" {
			w.t.Errorf("the archive: %d", archive.Code)
		}
		w.signing("ravi").do(http.MethodGet, "/me/data-requests/"+made.ID+"/archive", nil, http.StatusNotFound, nil)

		mira.do(http.MethodPost, "/me/data-requests", map[string]any{"kind": "erasure", "body": "I leave science."}, http.StatusOK, &made)
		officer.do(http.MethodGet, "/data-requests", nil, http.StatusForbidden, nil)
		var cases struct {
			Items []struct{ ID, Kind, Body, Name string }
		}
		admin.do(http.MethodGet, "/data-requests", nil, http.StatusOK, &cases)
		if len(cases.Items) != 1 || cases.Items[0].Body != "I leave science." || cases.Items[0].Name != markedName {
			w.t.Fatalf("cases: %+v", cases)
		}
		var foreseen struct {
			Number string
			Rows   map[string]int64
			Kept   []struct{ Number string }
			Holds  []any
		}
		admin.do(http.MethodPost, "/retention/foresee", map[string]any{"kind": "person", "ref": "mira"}, http.StatusOK, &foreseen)
		if foreseen.Number != markedName || foreseen.Rows["person"] != 1 || len(foreseen.Kept) != 2 || len(foreseen.Holds) != 0 {
			w.t.Errorf("foreseen: %+v", foreseen)
		}
		officer.do(http.MethodPost, "/retention/foresee", map[string]any{"kind": "person", "ref": "mira"}, http.StatusUnprocessableEntity, nil)
		answer := map[string]any{"grant": true, "answer": "Your account goes."}
		sign := w.signing("admin")
		sign.do(http.MethodPost, "/data-requests/"+made.ID+"/answer", answer, http.StatusNoContent, nil)
		sign.do(http.MethodPost, "/data-requests/"+made.ID+"/answer", answer, http.StatusConflict, nil)
		w.now.Advance(11 * time.Minute)
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		var erasures struct {
			Items []struct {
				ID, State, Kind string
				Result          struct {
					Kept []any
					Rows map[string]int64
				}
			}
		}
		admin.do(http.MethodGet, "/retention/erasures", nil, http.StatusOK, &erasures)
		if len(erasures.Items) != 1 || erasures.Items[0].State != "done" || len(erasures.Items[0].Result.Kept) != 2 || erasures.Items[0].Result.Rows["person"] != 1 {
			w.t.Fatalf("erasures: %+v", erasures)
		}
		at := "/retention/erasures/" + erasures.Items[0].ID
		admin.do(http.MethodGet, at, nil, http.StatusOK, nil)
		officer.do(http.MethodGet, at, nil, http.StatusNotFound, nil) // people are not an agency's
		var receipt struct{ Receipt string }
		admin.do(http.MethodGet, at+"/receipt", nil, http.StatusOK, &receipt)
		keys, err := w.Ledger.Keys(w.ctx)
		w.must(err)
		if _, err := ledger.VerifyReceipt(receipt.Receipt, keys); err != nil {
			w.t.Errorf("the receipt: %v", err)
		}
		sign.do(http.MethodPost, "/retention/erasures", map[string]any{"kind": "person", "ref": "mira", "reason": "again"}, http.StatusUnprocessableEntity, nil)
		sign.do(http.MethodPost, "/retention/due/award", map[string]any{"ids": []string{"none"}, "reason": "its time is over"}, http.StatusUnprocessableEntity, nil)
		w.whole()
	})
}

// signing is a caller whose token may do what takes confirming.
func (w *world) signing(who string) caller {
	w.t.Helper()
	a := w.actor[who]
	a.Elevated = true
	token, _, err := w.Accounts.NewToken(w.ctx, a, "signs", account.SignToken, time.Hour)
	w.must(err)
	return caller{w: w, token: token}
}

// TestLiftIsNoOracle: of a hold on another agency's record, whoever may not know of it learns the same as of one that is not there.
func TestLiftIsNoOracle(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.awards()
		w.agency("lwf", "Land and Water Fund")
		w.account("stranger", "", access.Grant{Role: access.Officer, Scope: access.Agency("lwf")})
		id, err := w.Retention.Hold(w.ctx, w.actor["officer"], "award", "X-01", "An audit.")
		w.must(err)
		stranger := w.caller("stranger")
		body := map[string]any{"reason": "Mine."}
		there, none := stranger.send(http.MethodPost, "/retention/holds/"+id+"/lift", body), stranger.send(http.MethodPost, "/retention/holds/"+w.actor["officer"].Account+"/lift", body)
		strip := func(rec *httptest.ResponseRecorder, id string) string {
			return strings.ReplaceAll(rec.Body.String(), id, "ID")
		}
		if there.Code != http.StatusNotFound || none.Code != there.Code || strip(there, id) != strip(none, w.actor["officer"].Account) {
			w.t.Errorf("there: %d %s\nnone: %d %s", there.Code, there.Body, none.Code, none.Body)
		}
	})
}
