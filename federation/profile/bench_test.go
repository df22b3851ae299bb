package profile_test

import (
	"testing"

	oracle "github.com/tggo/goRDFlib/shacl"

	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// made are courses made of the published shapes, some of them broken.
func made(b *testing.B, n int) [][]rdf.Triple {
	text := published(b)
	out := make([][]rdf.Triple, n)
	for i := range out {
		m := newMaker(text, uint64(i))
		m.course()
		m.spoil(2)
		out[i] = m.triples
	}
	return out
}

func BenchmarkCheck(b *testing.B) {
	checker, err := profile.New()
	if err != nil {
		b.Fatal(err)
	}
	courses, triples := made(b, 200), 0
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		triples += len(courses[i%len(courses)])
		if _, err := checker.Results(courses[i%len(courses)]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(triples)/float64(b.N), "triples/op")
}

// BenchmarkOtherEngine is goRDFlib with the published shapes, 200 courses in one graph, for comparison.
func BenchmarkOtherEngine(b *testing.B) {
	shapes, err := oracle.LoadTurtleString(published(b), "")
	if err != nil {
		b.Fatal(err)
	}
	var text []byte
	for _, course := range made(b, 200) {
		text = appendNTriples(text, course)
	}
	text = appendNTriples(text, profile.Known())
	b.ResetTimer()
	for range b.N {
		graph, err := oracle.LoadTurtleString(string(text), "")
		if err != nil {
			b.Fatal(err)
		}
		oracle.Validate(graph, shapes)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/200, "us/course")
}

func BenchmarkNew(b *testing.B) {
	for range b.N {
		if _, err := profile.New(); err != nil {
			b.Fatal(err)
		}
	}
}
