package search

import (
	"strings"
	"unicode/utf8"

	"github.com/headwater-platform/headwater/engine/token"
)

// marker finds the words asked for in a text.
type marker struct {
	forms    map[string]bool
	prefixes []string
}

func newMarker(list []token.Asked) marker {
	m := marker{forms: map[string]bool{}}
	m.add(list)
	return m
}

func (m *marker) add(list []token.Asked) {
	for _, t := range list {
		for i, f := range t.Forms {
			m.forms[f] = true
			if i == 0 && t.Prefix {
				m.prefixes = append(m.prefixes, f)
			}
		}
		m.add(t.Parts)
	}
}

func (m marker) has(w token.Word) bool {
	for _, f := range w.Forms {
		if m.forms[f] {
			return true
		}
		for _, p := range m.prefixes {
			if strings.HasPrefix(f, p) {
				return true
			}
		}
	}
	return false
}

// marks are where the words stand, in order, not overlapping.
func (m marker) marks(text, language string) []Mark {
	if len(m.forms) == 0 {
		return nil
	}
	var out []Mark
	for _, w := range token.Words(text, language) {
		switch last := len(out) - 1; {
		case !m.has(w):
		case last >= 0 && w.Start <= out[last].End:
			out[last].End = max(out[last].End, w.End)
		default:
			out = append(out, Mark{w.Start, w.End})
		}
	}
	return out
}

const (
	snippetBytes = 240
	pieceBytes   = 1500
)

// snippet is the part of the body around the first word asked for. The body is
// looked through piece by piece, since that word mostly stands early.
func (m marker) snippet(body, language string) (string, []Mark) {
	from := 0
	if len(m.forms) > 0 {
		for start := 0; start < len(body); {
			end := boundary(body, start+pieceBytes)
			if marks := m.marks(body[start:end], language); len(marks) > 0 {
				from = start + marks[0].Start
				break
			}
			start = end
		}
	}
	start := from - snippetBytes/4
	if start <= 0 {
		start = 0
	} else {
		start = boundary(body, start)
		start = min(start, from)
	}
	end := boundary(body, start+snippetBytes)
	text := strings.TrimSpace(body[start:end])
	marks := m.marks(text, language)
	if end < len(body) {
		text += " …"
	}
	if start > 0 {
		text = "… " + text
		for i := range marks {
			marks[i].Start += len("… ")
			marks[i].End += len("… ")
		}
	}
	return text, marks
}

// boundary is the place after the next space from i on; where none is near, as in
// Chinese, the next character.
func boundary(s string, i int) int {
	if i >= len(s) {
		return len(s)
	}
	for j := i; j < min(len(s), i+40); j++ {
		if s[j] == ' ' || s[j] == '\n' {
			return j + 1
		}
	}
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return i
}
