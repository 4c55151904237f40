package scheme

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Problem is something wrong with a definition, with its place.
type Problem struct {
	File         string
	Line, Column int
	Field        string // path: $.stages[0].form
	Message      string
	Warning      bool // can be published all the same
}

func (p Problem) String() string {
	kind := ""
	if p.Warning {
		kind = "warning: "
	}
	return fmt.Sprintf("%s:%d:%d: %s%s: %s", p.File, p.Line, p.Column, kind, strings.TrimPrefix(p.Field, "$."), p.Message)
}

// checker collects the problems of one file.
type checker struct {
	file     string
	tree     *ast.File
	d        *Definition
	problems []Problem
}

// Check reads the definition in file with the forms that it names, and lists
// every problem. The definition can be used if none of them is more than a warning.
func Check(fsys fs.FS, file string) (*Definition, []Problem) {
	c := &checker{file: file, d: &Definition{forms: map[string]*Form{}}}
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		c.add("$", "cannot be read: %v", err)
		return c.d, c.problems
	}
	if err := yaml.UnmarshalWithOptions(text, c.d, yaml.Strict()); err != nil {
		c.syntax(err)
		return c.d, c.problems
	}
	if c.tree, err = parser.ParseBytes(text, 0); err != nil {
		c.syntax(err)
		return c.d, c.problems
	}
	c.readForms(fsys)
	c.texts()
	c.criteria()
	c.stages()
	c.rules()
	c.rest()
	return c.d, c.problems
}

// Usable reports whether a definition with these problems can be published.
func Usable(problems []Problem) bool {
	return !slices.ContainsFunc(problems, func(p Problem) bool { return !p.Warning })
}

func (c *checker) syntax(err error) {
	p := Problem{File: c.file, Line: 1, Column: 1, Field: "$", Message: err.Error()}
	var y yaml.Error
	if errors.As(err, &y) {
		p.Message = y.GetMessage()
		if t := y.GetToken(); t != nil {
			p.Line, p.Column = t.Position.Line, t.Position.Column
		}
	}
	c.problems = append(c.problems, p)
}

func (c *checker) add(field, format string, args ...any) {
	p := Problem{File: c.file, Line: 1, Column: 1, Field: field, Message: fmt.Sprintf(format, args...)}
	if c.tree != nil {
		p.Line, p.Column = c.place(field)
	}
	c.problems = append(c.problems, p)
}

func (c *checker) warn(field, format string, args ...any) {
	c.add(field, format, args...)
	c.problems[len(c.problems)-1].Warning = true
}

// place is the line and column of a field, or of the nearest one around it.
func (c *checker) place(field string) (line, column int) {
	for field != "" {
		if p, err := yaml.PathString(field); err == nil {
			if n, err := p.FilterFile(c.tree); err == nil && n != nil {
				pos := n.GetToken().Position
				return pos.Line, pos.Column
			}
		}
		cut := strings.LastIndexAny(field, ".[")
		if cut <= 0 {
			break
		}
		field = field[:cut]
	}
	return 1, 1
}

func (c *checker) readForms(fsys fs.FS) {
	sum := 0.0
	for _, name := range keys(c.d.Forms) {
		ref := c.d.Forms[name]
		at := "$.forms." + name
		text, err := fs.ReadFile(fsys, path.Join(path.Dir(c.file), ref.File))
		if err != nil {
			c.add(at+".file", "the form %s cannot be read", ref.File)
			continue
		}
		form, err := parseForm(name, ref.File, text)
		if err != nil {
			c.add(at+".file", "%s: %v", ref.File, err)
			continue
		}
		c.d.forms[name] = form
		c.formTexts(at, ref.File, form)
		c.fairForm(at, ref.File, form)
		if ref.Hours <= 0 {
			c.add(at+".hours", "say how many hours this form takes")
		}
		sum += ref.Hours
	}
	if len(c.d.Forms) == 0 {
		c.add("$.forms", "there is no form")
	}
	if c.d.Hours > 0 && sum > c.d.Hours {
		c.add("$.hours", "the forms take %g hours together, the scheme may cost %g", sum, c.d.Hours)
	}
	if c.d.Hours <= 0 {
		c.add("$.hours", "say how many hours the scheme may cost an applicant")
	}
}

func (c *checker) formTexts(at, file string, f *Form) {
	for name, field := range f.Fields {
		if l := lacking(field.Title); l != "" {
			c.add(at, "%s: field %s has no title in %s", file, name, l)
		}
		for _, t := range []lang.Text{field.Title, field.Hint} {
			if tag := noLanguage(t); tag != "" {
				c.add(at, "%s: field %s: %q is no language", file, name, tag)
			}
		}
	}
}

// lacking names the first interface language that t has no text in.
func lacking(t lang.Text) string {
	for _, l := range lang.Locales {
		if strings.TrimSpace(t.By[string(l)]) == "" {
			return l.Name()
		}
	}
	return ""
}

