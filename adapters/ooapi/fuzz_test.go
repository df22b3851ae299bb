package ooapi

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

// FuzzCourse maps any page of anything with any page of offerings and components. What comes out can be published: it
// is canonical within the budget, whole, and the same each time.
func FuzzCourse(f *testing.F) { fuzz(f, five, five.courses, five.programmes, five.specifications) }

func FuzzCourse6(f *testing.F) { fuzz(f, six, six.courses, six.programmes) }

func fuzz(f *testing.F, v *version, kinds ...*kind) {
	f.Helper()
	below := [][]byte{[]byte(`[]`)}
	for _, name := range []string{"offerings", "components", "course-offerings", "programme-offerings", "learning-components", "test-components"} {
		below = append(below, seeds(f, "ooapi*/source/*/*/"+name+".json")...)
	}
	for _, k := range kinds {
		for _, courses := range seeds(f, "ooapi*/source/"+k.collection+".json") {
			for _, b := range below {
				f.Add(courses, b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, courses, below []byte) {
		for _, k := range kinds {
			first, second := mapped(t, v, k, courses, below), mapped(t, v, k, courses, below)
			if diff := cmp.Diff(first, second); diff != "" {
				t.Errorf("mapped twice, two results:\n%s", diff)
			}
		}
	})
}

// mapped gives the canonical graphs that the mapping of a kind makes of two bodies.
func mapped(t *testing.T, v *version, k *kind, courses, below []byte) []string {
	var out []string
	lim := Limits{}.WithDefaults()
	for _, course := range entries(lim, courses) {
		in := input{Entry: course, version: v, kind: k, provider: "uni.example", refs: source.References{}}
		for _, e := range entries(lim, below) {
			if k.offerings != nil {
				in.offerings = append(in.offerings, e)
			}
			if k.components != nil {
				in.components = append(in.components, component{Entry: e})
			}
		}
		item, err := in.item()
		if err != nil {
			var lost *adapters.RecordError
			if !errors.As(err, &lost) || lost.Field == "" || lost.Fix == "" {
				t.Errorf("lost without a word: %v", err)
			}
			continue
		}
		out = append(out, sourcetest.Publishable(t, item.Graph))
	}
	return out
}

// entries are the objects of a page.
func entries(lim Limits, body []byte) []source.Entry {
	pg, err := parsePage(bytes.TrimSpace(body))
	if err != nil {
		return nil
	}
	var out []source.Entry
	for i, raw := range pg.items {
		place := source.Place{URL: "u", Pointer: "/items/" + strconv.Itoa(i)}
		if obj, err := (source.Record{Place: place, Raw: raw}).Decode(lim, ""); err == nil {
			out = append(out, source.Entry{Place: place, Object: obj})
		}
	}
	return out
}

// FuzzPage reads any body as a listing: the walk ends, and every item is an item of the page.
func FuzzPage(f *testing.F) {
	for _, b := range seeds(f, "ooapi*/source/courses.json") {
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
	got := mapped(t, five, five.courses, append(append([]byte("["), course...), ']'), []byte("["+strings.Join(offerings, ",")+"]"))
	if len(got) != 1 || got[0] == rdf.ErrBudget.Error() || strings.Count(got[0], "\n") < 500*8 {
		t.Errorf("%.300s", got)
	}
}
