package rdf_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/piprate/json-gold/ld"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

const courseHeader = `@prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix ql: <http://data.quality-link.eu/ontology/v1#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
`

// course is a typical course of a university: 42 triples, 9 blank nodes.
func course(n int) string {
	return strings.ReplaceAll(`
<https://uni.example/courses/N> a ql:LearningOpportunitySpecification ;
    adms:identifier [ a elm:Identifier ; skos:notation "MAT-N" ; elm:schemeName "Course code"@en ] ;
    dcterms:title "Linear algebra for engineers, part N"@en , "Lineaarialgebra insinööreille, osa N"@fi ;
    dcterms:description "Vectors, matrices, eigenvalues.\nTaught in small groups; the exam asks for \"proofs\" as well."@en ;
    dcterms:publisher <https://uni.example/> ;
    dcterms:language <http://publications.europa.eu/resource/authority/language/ENG> ;
    elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/0541> ;
    elm:EQFLevel <http://data.europa.eu/snb/eqf/6> ;
    elm:creditPoint [ a elm:CreditPoint ; elm:framework <http://data.europa.eu/snb/education-credit/6fcec5c5af> ; elm:point "5" ] ;
    elm:learningOutcome [ a elm:LearningOutcome ; dcterms:title "Solve systems of linear equations"@en ] ,
        [ a elm:LearningOutcome ; dcterms:title "Diagonalise a matrix"@en ] ,
        [ a elm:LearningOutcome ; dcterms:title "Explain the rank theorem"@en ] ;
    foaf:homepage [ a elm:WebResource ; elm:contentUrl "https://uni.example/c/N"^^xsd:anyURI ] ;
    ql:isActive true ;
    elm:learningOpportunity <https://uni.example/courses/N/2027> .
<https://uni.example/courses/N/2027> a ql:LearningOpportunityInstance ;
    elm:learningAchievementSpecification <https://uni.example/courses/N> ;
    dcterms:title "Autumn 2027"@en ;
    elm:providedBy <https://uni.example/> ;
    dcterms:temporal [ a dcterms:PeriodOfTime ; elm:startDate "2027-09-01"^^xsd:date ] ;
    elm:priceDetail [ a elm:PriceDetail ; elm:amount [ a elm:Amount ; elm:value 120.50 ] ] .
`, "N", fmt.Sprint(n))
}

func courses(n int) string {
	var b strings.Builder
	b.WriteString(courseHeader)
	for i := range n {
		b.WriteString(course(i))
	}
	return b.String()
}

func BenchmarkDecodeTurtle(b *testing.B) {
	source := []byte(courses(1000))
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	triples := 0
	for b.Loop() {
		triples = 0
		for _, err := range rdf.Decode(bytes.NewReader(source), rdf.Turtle, "", rdf.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
			triples++
		}
	}
	b.ReportMetric(float64(triples)*float64(b.N)/b.Elapsed().Seconds(), "triples/s")
}

func oneCourse(b *testing.B) []rdf.Triple {
	triples, err := collect(strings.NewReader(courseHeader+course(1)), rdf.Turtle, "", rdf.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	return triples
}

func BenchmarkCanonical(b *testing.B) {
	triples := oneCourse(b)
	b.ReportAllocs()
	b.ReportMetric(float64(len(triples)), "triples")
	for b.Loop() {
		if _, err := rdf.Canonical(triples); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCanonicalNoBlanks(b *testing.B) {
	var triples []rdf.Triple
	for _, t := range oneCourse(b) {
		if !strings.Contains(string(rdf.AppendTerm(rdf.AppendTerm(nil, t.Subj), t.Obj)), "_:") {
			triples = append(triples, t)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rdf.Canonical(triples); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseCanonical(b *testing.B) {
	source, err := rdf.Canonical(oneCourse(b))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rdf.ParseCanonical(source); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCanonicalJSONGold goes from the same triples to canonical bytes by json-gold, which
// changes the data set it is given.
func BenchmarkCanonicalJSONGold(b *testing.B) {
	triples := oneCourse(b)
	options := goldOptions()
	b.ReportAllocs()
	for b.Loop() {
		dataset := ld.NewRDFDataset()
		for _, t := range triples {
			dataset.Graphs["@default"] = append(dataset.Graphs["@default"], goldQuad(t))
		}
		if _, err := ld.NewJsonLdApi().Normalize(dataset, options); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseTrusted(b *testing.B) {
	source, err := rdf.Canonical(oneCourse(b))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rdf.ParseTrusted(source); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPoison is the cost of finding out that a graph is over the budget.
func BenchmarkPoison(b *testing.B) {
	triples := clique(b, 12)
	for b.Loop() {
		if _, err := rdf.Canonical(triples); err == nil {
			b.Fatal("within the budget")
		}
	}
}
