// Command conflict measures how long it takes to find the conflicts of interest of a
// nation's proposals: go run ./bench/conflict
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
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

// processor is the processor time of this process.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
