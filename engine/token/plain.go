package token

// Span is a word where it stands.
type Span struct {
	Start, End int    // bytes in the text
	Text       string // in lower case and without diacritics
}

// Plain are the words of a text one after the other, without overlaps, stems or
// codes; a script without spaces gives its characters one by one. It is for comparing
// texts word by word, where how a word is inflected is part of what was copied.
func Plain(text string) []Span {
	var out []Span
	for _, r := range split(text) {
		if !r.pairs {
			out = append(out, Span{r.start, r.end, fold(clean(text[r.start:r.end]), true)})
			continue
		}
		at := r.start
		for i := range text[r.start:r.end] {
			if next := r.start + i; next > at {
				out = append(out, Span{at, next, clean(text[at:next])})
				at = next
			}
		}
		out = append(out, Span{at, r.end, clean(text[at:r.end])})
	}
	return out
}
