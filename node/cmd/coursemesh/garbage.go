package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A harvest makes many short-lived graphs, and at the collector's default of 100 percent a seventh of its time goes
// into collecting them. So garbage may grow to twice of what is in use, as long as both together stay within what any
// machine can spare: a node that holds a large catalogue would else take three times its size. GOGC still has the
// last word.
const (
	mostPercent  = 200
	leastPercent = 33 // below, collecting costs more than it saves
	comfortable  = 384 << 20
)

// boundGarbage judges anew after each collection.
func boundGarbage() {
	debug.SetGCPercent(mostPercent)
	at := mostPercent
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	var judge func(*[1]*byte)
	judge = func(token *[1]*byte) {
		metrics.Read(live)
		if want := percentFor(live[0].Value.Uint64()); want != at {
			at = want
			debug.SetGCPercent(at)
		}
		runtime.SetFinalizer(token, judge)
	}
	runtime.SetFinalizer(new([1]*byte), judge)
}

// percentFor is in steps, since each change stops the program for a moment.
func percentFor(live uint64) int {
	const step = 10
	spare := comfortable - min(live, comfortable)
	percent := int(spare * 100 / max(live, 1) / step * step)
	return max(leastPercent, min(percent, mostPercent))
}
