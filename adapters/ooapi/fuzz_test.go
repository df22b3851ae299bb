package ooapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

func sourceAt(path string) adapters.Source {
	return adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Path: path}}
}

// answers serves bodies by path below the root; what it lacks is 404.
func answers(bodies map[string][]byte) adapters.Get {
	return func(_ context.Context, address string) (*adapters.Response, error) {
		path, _, _ := strings.Cut(strings.TrimPrefix(address, "https://uni.example/"), "?")
		body, ok := bodies[path]
		if !ok {
			return nil, &adapters.StatusError{URL: address, Code: http.StatusNotFound}
		}
		return &adapters.Response{URL: address, Body: io.NopCloser(bytes.NewReader(body))}, nil
	}
}

// seeds are all golden sources of a kind.
func seeds(f *testing.F, pattern string) [][]byte {
	f.Helper()
	names, err := filepath.Glob(filepath.Join("../../testdata/golden", pattern))
	if err != nil {
		f.Fatal(err)
	}
	var out [][]byte
	for _, name := range names {
		b, err := os.ReadFile(name) //nolint:gosec // a path of the golden directory
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// FuzzCourse maps any page of courses with any page of offerings. What comes out can be published: it
// is canonical within the budget, whole, and the same each time.
func FuzzCourse(f *testing.F) {
	offerings := append(seeds(f, "ooapi-*/source/courses/*/offerings.json"), []byte(`[]`))
	for _, courses := range seeds(f, "ooapi-*/source/courses.json") {
		for _, o := range offerings {
			f.Add(courses, o)
		}
	}
	f.Fuzz(func(t *testing.T, courses, offerings []byte) {
		first, second := mapped(t, courses, offerings), mapped(t, courses, offerings)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("mapped twice, two results:\n%s", diff)
		}
	})
}

// mapped gives the canonical graphs that the mapping makes of two bodies.
func mapped(t *testing.T, courses, offerings []byte) []string {
	var out []string
	pg, err := parsePage(bytes.TrimSpace(courses))
	if err != nil {
		return nil
	}
	lim := Limits{}.WithDefaults()
	for i, raw := range pg.items {
		obj, err := source.Record{Place: source.Place{URL: "u", Pointer: "/items/" + strconv.Itoa(i)}, Raw: raw}.Decode(lim, "courseId")
		if err != nil {
			continue
		}
		in := input{Entry: source.Entry{Place: source.Place{URL: "u"}, Object: obj}, provider: "uni.example", refs: source.References{}}
		if pg, err := parsePage(offerings); err == nil {
			for _, raw := range pg.items {
				if o, err := (source.Record{Place: source.Place{URL: "o"}, Raw: raw}).Decode(lim, "offeringId"); err == nil {
					in.offerings = append(in.offerings, source.Entry{Place: source.Place{URL: "o"}, Object: o})
				}
			}
		}
		item, err := mapCourse(in)
		if err != nil {
			var lost *adapters.RecordError
			if !errors.As(err, &lost) || lost.Field == "" || lost.Fix == "" {
				t.Errorf("lost without a word: %v", err)
			}
			continue
		}
		out = append(out, publishable(t, item.Graph))
	}
	return out
}

func publishable(t *testing.T, g elm.Graph) string {
	if _, ok := g.Title(); !ok {
		t.Error("a course without a title was mapped")
	}
	normal, _ := g.Normalise(elm.Naming{ProviderIRI: "https://uni.example/"})
	text, err := normal.Canonical()
	if errors.Is(err, rdf.ErrBudget) {
		return err.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	triples, err := rdf.ParseCanonical(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if err := elm.Check(g.Subject.String(), triples); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	return string(text)
}

// FuzzPage reads any body as a listing: the walk ends, and every item is an item of the page.
func FuzzPage(f *testing.F) {
	for _, b := range seeds(f, "ooapi-*/source/courses.json") {
		f.Add(b)
	}
	for _, s := range []string{`{"items":{}}`, `[[]]`, `{"hasNextPage":"true","items":[{"courseId":"1","name":"x"}]}`, `{"totalPages":1e9,"items":[1]}`, `{"courseId":1,"name":"x"}`, "\xef\xbb\xbf[]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a := New(Limits{Pages: 20})
		items := 0
		for _, err := range a.Read(t.Context(), answers(map[string][]byte{"courses": body}), sourceAt("https://uni.example/"), time.Time{}) {
			if err == nil {
				items++
			}
		}
		if pg, err := parsePage(body); items > 0 && (err != nil || items > len(pg.items)) {
			t.Errorf("%d courses of a page with %d entries, %v", items, len(pg.items), err)
		}
	})
}

// A course with very many offerings that share everything must stay within the work budget.
func TestManyOfferingsStayCanonical(t *testing.T) {
	t.Parallel()
	course := []byte(`{"courseId":"c","name":"Knots","enrollment":"Ask.","modeOfDelivery":"online","duration":"P10W",
		"addresses":[{"street":"Quay","city":"Port","countryCode":"NL","additional":"left"},{"street":"Pier","city":"Port","countryCode":"NL"}],
		"consumers":[{"consumerKey":"eduxchange","alliances":[{"name":"a","theme":"t"},{"name":"b","theme":"t"}]}]}`)
	var offerings []string
	for i := range 500 {
		offerings = append(offerings, `{"offeringId":"`+strconv.Itoa(i)+`","startDate":"2027-02-01","endDate":"2027-06-01","priceInformation":[{"amount":"5","currency":"EUR"},{"amount":"6","currency":"EUR"}]}`)
	}
	got := mapped(t, append(append([]byte("["), course...), ']'), []byte("["+strings.Join(offerings, ",")+"]"))
	if len(got) != 1 || got[0] == rdf.ErrBudget.Error() || strings.Count(got[0], "\n") < 500*8 {
		t.Errorf("%.300s", got)
	}
}

// The rules name every field that the standard gives to a course and a course offering.
func TestRulesCoverTheStandard(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	text, err := os.ReadFile(filepath.Join(corpus, "standards/data/ooapi/ooapi-v5.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Components struct {
			Schemas map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &spec); err != nil {
		t.Fatal(err)
	}
	for schema, rules := range map[string][]Rule{"Course": courseRules, "CourseOffering": offeringRules} {
		known := make(map[string]bool)
		for _, r := range rules {
			known[r.Field] = true
		}
		found := fieldsOf(t, spec.Components.Schemas, schema)
		if len(found) < 20 {
			t.Errorf("%s: only %d fields found in the standard", schema, len(found))
		}
		for field := range found {
			if !known[field] {
				t.Errorf("%s.%s has no rule", schema, field)
			}
		}
	}
}

func fieldsOf(t *testing.T, schemas map[string]json.RawMessage, name string) map[string]bool {
	t.Helper()
	var schema struct {
		Properties map[string]json.RawMessage
		AllOf      []struct {
			Ref        string `json:"$ref"`
			Properties map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(schemas[name], &schema); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	out := make(map[string]bool)
	for field := range schema.Properties {
		out[field] = true
	}
	for _, part := range schema.AllOf {
		for field := range part.Properties {
			out[field] = true
		}
		if ref, ok := strings.CutPrefix(part.Ref, "#/components/schemas/"); ok {
			for field := range fieldsOf(t, schemas, ref) {
				out[field] = true
			}
		}
	}
	return out
}
