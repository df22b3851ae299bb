package validate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/adapters/testserver"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/profile"
)

const institution = "uni.example"

// TestTidySourcesConform: a server that keeps to its standard gets no finding.
func TestTidySourcesConform(t *testing.T) {
	t.Parallel()
	v := validator(t)
	set := testserver.Generate(institution, 40, 3)
	for _, standard := range testserver.Standards {
		t.Run(string(standard), func(t *testing.T) {
			t.Parallel()
			server := testserver.New(testserver.Config{Standard: standard, Set: set, Base: "https://" + institution})
			source := server.Source()
			spec := federation.ManifestSource{Type: source.Type, Version: source.Version, Path: source.Path}
			report, err := v.Source(t.Context(), through(server), spec, institution, func(s string) string { return s })
			if err != nil || report.Courses < 40 {
				t.Fatalf("%d courses: %v", report.Courses, err)
			}
			unwanted(t, string(standard), report)
		})
	}
}

// through asks a handler, without a network.
func through(h http.Handler) adapters.Get {
	return func(ctx context.Context, address string) (*adapters.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, address, nil))
		if w.Code != http.StatusOK {
			return nil, &adapters.StatusError{URL: address, Code: w.Code}
		}
		media, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
		return &adapters.Response{URL: address, MediaType: media, Header: w.Header(), Body: io.NopCloser(w.Body)}, nil
	}
}

// TestFullSourcesConform: sources that use every field of their standard get no finding.
func TestFullSourcesConform(t *testing.T) {
	t.Parallel()
	v := validator(t)
	sources, err := filepath.Glob("../../testdata/golden/*-full/source*")
	if err != nil || len(sources) < 5 {
		t.Fatalf("%v: %v", sources, err)
	}
	for _, file := range sources {
		name := filepath.Base(filepath.Dir(file))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := specOf(name, filepath.Base(file))
			report, err := v.Source(t.Context(), below(file), spec, institution, func(s string) string { return s })
			if err != nil {
				t.Fatal(err)
			}
			standard, _, _ := strings.Cut(name, "-")
			unwanted(t, standard, report)
		})
	}
}

func specOf(name, file string) federation.ManifestSource {
	standard, _, _ := strings.Cut(name, "-")
	spec := federation.ManifestSource{Type: strings.TrimRight(standard, "0123456789"), Path: "https://uni.example/data/" + file}
	switch spec.Type {
	case "eduapi":
		spec.Type = "edu-api"
	case "occapi":
		spec.Path += "/hei/" + institution
	}
	return spec
}

func below(root string) adapters.Get {
	return func(_ context.Context, address string) (*adapters.Response, error) {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		file := root
		if info, err := os.Stat(root); err == nil && info.IsDir() {
			file = filepath.Join(root, filepath.FromSlash(strings.TrimPrefix(u.Path, "/data/source/"))) + ".json"
		}
		body, err := os.ReadFile(file) //nolint:gosec // a path of the golden directory
		if errors.Is(err, os.ErrNotExist) {
			return nil, &adapters.StatusError{URL: address, Code: http.StatusNotFound}
		}
		if err != nil {
			return nil, err
		}
		return &adapters.Response{URL: address, Body: io.NopCloser(bytes.NewReader(body))}, nil
	}
}

// lacking is what a standard has no field for; nothing else may be found in a source that is as it should be.
var lacking = map[string][]string{
	"eduapi":  {"learning outcome of courses and collections", "address of offerings"},
	"occapi1": {"learning outcome of programmes"},
	"occapi2": {"level of the European Qualifications Framework of courses"}, // it is their programme's
	"ooapi":   {"teaching language of education specifications"},
}

// unwanted fails for everything that is found, but for what the standard has no field for, once.
func unwanted(t *testing.T, standard string, report profile.Report) {
	t.Helper()
	for _, s := range report.Quality.Findings {
		about, lacks := strings.CutPrefix(s.Message, "the standard of this source has no field for the ")
		if lacks && s.Severity == profile.Info && s.Count == 1 && slices.Contains(lacking[standard], about) {
			continue
		}
		t.Errorf("%d times %s: %s. Fix: %s\n%s %s: %+v", s.Count, s.Severity, s.Message, s.Fix, s.Property, s.Kind, s.Examples)
	}
}

