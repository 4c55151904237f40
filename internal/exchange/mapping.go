package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	"github.com/goccy/go-yaml"
)

// Mapping says how rows of a foreign file become records of ours. docs/import.md
// describes the language.
type Mapping struct {
	Kind     string           `yaml:"kind"`
	Source   string           `yaml:"source"` // name of the system that the rows come from; keys are its own
	Title    string           `yaml:"title"`
	Licence  string           `yaml:"licence"`
	Read     Reading          `yaml:"read"`
	Language string           `yaml:"language"` // of texts that do not say theirs; en
	Currency string           `yaml:"currency"` // of amounts that do not say theirs
	Zone     string           `yaml:"zone"`     // IANA, of times that do not say theirs; UTC
	Key      columns          `yaml:"key"`      // columns that identify a row; "content" where none do
	Alike    []*Rule          `yaml:"alike"`    // rows with the same values and different funders are suspected to be one award
	Leave    []Condition      `yaml:"leave"`    // rows that are not of this kind
	Reject   []Condition      `yaml:"reject"`   // rows that are wrong
	Fields   map[string]*Rule `yaml:"fields"`

	Hash string `yaml:"-"` // SHA-256 of the text, in hex
	zone *time.Location
}

// Reading says how a file is read.
type Reading struct {
	Format    string          `yaml:"format"`    // csv, tsv, json, jsonl or xlsx; without it by the file's name
	Encoding  string          `yaml:"encoding"`  // as web pages name it: utf-8, windows-1252, gb18030 …
	Delimiter string          `yaml:"delimiter"` // of csv; a comma
	At        string          `yaml:"at"`        // of json: where the list stands, grants or data.items
	Sheet     string          `yaml:"sheet"`     // of xlsx; the first
	Missing   []string        `yaml:"missing"`   // what stands for nothing, besides an empty cell
	Join      map[string]Join `yaml:"join"`      // rows of other files, under a name, by a common column
}

// Join gives each row those rows of another file, in the folder of the first,
// that hold the same value in a column.
type Join struct {
	File string `yaml:"file"`
	On   string `yaml:"on"`
}

// Condition is a CEL expression about a row, with what it says when it holds.
type Condition struct {
	When    string `yaml:"when"`
	Say     string `yaml:"say"`
	program cel.Program
}

// columns is one path or a list of paths.
type columns []string

// UnmarshalYAML reads "a" or [a, b].
func (c *columns) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if unmarshal(&one) == nil {
		*c = columns{one}
		return nil
	}
	return unmarshal((*[]string)(c))
}

// Rule makes the value of one field. A bare string is {column: …}.
type Rule struct {
	// One of these gives the value:
	Column   columns          `yaml:"column"`   // path of a column, a.b within nested values, /a from the row when within each; of several the first that is not missing
	Constant any              `yaml:"constant"` //
	CEL      string           `yaml:"cel"`      // expression over row, and it within each
	Text     map[string]*Rule `yaml:"text"`     // a text in several languages
	Each     string           `yaml:"each"`     // path of a list: fields is made of every element
	Fields   map[string]*Rule `yaml:"fields"`   // an object; with each, a list of them
	All      []*Rule          `yaml:"all"`      // objects and lists of them, one after the other
	// And then, in this order:
	JSON      bool           `yaml:"json"`  // the cell holds JSON
	Split     string         `yaml:"split"` // the cell holds a list, with this between
	Clean     string         `yaml:"clean"` // html: without tags
	Lookup    map[string]any `yaml:"lookup"`
	Otherwise any            `yaml:"otherwise"` // what is not in lookup, or missing
	Date      columns        `yaml:"date"`      // layouts as Go writes 2 January 2006: 02.01.2006
	Decimal   string         `yaml:"decimal"`   // sign before decimals; a point
	Thousands string         `yaml:"thousands"` // sign between thousands
	Currency  *Rule          `yaml:"currency"`

	program cel.Program
}

type plainRule Rule

// UnmarshalYAML reads the short and the long form.
func (r *Rule) UnmarshalYAML(unmarshal func(any) error) error {
	var column string
	if unmarshal(&column) == nil {
		*r = Rule{Column: columns{column}}
		return nil
	}
	return unmarshal((*plainRule)(r))
}

// ReadMapping reads and checks a mapping. An error names the line or the field.
func ReadMapping(name string, src []byte) (*Mapping, error) {
	m := &Mapping{Language: "en", Zone: "UTC"}
	if err := yaml.UnmarshalWithOptions(src, m, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	sum := sha256.Sum256(src)
	m.Hash = hex.EncodeToString(sum[:])
	if err := m.check(); err != nil {
		return nil, at(name, src, err)
	}
	return m, nil
}

// wrong is a mistake in a mapping, with where it stands.
type wrong struct{ path, what string }

func (w wrong) Error() string { return w.path + ": " + w.what }

// at writes each mistake with the line of its field.
func at(name string, src []byte, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return fmt.Errorf("%s: %w", name, err)
	}
	var out []error
	for _, e := range joined.Unwrap() {
		var w wrong
		line := ""
		if errors.As(e, &w) {
			line = lineOf(src, w.path)
		}
		out = append(out, fmt.Errorf("%s:%s %w", name, line, e))
	}
	return errors.Join(out...)
}

