package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/headwater-platform/headwater/engine/expertise"
	"github.com/headwater-platform/headwater/internal/bench"
)

// work is a work or text as the program reads it.
type work struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Abstract string `json:"abstract"`
	Year     int    `json:"year,omitempty"`
}

// write makes people.jsonl and texts.jsonl in a folder.
func write(n bench.Nation, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return create(filepath.Join(dir, "people.jsonl"), func(people io.Writer) error {
		return create(filepath.Join(dir, "texts.jsonl"), func(texts io.Writer) error {
			person, text := json.NewEncoder(people), json.NewEncoder(texts)
			return n.Literature(func(p expertise.Person) error {
				works := make([]work, len(p.Works))
				for i, w := range p.Works {
					works[i] = work{w.ID, w.Title, w.Abstract, w.Year}
				}
				return person.Encode(struct {
					ID    string `json:"id"`
					Works []work `json:"works"`
				}{p.ID, works})
			}, func(w expertise.Work) error {
				return text.Encode(work{w.ID, w.Title, w.Abstract, w.Year})
			})
		})
	})
}

func create(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(write(w), w.Flush(), f.Close())
}
