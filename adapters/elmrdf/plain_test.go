package elmrdf_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// plainLines are courses as some alliances publish them: a JSON object a line, names of the model in
// another letter case, no @context.
const plainLines = `{"Id":"urn:uuid:0b5c0d3e-37a4-4c5e-9c3b-6a7d6c6a1f11","Type":"LearningOpportunitySpecification","Title":{"En":"Fluid Dynamics","De":"Strömungslehre"},"Identifier":"FD-1","EQFLevel":7,"ISCEDFCode":"0715","Language":["en","GER"],"CreditPoint":{"Framework":"ECTS","Point":7.5},"LearningOutcome":[{"Title":{"En":"Solves flows."},"RelatedESCOSkill":"https://data.europa.eu/esco/skill/B1115B14-FA16-4C1E-BE6C-91FD49A1808B/"},"Knows valves."],"Publisher":{"id":"https://uni.example/","LegalName":{"En":"Uni"}},"LearningOpportunity":[{"Id":"urn:x:run","DefaultLanguage":"en","Mode":"Online","Temporal":{"StartDate":"2026-09-01"}}],"Homepage":"https://uni.example/fd"}

{"title":"Untagged","identifier":[{"notation":"U 2","schemeName":"local"}],"creditPoint":5,"language":{"id":"http://publications.europa.eu/resource/authority/language/ENG"},"LearningOutcomeSummary":{"nl-BE":"Kort"},"dcterms:modified":"2026-01-02","unknownThing":"kept","Description":null}
`

func TestPlainJSON(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"lines": plainLines,
		"array": "[" + strings.Join(strings.Fields(strings.ReplaceAll(strings.ReplaceAll(plainLines, " ", "\x00"), "\n\n", ",\n")), "") + "]",
		"list":  `{"total":2,"Courses":[` + strings.ReplaceAll(strings.TrimSpace(plainLines), "\n\n", ",") + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := strings.ReplaceAll(body, "\x00", " ")
			got := read(answer{media: "application/json", body: body}.get, source(""), rdf.Limits{})
			if got.end != nil || len(got.lost) > 0 || len(got.items) != 2 {
				t.Fatalf("%v %v %v", got.subjects(), got.lost, got.end)
			}
			checkFluids(t, elm.View(got.items[0].Graph.Subject.String(), got.items[0].Graph.Triples))
			checkUntagged(t, elm.View(got.items[1].Graph.Subject.String(), got.items[1].Graph.Triples))
			where := map[string]string{"lines": path + " 3:1 ", "array": path + "#/1 ", "list": path + "#/Courses/1 "}[name]
			if !strings.HasPrefix(got.items[1].Where, where) {
				t.Errorf("where %q, want %q", got.items[1].Where, where)
			}
		})
	}
}

