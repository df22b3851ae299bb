package elm_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

const prefixes = `
@prefix ql: <http://data.quality-link.eu/ontology/v1#> .
@prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rov: <http://www.w3.org/ns/regorg#> .
@prefix schema: <https://schema.org/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://uni.example/> .
`

func turtle(t testing.TB, body string) []rdf.Triple {
	t.Helper()
	return decode(t, rdf.Turtle, []byte(prefixes+body))
}

// one splits a document of one course and normalises it for uni.example.
func one(t testing.TB, body string) (elm.Graph, elm.Removed) {
	t.Helper()
	graphs, _ := elm.Split(turtle(t, body))
	if len(graphs) != 1 {
		t.Fatalf("%d courses, want 1", len(graphs))
	}
	return graphs[0].Normalise(elm.Naming{ProviderIRI: "https://uni.example/"})
}

// same compares a normalised graph with the triples it should have.
func same(t testing.TB, got elm.Graph, want string) {
	t.Helper()
	expected, err := rdf.Canonical(turtle(t, want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(expected), canonical(t, got)); diff != "" {
		t.Error(diff)
	}
}

func TestThreat37PersonDataIsRemovedAndCounted(t *testing.T) {
	t.Parallel()
	const course = `:c a elm:Qualification ; dcterms:publisher <https://uni.example/> ; dcterms:title "T"@en `
	for name, c := range map[string]struct {
		in, want string
		removed  elm.Removed
	}{
		"a person and what hangs on it": {
			course + `; dcterms:contributor [ a elm:Person ; foaf:name "Jane Doe" ; elm:additionalNote [ elm:noteLiteral "her note" ] ] .`,
			course + `.`,
			elm.Removed{Persons: 2},
		},
		"what hangs on something else too stays": {
			course + `; elm:additionalNote :n ; dcterms:contributor [ a foaf:Person ; elm:additionalNote :n ] . :n elm:noteLiteral "shared" .`,
			course + `; elm:additionalNote :n . :n elm:noteLiteral "shared" .`,
			elm.Removed{Persons: 1},
		},
		"people of other vocabularies": {
			course + `; schema:instructor :jane ; schema:author :joe ; :told [ foaf:familyName "Doe" ] . :jane a schema:Person . :joe a vcard:Individual .`,
			course + `.`,
			elm.Removed{Persons: 3},
		},
		"an instructor who is only named": {
			course + `; schema:instructor "Jane Doe" , :staff42 ; dcterms:creator "Joe Doe" .`,
			course + `.`,
			elm.Removed{Persons: 3},
		},
		"an organisation may create, and its name stays": {
			course + `; dcterms:creator :o . :o a elm:Organisation ; rov:legalName "Uni"@en .`,
			course + `; dcterms:creator :o . :o a elm:Organisation ; rov:legalName "Uni"@en .`,
			elm.Removed{},
		},
		"a contact point with a personal mailbox": {
			course + `; elm:contactPoint [ a elm:ContactPoint ; skos:prefLabel "Jane Doe" ; elm:emailAddress [ a elm:Mailbox ; vcard:hasEmail <mailto:jane.doe@uni.example> ] ] .`,
			course + `.`,
			elm.Removed{Persons: 2, Addresses: 1},
		},
		"a mailbox that is a mailto IRI": {
			course + `; elm:contactPoint [ a elm:ContactPoint ; skos:prefLabel "Jane Doe" ; elm:emailAddress <mailto:jane@uni.example> ] . <mailto:jane@uni.example> a elm:Mailbox .`,
			course + `.`,
			elm.Removed{Persons: 2, Addresses: 1},
		},
		"a role address stays, a telephone beside it does not": {
			course + `; elm:contactPoint [ a elm:ContactPoint ; elm:emailAddress <mailto:international-office@io.uni.example> ; elm:phone [ a elm:Phone ; elm:phoneNumber "+43 1 2" ] ] .`,
			course + `; elm:contactPoint [ a elm:ContactPoint ; elm:emailAddress <mailto:international-office@io.uni.example> ] .`,
			elm.Removed{Persons: 1, Addresses: 1},
		},
		"a telephone alone takes its contact point along": {
			course + `; elm:contactPoint [ skos:prefLabel "Jane Doe" ; foaf:phone <tel:+4312> ] .`,
			course + `.`,
			elm.Removed{Persons: 1, Addresses: 1},
		},
		"a role address of somebody else": {
			course + `; foaf:mbox <mailto:info@other.example> , <mailto:info@notuni.example> .`,
			course + `.`,
			elm.Removed{Addresses: 2},
		},
		"addresses as texts": {
			course + `; schema:email "info@uni.example" , "jane@uni.example" ; elm:emailAddress "see the web site" ; schema:telephone "12" .`,
			course + `; schema:email "info@uni.example" .`,
			elm.Removed{Addresses: 3},
		},
		"prose keeps everything else": {
			course + `; dcterms:description "Ask Jane.Doe+x@cs.uni.example. Or info@uni.example; see https://orcid.org/0000-0002-1825-0097, 3 @ 5."@en .`,
			course + `; dcterms:description "Ask [removed]. Or info@uni.example; see [removed], 3 @ 5."@en .`,
			elm.Removed{Addresses: 2},
		},
		"an ORCID in every place": {
			course + `; dcterms:creator <https://orcid.org/0000-0002-1825-0097> ; adms:identifier [ skos:notation "0000-0002-1825-0097" ] ;
				foaf:homepage "https://orcid.org/0000-0002-1825-0097"^^xsd:anyURI .`,
			course + `; adms:identifier [ skos:notation "[removed]" ] .`,
			elm.Removed{Addresses: 3},
		},
		"the subject and its runs are no people, whatever they are typed": {
			course + `; a foaf:Person . :r a elm:LearningOpportunity , schema:Person ; elm:learningAchievementSpecification :c ; elm:providedBy :o .`,
			course + `; elm:learningOpportunity :r . :r a elm:LearningOpportunity ; elm:learningAchievementSpecification :c ; elm:providedBy :o .`,
			elm.Removed{},
		},
		"a publisher who is a person gives way to the provider": {
			`:c a elm:Qualification ; dcterms:title "T"@en ; dcterms:publisher :jane . :jane a foaf:Person ; foaf:name "Jane Doe" .`,
			course + `.`,
			elm.Removed{Persons: 1},
		},
		"a member behind a link that is not followed": {
			course + `; dcterms:creator :o . :o a elm:Organisation ; org:hasMember :jane . :jane a foaf:Person ; foaf:name "Jane Doe" .`,
			course + `; dcterms:creator :o . :o a elm:Organisation .`,
			elm.Removed{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, removed := one(t, c.in)
			same(t, got, c.want)
			if diff := cmp.Diff(c.removed, removed); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestThreat37NothingPlantedSurvives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		g := drawn(rt)
		graphs, orphans := elm.Split(g.triples)
		for _, graph := range append(graphs, orphans...) {
			normal, _ := graph.Normalise(naming)
			bytes := canonical(t, normal)
			for _, text := range append(g.planted, "orcid") {
				if strings.Contains(bytes, text) {
					rt.Fatalf("%q is still in %s", text, bytes)
				}
			}
			if strings.Contains(bytes, "info@uni") != (strings.Contains(bytes, "mailto:info@uni") || strings.Contains(bytes, "or info@uni")) {
				rt.Fatal("a role address went")
			}
		}
	})
}

func TestAddressesInProse(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"jane@uni.example", "[removed]"},
		{"<jane@uni.example>", "<[removed]>"},
		{"jane.doe(at)uni.example", "[removed]"},
		{"jane [at] uni [dot] example", "[removed]"},
		{"jane [at] uni.example now", "[removed] now"},
		{"jane(at)uni(dot)example", "[removed]"},
		{"j&#64;uni.example", "[removed]"},
		{"mailto:jane%40uni.example", "mailto:[removed]"},
		{"a@b.eu,c@d.eu", "[removed],[removed]"},
		{"Studium@Uni.Example", "Studium@Uni.Example"},
		{"master-admissions@uni.example", "master-admissions@uni.example"},
		{"info.jane@uni.example", "[removed]"},
		{"info@uni.example.evil.example", "[removed]"},
		{"info@fakeuni.example", "[removed]"},
		{"jürgen@müller.example", "[removed]"},
		{"@handle and user@host and 5@7", "@handle and user@host and 5@7"},
		{"@", "@"},
		{"x@y.z", "x@y.z"},
		{"0000-0002-1825-0097", "[removed]"},
		{"ORCID: http://www.orcid.org/0000-0002-1825-009X!", "ORCID: [removed]!"},
		{"0000-0002-1825-0098", "0000-0002-1825-0098"},
		{"1234-0000-0002-1825-0097-1", "1234-0000-0002-1825-0097-1"},
		{"0000-0001-2345-678", "0000-0001-2345-678"},
		{"ISBN 978-0-00-000000-2, room 0000", "ISBN 978-0-00-000000-2, room 0000"},
		{"\xff@\xff.eu", "\xff@\xff.eu"},
	} {
		in, want := c[0], c[1]
		g := elm.Graph{Subject: rdf.MustIRI("https://uni.example/c"), Triples: []rdf.Triple{
			{Subj: rdf.MustIRI("https://uni.example/c"), Pred: rdf.MustIRI("http://purl.org/dc/terms/description"), Obj: rdf.String(in)},
		}}
		normal, _ := g.Normalise(elm.Naming{ProviderIRI: "https://uni.example/"})
		if got := normal.Triples[0].Obj.String(); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestRoleAddressesOfFurtherDomains(t *testing.T) {
	t.Parallel()
	g := elm.Graph{Subject: rdf.MustIRI("urn:c"), Triples: []rdf.Triple{
		{Subj: rdf.MustIRI("urn:c"), Pred: rdf.MustIRI("http://purl.org/dc/terms/description"), Obj: rdf.String("info@uni.example office@data.deqar.eu")},
	}}
	normal, _ := g.Normalise(elm.Naming{ProviderIRI: "https://data.deqar.eu/institution/815", Domains: []string{"Uni.example."}})
	if got, want := normal.Triples[0].Obj.String(), "info@uni.example [removed]"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzNormaliseText(f *testing.F) {
	for _, s := range []string{"jane@uni.example", "https://orcid.org/0000-0002-1825-0097", "a(at)b.eu", "@@@@", "\xff0000-000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		subject := rdf.MustIRI("urn:c")
		g := elm.Graph{Subject: subject, Triples: []rdf.Triple{{Subj: subject, Pred: rdf.MustIRI("urn:p"), Obj: rdf.String(s)}}}
		once, removed := g.Normalise(elm.Naming{})
		if removed == (elm.Removed{}) && once.Triples[0].Obj.String() != s {
			t.Fatalf("%q became %q and nothing was counted", s, once.Triples[0].Obj)
		}
		if _, again := once.Normalise(elm.Naming{}); again != (elm.Removed{}) {
			t.Fatalf("%q became %q, from which more is removed", s, once.Triples[0].Obj)
		}
	})
}
