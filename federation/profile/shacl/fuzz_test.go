package shacl_test

import (
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

const fuzzPrefixes = `@prefix : <https://uni.example/> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
`

// FuzzShapes: any shapes are compiled or refused, and what was compiled checks any data and ends.
func FuzzShapes(f *testing.F) {
	data := `:c a :C , :D ; :a :b , "x"@en , 5 , "2026-02-30"^^xsd:date ; :b [ :a :c ] . :C rdfs:subClassOf :D .`
	for _, shapes := range []string{
		`[] sh:targetClass :C ; sh:property [ sh:path ( :a [ sh:inversePath :b ] ) ; sh:pattern "(a+)+$" ] .`,
		`:s sh:targetNode :c ; sh:node :s .`,
		`:s sh:targetNode :c ; sh:or ( [ sh:class :a ] [ sh:not [ sh:in ( 1 2 ) ] ] ) ; sh:closed true .`,
		`:l rdf:first :l ; rdf:rest :l . :s sh:targetNode :c ; sh:in :l .`,
		`:s sh:targetObjectsOf :a ; sh:path [ sh:zeroOrMorePath [ sh:alternativePath ( :a :b ) ] ] ; sh:qualifiedValueShape [ sh:minInclusive 5 ] ; sh:qualifiedMaxCount 1 .`,
		`:s sh:targetSubjectsOf :a ; sh:property [ sh:path :a ; sh:lessThan :b ; sh:uniqueLang true ; sh:datatype xsd:date ; sh:maxLength 3 ] .`,
	} {
		f.Add(shapes, data)
	}
	f.Fuzz(func(t *testing.T, shapes, data string) {
		if len(shapes)+len(data) > 1<<13 {
			return
		}
		rules, err := triples(fuzzPrefixes + shapes)
		if err != nil {
			return
		}
		graph, err := triples(fuzzPrefixes + data)
		if err != nil {
			return
		}
		compiled, err := shacl.Compile(rules)
		if err != nil {
			return
		}
		results, err := compiled.Check(graph, shacl.NewBackground(rules), shacl.Limits{Steps: 100_000, Results: 100})
		if len(results) > 100 {
			t.Errorf("%d results, %v", len(results), err)
		}
		for _, r := range results {
			if r.Component == "" || r.Shape == nil || r.Focus.Kind == shacl.None {
				t.Errorf("incomplete: %+v", r)
			}
		}
	})
}

func triples(text string) (out []rdf.Triple, err error) {
	for t, err := range rdf.Decode(strings.NewReader(text), rdf.Turtle, "", rdf.Limits{}) {
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}
