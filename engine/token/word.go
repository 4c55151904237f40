package token

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Word is a word of a text with the tokens under which it is indexed.
type Word struct {
	Start, End int      // bytes in the text
	Forms      []string // distinct; the first is the word itself
}

// Tokens are the tokens under which text is indexed, in the order of the text;
// a word that stands twice gives its tokens twice. hint is the language of the
// text as a BCP 47 tag.
//
//   - Words are runs of letters, marks and numbers (apostrophes and soft hyphens
//     within them do not part them), in Unicode's NFKC and lower case.
//   - Stems are given beside the word for English, Swedish, German and French
//     (Porter, 2001, the Snowball algorithms). With hint "" the language is
//     guessed from its commonest words; where they do not tell, as in many
//     titles, the stems of all four are given. Any other hint: no stems.
//   - Diacritics are removed, except that å, ä, ö and ü, letters of their own in
//     Swedish and German, are kept beside their bare form: "malmo" finds
//     "Malmö", "får" does not find "far".
//   - Chinese, Japanese and Korean characters are indexed in overlapping pairs,
//     the last of a run also alone, so that each begins a token.
//   - Numbers and codes joined by - / . _ : are one token as well as their parts:
//     "W-2027-0184"; words with a hyphen are indexed in parts and as if without.
//
// A form never holds a space, a quotation mark or a control character.
func Tokens(text, hint string) []string {
	var out []string
	for _, w := range Words(text, hint) {
		out = append(out, w.Forms...)
	}
	return out
}

// Words is Tokens with the places of the words, for marking them. Words may
// overlap: a code covers its parts.
func Words(text, hint string) []Word {
	runs := split(text)
	return analyse(text, runs, languages(text, runs, hint), true)
}

// run is a stretch of text[start:end] of one sort.
type run struct {
	start, end int
	pairs      bool // Chinese, Japanese, Korean
	joined     bool // to the run before it by a single joining sign
	sign       rune // that sign
}

// split cuts text into runs of word characters.
func split(text string) []run {
	var out []run
	end := -1 // of the last run, when only one joining sign stands since
	var sign rune
	for i := 0; i < len(text); {
		c, n := utf8.DecodeRuneInString(text[i:])
		if !wordly(c) {
			if end == i && sign == 0 && strings.ContainsRune("-‐‑/._:", c) {
				sign, end = c, i+n
			} else {
				end = -1
			}
			i += n
			continue
		}
		r := run{start: i, pairs: paired(c), joined: end == i && i > 0, sign: sign}
		r.joined = r.joined && len(out) > 0 && sign != 0 && !r.pairs && !out[len(out)-1].pairs
		i = extend(text, i, r.pairs)
		r.end = i
		out = append(out, r)
		end, sign = i, 0
	}
	return out
}

// extend is the end of the run that begins at i.
func extend(text string, i int, pairs bool) int {
	for i < len(text) {
		c, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case wordly(c) && (paired(c) == pairs || unicode.Is(unicode.M, c)):
		case c == '\u00ad' || c == '\u200c' || c == '\u200d': // soft hyphen, joiners
		case !pairs && (c == '\'' || c == '’'):
			if next, _ := utf8.DecodeRuneInString(text[i+n:]); !unicode.IsLetter(next) || paired(next) {
				return i
			}
		default:
			return i
		}
		i += n
	}
	return i
}

func wordly(c rune) bool {
	return unicode.IsLetter(c) || unicode.IsNumber(c) || unicode.Is(unicode.M, c)
}

// paired reports whether c is of a script that is written without spaces or, as
// Korean, inflects by characters.
func paired(c rune) bool {
	return c >= 0x1100 && (unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		c == 'ー' || c == '\uff70' || c == '\uff9e' || c == '\uff9f')
}

// analyse gives every run its forms, and words for codes and hyphened words.
// For indexing (full) the forms include those that a query without diacritics
// would ask for.
func analyse(text string, runs []run, langs []stemmer, full bool) []Word {
	var out []Word
	seen := map[string][]string{}
	for i := 0; i < len(runs); i++ {
		r := runs[i]
		if r.pairs {
			out = append(out, pairsOf(text, r)...)
			continue
		}
		j := i + 1
		for j < len(runs) && runs[j].joined {
			j++
		}
		if j > i+1 {
			if w, ok := compound(text, runs[i:j], full); ok {
				out = append(out, w)
			}
		}
		for ; i < j; i++ {
			s := text[runs[i].start:runs[i].end]
			forms, ok := seen[s]
			if !ok {
				forms = formsOf(s, langs, full)
				seen[s] = forms
			}
			if len(forms) > 0 {
				out = append(out, Word{runs[i].start, runs[i].end, forms})
			}
		}
		i--
	}
	return out
}

