package elm_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func view(t testing.TB, body string) elm.Course {
	t.Helper()
	return elm.View("https://uni.example/c", turtle(t, body))
}

func of[T any](v T) *T { return &v }

func TestViewOfAWholeCourse(t *testing.T) {
	t.Parallel()
	got := view(t, `
		:c a ql:LearningOpportunitySpecification ; dcterms:title "Graphs"@en , "Graphen"@de ; skos:altLabel "GR"@en ;
			dcterms:description "First."@en ; adms:identifier [ skos:notation "CS1" ; elm:schemeName "course code" ] ;
			dcterms:type <http://data.europa.eu/snb/learning-opportunity/05053c1cbe> ; dcterms:publisher :o ;
			dcterms:language <http://publications.europa.eu/resource/authority/language/GER> ;
			elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/613> ; elm:EQFLevel <https://data.europa.eu/snb/eqf/6> ;
			elm:creditPoint [ elm:framework <http://data.europa.eu/snb/education-credit/6fcec5c5af> ; elm:point "7,5" ] ;
			elm:volumeOfLearning "PT125H"^^xsd:duration ; elm:learningOutcomeSummary [ elm:noteLiteral "Sum"@en ] ;
			elm:learningOutcome [ dcterms:title "B"@en ] , [ dcterms:title "A"@en ; elm:relatedESCOSkill <https://data.europa.eu/esco/skill/b1115b14-fa16-4c1e-be6c-91fd49a1808b> ] ;
			elm:provenBy [ dcterms:title "Exam"@en ; dcterms:type <http://data.europa.eu/snb/assessment/6e6cb2cc78> ] ;
			elm:gradingScheme [ dcterms:title "1-5"@en ; elm:resultDistribution [ elm:resultCategory
				[ elm:label "1" ; ql:gradeOrder 5 ; ql:gradePercentage 20 ] , [ elm:label "5" ; ql:gradeOrder 1 ; ql:gradePercentage 80 ] ] ] ;
			elm:entryRequirement [ elm:noteLiteral "None"@en ] ; elm:additionalNote [ elm:noteLiteral "Note"@en ] ;
			ql:entryRequirementLearningOpportunity [ elm:providedBy :o ; adms:identifier [ skos:notation "CS0" ] ] ;
			foaf:homepage [ elm:contentUrl "https://uni.example/page"^^xsd:anyURI ] ; elm:isPartOf :p ;
			owl:sameAs <urn:uuid:B1115B14-FA16-4C1E-BE6C-91FD49A1808B> ;
			ql:isActive true ; ql:version "2" ; ql:passingRate 80 ; dcterms:modified "2026-01-01T00:00:00Z"^^xsd:dateTime .
		:o a ql:HigherEducationInstitution ; rov:legalName "Uni"@en ; adms:identifier [ a ql:SchacIdentifier ; skos:notation "UNI.example" ] ;
			elm:location [ elm:geographicName "Vienna"@en ; elm:address [ elm:countryCode <http://publications.europa.eu/resource/authority/country/AUT> ] ] .
		:r a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification :c ; elm:providedBy :o , :o2 ;
			elm:defaultLanguage <http://publications.europa.eu/resource/authority/language/ENG> ;
			elm:mode <http://data.europa.eu/snb/learning-assessment/920fbb3cbe> ; ql:enrolmentCapacity "40"^^xsd:nonNegativeInteger ;
			dcterms:temporal [ skos:prefLabel "Autumn"@en ; elm:startDate "2026-09-01"^^xsd:date ; elm:endDate "2027-01-31"^^xsd:date ] ;
			elm:applicationDeadline "2026-08-01T12:00:00Z"^^xsd:dateTime ; ql:registrationPortal "https://uni.example/apply"^^xsd:anyURI ;
			elm:priceDetail [ skos:prefLabel "Fee"@en ; elm:amount [ rdf:value 12.5 ; elm:unit <http://publications.europa.eu/resource/authority/currency/EUR> ] ] ;
			ql:learnerGroupConditions [ ql:enrolmentCapacity 5 ; ql:learnerGroup [ dcterms:title "Guests"@en ; ql:isOpenToNonEnrolled true ] ] .`)
	const iri = "https://uni.example/"
	want := elm.Course{
		IRI: iri + "c", UUID: "b1115b14-fa16-4c1e-be6c-91fd49a1808b",
		Aliases:     []string{"CS1", "urn:uuid:B1115B14-FA16-4C1E-BE6C-91FD49A1808B"},
		Identifiers: []elm.Identifier{{Notation: "CS1", Scheme: "course code"}},
		Title:       elm.Text{"en": "Graphs", "de": "Graphen"}, AltTitle: elm.Text{"en": "GR"}, Description: elm.Text{"en": "First."},
		Types: []string{vocabulary.TypeCourse}, Publishers: []string{iri + "o"}, Providers: []string{iri + "o", iri + "o2"},
		Organisations: map[string]elm.OrganisationView{
			iri + "o": {
				IRI: iri + "o", Name: elm.Text{"en": "Uni"}, Schac: []string{"uni.example"}, Country: "AT",
				Identifiers: []elm.Identifier{{Notation: "UNI.example", Scheme: vocabulary.SchemeSchac}}, Places: []elm.Text{{"en": "Vienna"}},
			},
			iri + "o2": {IRI: iri + "o2"},
		},
		Credits: []elm.Credit{{Value: 7.5, Framework: vocabulary.ECTS}}, ECTS: of(7.5), Workload: "PT125H",
		EQF: []int{6}, ISCED: []string{"0613"}, Languages: []string{"de"}, Modes: []string{vocabulary.ModeOnline},
		Outcomes: []elm.Outcome{
			{Title: elm.Text{"en": "A"}, ESCO: []string{vocabulary.BaseESCOSkill + "b1115b14-fa16-4c1e-be6c-91fd49a1808b"}},
			{Title: elm.Text{"en": "B"}},
		},
		OutcomeSummary: elm.Text{"en": "Sum"},
		Assessment:     []elm.Assessment{{Title: elm.Text{"en": "Exam"}, Types: []string{vocabulary.BaseAssessmentType + "6e6cb2cc78"}}},
		Grading: []elm.Grading{{Title: elm.Text{"en": "1-5"}, Results: []elm.Result{
			{Label: "1", Order: 5, Percent: 20}, {Label: "5", Order: 1, Percent: 80},
		}}},
		PassingRate: of(80), Requirements: elm.Text{"en": "None"}, Notes: []elm.Text{{"en": "Note"}},
		RequiredCourses: []elm.Reference{{Identifiers: []elm.Identifier{{Notation: "CS0"}}, Providers: []string{iri + "o"}, Schac: []string{"uni.example"}}},
		Homepage:        []string{iri + "page"}, PartOf: []string{iri + "p"}, Containers: []elm.Reference{{IRI: iri + "p"}},
		Active: of(true), Version: "2", Modified: "2026-01-01T00:00:00Z",
		Labels: nil,
		Offerings: []elm.Offering{{
			IRI: iri + "r", Start: "2026-09-01", End: "2027-01-31", PeriodLabel: elm.Text{"en": "Autumn"}, Language: "en",
			Modes: []string{vocabulary.ModeOnline}, Deadlines: []string{"2026-08-01T12:00:00Z"}, Capacity: of(40), Portal: iri + "apply",
			Prices:     []elm.Price{{Label: elm.Text{"en": "Fee"}, Amount: "12.5", Currency: "EUR"}},
			Providers:  []string{iri + "o", iri + "o2"},
			Conditions: []elm.Conditions{{Capacity: of(5), Groups: []elm.LearnerGroup{{Title: elm.Text{"en": "Guests"}, OpenToNonEnrolled: of(true)}}}},

			OpenToNonEnrolled: of(true),
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestViewIsTolerant(t *testing.T) {
	t.Parallel()
	const ects = ` ; elm:framework <https://data.europa.eu/snb/education-credit/6fcec5c5af> ] .`
	for name, c := range map[string]struct {
		body string
		read func(elm.Course) any
		want any
	}{
		"points as string":       {`:c elm:creditPoint [ elm:point " 5 "` + ects, ectsOf, 5.0},
		"points as integer":      {`:c elm:creditPoint [ elm:point 5` + ects, ectsOf, 5.0},
		"points as decimal":      {`:c elm:creditPoint [ elm:point 7.5` + ects, ectsOf, 7.5},
		"points as double":       {`:c elm:creditPoint [ elm:point 7.5e0` + ects, ectsOf, 7.5},
		"points with comma":      {`:c elm:creditPoint [ elm:point "7,5"` + ects, ectsOf, 7.5},
		"points that are none":   {`:c elm:creditPoint [ elm:point "NaN" , "-1" , "Inf" , "0x10" , "five"` + ects, ectsOf, nil},
		"credits but no ECTS":    {`:c elm:creditPoint [ elm:point 5 ; elm:framework :other ] .`, ectsOf, nil},
		"home page as IRI":       {`:c foaf:homepage <https://uni.example/h> .`, func(c elm.Course) any { return c.Homepage }, []string{"https://uni.example/h"}},
		"home page as text":      {`:c foaf:homepage " https://uni.example/h " .`, func(c elm.Course) any { return c.Homepage }, []string{"https://uni.example/h"}},
		"home page as resource":  {`:c foaf:homepage :w . :w elm:contentUrl <https://uni.example/h> .`, func(c elm.Course) any { return c.Homepage }, []string{"https://uni.example/h"}},
		"home page as trap":      {`:c foaf:homepage "javascript:alert(1)" , <data:text/html,x> , "https://" .`, func(c elm.Course) any { return c.Homepage }, []string{}},
		"untagged text":          {`:c dcterms:title "T" .`, func(c elm.Course) any { return c.Title }, elm.Text{"und": "T"}},
		"two titles, one tag":    {`:c dcterms:title "B"@en , "A"@en , " "@en .`, func(c elm.Course) any { return c.Title }, elm.Text{"en": "A"}},
		"two descriptions":       {`:c dcterms:description "B"@en , "A"@en .`, func(c elm.Course) any { return c.Description }, elm.Text{"en": "A\n\nB"}},
		"requirement as text":    {`:c elm:entryRequirement "none"@en .`, func(c elm.Course) any { return c.Requirements }, elm.Text{"en": "none"}},
		"outcome as text":        {`:c elm:learningOutcome "can"@en .`, func(c elm.Course) any { return c.Outcomes }, []elm.Outcome{{Title: elm.Text{"en": "can"}}}},
		"language as code":       {`:c dcterms:language "en-GB" .`, func(c elm.Course) any { return c.Languages }, []string{"en"}},
		"language unknown":       {`:c dcterms:language <http://publications.europa.eu/resource/authority/language/XQX> .`, func(c elm.Course) any { return c.Languages }, []string{"xqx"}},
		"field as text":          {`:c elm:ISCEDFCode "0613" , "061301" , "06" , "x" .`, func(c elm.Course) any { return c.ISCED }, []string{"06", "0613"}},
		"field unknown":          {`:c elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/0615> .`, func(c elm.Course) any { return c.ISCED }, []string{"0615"}},
		"boolean as text":        {`:c ql:isActive "0" .`, func(c elm.Course) any { return *c.Active }, false},
		"amount under elm:value": {`:r elm:learningAchievementSpecification :c ; elm:priceDetail [ elm:amount [ elm:value "10,50" ; elm:unit :EUR ] ] .`, func(c elm.Course) any { return c.Offerings[0].Prices }, []elm.Price{{Amount: "10.50", Currency: "EUR"}}},
		"run by the other link":  {`:c elm:learningOpportunity :r . :r dcterms:language "de" ; elm:startDate "2026-01-01" .`, func(c elm.Course) any { return c.Offerings[0].Language + c.Offerings[0].Start }, "de2026-01-01"},
		"a run of another":       {`:r elm:learningAchievementSpecification :c ; elm:hasPart :s . :s elm:learningAchievementSpecification :d .`, func(c elm.Course) any { return len(c.Offerings) }, 1},
		"blank run":              {`[] elm:learningAchievementSpecification :c .`, func(c elm.Course) any { return c.Offerings[0].IRI[:2] }, "_:"},
		"label of a concept":     {`:c elm:NQFLevel :n6 . :n6 skos:prefLabel "NQF 6"@en .`, func(c elm.Course) any { return c.Labels["https://uni.example/n6"] }, elm.Text{"en": "NQF 6"}},
		"nothing at all":         {``, func(c elm.Course) any { return c.IRI }, "https://uni.example/c"},
	} {
		got := c.read(view(t, c.body))
		if diff := cmp.Diff(fmt.Sprint(c.want), fmt.Sprint(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func ectsOf(c elm.Course) any {
	if c.ECTS == nil {
		return nil
	}
	return *c.ECTS
}

func TestViewUUIDAndAliases(t *testing.T) {
	t.Parallel()
	const u = "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
	for iri, want := range map[string]string{
		"urn:uuid:" + u:                                 u,
		"https://uni.example/courses/" + u:              u,
		"urn:schac:uniqueCourseId:uni.example:" + u:     u,
		"https://uni.example/c":                         "d1142f2e-47ff-5c34-8af4-15d86fb77810",
		"https://uni.example/{" + u + "}":               "",
		"urn:schac:uniqueCourseId:uni.example:CS101":    "",
		"https://uni.example/6ba7b8119dad11d180b400c04": "",
	} {
		got := elm.View(iri, nil).UUID
		if want != "" && got != want {
			t.Errorf("%s: %s, want %s", iri, got, want)
		}
		if want == "" && (len(got) != 36 || got[14] != '5') {
			t.Errorf("%s: %s is no UUIDv5", iri, got)
		}
	}
	aliases := elm.View("urn:schac:courseId:uni.example:a:b", nil).Aliases
	if diff := cmp.Diff([]string{"did:web:uni.example:courseId:a:b", "urn:schac:uniqueCourseId:uni.example:a:b"}, aliases); diff != "" {
		t.Error(diff)
	}
	aliases = elm.View("did:web:uni.example:courseId:a:b", nil).Aliases
	if diff := cmp.Diff([]string{"urn:schac:uniqueCourseId:uni.example:a:b"}, aliases); diff != "" {
		t.Error(diff)
	}
}

// TestViewOfAMultipliedGraphEnds reads a graph of small size in which thousands of runs share
// conditions, which share groups, which share references.
func TestViewOfAMultipliedGraphEnds(t *testing.T) {
	t.Parallel()
	var triples []rdf.Triple
	link := func(s, p, o string) {
		triples = append(triples, rdf.Triple{Subj: rdf.MustIRI(s), Pred: rdf.MustIRI(p), Obj: rdf.MustIRI(o)})
	}
	for i := range 2000 {
		n := fmt.Sprint(i)
		link("urn:r"+n, vocabulary.LearningAchievementSpecification, "urn:c")
		link("urn:r"+n, vocabulary.HasLearnerGroupConditions, "urn:k")
		link("urn:k", vocabulary.LearnerGroup, "urn:g"+n)
		link("urn:g"+n, vocabulary.LimitLearningOpportunity, "urn:x")
		link("urn:x", vocabulary.ProvidedBy, "urn:o"+n)
	}
	got := elm.View("urn:c", triples)
	read := 0
	for _, o := range got.Offerings {
		for _, c := range o.Conditions {
			for _, g := range c.Groups {
				for _, ref := range g.Courses {
					read += len(ref.Providers)
				}
			}
		}
	}
	if len(got.Offerings) != 2000 || read == 0 || read > 2_000_000 {
		t.Errorf("%d offerings, %d providers of references", len(got.Offerings), read)
	}
}

func FuzzGraph(f *testing.F) {
	f.Add([]byte(prefixes+`:c a elm:Qualification ; dcterms:title "T" ; elm:contactPoint [ elm:emailAddress <mailto:a@b.eu> ] .`), "https://uni.example/c")
	f.Add([]byte(prefixes+`:r a elm:LearningOpportunity ; elm:learningAchievementSpecification :r , :c . :c elm:learningOpportunity :r .`), "https://uni.example/r")
	f.Fuzz(func(t *testing.T, document []byte, subject string) {
		var triples []rdf.Triple
		for triple, err := range rdf.Decode(bytes.NewReader(document), rdf.Turtle, "https://base.example/", rdf.Limits{}) {
			if err != nil {
				break
			}
			triples = append(triples, triple)
		}
		elm.View(subject, triples)
		_ = elm.CheckReachable(subject, triples)
		graphs, orphans := elm.Split(triples)
		for _, g := range append(graphs, orphans...) {
			g.Organisations()
			normal, _ := g.Normalise(elm.Naming{ProviderIRI: "https://uni.example/"})
			if iri, ok := g.Subject.(rdf.IRI); ok {
				if err := elm.Check(iri.String(), normal.Triples); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
