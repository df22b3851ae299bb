package elmrdf_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// FuzzDocument reads any bytes under any name: items have an IRI and a place, and an error of the whole
// document comes alone.
func FuzzDocument(f *testing.F) {
	names, err := filepath.Glob("../../testdata/golden/elm-*/source.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name) //nolint:gosec // a path of the golden directory
		if err != nil {
			f.Fatal(err)
		}
		f.Add("", "", body)
		f.Add("text/turtle", "application/ld+json", body)
	}
	f.Add("application/json", "", []byte(`{"Title":{"En":"x"},"Identifier":[1,{"notation":"a"}],"LearningOutcome":[["x"]],"id":null}`))
	f.Add("", "", []byte("{\"@context\":{\"a\":\"urn:a\"},\"a\":1}\n[]\n{\"title\":\"x\"}\n"))
	f.Fuzz(func(t *testing.T, media, override string, body []byte) {
		got := read(answer{media: media, body: string(body)}.get, source(override), rdf.Limits{Bytes: 1 << 20, Triples: 10_000})
		if got.end != nil && len(got.items)+len(got.lost) > 0 {
			t.Errorf("%v after %d courses", got.end, len(got.items))
		}
		for _, item := range got.items {
			if _, ok := item.Graph.Subject.(rdf.IRI); !ok || item.Where == "" {
				t.Errorf("subject %v at %q", item.Graph.Subject, item.Where)
			}
		}
		for _, lost := range got.lost {
			if lost.Where == "" || lost.Field == "" || lost.Message == "" || lost.Fix == "" {
				t.Errorf("lost without a word: %+v", lost)
			}
		}
	})
}
