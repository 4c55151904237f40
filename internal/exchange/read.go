package exchange

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/headwater-platform/headwater/internal/platform/spreadsheet"
)

var formats = []string{"csv", "tsv", "json", "jsonl", "xlsx"}

// Row is one row of a file. Its values are texts, and for JSON numbers, truth
// values, lists and objects as well.
type Row struct {
	File   string
	Line   int // from 1, where the row begins; of xlsx the row of the sheet
	Values map[string]any

	cells []string // of a table
	raw   []byte   // of JSON
}

// table is a file that is being read: its rows come one by one, so that memory
// does not grow with the file.
type table struct {
	Head []string // of tables; nil for JSON
	Rows iter.Seq2[Row, error]
	file *os.File
}

func (t *table) Close() error { return t.file.Close() }

// largestBook bounds what a workbook may unfold to, in bytes: one of some kilobytes can hold more than a disk.
const largestBook = 1 << 30

// maxLine bounds one line of JSON, in bytes.
const maxLine = 64 << 20

// formatOf tells a file's format by its name, .gz apart.
func formatOf(path string) string {
	ext := strings.TrimPrefix(strings.ToLower(filepath.Ext(strings.TrimSuffix(path, ".gz"))), ".")
	if ext == "ndjson" {
		return "jsonl"
	}
	if slices.Contains(formats, ext) {
		return ext
	}
	return ""
}

// open begins to read a file; seen is told of every byte that was read of it.
func open(path string, how Reading, seen func(int)) (*table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &table{file: f}
	if err := t.begin(path, how, seen); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return t, nil
}

func (t *table) begin(path string, how Reading, seen func(int)) error {
	if strings.HasSuffix(path, rejectedTable) { // we wrote it ourselves
		how.Format, how.Delimiter, how.Encoding = "csv", "", ""
	}
	var r io.Reader = counted{t.file, seen}
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(bufio.NewReaderSize(r, 1<<16))
		if err != nil {
			return err
		}
		r = z
	}
	format := formatOf(path)
	if format == "" {
		format = how.Format
	}
	if format == "xlsx" {
		return t.sheet(path, r, how)
	}
	r, err := decoded(r, how.Encoding)
	if err != nil {
		return err
	}
	switch format {
	case "csv", "tsv":
		return t.csv(path, r, format, how)
	case "jsonl":
		t.Rows = jsonLines(path, r)
	case "json":
		t.Rows = jsonList(path, r, how.At)
	default:
		return fmt.Errorf("what is it? The name ends in none of %s; say it in the mapping as read.format", strings.Join(formats, ", "))
	}
	return nil
}

type counted struct {
	io.Reader
	seen func(int)
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.seen(n)
	return n, err
}

// decoded is the text as UTF-8: by its byte order mark, else by the encoding's name.
func decoded(r io.Reader, name string) (io.Reader, error) {
	if name == "" {
		name = "utf-8"
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil, fmt.Errorf("encoding %q is unknown: use a name of the web's encodings, as windows-1252 or gb18030", name)
	}
	return transform.NewReader(r, unicode.BOMOverride(e.NewDecoder())), nil
}

// unmark takes off what was put before cells so that no spreadsheet runs them.
func unmark(cells []string) {
	for i, cell := range cells {
		cells[i] = spreadsheet.Plain(cell)
	}
}

func (t *table) csv(path string, r io.Reader, format string, how Reading) error {
	in := csv.NewReader(bufio.NewReaderSize(r, 1<<16))
	in.FieldsPerRecord, in.ReuseRecord = -1, false
	if format == "tsv" {
		in.Comma = '\t'
	}
	for _, c := range how.Delimiter {
		in.Comma = c
	}
	head, err := in.Read()
	if err != nil {
		return fmt.Errorf("no line of column names: %w", err)
	}
	ours := slices.Contains(head, reasonColumn) // rejected rows come back, in cells that were made harmless
	if ours {
		unmark(head)
	}
	t.Head = head
	t.Rows = func(yield func(Row, error) bool) {
		for {
			cells, err := in.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			line := 0
			if len(cells) > 0 {
				line, _ = in.FieldPos(0)
			}
			if ours {
				unmark(cells)
			}
			row := Row{File: path, Line: line, cells: cells}
			var bad *csv.ParseError
			switch {
			case errors.As(err, &bad):
				row.Line = bad.StartLine
				err = rowError{fmt.Sprintf("the quotes do not close: %v", bad.Err)}
			case err == nil && len(cells) > len(head):
				err = rowError{fmt.Sprintf("has %d cells, there are %d columns", len(cells), len(head))}
			}
			row.Values = named(head, cells)
			if !yield(row, err) {
				return
			}
		}
	}
	return nil
}

