package elm_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func TestSplitKeepsCoursesApart(t *testing.T) {
	t.Parallel()
	graphs, orphans := elm.Split(turtle(t, `
		:a a ql:LearningOpportunitySpecification ; dcterms:publisher :o ; elm:hasPart :b ; dcterms:title "A" .
		:b a elm:Qualification ; dcterms:publisher :o ; elm:isPartOf :a ; dcterms:title "B" .
		:o a elm:Organisation ; rov:legalName "O" ; org:hasUnit :u . :u rov:legalName "U" .
		:ra a elm:LearningOpportunity ; elm:learningAchievementSpecification :a ; elm:providedBy :o ; elm:hasPart :rb .
		:rb a elm:LearningOpportunity ; elm:learningAchievementSpecification :b ; dcterms:title "run of B" .
		:lost a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification :elsewhere ; elm:isPartOf :ra .
		:stray a ql:LearningOpportunityInstance ; dcterms:title "stray" .
		:unused rov:legalName "nobody" .`))
	if len(graphs) != 2 || len(orphans) != 2 {
		t.Fatalf("%d courses and %d orphans", len(graphs), len(orphans))
	}
	same(t, graphs[0], `
		:a a ql:LearningOpportunitySpecification ; dcterms:publisher :o ; elm:hasPart :b ; dcterms:title "A" .
		:o a elm:Organisation ; rov:legalName "O" ; org:hasUnit :u .
		:ra a elm:LearningOpportunity ; elm:learningAchievementSpecification :a ; elm:providedBy :o ; elm:hasPart :rb .`)
	same(t, graphs[1], `
		:b a elm:Qualification ; dcterms:publisher :o ; elm:isPartOf :a ; dcterms:title "B" .
		:o a elm:Organisation ; rov:legalName "O" ; org:hasUnit :u .
		:rb a elm:LearningOpportunity ; elm:learningAchievementSpecification :b ; dcterms:title "run of B" .`)
	same(t, orphans[0], `:lost a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification :elsewhere ; elm:isPartOf :ra .`)
	same(t, orphans[1], `:stray a ql:LearningOpportunityInstance ; dcterms:title "stray" .`)
}

// TestNamesStatedTheOtherWayRound: the pilot writes a course's UUID as subject of owl:sameAs.
func TestNamesStatedTheOtherWayRound(t *testing.T) {
	t.Parallel()
	graphs, _ := elm.Split(turtle(t, `
		:a a ql:LearningOpportunitySpecification ; dcterms:title "A" ; owl:sameAs :both .
		<urn:uuid:11111111-2222-4333-8444-555555555555> owl:sameAs :a ; dcterms:title "not the course's" .
		:both owl:sameAs :a . [] owl:sameAs :a . :a owl:sameAs :a .
		:b a ql:LearningOpportunitySpecification ; owl:sameAs :a ; dcterms:title "B" .`))
	if len(graphs) != 2 {
		t.Fatal(len(graphs))
	}
	var names []string
	for _, triple := range graphs[0].Triples {
		if triple.Subj == graphs[0].Subject && triple.Pred.String() == vocabulary.SameAs {
			names = append(names, triple.Obj.String())
		}
	}
	if len(names) != 3 || !strings.HasPrefix(names[2], "urn:uuid:1111") {
		t.Errorf("%q", names)
	}
	graph, _ := graphs[0].Normalise(elm.Naming{ProviderIRI: "https://uni.example/"})
	if err := elm.Check(graph.Subject.String(), graph.Triples); err != nil {
		t.Error(err)
	}
	if uuid := elm.View(graph.Subject.String(), graph.Triples).UUID; uuid != "11111111-2222-4333-8444-555555555555" {
		t.Errorf("%q", uuid)
	}
}

