package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpus is the folder of licensed samples.
func corpus(t *testing.T, elements ...string) string {
	t.Helper()
	root := os.Getenv("COURSEMESH_CORPUS")
	if root == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	return filepath.Join(append([]string{root, "standards", "data"}, elements...)...)
}

type counts struct{ Fetched, New, Changed, Withdrawn, Rejected int }

func harvested(t *testing.T, args ...string) (c counts, code int) {
	t.Helper()
	out, code := coursemesh(t, append([]string{"harvest", "--json", "--quiet"}, args...)...)
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, out)
	}
	return c, code
}

// TestCorpusFiles harvests the licensed ELM samples; the same course in two serialisations is one record.
func TestCorpusFiles(t *testing.T) {
	t.Parallel()
	for file, title := range map[string]string{
		"course-conformant.ttl":              "Graph Data Engineering",
		"course-conformant.jsonld":           "Stream Processing",
		"course-shacl-namespace-variant.ttl": "Variant namespace",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			dir, path := t.TempDir(), corpus(t, "quality-link", "examples-synthetic", file)
			if got, code := harvested(t, path, "--provider", "uni-example.eu", "--data-dir", dir); got != (counts{Fetched: 1, New: 1}) || code != 0 {
				t.Errorf("exit %d, %+v", code, got)
			}
			if out, _ := coursemesh(t, "course", "search", "--json", "--data-dir", dir); !strings.Contains(out, title) {
				t.Errorf("%q is not in %s", title, out)
			}
		})
	}
	t.Run("two serialisations", func(t *testing.T) {
		t.Parallel()
		dir, want := t.TempDir(), ""
		for i, file := range []string{"course-conformant-same.nt", "course-conformant-same.jsonld"} {
			path := corpus(t, "quality-link", "examples-synthetic", file)
			got, code := harvested(t, path, "--provider", "uni-example.eu", "--data-dir", dir)
			if code != 0 || got.New != 1-i || got.Changed != 0 {
				t.Errorf("%s: exit %d, %+v", file, code, got)
			}
			out, _ := coursemesh(t, "course", "get", "urn:schac:uniqueCourseId:uni-example.eu:CS101", "--format", "ntriples", "--data-dir", dir)
			if want == "" {
				want = out
			}
			if out != want || !strings.Contains(out, "Graph-Datentechnik") {
				t.Errorf("%s has other canonical bytes:\n%s", file, out)
			}
		}
	})
}

// TestCorpusOOAPI harvests a server with the sample pages of the specification.
func TestCorpusOOAPI(t *testing.T) {
	t.Parallel()
	page := func(name string) []byte {
		data, err := os.ReadFile(corpus(t, "ooapi", "sample-v5-"+name+"-page.json"))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	courses, offerings := page("Course"), page("CourseOffering")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/v5/courses":
			_, _ = w.Write(courses)
		case strings.HasPrefix(r.URL.Path, "/v5/courses/") && strings.HasSuffix(r.URL.Path, "/offerings"):
			_, _ = w.Write(offerings)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	manifest := filepath.Join(dir, "manifest.json")
	text := fmt.Sprintf(`{"sources":[{"type":"ooapi","version":"5","path":%q}]}`, server.URL+"/v5")
	config := filepath.Join(dir, "coursemesh.yaml")
	for file, content := range map[string]string{manifest: text, config: "fetch: {allow_cidrs: [127.0.0.0/8], per_host_per_second: 100}\n"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data := filepath.Join(dir, "data")
	for i, target := range []string{manifest, server.URL + "/v5"} {
		got, code := harvested(t, target, "--provider", "uni.example", "--data-dir", data, "--config", config)
		if code != 0 || got.Fetched != 1 || got.New != 1-i {
			t.Errorf("%s: exit %d, %+v", target, code, got)
		}
	}
	out, _ := coursemesh(t, "course", "search", "writing", "--json", "--data-dir", data, "--config", config)
	for _, want := range []string{"Academic and Professional Writing", `"ects":3`, `"isced":["0732"]`, `"languages":["nl"]`, `"start":"2019-08-21"`} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is not in %s", want, out)
		}
	}
	if got, code := harvested(t, manifest, "--provider", "uni.example", "--data-dir", data); code == 0 || got.Withdrawn != 0 {
		t.Errorf("without the exemption a private address was reached: exit %d, %+v", code, got)
	}
}
