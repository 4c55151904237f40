package app_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/published"
)

type commonAnswer struct {
	Status     int
	Message    string
	Items      []commonOpportunity
	Data       commonOpportunity
	Errors     []any
	Pagination struct{ Page, PageSize, TotalItems, TotalPages int } `json:"paginationInfo"`
	FilterInfo struct{ Errors []string }
	SortInfo   struct{ SortBy, SortOrder string }
}

type commonOpportunity struct {
	ID, Title string
	Status    struct{ Value string }
	KeyDates  struct {
		CloseDate struct{ Date, Time string }
	}
	Funding struct {
		MaxAwardAmount struct{ Amount, Currency string }
	}
}

func TestCommonGrants(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		check := protocol(w)
		one := w.openCall("open-call.yaml")
		w.now.Set(w.now.Source().Now().Add(time.Hour))
		two, err := w.Calls.Create(w.ctx, w.actor["officer"], call.Input{AgencyID: "arc", SchemeVersionID: one.SchemeVersionID, Title: lang.Both("Slow water", "慢水"), Summary: lang.In1("en", "On dams."),
			Zone: "Asia/Tokyo", Opens: "2027-05-01T08:00", Closes: "2027-06-15T17:30", High: "300,000"})
		w.must(err)
		public := w.caller("")
		ask := func(method, path string, body any, want int) (a commonAnswer) {
			w.t.Helper()
			got := public.send(method, "/common-grants/opportunities"+path, body)
			if got.Code != want {
				w.t.Fatalf("%s %s: %d %s", method, path, got.Code, got.Body)
			}
			check(method, path, got.Code, got.Body.Bytes())
			w.must(json.Unmarshal(got.Body.Bytes(), &a))
			return a
		}
		if list := ask("GET", "", nil, 200); list.Pagination.TotalItems != 1 || list.Items[0].ID != one.ID {
			w.t.Errorf("with a draft beside it: %+v", list)
		}
		ask("GET", "/"+two.ID, nil, 404)
		w.must(w.Calls.Publish(w.ctx, w.actor["officer"], two.ID))
		list := ask("GET", "?pageSize=1", nil, 200)
		if list.Pagination.TotalPages != 2 || len(list.Items) != 1 || list.Items[0].ID != two.ID || list.Items[0].Status.Value != "forecasted" {
			w.t.Errorf("the newest first: %+v", list)
		}
		read := ask("GET", "/"+two.ID, nil, 200).Data
		if read.KeyDates.CloseDate.Date != "2027-06-15" || read.KeyDates.CloseDate.Time != "17:30:00" || read.Funding.MaxAwardAmount.Amount != "300000" {
			w.t.Errorf("one: %+v", read)
		}
		ask("GET", "/none", nil, 404)
		if e := ask("GET", "?page=0", nil, 422); e.Message == "" || len(e.Errors) != 1 {
			w.t.Errorf("page 0: %+v", e)
		}
		for name, c := range map[string]struct {
			body any
			want []string
		}{
			"all":      {map[string]any{"sorting": map[string]any{"sortBy": "title", "sortOrder": "asc"}}, []string{one.ID, two.ID}},
			"words":    {map[string]any{"search": "slow"}, []string{two.ID}},
			"status":   {map[string]any{"filters": map[string]any{"status": map[string]any{"operator": "in", "value": []string{"open"}}}}, []string{one.ID}},
			"not":      {map[string]any{"filters": map[string]any{"status": map[string]any{"operator": "notIn", "value": []string{"open"}}}}, []string{two.ID}},
			"closing":  {map[string]any{"filters": map[string]any{"closeDateRange": map[string]any{"operator": "between", "value": map[string]string{"min": "2027-06-01", "max": "2027-06-15"}}}}, []string{two.ID}},
			"outside":  {map[string]any{"filters": map[string]any{"closeDateRange": map[string]any{"operator": "outside", "value": map[string]string{"min": "2027-06-01", "max": "2027-06-15"}}}}, []string{one.ID}},
			"money":    {map[string]any{"filters": map[string]any{"maxAwardAmountRange": commonRange("200000", "400000", "XCR")}}, []string{two.ID}},
			"currency": {map[string]any{"filters": map[string]any{"maxAwardAmountRange": commonRange("200000", "400000", "EUR")}}, nil},
			"page":     {map[string]any{"sorting": map[string]any{"sortBy": "keyDates.closeDate", "sortOrder": "asc"}, "pagination": map[string]int{"page": 2, "pageSize": 1}}, []string{two.ID}},
		} {
			var got []string
			for _, o := range ask("POST", "/search", c.body, 200).Items {
				got = append(got, o.ID)
			}
			if strings.Join(got, " ") != strings.Join(c.want, " ") {
				w.t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
		odd := ask("POST", "/search", map[string]any{"filters": map[string]any{"customFilters": map[string]any{"moon": map[string]any{"operator": "eq", "value": 1}}}, "sorting": map[string]any{"sortBy": "moon"}}, 200)
		if len(odd.FilterInfo.Errors) != 1 || odd.SortInfo.SortBy != "lastModifiedAt" || len(odd.Items) != 2 {
			w.t.Errorf("what is not served: %+v", odd)
		}
		public.says = "zh"
		if zh := ask("GET", "/"+two.ID, nil, 200).Data; zh.Title != "慢水" {
			w.t.Errorf("in Chinese: %q", zh.Title)
		}
	})
}

func commonRange(low, high, currency string) map[string]any {
	return map[string]any{"operator": "between", "value": map[string]any{"min": map[string]string{"amount": low, "currency": currency}, "max": map[string]string{"amount": high, "currency": currency}}}
}

// protocol checks answers against the protocol's own description, where its file
// lies beside the repository (HEADWATER_DATA names another place).
func protocol(w *world) func(method, path string, status int, body []byte) {
	w.t.Helper()
	text, err := os.ReadFile(published.Path(w.t, "standards", "commongrants", "openapi.0.4.0.yaml"))
	if err != nil {
		w.t.Logf("answers are not checked against the protocol's own schema: %v", err)
		return func(string, string, int, []byte) {}
	}
	text, err = yaml.YAMLToJSON(text)
	w.must(err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	w.must(err)
	const at = "https://commongrants.example.org/openapi.json"
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft4)                                               // OpenAPI 3.0
	compiler.RegisterFormat(&jsonschema.Format{Name: "time", Validate: func(v any) error { // of the protocol: without a zone
		text, ok := v.(string)
		if !ok {
			return nil
		}
		_, err := time.Parse(time.TimeOnly, text)
		return err
	}})
	compiler.AssertFormat()
	w.must(compiler.AddResource(at, value))
	return func(method, path string, status int, body []byte) {
		w.t.Helper()
		pointer := "#/components/schemas/CommonGrants.Responses.Error"
		if status == http.StatusOK {
			place, _, _ := strings.Cut(path, "?")
			if place != "" && place != "/search" {
				place = "/{oppId}"
			}
			pointer = "#/paths/~1common-grants~1opportunities" + strings.NewReplacer("/", "~1", "{", "%7B", "}", "%7D").Replace(place) + "/" + strings.ToLower(method) + "/responses/200/content/application~1json/schema"
		}
		schema, err := compiler.Compile(at + pointer)
		w.must(err)
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		w.must(err)
		if err := schema.Validate(value); err != nil {
			w.t.Errorf("%s %s is not as the protocol says: %v", method, path, err)
		}
	}
}
