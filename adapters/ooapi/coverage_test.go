package ooapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/coursemesh/coursemesh/adapters/ooapi"
)

// schema is as much of a JSON schema as names fields.
type schema struct {
	Ref        string            `json:"$ref" yaml:"$ref"`
	Properties map[string]schema `json:"properties" yaml:"properties"`
	RawItems   any               `json:"items" yaml:"items"`
	AllOf      []schema          `json:"allOf" yaml:"allOf"`
}

// standard holds the schemas of one version by name.
type standard map[string]schema

// inline is what an array holds, when it is described in place.
func (s schema) inline(t *testing.T) schema {
	if s.RawItems == nil {
		return s
	}
	text, err := json.Marshal(s.RawItems)
	if err != nil {
		t.Fatal(err)
	}
	var items schema
	if json.Unmarshal(text, &items) != nil {
		return schema{} // an array of plain values, such as "items: string"
	}
	return items
}

// fields are the names in a schema, and those of objects described in place as "field/name".
func (all standard) fields(t *testing.T, s schema) map[string]bool {
	t.Helper()
	out := make(map[string]bool)
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return all.fields(t, all[name])
	}
	for _, part := range s.AllOf {
		maps.Copy(out, all.fields(t, part))
	}
	for field, of := range s.Properties {
		out[field] = true
		for below := range all.fields(t, schema{Properties: of.inline(t).Properties}) {
			out[field+"/"+below] = true
		}
	}
	return out
}

// The objects that are harvested, by the table that accounts for them.
var harvested = map[int]map[string]string{
	5: {
		"CourseExpanded": "Course", "ProgramExpanded": "Program", "EducationSpecificationExpanded": "EducationSpecification",
		"CourseOffering": "CourseOffering", "ProgramOffering": "ProgramOffering", "Component": "Component", "Organization": "Organization",
		"AcademicSession": "AcademicSession", "Address": "Address", "Cost": "Cost", "IdentifierEntry": "IdentifierEntry",
		"LanguageTypedString": "LanguageTypedString", "StudyLoadDescriptor": "StudyLoadDescriptor",
	},
	6: {
		"CourseExpanded": "Course", "ProgrammeExpanded": "Programme", "CourseOffering": "CourseOffering", "ProgrammeOffering": "ProgrammeOffering",
		"LearningComponent": "LearningComponent", "TestComponent": "TestComponent", "LearningOutcome": "LearningOutcome", "Organisation": "Organisation",
		"AcademicSession": "AcademicSession", "Address": "Address", "Country": "Country", "Cost": "Cost", "EnrolmentPeriods": "EnrolmentPeriods",
		"SupplementaryInformation": "SupplementaryInformation", "IdentifierEntry": "IdentifierEntry", "LanguageTypedString": "LanguageTypedString",
		"StudyLoadDescriptor": "StudyLoadDescriptor",
	},
}

// TestEveryFieldIsAccountedFor: what the standard's own documents say of the objects that are harvested, and what the
// consumers' schemas add, is mapped, kept, or dropped with a reason.
func TestEveryFieldIsAccountedFor(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	data := filepath.Join(corpus, "standards/data/ooapi")
	for major, file := range map[int]string{5: "ooapi-v5.json", 6: "oeapi-v6.json"} {
		text, err := os.ReadFile(filepath.Join(data, file)) //nolint:gosec // a path of the corpus
		if err != nil {
			t.Fatal(err)
		}
		var document struct{ Components struct{ Schemas standard } }
		if err := json.Unmarshal(text, &document); err != nil {
			t.Fatal(err)
		}
		tables := accounted(t, major)
		for name, table := range harvested[major] {
			s, ok := document.Components.Schemas[name]
			if !ok {
				t.Errorf("version %d has no %s", major, name)
			}
			covers(t, major, tables, table, document.Components.Schemas.fields(t, s.inline(t)), 2)
		}
		consumers(t, major, tables, filepath.Join(data, fmt.Sprintf("consumers-v%d", major)))
	}
}

// consumers checks the schemas of consumers, whose tables are named after directory and file.
func consumers(t *testing.T, major int, tables map[string]map[string]bool, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "V1", "*.yaml"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // a path of the corpus
		if err != nil {
			t.Fatal(err)
		}
		var s schema
		if err := yaml.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		key := filepath.Base(filepath.Dir(filepath.Dir(file)))
		covers(t, major, tables, key+" "+strings.TrimSuffix(filepath.Base(file), ".yaml"), standard{}.fields(t, s), 2)
	}
}

func covers(t *testing.T, major int, tables map[string]map[string]bool, table string, fields map[string]bool, least int) {
	t.Helper()
	if len(fields) < least {
		t.Errorf("version %d: only %d fields of %s were found", major, len(fields), table)
	}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if !tables[table][field] && !insideJSON(tables[table], field) {
			t.Errorf("version %d: %s.%s has no rule", major, table, field)
		}
	}
}

// insideJSON says that the field is part of one that is kept whole.
func insideJSON(table map[string]bool, field string) bool {
	whole, _, nested := strings.Cut(field, "/")
	return nested && whole == "timelineOverrides" && table[whole]
}

// accounted are the fields of each table; every row has to say what becomes of its field, and why.
func accounted(t *testing.T, major int) map[string]map[string]bool {
	t.Helper()
	out := make(map[string]map[string]bool)
	for _, table := range ooapi.Rules(major) {
		fields := make(map[string]bool)
		for _, r := range table.Rules {
			if fields[r.Field] || r.Field == "" || r.To == "" || r.Rule == "" || r.Back == "" {
				t.Errorf("version %d: %s: the row %+v says too little, or again", major, table.Object, r)
			}
			if r.To == "-" && r.Put != nil {
				t.Errorf("version %d: %s.%s is said to go nowhere and goes somewhere", major, table.Object, r.Field)
			}
			fields[r.Field] = true
		}
		out[table.Object] = fields
	}
	return out
}