// rowError is the fault of one row; the rows after it can be read.
type rowError struct{ what string }

func (e rowError) Error() string { return e.what }

func named(head, cells []string) map[string]any {
	values := make(map[string]any, len(head))
	for i, name := range head {
		if i < len(cells) {
			values[name] = cells[i]
		}
	}
	return values
}

func jsonLines(path string, r io.Reader) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		in := bufio.NewScanner(r)
		in.Buffer(make([]byte, 1<<16), maxLine)
		for line := 1; in.Scan(); line++ {
			b := bytes.TrimSpace(in.Bytes())
			if len(b) == 0 {
				continue
			}
			row := Row{File: path, Line: line, raw: slices.Clone(b)}
			err := json.Unmarshal(b, &row.Values)
			if err != nil {
				err = rowError{"is no JSON object: " + err.Error()}
			}
			if !yield(row, err) {
				return
			}
		}
		if err := in.Err(); err != nil {
			yield(Row{File: path}, err)
		}
	}
}

// jsonList gives the objects of the list at a path, one by one.
func jsonList(path string, r io.Reader, at string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		lines := &lineCounter{r: r}
		in := json.NewDecoder(lines)
		if err := enter(in, at); err != nil {
			yield(Row{File: path}, err)
			return
		}
		for in.More() {
			row := Row{File: path, Line: lines.at(in.InputOffset()) + 1}
			var raw json.RawMessage
			if err := in.Decode(&raw); err != nil {
				yield(row, fmt.Errorf("line %d: %w", row.Line, err))
				return
			}
			row.raw = raw
			err := json.Unmarshal(raw, &row.Values)
			if err != nil {
				err = rowError{"is no JSON object: " + err.Error()}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// enter goes to the list at a path of names, "" for the whole.
func enter(in *json.Decoder, at string) error {
	if at != "" {
		for name := range strings.SplitSeq(at, ".") {
			if err := open1(in, name); err != nil {
				return err
			}
		}
	}
	if t, err := in.Token(); err != nil || t != json.Delim('[') {
		return fmt.Errorf("there is no list at %q (%v): say where it stands in the mapping as read.at", at, t)
	}
	return nil
}

// open1 goes into the object that begins here and to the value of name.
func open1(in *json.Decoder, name string) error {
	if t, err := in.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("there is no object that could hold %q", name)
	}
	for in.More() {
		t, err := in.Token()
		if err != nil {
			return err
		}
		if t == name {
			return nil
		}
		var skip json.RawMessage
		if err := in.Decode(&skip); err != nil {
			return err
		}
	}
	return fmt.Errorf("there is no %q", name)
}

// lineCounter knows which line an offset of what it read stands in.
type lineCounter struct {
	r    io.Reader
	ends []int64 // offsets of the line ends not yet passed
	read int64
	line int // lines that ended before the last offset asked for
}

func (c *lineCounter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.ends = append(c.ends, c.read+int64(i))
		}
	}
	c.read += int64(n)
	return n, err
}

// at is the number of lines before an offset; offsets do not fall.
func (c *lineCounter) at(offset int64) int {
	passed := 0
	for passed < len(c.ends) && c.ends[passed] <= offset {
		passed++
	}
	c.line += passed
	c.ends = c.ends[passed:]
	return c.line
}

func (t *table) sheet(path string, r io.Reader, how Reading) error {
	book, err := excelize.OpenReader(r, excelize.Options{UnzipSizeLimit: largestBook, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return err
	}
	sheet := how.Sheet
	if sheet == "" {
		sheet = book.GetSheetName(0)
	}
	rows, err := book.Rows(sheet)
	if err != nil {
		return errors.Join(fmt.Errorf("sheet %q: %w; there are %s", sheet, err, strings.Join(book.GetSheetList(), ", ")), book.Close())
	}
	if !rows.Next() {
		return errors.Join(fmt.Errorf("sheet %q has no line of column names", sheet), book.Close())
	}
	head, err := rows.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return errors.Join(err, book.Close())
	}
	t.Head = head
	t.Rows = func(yield func(Row, error) bool) {
		defer book.Close()
		for line := 2; rows.Next(); line++ {
			cells, err := rows.Columns(excelize.Options{RawCellValue: true})
			if err == nil && len(cells) == 0 {
				continue
			}
			if !yield(Row{File: path, Line: line, cells: cells, Values: named(head, cells)}, err) {
				return
			}
		}
		if err := rows.Error(); err != nil {
			yield(Row{File: path}, err)
		}
	}
	return nil
}

// plain is a value of a row as text, as it would stand in a cell.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
