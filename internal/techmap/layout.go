package techmap

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Layout is a mapping file: how tables that somebody else publishes become nodes, gates,
// providers and shares. docs/techmap.md describes its language.
type Layout struct {
	Title, Summary lang.Text
	Source         string                       // of what names none of its own
	Licence        string                       // of the tables
	Year           int                          // of shares that name none
	Confidence     string                       // of shares
	Missing        []string                     // what stands for nothing, besides an empty cell
	Choices        map[string]layoutChoice      // assumptions that whoever imports may turn
	Lookups        map[string]map[string]string // by name: what a cell becomes
	Tables         []layoutTable
}

// layoutChoice is what can be chosen; the first value holds unless another is.
type layoutChoice struct {
	Label  lang.Text
	Values []string
}

// layoutTable is a file with what each of its rows makes.
type layoutTable struct {
	File string
	Join map[string]layoutJoin // columns of another file, read as name.column
	Make []layoutRule
}

// layoutJoin finds the row of another file that holds the same value in a column.
type layoutJoin struct{ File, On string }

// layoutRule makes one item of a row, where each condition of When holds. Exactly one of the others is set.
type layoutRule struct {
	When []condition
	Node *struct {
		Key, Kind, Supplied pattern
		Name, Summary       map[string]pattern // by language
	}
	Provider *struct {
		Key, Country, Owner, Site pattern
		Name                      map[string]pattern
	}
	Gate *struct {
		Key, Node, Join, Input, Source pattern
	}
	Share *struct {
		Node, Provider, Share, Year, Source pattern
	}
}

//go:embed layouts/*.yaml
var layouts embed.FS

// LayoutNames are the layouts that ship.
func LayoutNames() (names []string) {
	files, err := fs.Glob(layouts, "layouts/*.yaml")
	if err != nil {
		return nil // the pattern is right
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(f, "layouts/"), ".yaml"))
	}
	return names
}

// ShippedLayout is a layout that ships, by its name.
func ShippedLayout(name string) (*Layout, error) {
	src, err := layouts.ReadFile("layouts/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no layout %q: choose from %s, or give a file", name, strings.Join(LayoutNames(), ", "))
	}
	return ReadLayout(name+".yaml", src)
}

