package eduapi

import (
	"bytes"
	"context"
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
	"github.com/coursemesh/coursemesh/adapters/source/sourcetest"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// answers serves bodies by collection; what it lacks is 404.
func answers(bodies map[string][]byte, header http.Header) adapters.Get {
	return func(_ context.Context, address string) (*adapters.Response, error) {
		path, _, _ := strings.Cut(strings.TrimPrefix(address, "https://uni.example/"), "?")
		body, ok := bodies[path]
		if !ok {
			return nil, &adapters.StatusError{URL: address, Code: http.StatusNotFound}
		}
		return &adapters.Response{URL: address, Header: header, Body: io.NopCloser(bytes.NewReader(body))}, nil
	}
}

// seeds are all golden lists of a collection.
func seeds(f *testing.F, collection string) [][]byte {
	f.Helper()
	names, err := filepath.Glob(filepath.Join("../../testdata/golden/eduapi-*/source", collection+".json"))
	if err != nil || len(names) == 0 {
		f.Fatalf("%v %v", names, err)
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

// FuzzRead walks any lists of templates, offerings and components. The walk ends; what comes out can be
// published: it is canonical within the budget, whole, and the same each time.
func FuzzRead(f *testing.F) {
	for _, templates := range seeds(f, "courseTemplates") {
		for _, offerings := range seeds(f, "courseOfferings") {
			for _, components := range seeds(f, "componentTemplates") {
				f.Add(templates, offerings, components, "40", `<x?offset=1>; rel="next"`)
			}
		}
	}
	f.Fuzz(func(t *testing.T, templates, offerings, components []byte, total, link string) {
		bodies := map[string][]byte{
			"courseTemplates": templates, "courseOfferings": offerings, "componentTemplates": components,
			"collectionTemplates": offerings, "organizations/o1": templates, "academicSessions/as-1": components,
		}
		header := http.Header{}
		header.Set("X-Total-Count", total)
		header.Set("Link", link)
		first, second := published(t, bodies, header), published(t, bodies, header)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("read twice, two results:\n%s", diff)
		}
	})
}

func published(t *testing.T, bodies map[string][]byte, header http.Header) []string {
	t.Helper()
	src := adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Path: "https://uni.example/"}}
	var out []string
	for item, err := range New(Limits{Pages: 20}).Read(t.Context(), answers(bodies, header), src, time.Time{}) {
		var lost *adapters.RecordError
		switch {
		case errors.As(err, &lost):
			if lost.Field == "" || lost.Fix == "" {
				t.Errorf("lost without a word: %v", err)
			}
		case err == nil && !item.Deleted:
			out = append(out, sourcetest.Publishable(t, item.Graph))
		}
	}
	return out
}

// Offerings and components that share everything must stay within the work budget.
func TestManyOfferingsStayCanonical(t *testing.T) {
	t.Parallel()
	var offerings, components []string
	for i := range 400 {
		offerings = append(offerings, `{"sourcedId":"`+strconv.Itoa(i)+`","course":"c","title":"Run","startDate":"2027-02-01","registrationStatus":"open","locations":[{"identifier":"A"},{"identifier":"B"}]}`)
	}
	for _, kind := range []string{"lecture", "seminar", "exam", "recitation"} {
		components = append(components, `{"sourcedId":"`+kind+`","parent":"c","componentType":"`+kind+`","title":"Part"}`)
	}
	got := published(t, map[string][]byte{
		"courseTemplates":    []byte(`[{"sourcedId":"c","title":"Knots"}]`),
		"courseOfferings":    []byte("[" + strings.Join(offerings, ",") + "]"),
		"componentTemplates": []byte("[" + strings.Join(components, ",") + "]"),
	}, nil)
	if len(got) != 1 || strings.Count(got[0], "\n") < 400*9 {
		t.Errorf("%.300s", got)
	}
}

func TestNextLink(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		`<https://a.example/x?offset=10&limit=5>; rel="next"`:                  "limit=5&offset=10",
		`</x?offset=0>; rel=first, </x?offset=10>; title="a"; rel="prev next"`: "offset=10",
		`</x?offset=0>; rel=first`:                                             "", `</x>; rel=next`: "", `<`: "", ``: "", `<x?a=1`: "", `<%zz?a=1>; rel=next`: "",
	} {
		got, _ := nextLink(http.Header{"Link": {header}})
		if got.Encode() != want {
			t.Errorf("%s: %s, want %s", header, got.Encode(), want)
		}
	}
}

func TestDomainsOfOrganisations(t *testing.T) {
	t.Parallel()
	code := func(kind, code string) source.Object {
		return source.ObjectOf(source.Field{Name: "identifierType", Value: kind}, source.Field{Name: "identifier", Value: code})
	}
	for name, tt := range map[string]struct {
		primary, other source.Object
		parent, want   string
	}{
		"form of a domain at the top":   {code("identifier", "Uni.Example."), nil, "", "uni.example"},
		"form of a domain below it":     {code("identifier", "eng.civ"), nil, "o1", ""},
		"a type that names the domain":  {code("systemId", "x.y"), code("ext:schacHome", "uni.example"), "o1", "uni.example"},
		"that type wins":                {code("systemId", "x.yz"), code("ext:SCHAC", "uni.example"), "", "uni.example"},
		"a code":                        {code("systemId", "UNI-1"), nil, "", ""},
		"an injection in place of one":  {code("ext:schac", "uni.example/> <x"), nil, "", ""},
		"a domain without a second dot": {code("ext:schac", "example"), nil, "", ""},
	} {
		obj := source.ObjectOf(
			source.Field{Name: "primaryCode", Value: tt.primary}, source.Field{Name: "otherCodes", Value: tt.other}, source.Field{Name: "parent", Value: tt.parent},
		)
		if got := schacCode(obj); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// The concepts of the tables are in the vocabularies.
func TestTablesNameKnownConcepts(t *testing.T) {
	t.Parallel()
	for _, table := range []map[string]string{courseTypes, collectionTypes, modes, activities} {
		for value, iri := range table {
			if _, ok := vocabulary.Lookup(iri); !ok {
				t.Errorf("%s: %s is no concept", value, iri)
			}
		}
	}
}
