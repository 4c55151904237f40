package app_test

import (
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
)

// TestMergerReachesRunningAwards: after the university is merged into another, that one's office looks after its awards and is asked for its
// proposals, whoever works there has a conflict with its teams, and the award keeps the name of its day; taken back, all is as before.
func TestMergerReachesRunningAwards(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		_, one, _ := w.decided()
		w.account("office", "", access.Grant{Role: access.Research, Scope: access.Organisation("tarn")})
		list, err := w.Awards.Mine(w.ctx, w.actor["mira"])
		w.must(err)
		at := "/awards/" + list[0].ID
		api := w.caller("office")
		reports := func() int { // for who has to do with the award
			var got struct{ Reports []any }
			api.do("GET", at, nil, 200, &got)
			return len(got.Reports)
		}
		offices := func() int {
			accounts, err := w.Proposals.Desk.Offices(w.ctx, "ilvane")
			w.must(err)
			return len(accounts)
		}
		conflicts := func() int {
			list, err := w.Reviews.Conflicts(w.ctx, "jonas", one.ID) // of Tarn, as she is of Ilvane
			w.must(err)
			return len(list)
		}
		if offices() != 0 || conflicts() != 0 || reports() != 0 {
			w.t.Fatalf("before: %d offices, %d conflicts, %d reports", offices(), conflicts(), reports())
		}
		w.must(w.Register.Merge(w.ctx, w.actor["officer"], "ilvane", "tarn", "By law."))
		w.now.Advance(time.Minute)
		if offices() != 1 || conflicts() != 1 || reports() == 0 {
			w.t.Errorf("merged: %d offices, %d conflicts, %d reports; want one of each", offices(), conflicts(), reports())
		}
		w.visitor("office").ask("GET", at, nil, 200, "University of Ilvane")
		officer := w.visitor("officer")
		officer.ask("GET", "/organisations/tarn", nil, 200, "/organisations/ilvane/unmerge")
		officer.ask("POST", "/organisations/ilvane/unmerge", values("why", ""), 422)
		officer.ask("POST", "/organisations/ilvane/unmerge", values("why", "The law was repealed."), 303)
		if offices() != 0 || conflicts() != 0 || reports() != 0 {
			w.t.Errorf("taken back: %d offices, %d conflicts, %d reports", offices(), conflicts(), reports())
		}
		officer.ask("GET", "/organisations/ilvane", nil, 200, "University of Ilvane", "was separated from")

		w.must(w.Register.Merge(w.ctx, w.actor["officer"], "ilvane", "tarn", "By law, again."))
		back := map[string]any{"why": "Repealed again."}
		api.do("POST", "/organisations/ilvane/unmerge", back, 403, nil)
		w.caller("officer").do("POST", "/organisations/ilvane/unmerge", map[string]any{"why": ""}, 422, nil)
		w.caller("officer").do("POST", "/organisations/ilvane/unmerge", back, 204, nil)
		w.caller("officer").do("POST", "/organisations/ilvane/unmerge", back, 409, nil)
		if offices() != 0 || conflicts() != 0 {
			w.t.Errorf("taken back by the API: %d offices, %d conflicts", offices(), conflicts())
		}
	})
}
