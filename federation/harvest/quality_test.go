package harvest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/adapters/testserver"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
)

const qualityPrefixes = `@prefix ql: <http://data.quality-link.eu/ontology/v1#> . @prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix adms: <http://www.w3.org/ns/adms#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
`

// good conforms: its institution is the one that this node knows under an alias.
const good = `<urn:good> a ql:LearningOpportunitySpecification ; dcterms:title "Tides"@en ; adms:identifier [ a elm:Identifier ; skos:notation "T" ] ;
  dcterms:publisher <https://www.uni.example/id> ; dcterms:language <http://publications.europa.eu/resource/authority/language/ENG> ;
  elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/0532> ; elm:EQFLevel <http://data.europa.eu/snb/eqf/6> ;
  elm:learningOutcome [ a elm:LearningOutcome ; dcterms:title "Reads a tide table"@en ] .
`

// TestQualityOfARun: findings are counted for every run and every source, and keep nothing from being published.
func TestQualityOfARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(w *world) {
		var err error
		if w.profile, err = profile.New(); err != nil {
			t.Fatal(err)
		}
	})
	w.announce("/a.ttl", "/b.ttl")
	w.serve("/a.ttl", qualityPrefixes+good)
	w.serve("/b.ttl", qualityPrefixes+`<urn:bad> a ql:LearningOpportunitySpecification ; dcterms:title "Waves" ; elm:EQFLevel <urn:six> .`)
	r := w.harvest()
	if r.New != 2 || r.Rejected != 0 || r.Quality == nil {
		t.Fatalf("%+v", r)
	}
	q := *r.Quality
	if q.Courses != 2 || q.Conforming != 1 || q.Violations != 6 || r.Findings < 6 || q.Completeness == 0 {
		t.Errorf("%d findings, %+v", r.Findings, q)
	}
	level := func(p harvest.Problem) bool {
		return p.Subject == "urn:bad" && p.Property == "elm:EQFLevel" && p.Value == "urn:six" && p.Severity == profile.Violation && p.Fix != "" && p.Where != ""
	}
	found := false
	for _, p := range r.Notes {
		found = found || level(p)
	}
	if !found {
		t.Errorf("the level is not reported: %+v", r.Notes)
	}
	for _, s := range w.h.Sources(home) {
		runs, err := w.h.Runs(s.ID(), 1)
		if err != nil || len(runs) != 1 || runs[0].Report.Quality == nil || runs[0].Report.Quality.Courses != 1 {
			t.Errorf("%s: %+v, %v", s.Spec.Path, runs, err)
		}
	}
}

// TestTrialTellsTheWorstFirst: each sort of finding once, with how often and where first; last what nobody can mend.
func TestTrialTellsTheWorstFirst(t *testing.T) {
	t.Parallel()
	set := testserver.Generate(home, 12, 1)
	set.Courses[3].Name = testserver.Text{{Lang: "en", Text: ""}}
	for i := 5; i < 8; i++ {
		set.Courses[i].Description = testserver.Text{{Lang: "", Text: "Text " + set.Courses[i].Code}}
		set.Courses[i].ISCED = "knots"
	}
	s := testserver.New(testserver.Config{Standard: testserver.OCCAPI2, Set: set, Base: "https://" + home})
	w := newWorld(t, func(w *world) {
		w.more = map[string]adapters.Adapter{"occapi": occapi.New(occapi.Limits{})}
		w.guard = func(rw http.ResponseWriter, r *http.Request) bool {
			s.ServeHTTP(rw, r)
			return false
		}
		var err error
		if w.profile, err = profile.New(); err != nil {
			t.Fatal(err)
		}
	})
	trial, err := w.try(harvest.TrialRequest{Target: s.Source().Path, Provider: home})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if trial.Sources[0].State != "complete" {
		t.Fatalf("%+v", trial.Sources[0])
	}
	for _, f := range trial.Sources[0].Findings {
		got = append(got, fmt.Sprintf("%s %d %s: %s", f.Severity, f.Count, f.Field, f.Fix))
		if f.Severity != profile.Info && f.Where == "" {
			t.Errorf("without a place: %+v", f)
		}
	}
	want := []string{
		`error 1 title: give it a title in at least one language: "title": [{"string": "...", "lang": "en"}]`,
		"violation 3 description: state the language of each text in description",
		"violation 3 iscedCode: add iscedCode: an ISCED-F 2013 code, e.g. 0613",
		"warning 3 iscedCode: send an ISCED-F 2013 code such as 0613",
		"info 1 : nothing can be done within this standard; to state it, offer the courses as ELM, too",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
