package ooapi

import (
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

const (
	askLanguage5 = "three letters of ISO 639-2, e.g. eng"
	askLevel5    = "a number from 1 to 8, the level of the European Qualifications Framework"
)

const modes5 = "distance-learning, on campus, online, hybrid or situated"

// taught5 is what version 5 says of courses and programmes alike.
var taught5 = []Rule{
	{
		Field: "modeOfDelivery", To: "elm:mode, ooapi:modeOfDelivery", Put: putModes("modeOfDelivery", modes5), OnInstance: true,
		Rule: "mode table; on offerings that state none", Back: "mode table",
	},
	{
		Field: "firstStartDate", To: "ooapi:firstStartDate", Put: source.Dated[*mapper]("firstStartDate"),
		Rule: "as a date", Back: "as is",
	},
	{
		Field: "teachingLanguage", To: "dcterms:language, elm:defaultLanguage", Put: source.Languages[*mapper]("teachingLanguage"), Ask: askLanguage5,
		Rule: "ISO 639-1 and both forms of 639-2; the first also on offerings that state none", Back: "ISO 639-2/T",
	},
	{
		Field: "enrollment", To: "elm:admissionProcedure", Put: source.Prose[*mapper](vocabulary.AdmissionProcedure, ""), OnInstance: true,
		Rule: "one note on each offering", Back: "per language",
	},
	{
		Field: "educationSpecification", To: "elm:specialisationOf", Put: putEducationSpecification,
		Rule: "its subject; looked up for level, field, outcomes and study load that the course lacks", Back: "last part of the IRI",
	},
}

// described5 is what version 5 says of courses, programmes and education specifications alike.
var described5 = []Rule{
	{
		Field: "learningOutcomes", To: "elm:learningOutcome", Put: putOutcomes, Ask: `for each outcome a list of its texts: [[{"language": "en", "value": "..."}]]`,
		Rule: "one node per outcome, title in every language; empty outcomes are dropped", Back: "one inner list per outcome",
	},
	{
		Field: "consumers", To: "ooapi:consumers, ql:learnerGroupConditions", Put: putCourseConsumers("consumers"),
		Rule: "each as JSON without persons; alliances of eduxchange become learner groups of each offering", Back: "as is",
	},
	{
		Field: "organization", To: "dcterms:publisher, elm:providedBy, ooapi:organization", Put: putPublisher,
		Rule: "the institution with a SCHAC code on the way up; the named department under the standard's term", Back: "as looked up",
	},
}

func idRule(field string) []Rule {
	return []Rule{{
		Field: field, To: "subject IRI, owl:sameAs", Put: putID,
		Rule: "minted under the provider; urn:uuid beside it when it is a UUID; also the identifier when there is no code", Back: "last part of the subject",
	}}
}

var courseRules5 = join(idRule("courseId"), []Rule{
	{
		Field: "programs", To: "elm:isPartOf", Put: refers(vocabulary.IsPartOf, "programs", programmesOf),
		Rule: "the subject of each, with its id as identifier", Back: "last parts of the IRIs",
	},
}, commonRules, taughtRules, described5, taught5, []Rule{
	{
		Field: "levelOfQualification", To: "elm:EQFLevel, ooapi:levelOfQualification", Put: putQualificationLevel,
		Rule: "1 to 8; wins over level; sent by some servers and taken from the education specification", Back: source.NotWritten,
	},
})

var programmeRules5 = join(idRule("programId"), []Rule{
	{Field: "programType", To: "dcterms:type, ooapi:programType", Put: own("programType"), Rule: "type table; the value itself", Back: "own term"},
	{Field: "sector", To: "ooapi:sector", Put: own("sector"), Rule: "as is", Back: "as is"},
	{
		Field: "parent", To: "elm:isPartOf", Put: refers(vocabulary.IsPartOf, "parent", programmesOf),
		Rule: "its subject, with its id as identifier", Back: "last part of the IRI",
	},
	{
		Field: "children", To: "elm:hasPart", Put: refers(vocabulary.HasPart, "children", programmesOf),
		Rule: "the subject of each; the courses that name the programme too, or those of programs/{id}/courses when no course names any", Back: "last parts of the IRIs",
	},
}, programmeRules(askLevel5), commonRules, taughtRules, described5, taught5)

var specificationRules = join(idRule("educationSpecificationId"), []Rule{
	{
		Field: "educationSpecificationType", To: "dcterms:type, ooapi:educationSpecificationType", Put: own("educationSpecificationType"),
		Rule: "type table; the value itself", Back: "own term",
	},
	{Field: "formalDocument", To: "elm:additionalNote", Put: labelled("formalDocument", "en"), Rule: "a note about ooapi:formalDocument", Back: "by subject of the note"},
	{Field: "sector", To: "ooapi:sector", Put: own("sector"), Rule: "as is", Back: "as is"},
	{
		Field: "levelOfQualification", To: "elm:EQFLevel, ooapi:levelOfQualification", Put: putQualificationLevel, Ask: askLevel5,
		Rule: "1 to 8; wins over level; any other stays under the standard's term", Back: "level",
	},
	{
		Field: "parent", To: "elm:isPartOf", Put: refers(vocabulary.IsPartOf, "parent", specificationsOf),
		Rule: "its subject, with its id as identifier", Back: "last part of the IRI",
	},
	{
		Field: "children", To: "elm:hasPart", Put: refers(vocabulary.HasPart, "children", specificationsOf),
		Rule: "the subject of each", Back: "last parts of the IRIs",
	},
}, commonRules, described5)

// offerings5 is what version 5 says of offerings of both kinds.
var offerings5 = []Rule{
	{Field: "offeringId", To: "subject IRI", Rule: "minted under the course", Back: "last part of the subject"},
	{Field: "offeringType", To: "-", Rule: "components are left out", Back: "course or program"},
	{
		Field: "teachingLanguage", To: "elm:defaultLanguage", Put: source.DefaultLanguage[*mapper]("teachingLanguage"), FromCourse: true, Ask: askLanguage5,
		Rule: "exactly one, the first", Back: "ISO 639-2/T",
	},
	{
		Field: "modeOfDelivery", To: "elm:mode, ooapi:modeOfDelivery", Put: putModes("modeOfDelivery", modes5), FromCourse: true,
		Rule: "mode table", Back: "mode table",
	},
	{
		Field: "enrollment", To: "elm:admissionProcedure", Put: source.Prose[*mapper](vocabulary.AdmissionProcedure, ""), FromCourse: true,
		Rule: "the course's", Back: "on the course",
	},
	{
		Field: "consumers", To: "ooapi:consumers, ql:learnerGroupConditions", Put: putOfferingConsumers("consumers"),
		Rule: "as for the course; its alliances when the offering names none", Back: "as is",
	},
	{Field: "startDate", To: "dcterms:temporal", Rule: "start of the period; date or date with time as sent", Back: "as is"},
	{Field: "endDate", To: "dcterms:temporal", Rule: "end of the period", Back: "as is"},
	{
		Field: "enrollStartDate", To: "ooapi:enrollStartDate, elm:additionalNote", Put: putEnrollStart,
		Rule: "as a date, and a note for readers", Back: "own term",
	},
	{
		Field: "enrollEndDate", To: "elm:applicationDeadline", Put: putEnrollEnd,
		Rule: "a date means the end of that day, without a zone", Back: "date part",
	},
	{
		Field: "flexibleEntryPeriodStart", To: "elm:scheduleInformation, ooapi:flexibleEntryPeriodStart",
		Put:  putFlexibleEntry("flexibleEntryPeriodStart", "flexibleEntryPeriodEnd"),
		Rule: "one note with the end; the date under the standard's term", Back: "own term",
	},
	{
		Field: "flexibleEntryPeriodEnd", To: "elm:scheduleInformation, ooapi:flexibleEntryPeriodEnd", Put: source.Dated[*mapper]("flexibleEntryPeriodEnd"),
		Rule: "see flexibleEntryPeriodStart", Back: "own term",
	},
	{Field: "organization", To: "elm:providedBy", Put: putProvider, FromCourse: true, Rule: "as for the course", Back: "as looked up"},
}

var courseOfferingRules5 = join(offerings5, []Rule{
	{Field: "course", To: "elm:learningAchievementSpecification", Rule: "offerings of another course are left out", Back: "course of the offering"},
	{Field: "programOffering", To: "ooapi:programOffering", Put: ownIDs("programOffering", "offeringId"), Rule: "the id", Back: "as is"},
}, runRules)

var programmeOfferingRules5 = join(offerings5, []Rule{
	{Field: "program", To: "elm:learningAchievementSpecification", Rule: "offerings of another program are left out", Back: "program of the offering"},
}, runRules)

var componentRules5 = join(componentRules, []Rule{
	{Field: "modeOfDelivery", To: "elm:mode, ooapi:modeOfDelivery", Put: putModes("modeOfDelivery", modes5), Rule: "mode table", Back: "mode table"},
	{Field: "teachingLanguage", To: "dcterms:language", Put: source.Languages[*mapper]("teachingLanguage"), Rule: "as for the course", Back: "ISO 639-2/T"},
	{Field: "learningOutcomes", To: "elm:learningOutcome", Put: putOutcomes, Rule: "as for the course", Back: "one inner list per outcome"},
	{
		Field: "enrollment", To: "elm:additionalNote", Put: source.Prose[*mapper](vocabulary.AdditionalNote, "enrollment"),
		Rule: "a note about ooapi:enrollment", Back: "by subject of the note",
	},
	{Field: "organization", To: "-", Rule: "dropped: the course names the institution", Back: "the course's"},
	{Field: "consumers", To: "ooapi:consumers", Put: source.FreeForm[*mapper]("consumers"), Rule: "each as JSON without persons", Back: "as is"},
})
