package eduapi_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/eduapi"
)

// named are the fields that the rules of the objects speak of.
func named(objects ...string) map[string]bool {
	out := make(map[string]bool)
	for _, object := range objects {
		for _, r := range eduapi.Rules()[object] {
			for _, field := range strings.Split(r.Field, ", ") {
				out[field] = true
			}
		}
	}
	return out
}

var (
	fieldRow   = regexp.MustCompile("^\\| `([A-Za-z]+)`")
	heading    = regexp.MustCompile(`^### ([A-Za-z]+)`)
	smallType  = regexp.MustCompile(`([A-Z][A-Za-z]+) \{([^}]*)\}`)
	nestedType = regexp.MustCompile(`([a-z])\{[^}]*\}`)
	firstWord  = regexp.MustCompile(`^[a-z][A-Za-z]*`)
)

// TestEveryFieldIsAccountedFor reads the tables of the standard's fact sheet: a field that no rule names is lost
// without a word.
func TestEveryFieldIsAccountedFor(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	sheet, err := os.ReadFile(filepath.Join(corpus, "standards/edu-api.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, objects, found := strings.Cut(string(sheet), "\n## 4. Objects")
	objects, _, _ = strings.Cut(objects, "\n## 5.")
	if !found {
		t.Fatal("the sheet has no section 4")
	}
	tables := make(map[string][]string)
	object := ""
	for _, line := range strings.Split(objects, "\n") {
		if m := heading.FindStringSubmatch(line); m != nil {
			object = m[1]
		}
		if m := fieldRow.FindStringSubmatch(line); m != nil {
			tables[object] = append(tables[object], m[1])
		}
		if list, ok := strings.CutPrefix(line, "Address: "); ok {
			for _, part := range strings.Split(list, ", ") {
				tables["Address"] = append(tables["Address"], firstWord.FindString(part))
			}
		}
	}
	// The sheet says of these that they have the same fields, but for one.
	tables["CollectionTemplate"] = append(without(tables["CourseTemplate"], "courseType"), "collectionType")
	tables["EducationTemplate"] = without(tables["CourseTemplate"], "courseType")
	tables["ComponentTemplate"] = append(without(tables["CourseTemplate"], "courseType"), "componentType")
	tables["CollectionOffering"] = append(without(tables["CourseOffering"], "course"), "collection")
	tables["ComponentOffering"] = append(without(tables["CourseOffering"], "course"), "component")
	for object, least := range map[string]int{
		"CourseTemplate": 18, "CollectionTemplate": 18, "CourseOffering": 29, "ComponentTemplate": 18, "ComponentOffering": 29, "Organization": 14, "Address": 8, "AcademicSession": 11,
	} {
		if len(tables[object]) < least {
			t.Errorf("the sheet has %d fields of %s, expected %d: %v", len(tables[object]), object, least, tables[object])
		}
		rules := named(object)
		for _, field := range tables[object] {
			if !rules[field] {
				t.Errorf("%s.%s is not accounted for", object, field)
			}
			delete(rules, field)
		}
		for field := range rules {
			if !slices.Contains(beyond, field) {
				t.Errorf("%s.%s is no field of the standard", object, field)
			}
		}
	}
	rules := named("Small types")
	small := smallType.FindAllStringSubmatch(nestedType.ReplaceAllString(objects, "$1"), -1)
	if len(small) < 4 {
		t.Fatalf("the sheet has %d small types", len(small))
	}
	for _, m := range small {
		for _, part := range strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ';' }) {
			field := firstWord.FindString(strings.TrimSpace(part))
			if strings.Contains(part, "*") || m[1] == "Location" {
				if field != "" && !rules[m[1]+"/"+field] {
					t.Errorf("%s/%s is not accounted for", m[1], field)
				}
			}
		}
	}
}

// beyond are the rules that speak of no field: what later servers send, and what names the template from elsewhere.
var beyond = []string{
	"subjectCodes", "learningOutcomes", "componentTemplates", "extensions/learningOutcomes", "extensions/subjectCodes", "extensions/fieldsOfStudy",
}

func without(fields []string, field string) []string {
	var out []string
	for _, f := range fields {
		if f != field {
			out = append(out, f)
		}
	}
	return out
}
