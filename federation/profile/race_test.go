//go:build race

package profile_test

// slowdown is what the race detector costs.
const slowdown = 10
