package ooapi

import (
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

var five = &version{
	major: 5, mapping: "ooapi5/3", namespace: Namespace5,
	words: words{
		organization: "organization", programmes: "programs", offeringStart: "startDate", offeringEnd: "endDate",
		organizations: source.Collection{Name: "organizations", ID: "organizationId"},
		sessions:      source.Collection{Name: "academic-sessions", ID: "academicSessionId"},
		educations:    source.Collection{Name: "education-specifications", ID: "educationSpecificationId"},
	},
	courses: &kind{
		name: "course", collection: "courses", id: "courseId", usual: vocabulary.TypeCourse,
		rules: source.NewMapping(courseRules5), runs: source.NewMapping(courseOfferingRules5), fields: source.FieldsOf("courses", courseRules5, courseOfferingRules5),
		offerings: &branch{
			sub: "offerings", whole: []string{"organizations", root, "offerings"}, ids: []string{"offeringId"}, owner: "course", ownerID: "courseId",
			wants: offered("course", "program"), must: true,
		},
		components: []*branch{{
			sub: "components", whole: []string{"organizations", root, "components"}, ids: []string{"componentId"}, owner: "course", ownerID: "courseId",
		}},
	},
	programmes: &kind{
		name: "program", collection: "programs", id: "programId", usual: vocabulary.TypeEducationalProgramme, types: programmeTypes, typeField: "programType",
		rules: source.NewMapping(programmeRules5), runs: source.NewMapping(programmeOfferingRules5), fields: source.FieldsOf("programs", programmeRules5, programmeOfferingRules5),
		offerings: &branch{
			sub: "offerings", whole: []string{"organizations", root, "offerings"}, ids: []string{"offeringId"}, owner: "program", ownerID: "programId",
			wants: offered("program"), must: true,
		},
	},
	specifications: &kind{
		name: "education specification", collection: "education-specifications", id: "educationSpecificationId",
		usual: vocabulary.TypeEducationalProgramme, types: specificationTypes, typeField: "educationSpecificationType",
		rules: source.NewMapping(specificationRules), fields: source.FieldsOf("education specifications", specificationRules, nil),
	},
	components: source.NewMapping(componentRules5),
}

var six = &version{
	major: 6, mapping: "ooapi6/2", namespace: Namespace6,
	words: words{
		organization: "organisation", programmes: "programmes", offeringStart: "startDateTime", offeringEnd: "endDateTime",
		organizations: source.Collection{Name: "organisations", ID: "organisationId"},
		sessions:      source.Collection{Name: "academic-sessions", ID: "academicSessionId"},
		outcomes:      source.Collection{Name: "learning-outcomes", ID: "learningOutcomeId"},
	},
	courses: &kind{
		name: "course", collection: "courses", id: "courseId", usual: vocabulary.TypeCourse,
		rules: source.NewMapping(courseRules6), runs: source.NewMapping(courseOfferingRules6), fields: source.FieldsOf("courses", courseRules6, courseOfferingRules6),
		offerings: &branch{
			sub: "course-offerings", whole: []string{"organisations", root, "course-offerings"}, ids: []string{"courseOfferingId", "offeringId"},
			owner: "course", ownerID: "courseId", wants: onOffer, must: true,
		},
		components: []*branch{
			{sub: "learning-components", whole: []string{"learning-components"}, ids: []string{"componentId"}, owner: "course", ownerID: "courseId"},
			{sub: "test-components", whole: []string{"test-components"}, ids: []string{"componentId"}, owner: "course", ownerID: "courseId", tests: true},
		},
	},
	programmes: &kind{
		name: "programme", collection: "programmes", id: "programmeId", usual: vocabulary.TypeEducationalProgramme, types: programmeTypes, typeField: "programmeType",
		rules: source.NewMapping(programmeRules6), runs: source.NewMapping(programmeOfferingRules6), fields: source.FieldsOf("programmes", programmeRules6, programmeOfferingRules6),
		offerings: &branch{
			sub: "programme-offerings", whole: []string{"organisations", root, "programme-offerings"}, ids: []string{"programmeOfferingId", "offeringId"},
			owner: "programme", ownerID: "programmeId", wants: onOffer, must: true,
		},
	},
	components: source.NewMapping(join(componentRules6, testRules)),
}

// offered wants offerings of these types, or of none.
func offered(types ...string) func(source.Object) bool {
	return func(o source.Object) bool {
		kind := strings.ToLower(o.Text("offeringType"))
		for _, t := range types {
			if kind == t {
				return true
			}
		}
		return kind == ""
	}
}

func onOffer(o source.Object) bool { return !withdrawn(o) }
