package occapi

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
)

const origin = "https://uni.example/data/source/hei/uni.example"

// answers serves bodies by path below the institution and checks that nothing else is asked for.
func answers(t *testing.T, bodies map[string][]byte) adapters.Get {
	t.Helper()
	asked := 0
	return func(_ context.Context, address string) (*adapters.Response, error) {
		if asked++; asked > 5000 {
			t.Fatal("no end of requests")
		}
		if !strings.HasPrefix(strings.ToLower(address), "https://uni.example/") {
			t.Errorf("asked for %s", address)
		}
		body, ok := bodies[strings.TrimPrefix(address, origin)]
		if !ok {
			return nil, &adapters.StatusError{URL: address, Code: http.StatusNotFound}
		}
		return &adapters.Response{URL: address, Body: io.NopCloser(bytes.NewReader(body))}, nil
	}
}

func file(f *testing.F, path ...string) []byte {
	f.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"../../testdata/golden"}, path...)...)) //nolint:gosec // a path of the golden directory
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		f.Fatal(err)
	}
	return b
}

// FuzzRead walks any institution with any collections. The walk ends on the origin that it started on; what comes
// out can be published: it is canonical within the budget, whole, and the same each time.
func FuzzRead(f *testing.F) {
	for _, dir := range []string{"occapi2-minimal", "occapi2-full", "occapi2-odd"} {
		instances, err := filepath.Glob(filepath.Join("../../testdata/golden", dir, "source/hei/uni.example/course/*/instance.json"))
		if err != nil {
			f.Fatal(err)
		}
		var runs []byte
		if len(instances) > 0 {
			runs = file(f, strings.TrimPrefix(instances[0], "../../testdata/golden/"))
		}
		below := filepath.Join(dir, "source/hei")
		f.Add(file(f, below, "uni.example.json"), file(f, below, "uni.example/programme.json"), file(f, below, "uni.example/course.json"), runs)
	}
	f.Fuzz(func(t *testing.T, hei, programmes, courses, instances []byte) {
		bodies := map[string][]byte{
			"": hei, "/programme": programmes, "/course": courses, "/ounit": courses, "/ounit/c1/course": courses, "/programme/p1/course": courses,
			"/course/c1": courses, "/course/c4/instance": instances, "/course/c1/instance": instances,
			"/course/2b0f7c55-91aa-4c60-8c11-0a4f2c7d9e21": courses, "/course/2b0f7c55-91aa-4c60-8c11-0a4f2c7d9e21/instance": instances,
		}
		first, second := published(t, bodies), published(t, bodies)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("read twice, two results:\n%s", diff)
		}
	})
}

func published(t *testing.T, bodies map[string][]byte) []string {
	t.Helper()
	src := adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Path: origin}}
	var out []string
	for item, err := range New(Limits{Pages: 20}).Read(t.Context(), answers(t, bodies), src, time.Time{}) {
		var lost *adapters.RecordError
		switch {
		case errors.As(err, &lost):
			if lost.Field == "" || lost.Fix == "" {
				t.Errorf("lost without a word: %v", err)
			}
		case err == nil:
			out = append(out, sourcetest.Publishable(t, item.Graph))
		}
	}
	return out
}

// Instances that share everything must stay within the work budget.
func TestManyInstancesStayCanonical(t *testing.T) {
	t.Parallel()
	var instances []string
	for i := range 400 {
		instances = append(instances, `{"type":"instance","id":"`+strconv.Itoa(i)+`","attributes":{"startDate":"2027-02-01","academicTermId":"2026/2027-2/2","engagementHours":40}}`)
	}
	got := published(t, map[string][]byte{
		"":                    []byte(`{"data":{"type":"hei","id":"uni.example","attributes":{"heiId":"uni.example"}}}`),
		"/course":             []byte(`{"data":[{"type":"course","id":"c1","attributes":{"title":"Knots","restrictedToLocalStudents":true},"links":{"instance":"x"}}]}`),
		"/course/c1/instance": []byte(`{"data":[` + strings.Join(instances, ",") + `]}`),
		"/x":                  []byte(`{"data":[` + strings.Join(instances, ",") + `]}`),
		"/course/c1":          []byte(`{"data":{"type":"course","id":"c1","attributes":{"title":"Knots"},"links":{"instance":"` + origin + `/x"}}}`),
	})
	if len(got) != 1 || strings.Count(got[0], "\n") < 400*7 {
		t.Errorf("%.300s", got)
	}
}

func TestLength(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2": "P2Y", "1.5": "P1Y6M", "7/2": "P3Y6M", "4/2": "P2Y", "5/3": "P1Y8M", "1/2": "P6M", "3/1": "P3Y",
		"": "", "0": "", "-1": "", "4/0": "", "0/2": "", "99/1": "", "21": "", "four": "", "1/2/3": "",
	} {
		if got, ok := length(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPoints(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"- a\n- b": {"a", "b"}, "You can:\n\n1. a\n2) b\n   goes on\n\n• c": {"a", "b goes on", "c"}, "* a": {"a"},
		"Prose.\n- a\n- b": nil, "- a\n\nProse.": nil, "a - b": nil, "": nil, "-\n- ": nil, "-5 degrees": nil,
	} {
		if diff := cmp.Diff(want, listed(in)); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
	two := func(en, nl string) []source.Text {
		return []source.Text{{Lang: "en", Value: en}, {Lang: "nl", Value: nl}}
	}
	want := [][]source.Text{two("a", "x"), two("b", "y")}
	if diff := cmp.Diff(want, points(two("- a\n- b", "- x\n- y"))); diff != "" {
		t.Error(diff)
	}
	for _, texts := range [][]source.Text{two("- a\n- b", "- x"), two("- a\n- b", "x"), two("- a", "- x")} {
		if got := points(texts); got != nil {
			t.Errorf("%v was split: %v", texts, got)
		}
	}
}

func TestPercentages(t *testing.T) {
	t.Parallel()
	bars := func(counts ...string) []bar {
		var in []source.Object
		for i, c := range counts {
			in = append(in, source.ObjectOf(source.Field{Name: "label", Value: strconv.Itoa(i + 1)}, source.Field{Name: "count", Value: c}))
		}
		return percentages(in)
	}
	if diff := cmp.Diff([]bar{{"1", 1, 15}, {"2", 2, 85}}, bars("3", "17", "0"), cmp.AllowUnexported(bar{})); diff != "" {
		t.Error(diff)
	}
	for _, counts := range [][]string{{}, {"0", "0"}, {"x"}, {"-4"}} {
		if got := bars(counts...); len(got) != 0 {
			t.Errorf("%v: %v", counts, got)
		}
	}
}
