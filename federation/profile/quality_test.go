package profile_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func TestCompleteness(t *testing.T) {
	t.Parallel()
	ects, text := 5.0, elm.Text{"en": "x"}
	full := elm.Course{
		Title: elm.Text{"en": "x", "de": "y"}, Identifiers: []elm.Identifier{{Notation: "1"}}, Languages: []string{"en"}, ISCED: []string{"0532"}, EQF: []int{6},
		Outcomes: []elm.Outcome{{Title: text, ESCO: []string{"urn:skill"}}}, Description: text, Types: []string{vocabulary.TypeCourse}, ECTS: &ects,
		Credits: []elm.Credit{{Value: 5, Framework: vocabulary.ECTS}}, Assessment: []elm.Assessment{{Title: text}}, Modes: []string{vocabulary.ModeOnline},
		Requirements: text, Homepage: []string{"https://uni.example/"},
		Offerings: []elm.Offering{{Start: "2026-09-01", Portal: "https://uni.example/", Deadlines: []string{"2026-08-01T00:00:00Z"}, Places: []elm.Text{text}, Prices: []elm.Price{{Amount: "1"}}}},
	}
	if got := profile.Completeness(full); got != 100 || len(profile.Missing(full)) != 0 {
		t.Errorf("%d %%, without %v", got, profile.Missing(full))
	}
	if got := profile.Completeness(elm.Course{}); got != 0 || len(profile.Missing(elm.Course{})) != len(profile.Facts()) {
		t.Errorf("an empty course: %d %%", got)
	}
	bare := full
	bare.Offerings, bare.Homepage = nil, nil
	want := []string{"offering", "dates", "homepage", "enrolment", "deadline", "place", "price"}
	if diff := cmp.Diff(want, profile.Missing(bare)); diff != "" {
		t.Error(diff)
	}
	sum, lost := 0, 0
	for _, f := range profile.Facts() {
		sum += f.Weight
		if !f.Stated(bare) {
			lost += f.Weight
		}
	}
	if got := profile.Completeness(bare); got != 100*(sum-lost)/sum {
		t.Errorf("%d %%", got)
	}
}

