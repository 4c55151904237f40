package conflict

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"
)

// Name is a person's name as it is written somewhere.
type Name struct{ Given, Family string }

// ParseName reads a name: "Family, Given", or the family name last, with the small words
// before it ("van der Berg"). Chinese, Japanese and Korean names have the family first.
func ParseName(s string) Name {
	if family, given, ok := strings.Cut(s, ","); ok {
		return Name{strings.TrimSpace(given), strings.TrimSpace(family)}
	}
	words := strings.Fields(s)
	switch {
	case len(words) == 0:
		return Name{}
	case len(words) == 1 && eastAsian(s):
		chars := []rune(words[0])
		family := 1
		if len(chars) > 2 && compound[string(chars[:2])] {
			family = 2
		}
		return Name{string(chars[family:]), string(chars[:family])}
	case eastAsian(s):
		return Name{strings.Join(words[1:], " "), words[0]}
	}
	at := len(words) - 1
	for at > 1 && particles[strings.ToLower(words[at-1])] {
		at--
	}
	return Name{strings.Join(words[:at], " "), strings.Join(words[at:], " ")}
}

// ParseNames reads a name beside which another stands in brackets or behind a stroke, as people write it who have one in
// two scripts: "王伟 (Wei Wang)", "Wei Wang / 王伟".
func ParseNames(s string) (out []Name) {
	for _, part := range strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune("()[]（）【】/／|", c) }) {
		if n := ParseName(part); n != (Name{}) {
			out = append(out, n)
		}
	}
	return out
}

var particles = set("van von der den de del della di da dos du la le ter ten af av zu bin ibn al el")

// compound are Chinese family names of two characters.
var compound = set("欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 南宫 南宮 夏侯 尉迟 尉遲 皇甫 公孙 公孫 慕容 钟离 鍾離 长孙 長孫 宇文 司徒 司空 令狐 呼延 端木 独孤 百里")

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

func eastAsian(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool {
		return unicode.In(c, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
	})
}

// SameName is how sure two names are one person's, from 0 to 1, by the names alone:
// 0.9 for the same full names, 0.8 in the other order, 0.5 where initials or a
// missing part leave it open, 0 where something differs. It never is 1: namesakes are common. A Chinese name
// meets its transliteration with a fifth less, since many characters share a reading.
func SameName(a, b Name) float64 {
	sure := max(same(a, b), 0.9*same(a, Name{b.Family, b.Given}))
	if han(a) != han(b) {
		sure *= 0.8
	}
	return sure
}

func han(n Name) bool {
	return strings.ContainsFunc(n.Family+n.Given, func(c rune) bool { return unicode.Is(unicode.Han, c) })
}

// same compares names in one order. Names are spelled in several ways; the likeliest pair of spellings counts.
func same(a, b Name) float64 {
	best := 0.0
	read := han(a) != han(b) // of two Chinese names the characters count, not how they sound
	for _, fa := range forms(a.Family, read) {
		for _, fb := range forms(b.Family, read) {
			if closed(fa) != closed(fb) || fa == "" {
				continue
			}
			for _, ga := range forms(a.Given, read) {
				for _, gb := range forms(b.Given, read) {
					best = max(best, given(strings.Fields(ga), strings.Fields(gb)))
				}
			}
		}
	}
	return best
}

// given compares given names in order: each pair equal, or one the other's initial.
func given(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0.3
	}
	if strings.Join(a, "") == strings.Join(b, "") && len(strings.Join(a, "")) > 1 {
		return 0.9 // Jean-Pierre, Jean Pierre; Xiaoming, Xiao Ming
	}
	sure := 0.9
	for i := range min(len(a), len(b)) {
		switch x, y := a[i], b[i]; {
		case x == y && len(x) > 1:
		case x == y, len(x) == 1 && strings.HasPrefix(y, x), len(y) == 1 && strings.HasPrefix(x, y):
			sure = 0.5
		default:
			return 0
		}
	}
	if len(a) != len(b) {
		sure = min(sure, 0.7) // a second name left out
	}
	return sure
}