// compound is the word for runs joined by signs: the whole code when it holds a
// digit, else, when only hyphens join, the word without them.
func compound(text string, runs []run, full bool) (Word, bool) {
	start, end := runs[0].start, runs[len(runs)-1].end
	whole := text[start:end]
	digit := strings.IndexFunc(whole, unicode.IsNumber) >= 0
	if end-start > 200 {
		return Word{}, false // no code: a table's rule, an encoded file
	}
	var b strings.Builder
	for i, r := range runs {
		hyphen := strings.ContainsRune("-‐‑", r.sign)
		if i > 0 && !digit && !hyphen {
			return Word{}, false
		}
		if i > 0 && digit {
			if hyphen {
				b.WriteByte('-')
			} else {
				b.WriteRune(r.sign)
			}
		}
		b.WriteString(text[r.start:r.end])
	}
	return Word{start, end, formsOf(b.String(), nil, full)}, true
}

// pairsOf is the overlapping pairs of a run, the last character also alone.
func pairsOf(text string, r run) []Word {
	s := clean(text[r.start:r.end])
	chars := []rune(s)
	at := make([]int, 0, len(chars)+1) // where each character stands in text
	for i := range text[r.start:r.end] {
		at = append(at, r.start+i)
	}
	exact := len(at) == len(chars)
	at = append(at, r.end)
	var out []Word
	for i := range chars {
		w := Word{r.start, r.end, []string{string(chars[i:min(i+2, len(chars))])}}
		if exact {
			w.Start, w.End = at[i], at[min(i+2, len(chars))]
		}
		out = append(out, w)
	}
	return out
}

// formsOf is the tokens of one word.
func formsOf(s string, langs []stemmer, full bool) []string {
	s = clean(s)
	if s == "" || len(s) > 200 {
		return nil
	}
	forms := make([]string, 0, 4)
	add := func(s string) {
		if s != "" && !slices.Contains(forms, s) {
			forms = append(forms, s)
		}
	}
	both := func(s string) {
		s = strings.ReplaceAll(s, "'", "")
		add(fold(s, false))
		if full {
			add(fold(s, true))
		}
	}
	s = strings.ReplaceAll(s, "’", "'")
	both(s)
	if !stemmable(s) {
		return forms
	}
	both(elide(s))
	for _, lang := range langs {
		both(lang.stem(s))
	}
	return forms
}

// clean is NFKC and lower case, without invisible characters.
func clean(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	// Compatibility forms bring signs along ("⑴" is "(1)"): only what words are
	// made of stays.
	return strings.Map(func(c rune) rune {
		switch {
		case c == '⁄':
			return '/'
		case wordly(c) || strings.ContainsRune("-/._:'’", c):
			return c
		}
		return -1
	}, norm.NFKC.String(strings.ToLower(norm.NFKC.String(s))))
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// letters that are not a base letter with a mark in Unicode's eyes.
var plain = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ð': "d", 'đ': "d", 'þ': "th", 'ł': "l", 'ı': "i", 'ħ': "h"}

// fold removes diacritics; å, ä, ö and ü only when all is set.
func fold(s string, all bool) string {
	if ascii(s) {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		switch p, ok := plain[c]; {
		case ok:
			b.WriteString(p)
		case !all && strings.ContainsRune("åäöü", c):
			b.WriteRune(c)
		default:
			for _, d := range norm.NFD.String(string(c)) {
				if !unicode.Is(unicode.Mn, d) || !unicode.IsOneOf(european, c) && !unicode.Is(unicode.Mn, c) {
					b.WriteRune(d)
				}
			}
		}
	}
	return norm.NFC.String(b.String())
}

// Only in these scripts is a mark an ornament of its letter; elsewhere it is a
// letter in its own right.
var european = []*unicode.RangeTable{unicode.Latin, unicode.Greek}

func stemmable(s string) bool {
	n := 0
	for _, c := range s {
		if c != '\'' && !unicode.Is(unicode.Latin, c) {
			return false
		}
		n++
	}
	return n > 2 && n < 60
}
