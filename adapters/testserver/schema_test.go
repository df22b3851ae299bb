package testserver_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/coursemesh/coursemesh/adapters/testserver"
)

// corpus is the path of a file of the standards' own documents.
func corpus(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("COURSEMESH_CORPUS")
	if dir == "" {
		t.Skip("COURSEMESH_CORPUS is not set: the standards' documents are not here")
	}
	return filepath.Join(dir, "standards", "data", name)
}

func readJSON(t *testing.T, name string) any {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	v, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// get asks a server without a network for JSON.
func get(t *testing.T, s http.Handler, address string) map[string]any {
	t.Helper()
	reply, err := testserver.Ask(t.Context(), s, address)
	if err != nil || reply.Status != http.StatusOK {
		t.Fatalf("%s: %v, status %d", address, err, reply.Status)
	}
	v, err := jsonschema.UnmarshalJSON(&reply.Body)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	out, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("%s answers with a %T", address, v)
	}
	return out
}

// TestOpenEducationAPIObjects holds what the tidy servers send against the schemas of the standard's own OpenAPI
// documents: types, required fields, enumerations, and no field that the schema does not know.
func TestOpenEducationAPIObjects(t *testing.T) {
	t.Parallel()
	set := testserver.Generate(home, 40, 7)
	for name, c := range map[string]struct {
		standard testserver.Standard
		file     string
		root     string
		schemas  map[string]string // by collection
	}{
		"5": {testserver.OOAPI5, "ooapi/ooapi-v5.json", "/ooapi/v5", map[string]string{
			"courses": "Course", "programs": "Program", "organizations": "Organization", "academic-sessions": "AcademicSession", "courses/0/offerings": "CourseOffering",
		}},
		"6": {testserver.OEAPI6, "ooapi/oeapi-v6.json", "/oeapi/v6", map[string]string{
			"courses": "Course", "programmes": "Programme", "organisations": "Organisation", "academic-sessions": "AcademicSession",
			"courses/0/course-offerings": "CourseOffering",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := readJSON(t, corpus(t, c.file))
			s := serverOf(c.standard, set)
			for collection, schema := range c.schemas {
				collection = strings.Replace(collection, "/0/", "/"+withOffering(set)+"/", 1)
				page := get(t, s, c.root+"/"+collection+"?pageSize=250")
				conform(t, document, schema, page["items"].([]any))
				if pagination := fieldsOf(document, "Pagination"); len(pagination) > 0 {
					for field := range page {
						if field != "items" && !pagination[field] {
							t.Errorf("a page has no field %s", field)
						}
					}
				}
			}
			if c.standard == testserver.OEAPI6 {
				course := get(t, s, c.root+"/courses/"+set.Courses[0].ID)
				one := get(t, s, c.root+"/learning-outcomes/"+course["learningOutcomeIds"].([]any)[0].(string))
				conform(t, document, "LearningOutcome", []any{one})
			}
		})
	}
}

func withOffering(set testserver.Set) string {
	for _, c := range set.Courses {
		if len(c.Offerings) > 0 {
			return c.ID
		}
	}
	return ""
}

// conform checks entries against a schema of an OpenAPI document.
func conform(t *testing.T, document any, name string, entries []any) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.UseRegexpEngine(lenient)
	if err := compiler.AddResource("https://openapi.example/document.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("https://openapi.example/document.json#/components/schemas/" + name)
	if err != nil {
		t.Fatal(err)
	}
	known := fieldsOf(document, name)
	if len(entries) == 0 || len(known) < 5 {
		t.Fatalf("%s: %d entries, %d fields", name, len(entries), len(known))
	}
	for _, e := range entries {
		if err := schema.Validate(e); err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		for field := range e.(map[string]any) {
			if !known[field] {
				t.Errorf("%s has no field %s", name, field)
				return
			}
		}
	}
}

// lenient leaves look-aheads out of patterns, which Go does not have.
func lenient(pattern string) (jsonschema.Regexp, error) {
	re, err := regexp.Compile(lookAhead.ReplaceAllString(pattern, ""))
	return (*expression)(re), err
}

var lookAhead = regexp.MustCompile(`\(\?=[^()]*\)`)

type expression regexp.Regexp

func (e *expression) String() string            { return (*regexp.Regexp)(e).String() }
func (e *expression) MatchString(s string) bool { return (*regexp.Regexp)(e).MatchString(s) }

// fieldsOf are the names that a schema's properties have, also those of the schemas that it is made of.
func fieldsOf(document any, name string) map[string]bool {
	out := map[string]bool{}
	root, _ := document.(map[string]any)
	var collect func(v any)
	collect = func(v any) {
		o, _ := v.(map[string]any)
		if ref, ok := o["$ref"].(string); ok {
			v := any(root)
			for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
				inner, _ := v.(map[string]any)
				v = inner[step]
			}
			collect(v)
		}
		if properties, ok := o["properties"].(map[string]any); ok {
			for field := range properties {
				out[field] = true
			}
		}
		for _, part := range []string{"allOf", "oneOf", "anyOf"} {
			parts, _ := o[part].([]any)
			for _, p := range parts {
				collect(p)
			}
		}
	}
	collect(map[string]any{"$ref": "#/components/schemas/" + name})
	return out
}

// TestOCCAPIResources holds the names of what the tidy servers send against the standard's own examples.
func TestOCCAPIResources(t *testing.T) {
	t.Parallel()
	set := testserver.Generate(home, 40, 7)
	one, programme := withOffering(set), set.Programmes[0].ID
	for _, c := range []struct {
		standard       testserver.Standard
		path, examples string
	}{
		{testserver.OCCAPI1, "/occapi/v1/hei/" + home, "occapi/v1-data/hei/domain.tld/index.json"},
		{testserver.OCCAPI1, "/occapi/v1/hei/" + home + "/course/" + one, "occapi/v1-data/hei/domain.tld/course/*/index.json"},
		{testserver.OCCAPI1, "/occapi/v1/hei/" + home + "/programme/" + programme, "occapi/v1-data/hei/domain.tld/programme/*/index.json"},
		{testserver.OCCAPI2, "/occapi/v2/hei/" + home, "occapi/v2-examples/InstitutionResource.json"},
		{testserver.OCCAPI2, "/occapi/v2/hei/" + home + "/course/" + one, "occapi/v2-examples/CourseResource.json"},
		{testserver.OCCAPI2, "/occapi/v2/hei/" + home + "/programme/" + programme, "occapi/v2-examples/ProgrammeResource.json"},
		{testserver.OCCAPI2, "/occapi/v2/hei/" + home + "/course/" + one + "/instance", "occapi/v2-examples/CourseInstanceCollection.json"},
		{testserver.OCCAPI2, "/occapi/v2/hei/" + home + "/ounit", "occapi/v2-examples/OunitCollection.json"},
	} {
		files, err := filepath.Glob(corpus(t, c.examples))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", c.examples, err)
		}
		example := paths(readJSON(t, files[0]), "")
		for path := range paths(get(t, serverOf(c.standard, set), c.path), "") {
			if !example[path] {
				t.Errorf("%s: %s is not in %s", c.path, path, filepath.Base(c.examples))
			}
		}
	}
}

// paths are the places of a JSON value, without the indices of lists.
func paths(v any, at string) map[string]bool {
	out := map[string]bool{at: true}
	add := func(inner any, at string) {
		for path := range paths(inner, at) {
			out[path] = true
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			add(inner, at+"/"+key)
		}
	case []any:
		for _, inner := range v {
			add(inner, at)
		}
	case json.Number, string, bool, nil:
	}
	return out
}
