package validate_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
	"github.com/coursemesh/coursemesh/adapters/elmrdf"
	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/adapters/testserver"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/node/validate"
)

func validator(t *testing.T) *validate.Validator {
	t.Helper()
	checker, err := profile.New()
	if err != nil {
		t.Fatal(err)
	}
	return &validate.Validator{Checker: checker, Adapters: readers()}
}

func readers() map[string]adapters.Adapter {
	return map[string]adapters.Adapter{
		"elm": elmrdf.New(rdf.Limits{}), "ooapi": ooapi.New(ooapi.Limits{}), "edu-api": eduapi.New(eduapi.Limits{}), "occapi": occapi.New(occapi.Limits{}),
	}
}

// TestEveryStandardByItsURL: the standard of an address is recognised, its courses are checked, and fixes name
// fields of the standard.
func TestEveryStandardByItsURL(t *testing.T) {
	t.Parallel()
	v := validator(t)
	const home = "uni.example"
	set := testserver.Generate(home, 6, 3)
	for _, standard := range testserver.Standards {
		t.Run(string(standard), func(t *testing.T) {
			t.Parallel()
			var server *testserver.Server
			web := httptest.NewUnstartedServer(nil)
			base := "http://" + web.Listener.Addr().String()
			server = testserver.New(testserver.Config{Standard: standard, Set: set, Base: base})
			web.Config.Handler = server
			web.Start()
			defer web.Close()
			client, err := fetch.New(fetch.Config{AllowCIDRs: []string{"127.0.0.0/8"}, Politeness: fetch.Politeness{PerHost: 1000, Overall: 1000}})
			if err != nil {
				t.Fatal(err)
			}
			source := server.Source()
			report, err := v.URL(t.Context(), client, federation.ManifestSource{Path: source.Path}, home)
			if err != nil {
				t.Fatal(err)
			}
			if report.Courses < 6 || report.Quality.Completeness < 40 {
				t.Errorf("%d courses, completeness %d", report.Courses, report.Quality.Completeness)
			}
			for _, f := range report.Findings {
				if f.Message == "" || f.Fix == "" || f.Where == "" {
					t.Errorf("incomplete: %+v", f)
				}
				if strings.HasPrefix(string(standard), "elm") != (f.Field == "") && f.Kind != profile.KindStandard {
					t.Errorf("the fix is not in the terms of the source: %+v", f)
				}
			}
		})
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	v := validator(t)
	const head = "@prefix ql: <http://data.quality-link.eu/ontology/v1#> .\n@prefix dcterms: <http://purl.org/dc/terms/> .\n"
	for name, k := range map[string]struct {
		body, media, kind, where string
		courses                  int
	}{
		"syntax":         {head + "<urn:c> a", "text/turtle", profile.KindDocument, "document 3:10", 0},
		"empty":          {"", "text/turtle", profile.KindDocument, "document", 0},
		"no course":      {head + "<urn:c> dcterms:title \"x\"@en .", "text/turtle", profile.KindDocument, "document", 0},
		"plain JSON":     {`{"items":[{"courseId":"1"}]}`, "application/json", profile.KindDocument, "", 0},
		"no identity":    {head + "[] a ql:LearningOpportunitySpecification ; dcterms:title \"x\"@en .", "", profile.KindUnusable, "document", 1},
		"missing things": {head + "<urn:c> a ql:LearningOpportunitySpecification ; dcterms:title \"x\"@en .", "", "minCount", "document 3:1 <urn:c>", 1},
		"wrong type":     {head + "<urn:c> a ql:LearningOpportunitySpecification .", "application/rdf+xml", "minCount", "document 3:1 <urn:c>", 1},
	} {
		report, err := v.Text(t.Context(), strings.NewReader(k.body), k.media, "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if report.Conforms || report.Total == 0 || report.Courses != k.courses || report.Findings[0].Kind != k.kind {
			t.Errorf("%s: %+v", name, report)
			continue
		}
		if f := report.Findings[0]; !strings.HasPrefix(f.Where, k.where) || strings.Contains(f.Message+f.Where, validate.Nobody) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestUnusableCourses: what a harvest would leave out is told, though the profile has nothing against it.
func TestUnusableCourses(t *testing.T) {
	t.Parallel()
	v := validator(t)
	const head = "@prefix ql: <http://data.quality-link.eu/ontology/v1#> .\n@prefix dcterms: <http://purl.org/dc/terms/> .\n<urn:c> a ql:LearningOpportunitySpecification ; "
	var clique strings.Builder
	for i := range 9 {
		for j := range 9 {
			fmt.Fprintf(&clique, " _:n%d <urn:p> _:n%d .\n", i, j)
		}
	}
	long := strings.Repeat("x", 600_000)
	for name, k := range map[string]struct{ body, says string }{
		"blank title": {`dcterms:title "  "@en .`, "no title"},
		"clique":      {`dcterms:title "x"@en ; <urn:p> _:n0 .` + clique.String(), "too alike"},
		"too long":    {`dcterms:title "x"@en ; dcterms:description "` + long + `"@en , "` + long + `"@de .`, "at most 1048576"},
		"usable":      {`dcterms:title "x"@en .`, ""},
	} {
		report, err := v.Text(t.Context(), strings.NewReader(head+k.body), "text/turtle", "uni.example")
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, f := range report.Findings {
			if f.Kind == profile.KindUnusable {
				said += f.Message + f.Where
				if f.Fix == "" || f.Subject != "urn:c" || f.Where != "document 3:1 <urn:c>" {
					t.Errorf("%s: %+v", name, f)
				}
			}
		}
		if (said == "") != (k.says == "") || !strings.Contains(said, k.says) {
			t.Errorf("%s: %q", name, said)
		}
	}
}

func TestTextEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := validator(t).Text(ctx, strings.NewReader("x"), "", ""); err == nil {
		t.Error("no error")
	}
}

// TestThreat11ValidateURLIsGuarded: an address inside is not reached.
func TestThreat11ValidateURLIsGuarded(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(nil)
	defer web.Close()
	client, err := fetch.New(fetch.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := validator(t).URL(t.Context(), client, federation.ManifestSource{Path: web.URL}, ""); err == nil {
		t.Error("reached")
	}
}

// FuzzStream: whatever a file holds, of any standard, there is a report or an error, soon.
func FuzzStream(f *testing.F) {
	for _, s := range []string{
		`{"pageNumber":1,"items":[{"courseId":"1","name":[{"language":"en","value":"A"}]}]}`, `{"courseId":"1"}`, `[{"sourcedId":"1","courseType":"x","title":[{"value":"A"}]}]`,
		`{"data":[{"type":"course","id":"1","attributes":{"title":[{"string":"A","lang":"en"}]}}]}`, `{"data":{"type":"programme","id":"1","attributes":{}}}`,
		"<urn:a> a <http://data.quality-link.eu/ontology/v1#LearningOpportunitySpecification> .", "sources: []", "", "\xff\xfe{",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	checker, err := profile.New()
	if err != nil {
		f.Fatal(err)
	}
	v := &validate.Validator{Checker: checker, Adapters: readers()}
	f.Fuzz(func(t *testing.T, body string, known bool) {
		provider := ""
		if known {
			provider = "uni.example"
		}
		report, err := v.Stream(t.Context(), strings.NewReader(body), "document", provider)
		if err == nil && report.Courses == 0 && report.Total == 0 {
			t.Errorf("nothing was said of %q", body)
		}
	})
}
