package eduapi

import (
	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// kind is what becomes a course graph: a template, its offerings, and the words for both.
type kind struct {
	templates, offerings string // collections
	parent               string // field of an offering that names its template
	typeField            string
	rules                source.Mapping[*mapper]
	fields               adapters.Fields // which field feeds a property
}

// allTemplates have the same fields: what courses lack, collections lack too.
const allTemplates = "courses and collections"

// Collections of the standard that are read.
const (
	componentTemplates = "componentTemplates"
	componentOfferings = "componentOfferings"
	genericTemplates   = "educationTemplates"
	genericOfferings   = "educationOfferings"
)

var (
	courses = &kind{templates: "courseTemplates", offerings: "courseOfferings", parent: "course", typeField: "courseType", rules: source.NewMapping(courseRules), fields: source.FieldsOf(allTemplates, courseRules, offeringRules)}
	groups  = &kind{
		templates: "collectionTemplates", offerings: "collectionOfferings", parent: "collection", typeField: "collectionType",
		rules: source.NewMapping(collectionRules), fields: source.FieldsOf(allTemplates, collectionRules, offeringRules),
	}
	// generics are templates that are neither, but that others name as their parent.
	generics = &kind{
		templates: genericTemplates, offerings: genericOfferings, typeField: "educationType", rules: source.NewMapping(templateRules),
		fields: source.FieldsOf(allTemplates, templateRules, offeringRules),
	}

	kinds = []*kind{courses, groups, generics}

	offered = source.NewMapping(offeringRules)
)

// Collections that records refer to.
var (
	organizations = source.Collection{Name: "organizations", ID: "sourcedId"}
	sessions      = source.Collection{Name: "academicSessions", ID: "sourcedId"}
)

// templateShelf is the collection that a record of the generic one belongs to.
func templateShelf(o source.Object) string {
	switch {
	case o.Has(courses.typeField):
		return courses.templates
	case o.Has(groups.typeField):
		return groups.templates
	case o.Has("componentType"):
		return componentTemplates
	}
	return genericTemplates
}

// offeringShelf is the collection that an offering of the generic one belongs to.
func offeringShelf(o source.Object) string {
	switch {
	case o.Has(courses.parent):
		return courses.offerings
	case o.Has(groups.parent):
		return groups.offerings
	case o.Has("component"):
		return componentOfferings
	}
	return genericOfferings
}
