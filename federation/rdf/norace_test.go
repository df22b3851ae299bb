//go:build !race

package rdf_test

const slowdown = 1
