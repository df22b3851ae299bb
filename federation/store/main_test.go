package store_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain runs few random histories unless -rapid.checks asks for more, and lets the binary serve as the
// process that a test kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir))
	}
	if dir := os.Getenv(compactDir); dir != "" {
		os.Exit(compactChild(dir))
	}
	if err := flag.Set("rapid.checks", "15"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
