package expertise

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
)

// ReadPeople takes people in from JSON lines
//
//	{"id": "…", "works": [{"id": "…", "title": "…", "abstract": "…", "text": "…", "year": 2027}]}
//
// in which only the id of the person must be there, null counts as not there, and
// other fields are passed over. An error names line and field.
func (c *Corpus) ReadPeople(ctx context.Context, in io.Reader) error {
	return read(ctx, in, func() func([]byte) (person, error) {
		r := c.reader()
		return func(line []byte) (person, error) {
			p, err := decodePerson(line)
			if err != nil {
				return person{}, err
			}
			return r.person(p), nil
		}
	}, c.addPerson)
}

// People hands over the people of a file as ReadPeople takes it, as they stand there.
func People(ctx context.Context, in io.Reader, take func(Person) error) error {
	return read(ctx, in, func() func([]byte) (Person, error) { return decodePerson }, take)
}

// Texts does so for the texts of a file as ReadTexts takes it.
func Texts(ctx context.Context, in io.Reader, take func(Work) error) error {
	return read(ctx, in, func() func([]byte) (Work, error) { return decodeWork }, take)
}

func decodePerson(line []byte) (Person, error) {
	var p struct {
		ID    string `json:"id"`
		Works []work `json:"works"`
	}
	if err := decode(line, &p); err != nil {
		return Person{}, err
	}
	out := Person{ID: p.ID, Works: make([]Work, len(p.Works))}
	for i, w := range p.Works {
		out.Works[i] = Work(w)
	}
	return out, nil
}

func decodeWork(line []byte) (Work, error) {
	var w work
	err := decode(line, &w)
	return Work(w), err
}

// ReadTexts takes texts to be judged in, one JSON object a line like a work in ReadPeople.
func (c *Corpus) ReadTexts(ctx context.Context, in io.Reader) error {
	return read(ctx, in, func() func([]byte) (text, error) {
		r := c.reader()
		return func(line []byte) (text, error) {
			w, err := decodeWork(line)
			if err != nil {
				return text{}, err
			}
			return r.text(w), nil
		}
	}, c.addText)
}

type work struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Abstract string `json:"abstract"`
	Text     string `json:"text"`
	Year     int    `json:"year"`
}

// decode reads one object and says in the words of the file what is wrong with it.
func decode(line []byte, into any) error {
	if !utf8.Valid(line) {
		return errors.New("not in UTF-8")
	}
	err := json.Unmarshal(line, into)
	var bad *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &bad) && bad.Field != "":
		return fmt.Errorf("%s: %s where %s is expected", bad.Field, bad.Value, kinds[bad.Type.Kind().String()])
	case errors.As(err, &bad):
		return fmt.Errorf("%s where an object is expected", bad.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON object, at byte %d: %w", syntax.Offset, err)
	}
	return err
}

var kinds = map[string]string{"string": "a text", "int": "a whole number", "slice": "a list", "struct": "an object"}

// lines are some lines of a file that one goroutine reads; made tells their
// values, or the error of the line after them, when it is done.
type lines[T any] struct {
	text  [][]byte
	first int // number of the first line
	made  chan made[T]
}

type made[T any] struct {
	values []T
	at     []int // line of each
	err    error
}

// read parses JSON lines on all processors and hands the values to take in the
// order of the file. parser makes a parser for one goroutine. Empty lines are
// passed over.
func read[T any](ctx context.Context, in io.Reader, parser func() func([]byte) (T, error), take func(T) error) error {
	g, ctx := errgroup.WithContext(ctx)
	n := runtime.GOMAXPROCS(0)
	todo, ordered := make(chan lines[T], n), make(chan lines[T], 4*n)
	g.Go(func() error {
		defer close(todo)
		defer close(ordered)
		return cut(ctx, in, func(l lines[T]) error {
			for _, to := range []chan lines[T]{ordered, todo} {
				select {
				case to <- l:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	for range n {
		g.Go(func() error {
			parse := parser()
			for l := range todo {
				l.made <- l.parse(parse)
			}
			return nil
		})
	}
	g.Go(func() error {
		for l := range ordered {
			var m made[T]
			select {
			case m = <-l.made:
			case <-ctx.Done():
				return ctx.Err()
			}
			for i, v := range m.values {
				if err := take(v); err != nil {
					return fmt.Errorf("line %d: %w", m.at[i], err)
				}
			}
			if m.err != nil {
				return m.err
			}
		}
		return nil
	})
	return g.Wait()
}

// cut hands out some hundred kilobytes of lines at a time.
func cut[T any](ctx context.Context, in io.Reader, send func(lines[T]) error) error {
	const most = 256 << 10
	r := bufio.NewReaderSize(in, 1<<20)
	number, size := 1, 0
	l := lines[T]{first: 1, made: make(chan made[T], 1)}
	for {
		line, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d: %w", number, err)
		}
		l.text, size, number = append(l.text, line), size+len(line), number+1
		if last := err != nil; last || size > most {
			if err := send(l); err != nil || last {
				return err
			}
			l, size = lines[T]{first: number, made: make(chan made[T], 1)}, 0
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func (l lines[T]) parse(parse func([]byte) (T, error)) made[T] {
	var m made[T]
	for i, line := range l.text {
		if l.first == 1 && i == 0 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		v, err := parse(line)
		if err != nil {
			m.err = fmt.Errorf("line %d: %w", l.first+i, err)
			break
		}
		m.values, m.at = append(m.values, v), append(m.at, l.first+i)
	}
	return m
}
