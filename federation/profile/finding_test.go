package profile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

const prefixes = `@prefix : <https://uni.example/> .
@prefix ql: <http://data.quality-link.eu/ontology/v1#> .
@prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix eqf: <http://data.europa.eu/snb/eqf/> .
@prefix isced: <http://data.europa.eu/snb/isced-f/> .
@prefix lang: <http://publications.europa.eu/resource/authority/language/> .
`

// conformant is a course with what the profile requires, and one run.
const conformant = `:c a ql:LearningOpportunitySpecification ; adms:identifier [ a elm:Identifier ; skos:notation "C1" ] ; dcterms:title "Tides"@en ;
  dcterms:language lang:ENG ; elm:ISCEDFCode isced:0532 ; elm:EQFLevel eqf:6 ; elm:learningOutcome [ a elm:LearningOutcome ; dcterms:title "Reads a tide table"@en ] .
:r a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification :c ; elm:defaultLanguage lang:ENG ; elm:providedBy :org .
:org a ql:HigherEducationInstitution ; adms:identifier [ a ql:SchacIdentifier ; elm:schemeId ql:Schac ; skos:notation "uni.example" ] ;
  <http://www.w3.org/ns/regorg#legalName> "University"@en .
`

func graphOf(t testing.TB, text string) elm.Graph {
	t.Helper()
	triples, err := triplesOf(prefixes + text)
	if err != nil {
		t.Fatal(err)
	}
	graphs, _ := elm.Split(triples)
	if len(graphs) == 0 {
		t.Fatalf("no course in\n%s", text)
	}
	return graphs[0]
}

func triplesOf(text string) (out []rdf.Triple, err error) {
	for triple, err := range rdf.Decode(strings.NewReader(text), rdf.Turtle, "", rdf.Limits{}) {
		if err != nil {
			return nil, err
		}
		out = append(out, triple)
	}
	return out, nil
}

