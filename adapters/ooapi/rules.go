package ooapi

import (
	"slices"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Rule is one row of the mapping.
type Rule = source.Rule[*mapper]

// Table is the mapping of one object of the standard.
type Table struct {
	Object string
	Rules  []Rule
}

// Rules is the mapping of a major version, 5 or 6, object by object.
func Rules(major int) []Table {
	if major == 6 {
		return tables6
	}
	return tables5
}

// What both versions say alike of courses and programmes.
var commonRules = []Rule{
	{
		Field: "primaryCode", To: "adms:identifier", Put: putCode,
		Rule: "notation is the code, scheme name the codeType; codes that name persons are left out", Back: "first identifier",
	},
	{
		Field: "name", To: "dcterms:title", Put: putNames,
		Rule: "every language; of several texts in one language the first", Back: "per language",
	},
	{
		Field: "abbreviation", To: "adms:identifier", Put: putAbbreviation,
		Rule: "scheme name \"OOAPI abbreviation\"", Back: "by scheme name",
	},
	{
		Field: "description", To: "dcterms:description", Put: source.Descriptions[*mapper],
		Rule: "every language; a text equal to the name in that language is left out", Back: "per language",
	},
	{
		Field: "fieldsOfStudy", To: "elm:ISCEDFCode", Put: source.FieldsOfStudy[*mapper]("fieldsOfStudy"), Ask: "an ISCED-F 2013 code, e.g. 0613",
		Rule: "two to four digits with their leading zero; longer national codes are cut to four", Back: "digits",
	},
	{
		Field: "level", To: "elm:EQFLevel, ooapi:level", Put: putLevel, Ask: "bachelor, master, doctoral or another of the standard's levels that has an EQF level",
		Rule: "level table, unless levelOfQualification has a level; a level outside the framework stays as ooapi:level", Back: "level table",
	},
	{
		Field: "link", To: "foaf:homepage", Put: putLink,
		Rule: "absolute http or https URL in a web resource", Back: "content URL",
	},
	{
		Field: "otherCodes", To: "adms:identifier", Put: putCode,
		Rule: "as primaryCode", Back: "further identifiers",
	},
	{Field: "ext", To: "ooapi:ext", Put: source.FreeForm[*mapper]("ext"), Rule: "JSON without persons", Back: "as is"},
	{
		Field: "validFrom", To: "dcterms:valid", Put: putValidity,
		Rule: "one period with validTo; whether it holds is judged when reading", Back: "start of the period",
	},
	{Field: "validTo", To: "dcterms:valid", Put: putValidUntil, Rule: "see validFrom", Back: "end of the period"},
	{
		Field: "timelineOverrides", To: "ooapi:timelineOverrides", Put: source.FreeForm[*mapper]("timelineOverrides"),
		Rule: "dated facts as JSON, never applied", Back: "as is",
	},
	{
		Field: "studyLoad", To: "elm:creditPoint, elm:volumeOfLearning, ooapi:studyLoad", Put: putStudyLoad,
		Rule: "ects: credit point in ECTS; hour, sbu, contact time: duration in hours; sp and others stay as ooapi:studyLoad", Back: "ECTS first, else hours",
	},
}

// What both versions say alike of what is taught, beyond education specifications.
var taughtRules = []Rule{
	{
		Field: "duration", To: "elm:duration", Put: putDuration, OnInstance: true,
		Rule: "weeks become days; implausible lengths are left out with a finding", Back: "as is",
	},
	{
		Field: "admissionRequirements", To: "elm:entryRequirement", Put: source.Prose[*mapper](vocabulary.EntryRequirement, ""),
		Rule: "one note in every language", Back: "per language",
	},
	{
		Field: "qualificationRequirements", To: "elm:additionalNote", Put: source.Prose[*mapper](vocabulary.AdditionalNote, "qualificationRequirements"),
		Rule: "a note about ooapi:qualificationRequirements", Back: "by subject of the note",
	},
	{
		Field: "resources", To: "elm:additionalNote", Put: putResources,
		Rule: "one note about ooapi:resources with every entry", Back: "by subject of the note",
	},
	{
		Field: "assessment", To: "elm:provenBy", Put: putAssessment,
		Rule: "one assessment; the text is its description, the first line its title", Back: "description",
	},
	{
		Field: "addresses", To: "elm:location", Put: putPlaces, OnInstance: true,
		Rule: "teaching and visiting addresses, else all but billing, invoicing and deliveries; on offerings that state none", Back: "address by part",
	},
	{Field: "coordinators", To: "-", Rule: "dropped: persons", Back: source.NotWritten},
}

// programmeRules is what both versions say alike of programmes; level is how they write one.
func programmeRules(level string) []Rule {
	return []Rule{
		{
			Field: "levelOfQualification", To: "elm:EQFLevel, ooapi:levelOfQualification", Put: putQualificationLevel, Ask: level,
			Rule: "EQF 1 to 8; wins over level; any other stays under the standard's term", Back: "level",
		},
		{
			Field: "qualificationAwarded", To: "elm:additionalNote, elm:EQFLevel", Put: putQualification,
			Rule: "a note about ooapi:qualificationAwarded; a level when neither levelOfQualification nor level has one", Back: "by subject of the note",
		},
		{
			Field: "modeOfStudy", To: "elm:learningSchedule, ooapi:modeOfStudy", Put: putStudyMode, OnInstance: true,
			Rule: "full time; others state no hours and stay under the standard's term", Back: "full time, else own term",
		},
	}
}

// What both versions say alike of offerings.
var runRules = []Rule{
	{Field: "primaryCode", To: "adms:identifier", Put: putCode, Rule: "as for the course", Back: "first identifier"},
	{Field: "academicSession", To: "dcterms:temporal, ooapi:academicSession", Rule: "name of the period, and its dates when the offering has none; its id", Back: "own term"},
	{
		Field: "name", To: "dcterms:title", Put: putNames,
		Rule: "left out where it equals the course's name or the session's", Back: "per language, else the course's",
	},
	{Field: "abbreviation", To: "adms:identifier", Put: putAbbreviation, Rule: "as for the course", Back: "by scheme name"},
	{
		Field: "description", To: "dcterms:description", Put: source.Descriptions[*mapper],
		Rule: "left out where it equals the name or the course's description", Back: "per language",
	},
	{Field: "duration", To: "elm:duration", Put: putDuration, FromCourse: true, Rule: "the course's", Back: "on the course"},
	{
		Field: "maxNumberStudents", To: "ql:enrolmentCapacity", Put: source.People[*mapper]("maxNumberStudents", vocabulary.EnrolmentCapacity),
		Rule: "whole number", Back: "as is",
	},
	{
		Field: "enrolledNumberStudents", To: "ql:enrolledLearnerCount", Put: source.People[*mapper]("enrolledNumberStudents", vocabulary.EnrolledLearnerCount),
		Rule: "whole number", Back: "as is",
	},
	{Field: "pendingNumberStudents", To: "-", Rule: "dropped: changes daily and says nothing about the course", Back: source.NotWritten},
	{
		Field: "minNumberStudents", To: "ql:enrolmentMinimum", Put: source.People[*mapper]("minNumberStudents", vocabulary.EnrolmentMinimum),
		Rule: "whole number", Back: "as is",
	},
	{Field: "resultExpected", To: "ooapi:resultExpected", Put: putResultExpected, Rule: "as a boolean", Back: "as is"},
	{
		Field: "resultValueType", To: "elm:gradingScheme, ooapi:resultValueType", Put: putGrading,
		Rule: "titles the one grading scheme of the course when all offerings agree; the value on the offering", Back: "own term",
	},
	{Field: "link", To: "foaf:homepage", Put: putLink, Rule: "as for the course", Back: "content URL"},
	{Field: "otherCodes", To: "adms:identifier", Put: putCode, Rule: "as primaryCode", Back: "further identifiers"},
	{Field: "ext", To: "ooapi:ext", Put: source.FreeForm[*mapper]("ext"), Rule: "JSON without persons", Back: "as is"},
	{Field: "addresses", To: "elm:location", Put: putPlaces, FromCourse: true, Rule: "as for the course", Back: "address by part"},
	{
		Field: "priceInformation", To: "elm:priceDetail", Put: putPrices,
		Rule: "amount and currency; the costType is the label, displayAmount the description; tax amounts under the standard's terms", Back: "by part",
	},
	{Field: "modeOfStudy", To: "elm:learningSchedule", Put: putStudyMode, FromCourse: true, Rule: "the programme's", Back: "on the programme"},
}

// What both versions say alike of components. Their IRI is <subject of the course>:component:<componentId>.
var componentRules = []Rule{
	{Field: "componentId", To: "node IRI", Rule: "minted under the course", Back: "last part of the IRI"},
	{Field: "primaryCode", To: "adms:identifier", Put: putCode, Rule: "as for the course", Back: "first identifier"},
	{
		Field: "componentType", To: "elm:provenBy, elm:learningActivitySpecification, dcterms:type, ooapi:componentType", Put: putComponentType,
		Rule: "tests prove the course; others are activities of every offering, several of them parts of one; component table; the value itself", Back: "own term",
	},
	{Field: "name", To: "dcterms:title", Put: putComponentName, Rule: "every language; a component without is left out", Back: "per language"},
	{Field: "abbreviation", To: "adms:identifier", Put: putAbbreviation, Rule: "as for the course", Back: "by scheme name"},
	{
		Field: "duration", To: "elm:volumeOfLearning, ooapi:duration", Put: putComponentDuration,
		Rule: "of an activity its volume; of a test under the standard's term", Back: "as is",
	},
	{Field: "description", To: "dcterms:description", Put: putComponentDescription, Rule: "left out where it equals the name", Back: "per language"},
	{Field: "resources", To: "elm:additionalNote", Put: putResources, Rule: "one note about ooapi:resources", Back: "by subject of the note"},
	{
		Field: "assessment", To: "elm:additionalNote", Put: source.Prose[*mapper](vocabulary.AdditionalNote, "assessment"),
		Rule: "a note about ooapi:assessment", Back: "by subject of the note",
	},
	{Field: "addresses", To: "elm:location", Put: putPlaces, Rule: "as for the course", Back: "address by part"},
	{Field: "otherCodes", To: "adms:identifier", Put: putCode, Rule: "as primaryCode", Back: "further identifiers"},
	{Field: "course", To: "elm:provenBy, elm:learningActivitySpecification", Rule: "components of another course are left out", Back: "course of the component"},
	{Field: "ext", To: "ooapi:ext", Put: source.FreeForm[*mapper]("ext"), Rule: "JSON without persons", Back: "as is"},
}

// join puts a table together; of two rows for one field the first stays.
func join(parts ...[]Rule) []Rule {
	seen := make(map[string]bool)
	return slices.DeleteFunc(slices.Concat(parts...), func(r Rule) bool {
		again := seen[r.Field]
		seen[r.Field] = true
		return again
	})
}

// unless leaves a field alone while another says the same.
func unless(field string, put func(*mapper, any)) func(*mapper, any) {
	return func(m *mapper, v any) {
		if !m.Has(field) {
			put(m, v)
		}
	}
}
