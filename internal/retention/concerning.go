package retention

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// told is the column of a copy that holds what an entry of the ledger tells.
const told = "told"

// withheld stands in a copy where somebody else was named.
const withheld = "[withheld]"

// columns are those of what a person gets.
func (t tie) columns() []string {
	if t.Tells == "" {
		return t.Give
	}
	return append(slices.Clone(t.Give), told)
}

// concerning makes of what entries tell that which concerns the subjects: what was done, without who else is named in it, and where why
// says so the reason that was given.
func (s *Service) concerning(ctx context.Context, rows []map[string]any, why bool, of []subject) error {
	tells := make([]map[string]any, len(rows))
	words := map[string]bool{}
	for i, row := range rows {
		body, is := row[told].(json.RawMessage)
		if row[told] = nil; !is {
			continue
		}
		if err := json.Unmarshal(body, &tells[i]); err != nil {
			return err
		}
		maps.DeleteFunc(tells[i], func(field string, _ any) bool { return field != "what" && !(why && field == "why") })
		without(tells[i], func(text string) string { noteWords(words, text); return text })
	}
	others, err := s.somebodyElse(ctx, words, of)
	if err != nil {
		return err
	}
	for i, row := range rows {
		if len(tells[i]) > 0 {
			row[told] = json.RawMessage(db.JSON(without(tells[i], func(text string) string { return others.outOf(text) })))
		}
	}
	return nil
}

// without is a value of JSON with each of its texts, and of its fields' names, as change makes it.
func without(v any, change func(string) string) any {
	switch v := v.(type) {
	case string:
		return change(v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = without(x, change)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for field, x := range v {
			out[change(field)] = without(x, change)
		}
		return out
	}
	return v
}

// apart reports whether a letter parts words by which somebody can be named: keys, addresses and identifiers hold none such.
func apart(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("@.-_+", r)
}

// noteWords notes by what a text could name somebody: its words, and as a name the whole of it.
func noteWords(words map[string]bool, text string) {
	words[strings.TrimSpace(text)] = true
	for _, word := range strings.FieldsFunc(text, apart) {
		words[strings.Trim(word, ".-")] = true
	}
}

// strangers are words by which somebody else is named.
type strangers map[string]bool

// outOf is a text without those whom it names.
func (o strangers) outOf(text string) string {
	if o[strings.TrimSpace(text)] {
		return withheld
	}
	for _, word := range strings.FieldsFunc(text, apart) {
		if word = strings.Trim(word, ".-"); o[word] {
			text = strings.ReplaceAll(text, word, withheld)
		}
	}
	return text
}

// somebodyElse are those of some words that are key, name, address or ORCID iD of somebody who is none of the subjects.
func (s *Service) somebodyElse(ctx context.Context, words map[string]bool, of []subject) (strangers, error) {
	mine, own, out := map[string]bool{}, map[string]bool{}, strangers{}
	for _, one := range of {
		mine[one.key] = true
	}
	for word := range words {
		if strings.Contains(word, "@") && !strings.ContainsFunc(word, apart) && !mine[strings.ToLower(word)] {
			out[word] = true
		}
	}
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(words)), func(word string) bool { return len([]rune(word)) < shortest })
	_, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var by [4]string // key, and by what it is named
		err := r.Scan(&by[0], &by[1], &by[2], &by[3])
		for _, word := range by {
			if mine[by[0]] {
				own[strings.ToLower(word)] = true
			} else if word != "" && words[word] {
				out[word] = true
			}
		}
		return struct{}{}, err
	}, `SELECT id, name, email, COALESCE(orcid, '') FROM person WHERE id IN {keys} OR name IN {keys} OR email IN {keys} OR orcid IN {keys}
		UNION ALL SELECT id, '', email, '' FROM account WHERE id IN {keys} OR email IN {keys}
		UNION ALL SELECT COALESCE(person_id, ''), name, email, '' FROM proposal_member WHERE name IN {keys} OR email IN {keys}`, keys)
	maps.DeleteFunc(out, func(word string, _ bool) bool { return own[strings.ToLower(word)] }) // a namesake's name is theirs too
	return out, err
}
