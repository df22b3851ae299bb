//go:build race

package rdf_test

// slowdown is what the race detector costs.
const slowdown = 10
