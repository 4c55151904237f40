package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"golang.org/x/net/html"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// Problem is why a row cannot be taken in.
type Problem struct {
	File   string
	Line   int
	Field  string // of ours
	Column string // of the file
	Value  string // as it stands there, shortened
	Reason string
}

func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d: ", p.File, p.Line)
	if p.Field != "" {
		s += p.Field
		if p.Column != "" {
			s += " (column " + p.Column + ")"
		}
		s += ": "
	}
	if p.Value != "" {
		s += strconv.Quote(p.Value) + " "
	}
	return s + p.Reason
}

// Error is the problem without its place.
func (p Problem) Error() string { return p.Reason }

// longest is how much of a value a problem shows, in signs.
const longest = 60

func shorten(s string) string {
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}

// scope is what a rule sees: the row and, within each, the element.
type scope struct {
	m   *Mapping
	row map[string]any
	it  any
}

// item makes the record of a row.
func (m *Mapping) item(row map[string]any) (Item, error) {
	s := scope{m: m, row: row, it: row}
	for _, c := range m.Reject {
		holds, err := s.holds(c)
		if err != nil {
			return nil, err
		}
		if holds {
			return nil, Problem{Reason: c.Say}
		}
	}
	return s.object(m.Fields, kinds[m.Kind], "")
}

// left reports whether the row is none of the mapping's kind.
func (m *Mapping) left(row map[string]any) (bool, error) {
	s := scope{m: m, row: row, it: row}
	for _, c := range m.Leave {
		if holds, err := s.holds(c); err != nil || holds {
			return holds, err
		}
	}
	return false, nil
}

func (s scope) holds(c Condition) (bool, error) {
	v, err := s.eval(c.program, c.When)
	b, _ := v.(bool)
	return b, err
}

func (s scope) eval(p cel.Program, src string) (any, error) {
	out, _, err := p.Eval(map[string]any{"row": s.row, "it": s.it})
	if err != nil {
		return nil, Problem{Reason: fmt.Sprintf("the expression %s fails: %v", src, err)}
	}
	return native(out), nil
}

// native is a value of an expression as JSON would hold it.
func native(v ref.Val) any {
	switch v := v.(type) {
	case types.Null:
		return nil
	case types.Int:
		return float64(v)
	case types.Uint:
		return float64(v)
	case types.Double:
		return float64(v)
	case types.Bool:
		return bool(v)
	case types.String:
		return string(v)
	case traits.Lister:
		out := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			out = append(out, native(it.Next()))
		}
		return out
	}
	return v.Value()
}

// object makes the fields that rules give; what is missing is left out.
func (s scope) object(rules map[string]*Rule, fields map[string]*field, path string) (Item, error) {
	out := Item{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		f, r := fields[name], rules[name]
		var v any
		if r != nil {
			var err error
			if v, err = s.value(r, f); err != nil {
				return nil, within(err, path+name, strings.Join(r.Column, ", "))
			}
		}
		if v != nil {
			out[name] = v
		} else if f.required {
			return nil, within(Problem{Reason: "is missing"}, path+name, strings.Join(ruleColumns(r), ", "))
		}
	}
	return out, nil
}

func ruleColumns(r *Rule) []string {
	if r == nil {
		return nil
	}
	return r.Column
}

// within adds to a problem where it is, the innermost field first.
func within(err error, name, column string) error {
	p, ok := err.(Problem)
	if !ok {
		return err
	}
	if p.Field == "" {
		p.Field = name
	} else {
		p.Field = name + "." + p.Field
	}
	if p.Column == "" {
		p.Column = column
	}
	return p
}

// value is a rule's value in the shape of its field, nil if it is missing.
func (s scope) value(r *Rule, f *field) (any, error) {
	switch {
	case r.Text != nil:
		return s.texts(r)
	case r.All != nil:
		return s.all(r, f)
	case r.Each != "":
		return s.each(r, f)
	case r.Fields != nil:
		o, err := s.object(r.Fields, f.of, "")
		if p, ok := err.(Problem); ok && p.Reason == "is missing" && !s.any(r.Fields) {
			return nil, nil // nothing of the object is there
		}
		return filled(o), err
	}
	v, err := s.plain(r)
	if err != nil || v == nil {
		return nil, err
	}
	shaped, err := s.shaped(v, r, f)
	if p, ok := err.(Problem); ok {
		p.Value = shorten(plain(v))
		return nil, p
	}
	return shaped, err
}

// filled is an object as a value: nil without fields.
func filled(o Item) any {
	if len(o) == 0 {
		return nil
	}
	return o
}

// any reports whether one of the rules that read the row gives a value.
func (s scope) any(rules map[string]*Rule) bool {
	for _, r := range rules {
		if r.Constant != nil {
			continue
		}
		if r.Fields != nil && r.Each == "" {
			if s.any(r.Fields) {
				return true
			}
			continue
		}
		if r.Text != nil {
			if v, err := s.texts(r); v != nil || err != nil {
				return true
			}
			continue
		}
		if v, err := s.plain(r); v != nil || err != nil {
			return true
		}
	}
	return false
}