func checkFluids(t *testing.T, c elm.Course) {
	t.Helper()
	want := elm.Course{
		IRI: "urn:uuid:0b5c0d3e-37a4-4c5e-9c3b-6a7d6c6a1f11", Title: elm.Text{"en": "Fluid Dynamics", "de": "Strömungslehre"},
		EQF: []int{7}, ISCED: []string{"0715"}, Languages: []string{"de", "en"}, Homepage: []string{"https://uni.example/fd"},
		Credits:     []elm.Credit{{Value: 7.5, Framework: vocabulary.ECTS}},
		Identifiers: []elm.Identifier{{Notation: "FD-1"}}, Publishers: []string{"https://uni.example/"},
		Outcomes: []elm.Outcome{
			{Title: elm.Text{"en": "Solves flows."}, ESCO: []string{vocabulary.BaseESCOSkill + "b1115b14-fa16-4c1e-be6c-91fd49a1808b"}},
			{Title: elm.Text{"und": "Knows valves."}},
		},
	}
	got := elm.Course{
		IRI: c.IRI, Title: c.Title, EQF: c.EQF, ISCED: c.ISCED, Languages: c.Languages, Homepage: c.Homepage, Credits: c.Credits,
		Identifiers: c.Identifiers, Publishers: c.Publishers, Outcomes: c.Outcomes,
	}
	slices.SortFunc(got.Outcomes, func(a, b elm.Outcome) int { return len(b.ESCO) - len(a.ESCO) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(c.Offerings) != 1 || c.Offerings[0].Start != "2026-09-01" || !slices.Equal(c.Offerings[0].Modes, []string{vocabulary.ModeOnline}) {
		t.Errorf("offerings %+v", c.Offerings)
	}
	if name := c.Organisations["https://uni.example/"].Name["en"]; name != "Uni" {
		t.Errorf("the publisher is called %q", name)
	}
}

func checkUntagged(t *testing.T, c elm.Course) {
	t.Helper()
	if c.IRI != "urn:schac:uniqueCourseId:uni.example:U%202" || c.Title["und"] != "Untagged" || c.OutcomeSummary["nl-be"] != "Kort" ||
		len(c.Credits) != 1 || c.Credits[0].Value != 5 || c.Modified != "2026-01-02" || !slices.Equal(c.Languages, []string{"en"}) {
		t.Errorf("%+v", c)
	}
}

func TestLimitsHoldForAllLinesTogether(t *testing.T) {
	t.Parallel()
	body := strings.Repeat(`{"title":"T","id":"urn:x:1","identifier":"1"}`+"\n", 50)
	for what, lim := range map[string]rdf.Limits{"triples": {Triples: 20}, "bytes": {Bytes: 500}} {
		if got := read(answer{body: body}.get, source(""), lim); !errors.Is(got.end, rdf.ErrLimit) || len(got.items) > 0 {
			t.Errorf("%s: %v %v", what, got.subjects(), got.end)
		}
	}
}

func TestJSONErrorsNameTheLine(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"\n\n{\n\n\"title\": }":                                 " 5:",
		"\n\n{\"title\":\"T\",\"id\":\"urn:a\"}\n\n{\"id\":}\n": " 5:",
		"{\"title\":\"T\",\"id\":\"urn:a\"}\n{\"id\":}\n":       " 2:",
	} {
		if got := read(answer{media: "application/json", body: body}.get, source(""), rdf.Limits{}); got.end == nil || !strings.HasPrefix(got.end.Error(), path+want) {
			t.Errorf("%q: %v, want a place like%s", body, got.end, want)
		}
	}
	got := read(answer{body: "\n{\"title\":\"T\",\"id\":\"urn:a\"}\n\n{\"title\":\"T\",\"id\":\"urn:b\"}"}.get, source(""), rdf.Limits{})
	if len(got.items) != 2 || got.items[0].Where != path+" 2:1 <urn:a>" || got.items[1].Where != path+" 4:1 <urn:b>" {
		t.Errorf("%+v %v", got.items, got.end)
	}
}

func TestPlaceOfASingleObject(t *testing.T) {
	t.Parallel()
	got := read(answer{media: "application/json", body: `{"title":"T","id":"urn:x:1"}`}.get, source(""), rdf.Limits{})
	if len(got.items) != 1 || got.items[0].Where != path+" <urn:x:1>" {
		t.Errorf("%v %v", got.items, got.end)
	}
}

func TestLinesKeepBlankNodesApart(t *testing.T) {
	t.Parallel()
	line := `{"title":"T","identifier":"N","learningOutcome":{"title":"Of N"}}`
	body := strings.ReplaceAll(line, "N", "1") + "\n" + strings.ReplaceAll(line, "N", "2")
	got := read(answer{media: "application/x-ndjson", body: body}.get, source(""), rdf.Limits{})
	if len(got.items) != 2 || got.end != nil {
		t.Fatalf("%v %v", got.subjects(), got.end)
	}
	for i, item := range got.items {
		c := elm.View(item.Graph.Subject.String(), item.Graph.Triples)
		if len(c.Outcomes) != 1 || c.Outcomes[0].Title["und"] != []string{"Of 1", "Of 2"}[i] {
			t.Errorf("line %d: %+v", i+1, c.Outcomes)
		}
	}
}
