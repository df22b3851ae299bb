// Package frugal measures for tests what a piece of work costs: processor time of its own thread, where the system
// tells, so that neither other tests nor a busy machine lengthen it; and by how much the process grows.
package frugal

import (
	"math"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// Within fails a test when f takes more processor time than it may. Of three tries the best counts, since caches may
// be cold.
func Within(t testing.TB, what string, limit time.Duration, f func()) {
	t.Helper()
	best := time.Duration(math.MaxInt64)
	for try := 0; try < 3 && best > limit; try++ {
		best = min(best, processor(t, f))
	}
	t.Logf("%-24s %v", what, best)
	if best > limit {
		t.Errorf("%s: %v of processor time, %v at most", what, best, limit)
	}
}

// What hostile input may cost (row 13 of the faults that must do no harm).
const (
	hostileTime   = time.Second
	hostileMemory = 64 << 20
)

// Hostile fails a test when f takes more than a second of processor time or makes the process 64 MiB larger. Tests
// that use it run alone.
func Hostile(t testing.TB, what string, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	took := processor(t, f)
	runtime.ReadMemStats(&after)
	grown := int64(after.Sys) - int64(before.Sys)
	t.Logf("%-24s %v, %d MiB more", what, took, grown>>20)
	if took > hostileTime {
		t.Errorf("%s: %v of processor time", what, took)
	}
	if grown > hostileMemory {
		t.Errorf("%s: %d MiB", what, grown>>20)
	}
}

// processor time that f takes.
func processor(t testing.TB, f func()) time.Duration {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(whose, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	start := used()
	f()
	return used() - start
}
