package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// document is the OpenAPI document of a running installation. It checks what is
// sent and answered against what is written there, and nothing else is allowed:
// no path, method, parameter, status, header type or field beside it.
type document struct {
	paths    map[string]map[string]operation
	compiler *jsonschema.Compiler
	lock     sync.Mutex
	schemas  map[string]*jsonschema.Schema
}

type operation struct {
	Parameters  []parameter
	RequestBody *struct {
		Required bool
		Content  map[string]any
	}
	Responses map[string]struct{ Content map[string]any }
}

type parameter struct {
	Name, In string
	Required bool
	Schema   struct{ Type any }
}

const documentURL = "https://headwater.example.org/openapi.json"

func readDocument(text []byte) (*document, error) {
	d := &document{schemas: map[string]*jsonschema.Schema{}, compiler: jsonschema.NewCompiler()}
	var whole struct {
		OpenAPI string
		Paths   map[string]map[string]operation
	}
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(whole.OpenAPI, "3.1.") {
		return nil, fmt.Errorf("the document is OpenAPI %q, want 3.1", whole.OpenAPI)
	}
	d.paths = whole.Paths
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	return d, d.compiler.AddResource(documentURL, value)
}

// check lists what of a request and its answer is not in the document. A body
// that was refused with 422 may differ: that is what was tried.
func (d *document) check(r *http.Request, body []byte, answer *httptest.ResponseRecorder) (list []string) {
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	template, inPath := d.match(r.Method, r.URL.Path)
	if template == "" {
		say("no such path and method")
		return list
	}
	op, base := d.paths[template][strings.ToLower(r.Method)], []string{"paths", template, strings.ToLower(r.Method)}
	refused := answer.Code == http.StatusUnprocessableEntity
	for i, p := range op.Parameters {
		sent := given(p, r, inPath)
		if p.Required && len(sent) == 0 && !refused {
			say("parameter %s is missing", p.Name)
		}
		for _, v := range sent {
			if err := d.valid(typed(p, v), append(base, "parameters", strconv.Itoa(i), "schema")...); err != nil && !refused {
				say("parameter %s: %v", p.Name, err)
			}
		}
	}
	for name := range r.URL.Query() {
		if !slices.ContainsFunc(op.Parameters, func(p parameter) bool { return p.In == "query" && p.Name == name }) {
			say("no query parameter %s", name)
		}
	}
	if r.Header.Get("Idempotency-Key") != "" && !slices.ContainsFunc(op.Parameters, func(p parameter) bool { return p.Name == "Idempotency-Key" }) {
		say("no header Idempotency-Key")
	}
	switch {
	case op.RequestBody == nil && len(body) > 0:
		say("a body where none is described")
	case op.RequestBody != nil && op.RequestBody.Required && len(body) == 0 && answer.Code < 400:
		say("no body where one is required")
	case len(body) > 0 && !refused:
		list = append(list, d.content(op.RequestBody.Content, r.Header.Get("Content-Type"), body, append(base, "requestBody")...)...)
	}
	response, ok := op.Responses[strconv.Itoa(answer.Code)]
	if !ok {
		say("status %d is not described", answer.Code)
		return list
	}
	if answer.Body.Len() == 0 {
		if len(response.Content) > 0 {
			say("an empty answer to %d", answer.Code)
		}
		return list
	}
	return append(list, d.content(response.Content, answer.Header().Get("Content-Type"), answer.Body.Bytes(), append(base, "responses", strconv.Itoa(answer.Code))...)...)
}

func (d *document) content(described map[string]any, kind string, body []byte, base ...string) []string {
	media, _, err := mime.ParseMediaType(kind)
	if err != nil {
		return []string{fmt.Sprintf("content type %q: %v", kind, err)}
	}
	if _, ok := described[media]; !ok {
		return []string{fmt.Sprintf("content of type %s is not described", media)}
	}
	if !strings.HasSuffix(media, "json") {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = d.valid(value, append(base, "content", media, "schema")...)
	}
	if err != nil {
		return []string{err.Error()}
	}
	return nil
}

// valid checks a value against the schema at a place of the document.
func (d *document) valid(value any, place ...string) error {
	pointer := ""
	for _, p := range place {
		pointer += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(p))
	}
	d.lock.Lock()
	s, ok := d.schemas[pointer]
	if !ok {
		var err error
		if s, err = d.compiler.Compile(documentURL + "#" + pointer); err != nil {
			d.lock.Unlock()
			return err
		}
		d.schemas[pointer] = s
	}
	d.lock.Unlock()
	return s.Validate(value)
}

// match finds the path that an address is of, the one with fewest parameters,
// and what stands in their places.
func (d *document) match(method, path string) (template string, inPath map[string]string) {
	parts := strings.Split(path, "/")
	for candidate, operations := range d.paths {
		names := strings.Split(candidate, "/")
		if _, ok := operations[strings.ToLower(method)]; !ok || len(names) != len(parts) {
			continue
		}
		found := map[string]string{}
		for i, name := range names {
			if strings.HasPrefix(name, "{") && parts[i] != "" {
				found[strings.Trim(name, "{}")] = parts[i]
			} else if name != parts[i] {
				found = nil
				break
			}
		}
		if found != nil && (template == "" || len(found) < len(inPath)) {
			template, inPath = candidate, found
		}
	}
	return template, inPath
}

func given(p parameter, r *http.Request, inPath map[string]string) []string {
	switch p.In {
	case "path":
		return []string{inPath[p.Name]}
	case "query":
		return r.URL.Query()[p.Name]
	}
	return r.Header.Values(p.Name)
}

// typed is a parameter's text as the type that its schema says.
func typed(p parameter, text string) any {
	switch p.Schema.Type {
	case "integer", "number":
		return json.Number(text)
	case "boolean":
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	}
	return text
}
