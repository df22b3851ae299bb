package elmrdf_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// TestDocsAccountForTheProfile: every property that the profile's shapes have is in docs/mapping/elm.md.
func TestDocsAccountForTheProfile(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	docs, err := os.ReadFile("../../docs/mapping/elm.md")
	if err != nil {
		t.Fatal(err)
	}
	shapes, err := os.Open(filepath.Join(corpus, "standards/data/quality-link/ontology-shacl.ttl"))
	if err != nil {
		t.Fatal(err)
	}
	defer shapes.Close()
	paths := map[string]bool{}
	for triple, err := range rdf.Decode(shapes, rdf.Turtle, "urn:x:", rdf.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		if iri, ok := triple.Obj.(rdf.IRI); ok && triple.Pred.String() == "http://www.w3.org/ns/shacl#path" {
			paths[iri.String()] = true
		}
	}
	if len(paths) < 60 {
		t.Errorf("only %d properties found", len(paths))
	}
	for iri := range paths {
		name := iri[strings.LastIndexAny(iri, "/#")+1:]
		if !strings.Contains(string(docs), ":"+name+"`") {
			t.Errorf("docs/mapping/elm.md does not say what becomes of <%s>", iri)
		}
	}
}
