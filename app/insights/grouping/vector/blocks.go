package vector

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Blocks runs work over [0,n) in blocks of a fixed size, on all processors. Who runs a block depends on the machine, what
// a block is does not: a result that is put together block by block is the same everywhere. Each block writes only what is its
// own.
func Blocks(n, size int, work func(block, from, to int)) {
	count := (n + size - 1) / size
	workers := min(runtime.GOMAXPROCS(0), count)
	if workers <= 1 {
		for b := range count {
			work(b, b*size, min(n, (b+1)*size))
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
				work(b, b*size, min(n, (b+1)*size))
			}
		})
	}
	done.Wait()
}
