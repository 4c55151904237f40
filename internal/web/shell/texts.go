package shell

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Texts reads what Texts sent: a text in the languages of the pages, with those
// that it had besides kept as they were.
func (f *Form) Texts(name string) lang.Text {
	t := lang.Text{Original: f.Get(name + "_original")}
	for _, tag := range append(tags(), f.Values[name+"_more"]...) {
		if s := f.Text(name + "_" + tag); s != "" {
			t = t.With(tag, s)
		}
	}
	if t.By[t.Original] == "" {
		original := t.Original
		t.Original = ""
		for _, tag := range t.Tags() {
			if t.Original == "" && tag != original {
				t.Original = tag
			}
		}
	}
	return t
}

func tags() (list []string) {
	for _, l := range lang.Locales {
		list = append(list, string(l))
	}
	return list
}

// more lists the languages of t that the pages have no field for.
func more(t lang.Text) (list []string) {
	for _, tag := range t.Tags() {
		if !slices.Contains(tags(), tag) {
			list = append(list, tag)
		}
	}
	return list
}

// textField is the field of one language: the first carries hint and error, the others may stay empty.
func textField(ctx context.Context, f Field, t lang.Text, i int, l lang.Locale) Field {
	g := f
	g.Name, g.ID, g.Value, g.Lang = f.Name+"_"+string(l), f.Name+"_"+string(l), t.By[string(l)], l.Tag()
	g.Label = T(ctx, "shell.texts.in", f.Label, l.Name())
	if i == 0 {
		g.ID = f.Name
	} else {
		g.Hint, g.Error, g.Optional = "", "", true
	}
	return g
}

// TagOf is the language that a text of the record is shown in, for its lang attribute.
func TagOf(ctx context.Context, t lang.Text) string {
	_, tag := t.Pick(lang.Of(ctx))
	return tag
}
