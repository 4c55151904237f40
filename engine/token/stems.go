package token

import (
	"strings"
	"unicode"
)

// Stems counts words: it gives one form for each. It remembers words it has
// seen, since few words make up most of any text. The zero value is ready; it is
// not safe for concurrent use.
type Stems struct {
	seen [5]map[string]string // by language, the last for none; "" for what is left out
}

// remembered bounds the memory of Stems, in words a language.
const remembered = 1 << 18

// Append appends to dst one token for each word of the text: its stem, without
// diacritics, in the language of hint (BCP 47) or, where that is "", in the
// text's likeliest language. Chinese, Japanese and Korean characters are given in
// overlapping pairs. Left out are what tells nothing by itself: the commonest
// words of the language, single letters, numbers without a letter.
func (s *Stems) Append(dst []string, text, hint string) []string {
	runs := split(text)
	lang := s.language(text, runs, hint)
	if s.seen[lang] == nil {
		s.seen[lang] = map[string]string{}
	}
	for _, r := range runs {
		if r.pairs {
			dst = appendPairs(dst, text[r.start:r.end])
			continue
		}
		word := text[r.start:r.end]
		stem, ok := s.seen[lang][word]
		if !ok {
			stem = stemOf(word, lang)
			if len(s.seen[lang]) < remembered {
				s.seen[lang][strings.Clone(word)] = stem
			}
		}
		if stem != "" {
			dst = append(dst, stem)
		}
	}
	return dst
}

func (s *Stems) language(text string, runs []run, hint string) int {
	if hint == "" {
		best, _ := likeliest(text, runs)
		return best
	}
	base, _, _ := strings.Cut(strings.ToLower(hint), "-")
	for i, s := range stemmers {
		if s.tag == base {
			return i
		}
	}
	return len(stemmers)
}

func stemOf(word string, lang int) string {
	var langs []stemmer
	if lang < len(stemmers) {
		if stemmers[lang].common[strings.ToLower(word)] {
			return ""
		}
		langs = stemmers[lang : lang+1]
	}
	forms := formsOf(word, langs, true)
	if len(forms) == 0 || strings.IndexFunc(forms[0], unicode.IsLetter) < 0 {
		return ""
	}
	stem := forms[len(forms)-1]
	if len(stem) < 2 {
		return ""
	}
	return stem
}

func appendPairs(dst []string, run string) []string {
	chars := []rune(clean(run))
	if len(chars) == 1 {
		return append(dst, string(chars))
	}
	for i := range len(chars) - 1 {
		dst = append(dst, string(chars[i:i+2]))
	}
	return dst
}
