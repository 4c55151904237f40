package demo

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed topics.yaml
var topicsFile []byte

//go:embed names.yaml
var namesFile []byte

// topic is what somebody works on, in words that a text can be made of.
type topic struct {
	Field, Ford, Orientation   string // Ford: code of the field of research
	Thing, Part, Trouble, Idea string
	Methods                    []string
	Measure, Use, Works        string
}

type names struct {
	Given, Family, Places []string
}

type lexicon struct {
	topics []topic
	names
}

var words = sync.OnceValue(func() lexicon {
	var v lexicon
	if err := yaml.Unmarshal(topicsFile, &v.topics); err != nil {
		panic(fmt.Sprintf("demo: topics.yaml: %v", err)) // embedded; a test reads it
	}
	if err := yaml.Unmarshal(namesFile, &v.names); err != nil {
		panic(fmt.Sprintf("demo: names.yaml: %v", err))
	}
	return v
})

// dice is a small deterministic source of choices (SplitMix64: Steele, Lea, Flood 2014).
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below gives a number from 0 to n-1.
func (d *dice) below(n int) int { return int(d.next() % uint64(n)) }

// between gives a number from low to high, both included.
func (d *dice) between(low, high int) int { return low + d.below(high-low+1) }

// chance is true in percent of 100 throws.
func (d *dice) chance(percent int) bool { return d.below(100) < percent }

// normal is roughly normal with mean 0 and deviation 1 (sum of twelve uniforms).
func (d *dice) normal() float64 {
	s := -6.0
	for range 12 {
		s += float64(d.next()>>11) / (1 << 53)
	}
	return s
}

func pick[T any](d *dice, list []T) T { return list[d.below(len(list))] }

func upper(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}
