package app_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestGatesAreSuggestedOnPages lets an applicant suggest by the form what a node needs, by every kind of gate, with a
// node that is not on the map yet, and wrongly; the officer reads each in words, and accepts.
func TestGatesAreSuggestedOnPages(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer, expert, public := w.visitor("officer"), w.visitor("mira"), w.visitor("")
		at := officer.ask("POST", "/maps", values("agency", "arc", "title_en", "Lamps", "home", "NO", "threshold", "50", "state", "public"), http.StatusSeeOther)
		for _, title := range []string{"Lamp", "Bulb", "Screw socket", "Bayonet socket"} {
			officer.ask("POST", at+"/nodes", values("title_en", title, "kind", "component", "supplied", "on"), http.StatusSeeOther)
		}
		form := at + "/nodes/lamp/suggest/new"
		public.ask("GET", form, nil, http.StatusSeeOther)
		expert.ask("GET", form, nil, http.StatusOK, "Suggest what “Lamp” needs")
		expert.ask("GET", at+"/nodes/lamp/suggest/bulb-a", nil, http.StatusNotFound)

		sockets := values("kind", "any", "input_0", "screw-socket", "input_1", "bayonet-socket", "source", "Catalogue", "reason", "Both are sold.")
		for what, c := range map[string]struct {
			change url.Values
			says   string
		}{
			"no reason":                    {values("reason", ""), "Fill this in"},
			"no input":                     {values("input_0", "", "input_1", ""), "at least one node"},
			"an input twice":               {values("input_1", "screw-socket"), "“Screw socket” cannot be an input"},
			"itself":                       {values("input_1", "lamp"), "“Lamp” cannot be an input"},
			"more than there are":          {values("kind", "some", "k", "3"), "from 1 to 2, as many as there are inputs"},
			"words for a number":           {values("kind", "some", "k", "two"), "Write a number"},
			"a share of what has none":     {values("kind", "share", "threshold", "60", "share_0", "70"), "“Bayonet socket” needs a share"},
			"a share that is no number":    {values("kind", "share", "threshold", "60", "share_0", "half", "share_1", "30"), `value="half"`},
			"a threshold beyond the whole": {values("kind", "share", "threshold", "160", "share_0", "70", "share_1", "30"), "above 0 and up to 100 %"},
			"no kind":                      {values("kind", "xor"), "Choose"},
		} {
			wrong := maps.Clone(sockets)
			maps.Copy(wrong, c.change)
			t.Log(what)
			expert.ask("POST", form, wrong, http.StatusUnprocessableEntity, c.says, "Catalogue")
		}
		open := regexp.MustCompile(`suggestions/([\w-]+)/answer`)
		for _, c := range []struct {
			kind  url.Values
			says  string // to who keeps the map
			stays string // at the node
		}{
			{values("kind", "any"), "New: Lamp. How its inputs join: Any one is enough: they replace each other; Needs: any of: Screw socket, Bayonet socket; Source: Catalogue", "any of: Screw socket, Bayonet socket"},
			{values("kind", "all", "title_en", "Cable", "node_kind", "material"), "New: Cable. Name: Cable; Kind: Material; Somebody must supply it: No", "all of: Screw socket, Bayonet socket, Cable"},
			{values("kind", "some", "k", "2", "input_2", "bulb"), "Needs: 2 of 3: Screw socket, Bayonet socket, Bulb", "2 of 3: "},
			{values("kind", "share", "threshold", "60", "share_0", "70", "share_1", "30"), "Needs: at least 60 % of: Screw socket (70 %), Bayonet socket (30 %)", "at least 60 %"},
		} {
			right := maps.Clone(sockets)
			maps.Copy(right, c.kind)
			expert.ask("POST", form, right, http.StatusSeeOther)
			page := officer.body(at + "/suggestions")
			if !strings.Contains(page, c.says) {
				t.Errorf("the officer does not read %q", c.says)
			}
			officer.ask("POST", at+"/suggestions/"+open.FindStringSubmatch(page)[1]+"/answer", values("do", "accept"), http.StatusSeeOther)
			public.ask("GET", at+"/nodes/lamp", nil, http.StatusOK, c.stays)
		}

		// A gate as it is changes nothing; less of it does, and says what stood there.
		first := at + "/nodes/lamp/suggest/lamp-a"
		expert.ask("GET", first, nil, http.StatusOK, "Take out: Bayonet socket")
		expert.ask("POST", first, sockets, http.StatusUnprocessableEntity, "This would change nothing")
		less := maps.Clone(sockets)
		less.Set("drop_1", "on")
		expert.ask("POST", first, less, http.StatusSeeOther)
		officer.ask("GET", at+"/suggestions", nil, http.StatusOK, "Lamp: Needs: Screw socket (so far: any of: Screw socket, Bayonet socket)")
	})
}