func checker(t testing.TB, own ...profile.File) *profile.Checker {
	t.Helper()
	c, err := profile.New(own...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func short(f profile.Finding) string {
	return fmt.Sprintf("%s %s %s %s: %s", f.Severity, strings.TrimPrefix(f.Subject, "https://uni.example/"), f.Property, f.Kind, f.Message)
}

// TestFindings breaks a conformant course in one way at a time, or in ways that hang together.
func TestFindings(t *testing.T) {
	t.Parallel()
	c := checker(t)
	for name, k := range map[string]struct {
		old, now string // replaced in the conformant course
		want     []string
	}{
		"conformant":      {"", "", nil},
		"no level":        {"elm:EQFLevel eqf:6 ;", "", []string{"violation c elm:EQFLevel minCount: there is no elm:EQFLevel"}},
		"two levels":      {"eqf:6", "eqf:6 , eqf:7", []string{"violation c elm:EQFLevel maxCount: there is more than one value of elm:EQFLevel"}},
		"no such level":   {"eqf:6", "eqf:9", []string{"violation c elm:EQFLevel class: elm:EQFLevel: <http://data.europa.eu/snb/eqf/9> is no concept of the vocabularies known here"}},
		"level as text":   {"eqf:6", `"6"`, []string{`violation c elm:EQFLevel class: elm:EQFLevel: the text "6" stands where a concept is expected`}},
		"no language tag": {`"Tides"@en`, `"Tides"`, []string{`violation c dcterms:title datatype: dcterms:title: the text "Tides" has no language tag`}},
		"a language twice": {`"Tides"@en`, `"Tides"@en , "Tidal waters"@EN`, []string{
			"violation c dcterms:title uniqueLang: dcterms:title: two texts have the language tag en",
		}},
		"outcome without a title": {`; dcterms:title "Reads a tide table"@en ]`, "]", []string{
			"violation c elm:learningOutcome/dcterms:title minCount: there is no dcterms:title",
		}},
		"outcome as text": {`[ a elm:LearningOutcome ; dcterms:title "Reads a tide table"@en ]`, `"Reads a tide table"@en`, []string{
			`violation c elm:learningOutcome class: elm:learningOutcome: the text "Reads a tide table" stands where elm:LearningOutcome is expected`,
		}},
		"run without a language": {"elm:defaultLanguage lang:ENG ;", "dcterms:language lang:ENG ;", []string{
			"violation r elm:defaultLanguage minCount: there is no elm:defaultLanguage",
		}},
		"institution without identifier": {`adms:identifier [ a ql:SchacIdentifier ; elm:schemeId ql:Schac ; skos:notation "uni.example" ] ;`, "", []string{
			"violation r elm:providedBy/adms:identifier minCount: there is no adms:identifier",
		}},
		"identifier of another kind": {"a ql:SchacIdentifier ;", "a elm:Identifier ;", []string{
			"violation r elm:providedBy/adms:identifier or: adms:identifier: the node there is not described as ql:SchacIdentifier or ql:OrgRegIdentifier",
		}},
		"date in place of a time": {"elm:defaultLanguage", `elm:applicationDeadline "2026-09-01"^^xsd:date ; elm:defaultLanguage`, []string{
			`violation r elm:applicationDeadline datatype: elm:applicationDeadline: "2026-09-01" is written as xsd:date; xsd:dateTime is expected`,
		}},
		"no such day": {"elm:defaultLanguage", `elm:applicationDeadline "2026-02-30T10:00:00Z"^^xsd:dateTime ; elm:defaultLanguage`, []string{
			`violation r elm:applicationDeadline datatype: elm:applicationDeadline: "2026-02-30T10:00:00Z" is no valid xsd:dateTime`,
		}},
		"page that is none": {"elm:defaultLanguage", `foaf:homepage [ a elm:WebResource ; elm:contentUrl "www.uni.example"^^xsd:anyURI ] ; elm:defaultLanguage`, []string{
			`violation r foaf:homepage/elm:contentUrl pattern: foaf:homepage/elm:contentUrl: "www.uni.example" does not have the form ^[hH][tT][tT][pP][sS]?://[^/?#]`,
		}},
		"note without text": {"elm:EQFLevel", "elm:additionalNote [ a elm:Note ] ; elm:EQFLevel", []string{
			"warning c elm:additionalNote/elm:noteLiteral minCount: there is no elm:noteLiteral",
		}},
		"misspelt concept": {"eqf:6", "<https://data.europa.eu/snb/eqf/6>", []string{"warning c elm:EQFLevel class: the IRI of the concept is misspelt; it is understood here"}},
		"new language":     {"dcterms:language lang:ENG", "dcterms:language lang:HBX", []string{"warning c dcterms:language class: dcterms:language: <http://publications.europa.eu/resource/authority/language/HBX> is no concept of the vocabularies known here"}},
		"ESCO skill":       {`"Reads a tide table"@en`, `"Reads a tide table"@en ; elm:relatedESCOSkill <http://data.europa.eu/esco/skill/b1115b14-fa16-4c1e-be6c-91fd49a1808b>`, nil},
		"other course":     {"elm:EQFLevel", "elm:isPartOf :programme ; elm:EQFLevel", []string{"info c elm:isPartOf class: elm:isPartOf: <https://uni.example/programme> is not described as ql:LearningOpportunitySpecificationReference"}},
		"own class of the model": {"a ql:LearningOpportunitySpecification", "a elm:Qualification", []string{
			"warning r elm:learningAchievementSpecification class: elm:learningAchievementSpecification: <https://uni.example/c> is not described as ql:LearningOpportunitySpecification",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(conformant, k.old, k.now, 1)
			if text == conformant && k.old != "" {
				t.Fatal("the course is as before")
			}
			var got []string
			for _, f := range c.Check(profile.Course{Graph: graphOf(t, text), Where: "c.ttl 1:1"}) {
				got = append(got, short(f))
				if f.Fix == "" || f.Where != "c.ttl 1:1" || f.Kind == "" {
					t.Errorf("incomplete: %+v", f)
				}
			}
			if diff := cmp.Diff(k.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFindingsSpeakTheTermsOfTheSource: a standard's own fields and plain words where it has some, else its limits; RDF
// its properties.
func TestFindingsSpeakTheTermsOfTheSource(t *testing.T) {
	t.Parallel()
	c := checker(t)
	fields := func(way string, offering bool) (string, string) {
		top, _, _ := strings.Cut(way, "/")
		switch {
		case offering:
			return map[string]string{"elm:defaultLanguage": "teachingLanguage"}[top], ""
		case top == "elm:EQFLevel":
			return "level", "bachelor or master"
		}
		return map[string]string{"elm:learningOutcome": "learningOutcomes", "elm:additionalNote": "notes", "dcterms:title": "name"}[top], ""
	}
	const note = `; elm:additionalNote [ a elm:Note ; elm:noteLiteral "Bring boots" ; dcterms:subject <https://standard.example/v1#resources> ]`
	for name, k := range map[string]struct {
		old, now            string
		field, message, fix string
		fields              func(string, bool) (string, string)
	}{
		"course": {"elm:EQFLevel eqf:6 ;", "", "level", "there is no level of the European Qualifications Framework", "add level: bachelor or master", fields},
		"node below the course": {
			`; dcterms:title "Reads a tide table"@en ]`, "]", "learningOutcomes", "there is no title", "add the title to learningOutcomes", fields,
		},
		"offering": {"elm:defaultLanguage lang:ENG ;", "", "teachingLanguage", "there is no teaching language", "add teachingLanguage", fields},
		"no such field": {
			"elm:ISCEDFCode isced:0532 ;", "", "", "the standard of this source has no field for the field of education of courses",
			"nothing can be done within this standard; to state it, offer the courses as ELM, too", fields,
		},
		"text of no language": {`"Tides"@en`, `"Tides"`, "name", `title: it is not said in which language "Tides" is`, "state the language of each text in name", fields},
		"two texts of one":    {`"Tides"@en`, `"Tides"@en , "Tide"@en`, "name", "title: two texts have the language en", "send one text for each language in name", fields},
		"note about a field":  {"; elm:EQFLevel", note + " ; elm:EQFLevel", "resources", `text: it is not said in which language "Bring boots" is`, "state the language of each text in resources", fields},
		"no such concept":     {"eqf:6", "eqf:9", "level", `level of the European Qualifications Framework: what is there is not of the form or kind that is expected`, "correct level: bachelor or master", fields},
		"RDF":                 {"elm:EQFLevel eqf:6 ;", "", "", "there is no elm:EQFLevel", "add elm:EQFLevel: exactly one level of the European Qualifications Framework, 1 to 8", nil},
		"RDF, too many": {
			"eqf:6", "eqf:6 , eqf:7", "", "there is more than one value of elm:EQFLevel",
			"leave all but one out of elm:EQFLevel: exactly one level of the European Qualifications Framework, 1 to 8", nil,
		},
		"too many": {"eqf:6", "eqf:6 , eqf:7", "level", "there is more than one level of the European Qualifications Framework", "send no more than one level of the European Qualifications Framework in level", fields},
	} {
		text := strings.Replace(conformant, k.old, k.now, 1)
		if text == conformant {
			t.Errorf("%s: the course is as before", name)
		}
		found := c.Check(profile.Course{Graph: graphOf(t, text), Fields: k.fields})
		if len(found) != 1 {
			t.Errorf("%s: %+v", name, found)
			continue
		}
		if diff := cmp.Diff([]string{k.field, k.message, k.fix}, []string{found[0].Field, found[0].Message, found[0].Fix}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestWhatAStandardLacksIsToldOnce, whatever the number of courses, and no course is the worse for it.
func TestWhatAStandardLacksIsToldOnce(t *testing.T) {
	t.Parallel()
	c, none := checker(t), func(string, bool) (string, string) { return "", "" }
	g := graphOf(t, strings.Replace(conformant, "elm:ISCEDFCode isced:0532 ;", "", 1))
	var collector profile.Collector
	for range 3 {
		collector.Course(c.Check(profile.Course{Graph: g, Fields: none}), elm.Course{})
	}
	r := collector.Report()
	if !r.Conforms || r.Total != 1 || r.Quality.Infos != 1 || r.Quality.Conforming != 3 || len(r.Findings) != 1 || r.Findings[0].Kind != profile.KindStandard {
		t.Errorf("%+v", r)
	}
}

// TestThreat37FindingsShowNoPersons: a value that normalisation takes out is in no finding.
func TestThreat37FindingsShowNoPersons(t *testing.T) {
	t.Parallel()
	g := graphOf(t, strings.Replace(conformant, "elm:EQFLevel eqf:6",
		`elm:EQFLevel <https://orcid.org/0000-0002-1825-0097> , "jane.doe@uni.example" , "six"`, 1))
	published := func() []rdf.Triple {
		n, _ := g.Normalise(elm.Naming{})
		return n.Triples
	}
	text := ""
	for _, f := range checker(t).Check(profile.Course{Graph: g, Published: published}) {
		text += fmt.Sprintf("%+v\n", f)
	}
	if strings.Contains(text, "orcid") || strings.Contains(text, "jane") {
		t.Errorf("a person is named:\n%s", text)
	}
	if !strings.Contains(text, `"six"`) {
		t.Errorf("a harmless value is not:\n%s", text)
	}
}

func TestKnownInstitutionsNeedNoDescription(t *testing.T) {
	t.Parallel()
	text := strings.Replace(conformant, ":org a", ":other a", 1)
	c := checker(t)
	if got := c.Check(profile.Course{Graph: graphOf(t, text)}); len(got) != 1 || got[0].Property != "elm:providedBy" {
		t.Errorf("%+v", got)
	}
	known := func(iri string) bool { return iri == "https://uni.example/org" }
	if got := c.Check(profile.Course{Graph: graphOf(t, text), Institution: known}); got != nil {
		t.Errorf("%+v", got)
	}
	nobody := strings.Replace(conformant, "; elm:providedBy :org", "", 1)
	if got := c.Check(profile.Course{Graph: graphOf(t, nobody), Provider: "uni.example"}); len(got) != 1 || got[0].Severity != profile.Info {
		t.Errorf("%+v", got)
	}
	unnamed := strings.Replace(conformant, `adms:identifier [ a ql:SchacIdentifier ; elm:schemeId ql:Schac ; skos:notation "uni.example" ] ;
  <http://www.w3.org/ns/regorg#legalName> "University"@en`, `foaf:homepage [ a elm:WebResource ; elm:contentUrl "https://uni.example/"^^xsd:anyURI ]`, 1)
	if got := c.Check(profile.Course{Graph: graphOf(t, unnamed)}); len(got) != 2 {
		t.Errorf("an institution without identifier and name: %+v", got)
	}
	if got := c.Check(profile.Course{Graph: graphOf(t, unnamed), Institution: known}); got != nil {
		t.Errorf("a known one: %+v", got)
	}
}

func TestOwnShapes(t *testing.T) {
	t.Parallel()
	const head = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
	own := profile.File{Name: "own.ttl", Text: prefixes + head + `
		:level a skos:Concept .
		[] sh:targetClass ql:LearningOpportunitySpecification ; sh:property
		  [ sh:path elm:NQFLevel ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "name the national level"@en , "nennen Sie das Niveau"@de ] .`}
	c := checker(t, own)
	got := c.Check(profile.Course{Graph: graphOf(t, conformant)})
	if len(got) != 1 || got[0].Message != "name the national level" || got[0].Severity != profile.Warning || got[0].Fix != "add elm:NQFLevel" {
		t.Errorf("%+v", got)
	}
	if got := c.Check(profile.Course{Graph: graphOf(t, strings.Replace(conformant, "elm:EQFLevel", "elm:NQFLevel :level ; elm:EQFLevel", 1))}); got != nil {
		t.Errorf("a concept that the file brings: %+v", got)
	}
	for name, text := range map[string]string{
		"no Turtle": "shapes", "no target": head + "[] a sh:NodeShape .",
		"unknown term": head + "[] sh:targetClass <urn:c> ; sh:propery [] .",
		"severity":     head + "[] sh:targetClass <urn:c> ; sh:severity sh:Waring .",
	} {
		if _, err := profile.New(profile.File{Name: "own.ttl", Text: text}); err == nil || !strings.Contains(err.Error(), "own.ttl") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOfferingsOfCoursesElsewhere(t *testing.T) {
	t.Parallel()
	for of, severity := range map[string]string{
		"<https://other.example/c>": profile.Info,
		`[ a ql:LearningOpportunitySpecificationReference ; elm:providedBy :org ; adms:identifier [ a elm:Identifier ; <http://www.w3.org/2004/02/skos/core#notation> "X9" ] ]`: profile.Info,
	} {
		text := prefixes + ":run a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification " + of + ` ; elm:providedBy :org ;
			elm:defaultLanguage <http://publications.europa.eu/resource/authority/language/ENG> .`
		triples, err := triplesOf(text)
		if err != nil {
			t.Fatal(err)
		}
		g := elm.Graph{Subject: rdf.MustIRI("https://uni.example/run"), Triples: triples}
		got := checker(t).Check(profile.Course{Graph: g, Institution: func(string) bool { return true }})
		if len(got) != 1 || got[0].Severity != severity {
			t.Errorf("%s: %+v", of, got)
		}
	}
}

// TestShapesOfTheWhole is about shapes that ask something of a course or offering and not of one property.
func TestShapesOfTheWhole(t *testing.T) {
	t.Parallel()
	c := checker(t, profile.File{Name: "own.ttl", Text: prefixes + `@prefix sh: <http://www.w3.org/ns/shacl#> .
		[] sh:targetClass ql:LearningOpportunityInstance ; sh:message "dates or a timetable are needed" ;
		  sh:or ( [ sh:path dcterms:temporal ; sh:minCount 1 ] [ sh:path elm:scheduleInformation ; sh:minCount 1 ] ) .
		[] sh:targetClass ql:LearningOpportunitySpecification ; sh:severity sh:Info ; sh:description "begin with urn:" ; sh:pattern "^urn:" .`})
	fields := func(string, bool) (string, string) { return "", "" }
	for standard, course := range map[string]profile.Course{"elm": {}, "another": {Fields: fields}} {
		course.Graph = graphOf(t, conformant)
		var got []string
		for _, f := range c.Check(course) {
			got = append(got, f.Severity+" | "+f.Subject+" | "+f.Message+" | "+f.Fix)
		}
		want := []string{
			"info | https://uni.example/c | the course: <https://uni.example/c> does not have the form ^urn: | correct the course: begin with urn:",
			"violation | https://uni.example/r | dates or a timetable are needed | correct the offering",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", standard, diff)
		}
	}
}

// TestShapesHoldTheWholeProfile counts what the fact sheet counts.
func TestShapesHoldTheWholeProfile(t *testing.T) {
	t.Parallel()
	triples := profile.ShapesOfTheProfile()
	n := 0
	for _, triple := range triples {
		if triple.Pred.String() == "http://www.w3.org/ns/shacl#property" {
			n++
		}
	}
	helpers := slices.IndexFunc(triples, func(t rdf.Triple) bool { return strings.HasSuffix(t.Subj.String(), "shape:Identifier") })
	if helpers < 0 {
		t.Fatal("no shapes of helper nodes")
	}
	for _, triple := range triples[helpers:] {
		if triple.Pred.String() == "http://www.w3.org/ns/shacl#property" {
			n--
		}
	}
	if n != 111+2 { // and two for the addresses of pages
		t.Errorf("%d constraints on properties", n)
	}
}
