package elmrdf_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/elmrdf"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// w3cCase is one test of a suite of the W3C: a document, and what it says or that it is wrong.
type w3cCase struct {
	name, url, media string
	file, result     string // result "" for a test of syntax alone
	negative         bool
}

// TestW3C gives every document of the suites to the adapter as a server would, and compares what it takes in.
// What fails is listed in knownGaps; docs/mapping/elm.md says why.
func TestW3C(t *testing.T) {
	t.Parallel()
	root := os.Getenv("COURSEMESH_CORPUS")
	if root == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	root = filepath.Join(root, "w3c")
	for folder, suite := range map[string]struct {
		media string
		cases int
	}{"rdf-turtle": {"text/turtle", 313}, "rdf-n-triples": {"application/n-triples", 70}, "rdf-xml": {"application/rdf+xml", 166}} {
		cases := manifestCases(t, filepath.Join(root, folder), suite.media, "https://w3c.github.io/rdf-tests/rdf/rdf11/"+folder+"/")
		if len(cases) != suite.cases {
			t.Errorf("%s has %d cases, want %d", folder, len(cases), suite.cases)
		}
		runCases(t, cases)
	}
}

func runCases(t *testing.T, cases []w3cCase) {
	t.Helper()
	passed, gaps := 0, map[string]bool{}
	for _, c := range cases {
		failure := c.failure(t)
		switch _, known := knownGaps[c.name]; {
		case known && failure == "":
			t.Errorf("%s passes: take it out of the known gaps", c.name)
		case known:
			gaps[c.name] = true
		case failure != "":
			t.Errorf("%s (%s): %s", c.name, c.file, failure)
		default:
			passed++
		}
	}
	t.Logf("%d of %d pass, known gaps: %v", passed, len(cases), len(gaps))
}

// failure runs one case; "" means that it passes.
func (c w3cCase) failure(t *testing.T) string {
	t.Helper()
	body, err := os.ReadFile(c.file)
	if err != nil {
		t.Fatal(err)
	}
	get := answer{url: c.url, media: c.media, body: string(body)}.get
	src := adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Path: c.url}}
	got, err := elmrdf.New(rdf.Limits{}).Triples(context.Background(), get, src)
	if run := read(get, src, rdf.Limits{}); (run.end == nil) != (err == nil) {
		return fmt.Sprintf("Read ends with %v, its first half with %v", run.end, err)
	}
	switch {
	case c.negative && err == nil:
		return "a wrong document was accepted"
	case c.negative:
		return ""
	case err != nil:
		return err.Error()
	case c.result == "":
		return ""
	}
	return cmp.Diff(canonicalOf(t, c.expected(t)), canonicalOf(t, got))
}

func (c w3cCase) expected(t *testing.T) []rdf.Triple {
	t.Helper()
	body, err := os.ReadFile(c.result)
	if err != nil {
		t.Fatal(err)
	}
	var out []rdf.Triple
	for triple, err := range rdf.Decode(bytes.NewReader(body), rdf.NQuads, "", rdf.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, triple)
	}
	return out
}

