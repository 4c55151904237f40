package lang

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Text is a text of the record in one or more languages, by BCP 47 tag, with
// the original marked. The zero Text is empty. In JSON and YAML it is an object
// {"en": "…", "sv": "…", "original": "sv"}; "original" may be left out where
// there is one language.
type Text struct {
	Original string
	By       map[string]string
}

// In1 makes a text in one language.
func In1(tag, s string) Text { return Text{Original: tag, By: map[string]string{tag: s}} }

// Both makes an English text with its Chinese translation.
func Both(en, zh string) Text {
	return Text{Original: "en", By: map[string]string{"en": en, "zh": zh}}
}

// Empty reports whether no language has any text.
func (t Text) Empty() bool {
	for _, s := range t.By {
		if s != "" {
			return false
		}
	}
	return true
}

// In returns the text in l, else the original, else English, else any.
func (t Text) In(l Locale) string { s, _ := t.Pick(l); return s }

// Write is In, so that a text is a Writer.
func (t Text) Write(l Locale) string { return t.In(l) }

// Pick is In, with the tag of the language that was found, for the lang
// attribute of the element that shows it.
func (t Text) Pick(l Locale) (text, tag string) {
	for _, tag := range []string{string(l), t.Original, "en"} {
		if s := t.By[tag]; s != "" {
			return s, tag
		}
	}
	for _, tag := range t.Tags() {
		if s := t.By[tag]; s != "" {
			return s, tag
		}
	}
	return "", string(l)
}

// Tags lists the languages of the text in order.
func (t Text) Tags() []string {
	tags := make([]string, 0, len(t.By))
	for tag := range t.By {
		tags = append(tags, tag)
	}
	sort.Strings(tags)
	return tags
}

// With returns t with s as its text in tag. The first language given is the original.
func (t Text) With(tag, s string) Text {
	by := map[string]string{tag: s}
	for k, v := range t.By {
		if k != tag {
			by[k] = v
		}
	}
	if t.Original == "" {
		t.Original = tag
	}
	return Text{Original: t.Original, By: by}
}

// MarshalJSON writes the object form.
func (t Text) MarshalJSON() ([]byte, error) {
	m := make(map[string]string, len(t.By)+1)
	for k, v := range t.By {
		m[k] = v
	}
	if t.Original != "" && len(t.By) > 1 {
		m["original"] = t.Original
	}
	return json.Marshal(m)
}

// UnmarshalJSON reads the object form; a bare string is English.
func (t *Text) UnmarshalJSON(b []byte) error {
	isObject := bytes.HasPrefix(bytes.TrimSpace(b), []byte("{"))
	var s string
	if !isObject && json.Unmarshal(b, &s) == nil {
		*t = In1("en", s)
		return nil
	}
	var m map[string]string
	if err := json.Unmarshal(b, &m); err != nil {
		return fmt.Errorf("a text is a string or an object of language: text: %w", err)
	}
	*t = fromMap(m)
	return nil
}

// Named is a name that is set from outside: a bare one, or an object of language: name.
func Named(s string) (t Text, err error) {
	if strings.HasPrefix(strings.TrimSpace(s), "{") {
		return t, t.UnmarshalJSON([]byte(s))
	}
	return In1("en", s), nil
}

// UnmarshalYAML reads {en: …, zh: …} or a bare string, which is English.
func (t *Text) UnmarshalYAML(unmarshal func(any) error) error {
	var s string
	if unmarshal(&s) == nil {
		*t = In1("en", s)
		return nil
	}
	var m map[string]string
	if err := unmarshal(&m); err != nil {
		return err
	}
	*t = fromMap(m)
	return nil
}

func fromMap(m map[string]string) Text {
	t := Text{Original: m["original"], By: map[string]string{}}
	for k, v := range m {
		if k != "original" {
			t.By[k] = v
		}
	}
	if t.Original == "" {
		if _, ok := t.By["en"]; ok {
			t.Original = "en"
		} else if tags := t.Tags(); len(tags) > 0 {
			t.Original = tags[0]
		}
	}
	return t
}

// Value stores the text as JSON.
func (t Text) Value() (driver.Value, error) {
	b, err := t.MarshalJSON()
	return string(b), err
}

// Scan reads the JSON form.
func (t *Text) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t = Text{}
		return nil
	case string:
		return t.UnmarshalJSON([]byte(v))
	case []byte:
		return t.UnmarshalJSON(v)
	}
	return fmt.Errorf("lang: cannot read a text from %T", src)
}

// IsText reports whether s is text that both databases can hold: UTF-8 without the zero byte.
func IsText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
