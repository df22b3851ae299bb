package profile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/frugal"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// hostile graphs, each as large as a course graph may be.
var hostile = map[string]func(add func(s, p, o string)){
	"a chain": func(add func(s, p, o string)) {
		for i := range elm.MaxTriples {
			add(fmt.Sprintf("urn:n%d", i), vocabulary.LearningOutcome, fmt.Sprintf("urn:n%d", i+1))
		}
	},
	"a star": func(add func(s, p, o string)) {
		for i := range elm.MaxTriples {
			add("urn:n0", vocabulary.LearningOutcome, fmt.Sprintf("urn:n%d", i+1))
		}
	},
	"a clique of outcomes": func(add func(s, p, o string)) {
		const n = 255
		for i := range n {
			add(fmt.Sprintf("urn:n%d", i), rdf.Type, vocabulary.ClassLearningOutcome)
			for j := range n {
				add(fmt.Sprintf("urn:n%d", i), vocabulary.RelatedSkill, fmt.Sprintf("urn:n%d", j))
			}
		}
	},
	"as many classes as triples": func(add func(s, p, o string)) {
		for i := range elm.MaxTriples {
			add("urn:n0", rdf.Type, fmt.Sprintf("urn:class%d", i))
		}
	},
	"a hierarchy as deep as the graph": func(add func(s, p, o string)) {
		for i := range elm.MaxTriples / 2 {
			add(fmt.Sprintf("urn:class%d", i), vocabulary.NSRDFS+"subClassOf", fmt.Sprintf("urn:class%d", i+1))
			add(fmt.Sprintf("urn:n%d", i), rdf.Type, fmt.Sprintf("urn:class%d", i))
		}
	},
	"a hierarchy in a circle": func(add func(s, p, o string)) {
		for i := range 500 {
			for j := range 60 {
				add(fmt.Sprintf("urn:class%d", i), vocabulary.NSRDFS+"subClassOf", fmt.Sprintf("urn:class%d", (i+j)%500))
				add(fmt.Sprintf("urn:n%d", i), rdf.Type, fmt.Sprintf("urn:class%d", (i*j)%500))
			}
		}
	},
	"runs that have all groups": func(add func(s, p, o string)) {
		const n = 180
		for i := range n {
			run := fmt.Sprintf("urn:run%d", i)
			add(run, rdf.Type, vocabulary.ClassLearningOpportunityInstance)
			add(run, vocabulary.LearningAchievementSpecification, "urn:n0")
			for j := range n {
				add(run, vocabulary.HasLearnerGroupConditions, fmt.Sprintf("urn:n%d", j))
				add(fmt.Sprintf("urn:n%d", j), vocabulary.LearnerGroup, run)
			}
		}
	},
}

// TestThreat14HostileGraphs: whatever hangs together in a graph, checking it takes 250 ms at most.
func TestThreat14HostileGraphs(t *testing.T) {
	c := checker(t)
	for name, build := range hostile {
		t.Run(name, func(t *testing.T) {
			g := elm.Graph{Subject: rdf.MustIRI("urn:n0")}
			add := func(s, p, o string) {
				g.Triples = append(g.Triples, rdf.Triple{Subj: rdf.MustIRI(s), Pred: rdf.MustIRI(p), Obj: rdf.MustIRI(o)})
			}
			add("urn:n0", rdf.Type, vocabulary.ClassLearningOpportunitySpecification)
			build(add)
			var found []profile.Finding
			frugal.Within(t, fmt.Sprint(len(g.Triples), " triples"), slowdown*250*time.Millisecond, func() { found = c.Check(profile.Course{Graph: g}) })
			if len(found) == 0 {
				t.Error("it conforms")
			}
		})
	}
}

// TestThreat14Budget: an operator's shape that walks everywhere ends by the budget, with a finding that says so.
func TestThreat14Budget(t *testing.T) {
	t.Parallel()
	own := profile.File{Name: "own.ttl", Text: prefixes + `@prefix sh: <http://www.w3.org/ns/shacl#> .
		[] sh:targetSubjectsOf elm:hasPart ; sh:property [ sh:path [ sh:zeroOrMorePath elm:hasPart ] ; sh:maxCount 5 ] .`}
	g := elm.Graph{Subject: rdf.MustIRI("urn:n0")}
	for i := range 20_000 {
		g.Triples = append(g.Triples, rdf.Triple{
			Subj: rdf.MustIRI(fmt.Sprintf("urn:n%d", i)), Pred: rdf.MustIRI(vocabulary.HasPart), Obj: rdf.MustIRI(fmt.Sprintf("urn:n%d", (i+1)%20_000)),
		})
	}
	found := checker(t, own).Check(profile.Course{Graph: g})
	if last := found[len(found)-1]; last.Kind != "budget" || !strings.Contains(last.Message, shacl.ErrBudget.Error()) {
		t.Errorf("%+v", last)
	}
}

// FuzzCheck: any graph is checked without a panic, and twice with the same outcome.
func FuzzCheck(f *testing.F) {
	c := checker(f)
	f.Add(conformant)
	f.Add(`:c a ql:LearningOpportunitySpecification ; dcterms:title :c , 1 , "x"@en ; elm:learningOutcome :c , [] .`)
	f.Add(`:c a elm:Qualification , :c . :c <http://www.w3.org/2000/01/rdf-schema#subClassOf> :c .`)
	f.Add(`:c a ql:LearningOpportunitySpecification ; elm:volumeOfLearning "P"^^xsd:duration , "P99999999999999999999Y"^^xsd:duration ; dcterms:modified "-0000-02-29T24:00:00"^^xsd:dateTime .`)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		triples, err := triplesOf(prefixes + text)
		if err != nil {
			return
		}
		graphs, orphans := elm.Split(triples)
		for _, g := range append(graphs, orphans...) {
			published := func() []rdf.Triple {
				n, _ := g.Normalise(elm.Naming{})
				return n.Triples
			}
			first := c.Check(profile.Course{Graph: g, Published: published})
			second := c.Check(profile.Course{Graph: g, Published: published})
			if fmt.Sprint(first) != fmt.Sprint(second) {
				t.Errorf("%v, then %v", first, second)
			}
			for _, finding := range first {
				if finding.Message == "" || finding.Fix == "" || finding.Kind == "" {
					t.Errorf("incomplete: %+v", finding)
				}
			}
		}
	})
}
