package frugal_test

import (
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/frugal"
)

// verdict stands in for a test that may fail.
type verdict struct {
	testing.TB
	failed bool
}

func (v *verdict) Helper()               {}
func (v *verdict) Logf(string, ...any)   {}
func (v *verdict) Errorf(string, ...any) { v.failed = true }

var sink []byte

func TestVerdicts(t *testing.T) {
	busy := func(d time.Duration) func() {
		return func() {
			for until := time.Now().Add(d); time.Now().Before(until); {
				continue
			}
		}
	}
	for name, c := range map[string]struct {
		judge func(testing.TB)
		fails bool
	}{
		"quick": {func(tb testing.TB) { frugal.Within(tb, "", time.Minute, busy(0)) }, false},
		"slow":  {func(tb testing.TB) { frugal.Within(tb, "", 0, busy(20*time.Millisecond)) }, true},
		"waiting": {func(tb testing.TB) {
			frugal.Within(tb, "", 15*time.Millisecond, func() { time.Sleep(50 * time.Millisecond) })
		}, false},
		"small": {func(tb testing.TB) { frugal.Hostile(tb, "", busy(0)) }, false},
		"large": {func(tb testing.TB) { frugal.Hostile(tb, "", func() { sink = make([]byte, 300<<20) }) }, true},
	} {
		v := &verdict{TB: t}
		if c.judge(v); v.failed != c.fails {
			t.Errorf("%s: failed is %t", name, v.failed)
		}
	}
	sink = nil
}
