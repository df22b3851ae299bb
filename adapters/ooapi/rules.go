package ooapi

import (
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Rule is one row of the mapping.
type Rule = source.Rule[*mapper]

// Rules is the mapping by object of the standard, in the order of the standard's field tables.
func Rules() map[string][]Rule {
	return map[string][]Rule{"Course": courseRules, "Course offering": offeringRules}
}

var courseRules = []Rule{
	{
		Field: "courseId", To: "subject IRI, owl:sameAs", Put: putCourseID,
		Rule: "minted under the provider; urn:uuid beside it when it is a UUID; also the identifier when there is no code", Back: "last part of the subject",
	},
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
		Field: "studyLoad", To: "elm:creditPoint, elm:volumeOfLearning", Put: putStudyLoad,
		Rule: "ects: credit point in ECTS; hour, sbu, contacttime: duration in hours; sp and others stay as ooapi:studyLoad", Back: "ECTS first, else hours",
	},
	{
		Field: "modeOfDelivery", To: "elm:mode", Put: putModes, OnInstance: true,
		Rule: "mode table; on offerings that state none", Back: "mode table",
	},
	{
		Field: "duration", To: "elm:duration", Put: putDuration, OnInstance: true,
		Rule: "weeks become days; implausible lengths are left out with a finding", Back: "as is",
	},
	{
		Field: "firstStartDate", To: "ooapi:firstStartDate", Put: source.Dated[*mapper]("firstStartDate"),
		Rule: "as a date", Back: "as is",
	},
	{
		Field: "description", To: "dcterms:description", Put: source.Descriptions[*mapper],
		Rule: "every language; a text equal to the name in that language is left out", Back: "per language",
	},
	{
		Field: "teachingLanguage", To: "dcterms:language, elm:defaultLanguage", Put: source.Languages[*mapper]("teachingLanguage"),
		Rule: "ISO 639-1 and both forms of 639-2; the first also on offerings that state none", Back: "ISO 639-2/T",
	},
	{
		Field: "fieldsOfStudy", To: "elm:ISCEDFCode", Put: source.FieldsOfStudy[*mapper]("fieldsOfStudy"),
		Rule: "two to four digits with their leading zero; longer national codes are cut to four", Back: "digits",
	},
	{
		Field: "learningOutcomes", To: "elm:learningOutcome", Put: putOutcomes,
		Rule: "one node per outcome, title in every language; empty outcomes are dropped", Back: "one inner list per outcome",
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
		Field: "level", To: "elm:EQFLevel", Put: putLevel,
		Rule: "level table, unless levelOfQualification has a level; a level outside the framework stays as ooapi:level", Back: "level table",
	},
	{
		Field: "levelOfQualification", To: "elm:EQFLevel", Put: putQualificationLevel,
		Rule: "1 to 8; wins over level; sent by some servers and taken from the education specification", Back: "not written",
	},
	{
		Field: "enrollment", To: "elm:admissionProcedure", Put: source.Prose[*mapper](vocabulary.AdmissionProcedure, ""), OnInstance: true,
		Rule: "one note on each offering", Back: "per language",
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
		Field: "link", To: "foaf:homepage", Put: putLink,
		Rule: "absolute http or https URL in a web resource", Back: "content URL",
	},
	{
		Field: "educationSpecification", To: "elm:specialisationOf", Put: putEducationSpecification,
		Rule: "reference; looked up for level, field, outcomes and study load that the course lacks", Back: "notation of the reference",
	},
	{
		Field: "addresses", To: "elm:location", Put: putPlaces, OnInstance: true,
		Rule: "teaching and visiting addresses, else all but billing and deliveries; on offerings that state none", Back: "address by part",
	},
	{
		Field: "otherCodes", To: "adms:identifier", Put: putCode,
		Rule: "as primaryCode", Back: "further identifiers",
	},
	{
		Field: "consumers", To: "ooapi:consumers, ql:learnerGroupConditions", Put: putCourseConsumers,
		Rule: "each as JSON without persons; alliances of eduxchange become learner groups of each offering", Back: "as is",
	},
	{Field: "ext", To: "ooapi:ext", Put: source.FreeForm[*mapper]("ext"), Rule: "JSON without persons", Back: "as is"},
	{Field: "programs", To: "elm:isPartOf", Put: putPrograms, Rule: "one reference per program", Back: "notations of the references"},
	{Field: "coordinators", To: "-", Rule: "dropped: persons", Back: "not written"},
	{
		Field: "organization", To: "dcterms:publisher, elm:providedBy, ooapi:organization", Put: putPublisher,
		Rule: "the institution with a SCHAC code on the way up; the named department under the standard's term", Back: "as looked up",
	},
	{
		Field: "validFrom", To: "dcterms:valid", Put: putValidity,
		Rule: "one period with validTo; whether it holds is judged when reading", Back: "start of the period",
	},
	{Field: "validTo", To: "dcterms:valid", Put: putValidUntil, Rule: "see validFrom", Back: "end of the period"},
	{
		Field: "timelineOverrides", To: "ooapi:timelineOverrides", Put: source.FreeForm[*mapper]("timelineOverrides"),
		Rule: "dated facts as JSON, never applied", Back: "as is",
	},
}

