package ooapi_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
)

// samples serves the example values of the standard's own documents as an API: every sample page is read.
type samples struct {
	api
	t   *testing.T
	dir string
}

func samplesOf(t *testing.T, version string) *samples {
	t.Helper()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	return &samples{api: api{bodies: make(map[string]string)}, t: t, dir: filepath.Join(corpus, "standards/data/ooapi", "sample-"+version+"-")}
}

// page puts a sample at a path.
func (s *samples) page(path, object string) *samples {
	text, err := os.ReadFile(s.dir + object + "-page.json")
	if err != nil {
		s.t.Fatal(err)
	}
	s.bodies[path] = string(text)
	return s
}

// one puts the only entry of a sample at the path of its id.
func (s *samples) one(collection, object, id string) *samples {
	s.page(collection, object)
	var page struct{ Items []map[string]any }
	if err := json.Unmarshal([]byte(s.bodies[collection]), &page); err != nil {
		s.t.Fatal(err)
	}
	entry, err := json.Marshal(page.Items[0])
	if err != nil {
		s.t.Fatal(err)
	}
	s.bodies[collection+"/"+page.Items[0][id].(string)] = string(entry)
	return s
}

// apart gives an entry another id, since the samples repeat one.
func (s *samples) apart(path, old, other string) *samples {
	s.bodies[path] = strings.Replace(s.bodies[path], old, other, 1)
	return s
}

func TestSamplePages(t *testing.T) {
	t.Parallel()
	const id, id6 = "123e4567-e89b-12d3-a456-426614174", "123e4567-e89b-12d3-a456-426614174000"
	for _, tt := range []struct {
		version string
		server  func() *samples
		items   []string // endings of the subjects
		has     map[int][]string
	}{
		{
			"v5", func() *samples {
				return samplesOf(t, "v5").page("/courses", "Course").page("/courses/"+id+"001/offerings", "CourseOffering").page("/courses/"+id+"001/components", "Component").
					page("/programs", "Program").page("/programs/"+id+"002/offerings", "ProgramOffering").
					one("/organizations", "Organization", "organizationId").one("/academic-sessions", "AcademicSession", "academicSessionId").
					one("/education-specifications", "EducationSpecification", "educationSpecificationId")
			},
			[]string{"001", "002", "003"},
			map[int][]string{
				0: {
					`dc/terms/title> "Academic and Professional Writing"@en-gb`, `elm/EQFLevel> <http://data.europa.eu/snb/eqf/7>`, `elm/ISCEDFCode> <http://data.europa.eu/snb/isced-f/0732>`,
					`dc/terms/language> <http://publications.europa.eu/resource/authority/language/NLD>`, `v1#enrolmentCapacity> "200"^^`, `"340.84"^^<http://www.w3.org/2001/XMLSchema#decimal>`,
					`"Fall semester 2020"@en-gb`, `owl#sameAs> <urn:uuid:` + id + `001>`, `elm/isPartOf> <urn:schac:uniqueCourseId:uni.example:` + id + `002>`, "elm/provenBy>",
				},
				1: {`elm/hasPart> <urn:schac:uniqueCourseId:uni.example:` + id + `001>`, `elm/specialisationOf>`, "elm/learningSchedule>", "elm/learningOpportunity>"},
				2: {"learning-opportunity/79343569f3", "elm/learningOutcome>"},
			},
		},
		{
			"v6", func() *samples {
				return samplesOf(t, "v6").page("/courses", "Course").page("/courses/"+id6+"/course-offerings", "CourseOffering").
					page("/courses/"+id6+"/learning-components", "LearningComponent").page("/courses/"+id6+"/test-components", "TestComponent").apart("/courses/"+id6+"/test-components", `"componentId": "`+id6, `"componentId": "`+id+"005").
					one("/organisations", "Organisation", "organisationId").one("/academic-sessions", "AcademicSession", "academicSessionId").one("/learning-outcomes", "LearningOutcome", "learningOutcomeId")
			},
			[]string{"000"},
			map[int][]string{0: {
				`dc/terms/title> "Academic and Professional Writing"@en-gb`, `elm/EQFLevel> <http://data.europa.eu/snb/eqf/7>`, `dc/terms/language> <http://publications.europa.eu/resource/authority/language/ENG>`,
				`relating to the scientific uses`, `elm/applicationDeadline>`, `v1#registrationPortal>`, `authority/country/NLD>`, `elm/point> "3"`, `assessment/6e6cb2cc78>`, `elm/learningActivitySpecification>`,
				`e92d221e4d`, `v6#passFrom> "5.5"`,
			}},
		},
		{
			"v6", func() *samples {
				return samplesOf(t, "v6").page("/programmes", "Programme").page("/programmes/"+id6+"/programme-offerings", "ProgrammeOffering")
			},
			[]string{"000"},
			map[int][]string{0: {"learning-opportunity/79343569f3", "elm/EQFLevel>", "elm/learningOpportunity>", "v6#formalDocument>"}},
		},
	} {
		server := tt.server()
		got := read(t, ooapi.New(ooapi.Limits{}), server.start(t))
		if len(got.items) != len(tt.items) || len(got.lost) > 0 || got.end != nil {
			t.Errorf("%s: %v, lost %v, %v", tt.version, got.subjects(), got.lost, got.end)
			continue
		}
		for i, item := range got.items {
			sampled(t, tt.version, item, tt.items[i], tt.has[i])
		}
	}
}

func sampled(t *testing.T, version string, item adapters.Item, ending string, has []string) {
	t.Helper()
	text := canonical(t, item)
	if !strings.HasSuffix(item.Graph.Subject.String(), ending) {
		t.Errorf("%s: %s, want one that ends in %s", version, item.Graph.Subject, ending)
	}
	for _, want := range has {
		if !strings.Contains(text, want) {
			t.Errorf("%s: %s lacks %s\n%s", version, item.Graph.Subject, want, text)
		}
	}
	if strings.Contains(text, "426614174021") {
		t.Errorf("%s: the coordinator is in %s", version, item.Graph.Subject)
	}
}
