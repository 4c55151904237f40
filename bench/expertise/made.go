package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// instance is a made country of researchers. A text has words of two topics,
// drawn by Zipf's law each, between words that all texts have; a person works on one
// topic mostly, and one in four of their works lies elsewhere nearby.
type instance struct {
	people, works, texts int
	topics, vocabulary   int
	words                int // of a text
}

func (m instance) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(4, 2027))
	common := zipf(r, m.vocabulary)
	own := zipf(r, 400)
	document := func(b []byte, topic int) []byte {
		b = append(b, `"title":"`...)
		other := (topic + 1 + r.IntN(8)) % m.topics
		for i := range m.words + 8 {
			if i == 8 {
				b = append(b, `","abstract":"`...)
			}
			switch u := r.Float64(); {
			case u < 0.6:
				b = append(b, 'w')
				b = strconv.AppendInt(b, common(), 36)
			case u < 0.9:
				b = topical(b, topic, own())
			default:
				b = topical(b, other, own())
			}
			b = append(b, ' ')
		}
		return append(b, '"')
	}
	var b []byte
	err := create(filepath.Join(dir, "people.jsonl"), func(w io.Writer) error {
		for i := range m.people {
			topic := r.IntN(m.topics)
			b = fmt.Appendf(b[:0], `{"id":"p%d","works":[`, i)
			for k := range 1 + r.IntN(2*m.works-1) {
				if k > 0 {
					b = append(b, ',')
				}
				at := topic
				if r.IntN(4) == 0 {
					at = (topic + r.IntN(20)) % m.topics
				}
				b = fmt.Appendf(b, `{"id":"w%d-%d","year":%d,`, i, k, 2000+r.IntN(27))
				b = append(document(b, at), '}')
			}
			b = append(b, "]}\n"...)
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return create(filepath.Join(dir, "texts.jsonl"), func(w io.Writer) error {
		for i := range m.texts {
			b = fmt.Appendf(b[:0], `{"id":"t%d",`, i)
			b = append(document(b, r.IntN(m.topics)), "}\n"...)
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
		return nil
	})
}

func topical(b []byte, topic int, word int64) []byte {
	// A third of the words of a topic are shared with the topics beside it.
	if word%3 == 0 {
		topic /= 8
		b = append(b, 'g')
	} else {
		b = append(b, 't')
	}
	b = strconv.AppendInt(b, int64(topic), 36)
	b = append(b, 'x')
	return strconv.AppendInt(b, word, 36)
}

// zipf draws numbers under n, number i about as often as 1/(i+1).
func zipf(r *rand.Rand, n int) func() int64 {
	top := math.Log(float64(n + 1))
	return func() int64 { return int64(math.Exp(r.Float64()*top)) - 1 }
}

func create(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(write(w), w.Flush(), f.Close())
}
