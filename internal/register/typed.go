package register

import (
	"strings"
	"unicode"
)

// begins are the patterns of names that begin with a text, or hold a word that does; none for "".
func begins(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text + "%", "% " + text + "%"}
}

// mostCuts bounds in how many places a name is divided.
const mostCuts = 4

// readings are the patterns of a full name, as far as it is typed: it is kept as "castellan, mira", and people type
// "mira castellan" as well as "castellan mira" or "王小明".
func readings(text string) (patterns []string) {
	if strings.Contains(text, ",") {
		return nil
	}
	for _, cut := range cuts(text) {
		a, b := strings.TrimSpace(text[:cut]), strings.TrimSpace(text[cut:])
		patterns = append(patterns, a+"%, "+b+"%", b+"%, "+a+"%")
	}
	return patterns
}

// cuts are where one part of a name may end and the other begin: at blanks; in Chinese characters behind a family name
// of one or two.
func cuts(text string) (at []int) {
	letters := 0
	for i, c := range text {
		if c == ' ' || letters > 0 && letters <= 2 && unicode.Is(unicode.Han, c) {
			at = append(at, i)
		}
		letters++
	}
	return at[:min(len(at), mostCuts)]
}