var tag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// noLanguage is the first key of t that is no language tag.
func noLanguage(t lang.Text) string {
	for _, l := range t.Tags() {
		if !tag.MatchString(l) {
			return l
		}
	}
	return ""
}

func (c *checker) text(field string, t lang.Text) {
	if l := noLanguage(t); l != "" { // {en: one, two} is two keys
		c.add(field, "%q is no language; put a text that holds a comma in quotes", l)
	}
	if l := lacking(t); l != "" {
		c.add(field, "has no text in %s", l)
	}
}

func (c *checker) texts() {
	if !regexp.MustCompile(`^[a-z][a-z0-9-]*$`).MatchString(c.d.Scheme) {
		c.add("$.scheme", "%q: a name of small letters, digits and hyphens is expected", c.d.Scheme)
	}
	c.text("$.title", c.d.Title)
	c.text("$.summary", c.d.Summary)
	for i, r := range c.d.Eligible {
		c.text(fmt.Sprintf("$.eligible[%d].say", i), r.Say)
	}
}

func (c *checker) criteria() {
	seen := map[string]bool{}
	for i, k := range c.d.Criteria {
		at := fmt.Sprintf("$.criteria[%d]", i)
		c.text(at+".title", k.Title)
		c.text(at+".ask", k.Ask)
		if seen[k.ID] || k.ID == "" {
			c.add(at+".id", "%q: every criterion needs an id of its own", k.ID)
		}
		seen[k.ID] = true
		if k.Weight <= 0 {
			c.add(at+".weight", "a weight above 0 is expected")
		}
		if k.High <= k.Low {
			c.add(at+".high", "the scale goes from %d to %d: the best must be above the worst", k.Low, k.High)
		}
		c.fair(at+".title", k.Title.By["en"], k.Title.By["zh"])
		c.fair(at+".ask", k.Ask.By["en"], k.Ask.By["zh"])
	}
}

func (c *checker) stages() {
	if len(c.d.Stages) == 0 {
		c.add("$.stages", "there is no stage")
		return
	}
	seen := map[string]bool{}
	for i, s := range c.d.Stages {
		at := fmt.Sprintf("$.stages[%d]", i)
		c.text(at+".title", s.Title)
		if s.ID == "" || seen[s.ID] {
			c.add(at+".id", "%q: every stage needs an id of its own", s.ID)
		}
		seen[s.ID] = true
		if c.d.Forms[s.Form].File == "" {
			c.add(at+".form", "%q is no form of this scheme%s", s.Form, nearest(s.Form, keys(c.d.Forms)))
		}
		c.stage(at, s)
		c.measured(at, s)
	}
	c.ways()
}

// ways follows the stages from the first: each must be reached, and the way must end.
func (c *checker) ways() {
	at := map[string]int{}
	for i, s := range c.d.Stages {
		at[s.ID] = i
	}
	reached := map[int]bool{}
	for i := 0; ; {
		reached[i] = true
		s := c.d.Stages[i]
		if s.Next == "" {
			break
		}
		next, ok := at[s.Next]
		field := fmt.Sprintf("$.stages[%d].next", i)
		if !ok {
			c.add(field, "%q is no stage%s", s.Next, nearest(s.Next, keys(at)))
			break
		}
		if reached[next] {
			c.add(field, "leads back to %q: the way through the stages never ends", s.Next)
			break
		}
		i = next
	}
	for i, s := range c.d.Stages {
		if !reached[i] {
			c.add(fmt.Sprintf("$.stages[%d].id", i), "no stage leads to %q", s.ID)
		}
	}
}

func (c *checker) stage(at string, s Stage) {
	if s.Decide == nil {
		c.add(at, "the stage has no way out: say who decides")
		return
	}
	if !slices.Contains([]string{"officer", "panel"}, s.Decide.By) {
		c.add(at+".decide.by", "%q: officer or panel is expected", s.Decide.By)
	}
	if s.Decide.Signatures < 1 || s.Decide.Signatures > 2 {
		c.add(at+".decide.signatures", "1 or 2 is expected")
	}
	for j, o := range s.Decide.Outcomes {
		if !slices.Contains([]string{"fund", "reserve", "reject", "invite"}, o) {
			c.add(fmt.Sprintf("%s.decide.outcomes[%d]", at, j), "%q: fund, reserve, reject or invite is expected", o)
		}
	}
	if slices.Contains(s.Decide.Outcomes, "invite") != (s.Next != "") {
		c.add(at+".next", "a stage that invites needs a next stage, and only such a stage")
	}
	if r := s.Review; r != nil {
		if r.Each < 1 {
			c.add(at+".review.each", "at least one review is expected")
		}
		if !slices.Contains([]Anonymity{Open, Single, Dual}, r.Anonymous) {
			c.add(at+".review.anonymous", "%q: open, single or dual is expected", r.Anonymous)
		}
		if r.Hours <= 0 {
			c.warn(at+".review.hours", "say how many hours a review takes, so that the work can be planned")
		}
		for j, id := range r.Criteria {
			if !slices.ContainsFunc(c.d.Criteria, func(k Criterion) bool { return k.ID == id }) {
				c.add(fmt.Sprintf("%s.review.criteria[%d]", at, j), "%q is no criterion", id)
			}
		}
		if len(c.d.Criteria) == 0 {
			c.add(at+".review", "there is no criterion to judge by")
		}
	}
}

