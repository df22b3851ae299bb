package elm_test

import (
	"flag"
	"os"
	"testing"
)

// checks is how many random documents each property is tried on, unless -rapid.checks says otherwise;
// together the properties see thousands of graphs.
const checks = "400"

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		_ = f.Value.Set(checks) // a number, which the flag takes
	}
	os.Exit(m.Run())
}
