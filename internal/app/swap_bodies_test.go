package app_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/net/html"

	"github.com/headwater-platform/headwater/schemes"
)

// filler fills in what is sent to the routes that write: bodies as the OpenAPI document describes them, and
// forms as the pages draw them, both with keys of records that are there.
type filler struct {
	doc  *huma.OpenAPI
	keys keys
	who  string            // the person who is named
	call string            // the call that is named
	ids  string            // the table whose keys a body calls no more than id; "" for proposals
	said map[string]string // what a field of this name takes, where it is no key and any text would not do
}

const (
	aDay   = "2027-08-16"
	aTime  = "2027-08-16T17:00"
	reason = "It is said why, at some length, so that it is enough for who asks for reasons."
)

// filler names the person and the numbers that exist in the installation.
func (s *swapped) filler(k keys, who string) filler {
	f := filler{doc: s.API.OpenAPI(), keys: k, who: who, call: s.call.ID, said: map[string]string{
		"email": leads[0].Email, "zone": "Europe/Vienna", "country": "XB", "home": "XB", "locale": "en", "slug": "another", "currency": "XCR", "ror": "", "orcid": "", "website": "https://a.example", "url": "https://a.example",
		"link": "https://a.example", "doi": "", "year": "2027", "low": "100000", "high": "200000", "total": "900000", "amount": "1000", "opens": "2027-07-16T08:00", "closes": aTime, "from": "10:00", "until": "11:00",
		"day": aDay, "due": aDay, "days": "30", "threshold": "0.5", "share": "10", "number": "", "role": "auditor", "scope_kind": "platform", "scope_id": "", "kind": "question", "parent_id": "", "seen": "",
		"place": "Room 4", "key": "0", "approval": "", "covers": "all", "given": "Xenia", "family": "Aa", "subject": "", "instead_name": "Ada Instead", "instead_email": "ada@a.example"}}
	text, err := schemes.Files.ReadFile("open-call.yaml")
	s.must(err)
	f.said["yaml"] = string(text)
	if s.third.ID != "" {
		f.said["number"] = s.number(s.third.ID)
		f.said["csv"] = "proposal,reviewer,do\n" + f.said["number"] + ",olena,lock\n"
		f.said["table"] = f.said["csv"]
	}
	return f
}

// furnished are operations that make what no scene needs, so that what is done with it later can be asked too.
var furnished = []string{"POST /api/v1/agencies/{id}/programmes", "POST /api/v1/agencies/{id}/budget", "POST /api/v1/organisations/{id}/facilities", "POST /api/v1/me/profile/works", "POST /api/v1/me/relations",
	"POST /api/v1/needs", "POST /api/v1/priorities", "POST /api/v1/questions", "POST /api/v1/advice", "POST /api/v1/bodies", "POST /api/v1/bodies/{id}/seats", "POST /api/v1/bodies/{id}/meetings",
	"POST /api/v1/council-meetings/{id}/items"}

// furnish does each of them once, as the first who may: the same on both sides, as nobody of it is exchanged.
func (s *swapped) furnish() {
	s.t.Helper()
	for _, pattern := range furnished {
		method, path, _ := strings.Cut(pattern, " ")
		fill, did := s.filler(s.keys(), "edda"), false
		var last answer
		for _, who := range []string{"officer", "mira", "ravi", "desk", "root", "decider"} {
			apt, _ := fill.keys.paths(path)
			for _, p := range apt {
				if !did {
					last = s.ask(s.enter(who), fill.body(method, path, p))
					did = reached(last) == done
				}
			}
		}
		if !did {
			s.t.Fatalf("%s: nobody may: %s", last.asked, last.got)
		}
	}
}

// wanted are fields that a description calls optional and a rule mostly wants.
var wanted = []string{"why", "reason", "reasons", "note", "body", "person_id", "adviser_id", "node", "metric", "amount_minor", "score", "text", "organisation_id", "answer", "programme_id", "scope_id"}

