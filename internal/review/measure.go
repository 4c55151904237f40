package review

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/headwater-platform/headwater/engine/expertise"
	"github.com/headwater-platform/headwater/engine/token"
	"github.com/headwater-platform/headwater/internal/register"
)

// measure says how well the people of a pool can judge the proposals of a stage:
// the scores of package expertise over titles, summaries, works and what people say
// of themselves. Proposals and people are known by index. It is safe for concurrent use.
type measure struct {
	index   *expertise.Index
	silent  []bool      // by person: has nothing written, and so is near to nobody
	all     [][]float64 // by proposal and person, to six decimals, as certificates count them
	written []string    // by proposal: its text, for words as they stand there
	scorers sync.Pool
	blend   string // one of the Blends
}

// Whether an embedding service took part in scores.
const (
	WordsAlone = "" // none is set
	Blended    = "blended"
	Unblended  = "failed" // it did not answer as it should: the scores are of words alone
)

// halfLife is in how many years, from the newest work of a pool, a work comes to count half: fields move, and who worked on something
// long ago may know little of it now.
const halfLife = 10

// blend is an embedding service and its share of a score.
type blend struct {
	expertise.Embedder
	share float64
}

// newMeasure indexes the texts and scores every pair. O(pairs × works a person).
func newMeasure(ctx context.Context, proposals []candidate, people []string, writings map[string][]register.Writing, with blend) (*measure, error) {
	corpus := expertise.NewCorpus(false)
	var authors []expertise.Person
	var texts []expertise.Work
	m := &measure{silent: make([]bool, len(people)), all: make([][]float64, len(proposals)), written: make([]string, len(proposals))}
	for j, id := range people {
		p := expertise.Person{ID: id}
		for _, w := range writings[id] {
			p.Works = append(p.Works, expertise.Work{ID: w.ID, Title: w.Title, Abstract: w.Abstract, Year: w.Year})
		}
		m.silent[j] = len(p.Works) == 0
		authors = append(authors, p)
	}
	for i, c := range proposals {
		m.written[i] = c.Title + "\n" + c.Summary
		texts = append(texts, expertise.Work{ID: c.ID, Title: c.Title, Abstract: c.Summary})
	}
	err := corpus.AddPeople(ctx, authors)
	if err == nil {
		err = corpus.AddTexts(ctx, texts)
	}
	if err == nil {
		m.index, err = corpus.Index(ctx, expertise.Options{HalfLife: halfLife})
	}
	if err != nil {
		return nil, err
	}
	m.scorers.New = func() any { return m.index.Scorer() }
	if err := m.scoreAll(ctx); err != nil || with.Embedder == nil {
		return m, err
	}
	return m, m.embed(ctx, authors, texts, with)
}

// embed blends all scores with the likeness that an embedding service finds. Where it fails they stay as they are.
func (m *measure) embed(ctx context.Context, authors []expertise.Person, texts []expertise.Work, with blend) error {
	e, err := expertise.Embed(ctx, with, authors, texts)
	if err != nil {
		m.blend = Unblended
		slog.WarnContext(ctx, "scores are of words alone", "error", err)
		return ctx.Err()
	}
	m.blend = Blended
	e.Fit(func(text, person int) float64 { return m.all[text][person] })
	for i, row := range m.all {
		for j, v := range row {
			row[j] = math.Round(e.Blend(v, i, j, with.share)*1e6) / 1e6
		}
	}
	return nil
}

func (m *measure) scoreAll(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range m.all {
		g.Go(func() error {
			s := m.scorers.Get().(*expertise.Scorer)
			defer m.scorers.Put(s)
			m.all[i] = s.Score(make([]float64, 0, len(m.silent)), i)
			for j, v := range m.all[i] {
				if m.silent[j] {
					v = 0
				}
				m.all[i][j] = math.Round(v*1e6) / 1e6
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

// scores is how well each person fits a proposal, 0 to 1.
func (m *measure) scores(proposal int) []float64 { return m.all[proposal] }

// wordsShown is how many shared words of a pair are shown.
const wordsShown = 4

// words are those that made most of the score of a pair, as the proposal writes them.
func (m *measure) words(proposal, person int) []string {
	s := m.scorers.Get().(*expertise.Scorer)
	defer m.scorers.Put(s)
	out := s.Terms(proposal, person, wordsShown)
	if len(out) == 0 {
		return out
	}
	written := asWritten(m.written[proposal])
	for i, stem := range out {
		if w, ok := written[stem]; ok {
			out[i] = w
		}
	}
	return out
}

// asWritten leads from the stems of a text to the words that have them.
func asWritten(text string) map[string]string {
	language, _ := token.Language(text)
	var stems token.Stems
	out := map[string]string{}
	for _, w := range token.Plain(text) {
		word := strings.ToLower(text[w.Start:w.End])
		for _, stem := range stems.Append(nil, word, language) {
			if _, known := out[stem]; !known {
				out[stem] = word
			}
		}
	}
	return out
}

// measures keeps the last few measures, so that a second question about a stage
// is answered without scoring anew.
type measures struct {
	mu   sync.Mutex
	kept []keptMeasure // the newest last
}

type keptMeasure struct {
	of [sha256.Size]byte
	at time.Time
	*measure
}

// again is after how long an embedding service that failed is asked again.
const again = 5 * time.Minute

const mostMeasures = 4

// get is the measure of exactly these texts.
func (k *measures) get(ctx context.Context, proposals []candidate, people []string, writings map[string][]register.Writing, with blend) (*measure, error) {
	key := textsOf(proposals, people, writings)
	k.mu.Lock()
	k.kept = slices.DeleteFunc(k.kept, func(m keptMeasure) bool { return m.blend == Unblended && time.Since(m.at) > again })
	for _, m := range k.kept {
		if m.of == key {
			k.mu.Unlock()
			return m.measure, nil
		}
	}
	k.mu.Unlock()
	m, err := newMeasure(ctx, proposals, people, writings, with)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, keptMeasure{key, time.Now(), m})
	k.kept = k.kept[max(0, len(k.kept)-mostMeasures):]
	return m, nil
}

// textsOf names texts: SHA-256 over all of them, each with its length.
func textsOf(proposals []candidate, people []string, writings map[string][]register.Writing) (key [sha256.Size]byte) {
	h := sha256.New()
	put := func(texts ...string) {
		for _, t := range texts {
			fmt.Fprintf(h, "%d:", len(t)) // a hash takes everything
			_, _ = io.WriteString(h, t)
		}
	}
	for _, c := range proposals {
		put("proposal", c.ID, c.Title, c.Summary)
	}
	for _, id := range people {
		put("person", id)
		for _, w := range writings[id] {
			put(w.ID, w.Title, w.Abstract, fmt.Sprint(w.Year))
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}
