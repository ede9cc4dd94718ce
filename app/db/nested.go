package db

import (
	"reflect"
	"runtime"
)

// maxFrames is how far up the stack insideWrite looks for guarded. The functions between a nested Write and the outer
// one are a few services deep.
const maxFrames = 64

// guarded runs what must not write: the function of a Write, and After hooks. insideWrite finds it on the stack.
//
//go:noinline
func guarded(fn func()) { fn() }

// insideWrite tells whether the calling goroutine is inside guarded. A nested Write would wait for the very goroutine
// that runs it. A mark in the context would not do: the nested call is usually given the outer context. It costs about
// a microsecond.
func insideWrite() bool {
	var pcs [maxFrames]uintptr
	n := runtime.Callers(3, pcs[:])
	entry := reflect.ValueOf(guarded).Pointer()
	for _, pc := range pcs[:n] {
		// guarded is far smaller than this; the cheap comparison spares a look-up for each frame
		if pc-entry < 1<<10 && runtime.FuncForPC(pc-1).Entry() == entry {
			return true
		}
	}
	return false
}
