// Package spreadsheet writes tables that people open in spreadsheets. A spreadsheet takes a cell
// that begins with "=" and some other characters for a formula and runs it, whoever wrote
// it (CWE-1236). Every cell written here is text or a number to it; reading takes what was
// added off again, so that a table that is taken out and in comes back as it was.
package spreadsheet

import (
	"encoding/csv"
	"io"
	"regexp"
	"strconv"
)

// formula is how a cell begins that a spreadsheet may run: the characters that OWASP names
// (CSV Injection), their full-width forms, which some locales take for the same, and any of
// them behind marks that say it is text.
var formula = regexp.MustCompile(`^'*[=+\-@\t\r\n＝＋－＠]`)

// Harmless is a cell that no spreadsheet takes for a formula: text that begins like one gets
// the mark "'" before it; a number stays one.
func Harmless(cell string) string {
	if !formula.MatchString(cell) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}

// Plain takes the mark off that Harmless put before a cell.
func Plain(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && formula.MatchString(cell) {
		return cell[1:]
	}
	return cell
}

// Writer writes CSV (RFC 4180) whose cells are harmless.
type Writer struct{ csv *csv.Writer }

// NewWriter makes a Writer; Flush ends it.
func NewWriter(w io.Writer) *Writer { return &Writer{csv.NewWriter(w)} }

// Write writes one row.
func (w *Writer) Write(row []string) error {
	cells := make([]string, len(row))
	for i, cell := range row {
		cells[i] = Harmless(cell)
	}
	return w.csv.Write(cells)
}

// WriteAll writes rows and flushes.
func (w *Writer) WriteAll(rows [][]string) error {
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return w.Flush()
}

// Flush writes what is kept, and returns the first error of all writing.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}
