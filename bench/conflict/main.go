// Command conflict measures how long it takes to find the conflicts of interest of a
// nation's proposals: go run ./bench/conflict
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/headwater-platform/headwater/engine/conflict"
	"github.com/headwater-platform/headwater/internal/bench"
)

func main() {
	people := flag.Int("people", 150_000, "people, who apply and review")
	proposals := flag.Int("proposals", 300_000, "proposals of one call")
	works := flag.Int("works", 20, "works for each person, of 2.9 known authors in the mean: 3.9 links of two")
	candidates := flag.Int("candidates", 50, "reviewers to ask about, for each proposal")
	flag.Parse()
	facts, list := bench.Nation{People: *people, Works: *works, Texts: *proposals}.Ties()
	links := 0
	for _, w := range facts.Works {
		links += len(w.People) * (len(w.People) - 1) / 2
	}
	began, worked := time.Now(), bench.Usage().Processor
	step := func(what string, n int) {
		fmt.Printf("%-60s %12d %8.1f s, processor %.1f s\n", what, n, time.Since(began).Seconds(), (bench.Usage().Processor - worked).Seconds())
		began, worked = time.Now(), bench.Usage().Processor
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
	n := sum(len(list), func(i int) int { return len(f.Of(i, rules, day)) })
	step("conflicts of every proposal with everybody", n)
	rules = append(rules, conflict.Rule{Kind: conflict.OwnProposal, Hard: true})
	n = sum(len(list), func(i int) int {
		r := rand.New(rand.NewPCG(5, uint64(i)))
		some := make([]int32, *candidates)
		for k := range some {
			some[k] = int32(r.IntN(*people))
		}
		return len(f.Among(i, some, rules, day))
	})
	step(fmt.Sprintf("conflicts of every proposal with %d candidates", *candidates), n)
}

// sum adds up over the numbers under n on all processors.
func sum(n int, of func(i int) int) int {
	var total atomic.Int64
	bench.Each(n, func() func(int) { return func(i int) { total.Add(int64(of(i))) } })
	return int(total.Load())
}
