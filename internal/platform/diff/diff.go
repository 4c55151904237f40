// Package diff says what is different between two texts, word by word, with as
// few words taken out and put in as possible.
package diff

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what happened to a run of words.
type Kind string

// The kinds of run.
const (
	Same Kind = "same" // stands in both
	Del  Kind = "del"  // stands in the first only
	Ins  Kind = "ins"  // stands in the second only
)

// Run is words that belong together. The runs that are not Ins make the first
// text when joined, the runs that are not Del make the second.
type Run struct {
	Kind Kind
	Text string
}

// Words compares a with b. A word is a run of letters and digits; each Chinese,
// Japanese or Korean character, and each sign, is one of its own. It is the
// linear-space variant of E. W. Myers, An O(ND) Difference Algorithm and Its
// Variations (1986), section 4b: O((n+m)·d) time for d words that differ, O(n+m)
// memory. Parts that differ in more than some thousand words are given as one
// replacement.
func Words(a, b string) []Run {
	var d differ
	d.compare(split(a), split(b))
	return joined(d.runs)
}

// split cuts a text into words, signs and blanks. Joined they are the text.
func split(s string) []string {
	var out []string
	for len(s) > 0 {
		n := first(s)
		out = append(out, s[:n])
		s = s[n:]
	}
	return out
}

// first is the length in bytes of the first word, sign or run of blanks of s.
func first(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	class := classOf(r)
	if class == sign {
		return n
	}
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if classOf(r) != class {
			break
		}
		n += size
	}
	return n
}

const (
	sign = iota
	letter
	blank
)

func classOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return sign
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return letter
	case unicode.IsSpace(r):
		return blank
	}
	return sign
}

// most bounds the work on one part: n·m above it is not looked into.
const most = 30_000_000

type differ struct{ runs []Run }

func (d *differ) put(kind Kind, words []string) {
	if len(words) > 0 {
		d.runs = append(d.runs, Run{kind, strings.Join(words, "")})
	}
}

func (d *differ) compare(a, b []string) {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	d.put(Same, a[:head])
	a, b = a[head:], b[head:]
	tail := 0
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	rest := a[len(a)-tail:]
	a, b = a[:len(a)-tail], b[:len(b)-tail]
	if len(a) == 0 || len(b) == 0 || len(a)*len(b) > most {
		d.put(Del, a)
		d.put(Ins, b)
	} else {
		x, y, u, v := middle(a, b)
		d.compare(a[:x], b[:y])
		d.put(Same, a[x:u])
		d.compare(a[u:], b[v:])
	}
	d.put(Same, rest)
}

// middle is the middle snake of a shortest edit script from a to b: a[x:u] and
// b[y:v] are the same words, and a shortest script leads through them. a and b
// are not empty and differ in their first and in their last word.
func middle(a, b []string) (x, y, u, v int) {
	n, m := len(a), len(b)
	delta, half := n-m, (n+m+1)/2
	// The furthest x on each diagonal k, from the front and from the back; k may be negative.
	front, back := make([]int, 2*half+3), make([]int, 2*half+3)
	for d := 0; ; d++ {
		for k := -d; k <= d; k += 2 {
			x = furthest(front, half+1, k, d)
			y = x - k
			u, v = x, y
			for u < n && v < m && a[u] == b[v] {
				u, v = u+1, v+1
			}
			front[half+1+k] = u
			if r := delta - k; delta%2 != 0 && r > -d && r < d && u+back[half+1+r] >= n {
				return x, y, u, v
			}
		}
		for k := -d; k <= d; k += 2 {
			x = furthest(back, half+1, k, d)
			y = x - k
			u, v = x, y
			for u < n && v < m && a[n-1-u] == b[m-1-v] {
				u, v = u+1, v+1
			}
			back[half+1+k] = u
			if f := delta - k; delta%2 == 0 && f >= -d && f <= d && u+front[half+1+f] >= n {
				return n - u, m - v, n - x, m - y
			}
		}
	}
}

// furthest is where a path with d differences can begin to run along diagonal k.
func furthest(reached []int, zero, k, d int) int {
	if d == 0 {
		return 0
	}
	if k == -d || k != d && reached[zero+k-1] < reached[zero+k+1] {
		return reached[zero+k+1]
	}
	return reached[zero+k-1] + 1
}

// joined puts neighbours of one kind together, and takes blanks between two
// changes into both: "old way" to "new path" is one change, not two.
func joined(runs []Run) []Run {
	var out []Run
	var del, ins strings.Builder
	flush := func() {
		if del.Len() > 0 {
			out = append(out, Run{Del, del.String()})
		}
		if ins.Len() > 0 {
			out = append(out, Run{Ins, ins.String()})
		}
		del.Reset()
		ins.Reset()
	}
	for i, r := range runs {
		switch {
		case r.Kind == Del:
			del.WriteString(r.Text)
		case r.Kind == Ins:
			ins.WriteString(r.Text)
		case del.Len() > 0 && ins.Len() > 0 && i+1 < len(runs) && strings.TrimSpace(r.Text) == "" && !strings.Contains(r.Text, "\n"):
			del.WriteString(r.Text)
			ins.WriteString(r.Text)
		default:
			flush()
			if n := len(out); n > 0 && out[n-1].Kind == Same {
				out[n-1].Text += r.Text
				continue
			}
			out = append(out, r)
		}
	}
	flush()
	return out
}
