package bench

import (
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Used is what this process has taken of its machine so far.
type Used struct {
	Processor time.Duration // of all its threads
	Peak      int64         // most memory it has held, in bytes
}

// Usage asks the kernel what this process has used.
func Usage() Used {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // both arguments are valid
	}
	return Used{time.Duration(u.Utime.Nano() + u.Stime.Nano()), u.Maxrss << 10} // in kilobytes on Linux
}

// Each calls work for the numbers under n on all processors; worker makes what one of them needs.
func Each(n int, worker func() func(int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		work := worker()
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	group.Wait()
}