// spellings are a name part in lower-case Latin letters: without its diacritics, and, where they are
// written out in another way too, so ("Müller": muller, mueller).
func spellings(s string) []string {
	s = strings.ToLower(strings.Map(func(c rune) rune {
		switch c {
		case '.', '-', '‐', '‑', '·':
			return ' '
		case '\'', '’', 'ʹ':
			return -1
		}
		return c
	}, norm.NFKC.String(s)))
	s = strings.Join(strings.Fields(s), " ")
	plain := fold(latin.Replace(s))
	written := fold(latin.Replace(german.Replace(s)))
	if plain == written {
		return []string{plain}
	}
	return []string{plain, written}
}

// forms are the spellings of a name part and, if they count, the readings of its Chinese characters.
func forms(s string, read bool) []string {
	out := spellings(s)
	if read && han(Name{Family: s}) {
		out = append(out, readings(out[0])...)
	}
	return out
}

// closed is a name part without its blanks: Ou Yang is Ouyang.
func closed(s string) string { return strings.ReplaceAll(s, " ", "") }

// mostReadings bounds the ways in which a part of a name is read.
const mostReadings = 8

// readings are a part of a name in Chinese characters as Pinyin writes it, without tones: each way to read a character
// with each of the others, and ü in the ways in which passports have it.
func readings(s string) []string {
	args := pinyin.NewArgs()
	args.Heteronym = true
	args.Fallback = func(c rune, _ pinyin.Args) []string { return []string{string(c)} }
	out := []string{""}
	for _, ways := range pinyin.Pinyin(closed(s), args) {
		var next []string
		for _, way := range ways {
			for _, w := range umlaut(way) {
				for _, before := range out {
					if next = append(next, strings.TrimSpace(before+" "+w)); len(next) == mostReadings {
						break
					}
				}
			}
		}
		out = next[:min(len(next), mostReadings)]
	}
	return out
}

// umlaut are the ways to write a reading: lv (for lü) is Lu, Lyu and Lv.
func umlaut(way string) []string {
	if !strings.Contains(way, "v") {
		return []string{way}
	}
	return []string{strings.ReplaceAll(way, "v", "u"), strings.ReplaceAll(way, "v", "yu"), way}
}

var german = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe", "æ", "ae")

// latin writes letters in Latin that lose no mark to become so; Cyrillic by the
// passport rules of ICAO Doc 9303 (2021), table 6-B.
var latin = strings.NewReplacer("ß", "ss", "ø", "o", "æ", "ae", "œ", "oe", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i",
	"а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ё", "e", "ж", "zh", "з", "z", "и", "i", "й", "i", "к", "k", "л", "l", "м", "m",
	"н", "n", "о", "o", "п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f", "х", "kh", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "shch",
	"ъ", "ie", "ы", "y", "ь", "", "э", "e", "ю", "iu", "я", "ia", "і", "i", "ї", "i", "є", "ie", "ґ", "g")

func fold(s string) string {
	return norm.NFC.String(strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Mn, c) {
			return -1
		}
		return c
	}, norm.NFD.String(s)))
}

// SamePlace is how sure two names of organisations mean one, from 0 to 1: 0.9 for the same words in any order,
// 0.6 for the initials of the other, from 0.5 where all words of one stand in the other, such as with
// a department added, and 0 where each has a word that the other lacks ("Indian Institute of Technology", "MIT").
func SamePlace(a, b string) float64 {
	x, y := placeWords(a), placeWords(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	if slices.Equal(slices.Sorted(slices.Values(x)), slices.Sorted(slices.Values(y))) {
		return 0.9
	}
	if abbreviates(a, y) || abbreviates(b, x) {
		return 0.6
	}
	common, telling := 0, false
	for _, w := range x {
		if slices.Contains(y, w) {
			common++
			telling = telling || !general[w]
		}
	}
	if common == min(len(x), len(y)) && telling {
		return 0.5 + 0.4*float64(common)/float64(max(len(x), len(y))) // a department or town is added
	}
	return 0
}

// PlaceKey is the same for two names that SamePlace takes for the same words in any order (0.9), and for no others.
func PlaceKey(name string) string {
	words := placeWords(name)
	slices.Sort(words)
	return strings.Join(words, " ")
}

// placeWords are the words of an organisation's name as they are usually written, without those that bind.
func placeWords(s string) []string {
	words := strings.FieldsFunc(spellings(s)[0], func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) })
	words = slices.DeleteFunc(words, func(w string) bool { return bound[w] })
	for i, w := range words {
		if full, ok := shortened[w]; ok {
			words[i] = full
		}
	}
	return words
}

