// Package lang holds every text that people read: the catalogue of the
// interface (English and Chinese, complete), texts of the record in several
// languages with the original marked, and the way dates, numbers, money and
// lists are written in each locale.
package lang

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// Locale is a language of the interface.
type Locale string

// The languages of the interface, each named in itself by Name.
const (
	English Locale = "en"
	Chinese Locale = "zh"
)

// Locales lists the interface languages in the order in which they are offered.
var Locales = []Locale{English, Chinese}

// Name is the language's name in itself.
func (l Locale) Name() string {
	if l == Chinese {
		return "中文"
	}
	return "English"
}

// Tag is the BCP 47 tag for the lang attribute.
func (l Locale) Tag() string {
	if l == Chinese {
		return "zh-Hans"
	}
	return "en"
}

// ParseLocale returns the interface language that serves tag, English if none does.
func ParseLocale(tag string) (Locale, bool) {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	for _, l := range Locales {
		if base == string(l) {
			return l, true
		}
	}
	return English, false
}

//go:embed catalog/*.yaml
var files embed.FS

var catalogue = sync.OnceValue(func() map[string]map[Locale]string {
	all, err := load(files)
	if err != nil {
		panic(err) // the catalogue is part of the binary; its test reads every file
	}
	return all
})

// Prepare reads the catalogue now, which takes some tenth of a second: else the first who needs a text waits, and all who wait for them.
func Prepare() { catalogue() }

// load reads catalog/*.yaml: key → language → text. A key must be unique over
// all files and must have every language.
func load(fsys fs.FS) (map[string]map[Locale]string, error) {
	names, err := fs.Glob(fsys, "catalog/*.yaml")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	all := map[string]map[Locale]string{}
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		var one map[string]map[Locale]string
		if err := yaml.Unmarshal(b, &one); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for key, texts := range one {
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("%s: key %q stands in two files", name, key)
			}
			for _, l := range Locales {
				if strings.TrimSpace(texts[l]) == "" {
					return nil, fmt.Errorf("%s: key %q has no text in %s", name, key, l.Name())
				}
			}
			if len(texts) > len(Locales) { // a comma in a text without quotes ends it
				return nil, fmt.Errorf("%s: key %q has more than its languages: put texts with a comma in quotes", name, key)
			}
			all[key] = texts
		}
	}
	return all, nil
}

// Keys lists the catalogue's keys in order.
func Keys() []string {
	keys := make([]string, 0, len(catalogue()))
	for k := range catalogue() {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Has reports whether the catalogue holds key, or its plural forms.
func Has(key string) bool {
	if _, ok := catalogue()[key]; ok {
		return true
	}
	_, ok := catalogue()[key+".other"]
	return ok
}

// Msg is a text of the catalogue with what is to be put into it, not yet in
// any language.
type Msg struct {
	Key  string
	Args []any
}

// M makes a message.
func M(key string, args ...any) Msg { return Msg{Key: key, Args: args} }

// Say makes a message of a text that is already written (a scheme's own words).
func Say(t Text) Msg { return Msg{Key: "", Args: []any{t}} }

// In writes the message in l. "{0}", "{1}" … stand for the arguments: Text, Msg,
// time and money are written by l's rules. A key without an entry of its own but
// with "key.one" and "key.other" chooses by its first argument, an integer.
// An unknown key is returned as it is: the catalogue test finds it.
func (m Msg) In(l Locale) string {
	if m.Key == "" {
		if len(m.Args) == 1 {
			return write(l, m.Args[0])
		}
		return ""
	}
	texts, ok := catalogue()[m.Key]
	if !ok {
		form := ".other"
		if len(m.Args) > 0 && l == English && fmt.Sprint(m.Args[0]) == "1" {
			form = ".one"
		}
		if texts, ok = catalogue()[m.Key+form]; !ok {
			return m.Key
		}
	}
	text := texts[l]
	if len(m.Args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	return fill(l, text, m.Args)
}

// fill puts arguments in the places of a text that name them; other braces stay as they are.
func fill(l Locale, text string, args []any) string {
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(text, "{")
		b.WriteString(before)
		if !open {
			return b.String()
		}
		place, after, closed := strings.Cut(rest, "}")
		i, err := strconv.Atoi(place)
		if !closed || err != nil || i < 0 || i >= len(args) {
			b.WriteByte('{')
			text = rest
			continue
		}
		b.WriteString(write(l, args[i]))
		text = after
	}
}

// Write is In, so that a message is a Writer.
func (m Msg) Write(l Locale) string { return m.In(l) }

// String writes the message in English, for logs.
func (m Msg) String() string { return m.In(English) }

// Writer is a value that knows how it is written in a locale (an amount of money, say).
type Writer interface{ Write(Locale) string }

func write(l Locale, a any) string {
	switch v := a.(type) {
	case Writer:
		return v.Write(l)
	case int:
		return Integer(l, int64(v))
	case int64:
		return Integer(l, v)
	case float64:
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	return fmt.Sprint(a)
}

// T writes a catalogue text in l.
func T(l Locale, key string, args ...any) string { return M(key, args...).In(l) }

type localeKey struct{}

// With returns a context in which pages and messages are written in l.
func With(ctx context.Context, l Locale) context.Context {
	return context.WithValue(ctx, localeKey{}, l)
}

// Of is the locale of ctx, English if none was set.
func Of(ctx context.Context) Locale {
	if l, ok := ctx.Value(localeKey{}).(Locale); ok {
		return l
	}
	return English
}
