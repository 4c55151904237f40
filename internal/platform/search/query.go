package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// term is one thing that must stand in a record: any of its forms or, for a
// code or a hyphened word, all of its parts.
type term struct {
	forms  []string
	prefix bool // the first form may be only the beginning
	parts  []term
}

// terms reads what a person typed. Its language is not known (an English name is
// looked for among Swedish records), so each word may be met by its stem in any
// language. Words that say nothing ("the", "och") are left out unless there are
// no others. With typing, the last word may be unfinished.
func terms(text string, typing bool) []term {
	if len(text) > 1000 {
		text = strings.ToValidUTF8(text[:1000], "")
	}
	runs := split(text)
	var all, telling []term
	for i := 0; i < len(runs); {
		j := i + 1
		for j < len(runs) && runs[j].joined {
			j++
		}
		last := typing && j == len(runs) && runs[j-1].end == len(text)
		t := termOf(text, runs[i:j], last)
		i = j
		if t.forms == nil && t.parts == nil {
			continue
		}
		all = append(all, t)
		if len(t.parts) > 0 || t.prefix || !common(t.forms[0]) {
			telling = append(telling, t)
		}
		if len(all) == 24 {
			break
		}
	}
	if len(telling) > 0 {
		return telling
	}
	return all
}

func termOf(text string, runs []run, last bool) term {
	r := runs[0]
	switch {
	case r.pairs:
		return pairsTerm(text, r)
	case len(runs) == 1:
		return word(text, r, last)
	}
	var t term
	for k, r := range runs {
		if part := word(text, r, last && k == len(runs)-1); part.forms != nil {
			t.parts = append(t.parts, part)
		}
	}
	if w, ok := compound(text, runs, false); ok {
		t.forms, t.prefix = w.Forms, last
	}
	return t
}

// word is the term of one run. A single letter is no beginning: too much begins with it.
func word(text string, r run, last bool) term {
	forms := formsOf(text[r.start:r.end], stemmers, false)
	return term{forms: forms, prefix: last && len(forms) > 0 && utf8.RuneCountInString(forms[0]) > 1}
}

// pairsTerm asks for all pairs; a single character for any pair that begins with it.
func pairsTerm(text string, r run) term {
	words := pairsOf(text, r)
	switch len(words) {
	case 0:
		return term{}
	case 1:
		return term{forms: words[0].Forms, prefix: true}
	case 2:
		return term{forms: words[0].Forms}
	}
	var t term
	for _, w := range words[:len(words)-1] {
		t.parts = append(t.parts, term{forms: w.Forms})
	}
	return t
}

// grammar is how a database writes a question. Forms hold neither quotation
// marks nor spaces nor backslashes, so that quoting them is enough.
type grammar struct{ quote, prefix, and, or, not string }

var (
	fts5    = grammar{`"`, `*`, " AND ", " OR ", " NOT "}
	tsquery = grammar{`'`, `:*`, " & ", " | ", " & !"}
)

// all asks for every term; sign is set before each form.
func (g grammar) all(list []term, sign string) string {
	var out []string
	for _, t := range list {
		out = append(out, g.one(t, sign))
	}
	return "(" + strings.Join(out, g.and) + ")"
}

func (g grammar) one(t term, sign string) string {
	var out []string
	for i, f := range t.forms {
		f = g.quote + sign + f + g.quote
		if i == 0 && t.prefix {
			f += g.prefix
		}
		out = append(out, f)
	}
	if len(t.parts) > 0 {
		out = append(out, g.all(t.parts, sign))
	}
	return "(" + strings.Join(out, g.or) + ")"
}

// keyTerms ask for any of the keys of each group.
func keyTerms(groups [][]string) []term {
	var out []term
	for _, g := range groups {
		out = append(out, term{forms: g})
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
