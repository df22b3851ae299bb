package ooapi

import (
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

const askLanguage6 = `language tags, e.g. ["en"]`

const modes6 = "blended, coil, hybrid, joint_delivery, online, presential, project_based, research_lab_based or work_based"

// described6 is what version 6 says of courses and programmes alike.
var described6 = []Rule{
	{
		Field: "modesOfDelivery", To: "elm:mode, ooapi:modesOfDelivery", Put: putModes("modesOfDelivery", modes6), OnInstance: true,
		Rule: "mode table; on offerings that state none", Back: "mode table",
	},
	{
		Field: "teachingLanguages", To: "dcterms:language, elm:defaultLanguage", Put: source.Languages[*mapper]("teachingLanguages"), Ask: askLanguage6,
		Rule: "the first subtag, ISO 639-1 and both forms of 639-2; the first also on offerings that state none", Back: "language tags",
	},
	{
		Field: "learningOutcomeIds", To: "elm:learningOutcome", Put: putOutcomeIDs, Ask: "ids of outcomes that are served at learning-outcomes/{id}, each with a name",
		Rule: "looked up at learning-outcomes; see LearningOutcome", Back: "by identifier",
	},
	{
		Field: "learningOutcomes", To: "elm:learningOutcome", Put: putOutcomeObjects,
		Rule: "in place of learningOutcomeIds where the server expands them", Back: source.NotWritten,
	},
	{
		Field: "enrolment", To: "elm:admissionProcedure", Put: source.Prose[*mapper](vocabulary.AdmissionProcedure, ""), OnInstance: true,
		Rule: "one note on each offering", Back: "per language",
	},
	{
		Field: "supplementaryInformation", To: "elm:bannerImage, elm:additionalNote, elm:supplementaryDocument, ooapi:supplementaryInformation", Put: putSupplementary,
		Rule: "the first image is the banner; texts are notes; links, videos and further images are documents; other types stay as JSON", Back: "by property",
	},
	{
		Field: "consumer", To: "ooapi:consumer, ql:learnerGroupConditions", Put: putCourseConsumers("consumer"),
		Rule: "as JSON without persons; alliances of eduxchange become learner groups of each offering", Back: "as is",
	},
	{Field: "coordinatorIds", To: "-", Rule: "dropped: persons", Back: source.NotWritten},
	{Field: "instructorIds", To: "-", Rule: "dropped: persons", Back: source.NotWritten},
	{Field: "instructors", To: "-", Rule: "dropped: persons", Back: source.NotWritten},
	{
		Field: "organisationId", To: "dcterms:publisher, elm:providedBy, ooapi:organisation", Put: putPublisher,
		Rule: "the institution with a SCHAC code on the way up; the named department under the standard's term", Back: "as looked up",
	},
	{Field: "organisation", To: "dcterms:publisher, elm:providedBy, ooapi:organisation", Put: putPublisher, Rule: "in place of organisationId", Back: source.NotWritten},
}

var courseRules6 = join(idRule("courseId"), []Rule{
	{Field: "firstStartDate", To: "ooapi:firstStartDate", Put: source.Dated[*mapper]("firstStartDate"), Rule: "as a date with time", Back: "as is"},
	{
		Field: "programmeIds", To: "elm:isPartOf", Put: refers(vocabulary.IsPartOf, "programmes", programmesOf),
		Rule: "the subject of each, with its id as identifier", Back: "last parts of the IRIs",
	},
	{
		Field: "programmes", To: "elm:isPartOf", Put: unless("programmeIds", refers(vocabulary.IsPartOf, "programmes", programmesOf)),
		Rule: "in place of programmeIds where the server expands them", Back: source.NotWritten,
	},
}, commonRules, taughtRules, described6)

var programmeRules6 = join(idRule("programmeId"), []Rule{
	{Field: "programmeType", To: "dcterms:type, ooapi:programmeType", Put: own("programmeType"), Rule: "type table; the value itself", Back: "own term"},
	{Field: "firstStartDateTime", To: "ooapi:firstStartDateTime", Put: source.Dated[*mapper]("firstStartDateTime"), Rule: "as a date with time", Back: "as is"},
	{
		Field: "qualificationDesignations", To: "elm:additionalNote", Put: labelled("qualificationDesignations", source.Undetermined),
		Rule: "a note about ooapi:qualificationDesignations for each", Back: "by subject of the note",
	},
	{Field: "formalDocument", To: "elm:additionalNote", Put: labelled("formalDocument", "en"), Rule: "a note about ooapi:formalDocument", Back: "by subject of the note"},
	{
		Field: "parentId", To: "elm:isPartOf", Put: refers(vocabulary.IsPartOf, "parent", programmesOf),
		Rule: "its subject, with its id as identifier", Back: "last part of the IRI",
	},
	{
		Field: "parent", To: "elm:isPartOf", Put: unless("parentId", refers(vocabulary.IsPartOf, "parent", programmesOf)),
		Rule: "in place of parentId", Back: source.NotWritten,
	},
	{
		Field: "childIds", To: "elm:hasPart", Put: refers(vocabulary.HasPart, "children", programmesOf),
		Rule: "the subject of each; the courses that name the programme too, or those of programmes/{id}/courses when no course names any", Back: "last parts of the IRIs",
	},
	{
		Field: "children", To: "elm:hasPart", Put: unless("childIds", refers(vocabulary.HasPart, "children", programmesOf)),
		Rule: "in place of childIds", Back: source.NotWritten,
	},
}, programmeRules("eqf_1 to eqf_8"), commonRules, taughtRules, described6)

// offerings6 is what version 6 says of offerings of both kinds.
var offerings6 = []Rule{
	{Field: "offeringId", To: "subject IRI", Rule: "of version 5, but sent by some servers", Back: source.NotWritten},
	{Field: "groupIds", To: "-", Rule: "dropped: groups of persons", Back: source.NotWritten},
	{Field: "academicSessionId", To: "dcterms:temporal, ooapi:academicSession", Rule: "looked up: name of the period, and its dates when the offering has none; its id", Back: "own term"},
	{
		Field: "state", To: "ooapi:state", Put: own("state"),
		Rule: "offerings that are concept, cancelled or inactive are left out; of others the value stays", Back: "as is",
	},
	{Field: "rosteringState", To: "ooapi:rosteringState", Put: own("rosteringState"), Rule: "as is", Back: "as is"},
	{
		Field: "teachingLanguages", To: "elm:defaultLanguage", Put: source.DefaultLanguage[*mapper]("teachingLanguages"), FromCourse: true, Ask: askLanguage6,
		Rule: "exactly one, the first", Back: "language tags",
	},
	{
		Field: "languages", To: "elm:defaultLanguage", Put: unless("teachingLanguages", source.DefaultLanguage[*mapper]("languages")),
		Rule: "sent by some servers in place of teachingLanguages", Back: source.NotWritten,
	},
	{
		Field: "modesOfDelivery", To: "elm:mode, ooapi:modesOfDelivery", Put: putModes("modesOfDelivery", modes6), FromCourse: true,
		Rule: "mode table", Back: "mode table",
	},
	{
		Field: "enrolment", To: "elm:admissionProcedure", Put: source.Prose[*mapper](vocabulary.AdmissionProcedure, ""), FromCourse: true,
		Rule: "the course's", Back: "on the course",
	},
	{
		Field: "enrolmentPeriods", To: "elm:applicationDeadline, ql:registrationPortal, ql:learnerGroupConditions, elm:additionalNote, ooapi:enrolmentPeriods", Put: putEnrolmentPeriods,
		Rule: "see EnrolmentPeriods; each also as JSON", Back: "own term",
	},
	{
		Field: "supplementaryInformation", To: "elm:bannerImage, elm:additionalNote, elm:supplementaryDocument, ooapi:supplementaryInformation", Put: putSupplementary,
		Rule: "as for the course", Back: "by property",
	},
	{
		Field: "consumer", To: "ooapi:consumer, ql:learnerGroupConditions", Put: putOfferingConsumers("consumer"),
		Rule: "as for the course; its alliances when the offering names none", Back: "as is",
	},
	{Field: "startDateTime", To: "dcterms:temporal", Rule: "start of the period; date or date with time as sent", Back: "as is"},
	{Field: "endDateTime", To: "dcterms:temporal", Rule: "end of the period", Back: "as is"},
	{
		Field: "flexibleEntryPeriodStartDateTime", To: "elm:scheduleInformation, ooapi:flexibleEntryPeriodStartDateTime",
		Put:  putFlexibleEntry("flexibleEntryPeriodStartDateTime", "flexibleEntryPeriodEndDateTime"),
		Rule: "one note with the end; the date under the standard's term", Back: "own term",
	},
	{
		Field: "flexibleEntryPeriodEndDateTime", To: "elm:scheduleInformation, ooapi:flexibleEntryPeriodEndDateTime",
		Put: source.Dated[*mapper]("flexibleEntryPeriodEndDateTime"), Rule: "see flexibleEntryPeriodStartDateTime; date or date with time", Back: "own term",
	},
	{Field: "organisationId", To: "elm:providedBy", Put: putProvider, FromCourse: true, Rule: "as for the course", Back: "as looked up"},
	{Field: "organisation", To: "elm:providedBy", Put: putProvider, FromCourse: true, Rule: "in place of organisationId", Back: source.NotWritten},
}

var courseOfferingRules6 = join([]Rule{
	{Field: "courseOfferingId", To: "subject IRI", Rule: "minted under the course", Back: "last part of the subject"},
	{Field: "courseId", To: "elm:learningAchievementSpecification", Rule: "offerings of another course are left out", Back: "course of the offering"},
	{Field: "course", To: "elm:learningAchievementSpecification", Rule: "in place of courseId", Back: source.NotWritten},
	{Field: "programmeOfferingIds", To: "ooapi:programmeOfferings", Put: ownIDs("programmeOfferings", "programmeOfferingId"), Rule: "the ids", Back: "as is"},
	{
		Field: "programmeOfferings", To: "ooapi:programmeOfferings", Put: unless("programmeOfferingIds", ownIDs("programmeOfferings", "programmeOfferingId")),
		Rule: "in place of programmeOfferingIds", Back: source.NotWritten,
	},
}, offerings6, runRules)

var programmeOfferingRules6 = join([]Rule{
	{Field: "programmeOfferingId", To: "subject IRI", Rule: "minted under the programme", Back: "last part of the subject"},
	{Field: "programmeId", To: "elm:learningAchievementSpecification", Rule: "offerings of another programme are left out", Back: "programme of the offering"},
	{Field: "programme", To: "elm:learningAchievementSpecification", Rule: "in place of programmeId", Back: source.NotWritten},
}, offerings6, runRules)

var componentRules6 = join(componentRules, []Rule{
	{Field: "modesOfDelivery", To: "elm:mode, ooapi:modesOfDelivery", Put: putModes("modesOfDelivery", modes6), Rule: "mode table", Back: "mode table"},
	{Field: "teachingLanguages", To: "dcterms:language", Put: source.Languages[*mapper]("teachingLanguages"), Rule: "as for the course", Back: "language tags"},
	{Field: "learningOutcomeIds", To: "elm:learningOutcome", Put: putOutcomeIDs, Rule: "as for the course", Back: "by identifier"},
	{Field: "learningOutcomes", To: "elm:learningOutcome", Put: putOutcomeObjects, Rule: "in place of learningOutcomeIds", Back: source.NotWritten},
	{
		Field: "enrolment", To: "elm:additionalNote", Put: source.Prose[*mapper](vocabulary.AdditionalNote, "enrolment"),
		Rule: "a note about ooapi:enrolment", Back: "by subject of the note",
	},
	{Field: "parentId", To: "ooapi:parent", Put: ownIDs("parent", "componentId"), Rule: "the id", Back: "as is"},
	{Field: "parent", To: "ooapi:parent", Put: unless("parentId", ownIDs("parent", "componentId")), Rule: "in place of parentId", Back: source.NotWritten},
	{Field: "childIds", To: "ooapi:children", Put: ownIDs("children", "componentId"), Rule: "the ids", Back: "as is"},
	{Field: "children", To: "ooapi:children", Put: unless("childIds", ownIDs("children", "componentId")), Rule: "in place of childIds", Back: source.NotWritten},
	{Field: "courseId", To: "elm:provenBy, elm:learningActivitySpecification", Rule: "components of another course are left out", Back: "course of the component"},
	{Field: "organisationId", To: "-", Rule: "dropped: the course names the institution", Back: "the course's"},
	{Field: "organisation", To: "-", Rule: "dropped: the course names the institution", Back: "the course's"},
	{Field: "consumer", To: "ooapi:consumer", Put: source.FreeForm[*mapper]("consumer"), Rule: "as JSON without persons", Back: "as is"},
})

// testRules are what version 6 says of components that test, beyond the others.
var testRules = []Rule{
	{Field: "extraDuration", To: "ooapi:extraDuration", Put: putExtraDuration, Rule: "as a duration", Back: "as is"},
	{Field: "resultValueType", To: "elm:gradingScheme", Put: putComponentGrading, Rule: "title of the grading scheme", Back: "title"},
	{Field: "attempts", To: "ooapi:attempts", Put: own("attempts"), Rule: "as is", Back: "as is"},
	{Field: "passFrom", To: "ooapi:passFrom", Put: own("passFrom"), Rule: "as is", Back: "as is"},
	{Field: "state", To: "-", Rule: "components that are concept, cancelled or inactive are left out", Back: "active"},
}
