package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/headwater-platform/headwater/engine/conflict"
	"github.com/headwater-platform/headwater/engine/expertise"
)

// Nation is a made country of researchers. A text has words of two topics, drawn by
// Zipf's law each, between words that all texts have; a person works on one topic
// mostly, and one in four of their works lies elsewhere nearby.
type Nation struct {
	People, Works, Texts int // works of a person, in the mean
	Topics, Vocabulary   int
	Words                int // of an abstract
}

// Literature makes every person with their works, one after the other, then every
// text that is to be judged.
func (n Nation) Literature(person func(expertise.Person) error, text func(expertise.Work) error) error {
	r := rand.New(rand.NewPCG(4, 2027))
	common, own := zipf(r, n.Vocabulary), zipf(r, 400)
	words := func(topic, other, count int) string {
		var b []byte
		for range count {
			switch u := r.Float64(); {
			case u < 0.6:
				b = strconv.AppendInt(append(b, 'w'), common(), 36)
			case u < 0.9:
				b = topical(b, topic, own())
			default:
				b = topical(b, other, own())
			}
			b = append(b, ' ')
		}
		return string(b)
	}
	document := func(id string, topic int) expertise.Work {
		other := (topic + 1 + r.IntN(8)) % n.Topics
		return expertise.Work{ID: id, Title: words(topic, other, 8), Abstract: words(topic, other, n.Words)}
	}
	for i := range n.People {
		topic := r.IntN(n.Topics)
		p := expertise.Person{ID: "p" + strconv.Itoa(i)}
		for k := range 1 + r.IntN(2*n.Works-1) {
			at := topic
			if r.IntN(4) == 0 {
				at = (topic + r.IntN(20)) % n.Topics
			}
			year := 2000 + r.IntN(27)
			w := document(fmt.Sprintf("w%d-%d", i, k), at)
			w.Year = year
			p.Works = append(p.Works, w)
		}
		if err := person(p); err != nil {
			return err
		}
	}
	for i := range n.Texts {
		if err := text(document("t"+strconv.Itoa(i), r.IntN(n.Topics))); err != nil {
			return err
		}
	}
	return nil
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

// proposalsOfCall are the proposals of one call of a nation.
const proposalsOfCall = 100

// organisations of a nation: the largest has 1.8 in 100 people, every second of the
// small ones is a part of one of the first hundred.
const organisations = 3000

// Ties makes what is known of people beside their texts: where they work and worked,
// who advised whom, with whom they wrote works and proposals, and whose the texts are.
// Works have 2.9 authors in the mean, people write with those near to them.
func (n Nation) Ties() (conflict.Facts, []conflict.Proposal) {
	r := rand.New(rand.NewPCG(4, 2027))
	day := func() conflict.Day { return conflict.Day(365*35 + r.IntN(365*22)) }
	near := func(p int) int32 {
		d := int(math.Exp(r.Float64()*math.Log(2000))) - 1
		return int32((p + d) % n.People)
	}
	f := conflict.Facts{People: n.People, Organisations: organisations}
	for o := range int32(organisations) {
		if o >= 100 && o%2 == 0 {
			f.Parents = append(f.Parents, conflict.Parent{Child: o, Parent: o % 100})
		}
	}
	for p := range int32(n.People) {
		begin := day()
		for k := range 1 + r.IntN(3) {
			u := r.Float64()
			a := conflict.Affiliation{Person: p, Organisation: int32(organisations * u * u), Period: conflict.Period{From: begin, To: conflict.Never}}
			if k > 0 {
				a.From, a.To = begin-2000, begin
				begin = a.From
			}
			f.Affiliations = append(f.Affiliations, a)
		}
		f.Ties = append(f.Ties, conflict.Tie{A: p, B: near(int(p)), Kind: conflict.Adviser, Period: conflict.Period{From: begin, To: begin + 1500}})
	}
	together := func(most int) conflict.Together {
		first := r.IntN(n.People)
		t := conflict.Together{Day: day(), People: []conflict.Member{{Person: int32(first), Confidence: 1}}}
		for range r.IntN(most) {
			t.People = append(t.People, conflict.Member{Person: near(first), Confidence: 1})
		}
		return t
	}
	for range n.People * n.Works {
		f.Works = append(f.Works, together(5))
	}
	for range n.Texts {
		f.Teams = append(f.Teams, together(3))
	}
	list := make([]conflict.Proposal, n.Texts)
	for i := range list {
		first := r.IntN(n.People)
		list[i] = conflict.Proposal{Call: int32(i / proposalsOfCall), Applicants: []int32{int32(first)}}
		for range r.IntN(3) {
			list[i].Applicants = append(list[i].Applicants, near(first))
		}
	}
	return f, list
}
