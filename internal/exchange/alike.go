package exchange

import (
	"strings"
	"unicode"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// alikeRow is the first award with its marks.
type alikeRow struct{ key, funder string }

// compare looks for an award that seems to be the same one as e under another
// funder: with the same values of the mapping's alike rules, or without them the
// same title, holder and first day. They are told, never merged: only people
// know which of the two is right.
func (r *run) compare(e entry) {
	if r.m.Kind != "awards" {
		return
	}
	marks := r.marks(e)
	if marks == "" {
		return
	}
	funder := funderOf(e.item)
	first, ok := r.alike[marks]
	if !ok {
		r.alike[marks] = alikeRow{e.key, funder}
		return
	}
	if first.funder == funder {
		return
	}
	r.report.Alikes++
	if len(r.report.Alike) < mostAlike {
		title, _ := e.item["title"].(lang.Text)
		r.report.Alike = append(r.report.Alike, Alike{e.key, first.key, title.In(lang.English)})
	}
}

func funderOf(i Item) string {
	if o, ok := i["funder"].(Item); ok {
		return wantOf("organisation", o).key
	}
	if o, ok := i["agency"].(Item); ok {
		return str(o, "key")
	}
	return ""
}

func (r *run) marks(e entry) string {
	if r.m.Alike != nil {
		s := scope{m: r.m, row: e.row.Values, it: e.row.Values}
		var parts []string
		for _, rule := range r.m.Alike {
			v, err := s.plain(rule)
			if err != nil || v == nil {
				return "" // a row without the mark is like no other
			}
			parts = append(parts, bones(plain(v)))
		}
		return strings.Join(parts, "\x00")
	}
	title, _ := e.item["title"].(lang.Text)
	holder := ""
	if o, ok := e.item["holder"].(Item); ok {
		holder = wantOf("organisation", o).key
	}
	var parts []string
	for _, tag := range title.Tags() {
		parts = append(parts, bones(title.By[tag]))
	}
	return strings.Join(append(parts, holder, str(e.item, "start")), "\x00")
}

// bones are the letters and digits of a text, so that dashes, commas and
// capitals make no difference.
func bones(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
