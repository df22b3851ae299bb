package occapi_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/coursemesh/coursemesh/adapters/occapi"
)

// named are the fields that the rules of an object speak of.
func named(object string) map[string]bool {
	out := make(map[string]bool)
	for _, r := range occapi.Rules()[object] {
		for _, field := range strings.Split(r.Field, ", ") {
			out[field] = true
		}
	}
	return out
}

// within says that a field or a part of it is named.
func within(rules map[string]bool, field string) bool {
	for rule := range rules {
		if rule == field || strings.HasPrefix(rule, field+"/") {
			return true
		}
	}
	return false
}

// objectsOf names the rules for the schemas of the standard's documents, by the start of their name.
var objectsOf = []struct{ schema, object string }{
	{"CourseInstance", "Course instance"},
	{"ProgrammeCourse", "Course"},
	{"OunitProgramme", "Programme"},
	{"OunitCourse", "Course"},
	{"Course", "Course"},
	{"Programme", "Programme"},
	{"Ounit", "Organisational unit (ounit)"},
	{"Institution", "Institution (hei)"},
	{"Root", "Server"},
}

func objectOf(schema string) string {
	for _, o := range objectsOf {
		if strings.HasPrefix(schema, o.schema) {
			return o.object
		}
	}
	return ""
}

// schemas resolves the references between the documents' schemas.
type schemas struct {
	t       *testing.T
	root    string // folder of the documents
	docs    map[string]map[string]any
	visited map[string]bool // documents that a resource is made of
	fields  map[string]bool // found, by path
}

func newSchemas(t *testing.T, folder ...string) *schemas {
	t.Helper()
	return &schemas{
		t: t, root: filepath.Join(append([]string{corpus(t)}, folder...)...), docs: make(map[string]map[string]any), visited: make(map[string]bool),
		fields: make(map[string]bool),
	}
}

func (s *schemas) load(name string) map[string]any {
	if doc, ok := s.docs[name]; ok {
		return doc
	}
	var doc map[string]any
	if err := yaml.Unmarshal([]byte(fileText(s.t, s.root, name)), &doc); err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	s.docs[name] = doc
	return doc
}

// follow is a node behind its reference, and the document that it stands in.
func (s *schemas) follow(in string, v any) (string, map[string]any) {
	node, _ := v.(map[string]any)
	ref, ok := node["$ref"].(string)
	if !ok {
		return in, node
	}
	file, pointer, _ := strings.Cut(ref, "#")
	if file != "" {
		in = path.Join(path.Dir(in), file)
	}
	s.visited[in] = true
	found := s.load(in)
	for _, step := range strings.Split(pointer, "/") {
		if step != "" {
			found, _ = found[step].(map[string]any)
		}
	}
	return s.follow(in, found)
}

// collect notes every property below a schema.
func (s *schemas) collect(in, at string, v any) {
	in, node := s.follow(in, v)
	if items, ok := node["items"]; ok {
		s.collect(in, at, items)
	}
	for _, branches := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := node[branches].([]any)
		for _, branch := range list {
			s.collect(in, at, branch)
		}
	}
	in, properties := s.follow(in, node["properties"])
	for name, property := range properties {
		s.fields[path.Join(at, name)] = true
		s.collect(in, path.Join(at, name), property)
	}
}

var (
	envelope   = regexp.MustCompile(`^(data(/|$))?(attributes(/|$))?`)
	structural = regexp.MustCompile(`^(jsonapi|links|errors)(/|$)|^relationships/[A-Za-z]+/(data|links)(/|$)`)
)

// check reports the fields that no rule names.
func (s *schemas) check(schema string) {
	object := objectOf(schema)
	if object == "" {
		s.t.Errorf("the schema %s is of no object that there are rules for", schema)
		return
	}
	rules, texts, around := named(object), named("Texts"), named("Envelope")
	for field := range s.fields {
		field = envelope.ReplaceAllString(field, "")
		parent, last := path.Dir(field), path.Base(field)
		if field == "" || structural.MatchString(field) || around[field] || within(rules, field) || texts[last] && rules[parent] {
			continue
		}
		s.t.Errorf("%s: %s of %s is not accounted for", schema, field, object)
	}
	s.fields = make(map[string]bool)
}

var ofResources = regexp.MustCompile(`^[A-Z][A-Za-z]*(Collection|Resource)$|^Root$`)

