package scheme

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/vocabulary"
)

// Form is one form: a JSON Schema with hints for the page in x- keywords.
type Form struct {
	Name     string
	Sections []Section
	Fields   map[string]*Field
	schema   *jsonschema.Schema
}

// Section is a part of a form, on a page of its own.
type Section struct {
	ID     string    `json:"id"`
	Title  lang.Text `json:"title"`
	Fields []string  `json:"fields"`
}

// Field is one question.
type Field struct {
	Name       string
	Widget     string               `json:"x-widget"`
	Title      lang.Text            `json:"x-title"`
	Hint       lang.Text            `json:"x-hint"`
	Unit       lang.Text            `json:"x-unit"`
	Public     bool                 `json:"x-public"`
	Hidden     bool                 `json:"x-hidden-from-review"`
	People     bool                 `json:"x-about-people"` // what a scheme hides is taken out of it, as out of works
	Options    map[string]lang.Text `json:"x-options"`
	Categories []Category           `json:"x-categories"`
	Accept     string               `json:"x-accept"`
	MaxBytes   int64                `json:"x-max-bytes"`
	Vocabulary string               `json:"x-vocabulary"` // a choice whose answer classifies the proposal
	Enum       []string             `json:"enum"`
	MaxLength  int                  `json:"maxLength"`
	MaxItems   int                  `json:"maxItems"`
	Minimum    *float64             `json:"minimum"`
	Maximum    *float64             `json:"maximum"`
	Required   bool                 `json:"-"`
}

// Category is a row of a budget table.
type Category struct {
	ID    string    `json:"id"`
	Title lang.Text `json:"title"`
}

// widgets lists what a field can be asked with.
var widgets = []string{"text", "longtext", "number", "money", "budget", "choice", "works", "file"}

// parseForm reads a form's JSON Schema.
func parseForm(name, file string, text []byte) (*Form, error) {
	var raw struct {
		Sections   []Section         `json:"x-sections"`
		Required   []string          `json:"required"`
		Properties map[string]*Field `json:"properties"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(file, doc); err != nil {
		return nil, err
	}
	f := &Form{Name: name, Sections: raw.Sections, Fields: raw.Properties}
	if f.schema, err = c.Compile(file); err != nil {
		return nil, err
	}
	for name, field := range f.Fields {
		field.Name, field.Required = name, slices.Contains(raw.Required, name)
		if !slices.Contains(widgets, field.Widget) {
			return nil, fmt.Errorf("field %s: x-widget %q is none of %s", name, field.Widget, strings.Join(widgets, ", "))
		}
		if field.Title.Empty() {
			return nil, fmt.Errorf("field %s has no x-title", name)
		}
		if field.Vocabulary != "" && (field.Widget != "choice" || !vocabulary.Known(field.Vocabulary)) {
			return nil, fmt.Errorf("field %s: x-vocabulary %q is not known, or does not go with a choice", name, field.Vocabulary)
		}
	}
	return f, f.checkSections()
}

func (f *Form) checkSections() error {
	seen := map[string]bool{}
	for _, s := range f.Sections {
		for _, name := range s.Fields {
			if f.Fields[name] == nil {
				return fmt.Errorf("section %s asks for %s, which is no field", s.ID, name)
			}
			seen[name] = true
		}
	}
	for name := range f.Fields {
		if !seen[name] {
			return fmt.Errorf("field %s stands in no section", name)
		}
	}
	return nil
}

// Ordered lists the fields as the sections do.
func (f *Form) Ordered() []*Field {
	var out []*Field
	for _, s := range f.Sections {
		for _, name := range s.Fields {
			out = append(out, f.Fields[name])
		}
	}
	return out
}

// BudgetLine is one cell of a budget table, in minor units.
type BudgetLine struct {
	Category string `json:"category"`
	Year     int    `json:"year"`
	Minor    int64  `json:"minor"`
}

// Validate checks answers (field → value as JSON decodes it) as they must be to be
// submitted, and returns one fault a field, in the order of the form.
func (f *Form) Validate(answers map[string]any) []*fault.Error {
	given := map[string]any{}
	for k, v := range answers { // an empty answer is none
		if s, isText := v.(string); isText && strings.TrimSpace(s) == "" || v == nil {
			continue
		}
		if list, isList := v.([]any); isList && len(list) == 0 {
			continue
		}
		given[k] = v
	}
	err := f.schema.Validate(given)
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	byField := map[string]*fault.Error{}
	collect(invalid, byField, given)
	var out []*fault.Error
	for _, field := range f.Ordered() {
		if e := byField[field.Name]; e != nil {
			out = append(out, e)
		}
		delete(byField, field.Name)
	}
	for name, e := range byField { // answers to questions that this form does not ask
		out = append(out, e.At(name))
	}
	return out
}

// collect walks a validation error down to its causes and words each for the person.
func collect(e *jsonschema.ValidationError, out map[string]*fault.Error, given map[string]any) {
	for _, cause := range e.Causes {
		collect(cause, out, given)
	}
	if len(e.Causes) > 0 {
		return
	}
	field := strings.Join(e.InstanceLocation, ".")
	if len(e.InstanceLocation) > 0 {
		field = e.InstanceLocation[0]
	}
	put := func(field, key string, args ...any) {
		if out[field] == nil {
			out[field] = fault.Field(field, key, args...)
		}
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		if len(e.InstanceLocation) == 0 {
			for _, name := range k.Missing {
				put(name, "fault.required")
			}
			return
		}
		put(field, "fault.required")
	case *kind.MaxLength:
		put(field, "fault.long", k.Got-k.Want)
	case *kind.MinLength:
		put(field, "scheme.short", k.Want-k.Got)
	case *kind.Minimum:
		low, _ := k.Want.Float64()
		put(field, "scheme.least", int64(low))
	case *kind.Maximum:
		high, _ := k.Want.Float64()
		put(field, "scheme.most", int64(high))
	case *kind.Enum:
		put(field, "fault.choice")
	case *kind.MaxItems:
		put(field, "scheme.many", k.Want)
	case *kind.MinItems:
		put(field, "fault.required")
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			put(name, "scheme.unasked", name)
		}
	case *kind.Type:
		put(field, "scheme.type", strings.Join(k.Want, ", "))
	default:
		put(field, "scheme.invalid")
	}
}

// Money is the sum asked for in an answer, in minor units: a budget table's
// total, or a single amount.
func (f *Form) Money(answers map[string]any) (minor int64, asked bool) {
	for _, field := range f.Ordered() {
		switch field.Widget {
		case "budget":
			for _, l := range BudgetOf(answers[field.Name]) {
				minor += l.Minor
			}
			return minor, true
		case "money":
			n, _ := answers[field.Name].(float64)
			return int64(n), true
		}
	}
	return 0, false
}

// BudgetOf reads a budget answer; what is not one is empty.
func BudgetOf(answer any) []BudgetLine {
	list, _ := answer.([]any)
	var out []BudgetLine
	for _, v := range list {
		m, ok := v.(map[string]any)
		if !ok {
			continue
		}
		category, _ := m["category"].(string)
		year, _ := m["year"].(float64)
		minor, _ := m["minor"].(float64)
		out = append(out, BudgetLine{category, int(year), int64(minor)})
	}
	return out
}