func TestMicrocredential(t *testing.T) {
	t.Parallel()
	ects, yes, text := 5.0, true, elm.Text{"en": "x"}
	organisation := map[string]elm.OrganisationView{"urn:o": {Name: text, Country: "SE"}}
	deqar := profile.Issuer{ID: "uni.example", Country: "SE", Quality: "DEQAR"}
	for name, k := range map[string]struct {
		element string
		course  elm.Course
		by      profile.Issuer
		want    string
	}{
		"no title":            {"title", elm.Course{}, deqar, profile.NotStated},
		"country in graph":    {"country", elm.Course{Publishers: []string{"urn:o"}, Organisations: organisation}, profile.Issuer{}, profile.Stated},
		"country of provider": {"country", elm.Course{}, deqar, profile.Derived},
		"no country":          {"country", elm.Course{}, profile.Issuer{ID: "uni.example"}, profile.NotStated},
		"body in graph":       {"awarding_body", elm.Course{Providers: []string{"urn:o"}, Organisations: organisation}, deqar, profile.Stated},
		"body of provider":    {"awarding_body", elm.Course{}, deqar, profile.Derived},
		"term":                {"date", elm.Course{Offerings: []elm.Offering{{PeriodLabel: text}}}, deqar, profile.Stated},
		"deadline":            {"date", elm.Course{Offerings: []elm.Offering{{Deadlines: []string{"2026-01-01"}}}}, deqar, profile.Derived},
		"run without a date":  {"date", elm.Course{Offerings: []elm.Offering{{}}}, deqar, profile.NotStated},
		"summary":             {"outcomes", elm.Course{OutcomeSummary: text}, deqar, profile.Stated},
		"ECTS":                {"workload", elm.Course{ECTS: &ects}, deqar, profile.Stated},
		"hours of activities": {"workload", elm.Course{Offerings: []elm.Offering{{Activities: []elm.Activity{{ContactHours: "PT20H"}}}}}, deqar, profile.Derived},
		"national level":      {"level", elm.Course{NQF: []string{"urn:n"}}, deqar, profile.Stated},
		"graded":              {"assessment", elm.Course{Grading: []elm.Grading{{}}}, deqar, profile.Derived},
		"mode":                {"participation", elm.Course{Modes: []string{vocabulary.ModeOnline}}, deqar, profile.Stated},
		"place":               {"participation", elm.Course{Offerings: []elm.Offering{{Places: []elm.Text{text}}}}, deqar, profile.Derived},
		"accredited":          {"quality_assurance", elm.Course{Accredited: true}, profile.Issuer{}, profile.Stated},
		"registered":          {"quality_assurance", elm.Course{}, deqar, profile.Derived},
		"not registered":      {"quality_assurance", elm.Course{}, profile.Issuer{ID: "uni.example"}, profile.NotStated},
		"entry of a run":      {"prerequisites", elm.Course{Offerings: []elm.Offering{{Requirements: text}}}, deqar, profile.Stated},
		"exam on site":        {"supervision", elm.Course{Assessment: []elm.Assessment{{Modes: []string{vocabulary.ModePresential}}}}, deqar, profile.Derived},
		"exam":                {"supervision", elm.Course{Assessment: []elm.Assessment{{}}}, deqar, profile.NotStated},
		"part of more":        {"stackability", elm.Course{Partial: &yes}, deqar, profile.Stated},
	} {
		all := profile.Microcredential(k.course, k.by)
		found := false
		for _, e := range all {
			if e.Name != k.element {
				continue
			}
			found = true
			if e.State != k.want || (e.From == "") != (e.State == profile.NotStated) {
				t.Errorf("%s: %+v, want %s", name, e, k.want)
			}
		}
		if !found || len(all) != 13 {
			t.Errorf("%s: %d elements", name, len(all))
		}
	}
}

// TestTally: counts are exact, examples few, and two runs together are one.
func TestTally(t *testing.T) {
	t.Parallel()
	add := func(tally *profile.Tally, from, to int) {
		for i := from; i < to; i++ {
			subject := fmt.Sprintf("urn:%d", i)
			findings := []profile.Finding{
				{Severity: profile.Violation, Property: "elm:EQFLevel", Kind: "minCount", Subject: subject, Message: "m", Fix: "f"},
				{Severity: profile.Warning, Property: "elm:mode", Kind: "class", Subject: subject, Value: "a"},
				{Severity: profile.Warning, Property: "elm:mode", Kind: "class", Subject: subject, Value: "b"},
			}
			if i%2 == 0 {
				findings = findings[1:]
			}
			tally.Course(findings, elm.Course{Title: elm.Text{"en": "x"}})
		}
	}
	var whole, first, second profile.Tally
	add(&whole, 0, 1000)
	add(&first, 0, 400)
	add(&second, 400, 1000)
	q := whole.Quality()
	if q.Courses != 1000 || q.Conforming != 500 || q.Violations != 500 || q.Warnings != 2000 || len(q.Findings) != 2 || q.Completeness != profile.Completeness(elm.Course{Title: elm.Text{"en": "x"}}) {
		t.Errorf("%+v", q)
	}
	if s := q.Findings[0]; s.Severity != profile.Violation || s.Count != 500 || s.Courses != 500 || len(s.Examples) != 3 || s.Examples[0].Subject != "urn:1" {
		t.Errorf("%+v", s)
	}
	if s := q.Findings[1]; s.Count != 2000 || s.Courses != 1000 {
		t.Errorf("%+v", s)
	}
	if diff := cmp.Diff(q, first.Quality().Merge(second.Quality()), cmp.AllowUnexported(profile.Quality{})); diff != "" {
		t.Error(diff)
	}
}