// ReadLayout reads and checks a mapping file. An error names its line or rule.
func ReadLayout(name string, src []byte) (*Layout, error) {
	l := &Layout{}
	if err := yaml.UnmarshalWithOptions(src, l, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return l, nil
}

func (l *Layout) check() error {
	if len(l.Tables) == 0 {
		return fmt.Errorf("tables: name at least one file with what its rows make")
	}
	if l.Confidence != "" && !slices.Contains(Confidences, l.Confidence) {
		return fmt.Errorf("confidence: %q is none of %s", l.Confidence, strings.Join(Confidences, ", "))
	}
	for name, choice := range l.Choices {
		if len(choice.Values) == 0 {
			return fmt.Errorf("choices.%s: name the values that can be chosen, the usual one first", name)
		}
	}
	for i, t := range l.Tables {
		if t.File == "" {
			return fmt.Errorf("tables[%d].file: name the file", i)
		}
		for k, r := range t.Make {
			if err := l.checkRule(r); err != nil {
				return fmt.Errorf("%s, make[%d]: %w", t.File, k, err)
			}
		}
	}
	return nil
}

func (l *Layout) checkRule(r layoutRule) error {
	made := 0
	for _, set := range []bool{r.Node != nil, r.Provider != nil, r.Gate != nil, r.Share != nil} {
		if set {
			made++
		}
	}
	if made != 1 {
		return fmt.Errorf("one of node, provider, gate and share is expected, here are %d", made)
	}
	for _, p := range r.patterns() {
		for _, x := range p.parts {
			if _, known := l.Lookups[x.lookup]; x.lookup != "" && !isCountry(x.lookup) && !known {
				return fmt.Errorf("%q: there is no lookup %q", p.src, x.lookup)
			}
			if _, known := l.Choices[x.choice]; x.choice != "" && !known {
				return fmt.Errorf("%q: there is no choice %q", p.src, x.choice)
			}
		}
	}
	return nil
}

func (r layoutRule) patterns() (list []pattern) {
	switch {
	case r.Node != nil:
		list = append(list, r.Node.Key, r.Node.Kind, r.Node.Supplied)
		list = append(slices.AppendSeq(list, maps.Values(r.Node.Name)), slices.Collect(maps.Values(r.Node.Summary))...)
	case r.Provider != nil:
		list = append(list, r.Provider.Key, r.Provider.Country, r.Provider.Owner, r.Provider.Site)
		list = slices.AppendSeq(list, maps.Values(r.Provider.Name))
	case r.Gate != nil:
		list = append(list, r.Gate.Key, r.Gate.Node, r.Gate.Join, r.Gate.Input, r.Gate.Source)
	case r.Share != nil:
		list = append(list, r.Share.Node, r.Share.Provider, r.Share.Share, r.Share.Year, r.Share.Source)
	}
	for _, w := range r.When {
		list = append(list, w.value)
	}
	return list
}

// Files are the files that the layout reads, in its order.
func (l *Layout) Files() (list []string) {
	add := func(file string) {
		if !slices.Contains(list, file) {
			list = append(list, file)
		}
	}
	for _, t := range l.Tables {
		add(t.File)
		for _, name := range slices.Sorted(maps.Keys(t.Join)) {
			add(t.Join[name].File)
		}
	}
	return list
}

// pattern is a text with {column}, {column|lookup} and {=choice} in it.
type pattern struct {
	src   string
	parts []patternPart
}

// patternPart is one of a text, a column and a choice.
type patternPart struct{ text, column, lookup, choice string }

// UnmarshalYAML reads a pattern of a text.
func (p *pattern) UnmarshalYAML(unmarshal func(any) error) error {
	var s string
	if err := unmarshal(&s); err != nil {
		return err
	}
	*p = parsePattern(s)
	return nil
}

// condition is "column" for not missing, "!column" for missing, or "column=value".
type condition struct {
	column   string
	missing  bool
	compared bool // with value
	value    pattern
}

// UnmarshalYAML reads a condition of a text.
func (c *condition) UnmarshalYAML(unmarshal func(any) error) error {
	var s string
	if err := unmarshal(&s); err != nil {
		return err
	}
	column, value, compared := strings.Cut(s, "=")
	column, missing := strings.CutPrefix(column, "!")
	*c = condition{column, missing, compared, parsePattern(value)}
	return nil
}

func parsePattern(s string) pattern {
	p := pattern{src: s}
	for s != "" {
		before, rest, found := strings.Cut(s, "{")
		if before != "" {
			p.parts = append(p.parts, patternPart{text: before})
		}
		if !found {
			break
		}
		inside, after, _ := strings.Cut(rest, "}")
		if choice, ok := strings.CutPrefix(inside, "="); ok {
			p.parts = append(p.parts, patternPart{choice: choice})
		} else {
			column, lookup, _ := strings.Cut(inside, "|")
			p.parts = append(p.parts, patternPart{column: column, lookup: lookup})
		}
		s = after
	}
	return p
}

// countryLookup makes the two letters of a country of its name in English, or of its two or
// three letters; a lookup of that name in the mapping goes before it. With a language behind it,
// country.zh, it makes the country's name in that language.
const countryLookup = "country"

func isCountry(lookup string) bool {
	return lookup == countryLookup || strings.HasPrefix(lookup, countryLookup+".")
}

func (c chosen) country(name, lookup string) (string, bool) {
	code, ok := c.Lookups[countryLookup][name]
	if !ok {
		code, ok = countryCode(name)
	}
	_, tag, named := strings.Cut(lookup, ".")
	if !ok || !named {
		return code, ok
	}
	r, err := language.ParseRegion(code)
	return display.Regions(language.Make(tag)).Name(r), err == nil
}

func countryCode(name string) (string, bool) {
	if len(name) == 2 || len(name) == 3 && strings.ToUpper(name) == name {
		r, err := language.ParseRegion(name)
		return r.Canonicalize().String(), err == nil && r.IsCountry()
	}
	code, ok := countryCodes()[name]
	return code, ok
}

// chosen is a layout with what is chosen of it.
type chosen struct {
	*Layout
	choice map[string]string
}

// with fills in what is not chosen. An error names a choice or a value that is not there.
func (l *Layout) with(choices map[string]string) (chosen, error) {
	c := chosen{l, map[string]string{}}
	for name, choice := range l.Choices {
		c.choice[name] = choice.Values[0]
	}
	for name, value := range choices {
		choice, known := l.Choices[name]
		if !known {
			return c, fmt.Errorf("there is no choice %q: known are %s", name, strings.Join(slices.Sorted(maps.Keys(l.Choices)), ", "))
		}
		if !slices.Contains(choice.Values, value) {
			return c, fmt.Errorf("%s: %q is none of %s", name, value, strings.Join(choice.Values, ", "))
		}
		c.choice[name] = value
	}
	return c, nil
}

// text is what a pattern makes of a row.
func (c chosen) text(l *line, p pattern) string {
	var b strings.Builder
	for _, x := range p.parts {
		switch {
		case x.choice != "":
			b.WriteString(c.choice[x.choice])
		case x.column != "":
			b.WriteString(c.cell(l, x))
		default:
			b.WriteString(x.text)
		}
	}
	return strings.TrimSpace(b.String())
}

// cell is what a column holds, looked up where the pattern says so; "" for what stands for nothing.
func (c chosen) cell(l *line, x patternPart) string {
	s, known := l.cells[x.column]
	if !known {
		l.refuse(x.column, "techmap.import.column", strings.Join(slices.Sorted(maps.Keys(l.cells)), ", "))
		return ""
	}
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || slices.Contains(c.Missing, s) {
		return ""
	}
	if x.lookup == "" {
		return s
	}
	to, ok := c.Lookups[x.lookup][s]
	if isCountry(x.lookup) {
		to, ok = c.country(s, x.lookup)
	}
	if ok {
		return to
	}
	l.refuse(x.column, "techmap.import.lookup", s, x.lookup)
	return ""
}

// holds says whether a rule is for a row.
func (c chosen) holds(l *line, when []condition) bool {
	for _, w := range when {
		got := c.cell(l, patternPart{column: w.column})
		switch {
		case w.compared && got != c.text(l, w.value):
			return false
		case !w.compared && w.missing != (got == ""):
			return false
		}
	}
	return true
}

// changes are what the files change of a graph by the layout, each with the row that it comes
// from. Errors: Invalid, naming file, line and column.
func (c chosen) changes(g *Graph, files map[string]io.Reader) (list []Change, from []*line, err error) {
	tables, err := c.read(files)
	if err != nil {
		return nil, nil, err
	}
	m := made{chosen: c, keys: map[Ref]string{}, at: map[Ref]madeItem{}, gates: map[string]*Gate{}}
	for _, t := range c.Tables {
		joins := joinsOf(t.Join, tables)
		for _, l := range tables[t.File] {
			if err := l.join(joins); err != nil {
				return nil, nil, err
			}
			for _, r := range t.Make {
				if c.holds(l, r.When) {
					m.row(l, r)
				}
				if l.err != nil {
					return nil, nil, l.err
				}
			}
		}
	}
	slices.SortStableFunc(m.list, func(a, b madeItem) int { return a.rank() - b.rank() })
	for _, x := range m.list {
		r, err := x.ref()
		if err != nil {
			return nil, nil, err
		}
		x.Version, _ = g.Version(r)
		list, from = append(list, x.Change), append(from, x.from)
	}
	return list, from, nil
}

// countryCodes are the countries' codes by their names in English.
var countryCodes = sync.OnceValue(func() map[string]string {
	codes := map[string]string{}
	names := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			r, err := language.ParseRegion(string(a) + string(b))
			if err == nil && r.IsCountry() {
				codes[names.Name(r)] = r.String()
			}
		}
	}
	return codes
})