func (s scope) texts(r *Rule) (any, error) {
	var out lang.Text
	for _, tag := range slices.Sorted(maps.Keys(r.Text)) {
		v, err := s.plain(r.Text[tag])
		if err != nil {
			return nil, within(err, tag, strings.Join(r.Text[tag].Column, ", "))
		}
		if t := tidy(plain(v)); t != "" {
			out = out.With(tag, t)
		}
	}
	if out.Empty() {
		return nil, nil
	}
	if _, ok := out.By[s.m.Language]; ok {
		out.Original = s.m.Language
	}
	return out, nil
}

func (s scope) each(r *Rule, f *field) (any, error) {
	v, err := s.nested(s.find(r.Each), r)
	if err != nil || v == nil {
		return nil, err
	}
	elements, ok := v.([]any)
	if !ok {
		elements = []any{v}
	}
	var out []Item
	for i, it := range elements {
		inner := s
		inner.it = it
		o, err := inner.object(r.Fields, f.of, "")
		if err != nil {
			return nil, within(err, strconv.Itoa(i+1), r.Each)
		}
		if len(o) > 0 {
			out = append(out, o)
		}
	}
	if out == nil {
		return nil, nil
	}
	return out, nil
}

// all is what several rules make, one after the other.
func (s scope) all(r *Rule, f *field) (any, error) {
	var out []Item
	for i, one := range r.All {
		v, err := s.value(one, &field{shape: object, of: f.of})
		if err != nil {
			return nil, within(err, strconv.Itoa(i+1), "")
		}
		switch v := v.(type) {
		case Item:
			out = append(out, v)
		case []Item:
			out = append(out, v...)
		}
	}
	if out == nil {
		return nil, nil
	}
	return out, nil
}

// plain is a rule's value before it has a shape.
func (s scope) plain(r *Rule) (v any, err error) {
	switch {
	case r.Constant != nil:
		v = r.Constant
	case r.CEL != "":
		if v, err = s.eval(r.program, r.CEL); err != nil {
			return nil, err
		}
		v = s.there(v)
	default:
		for _, path := range r.Column {
			if v = s.find(path); v != nil {
				break
			}
		}
	}
	if v, err = s.nested(v, r); err != nil {
		return nil, err
	}
	if t, ok := v.(string); ok && r.Clean == "html" {
		v = s.there(untagged(t))
	}
	if r.Lookup != nil {
		return looked(v, r)
	}
	if v == nil {
		v = r.Otherwise
	}
	return v, nil
}

// nested takes a cell apart that holds JSON or a list.
func (s scope) nested(v any, r *Rule) (any, error) {
	t, ok := v.(string)
	if !ok {
		return v, nil
	}
	if r.JSON {
		var inner any
		if err := json.Unmarshal([]byte(t), &inner); err != nil {
			return nil, Problem{Value: shorten(t), Reason: "is no JSON: " + err.Error()}
		}
		return inner, nil
	}
	if r.Split != "" {
		var out []any
		for part := range strings.SplitSeq(t, r.Split) {
			if part = strings.TrimSpace(part); s.there(part) != nil {
				out = append(out, part)
			}
		}
		if out == nil {
			return nil, nil
		}
		return out, nil
	}
	return v, nil
}

func looked(v any, r *Rule) (any, error) {
	if v != nil {
		if found, ok := r.Lookup[plain(v)]; ok {
			return found, nil
		}
	}
	if r.Otherwise != nil {
		return r.Otherwise, nil
	}
	if v == nil {
		return nil, nil
	}
	return nil, Problem{Value: shorten(plain(v)), Reason: "is not in the look-up, which has " + strings.Join(slices.Sorted(maps.Keys(r.Lookup)), ", ")}
}

// find is what stands at a path, nil if it is missing: first a column of that
// very name, then step by step into nested values.
func (s scope) find(path string) any {
	from := s.it
	if rest, ok := strings.CutPrefix(path, "/"); ok {
		path, from = rest, s.row
	}
	if path == "." {
		return s.there(from)
	}
	if o, ok := from.(map[string]any); ok {
		if v, ok := o[path]; ok {
			return s.there(v)
		}
	}
	for name := range strings.SplitSeq(path, ".") {
		switch v := from.(type) {
		case map[string]any:
			from = v[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			from = v[i]
		default:
			return nil
		}
	}
	return s.there(from)
}

// there is the value, nil where it stands for nothing.
func (s scope) there(v any) any {
	if t, ok := v.(string); ok {
		if trimmed := strings.TrimSpace(t); trimmed == "" || slices.Contains(s.m.Read.Missing, trimmed) {
			return nil
		}
	}
	return v
}

// tidy is a text without stray control characters and blanks around it.
func tidy(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == 0xFEFF:
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}

// untagged is the text of an HTML fragment; blocks become paragraphs.
func untagged(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(b.String())
		case html.TextToken:
			b.Write(z.Text())
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); slices.Contains([]string{"p", "br", "div", "li", "h1", "h2", "h3"}, string(name)) && !strings.HasSuffix(b.String(), "\n") {
				b.WriteByte('\n')
			}
		}
	}
}

