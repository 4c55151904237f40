package db

import "strings"

var (
	noSigns = strings.NewReplacer("%", "", "_", "", `\`, "")
	escaped = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")
)

// Pattern is a name as the middle of a pattern of LIKE: lower case, without the pattern's own signs, which no name has; ""
// where nothing is left.
func Pattern(name string) string { return strings.ToLower(strings.TrimSpace(noSigns.Replace(name))) }

// Holds is the condition that a column has a text somewhere in it, sign for sign, in capitals or not. arg adds a parameter
// to the statement and returns its place. The pattern is put together in the statement: SQLite plans anew for each pattern that
// comes as a parameter.
func Holds(arg func(any) string, column, text string) string {
	return "lower(" + column + ") LIKE '%' || CAST(" + arg(escaped.Replace(strings.ToLower(text))) + " AS text) || '%' ESCAPE '!'"
}

// Says is Holds for a column of texts in several languages, which are JSON: one of them has the text. What is written there is
// compared first, which is quick, and then what it says: else "en" would be found in everything, being the name of a language.
func (d *DB) Says(arg func(any) string, column, text string) string {
	written := JSON(strings.ToLower(text)) // & is \u0026 there
	each := d.Pick("json_each("+column+")", "jsonb_each_text(CAST("+column+" AS jsonb))")
	return "(" + Holds(arg, column, written[1:len(written)-1]) +
		" AND EXISTS (SELECT 1 FROM " + each + " AS said WHERE said.key <> 'original' AND " + Holds(arg, "said.value", text) + "))"
}
