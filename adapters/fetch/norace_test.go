//go:build !race

package fetch_test

// slowdown is what the race detector costs.
const slowdown = 1