// TestEveryFieldOfVersion1IsAccountedFor reads the standard's own document.
func TestEveryFieldOfVersion1IsAccountedFor(t *testing.T) {
	t.Parallel()
	s := newSchemas(t, "v1-openapi")
	const document = "openapi_occapi_v1.yaml"
	components, _ := s.load(document)["components"].(map[string]any)
	all, _ := components["schemas"].(map[string]any)
	read := 0
	for name, schema := range all {
		if !ofResources.MatchString(name) || strings.HasPrefix(name, "Links") {
			continue
		}
		read++
		s.collect(document, "", schema)
		if len(s.fields) < 3 {
			t.Errorf("%s has the fields %v", name, s.fields)
		}
		s.check(name)
	}
	if read < 9 {
		t.Errorf("%d schemas of resources", read)
	}
}

// unread are documents that no resource is made of.
var unread = regexp.MustCompile(`/(Schema|Problem|Error)\.yaml$|/links/`)

// TestEveryFieldOfVersion2IsAccountedFor reads the standard's own documents: all of them.
func TestEveryFieldOfVersion2IsAccountedFor(t *testing.T) {
	t.Parallel()
	s := newSchemas(t, "v2-openapi", "v2")
	const folder = "components/schemas"
	var all []string
	err := fs.WalkDir(os.DirFS(s.root), folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, name := range all {
		schema := strings.TrimSuffix(path.Base(name), ".yaml")
		if path.Dir(name) != folder || !ofResources.MatchString(schema) {
			continue
		}
		read++
		s.collect(name, "", map[string]any{"$ref": path.Base(name)})
		if len(s.fields) < 3 {
			t.Errorf("%s has the fields %v", name, s.fields)
		}
		s.check(schema)
	}
	if read < 10 {
		t.Errorf("%d schemas of resources", read)
	}
	for _, name := range all {
		if !s.visited[name] && !unread.MatchString(name) {
			t.Errorf("%s is part of nothing that was read", name)
		}
	}
}

var (
	brackets = regexp.MustCompile(`\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}`)
	pieces   = regexp.MustCompile(`[,;+]`)
	aField   = regexp.MustCompile(`^[a-z][A-Za-z.]*`)
	noField  = []string{"same", "gone", "optional"}
)

// unbracketed is a text without what stands in brackets.
func unbracketed(text string) string {
	for brackets.MatchString(text) {
		text = brackets.ReplaceAllString(text, " ")
	}
	return text
}

// fieldsIn are the names at the start of each piece of a cell or sentence.
func fieldsIn(text string) []string {
	var out []string
	for _, piece := range pieces.Split(unbracketed(text), -1) {
		piece = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(piece), "v2 "))
		if f := strings.TrimSuffix(aField.FindString(piece), "."); f != "" && !slices.Contains(noField, f) {
			out = append(out, strings.ReplaceAll(f, ".", "/"))
		}
	}
	return out
}

// sectionFields are the fields of one object: the first two columns of its table, or the list that stands for it.
func sectionFields(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		cells := strings.Split(line, "|")
		switch {
		case len(cells) > 3 && !strings.HasPrefix(cells[1], "---") && strings.TrimSpace(cells[1]) != "v1":
			out = append(out, fieldsIn(cells[1])...)
			out = append(out, fieldsIn(cells[2])...)
		case len(cells) == 1 && strings.Contains(line, "*, "):
			sentence, _, _ := strings.Cut(unbracketed(line), ". ")
			out = append(out, fieldsIn(sentence)...)
		}
	}
	return out
}

// TestEveryFieldOfTheSheetIsAccountedFor reads the fact sheet.
func TestEveryFieldOfTheSheetIsAccountedFor(t *testing.T) {
	t.Parallel()
	sheet := fileText(t, corpus(t), "../../occapi.md")
	_, attributes, found := strings.Cut(sheet, "\n## 3.")
	attributes, _, _ = strings.Cut(attributes, "\n## 4.")
	if !found {
		t.Fatal("the sheet has no section 3")
	}
	total := 0
	for _, section := range strings.Split(attributes, "\n### ")[1:] {
		title, text, _ := strings.Cut(section, "\n")
		object := map[string]string{"hei": "Institution (hei)", "ounit": "Organisational unit (ounit)", "programme": "Programme", "course": "Course"}[title]
		if strings.HasPrefix(title, "course instance") {
			object = "Course instance"
		}
		rules := named(object)
		for _, field := range sectionFields(text) {
			if total++; !within(rules, field) {
				t.Errorf("%s: %s is not accounted for", title, field)
			}
		}
	}
	if total < 80 {
		t.Errorf("only %d fields found", total)
	}
}