// shaped turns a value into the shape of its field.
func (s scope) shaped(v any, r *Rule, f *field) (any, error) {
	switch f.shape {
	case texts:
		return filledText(lang.In1(s.m.Language, tidy(plain(v)))), nil
	case day:
		t, err := s.time(v, r)
		return t.Format(time.DateOnly), err
	case instant:
		return s.time(v, r)
	case integer:
		n, err := r.decimal(v)
		if err == nil && (n != math.Trunc(n) || math.Abs(n) > 1<<53) {
			err = Problem{Reason: "is no whole number"}
		}
		return int64(n), err
	case float:
		return r.decimal(v)
	case amount:
		return s.amount(v, r)
	case list:
		return strs(v), nil
	case answer:
		return v, nil
	case object, objects:
		return nil, Problem{Reason: "is no object: give fields"}
	}
	t := tidy(plain(v))
	if t == "" {
		return nil, nil
	}
	if f.among != nil && !slices.Contains(f.among, t) {
		return nil, Problem{Reason: "is none of " + strings.Join(f.among, ", ")}
	}
	return t, nil
}

func filledText(t lang.Text) any {
	if t.Empty() {
		return nil
	}
	return t
}

func strs(v any) any {
	elements, ok := v.([]any)
	if !ok {
		elements = []any{v}
	}
	out := make([]string, 0, len(elements))
	for _, e := range elements {
		if t := tidy(plain(e)); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// decimal reads a number as the rule says it is written.
func (r *Rule) decimal(v any) (float64, error) {
	if n, ok := v.(float64); ok {
		return n, nil
	}
	n, err := strconv.ParseFloat(r.point(plain(v)), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, Problem{Reason: "is no number"}
	}
	return n, nil
}

// point is a number as programs write it.
func (r *Rule) point(s string) string {
	s = strings.TrimSpace(s)
	if r.Thousands != "" {
		s = strings.ReplaceAll(s, r.Thousands, "")
	}
	if r.Decimal != "" {
		s = strings.Replace(s, r.Decimal, ".", 1)
	}
	return s
}

func (s scope) amount(v any, r *Rule) (any, error) {
	code := s.m.Currency
	if r.Currency != nil {
		c, err := s.plain(r.Currency)
		if err != nil {
			return nil, err
		}
		if c != nil {
			code = plain(c)
		}
	}
	if code == "" {
		return nil, Problem{Reason: "has no currency: give one in the mapping"}
	}
	n, err := r.decimal(v)
	if err != nil {
		return nil, err
	}
	if n < 0 {
		return nil, Problem{Reason: "is below zero"}
	}
	scaled := math.Round(n * math.Pow10(money.Exponent(code)))
	if scaled > 1<<53 {
		return nil, Problem{Reason: "is too large"}
	}
	return money.Amount{Minor: int64(scaled), Currency: code}, nil
}

// layouts that are understood without being named.
var layouts = []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04:05-0700"}

func (s scope) time(v any, r *Rule) (time.Time, error) {
	t := strings.TrimSpace(plain(v))
	for _, layout := range append(slices.Clone([]string(r.Date)), layouts...) {
		if layout == "excel" {
			if n, err := strconv.ParseFloat(t, 64); err == nil && n > 0 && n < 2_958_466 {
				return time.Date(1899, 12, 30, 0, 0, 0, 0, s.m.zone).Add(time.Duration(n * 24 * float64(time.Hour))), nil
			}
			continue
		}
		if at, err := time.ParseInLocation(layout, t, s.m.zone); err == nil {
			return at, nil
		}
	}
	want := layouts[0]
	if len(r.Date) > 0 {
		want = strings.Join(r.Date, " or ")
	}
	return time.Time{}, Problem{Reason: "is no date written as " + want}
}

// key is what identifies a row in its source.
func (m *Mapping) key(row map[string]any, seen map[string]int) (string, error) {
	if len(m.Key) == 1 && m.Key[0] == "content" {
		b, err := json.Marshal(row)
		if err != nil {
			return "", err
		}
		sum := sha256.Sum256(b)
		key := hex.EncodeToString(sum[:12])
		seen[key]++
		return key + "-" + strconv.Itoa(seen[key]), nil
	}
	s := scope{m: m, row: row, it: row}
	parts := make([]string, 0, len(m.Key))
	for _, path := range m.Key {
		v := s.find(path)
		if v == nil {
			return "", Problem{Column: path, Reason: "is empty, and identifies the row"}
		}
		parts = append(parts, strings.TrimSpace(plain(v)))
	}
	return strings.Join(parts, "/"), nil
}

// hash is the SHA-256 of an item's canonical JSON (keys sorted), in hex.
func (i Item) hash() (string, error) {
	b, err := json.Marshal(i) // sorts keys
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}
