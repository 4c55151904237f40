package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestMapOnPages draws a map by its forms, as an analyst does, and reads what it says.
func TestMapOnPages(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer, public := w.visitor("officer"), w.visitor("")
		public.ask("GET", "/maps", nil, http.StatusOK, "No map is open to you yet")
		officer.ask("GET", "/maps/new", nil, http.StatusOK, "Begin a map")
		officer.ask("POST", "/maps", values("agency", "arc", "home", "Norway", "threshold", "50"), http.StatusUnprocessableEntity, "two capital letters")
		at := officer.ask("POST", "/maps", values("agency", "arc", "title_en", "Lamps made at home", "home", "no", "threshold", "50", "state", "draft"), http.StatusSeeOther)
		public.ask("GET", at, nil, http.StatusNotFound)
		officer.ask("GET", at, nil, http.StatusOK, "Nothing is drawn yet")
		add := func(title, user, supplied string) string {
			return officer.ask("POST", at+"/nodes", values("title_en", title, "kind", "component", "for", user, "supplied", supplied), http.StatusSeeOther)
		}
		add("Lamp", "", "")
		bulb := add("LED bulb", "lamp", "on")
		add("Screw socket", "", "on")
		add("Bayonet socket", "", "on")
		officer.ask("POST", at+"/nodes/lamp/gates/new", values("kind", "any"), http.StatusUnprocessableEntity, "at least one node")
		gate := values("kind", "any", "input_0", "screw-socket")
		gate.Add("input_1", "bayonet-socket")
		officer.ask("POST", at+"/nodes/lamp/gates/new", gate, http.StatusSeeOther)
		for _, p := range []string{"Osmund", "Brask", "Tarn"} {
			officer.ask("POST", at+"/providers/new", values("name_en", p, "country", "SE"), http.StatusSeeOther)
		}
		share := func(node, provider, low string) {
			officer.ask("POST", at+"/nodes/"+node+"/shares/new", values("provider", provider, "low", low, "year", "2025", "source", "Customs", "confidence", "high"), http.StatusSeeOther)
		}
		officer.ask("POST", bulb+"/shares/new", values("provider", "osmund", "low", "80"), http.StatusUnprocessableEntity, "Name the source", "four digits")
		share("led-bulb", "osmund", "80")
		share("led-bulb", "brask", "20")
		share("screw-socket", "brask", "100")
		share("bayonet-socket", "tarn", "100")
		officer.ask("POST", at+"/edit", values("version", "1", "title_en", "Lamps made at home", "home", "NO", "threshold", "50", "goal", "lamp", "state", "public"), http.StatusSeeOther)

		page := public.body(at)
		for _, want := range []string{"One provider alone can stop “Lamp”", `class="node single"><title>LED bulb, home 0 %, 1, single point`, ">any</text>", "<dt>Sets that stop the goal</dt><dd>2"} {
			if !strings.Contains(page, want) {
				t.Errorf("the map does not say %q", want)
			}
		}
		public.ask("GET", at+"?t=90", nil, http.StatusOK, "2 providers can each stop")
		public.ask("GET", at+"?t=lots", nil, http.StatusOK, "above 0 and up to 100 %")
		public.ask("GET", at+"?layer=country", nil, http.StatusOK, "One country alone")
		public.ask("GET", at+"?focus=led-bulb&zoom=100", nil, http.StatusOK, "Around LED bulb")
		public.ask("GET", at+"/finding?layer=provider&of=osmund", nil, http.StatusOK, "Without Osmund, “Lamp” stops", "20 % of the supply is left where 50 % is needed", "Customs 2025")
		public.ask("GET", at+"/finding?layer=provider&of=tarn", nil, http.StatusNotFound)
		public.ask("GET", bulb, nil, http.StatusOK, "Osmund", "Customs 2025")
		public.ask("GET", at+"/providers", nil, http.StatusOK, "LED bulb (80 %)")
		public.ask("GET", at+"?lang=zh", nil, http.StatusOK, "失去其中任何一家即可使“Lamp”中断")

		// From the finding to the question, and on to a call.
		set := "?layer=provider&of=osmund"
		public.ask("GET", at+"/question"+set, nil, http.StatusSeeOther)
		public.ask("GET", at+"/work", nil, http.StatusOK, "Each of these stops the goal alone", "Osmund")
		officer.ask("GET", at+"/finding"+set, nil, http.StatusOK, "Write the research question")
		officer.ask("GET", at+"/question"+set, nil, http.StatusOK, "How can LED bulb be had without Osmund?", "如何在没有Osmund的情况下获得LED bulb？")
		officer.ask("POST", at+"/question"+set, values("body_en", "Look."), http.StatusUnprocessableEntity)
		question := officer.ask("POST", at+"/question"+set, values("title_en", "How can a bulb be made at home?", "body_en", "Look.", "orientation", "need"), http.StatusSeeOther)
		officer.ask("GET", question, nil, http.StatusOK, "Where it comes from on a map", "LED bulb", at+"/finding?layer=provider&amp;of=osmund", "/calls/new?question=")
		public.ask("GET", at+"/finding"+set, nil, http.StatusOK, "How can a bulb be made at home?")
		c := w.openCall("open-call.yaml")
		officer.ask("POST", at+"/nodes/screw-socket/links", values("address", "/somewhere"), http.StatusUnprocessableEntity, "No such record")
		officer.ask("POST", at+"/nodes/screw-socket/links", values("address", "https://science.example.org/calls/"+c.ID), http.StatusSeeOther)
		public.ask("GET", at+"/nodes/screw-socket", nil, http.StatusOK, c.Number)
		officer.ask("POST", at+"/nodes/screw-socket/links/call/"+c.ID+"/end", nil, http.StatusSeeOther)
		public.ask("GET", at+"/changes?from=2027-01-01", nil, http.StatusOK, "13 changes", "Osmund, supplying “LED bulb”")

		// As known on a day, and what differs between two.
		public.ask("GET", at+"/changes?from=2027-01-01&to=2027-01-02", nil, http.StatusOK, "Nothing has changed", `value="2027-01-02"`)
		w.now.Advance(48 * time.Hour)
		officer, public = w.visitor("officer"), w.visitor("")
		public.ask("GET", at+"?as=2027-03-16", nil, http.StatusOK, "what was known at the end of 16 Mar 2027", `name="as" value="2027-03-16"`, `/nodes/led-bulb?as=2027-03-16"`)
		public.ask("GET", bulb+"?as=2027-03-16", nil, http.StatusOK, "See what is known now")
		public.ask("GET", at+"/changes?from=2027-03-17", nil, http.StatusOK, "0 changes")

		// Out in files, and in again.
		public.ask("GET", at+"/data/shares.csv", nil, http.StatusOK, "led-bulb,osmund,0.8,0.8,2025,Customs,high")
		public.ask("GET", at+"/data/map.json", nil, http.StatusOK, `"id":"led-bulb"`)
		public.ask("GET", at+"/data/model.xml?layer=owner", nil, http.StatusOK, "<opsa-mef>", "<label>Osmund</label>")
		public.ask("GET", at+"/data/secrets.csv", nil, http.StatusNotFound)
		officer.ask("GET", at+"/import", nil, http.StatusOK, "nodes.csv, providers.csv")
		officer.ask("GET", at+"/remove?kind=node&item=bayonet-socket", nil, http.StatusOK, "Remove “Bayonet socket”?")
		officer.ask("POST", at+"/remove", values("kind", "node", "item", "bayonet-socket", "version", "1"), http.StatusSeeOther)
		public.ask("GET", at, nil, http.StatusOK, "2 providers can each stop")
	})
}

