package profile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// FuzzCheck: whatever graph a source gives, checking it ends soon and each finding says what and where.
func FuzzCheck(f *testing.F) {
	checker, err := profile.New()
	if err != nil {
		f.Fatal(err)
	}
	const head = `@prefix ql: <http://data.quality-link.eu/ontology/v1#> .
@prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://uni.example/c> a ql:LearningOpportunitySpecification ; `
	for _, rest := range []string{
		`dcterms:title "Databases"@en .`,
		`dcterms:title "x" ; elm:creditPoint [ elm:point "5"^^xsd:decimal , "a" ] ; elm:EQFLevel <http://data.europa.eu/snb/eqf/9> .`,
		`adms:identifier [ ] , "x" ; elm:learningOutcome _:o . _:o elm:learningOutcome _:o .`,
		`elm:learningOpportunity <https://uni.example/o> . <https://uni.example/o> a ql:LearningOpportunityInstance ; dcterms:temporal [ elm:startDate "soon" ] .`,
		`elm:isPartOf <https://uni.example/c> ; elm:hasPart <https://uni.example/c> .`,
	} {
		f.Add(head + rest)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			return
		}
		var triples []rdf.Triple
		for triple, err := range rdf.Decode(strings.NewReader(text), rdf.Turtle, "https://uni.example/", rdf.Limits{}) {
			if err != nil {
				return
			}
			triples = append(triples, triple)
		}
		graphs, _ := elm.Split(triples)
		for _, g := range graphs {
			began := time.Now()
			for _, found := range checker.Check(profile.Course{Graph: g, Where: "here"}) {
				if found.Message == "" || found.Fix == "" || found.Severity == "" {
					t.Fatalf("an empty finding: %+v", found)
				}
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Fatalf("checking took %s", took)
			}
		}
	})
}
