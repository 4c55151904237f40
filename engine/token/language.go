package token

import (
	"strings"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/swedish"
)

// stemmer takes the endings off the words of one language.
type stemmer struct {
	tag    string
	run    func(*snowballstem.Env) bool
	common map[string]bool // words that tell the language and little else
}

func (s stemmer) stem(word string) string {
	if s.tag == "fr" {
		word = elide(word)
	}
	env := snowballstem.NewEnv(word)
	s.run(env)
	return env.Current()
}

// elide takes off l', d', qu' and their like.
func elide(word string) string {
	before, after, ok := strings.Cut(word, "'")
	if ok && after != "" && (len(before) == 1 && strings.Contains("cdjlmnst", before) || before == "qu" || before == "jusqu" || before == "lorsqu" || before == "puisqu") {
		return after
	}
	return word
}

var stemmers = []stemmer{
	{"en", english.Stem, set("the of and to in is that for with as on are be this by from or an at which it was we will not have our can these their its into between")},
	{"sv", swedish.Stem, set("och att det som en på är av för med den till inte om ett har de vi kan från eller ska kommer detta vid under samt även hur genom så mellan")},
	{"de", german.Stem, set("der die und das den von zu mit des dem ist ein eine nicht auf für im sich als auch werden wird wie einer durch bei oder sind zur zum aus über nach")},
	{"fr", french.Stem, set("le la les de des et du un une en dans pour que qui est par sur avec au aux ce cette ces sont plus nous ou se ne pas entre leur leurs")},
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// languages are those whose stems a text gets.
func languages(text string, runs []run, hint string) []stemmer {
	base, _, _ := strings.Cut(strings.ToLower(hint), "-")
	if base == "" {
		return guess(text, runs)
	}
	for i, s := range stemmers {
		if s.tag == base {
			return stemmers[i : i+1]
		}
	}
	return nil
}

// guess is the language of the text where that is sure, else all languages.
func guess(text string, runs []run) []stemmer {
	if best, sure := likeliest(text, runs); sure {
		return stemmers[best : best+1]
	}
	return stemmers
}

// Language is the likeliest language of a text, of those that have stems, as a
// BCP 47 tag. It is sure when at least three of its commonest words stand in the
// text and no other language comes near; "en" when no common word does.
func Language(text string) (tag string, sure bool) {
	best, sure := likeliest(text, split(text))
	return stemmers[best].tag, sure
}

// likeliest is the language whose commonest words stand in the beginning of the
// text, the first of equals.
func likeliest(text string, runs []run) (best int, sure bool) {
	counts := make([]int, len(stemmers))
	for _, r := range runs[:min(len(runs), 300)] {
		if r.pairs || r.end-r.start > 12 {
			continue
		}
		word := strings.ToLower(text[r.start:r.end])
		for i, s := range stemmers {
			if s.common[word] {
				counts[i]++
			}
		}
	}
	second := -1
	for i := 1; i < len(counts); i++ {
		switch {
		case counts[i] > counts[best]:
			best, second = i, best
		case second < 0 || counts[i] > counts[second]:
			second = i
		}
	}
	return best, counts[best] >= 3 && counts[best] >= 2*counts[second]
}

// common reports whether a word says nothing about what is looked for.
func common(word string) bool {
	for _, s := range stemmers {
		if s.common[word] {
			return true
		}
	}
	return false
}
