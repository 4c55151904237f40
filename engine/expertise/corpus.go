package expertise

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/headwater-platform/headwater/engine/token"
)

// Work is what a person wrote, or a text to be judged.
type Work struct {
	ID       string
	Title    string
	Abstract string
	Text     string // the full text, "" where there is none
	Year     int    // 0 where it is not known
}

// Person is somebody who may judge.
type Person struct {
	ID    string
	Works []Work
}

// Corpus collects people and texts as counts of words; the texts themselves are
// not kept. The order of calls is the order of [Index.People] and [Index.Texts]; one
// goroutine at a time may add.
type Corpus struct {
	fullText bool

	mu     sync.Mutex
	ids    map[string]uint32 // of stems
	stems  []string
	idle   []*reader
	people []person
	texts  []text
	seen   map[string]bool // ids of people, with "p" before, and of texts, with "t"
}

type person struct {
	id    string
	works []bag
}

type text struct {
	id string
	bag
}

// bag is a text as its distinct words and how often each stands in it.
type bag struct {
	terms  []uint32
	counts []uint8   // 255 for all that is more
	scale  float32   // 1 / length of its vector of words, once it is weighed
	field  []float32 // its place in the field
	year   int16
}

// NewCorpus is an empty corpus. With fullText the full texts count beside
// titles and abstracts.
func NewCorpus(fullText bool) *Corpus {
	return &Corpus{fullText: fullText, ids: map[string]uint32{}, seen: map[string]bool{}}
}

// AddPerson takes a person in. Works with an id that the person has already are
// passed over. The id must not be empty nor known.
func (c *Corpus) AddPerson(p Person) error {
	r := c.reader()
	defer c.rest(r)
	return c.addPerson(r.person(p))
}

// AddPeople takes people in as AddPerson does, one after the other, and reads their works on all processors.
func (c *Corpus) AddPeople(ctx context.Context, list []Person) error {
	return add(ctx, c, list, (*reader).person, c.addPerson)
}

// AddTexts takes texts in as AddText does, one after the other, and reads them on all processors.
func (c *Corpus) AddTexts(ctx context.Context, list []Work) error {
	return add(ctx, c, list, (*reader).text, c.addText)
}

func add[T, U any](ctx context.Context, c *Corpus, list []T, cut func(*reader, T) U, take func(U) error) error {
	out := make([]U, len(list))
	readers := make(chan *reader, runtime.GOMAXPROCS(0))
	err := each(ctx, len(list), func() func(int) {
		r := c.reader()
		readers <- r
		return func(i int) { out[i] = cut(r, list[i]) }
	})
	close(readers)
	for r := range readers {
		c.rest(r)
	}
	for i := 0; err == nil && i < len(out); i++ {
		err = take(out[i])
	}
	return err
}

// AddText takes a text to be judged in. Its id must not be empty nor known.
func (c *Corpus) AddText(t Work) error {
	r := c.reader()
	defer c.rest(r)
	return c.addText(r.text(t))
}

func (c *Corpus) addPerson(p person) error {
	if err := c.claim("p", p.id); err != nil {
		return err
	}
	c.people = append(c.people, p)
	return nil
}

func (c *Corpus) addText(t text) error {
	if err := c.claim("t", t.id); err != nil {
		return err
	}
	c.texts = append(c.texts, t)
	return nil
}

func (c *Corpus) claim(kind, id string) error {
	switch {
	case id == "":
		return errors.New("id is empty: a name is expected that no other has")
	case c.seen[kind+id]:
		return fmt.Errorf("id %.60q stands twice", id)
	}
	c.seen[kind+id] = true
	return nil
}

// reader cuts texts into bags. Each goroutine has its own.
type reader struct {
	corpus *Corpus
	stems  token.Stems
	known  map[string]uint32 // a part of corpus.ids, without its lock
	words  []string
	found  []uint32
}

// knownWords bounds the memory of a reader.
const knownWords = 1 << 18

// reader is one that rests, with the words that it knows, or a new one.
func (c *Corpus) reader() *reader {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(c.idle) - 1
	if last < 0 {
		return &reader{corpus: c, known: map[string]uint32{}}
	}
	r := c.idle[last]
	c.idle = c.idle[:last]
	return r
}

func (c *Corpus) rest(r *reader) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, r)
}

func (r *reader) person(p Person) person {
	out := person{id: p.ID, works: make([]bag, 0, len(p.Works))}
	seen := make(map[string]bool, len(p.Works))
	for _, w := range p.Works {
		if w.ID != "" && seen[w.ID] {
			continue
		}
		seen[w.ID] = true
		out.works = append(out.works, r.bag(w))
	}
	return out
}

func (r *reader) text(t Work) text { return text{t.ID, r.bag(t)} }

// titleCounts is how often a word of the title counts.
const titleCounts = 2

func (r *reader) bag(w Work) bag {
	r.found = r.found[:0]
	language := language(w)
	r.count(w.Title, language)
	title := len(r.found)
	for range titleCounts - 1 {
		r.found = append(r.found, r.found[:title]...)
	}
	r.count(w.Abstract, language)
	if r.corpus.fullText {
		r.count(w.Text, language)
	}
	slices.Sort(r.found)
	distinct := 0
	for i, t := range r.found {
		if i == 0 || t != r.found[i-1] {
			distinct++
		}
	}
	b := bag{terms: make([]uint32, 0, distinct), counts: make([]uint8, 0, distinct), year: int16(w.Year)}
	for i, t := range r.found {
		last := len(b.terms) - 1
		switch {
		case i == 0 || t != r.found[i-1]:
			b.terms, b.counts = append(b.terms, t), append(b.counts, 1)
		case b.counts[last] < 255:
			b.counts[last]++
		}
	}
	return b
}

// language is that of a work by the beginning of what there is of it.
func language(w Work) string {
	const enough = 600 // bytes
	begin := w.Title + " " + w.Abstract
	if len(begin) < enough/2 {
		begin += " " + w.Text[:min(len(w.Text), enough)]
	}
	tag, _ := token.Language(strings.ToValidUTF8(begin[:min(len(begin), enough)], ""))
	return tag
}

func (r *reader) count(text, language string) {
	r.words = r.stems.Append(r.words[:0], text, language)
	for _, w := range r.words {
		r.found = append(r.found, r.id(w))
	}
}

func (r *reader) id(word string) uint32 {
	if id, ok := r.known[word]; ok {
		return id
	}
	c := r.corpus
	c.mu.Lock()
	id, ok := c.ids[word]
	if !ok {
		word = strings.Clone(word) // without the text that it was cut from
		id = uint32(len(c.stems))
		c.ids[word] = id
		c.stems = append(c.stems, word)
	}
	word = c.stems[id]
	c.mu.Unlock()
	if len(r.known) < knownWords {
		r.known[word] = id
	}
	return id
}