func TestCheckAllowsWhatTheProtocolDoes(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a run of another course behind a run": `:c a elm:Qualification . :r elm:learningAchievementSpecification :c ; elm:hasPart :s . :s elm:learningAchievementSpecification :d .`,
		"no description of the subject itself": `:r elm:learningAchievementSpecification :c .`,
		"a link along a property not followed": `:c skos:related :d ; ql:isMemberOf :e .`,
		"a cycle":                              `:c elm:additionalNote :n . :n elm:additionalNote :c , :n .`,
	} {
		if err := elm.Check("https://uni.example/c", turtle(t, body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, body := range map[string]string{
		"something behind ql:isMemberOf":      `:c ql:isMemberOf :e . :e dcterms:title "x" .`,
		"something behind foaf:member":        `:c foaf:member :e . :e dcterms:title "x" .`,
		"something behind org:":               `:c org:unitOf :e . :e dcterms:title "x" .`,
		"a blank second specification":        `:c elm:hasPart [ a elm:Qualification ] .`,
		"a run that points at another course": `:c dcterms:title "x" . :r elm:learningAchievementSpecification :d .`,
	} {
		if err := elm.Check("https://uni.example/c", turtle(t, body)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	run := turtle(t, `:r elm:learningAchievementSpecification :c . :c dcterms:title "x" .`)
	if err := elm.CheckReachable("https://uni.example/c", run); err == nil {
		t.Error("CheckReachable went against the direction of a link")
	}
	if err := elm.CheckReachable("https://uni.example/r", run); err != nil {
		t.Error(err)
	}
	if err := elm.Check("no <iri>", nil); err == nil {
		t.Error("a subject that is no IRI was accepted")
	}
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	graphs, _ := elm.Split(turtle(t, `
		@prefix also: <http://data.europa.eu/snb/model/ontology/> .
		@prefix secure: <https://data.europa.eu/snb/model/elm/> .
		:c a also:LearningAchievementSpecification ; dcterms:title "C" ; dcterms:publisher :own , :partner ;
			secure:EQFLevel <https://data.europa.eu/snb/eqf/6> ;
			dcterms:language <http://publications.europa.eu/resource/authority/language/GER> ;
			elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/613> ; ql:ISCEDFNarrowField <http://data.europa.eu/snb/isced-f/061> ;
			ql:ingestedAt "2026-01-01T00:00:00Z"^^xsd:dateTime ; ql:instanceCount 2 ; ql:sourceType ql:ELMSource ;
			ql:aiEnrichedField [ dcterms:title "gone with its link" ] ;
			foaf:homepage "https://uni.example/c" ; elm:specialisationf :d ; elm:creditPoint [ elm:point "5,0" ] ;
			elm:learningOpportunity :r1 , :undescribed .
		:own rov:legalName "Own"@en . :partner rov:legalName "Partner"@en .
		:r1 a elm:LearningOpportunity ; elm:providedBy :partner .
		:r2 a elm:LearningOpportunity ; elm:learningAchievementSpecification :c .`))
	got, removed := graphs[0].Normalise(elm.Naming{ProviderIRI: "https://uni.example/", Own: []string{"https://uni.example/own"}})
	same(t, got, `
		:c a elm:LearningAchievementSpecification ; dcterms:title "C" ; dcterms:publisher <https://uni.example/> , :partner ;
			elm:EQFLevel <http://data.europa.eu/snb/eqf/6> ;
			dcterms:language <http://publications.europa.eu/resource/authority/language/DEU> ;
			elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/0613> ;
			foaf:homepage "https://uni.example/c" ; elm:specialisationOf :d ; elm:creditPoint [ elm:point "5,0" ] ;
			elm:learningOpportunity :r1 , :r2 , :undescribed .
		<https://uni.example/> rov:legalName "Own"@en . :partner rov:legalName "Partner"@en .
		:r1 a elm:LearningOpportunity ; elm:providedBy :partner ; elm:learningAchievementSpecification :c .
		:r2 a elm:LearningOpportunity ; elm:providedBy <https://uni.example/> ; elm:learningAchievementSpecification :c .`)
	if removed != (elm.Removed{}) {
		t.Errorf("removed %+v", removed)
	}
}

func TestNormaliseOffering(t *testing.T) {
	t.Parallel()
	_, orphans := elm.Split(turtle(t, `:r a elm:LearningOpportunity ; elm:learningAchievementSpecification <https://other.example/c> .`))
	got, _ := orphans[0].Normalise(elm.Naming{ProviderIRI: "https://uni.example/"})
	same(t, got, `:r a elm:LearningOpportunity ; elm:learningAchievementSpecification <https://other.example/c> ; elm:providedBy <https://uni.example/> .`)
}

func TestOrganisations(t *testing.T) {
	t.Parallel()
	const providers = `:r elm:learningAchievementSpecification :c ; elm:providedBy :o , [ adms:identifier [ elm:schemeId ql:Schac ; skos:notation "B.Example" ] ] .
		:o adms:identifier [ a ql:SchacIdentifier ; skos:notation "Uni.Example" ] , [ a elm:Identifier ; skos:notation "AT0001" ] .`
	schacs := func(body string) (nodes []string, out [][]string) {
		graphs, _ := elm.Split(turtle(t, body))
		for _, o := range graphs[0].Organisations() {
			out = append(out, o.Schac)
			if _, ok := o.Node.(rdf.IRI); ok {
				nodes = append(nodes, o.Node.String())
			}
		}
		return nodes, out
	}
	nodes, codes := schacs(`:c a elm:Qualification . ` + providers)
	if diff := cmp.Diff([][]string{{"uni.example"}, {"b.example"}}, codes); diff != "" || len(nodes) != 1 {
		t.Error(nodes, diff)
	}
	nodes, codes = schacs(`:c a elm:Qualification ; dcterms:publisher :z , :a , "text" . ` + providers)
	if diff := cmp.Diff([]string{"https://uni.example/a", "https://uni.example/z"}, nodes); diff != "" || len(codes) != 2 {
		t.Error(codes, diff)
	}
}

func TestMint(t *testing.T) {
	t.Parallel()
	course := elm.Mint("uni.example", "a:b/Ü ~%")
	if want := "urn:schac:uniqueCourseId:uni.example:a%3Ab%2F%C3%9C%20~%25"; course != want {
		t.Errorf("Mint = %s, want %s", course, want)
	}
	if got, want := elm.MintOffering(course, "2026/A"), course+":offering:2026%2FA"; got != want {
		t.Errorf("MintOffering = %s, want %s", got, want)
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	graphs, _ := elm.Split(turtle(t, `[] a elm:Qualification ; dcterms:title "C" ; elm:additionalNote _:n . _:n dcterms:subject _:n .`))
	g := graphs[0].Rename(graphs[0].Subject, rdf.MustIRI("https://uni.example/c"))
	g = g.Rename(g.Triples[2].Obj, rdf.MustIRI("https://uni.example/n"))
	if g.Subject.String() != "https://uni.example/c" {
		t.Errorf("the subject is %s", g.Subject)
	}
	same(t, g, `:c a elm:Qualification ; dcterms:title "C" ; elm:additionalNote :n . :n dcterms:subject :n .`)
	if got := g.Rename(g.Subject, rdf.String("x")); got.Subject != g.Subject {
		t.Error("renamed to a literal")
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`:c a elm:Qualification ; dcterms:title "Z"@en-gb , "A"@de .`:                                    "Z",
		`:c a elm:Qualification ; dcterms:title "B"@fr , "A"@fr , "" .`:                                  "A",
		`:c a elm:Qualification ; dcterms:title " " ; elm:additionalNote [ dcterms:title "not this" ] .`: "",
		`:c a elm:Qualification ; dcterms:title :iri .`:                                                  "",
	} {
		graphs, _ := elm.Split(turtle(t, body))
		if got, ok := graphs[0].Title(); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", body, got, ok)
		}
	}
}

// TestSharedNodesDoNotMultiplyADocument splits one whose 5,000 courses share a very large organisation.
func TestSharedNodesDoNotMultiplyADocument(t *testing.T) {
	t.Parallel()
	shared := rdf.MustIRI("https://uni.example/o")
	var triples []rdf.Triple
	add := func(s rdf.Subject, p string, o rdf.Object) {
		triples = append(triples, rdf.Triple{Subj: s, Pred: rdf.MustIRI(p), Obj: o})
	}
	for i := range 20_000 {
		add(shared, vocabulary.AltLabel, rdf.String(fmt.Sprint(i)))
	}
	class := rdf.MustIRI(vocabulary.ClassQualification)
	for i := range 5_000 {
		c := rdf.MustIRI(fmt.Sprintf("https://uni.example/c%d", i))
		add(c, rdf.Type, class)
		add(c, vocabulary.Publisher, shared)
		add(c, vocabulary.HasPart, rdf.MustIRI(fmt.Sprintf("https://uni.example/c%d", i+1)))
	}
	graphs, total, oversize := 0, 0, 0
	for g := range elm.Open(triples).Courses() {
		graphs++
		total += len(g.Triples)
		if g.Oversize {
			oversize++
			if _, err := g.Canonical(); !errors.Is(err, elm.ErrOversize) {
				t.Fatal("an incomplete graph has canonical bytes")
			}
		}
	}
	if graphs != 5_000 || oversize == 0 || total > 8_000_000 {
		t.Errorf("%d graphs, %d oversize, %d triples in all", graphs, oversize, total)
	}
}

func TestCorpusExamples(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	file := func(name string, f rdf.Format) []rdf.Triple {
		b, err := os.ReadFile(filepath.Join(corpus, "standards/data/quality-link/examples-synthetic", name))
		if err != nil {
			t.Fatal(err)
		}
		return decode(t, f, b)
	}
	nt, jsonld := courses(t, file("course-conformant-same.nt", rdf.NTriples)), courses(t, file("course-conformant-same.jsonld", rdf.JSONLD))
	if diff := cmp.Diff(nt, jsonld); diff != "" || len(nt) != 1 {
		t.Errorf("N-Triples and JSON-LD differ: %s", diff)
	}
	turtle := file("course-conformant.ttl", rdf.Turtle)
	if got := courses(t, turtle); len(got) != 1 || strings.Count(got[0], "\n") != strings.Count(nt[0], "\n") {
		t.Errorf("Turtle gives %d courses: %v", len(got), got)
	}
	iri := "urn:schac:uniqueCourseId:uni-example.eu:CS101"
	graphs, _ := elm.Split(turtle)
	if err := elm.Check(iri, graphs[0].Triples); err != nil {
		t.Error(err)
	}
	v := elm.View(iri, graphs[0].Triples)
	if v.ECTS == nil || *v.ECTS != 5 || len(v.Offerings) != 1 || v.Offerings[0].Start != "2026-09-01T00:00:00Z" ||
		v.Organisations["https://uni-example.eu/id/org"].Country != "AT" || v.Offerings[0].Modes[0] != vocabulary.ModeBlended {
		t.Errorf("%+v", v)
	}
	variant, _ := elm.Split(file("course-shacl-namespace-variant.ttl", rdf.Turtle))
	if len(variant) != 1 || elm.View(variant[0].Subject.String(), variant[0].Triples).EQF[0] != 6 {
		t.Errorf("the variant of the namespace gives %+v", variant)
	}
}

func BenchmarkSplitNormalise(b *testing.B) {
	var document strings.Builder
	for i := range 500 {
		document.WriteString(strings.ReplaceAll(benchCourse, "NNN", fmt.Sprint(i)))
	}
	triples := turtle(b, document.String())
	b.ReportAllocs()
	for b.Loop() {
		graphs, _ := elm.Split(triples)
		for _, g := range graphs {
			normal, _ := g.Normalise(elm.Naming{ProviderIRI: "https://uni.example/"})
			if len(normal.Triples) == 0 {
				b.Fatal("nothing left")
			}
		}
	}
	b.ReportMetric(float64(500*b.N)/b.Elapsed().Seconds(), "courses/s")
	b.ReportMetric(float64(len(triples))/500, "triples/course")
}

func BenchmarkView(b *testing.B) {
	triples := turtle(b, benchCourse)
	for b.Loop() {
		elm.View("https://uni.example/cNNN", triples)
	}
}

const benchCourse = `
	:cNNN a ql:LearningOpportunitySpecification ; dcterms:title "Graph data NNN"@en , "Graphdaten NNN"@de ;
		dcterms:description "A longer text on graph data that says what the course is about, NNN, and whom to ask: info@uni.example."@en ;
		adms:identifier [ a elm:Identifier ; skos:notation "NNN" ] ; dcterms:publisher :o ;
		dcterms:language <http://publications.europa.eu/resource/authority/language/ENG> ;
		elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/0612> ; elm:EQFLevel <http://data.europa.eu/snb/eqf/7> ;
		elm:creditPoint [ a elm:CreditPoint ; elm:framework <http://data.europa.eu/snb/education-credit/6fcec5c5af> ; elm:point "5" ] ;
		elm:learningOutcome [ a elm:LearningOutcome ; dcterms:title "Models NNN."@en ] , [ a elm:LearningOutcome ; dcterms:title "Asks NNN."@en ] .
	:rNNN a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification :cNNN ; elm:providedBy :o ;
		dcterms:temporal [ a dcterms:PeriodOfTime ; elm:startDate "2026-09-01"^^xsd:date ; elm:endDate "2027-01-31"^^xsd:date ] .
	:o a ql:HigherEducationInstitution ; rov:legalName "Uni"@en ; adms:identifier :schac .
	:schac a ql:SchacIdentifier ; skos:notation "uni.example" .`