// lineOf is "12:" for the field at a path, or for the nearest one around it.
func lineOf(src []byte, path string) string {
	for path != "" {
		if p, err := yaml.PathString("$." + path); err == nil {
			if node, err := p.ReadNode(strings.NewReader(string(src))); err == nil && node != nil {
				return fmt.Sprintf("%d:", node.GetToken().Position.Line)
			}
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return ""
}

func (m *Mapping) check() error {
	fields, known := kinds[m.Kind]
	if !known {
		return errors.Join(wrong{"kind", fmt.Sprintf("%q is none of %s", m.Kind, strings.Join(KindNames(), ", "))})
	}
	var errs []error
	add := func(path, format string, args ...any) { errs = append(errs, wrong{path, fmt.Sprintf(format, args...)}) }
	if m.Source == "" {
		add("source", "name the system that the rows come from")
	}
	if len(m.Key) == 0 {
		add("key", "name the columns that identify a row, or write content where none do")
	}
	var err error
	if m.zone, err = time.LoadLocation(m.Zone); err != nil {
		add("zone", "%q is no IANA time zone", m.Zone)
	}
	if m.Read.Format != "" && !slices.Contains(formats, m.Read.Format) {
		add("read.format", "%q is none of %s", m.Read.Format, strings.Join(formats, ", "))
	}
	if len([]rune(m.Read.Delimiter)) > 1 {
		add("read.delimiter", "%q is more than one sign", m.Read.Delimiter)
	}
	env, err := environment()
	if err != nil {
		return err
	}
	for i := range m.Leave {
		errs = append(errs, m.Leave[i].compile(env, fmt.Sprintf("leave[%d]", i)))
	}
	for i := range m.Reject {
		errs = append(errs, m.Reject[i].compile(env, fmt.Sprintf("reject[%d]", i)))
	}
	for i, r := range m.Alike {
		errs = append(errs, r.check(env, fmt.Sprintf("alike[%d]", i), &field{}))
	}
	errs = append(errs, checkFields(env, "fields", m.Fields, fields))
	return errors.Join(flat(errs)...)
}

// flat takes joined errors apart and leaves out none.
func flat(errs []error) (out []error) {
	for _, e := range errs {
		if joined, ok := e.(interface{ Unwrap() []error }); ok {
			out = append(out, flat(joined.Unwrap())...)
		} else if e != nil {
			out = append(out, e)
		}
	}
	return out
}

func checkFields(env *cel.Env, path string, rules map[string]*Rule, fields map[string]*field) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		f, ok := fields[name]
		if !ok {
			errs = append(errs, wrong{path + "." + name, "no such field; there are " + strings.Join(slices.Sorted(maps.Keys(fields)), ", ")})
			continue
		}
		errs = append(errs, rules[name].check(env, path+"."+name, f))
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name].required && rules[name] == nil {
			errs = append(errs, wrong{path, "the field " + name + " is needed"})
		}
	}
	return errors.Join(errs...)
}

func (r *Rule) check(env *cel.Env, path string, f *field) error {
	if r == nil {
		return wrong{path, "is empty"}
	}
	given := 0
	for _, has := range []bool{len(r.Column) > 0, r.Constant != nil, r.CEL != "", r.Text != nil, r.Each != "" || r.Fields != nil, r.All != nil} {
		if has {
			given++
		}
	}
	if given != 1 {
		return wrong{path, "give one of column, constant, cel, text, fields (with each for a list), all"}
	}
	var errs []error
	switch {
	case r.CEL != "":
		var err error
		if r.program, err = program(env, r.CEL); err != nil {
			errs = append(errs, wrong{path + ".cel", err.Error()})
		}
	case r.Text != nil && f.shape != texts:
		errs = append(errs, wrong{path, "is not a text in several languages"})
	case r.Text != nil:
		for _, tag := range slices.Sorted(maps.Keys(r.Text)) {
			errs = append(errs, r.Text[tag].check(env, path+".text."+tag, &field{}))
		}
	case r.All != nil && f.shape != objects:
		errs = append(errs, wrong{path, "all goes with a list of objects"})
	case r.All != nil:
		for i, one := range r.All {
			in := f
			if one != nil && one.Each == "" && one.All == nil {
				in = &field{shape: object, of: f.of}
			}
			errs = append(errs, one.check(env, fmt.Sprintf("%s.all[%d]", path, i), in))
		}
	case r.Fields != nil:
		if f.shape != object && f.shape != objects || (f.shape == objects) != (r.Each != "") {
			errs = append(errs, wrong{path, "each goes with a list, fields alone with an object"})
		}
		errs = append(errs, checkFields(env, path+".fields", r.Fields, f.of))
	}
	if r.Clean != "" && r.Clean != "html" {
		errs = append(errs, wrong{path + ".clean", fmt.Sprintf("%q is not html", r.Clean)})
	}
	if r.Currency != nil {
		errs = append(errs, r.Currency.check(env, path+".currency", &field{}))
	}
	return errors.Join(errs...)
}

func (c *Condition) compile(env *cel.Env, path string) (err error) {
	if c.program, err = program(env, c.When); err != nil {
		return wrong{path, err.Error()}
	}
	if c.Say == "" {
		return wrong{path, "say what the row is then"}
	}
	return nil
}

// environment is what expressions can use: the row, and the element within each.
func environment() (*cel.Env, error) {
	return cel.NewEnv(cel.Variable("row", cel.DynType), cel.Variable("it", cel.DynType), ext.Strings(), ext.Math(), ext.Lists())
}

// exprCost bounds what one expression may do for one row.
const exprCost = 100_000

func program(env *cel.Env, src string) (cel.Program, error) {
	ast, issues := env.Compile(src)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	return env.Program(ast, cel.CostLimit(exprCost))
}
