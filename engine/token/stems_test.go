package token_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/engine/token"
)

func ExampleStems() {
	var s token.Stems
	fmt.Println(s.Append(nil, "The graphene batteries of 2027, and their electrodes", ""))
	fmt.Println(s.Append(nil, "石墨烯电池", "zh"))
	// Output:
	// [graphen batteri electrod]
	// [石墨 墨烯 烯电 电池]
}

func TestStems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, hint, want string }{
		{"", "", ""},
		{"forskningens och forskning", "sv", "forskning forskning"},
		{"Grüne Brücken", "de", "grun bruck"},
		{"l’économie d'État", "fr", "econom etat"},
		{"3D-printing 42 x é", "en", "3d print"},
		{"W-2027-0184", "en", ""},
		{"Łukasz wodorowy", "pl", "lukasz wodorowy"},
		{"用于 AI 的 算", "zh", "用于 ai 的 算"},
		{"Det är forskning om katalysatorer och den ska användas", "", "forskning katalysator anvand"},
		{"deep networks", "", "deep network"}, // nothing tells: English
	} {
		var s token.Stems
		for range 2 { // fresh and remembered
			if got := strings.Join(s.Append(nil, c.text, c.hint), " "); got != c.want {
				t.Errorf("%q in %q: %q, want %q", c.text, c.hint, got, c.want)
			}
		}
	}
}

func FuzzStems(f *testing.F) {
	f.Add("l’eau\u00ad\xff 石墨烯abc ｶﾞ", "")
	f.Fuzz(func(t *testing.T, text, hint string) {
		var s token.Stems
		first := s.Append(nil, text, hint)
		if again := s.Append([]string{"kept"}, text, hint); again[0] != "kept" || !slices.Equal(first, again[1:]) {
			t.Fatalf("%q then %q", first, again)
		}
		if slices.Contains(first, "") {
			t.Fatal("empty stem")
		}
	})
}
