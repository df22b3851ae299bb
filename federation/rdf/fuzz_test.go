package rdf_test

import (
	"bytes"
	"errors"
	"net/url"
	"regexp"
	"testing"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// fuzzLimits keep single inputs small, so that a fuzzer finds shapes rather than sizes.
var fuzzLimits = rdf.Limits{Bytes: 1 << 20, Triples: 5000, Literal: 1 << 16}

// fuzzDecode requires of any bytes: no panic, no endless loop, and that what decodes can be written and
// read again.
func fuzzDecode(t *testing.T, f rdf.Format, source []byte) {
	triples, err := collect(bytes.NewReader(source), f, "http://example.org/dir/doc?q", fuzzLimits)
	if err != nil {
		return
	}
	want, err := rdf.Canonical(triples)
	if errors.Is(err, rdf.ErrBudget) {
		return
	}
	if err != nil {
		t.Fatalf("decoded triples have no canonical form: %v", err)
	}
	for _, f := range []rdf.Format{rdf.Turtle, rdf.NTriples, rdf.JSONLD, rdf.RDFXML} {
		var b bytes.Buffer
		err := rdf.Encode(&b, f, triples)
		if f == rdf.RDFXML && errors.Is(err, rdf.ErrFormat) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if f == rdf.JSONLD && !parsable(want) {
			continue
		}
		written := b.String()
		back, err := collect(&b, f, "", rdf.Limits{})
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if got := canonical(t, back); got != string(want) {
			t.Fatalf("%s changed the graph\n%s\nfrom\n%s", f, got, want)
		}
	}
}

var iris = regexp.MustCompile(`<([^>]*)>`)

// parsable says that net/url reads every IRI: the JSON-LD library takes no others, which RDF allows.
func parsable(nquads []byte) bool {
	for _, iri := range iris.FindAllSubmatch(nquads, -1) {
		if _, err := url.Parse(string(iri[1])); err != nil {
			return false
		}
	}
	return true
}

func FuzzTurtle(f *testing.F) {
	for _, seed := range []string{
		courses(1), ".0 .", "<s> <p> 1..23", "@prefix : <x:> . :a :b [ :c ( 1 -2.5 .5e3 true ) ; ] , '''x''', \"\\u00e9\\n\"@en-GB .",
		"BASE <http://a/b> PREFIX x: <../c> x:a.b a x:\\-%41 . [] <#> _:b.c . ( ) <?q> <//h/./p> .", "\uFEFF# comment\r\n<a:b> a <c:d>.",
		"@prefix : <x:> . :a :b \"\"\"a\"b\"\"c\"\"\"^^:d, 'x'@en--ltr .", "<http://a/b> <c:d> \"\"^^<http://a/\x7fdate> .",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) { fuzzDecode(t, rdf.Turtle, source) })
}

func FuzzNTriples(f *testing.F) {
	for _, seed := range []string{
		"<a:b> <c:d> \"x\\\"\\u0041\\U0001F600\"@en-x .\n_:a <c:d> _:b.c . # comment\r\n", "<a:b><c:d>\"\"^^<e:f>.", "_:0 <a:b> <c:d>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) { fuzzDecode(t, rdf.NTriples, source) })
}

func FuzzNQuads(f *testing.F) {
	for _, seed := range []string{
		"<a:b> <c:d> \"x\" <g:h> .\n_:a <c:d> _:b _:g .\n", "<a:b> <c:d> <e:f> .\n", "_:a <b:c> _:a .\n_:a <b:c> _:a _:a .\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		fuzzDecode(t, rdf.NQuads, source)
		var quads []rdf.Quad
		for q, err := range rdf.DecodeQuads(bytes.NewReader(source), fuzzLimits) {
			if err != nil {
				return
			}
			quads = append(quads, q)
		}
		out, _, err := rdf.CanonicalQuads(quads, "")
		if errors.Is(err, rdf.ErrBudget) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range rdf.DecodeQuads(bytes.NewReader(out), rdf.Limits{}) {
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		}
	})
}

func FuzzJSONLD(f *testing.F) {
	for _, seed := range []string{
		`{"@context": {"@vocab": "http://v/", "n": {"@id": "x:n", "@container": "@list"}}, "@id": "a", "@type": ["T"], "n": [1, 2.5, true, null, {"@value": "x", "@language": "en"}]}`,
		`{"@context": "http://data.quality-link.eu/ontology/v1", "@graph": [{"@id": "_:b", "ql:x": {"@reverse": {"elm:y": {"@id": "z:z"}}}}]}`,
		`[{"@id": "a:b", "c:d": {"@set": [{"@id": "_:x"}]}, "@included": [{"@id": "e:f", "g:h": "i"}]}]`,
		`{"@context": {"@version": 1.1, "a": {"@id": "b:c", "@type": "@id", "@context": {"d": "e:f"}}}, "a": {"d": "x"}}`,
		`{"@reverse": {"a:b": [[]]}}`, `{"@context": [null, {"@base": "http://x/"}], "@id": "", "a:b": -0}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) { fuzzDecode(t, rdf.JSONLD, source) })
}

func FuzzRDFXML(f *testing.F) {
	const open = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/" xml:base="x/y">`
	for _, seed := range []string{
		`<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE x [<!ENTITY e "http://e/">]>` + open + `<e:T rdf:about="&e;" e:p="a
b" xml:lang="en-GB"><e:p rdf:resource="../z#" rdf:ID="i"/></e:T></rdf:RDF>`,
		open + `<rdf:Bag><rdf:li>1</rdf:li><rdf:li rdf:datatype="e:f"><![CDATA[<&>]]>&#13;</rdf:li></rdf:Bag></rdf:RDF>`,
		open + `<e:T rdf:nodeID="n"><e:p rdf:parseType="Literal"><a x='1' e:y="&lt;"><!--c--><?p i?></a></e:p><e:q rdf:parseType="Collection"><e:T/><e:U rdf:nodeID="n"/></e:q></e:T></rdf:RDF>`,
		"\xff\xfe<\x00a\x00/\x00>\x00", "\uFEFF" + `<e:T xmlns:e="e:"><e:p xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:parseType="Resource"><e:q e:r="s"/></e:p></e:T>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) { fuzzDecode(t, rdf.RDFXML, source) })
}

// FuzzCanonical requires that what ParseCanonical accepts is the one form of its graph.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		"", "<a:b> <c:d> \"x\\n\\u0000\"@en .\n", "_:c14n0 <a:b> _:c14n1 .\n_:c14n1 <a:b> _:c14n0 .\n", "_:c14n0 <a:b> _:c14n0 .\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		triples, err := rdf.ParseCanonical(source)
		if err != nil {
			return
		}
		again, err := rdf.Canonical(triples)
		if err != nil || !bytes.Equal(again, source) {
			t.Fatalf("error %v\n%q\nbecame\n%q", err, source, again)
		}
		trusted, err := rdf.ParseTrusted(source)
		if err != nil || len(trusted) != len(triples) {
			t.Fatalf("ParseTrusted: %d triples, error %v", len(trusted), err)
		}
	})
}
