package main

import "testing"

func TestPercentFor(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{
		0: mostPercent, 10 << 20: mostPercent, 128 << 20: mostPercent, 192 << 20: 100, 256 << 20: 50, 384 << 20: leastPercent, 8 << 30: leastPercent,
	} {
		if got := percentFor(live); got != want {
			t.Errorf("%d MiB in use: %d percent instead of %d", live>>20, got, want)
		}
	}
}
