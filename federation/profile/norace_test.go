//go:build !race

package profile_test

const slowdown = 1