// body is a body that an operation takes by its description; none if it takes none.
func (f filler) body(method, pattern, path string) request {
	op := operationOf(f.doc.Paths[pattern], method)
	r := request{method: method, path: path + f.query(op)}
	if op == nil || op.RequestBody == nil {
		return r
	}
	if content := op.RequestBody.Content["application/json"]; content != nil {
		f.said["answers"] = "title"
		if strings.Contains(pattern, "/reviews/") {
			f.said["answers"] = "importance"
		}
		switch {
		case strings.Contains(pattern, "/payments/"):
			f.ids = "payment"
		case strings.Contains(pattern, "/panels/"):
			f.ids = "panel_item"
		}
		r.body, r.kind = string(raw(f.value("", content.Schema))), "application/json"
		return r
	}
	r.body, r.kind = string(aPDF), "application/octet-stream"
	return r
}

// query is what an operation wants in its address.
func (f filler) query(op *huma.Operation) string {
	q := url.Values{}
	if op != nil {
		for _, p := range op.Parameters {
			if p.In == "query" && (p.Required || slices.Contains(wanted, p.Name)) {
				q.Set(p.Name, f.text(p.Name, ""))
			}
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func operationOf(item *huma.PathItem, method string) *huma.Operation {
	if item == nil {
		return nil
	}
	return map[string]*huma.Operation{http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete}[method]
}

// value is a value of a schema: of an object what is required, and what is wanted.
func (f filler) value(name string, s *huma.Schema) any {
	if s.Ref != "" {
		s = f.doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	switch s.Type {
	case huma.TypeObject:
		return f.object(name, s)
	case huma.TypeArray:
		return []any{f.value(strings.TrimSuffix(name, "s"), s.Items)}
	case huma.TypeBoolean:
		return name != "disabled"
	case huma.TypeInteger, huma.TypeNumber:
		return json.Number(f.number(name, s))
	}
	text := f.text(name, s.Format)
	if s.MaxLength != nil && len(text) > *s.MaxLength {
		text = text[:*s.MaxLength]
	}
	return text
}

func (f filler) object(name string, s *huma.Schema) any {
	out := map[string]any{}
	for field, schema := range s.Properties {
		if slices.Contains(s.Required, field) || slices.Contains(wanted, field) {
			out[field] = f.value(field, schema)
		}
	}
	each, ok := s.AdditionalProperties.(*huma.Schema)
	switch {
	case !ok || len(s.Properties) > 0 || name == "forms" || name == "followed":
	case name == "answers":
		out[f.said[name]] = f.value("", each)
	case name == "choices":
		out[f.first("proposal")] = f.value("", each)
	case each.Type == huma.TypeString:
		out["en"] = reason
	}
	return out
}

func (f filler) number(name string, s *huma.Schema) string {
	switch {
	case name == "year":
		return f.said[name]
	case name == "amount_minor":
		return "90000000"
	case s.Minimum != nil && *s.Minimum > 1:
		return fmt.Sprint(*s.Minimum)
	}
	return "1"
}

// text is a text of a format, or what a field of that name takes.
func (f filler) text(name, format string) string {
	switch format {
	case "date":
		return aDay
	case "date-time":
		return aTime + ":00Z"
	}
	if key := f.key(name); key != "" {
		return key
	}
	if text, ok := f.said[name]; ok {
		return text
	}
	return reason
}

// namedIn are the tables of fields that name a record, where it is not the field's name without "_id".
var namedIn = map[string]string{"adviser": "person", "owner": "person", "rapporteur": "person", "body": "council_body", "into": "organisation", "agencie": "agency", "present": "person",
	"line": "budget_line", "about": "priority", "subject": "call", "member": "person", "reviewer": "person", "competitor": "person", "lead": "person"}

// key is the key of a record that a field names, "" if it names none.
func (f filler) key(field string) string {
	if field == "id" {
		return f.first(cmp.Or(f.ids, "proposal"))
	}
	table, named := strings.CutSuffix(field, "_id")
	if other, ok := namedIn[table]; ok {
		table, named = other, named || field != "body"
	}
	if !named && !slices.Contains([]string{"person", "organisation", "agency", "proposal", "panel", "priority", "need", "call", "award"}, table) {
		return ""
	}
	return f.first(table)
}

func (f filler) first(table string) string {
	switch list := f.keys[table]; {
	case table == "person":
		return f.who
	case table == "organisation":
		return "ilvane" // mira's, and the desk's
	case table == "call" && f.call != "":
		return f.call
	case len(list) > 0:
		return list[0]
	}
	return ""
}

// forms are the forms of a page, as who reads it would send them: filled in, with each of their buttons.
func (f filler) forms(page *html.Node, path string) (list []request) {
	for n := range page.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || !strings.EqualFold(attr(n, "method"), "post") {
			continue
		}
		buttons := []*html.Node{nil}
		for d := range n.Descendants() {
			if d.Data == "button" && (attr(d, "name") != "" || attr(d, "formaction") != "") {
				buttons = append(buttons, d)
			}
		}
		if len(buttons) > 1 {
			buttons = buttons[1:]
		}
		for _, b := range buttons {
			list = append(list, f.form(n, b, path))
		}
	}
	return list
}

// form is a form as it is sent by one of its buttons.
func (f filler) form(n, button *html.Node, path string) request {
	values, files := url.Values{}, []string{}
	for d := range n.Descendants() {
		name := attr(d, "name")
		if d.Type != html.ElementNode || name == "" || has(d, "disabled") {
			continue
		}
		switch d.Data {
		case "input":
			if attr(d, "type") == "file" {
				files = append(files, name)
				continue
			}
			f.input(values, d, name)
		case "textarea":
			values.Set(name, cmp.Or(strings.TrimSpace(textOf(d)), f.text(name, "")))
		case "select":
			values.Set(name, chosen(d))
		}
	}
	action := cmp.Or(attr(n, "action"), path)
	if button != nil {
		if name := attr(button, "name"); name != "" {
			values.Set(name, attr(button, "value"))
		}
		action = cmp.Or(attr(button, "formaction"), action)
	}
	r := request{method: http.MethodPost, path: action, body: values.Encode(), kind: "application/x-www-form-urlencoded"}
	if attr(n, "enctype") == "multipart/form-data" {
		r.body, r.kind = inParts(values, files)
	}
	return r
}

func (f filler) input(values url.Values, d *html.Node, name string) {
	value := attr(d, "value")
	switch attr(d, "type") {
	case "hidden":
		if value == "" && has(d, "data-pick-key") {
			value = f.picked(name, attr(d.Parent, "data-pick"))
		}
	case "radio":
		if values.Has(name) && !has(d, "checked") {
			return
		}
	case "checkbox":
		if !has(d, "checked") && !has(d, "required") && values.Has(name) {
			return
		}
		value = cmp.Or(value, "on")
	case "date":
		value = cmp.Or(value, aDay)
	case "datetime-local":
		value = cmp.Or(value, aTime)
	case "time":
		value = cmp.Or(value, f.said["from"])
	case "number":
		value = cmp.Or(value, cmp.Or(attr(d, "min"), "1"))
	case "submit", "button":
		return
	default:
		if attr(d, "inputmode") == "numeric" || attr(d, "inputmode") == "decimal" {
			value = cmp.Or(value, "1")
		}
		if !has(d, "data-pick-text") {
			value = cmp.Or(value, f.text(name, ""))
		}
	}
	values.Set(name, value)
}

// picked is the key that a field takes which is filled in by choosing from a list.
func (f filler) picked(name, find string) string {
	switch {
	case strings.Contains(find, "/find/people"):
		return f.who
	case strings.Contains(find, "/find/organisations"):
		return f.first("organisation")
	}
	return f.text(name, "")
}

// chosen is the value of a list to choose from: what is chosen, else the first that says something.
func chosen(n *html.Node) string {
	first := ""
	for d := range n.Descendants() {
		if d.Data != "option" {
			continue
		}
		value := attr(d, "value")
		if has(d, "selected") && value != "" {
			return value
		}
		first = cmp.Or(first, value)
	}
	return first
}

// inParts is a form with files.
func inParts(values url.Values, files []string) (body, kind string) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	if err := m.SetBoundary("between-the-parts"); err != nil {
		panic(err) // of a boundary that is written here
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		_ = m.WriteField(name, values.Get(name))
	}
	for _, name := range files {
		part, err := m.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + name + `"; filename="plan.pdf"`}, "Content-Type": {"application/pdf"}})
		if err == nil {
			_, _ = part.Write(aPDF)
		}
	}
	_ = m.Close() // into memory: it does not fail
	return b.String(), m.FormDataContentType()
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}
