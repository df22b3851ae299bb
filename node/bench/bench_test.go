package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/node/bench"
)

func run(t *testing.T, name string, opt bench.Options) bench.Result {
	t.Helper()
	result, err := bench.Run(context.Background(), name, opt, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestGenerateIsDeterministic(t *testing.T) {
	t.Parallel()
	document := func(n int, seed uint64) []byte {
		var out bytes.Buffer
		result := run(t, "generate", bench.Options{N: n, Seed: seed, Out: &out})
		if result.Bytes != int64(out.Len()) {
			t.Errorf("reports %d bytes of %d", result.Bytes, out.Len())
		}
		return out.Bytes()
	}
	one := document(50, 1)
	if !bytes.Equal(one, document(50, 1)) {
		t.Error("two documents for one seed")
	}
	if bytes.Equal(one, document(50, 2)) {
		t.Error("one document for two seeds")
	}
	if !bytes.HasPrefix(document(60, 1), one) {
		t.Error("courses depend on how many there are")
	}
}

// TestGeneratedCoursesAreRealistic: they decode to the triples that are reported, one graph each, all with
// a title in two languages, and survive normalisation.
func TestGeneratedCoursesAreRealistic(t *testing.T) {
	t.Parallel()
	const n = 200
	var out bytes.Buffer
	result := run(t, "generate", bench.Options{N: n, Seed: 3, Out: &out})
	var triples []rdf.Triple
	for triple, err := range rdf.Decode(&out, rdf.Turtle, "", rdf.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		triples = append(triples, triple)
	}
	if len(triples) != result.Triples {
		t.Errorf("%d triples, %d reported", len(triples), result.Triples)
	}
	graphs, orphans := elm.Split(triples)
	if len(graphs) != n || len(orphans) != 0 {
		t.Fatalf("%d courses, %d orphans", len(graphs), len(orphans))
	}
	for _, g := range graphs {
		normal, removed := g.Normalise(elm.Naming{ProviderIRI: "https://bench.example/"})
		if removed.Persons+removed.Addresses > 0 {
			t.Errorf("%v: person data in a synthetic course", g.Subject)
		}
		course := elm.View(g.Subject.String(), normal.Triples)
		if len(course.Title) != 2 || len(course.Outcomes) != 2 || len(course.Offerings) != 1 || course.ECTS == nil || len(course.ISCED) != 1 {
			t.Fatalf("%+v", course)
		}
	}
}

func TestIngest(t *testing.T) {
	t.Parallel()
	for _, standard := range bench.Standards() {
		t.Run(standard, func(t *testing.T) {
			t.Parallel()
			testIngest(t, standard)
		})
	}
}

func testIngest(t *testing.T, standard string) {
	const n = 300
	result := run(t, "ingest", bench.Options{N: n, Standard: standard, Dir: t.TempDir()})
	if result.Courses < n || result.Courses > n+n/10 || result.Triples < 15*n || result.RecordBytes <= 0 || result.StoredBytes <= 0 || result.PerCPUSecond <= 0 {
		t.Errorf("%+v", result)
	}
	var stages []string
	cpu := 0.0
	for _, s := range result.Stages {
		stages = append(stages, s.Name)
		cpu += s.CPUSeconds
	}
	want := []string{"parse+map+split", "profile", "normalise", "canonicalise", "sign", "stage", "switch"}
	if !slices.Equal(stages, want) {
		t.Errorf("stages %q", stages)
	}
	// What lies between the stages is part of the whole.
	if cpu > result.CPUSeconds {
		t.Errorf("stages take %f CPU seconds of %f", cpu, result.CPUSeconds)
	}
	pilot := map[string]float64{"elm": 419, "ooapi": 630, "ooapi6": 630}[standard]
	for _, c := range result.Compared {
		if strings.Contains(c.Name, "pilot") != (c.PerCPUSecond == pilot) || c.Ratio <= 0 {
			t.Errorf("%+v", c)
		}
		if c.PerCPUSecond == pilot && !strings.Contains(c.Name, "parse+map+split only") {
			t.Errorf("%q does not say which stage it is compared with", c.Name)
		}
	}
	if wanted := map[bool]int{true: 2, false: 1}[pilot > 0]; len(result.Compared) != wanted {
		t.Errorf("%+v", result.Compared)
	}
}

func TestCanonAgreesWithGold(t *testing.T) {
	t.Parallel()
	result := run(t, "canon", bench.Options{N: 100})
	if len(result.Compared) != 1 || result.Compared[0].Ratio <= 0 {
		t.Errorf("%+v", result.Compared)
	}
	text, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"name", "n", "seconds", "cpu_seconds", "per_second", "per_cpu_second", "peak_rss_bytes", "stages", "compared"} {
		if !strings.Contains(string(text), `"`+field+`":`) {
			t.Errorf("no %s in %s", field, text)
		}
	}
}

// stages of a result by name; each is a part of the whole.
func stages(t *testing.T, r bench.Result) []string {
	t.Helper()
	var names []string
	for _, s := range r.Stages {
		if names = append(names, s.Name); s.Seconds < 0 || s.CPUSeconds < 0 {
			t.Errorf("%+v", s)
		}
	}
	return names
}

func TestMap(t *testing.T) {
	t.Parallel()
	const n = 120
	all := run(t, "map", bench.Options{N: n, Dir: t.TempDir()})
	if got := stages(t, all); !slices.Equal(got, bench.Standards()) {
		t.Errorf("stages %q", got)
	}
	courses := 0
	for _, s := range all.Stages {
		if courses += s.Courses; s.Courses < n || s.Courses > n+n/10+1 {
			t.Errorf("%+v", s)
		}
	}
	if all.Courses != courses || all.Triples < 15*courses || all.Bytes == 0 || all.PerCPUSecond <= 0 {
		t.Errorf("%+v", all)
	}
	for _, c := range all.Compared {
		standard, _, _ := strings.Cut(c.Name, ":")
		if want := map[string]float64{"elm": 419, "ooapi": 630, "ooapi6": 630}[standard]; c.PerCPUSecond != want || c.Ratio <= 0 {
			t.Errorf("%+v", c)
		}
	}
	if len(all.Compared) != 3 {
		t.Errorf("%+v", all.Compared)
	}
	one := run(t, "map", bench.Options{N: n, Standard: "occapi", Dir: t.TempDir()})
	if got := stages(t, one); !slices.Equal(got, []string{"occapi"}) || len(one.Compared) != 0 {
		t.Errorf("%+v", one)
	}
}

func TestIndex(t *testing.T) {
	t.Parallel()
	r := run(t, "index", bench.Options{N: 300, Dir: t.TempDir()})
	if r.Courses != 300 || r.PerCPUSecond <= 0 || !slices.Equal(stages(t, r), []string{"index"}) {
		t.Errorf("%+v", r)
	}
}

// TestSearchAgreesWithAScan: the benchmark fails when a total differs; here that there are totals worth comparing.
func TestSearchAgreesWithAScan(t *testing.T) {
	t.Parallel()
	r := run(t, "search", bench.Options{N: 700})
	if len(r.Compared) != 1 || r.Compared[0].Ratio <= 0 || r.Courses != 700 {
		t.Errorf("%+v", r)
	}
	if len(r.Latencies) < 5 || r.Latencies[0].Name != "all" {
		t.Fatalf("%+v", r.Latencies)
	}
	queries := 0
	for i, l := range r.Latencies {
		if l.P50 <= 0 || l.P50 > l.P95 || l.P95 > l.P99 {
			t.Errorf("%+v", l)
		}
		if i > 0 {
			queries += l.Queries
		}
	}
	if queries != r.Latencies[0].Queries {
		t.Errorf("%d queries of all kinds, %d in all", queries, r.Latencies[0].Queries)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	r := run(t, "update", bench.Options{N: 250, Dir: t.TempDir()})
	if r.Courses != 2 || r.PerCPUSecond <= 0 || !slices.Equal(stages(t, r), []string{"first harvest of all", "harvest", "until searchable"}) {
		t.Errorf("%+v", r)
	}
}

func TestDump(t *testing.T) {
	t.Parallel()
	r := run(t, "dump", bench.Options{N: 200, Dir: t.TempDir()})
	if r.Courses != 200 || r.Bytes <= 0 || len(r.Compared) != 1 || r.Compared[0].Ratio <= 0 || !slices.Equal(stages(t, r), []string{"dump"}) {
		t.Errorf("%+v", r)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := bench.Run(context.Background(), "teleport", bench.Options{}, io.Discard); !errors.Is(err, bench.ErrUnknown) {
		t.Errorf("unknown name: %v", err)
	}
	if _, err := bench.Run(context.Background(), "ingest", bench.Options{Standard: "ooapi4"}, io.Discard); err == nil {
		t.Error("unknown standard was taken")
	}
	if _, err := bench.Run(context.Background(), "canon", bench.Options{N: -1}, io.Discard); err == nil {
		t.Error("negative number was taken")
	}
	for _, name := range bench.Names() {
		if name == "generate" {
			continue
		}
		if _, err := bench.Run(cancelled, name, bench.Options{N: 10, Dir: t.TempDir()}, io.Discard); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: %v", name, err)
		}
	}
}
