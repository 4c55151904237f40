package portfolio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// largest number of items, rows, and instances that ReadORLib takes.
const largest = 1 << 20

// ReadORLib reads multidimensional knapsacks in the format of the OR-Library
// (Beasley, 1990; the sets of Chu and Beasley, 1998): the number of instances; for
// each the numbers of items and of budgets and a value, which is not used; the
// values of the items; for each budget what every item costs; the budgets. All
// are whole numbers between white space. An error names line, instance and field.
func ReadORLib(in io.Reader) ([]*Program, error) {
	w := words{in: bufio.NewReaderSize(in, 1<<16), line: 1}
	count, err := w.whole("the number of instances", 0, largest)
	if err != nil {
		return nil, err
	}
	var out []*Program
	for k := range count {
		p, err := w.instance()
		if err == nil {
			err = p.Check()
		}
		if err != nil {
			return nil, fmt.Errorf("instance %d: %w", k+1, err)
		}
		out = append(out, p)
	}
	if word, err := w.next(); err == nil {
		return nil, fmt.Errorf("line %d: %.20q follows the last of %d instances, where the end is expected", w.at, word, count)
	}
	return out, nil
}

func (w *words) instance() (*Program, error) {
	items, err := w.whole("the number of items", 0, largest)
	if err != nil {
		return nil, err
	}
	rows, err := w.whole("the number of budgets", 0, largest)
	if err != nil {
		return nil, err
	}
	if _, err := w.next(); err != nil { // the best known value, in some files with a fraction
		return nil, w.missing("the best known value", err)
	}
	p := &Program{}
	for j := range items {
		v, err := w.whole(fmt.Sprintf("the value of item %d", j), -most, most)
		if err != nil {
			return nil, err
		}
		p.Value = append(p.Value, v)
	}
	for i := range rows {
		r := Row{Lo: NoLo}
		for j := range items {
			v, err := w.whole(fmt.Sprintf("what item %d takes of budget %d", j, i+1), -most, most)
			if err != nil {
				return nil, err
			}
			if v != 0 {
				r.Item, r.Coef = append(r.Item, int32(j)), append(r.Coef, v)
			}
		}
		p.Rows = append(p.Rows, r)
	}
	for i := range rows {
		if p.Rows[i].Hi, err = w.whole(fmt.Sprintf("budget %d", i+1), -most, most); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// words splits a text at white space and counts its lines.
type words struct {
	in       *bufio.Reader
	line, at int // the line that is being read, and that of the last word
	word     []byte
}

func (w *words) next() (string, error) {
	w.word = w.word[:0]
	for {
		c, err := w.in.ReadByte()
		white := c == ' ' || c == '\n' || c == '\t' || c == '\r'
		switch {
		case err != nil && len(w.word) == 0:
			w.at = w.line
			return "", err
		case err == nil && !white:
			w.at = w.line
			w.word = append(w.word, c)
		case len(w.word) > 0:
			if c == '\n' && err == nil {
				w.line++
			}
			return string(w.word), nil
		case c == '\n':
			w.line++
		}
	}
}

func (w *words) missing(what string, err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("line %d: the file ends where %s is expected", w.at, what)
	}
	return err
}

func (w *words) whole(what string, from, to int64) (int64, error) {
	word, err := w.next()
	if err != nil {
		return 0, w.missing(what, err)
	}
	v, err := strconv.ParseInt(word, 10, 64)
	if err != nil || v < from || v > to {
		return 0, fmt.Errorf("line %d: %s is %.20q: a whole number from %d to %d is expected", w.at, what, word, from, to)
	}
	return v, nil
}
