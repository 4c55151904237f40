package ical

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Folding: no line over 75 octets, no character cut, and taking the folds out gives the line back.
func TestFold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := strings.NewReplacer("\r", "", "\n", "").Replace(rapid.String().Draw(t, "line"))
		var b strings.Builder
		fold(&b, in)
		out, ok := strings.CutSuffix(b.String(), "\r\n")
		if !ok {
			t.Fatalf("%q does not end its line", b.String())
		}
		for _, l := range strings.Split(out, "\r\n") {
			if len(l) > 75 || !utf8.ValidString(l) {
				t.Fatalf("%d octets, or a cut character: %q", len(l), l)
			}
		}
		if back := strings.ReplaceAll(out, "\r\n ", ""); back != in {
			t.Fatalf("%q comes back as %q", in, back)
		}
	})
}

func TestEscape(t *testing.T) {
	t.Parallel()
	if got, want := escape("a;b,c\\d\r\ne\nf"), `a\;b\,c\\d\ne\nf`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
