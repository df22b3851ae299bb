package validate_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters/testserver"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/node/validate"
)

// subjects are what a reading hands over.
func subjects(t *testing.T, v *validate.Validator, read func(*validate.Validator) (profile.Report, error)) []string {
	t.Helper()
	out := map[string]bool{}
	_, err := read(v.For(func(d harvest.Draft) ([]profile.Finding, error) {
		out[d.Subject] = true
		return nil, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(out))
}

// TestSavedPages: a page of courses that an API gave gives the courses on it under the names that reading the API gives
// them; places name the file.
func TestSavedPages(t *testing.T) {
	t.Parallel()
	v := validator(t)
	set := testserver.Generate(institution, 8, 5)
	for standard, page := range map[testserver.Standard]string{
		testserver.OOAPI5: "/courses?pageNumber=1&pageSize=50", testserver.OEAPI6: "/courses?pageNumber=1&pageSize=50",
		testserver.EduAPI: "/courseTemplates?limit=50&offset=0", testserver.OCCAPI1: "/course", testserver.OCCAPI2: "/course",
	} {
		t.Run(string(standard), func(t *testing.T) {
			t.Parallel()
			server := testserver.New(testserver.Config{Standard: standard, Set: set, Base: "https://" + institution})
			told := server.Source()
			whole := subjects(t, v, func(v *validate.Validator) (profile.Report, error) {
				return v.Source(t.Context(), through(server), federation.ManifestSource{Type: told.Type, Version: told.Version, Path: told.Path}, institution, func(s string) string { return s })
			})
			reply, err := testserver.Ask(t.Context(), server, told.Path+page)
			if err != nil || reply.Status != 200 {
				t.Fatal(err, reply.Status)
			}
			file := filepath.Join(t.TempDir(), "a page.json")
			if err := os.WriteFile(file, reply.Body.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			read := func(v *validate.Validator) (profile.Report, error) { return v.File(t.Context(), file, institution) }
			got := subjects(t, v, read)
			courses := slices.DeleteFunc(whole, func(s string) bool { return !slices.Contains(got, s) })
			if diff := cmp.Diff(courses, got); diff != "" || len(got) != 8 {
				t.Errorf("%d courses (-of the API +of the page):\n%s", len(got), diff)
			}
			report, err := read(v)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range report.Findings {
				if !strings.HasPrefix(f.Where, file) {
					t.Errorf("the place is not in the file: %+v", f)
				}
			}
		})
	}
}

// TestWhatIsNoPageOfCourses is told what it is, and what to save in its place.
func TestWhatIsNoPageOfCourses(t *testing.T) {
	t.Parallel()
	v := validator(t)
	for name, k := range map[string]struct{ body, says string }{
		"offerings":     {`{"pageNumber":1,"items":[{"offeringId":"1","courseId":"2"}]}`, "offerings of ooapi"},
		"components":    {`{"pageNumber":1,"items":[{"componentId":"1","courseId":"2"}]}`, "components of ooapi"},
		"organisations": {`{"pageNumber":1,"items":[{"organisationId":"1"}]}`, "organisations of ooapi"},
		"edu offerings": {`[{"sourcedId":"1","course":"2"}]`, "courseOfferings of edu-api"},
		"institution":   {`{"data":{"type":"hei","id":"uni.example","attributes":{}}}`, "hei of occapi"},
		"manifest":      {"sources:\n  - type: elm\n    path: https://uni.example/c\n", "manifest"},
	} {
		_, err := v.Stream(t.Context(), strings.NewReader(k.body), "here.json", institution)
		if err == nil || !strings.Contains(err.Error(), k.says) || !strings.HasPrefix(err.Error(), "here.json: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := v.Stream(t.Context(), strings.NewReader(`{"courseId":"1","name":[{"value":"A"}]}`), "here.json", "")
	if !errors.Is(err, validate.ErrWhose) {
		t.Errorf("no provider: %v", err)
	}
}