var offeringRules = []Rule{
	{Field: "offeringId", To: "subject IRI", Rule: "minted under the course", Back: "last part of the subject"},
	{Field: "primaryCode", To: "adms:identifier", Put: putCode, Rule: "as for the course", Back: "first identifier"},
	{Field: "offeringType", To: "-", Rule: "components are left out", Back: "course"},
	{Field: "academicSession", To: "dcterms:temporal", Rule: "name of the period, and its dates when the offering has none", Back: "period's label"},
	{
		Field: "name", To: "dcterms:title", Put: putNames,
		Rule: "left out where it equals the course's name or the session's", Back: "per language, else the course's",
	},
	{Field: "abbreviation", To: "adms:identifier", Put: putAbbreviation, Rule: "as for the course", Back: "by scheme name"},
	{
		Field: "description", To: "dcterms:description", Put: source.Descriptions[*mapper],
		Rule: "left out where it equals the name or the course's description", Back: "per language",
	},
	{
		Field: "teachingLanguage", To: "elm:defaultLanguage", Put: source.DefaultLanguage[*mapper]("teachingLanguage"), FromCourse: true,
		Rule: "exactly one, the first", Back: "ISO 639-2/T",
	},
	{Field: "modeOfDelivery", To: "elm:mode", Put: putModes, FromCourse: true, Rule: "mode table", Back: "mode table"},
	{Field: "duration", To: "elm:duration", Put: putDuration, FromCourse: true, Rule: "the course's", Back: "on the course"},
	{
		Field: "enrollment", To: "elm:admissionProcedure", Put: source.Prose[*mapper](vocabulary.AdmissionProcedure, ""), FromCourse: true,
		Rule: "the course's", Back: "on the course",
	},
	{
		Field: "maxNumberStudents", To: "ql:enrolmentCapacity", Put: source.People[*mapper]("maxNumberStudents", vocabulary.EnrolmentCapacity),
		Rule: "whole number", Back: "as is",
	},
	{
		Field: "enrolledNumberStudents", To: "ql:enrolledLearnerCount", Put: source.People[*mapper]("enrolledNumberStudents", vocabulary.EnrolledLearnerCount),
		Rule: "whole number", Back: "as is",
	},
	{Field: "pendingNumberStudents", To: "-", Rule: "dropped: changes daily and says nothing about the course", Back: "not written"},
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
	{
		Field: "consumers", To: "ooapi:consumers, ql:learnerGroupConditions", Put: putOfferingConsumers,
		Rule: "as for the course; its alliances when the offering names none", Back: "as is",
	},
	{Field: "ext", To: "ooapi:ext", Put: source.FreeForm[*mapper]("ext"), Rule: "JSON without persons", Back: "as is"},
	{Field: "startDate", To: "dcterms:temporal", Rule: "start of the period; date or date with time as sent", Back: "as is"},
	{Field: "endDate", To: "dcterms:temporal", Rule: "end of the period", Back: "as is"},
	{
		Field: "enrollStartDate", To: "ooapi:enrollStartDate, elm:additionalNote", Put: putEnrollStart,
		Rule: "as a date, and a note for readers", Back: "own term",
	},
	{
		Field: "enrollEndDate", To: "elm:applicationDeadline", Put: putDeadline,
		Rule: "a date means the end of that day, without a zone", Back: "date part",
	},
	{
		Field: "flexibleEntryPeriodStart", To: "elm:scheduleInformation, ooapi:flexibleEntryPeriodStart", Put: putFlexibleEntry,
		Rule: "one note with the end; the date under the standard's term", Back: "own term",
	},
	{
		Field: "flexibleEntryPeriodEnd", To: "elm:scheduleInformation, ooapi:flexibleEntryPeriodEnd", Put: source.Dated[*mapper]("flexibleEntryPeriodEnd"),
		Rule: "see flexibleEntryPeriodStart", Back: "own term",
	},
	{Field: "addresses", To: "elm:location", Put: putPlaces, FromCourse: true, Rule: "as for the course", Back: "address by part"},
	{
		Field: "priceInformation", To: "elm:priceDetail", Put: putPrices,
		Rule: "amount and currency; the costType is the label, displayAmount the description; tax amounts under the standard's terms", Back: "by part",
	},
	{Field: "course", To: "elm:learningAchievementSpecification", Rule: "offerings of another course are left out", Back: "course of the offering"},
	{Field: "programOffering", To: "ooapi:programOffering", Put: putProgramOffering, Rule: "the id", Back: "as is"},
	{Field: "organization", To: "elm:providedBy", Put: putProvider, FromCourse: true, Rule: "as for the course", Back: "as looked up"},
}