var bound = set("of the and for in at de des du la le l et fur und der die das von zu i och av a")

// general are words that many organisations have in their names.
var general = set("university institute technology technical national academy science college school department research centre center hospital laboratory state")

var shortened = map[string]string{"univ": "university", "universitat": "university", "universite": "university", "universitet": "university", "inst": "institute", "institut": "institute",
	"tech": "technology", "technol": "technology", "natl": "national", "acad": "academy", "sci": "science", "sciences": "science", "dept": "department"}

// abbreviates reports whether a name is the initials of words: in capitals, of three letters at least.
func abbreviates(short string, words []string) bool {
	short = strings.ReplaceAll(strings.TrimSpace(short), ".", "")
	if len(short) < 3 || len(short) != len(words) || strings.ToUpper(short) != short {
		return false
	}
	for i, w := range words {
		if !strings.HasPrefix(w, strings.ToLower(short[i:i+1])) {
			return false
		}
	}
	return true
}

// Identity is a known person with the names and organisations they go by.
type Identity struct {
	Names  []Name
	Places []string
}

// Mention is an author of unmatched text.
type Mention struct {
	Name  Name
	Place string // affiliation, "" where it is not known
}

// Matched says that a mention may be a person.
type Matched struct {
	Mention, Person int
	Confidence      float32
}

// least is the confidence from which a match is worth a person's look.
const least = 0.4

// Match finds the people that mentions may be, the surest of each mention first. Mentions meet people through a
// hash of family name and initial in both orders, so that time grows with
// the namesakes, not with people × mentions. The same organisation adds half of what a name leaves
// open; organisations that cannot be one take a third away.
func Match(people []Identity, mentions []Mention) []Matched {
	known := map[string][]int32{}
	for i, p := range people {
		for _, k := range keys(p.Names...) {
			known[k] = append(known[k], int32(i))
		}
	}
	var out []Matched
	for i, m := range mentions {
		var near []int32
		for _, k := range keys(m.Name) {
			near = append(near, known[k]...)
		}
		slices.Sort(near)
		from := len(out)
		for _, p := range slices.Compact(near) {
			if sure := sameMention(people[p], m); sure >= least {
				out = append(out, Matched{i, int(p), float32(sure)})
			}
		}
		slices.SortStableFunc(out[from:], func(a, b Matched) int { return cmp.Compare(b.Confidence, a.Confidence) })
	}
	return out
}

func sameMention(p Identity, m Mention) float64 {
	name, place := 0.0, 0.0
	for _, n := range p.Names {
		name = max(name, SameName(n, m.Name))
	}
	for _, o := range p.Places {
		place = max(place, SamePlace(o, m.Place))
	}
	switch {
	case place > 0:
		return name + (1-name)*place/2
	case m.Place != "" && len(p.Places) > 0:
		return name * 2 / 3
	}
	return name
}

// keys are family name and initial in all spellings and both orders, distinct.
func keys(names ...Name) []string {
	var out []string
	for _, n := range names {
		for _, order := range []Name{n, {n.Family, n.Given}} {
			for _, f := range forms(order.Family, true) {
				for _, g := range forms(order.Given, true) {
					initial := []rune(g + " ")[0]
					out = append(out, closed(f)+"\x00"+string(initial))
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
