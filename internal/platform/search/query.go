package search

import (
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/engine/token"
)

// grammar is how a database writes a question. Forms hold neither quotation
// marks nor spaces nor backslashes, so that quoting them is enough.
type grammar struct{ quote, prefix, and, or, not string }

var (
	fts5    = grammar{`"`, `*`, " AND ", " OR ", " NOT "}
	tsquery = grammar{`'`, `:*`, " & ", " | ", " & !"}
)

// all asks for every term; sign is set before each form.
func (g grammar) all(list []token.Asked, sign string) string {
	var out []string
	for _, t := range list {
		out = append(out, g.one(t, sign))
	}
	return "(" + strings.Join(out, g.and) + ")"
}

func (g grammar) one(t token.Asked, sign string) string {
	var out []string
	for i, f := range t.Forms {
		f = g.quote + sign + f + g.quote
		if i == 0 && t.Prefix {
			f += g.prefix
		}
		out = append(out, f)
	}
	if len(t.Parts) > 0 {
		out = append(out, g.all(t.Parts, sign))
	}
	return "(" + strings.Join(out, g.or) + ")"
}

// keyTerms ask for any of the keys of each group.
func keyTerms(groups [][]string) []token.Asked {
	var out []token.Asked
	for _, g := range groups {
		out = append(out, token.Asked{Forms: g})
	}
	return out
}

// key is the token for a property of a record. It begins with a sign that no
// word holds; what is not a lower-case letter or digit is escaped, so that
// different values never meet.
func key(name, value string) string {
	var b strings.Builder
	const hex = "0123456789abcdef"
	for _, s := range []string{name, value} {
		b.WriteByte('=')
		for i := range len(s) {
			c := s[i]
			if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
				b.WriteByte(c)
			} else {
				b.WriteString("_" + hex[c>>4:c>>4+1] + hex[c&15:c&15+1])
			}
		}
	}
	return b.String()
}

// keys are the tokens of a record's properties, sorted and distinct.
func (d Doc) keys() []string {
	out := []string{key("agency", d.Agency), key("language", d.Language)}
	for _, a := range d.Audience {
		out = append(out, key("audience", a), key("audience of "+d.Kind, a))
	}
	for name, values := range d.Facets {
		for _, v := range values {
			out = append(out, key("facet."+name, v))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// groups are the properties a query asks for: any of each group, all groups. A
// group without a value can be met by nothing.
func (q Query) groups() (out [][]string, possible bool) {
	add := func(name string, values []string) {
		var g []string
		for _, v := range values {
			g = append(g, key(name, v))
		}
		out = append(out, g)
	}
	if len(q.Audience) == 0 {
		return nil, false
	}
	if len(q.Kinds) == 0 {
		add("audience", q.Audience)
	} else { // one token for both: there are few lists as long as those of kinds and audiences
		var g []string
		for _, k := range q.Kinds {
			for _, a := range q.Audience {
				g = append(g, key("audience of "+k, a))
			}
		}
		out = append(out, g)
	}
	if len(q.Agencies) > 0 {
		add("agency", q.Agencies)
	}
	if len(q.Languages) > 0 {
		add("language", q.Languages)
	}
	names := make([]string, 0, len(q.Facets))
	for name, values := range q.Facets {
		if len(values) == 0 {
			return nil, false
		}
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		add("facet."+name, q.Facets[name])
	}
	return out, true
}
