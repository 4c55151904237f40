package app_test

import (
	"net/http"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/access"
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
		if len(rules.Items) != 5 || rules.Items[0].Class != "draft" {
			t.Fatalf("rules: %+v", rules)
		}
		mira.do(http.MethodGet, "/retention/rules", nil, http.StatusForbidden, nil)
		change := map[string]any{"days": 400, "note": "The archive asks for it.", "version": rules.Items[0].Version}
		officer.do(http.MethodPut, "/retention/rules/draft", change, http.StatusForbidden, nil)
		admin.do(http.MethodPut, "/retention/rules/draft", change, http.StatusNoContent, nil)
		admin.do(http.MethodPut, "/retention/rules/draft", change, http.StatusConflict, nil)
		admin.do(http.MethodGet, "/retention/rules", nil, http.StatusOK, &rules)
		if rules.Items[0].Days != 400 || rules.Items[0].Note != "The archive asks for it." {
			t.Errorf("rule: %+v", rules.Items[0])
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
			t.Errorf("holds: %+v", holds)
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
			t.Errorf("requests: %+v", mine)
		}
	})
}
