package testserver_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters/testserver"
)

// enough courses for three pages of the faults' page size.
const enough = 5

// After the first harvests all records of the source are said to have changed, after the next one is gone.
var (
	change  = time.Unix(1_800_000_000, 0)
	removal = change.Add(24 * time.Hour)
)

func serverOf(standard testserver.Standard, set testserver.Set, faults ...testserver.Fault) *testserver.Server {
	return testserver.New(testserver.Config{Standard: standard, Set: set, Base: base, Faults: faults})
}

// TestFaults: whatever a server of any standard gets wrong, the harvest makes of it what the fault's row says,
// on a node that knows nothing yet and on one that knows the courses; and after an incomplete listing a course that
// is really gone is withdrawn, and no other.
func TestFaults(t *testing.T) {
	t.Parallel()
	set := testserver.Generate(home, enough, 1)
	for _, standard := range testserver.Standards {
		t.Run(string(standard), func(t *testing.T) {
			t.Parallel()
			tidy, later := tidily(t, standard, set), tidily(t, standard, set.Without(change))
			for _, fault := range testserver.FaultsOf(standard) {
				t.Run(fault.Name, func(t *testing.T) {
					t.Parallel()
					met(t, standard, fault, set, tidy, later)
				})
			}
		})
	}
}

func tidily(t *testing.T, standard testserver.Standard, set testserver.Set) outcome {
	t.Helper()
	w := newWorld(t, false, nil)
	w.serve(serverOf(standard, set), nil)
	tidy := w.harvest()
	if tidy.state != "complete" || tidy.Rejected != 0 || len(tidy.courses) < enough {
		t.Fatalf("a tidy server: %s %q, %d rejected, %d courses: %v", tidy.state, tidy.problem, tidy.Rejected, len(tidy.courses), tidy.Errors)
	}
	return tidy
}

func met(t *testing.T, standard testserver.Standard, fault testserver.Fault, set testserver.Set, tidy, later outcome) {
	fresh := newWorld(t, fault.Waits, nil)
	fresh.serve(serverOf(standard, set, fault), nil)
	judge(t, "unknown before", fault, fresh.harvest(), tidy, false)

	if fault.Must != testserver.Same { // else all are known already
		fresh.serve(serverOf(standard, set), nil)
		fresh.harvest()
	}
	fresh.serve(serverOf(standard, set.Without(change), fault), nil)
	judge(t, "known before", fault, fresh.harvest(), later, true)

	if fault.Must != testserver.Incomplete && fault.Must != testserver.Doubted {
		return
	}
	gone := set.Courses[3]
	fresh.serve(serverOf(standard, set.Deleting(removal, gone.ID)), nil)
	last := fresh.harvest()
	if last.state != "complete" || len(last.courses) != len(tidy.courses)-1 {
		t.Errorf("tidy again, without one course: %s %q, %d courses of %d", last.state, last.problem, len(last.courses), len(tidy.courses)-1)
	}
}

// judge compares what came of a harvest with what the fault's row says.
func judge(t *testing.T, when string, fault testserver.Fault, got, tidy outcome, known bool) {
	t.Helper()
	complete := got.state == "complete" || known && got.state == "unchanged"
	switch fault.Must {
	case testserver.Same:
		if diff := cmp.Diff(tidy.courses, got.courses); !complete || got.Rejected != 0 || diff != "" {
			t.Errorf("%s: %s %q, %d rejected %v; courses differ:\n%s", when, got.state, got.problem, got.Rejected, got.Errors, cut(diff))
		}
	case testserver.Listed:
		if lost := missing(tidy, got); !complete || got.Rejected != 0 || lost != nil {
			t.Errorf("%s: %s %q, %d rejected %v; lost %v", when, got.state, got.problem, got.Rejected, got.Errors, lost)
		}
	case testserver.Rejected:
		if lost := missing(tidy, got); got.Rejected == 0 || len(got.Errors) == 0 || known && lost != nil || len(lost) > got.Rejected {
			t.Errorf("%s: %s %q, %d rejected %v; lost %v", when, got.state, got.problem, got.Rejected, got.Errors, lost)
		}
	case testserver.Doubted:
		if lost := missing(tidy, got); known && (got.state != "held" || len(got.Errors) == 0 || lost != nil) {
			t.Errorf("%s: %s %q, %v; lost %v", when, got.state, got.problem, got.Errors, lost)
		}
	case testserver.Incomplete:
		if lost := missing(tidy, got); complete || got.problem == "" || got.Withdrawn != 0 || known && lost != nil {
			t.Errorf("%s: %s %q, %d withdrawn; lost %v", when, got.state, got.problem, got.Withdrawn, lost)
		}
	default:
		t.Errorf("no outcome %q", fault.Must)
	}
}

// missing are the courses, not programmes, that should be there.
func missing(want, got outcome) []string {
	var out []string
	for _, subject := range slices.Sorted(maps.Keys(want.courses)) {
		if _, ok := got.courses[subject]; !ok && !isProgramme(subject, want.courses[subject]) {
			out = append(out, subject)
		}
	}
	return out
}

func isProgramme(subject, graph string) bool {
	return strings.Contains(graph, "<"+subject+"> <http://purl.org/dc/terms/type> <http://data.europa.eu/snb/learning-opportunity/79343569f3>")
}

func cut(s string) string { return s[:min(len(s), 1500)] }
