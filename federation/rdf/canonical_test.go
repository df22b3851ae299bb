package rdf_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

func blank(t testing.TB, label string) rdf.Blank {
	t.Helper()
	b, err := rdf.NewBlank(label)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// clique links each of n blank nodes with all others.
func clique(t testing.TB, n int) []rdf.Triple {
	knows := rdf.MustIRI("http://example.org/knows")
	var triples []rdf.Triple
	for i := range n {
		for j := range n {
			if i != j {
				triples = append(triples, rdf.Triple{
					Subj: blank(t, fmt.Sprint("n", i)), Pred: knows, Obj: blank(t, fmt.Sprint("n", j)),
				})
			}
		}
	}
	return triples
}

func TestCliqueExecutions(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{5: 485, 6: 3606} {
		if got, err := rdf.Executions(clique(t, n), 1_000_000); got != want || err != nil {
			t.Errorf("a clique of %d: %d executions, want %d (error %v)", n, got, want, err)
		}
	}
	if _, err := rdf.Canonical(clique(t, 5)); err != nil {
		t.Error(err)
	}
}

func TestCanonicalRefusesWhatNoParserReadsBack(t *testing.T) {
	t.Parallel()
	s, p := rdf.MustIRI("urn:s"), rdf.MustIRI("urn:p")
	relative, err := rdf.NewIRI("a")
	if err != nil {
		t.Fatal(err)
	}
	for name, triple := range map[string]rdf.Triple{
		"missing terms":      {},
		"zero IRI":           {Subj: rdf.IRI{}, Pred: p, Obj: s},
		"relative IRI":       {Subj: relative, Pred: p, Obj: s},
		"zero blank node":    {Subj: rdf.Blank{}, Pred: p, Obj: s},
		"zero literal":       {Subj: s, Pred: p, Obj: rdf.Literal{}},
		"invalid UTF-8":      {Subj: s, Pred: p, Obj: rdf.String("\xff")},
		"langString, no tag": {Subj: s, Pred: p, Obj: rdf.Typed("x", rdf.LangString)},
	} {
		if out, err := rdf.Canonical([]rdf.Triple{triple}); err == nil {
			t.Errorf("%s: accepted as %q", name, out)
		}
		for _, f := range []rdf.Format{rdf.Turtle, rdf.NTriples, rdf.JSONLD} {
			if err := rdf.Encode(io.Discard, f, []rdf.Triple{triple}); err == nil {
				t.Errorf("%s: encoded as %s", name, f)
			}
		}
	}
}

func TestParseCanonicalAcceptsOneFormOnly(t *testing.T) {
	t.Parallel()
	good := "<urn:s> <urn:p> \"a\\n\\u007F\"@en .\n<urn:s> <urn:p> _:c14n0 .\n_:c14n0 <urn:p> \"é\" .\n"
	if _, err := rdf.ParseCanonical([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"other label":      {good, "<urn:s> <urn:p> _:c14n1 .\n_:c14n1 <urn:p> \"é\" .\n"},
		"order":            {good, "<urn:s> <urn:p> <urn:o> .\n<urn:a> <urn:p> <urn:o> .\n"},
		"duplicate":        {good, "<urn:s> <urn:p> <urn:o> .\n<urn:s> <urn:p> <urn:o> .\n"},
		"needless escape":  {"é", "\\u00E9"},
		"raw control":      {"\\u007F", "\x7f"},
		"small hex":        {"\\u007F", "\\u007f"},
		"upper-case tag":   {"@en", "@EN"},
		"xsd:string":       {"\"é\"", "\"é\"^^<http://www.w3.org/2001/XMLSchema#string>"},
		"comment":          {good, "# x\n" + good},
		"byte order mark":  {good, "\uFEFF" + good},
		"two spaces":       {"<urn:s> <urn:p> _", "<urn:s>  <urn:p> _"},
		"CRLF":             {" .\n_", " .\r\n_"},
		"no final newline": {"\"é\" .\n", "\"é\" ."},
		"named graph":      {"\"é\" .", "\"é\" <urn:g> ."},
	} {
		source := strings.Replace(good, change[0], change[1], 1)
		if source == good {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := rdf.ParseCanonical([]byte(source)); err == nil {
			t.Errorf("%s: accepted\n%s", name, source)
		}
	}
}

func TestCanonicalOfNothing(t *testing.T) {
	t.Parallel()
	if out, err := rdf.Canonical(nil); len(out) != 0 || err != nil {
		t.Errorf("%q, error %v", out, err)
	}
	if triples, err := rdf.ParseCanonical(nil); len(triples) != 0 || err != nil {
		t.Errorf("%v, error %v", triples, err)
	}
}