// TestMapByAPI draws the same kind of map by one list of changes and tables, and asks it.
func TestMapByAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer, public := w.caller("officer"), w.caller("")
		title := map[string]any{"en": "Lamps"}
		var m struct {
			ID      string
			Version int64
			Nodes   []struct {
				ID      string
				Version int64
			}
		}
		officer.do(http.MethodPost, "/maps", map[string]any{"title": title, "home": "NO", "threshold": 0.5, "agency_id": "arc", "state": "public"}, http.StatusOK, &m)
		node := func(id string, supplied bool) map[string]any {
			return map[string]any{"node": map[string]any{"id": id, "kind": "component", "title": map[string]any{"en": id}, "summary": map[string]any{}, "supplied": supplied}}
		}
		changes := []any{node("lamp", false), node("bulb", true), map[string]any{"gate": map[string]any{"id": "a", "node": "lamp", "kind": "all", "inputs": []any{map[string]any{"node": "bulb"}}}}}
		officer.do(http.MethodPost, "/maps/"+m.ID+"/changes", map[string]any{"changes": changes}, http.StatusOK, &m)
		officer.do(http.MethodPost, "/maps/"+m.ID+"/changes", map[string]any{"changes": []any{node("lamp", true)}}, http.StatusUnprocessableEntity, nil)
		officer.do(http.MethodPost, "/maps/"+m.ID+"/import", map[string]any{"files": map[string]string{"providers.csv": "key,name_en,country\nosmund,Osmund,SE\n",
			"shares.csv": "node,provider,low,high,year,source,confidence\nbulb,osmund,0.8,0.8,2025,Customs,high\n"}}, http.StatusOK, &m)
		officer.do(http.MethodPut, "/maps/"+m.ID, map[string]any{"title": title, "home": "NO", "threshold": 0.5, "goal": "lamp", "state": "public", "version": m.Version}, http.StatusOK, nil)
		var found struct {
			Sets     string `json:"minimal_sets"`
			Findings []struct {
				Certain bool
				Broken  []string
			}
			Structure []string
		}
		public.do(http.MethodGet, "/maps/"+m.ID+"/findings?layer=country", nil, http.StatusOK, &found)
		if found.Sets != "1" || len(found.Findings) != 1 || !found.Findings[0].Certain || found.Findings[0].Broken[0] != "bulb" || len(found.Structure) != 1 {
			t.Errorf("findings: %+v", found)
		}
		public.do(http.MethodGet, "/maps/"+m.ID+"/findings?threshold=0.9&home=norway", nil, http.StatusUnprocessableEntity, nil)
		officer.do(http.MethodPost, "/maps/"+m.ID+"/questions?layer=country", map[string]any{"set": []string{"SE"}, "title": map[string]any{"en": "How?"}, "body": map[string]any{"en": "Look."}}, http.StatusOK, nil)
		var under struct{ Items []struct{ Node string } }
		public.do(http.MethodGet, "/maps/"+m.ID+"/underway", nil, http.StatusOK, &under)
		if len(under.Items) != 1 || under.Items[0].Node != "bulb" {
			t.Errorf("under way: %+v", under)
		}
	})
}
