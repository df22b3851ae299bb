package rdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// TestWriterKeepsGraphsApart: a document of several graphs decodes to their union, in which no two graphs share a blank
// node, whatever their labels; one that the format cannot hold leaves no trace.
func TestWriterKeepsGraphsApart(t *testing.T) {
	t.Parallel()
	for _, format := range []rdf.Format{rdf.Turtle, rdf.JSONLD, rdf.RDFXML} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				graphs := rapid.SliceOfN(graphGen(), 0, 3).Draw(t, "graphs")
				var out bytes.Buffer
				w, err := rdf.NewWriter(&out, format)
				if err != nil {
					t.Fatal(err)
				}
				var union []rdf.Triple
				for i, g := range graphs {
					switch err := w.Add(g); {
					case errors.Is(err, rdf.ErrFormat) && format == rdf.RDFXML:
					case err != nil:
						t.Fatal(err)
					default:
						union = append(union, apart(t, g, i)...)
					}
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				var read []rdf.Triple
				for triple, err := range rdf.Decode(&out, format, "https://base.example/", rdf.Limits{}) {
					if err != nil {
						t.Fatalf("%v in %s", err, out.String())
					}
					read = append(read, triple)
				}
				want, err1 := rdf.Canonical(union)
				got, err2 := rdf.Canonical(read)
				if errors.Is(err1, rdf.ErrBudget) && errors.Is(err2, rdf.ErrBudget) {
					return
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" || err1 != nil || err2 != nil {
					t.Fatalf("%v %v (-want +got):\n%s", err1, err2, diff)
				}
			})
		})
	}
}

// apart gives the blank nodes of a graph names that no other graph has.
func apart(t *rapid.T, graph []rdf.Triple, number int) []rdf.Triple {
	renamed := func(term rdf.Term) rdf.Term {
		if _, ok := term.(rdf.Blank); !ok {
			return term
		}
		b, err := rdf.NewBlank(fmt.Sprintf("g%d%s", number, term.String()))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var out []rdf.Triple
	for _, triple := range graph {
		out = append(out, rdf.Triple{Subj: renamed(triple.Subj).(rdf.Subject), Pred: triple.Pred, Obj: renamed(triple.Obj).(rdf.Object)})
	}
	return out
}

func TestWriterRefusesLines(t *testing.T) {
	t.Parallel()
	if _, err := rdf.NewWriter(&bytes.Buffer{}, rdf.NTriples); !errors.Is(err, rdf.ErrFormat) {
		t.Errorf("%v", err)
	}
}
