// Command conflict measures how long it takes to find the conflicts of interest of a
// nation's proposals: go run ./bench/conflict
package main

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/headwater-platform/headwater/engine/conflict"
)

func main() {
	people := flag.Int("people", 150_000, "people, who apply and review")
	proposals := flag.Int("proposals", 300_000, "proposals of one call")
	works := flag.Int("works", 3_000_000, "works, of 2.9 known authors in the mean: 3.9 links of two")
	candidates := flag.Int("candidates", 50, "reviewers to ask about, for each proposal")
	flag.Parse()
	facts, list := made(*people, *proposals, *works)
	links := 0
	for _, w := range facts.Works {
		links += len(w.People) * (len(w.People) - 1) / 2
	}
	began, worked := time.Now(), processor()
	step := func(what string, n int) {
		fmt.Printf("%-60s %12d %8.1f s, processor %.1f s\n", what, n, time.Since(began).Seconds(), (processor() - worked).Seconds())
		began, worked = time.Now(), processor()
	}
	f, err := conflict.New(facts, list)
	if err != nil {
		panic(err)
	}
	step(fmt.Sprintf("index, %d links of co-authors", links), len(facts.Works))
	day := conflict.DayOf(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
	rules := []conflict.Rule{
		{Kind: conflict.Organisation, Hard: true, Kin: true},
		{Kind: conflict.Organisation, Years: 3},
		{Kind: conflict.CoAuthor, Hard: true, Years: 3},
		{Kind: conflict.CoApplicant, Hard: true, Years: 5},
		{Kind: conflict.Adviser, Hard: true, Years: 50},
	}
	n := each(len(list), func(i int) int { return len(f.Of(i, rules, day)) })
	step("conflicts of every proposal with everybody", n)
	rules = append(rules, conflict.Rule{Kind: conflict.OwnProposal, Hard: true})
	n = each(len(list), func(i int) int {
		r := rand.New(rand.NewPCG(5, uint64(i)))
		some := make([]int32, *candidates)
		for k := range some {
			some[k] = int32(r.IntN(*people))
		}
		return len(f.Among(i, some, rules, day))
	})
	step(fmt.Sprintf("conflicts of every proposal with %d candidates", *candidates), n)
}

// each sums over the numbers under n on all processors.
func each(n int, of func(i int) int) int {
	var next, sum atomic.Int64
	var done sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		done.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				sum.Add(int64(of(i)))
			}
		})
	}
	done.Wait()
	return int(sum.Load())
}

// made is a country of 3,000 organisations, the largest with 1.8 in 100 people, every second of the small ones a
// part of one of the first hundred; people write with those near to them.
func made(people, proposals, works int) (conflict.Facts, []conflict.Proposal) {
	r := rand.New(rand.NewPCG(4, 2027))
	const organisations = 3000
	day := func() conflict.Day { return conflict.Day(365*35 + r.IntN(365*22)) }
	near := func(p int) int32 {
		d := int(math.Exp(r.Float64()*math.Log(2000))) - 1
		return int32((p + d) % people)
	}
	at := func() int32 {
		u := r.Float64()
		return int32(organisations * u * u)
	}
	f := conflict.Facts{People: people, Organisations: organisations}
	for o := range int32(organisations) {
		if o >= 100 && o%2 == 0 {
			f.Parents = append(f.Parents, conflict.Parent{Child: o, Parent: o % 100})
		}
	}
	for p := range int32(people) {
		begin := day()
		for k := range 1 + r.IntN(3) {
			a := conflict.Affiliation{Person: p, Organisation: at(), Period: conflict.Period{From: begin, To: conflict.Never}}
			if k > 0 {
				a.From, a.To = begin-2000, begin
				begin = a.From
			}
			f.Affiliations = append(f.Affiliations, a)
		}
		f.Ties = append(f.Ties, conflict.Tie{A: p, B: near(int(p)), Kind: conflict.Adviser, Period: conflict.Period{From: begin, To: begin + 1500}})
	}
	together := func(most int) conflict.Together {
		first := r.IntN(people)
		t := conflict.Together{Day: day(), People: []conflict.Member{{Person: int32(first), Confidence: 1}}}
		for range r.IntN(most) {
			t.People = append(t.People, conflict.Member{Person: near(first), Confidence: 1})
		}
		return t
	}
	for range works {
		f.Works = append(f.Works, together(5))
	}
	for range proposals {
		f.Teams = append(f.Teams, together(3))
	}
	list := make([]conflict.Proposal, proposals)
	for i := range list {
		first := r.IntN(people)
		list[i].Applicants = []int32{int32(first)}
		for range r.IntN(3) {
			list[i].Applicants = append(list[i].Applicants, near(first))
		}
	}
	return f, list
}

// processor is the processor time of this process.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
