package cluster

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// blocks runs work over [0,n) in blocks on all processors; each block writes only what is its own.
func blocks(n, size int, work func(from, to int)) {
	count := (n + size - 1) / size
	workers := min(runtime.GOMAXPROCS(0), count)
	if workers <= 1 {
		if n > 0 {
			work(0, n)
		}
		return
	}
	var next atomic.Int64
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for {
				b := int(next.Add(1)) - 1
				if b >= count {
					return
				}
				work(b*size, min(n, (b+1)*size))
			}
		})
	}
	done.Wait()
}
