package retention

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// withoutAddress is a text without an address or identifier, in capitals or not, where it is not the part of a longer one.
func withoutAddress(text, word string) string {
	return replaceWhere(text, lowerASCII(text), lowerASCII(word), func(before, after string) bool { return !addressGoesOn(before, after) })
}

// withoutName is a text without a name, where it is not the part of a longer one: by its letters, in scripts that part
// words, and by the longer names that are known, in all.
func withoutName(text, name string, longer []string) string {
	return replaceWhere(text, text, name, func(before, after string) bool {
		return !nameGoesOn(before, name, after) && !slices.ContainsFunc(longer, func(l string) bool { return within(before, name, after, l) })
	})
}

// lowerASCII has small letters for the capitals of ASCII, and is as long as the text was.
func lowerASCII(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// replaceWhere leaves a mark for a word of a text wherever what stands before and after it allows that. It is looked for in
// the text as it is read, which is as long.
func replaceWhere(text, read, word string, allowed func(before, after string) bool) string {
	var b strings.Builder
	done := 0
	for from := 0; word != ""; {
		i := strings.Index(read[from:], word)
		if i < 0 {
			break
		}
		at := from + i
		if !allowed(text[:at], text[at+len(word):]) {
			_, size := utf8.DecodeRuneInString(text[at:])
			from = at + size
			continue
		}
		b.WriteString(text[done:at] + erased)
		from = at + len(word)
		done = from
	}
	return b.String() + text[done:]
}

// within reports whether a word stands in a text as a part of a longer name.
func within(before, word, after, longer string) bool {
	for from := 0; ; {
		i := strings.Index(longer[from:], word)
		if i < 0 {
			return false
		}
		at := from + i
		if strings.HasSuffix(before, longer[:at]) && strings.HasPrefix(after, longer[at+len(word):]) {
			return true
		}
		_, size := utf8.DecodeRuneInString(longer[at:])
		from = at + size
	}
}

// addressGoesOn reports whether letters of an address go on before or after. Letters of other scripts do not: Chinese
// has no space before an address. Nor does a point after it, which ends sentences.
func addressGoesOn(before, after string) bool {
	last, rest := lastRune(before)
	next, size := utf8.DecodeRuneInString(after)
	beyond, _ := utf8.DecodeRuneInString(after[size:])
	further, _ := lastRune(rest)
	return alphanumeric(last) || strings.ContainsRune("._%+-", last) && alphanumeric(further) || alphanumeric(next) || next == '-' && alphanumeric(beyond)
}

func alphanumeric(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// nameGoesOn reports whether a letter of a script that parts words stands right before or after a name that begins and
// ends with one, or a hyphen binds it to another name.
func nameGoesOn(before, name, after string) bool {
	last, rest := lastRune(before)
	further, _ := lastRune(rest)
	first, _ := utf8.DecodeRuneInString(name)
	end, _ := utf8.DecodeLastRuneInString(name)
	next, size := utf8.DecodeRuneInString(after)
	beyond, _ := utf8.DecodeRuneInString(after[size:])
	return parted(last) && parted(first) || last == '-' && parted(further) && parted(first) ||
		parted(end) && parted(next) || parted(end) && next == '-' && unicode.IsUpper(beyond) // not in "Quillfeather-led"
}

// unparted are the scripts that write words without a space between them, or, as Korean, particles right after a name.
var unparted = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan}

// parted reports whether a rune is of a word in a script that parts words.
func parted(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)) && !unicode.In(r, unparted...)
}

// escape is the end of a text that stands for another sign: many columns hold JSON, in which "<" is six letters.
var escape = regexp.MustCompile(`(\\+)(u[0-9a-fA-F]{4}|[bfnrt])$`)

// lastRune is the last sign of a text, and the text without it.
func lastRune(text string) (rune, string) {
	tail := text[max(0, len(text)-16):] // more than enough to see whether a backslash is itself written by one
	if m := escape.FindStringSubmatch(tail); m != nil && len(m[1])%2 == 1 {
		rest := text[:len(text)-len(m[2])-1]
		if m[2][0] != 'u' {
			return ' ', rest
		}
		n, _ := strconv.ParseUint(m[2][1:], 16, 32) // the pattern lets nothing else through
		return rune(n), rest
	}
	r, size := utf8.DecodeLastRuneInString(text)
	return r, text[:len(text)-size]
}
