package token

import (
	"strings"
	"unicode/utf8"
)

// Asked is one thing that must stand in a text: any of its forms or, for a
// code or a hyphened word, all of its parts.
type Asked struct {
	Forms  []string
	Prefix bool // the first form may be only the beginning
	Parts  []Asked
}

// Ask reads what a person typed. Its language is not known (an English name is
// looked for among Swedish records), so each word may be met by its stem in any
// language. Words that say nothing ("the", "och") are left out unless there are
// no others. With typing, the last word may be unfinished.
func Ask(text string, typing bool) []Asked {
	if len(text) > 1000 {
		text = strings.ToValidUTF8(text[:1000], "")
	}
	runs := split(text)
	var all, telling []Asked
	for i := 0; i < len(runs); {
		j := i + 1
		for j < len(runs) && runs[j].joined {
			j++
		}
		last := typing && j == len(runs) && runs[j-1].end == len(text)
		t := askedOf(text, runs[i:j], last)
		i = j
		if t.Forms == nil && t.Parts == nil {
			continue
		}
		all = append(all, t)
		if len(t.Parts) > 0 || t.Prefix || !common(t.Forms[0]) {
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

func askedOf(text string, runs []run, last bool) Asked {
	r := runs[0]
	switch {
	case r.pairs:
		return askedPairs(text, r)
	case len(runs) == 1:
		return word(text, r, last)
	}
	var t Asked
	for k, r := range runs {
		if part := word(text, r, last && k == len(runs)-1); part.Forms != nil {
			t.Parts = append(t.Parts, part)
		}
	}
	if w, ok := compound(text, runs, false); ok {
		t.Forms, t.Prefix = w.Forms, last
	}
	return t
}

// word is the term of one run. A single letter is no beginning: too much begins with it.
func word(text string, r run, last bool) Asked {
	forms := formsOf(text[r.start:r.end], stemmers, false)
	return Asked{Forms: forms, Prefix: last && len(forms) > 0 && utf8.RuneCountInString(forms[0]) > 1}
}

// askedPairs asks for all pairs; a single character for any pair that begins with it.
func askedPairs(text string, r run) Asked {
	words := pairsOf(text, r)
	switch len(words) {
	case 0:
		return Asked{}
	case 1:
		return Asked{Forms: words[0].Forms, Prefix: true}
	case 2:
		return Asked{Forms: words[0].Forms}
	}
	var t Asked
	for _, w := range words[:len(words)-1] {
		t.Parts = append(t.Parts, Asked{Forms: w.Forms})
	}
	return t
}