// TestFindingsNameFieldsOfTheStandard: whatever is asked of whatever property, message and fix of a source in another
// standard have fields of that standard's tables and plain words, and nothing of ELM.
func TestFindingsNameFieldsOfTheStandard(t *testing.T) {
	t.Parallel()
	checker, err := profile.New(profile.File{Name: "all.ttl", Text: everyConstraint(t)})
	if err != nil {
		t.Fatal(err)
	}
	v := validator(t)
	v.Checker = checker
	set := testserver.Generate(institution, 10, 3)
	for standard, fields := range tables(t) {
		t.Run(string(standard), func(t *testing.T) {
			t.Parallel()
			server := testserver.New(testserver.Config{Standard: standard, Set: set, Base: "https://" + institution})
			source := server.Source()
			spec := federation.ManifestSource{Type: source.Type, Version: source.Version, Path: source.Path}
			report, err := v.Source(t.Context(), through(server), spec, institution, func(s string) string { return s })
			if err != nil {
				t.Fatal(err)
			}
			sorts := map[string]bool{}
			for _, s := range report.Quality.Findings {
				sorts[s.Property+s.Kind] = true
				if s.Kind != profile.KindStandard && (s.Field == "" || !fields[s.Field] || !strings.Contains(s.Fix, s.Field)) {
					t.Errorf("%s %s: %q is no field of the standard, or not in the fix: %s", s.Property, s.Kind, s.Field, s.Fix)
				}
				if word := ofELM.FindString(s.Message + " " + s.Fix); word != "" {
					t.Errorf("%s %s speaks of %s: %s. Fix: %s", s.Property, s.Kind, word, s.Message, s.Fix)
				}
			}
			if len(sorts) < 100 {
				t.Errorf("only %d sorts of findings", len(sorts))
			}
			if testing.Verbose() {
				shown(t, report)
			}
		})
	}
}

// ofELM finds prefixed names, IRIs, and words of the model; "lang" and the like are keys of JSON.
var ofELM = regexp.MustCompile(`\b(elm|ql|dcterms|skos|adms|foaf|rov|rdf|xsd|locn):[A-Za-z]+|<https?:[^>]*>?|\bnode\b|\bconcept\b`)

func shown(t *testing.T, report profile.Report) {
	for _, s := range report.Quality.Findings {
		t.Logf("%s | %s | %s | %s | %s", s.Severity, s.Property, s.Kind, s.Message, s.Fix)
	}
}

// everyConstraint asks of each property of the profile, in each way, what no graph has.
func everyConstraint(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../federation/profile/shapes.ttl")
	if err != nil {
		t.Fatal(err)
	}
	head, shapes, _ := strings.Cut(string(text), "\n\n# A course")
	var b strings.Builder
	b.WriteString(head[strings.Index(head, "@prefix"):] + "\n")
	targets := regexp.MustCompile(`sh:targetClass ([^;]+) ;`)
	paths := regexp.MustCompile(`sh:property \[ (sh:path \S+ ;)( sh:name "[^"]*" ;)?`)
	for _, block := range strings.Split(shapes, "a sh:NodeShape")[1:] {
		target := targets.FindStringSubmatch(block)
		for _, path := range paths.FindAllStringSubmatch(block, -1) {
			for _, constraint := range []string{"sh:minCount 999", "sh:maxCount 0", "sh:datatype xsd:gYear", "sh:class xsd:none", "sh:pattern \"^nothing$\""} {
				fmt.Fprintf(&b, "[] a sh:NodeShape ; sh:targetClass %s ; sh:property [ %s %s %s ] .\n", target[1], path[1], path[2], constraint)
			}
		}
	}
	return b.String()
}

// tables are the fields of each standard, by the tables that its pages are made of.
func tables(t *testing.T) map[testserver.Standard]map[string]bool {
	t.Helper()
	out := map[testserver.Standard]map[string]bool{}
	note := func(s testserver.Standard, fields string) {
		if out[s] == nil {
			out[s] = map[string]bool{}
		}
		for _, f := range strings.Split(fields, ", ") {
			out[s][f] = true
		}
	}
	for major, s := range map[int]testserver.Standard{5: testserver.OOAPI5, 6: testserver.OEAPI6} {
		for _, table := range ooapi.Rules(major) {
			for _, r := range table.Rules {
				note(s, r.Field)
			}
		}
	}
	for _, rules := range eduapi.Rules() {
		for _, r := range rules {
			note(testserver.EduAPI, r.Field)
		}
	}
	note(testserver.OCCAPI1, "ounit") // an object that has courses
	note(testserver.OCCAPI2, "ounit")
	for _, rules := range occapi.Rules() {
		for _, r := range rules {
			if !strings.HasPrefix(r.Rule, "v2:") {
				note(testserver.OCCAPI1, r.Field)
			}
			if !strings.HasPrefix(r.Rule, "v1:") {
				note(testserver.OCCAPI2, r.Field)
			}
		}
	}
	return out
}
