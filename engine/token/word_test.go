package token_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/engine/token"
)

func ExampleTokens() {
	fmt.Println(token.Tokens("Award W-2027-0184", "en"))
	fmt.Println(token.Tokens("Grüne Brücken", "de"))
	fmt.Println(token.Tokens("石墨烯电池", "zh"))
	// Output:
	// [award w-2027-0184 w 2027 0184]
	// [grüne grune grun brücken brucken bruck]
	// [石墨 墨烯 烯电 电池 池]
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, hint, want string }{
		{"", "", ""},
		{"Batteries", "en", "batteries batteri"},
		{"forskningens", "sv", "forskningens forskning"},
		{"l’économie d'État", "fr", "leconomie economie econom detat etat"},
		{"ﬁne Ｆｕｌｌ ５", "zh", "fine full 5"},
		{"Bjørn Łukasz Œuvre Straße", "pl", "bjorn lukasz oeuvre strasse"},
		{"Malmö", "pl", "malmö malmo"},
		{"e-mail co‑operation", "zh", "email e mail cooperation co operation"},
		{"10.5281/zenodo.77 3.14", "", "10.5281/zenodo.77 10 5281 zenodo 77 3.14 3 14"},
		{"and/or so: yes", "zh", "and or so yes"},
		{"end. Next", "zh", "end next"},
		{"x--y", "zh", "x y"},
		{"Li₂O CO₂", "zh", "li2o co2"},
		{"col\u00adour", "zh", "colour"},
		{"e\u0301te\u0301", "zh", "ete"},
		{"ｶﾞﾗｽ 東京タワー 서울", "ja", "ガラ ラス ス 東京 京タ タワ ワー ー 서울 울"},
		{"3D打印", "zh", "3d 打印 印"},
		{"й ё", "ru", "й ё"},
		{"don't", "en", "dont"},
	} {
		got := strings.Join(token.Tokens(c.text, c.hint), " ")
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q in %q: %s", c.text, c.hint, d)
		}
	}
}

func TestGuess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, word, want string }{
		{"Vi undersöker hur den nya forskningen om katalysatorer kan användas", "katalysatorer", "katalysator"},
		{"The sensors are placed in the river and on the banks", "sensors", "sensor"},
		{"Die Untersuchungen werden mit der Hochschule und den Partnern gemacht", "untersuchungen", "untersuch"},
		{"Les recherches sur la mer et dans les fleuves", "recherches", "recherch"},
	} {
		for _, w := range token.Words(c.text, "") {
			if w.Forms[0] == c.word && (!slices.Contains(w.Forms, c.want) || len(w.Forms) > 2) {
				t.Errorf("%s: %v", c.word, w.Forms)
			}
		}
	}
	// No telling word: all stems.
	if got := token.Tokens("Batterien", ""); !slices.Contains(got, "batteri") || !slices.Contains(got, "batterien") {
		t.Error(got)
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"W-2027-0184", "石墨烯abc", "l’eau\u00ad\xff", "ｶﾞ", "'a'", "a-b-c/3", "İstanbul ŉ", "\u0301"} {
		f.Add(s, "")
		f.Add(s, "fr")
	}
	f.Fuzz(func(t *testing.T, text, hint string) {
		for _, w := range token.Words(text, hint) {
			if w.Start < 0 || w.Start >= w.End || w.End > len(text) {
				t.Fatalf("place %d to %d", w.Start, w.End)
			}
			if len(w.Forms) == 0 {
				t.Fatal("no form")
			}
			for _, form := range w.Forms {
				if form == "" || !utf8.ValidString(form) || strings.ContainsFunc(form, func(c rune) bool {
					return unicode.IsSpace(c) || unicode.IsControl(c) || strings.ContainsRune("\"'\\=()*", c)
				}) {
					t.Fatalf("form %q", form)
				}
			}
		}
	})
}