func canonicalOf(t *testing.T, triples []rdf.Triple) string {
	t.Helper()
	b, err := rdf.Canonical(triples)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// manifestCases reads a manifest in Turtle.
func manifestCases(t *testing.T, dir, media, base string) []w3cCase {
	t.Helper()
	const mf = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
	f, err := os.Open(filepath.Join(dir, "manifest.ttl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	facts := map[string]map[string]string{}
	for triple, err := range rdf.Decode(f, rdf.Turtle, "urn:manifest:/", rdf.Limits{Depth: 1000}) {
		if err != nil {
			t.Fatal(err)
		}
		if facts[triple.Subj.String()] == nil {
			facts[triple.Subj.String()] = map[string]string{}
		}
		facts[triple.Subj.String()][triple.Pred.String()] = strings.TrimPrefix(triple.Obj.String(), "urn:manifest:/")
	}
	var out []w3cCase
	for _, fact := range facts {
		kind := fact[rdf.Type]
		if !strings.HasPrefix(kind, "http://www.w3.org/ns/rdftest#Test") {
			continue
		}
		c := w3cCase{
			name: filepath.Base(dir) + "/" + fact[mf+"name"], url: base + fact[mf+"action"], media: media,
			file: filepath.Join(dir, fact[mf+"action"]), negative: strings.Contains(kind, "Negative"),
		}
		if result := fact[mf+"result"]; result != "" && !c.negative {
			c.result = filepath.Join(dir, result)
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b w3cCase) int { return strings.Compare(a.name, b.name) })
	return out
}

// TestW3CJSONLD is TestW3C for the tests of JSON-LD 1.1 that turn a document into triples. Of those about named
// graphs, generalised RDF, text directions and a processor's own options there is nothing to compare.
func TestW3CJSONLD(t *testing.T) {
	t.Parallel()
	root := os.Getenv("COURSEMESH_CORPUS")
	if root == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	cases := jsonCases(t, filepath.Join(root, "w3c/json-ld"))
	if len(cases) < 350 {
		t.Errorf("%d cases, want at least 350", len(cases))
	}
	runCases(t, cases)
}

func jsonCases(t *testing.T, dir string) (out []w3cCase) {
	t.Helper()
	var manifest struct {
		BaseIRI  string `json:"baseIri"`
		Sequence []struct {
			ID            string   `json:"@id"`
			Type          []string `json:"@type"`
			Input, Expect string
			Option        struct {
				Base, SpecVersion, RdfDirection, ExpandContext string
				ProduceGeneralizedRdf                          bool
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "toRdf-manifest.jsonld"))
	if err == nil {
		err = json.Unmarshal(text, &manifest)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range manifest.Sequence {
		negative := slices.Contains(c.Type, "jld:NegativeEvaluationTest")
		o := c.Option
		if !negative && !slices.Contains(c.Type, "jld:PositiveEvaluationTest") || o.SpecVersion == "json-ld-1.0" || o.ProduceGeneralizedRdf || o.RdfDirection != "" || o.ExpandContext != "" || !negative && namedGraphs(t, filepath.Join(dir, c.Expect)) {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, c.Input)); err != nil {
			continue // of another suite's folder
		}
		one := w3cCase{name: "json-ld/" + c.ID, url: manifest.BaseIRI + c.Input, media: "application/ld+json", file: filepath.Join(dir, c.Input), negative: negative, result: filepath.Join(dir, c.Expect)}
		if o.Base != "" {
			one.url = o.Base
		}
		out = append(out, one)
	}
	return out
}

func namedGraphs(t *testing.T, file string) bool {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range rdf.Decode(bytes.NewReader(body), rdf.NQuads, "", rdf.Limits{}) {
		if err != nil {
			return true
		}
	}
	return false
}

// knownGaps are the tests that fail, with the reason.
var knownGaps = gaps(map[string]string{
	"a document without a byte is refused: more often a server's fault than an empty catalogue": "rdf-turtle/turtle-syntax-file-01 rdf-n-triples/nt-syntax-file-01",
	"a remote @context is never fetched":                                                    "#tc031 #tc034 #te126 #te127 #te128 #tso05 #tso06 #tso08 #tso09 #tso11",
	"values of type @json are refused":                                                      "#tjs01 #tjs02 #tjs03 #tjs04 #tjs05 #tjs06 #tjs07 #tjs08 #tjs09 #tjs10 #tjs11 #tjs12 #tjs13 #tjs14 #tjs15 #tjs16 #tjs17 #tjs18 #tjs19 #tjs20 #tjs21 #tjs22 #tjs23",
	"what is no IRI, no language tag or a named graph is refused, where the test drops it":  "#te060 #te122 #tli14 #twf01 #twf02 #twf03 #twf04 #twf05 #twf07",
	"json-gold does not notice what is wrong":                                               "#tc029 #tc033 #tec02 #tep02 #ter21 #ter42 #ter52 #ter54 #tpr28 #ttn01",
	"json-gold's expansion: relative IRIs, nested contexts, lists of lists, blank @reverse": "#t0122 #t0123 #t0124 #t0125 #t0128 #t0130 #t0131 #t0132 #tc037 #tc038 #te111 #te112 #tli11 #tli12 #tpr38 #tpr39",
})

func gaps(reasons map[string]string) map[string]string {
	out := map[string]string{}
	for reason, names := range reasons {
		for _, name := range strings.Fields(names) {
			if strings.HasPrefix(name, "#") {
				name = "json-ld/" + name
			}
			out[name] = reason
		}
	}
	return out
}