// rules compiles the eligibility rules against the form of each stage. A rule is
// asked at the stages whose form has the fields that it names, and there must be one.
func (c *checker) rules() {
	c.d.rules = map[string][]compiled{}
	fits, reasons := make([]bool, len(c.d.Eligible)), make([]string, len(c.d.Eligible))
	done := map[string]bool{}
	for _, s := range c.d.Stages {
		form := c.d.forms[s.Form]
		if form == nil || done[s.Form] {
			continue
		}
		done[s.Form] = true
		env, err := environment(form)
		if err != nil {
			c.add("$.eligible", "%v", err)
			return
		}
		for i, r := range c.d.Eligible {
			program, err := compile(env, r)
			if err != nil {
				reasons[i] = firstLine(err) + suggestion(err, form)
				continue
			}
			fits[i] = true
			program.at = i
			c.d.rules[s.Form] = append(c.d.rules[s.Form], program)
		}
	}
	for i, reason := range reasons {
		if !fits[i] && reason != "" {
			c.add(fmt.Sprintf("$.eligible[%d].rule", i), "%s", reason)
		}
	}
}

func firstLine(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	_, after, found := strings.Cut(s, ": ")
	if found && strings.HasPrefix(s, "ERROR:") {
		_, s, _ = strings.Cut(after, ": ")
		if s == "" {
			s = after
		}
	}
	return s
}

var undeclared = regexp.MustCompile(`undeclared reference to '([^']+)'`)

func suggestion(err error, f *Form) string {
	m := undeclared.FindStringSubmatch(err.Error())
	if m == nil {
		return ""
	}
	names := []string{"team.organisations", "team.size", "call.low", "call.high"}
	for name := range f.Fields {
		names = append(names, "form."+name)
	}
	// CEL names only the first part of a dotted name that it does not know.
	if full := regexp.MustCompile(regexp.QuoteMeta(m[1]) + `[\w.]*`).FindString(err.Error()[strings.LastIndex(err.Error(), "|"):]); full != "" {
		m[1] = full
	}
	if i := strings.Index(err.Error(), "| "); i >= 0 {
		if full := regexp.MustCompile(regexp.QuoteMeta(m[1]) + `[\w.]*`).FindString(err.Error()[i:]); full != "" {
			m[1] = full
		}
	}
	return nearest(m[1], names)
}

func (c *checker) rest() {
	c.payment()
	if !slices.Contains([]string{"lump-sum", "itemised"}, c.d.Award.Kind) {
		c.add("$.award.kind", "%q: lump-sum or itemised is expected", c.d.Award.Kind)
	}
	for _, kind := range keys(c.d.Changes) {
		mode := c.d.Changes[kind]
		if mode != "notify" && mode != "ask" {
			c.add("$.changes."+kind, "%q: notify or ask is expected", mode)
		}
	}
	for i, r := range c.d.Reports {
		if c.d.Forms[r.Form].File == "" {
			c.add(fmt.Sprintf("$.reports[%d].form", i), "%q is no form of this scheme", r.Form)
		}
	}
	c.approval()
	c.hiding()
	c.conflicts()
}

func (c *checker) approval() {
	p := c.d.Approval
	if p == nil {
		return
	}
	if !slices.Contains([]string{"", "holder", "every"}, p.Of) {
		c.add("$.approval.of", "%q: holder or every is expected", p.Of)
	}
	if !slices.Contains([]string{"", "before", "after"}, p.When) {
		c.add("$.approval.when", "%q: before or after is expected", p.When)
	}
	if p.Days < 0 || p.Days > 60 || p.Days > 0 && p.When == "before" {
		c.add("$.approval.days", "1 to 60 days after the deadline are expected, and only with when: after")
	}
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// nearest is "; did you mean …?" for the name that is closest, "" if none is near.
func nearest(name string, names []string) string {
	best, distance := "", max(2, len(name)/3)+1
	slices.Sort(names)
	for _, n := range names {
		if d := edits(name, n); d < distance {
			best, distance = n, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// edits is the Levenshtein distance (1966) in O(len a · len b).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			last, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, last+cost)
		}
	}
	return row[len(b)]
}
