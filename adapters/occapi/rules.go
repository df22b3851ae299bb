package occapi

import (
	"slices"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Rule is one row of the mapping.
type Rule = source.Rule[*mapper]

// Objects are the objects of the standard, in the order of the page.
var Objects = []string{"Programme", "Course", "Course instance", "Institution (hei)", "Organisational unit (ounit)", "Texts", "Envelope", "Server"}

// Rules is the mapping by object of the standard. A field is of both versions unless its rule names one.
func Rules() map[string][]Rule {
	return map[string][]Rule{
		"Institution (hei)": institutionRules, "Organisational unit (ounit)": unitRules, "Programme": programmeRules, "Course": courseRules,
		"Course instance": instanceRules, "Texts": textRules, "Envelope": envelopeRules, "Server": serverRules,
	}
}

const askLanguage = "ISO 639 codes, e.g. en"

// outcomesRule is of programmes, where only version 2 has the field, and of courses.
func outcomesRule(versions string) []Rule {
	return []Rule{{
		Field: "learningOutcomes", To: "elm:learningOutcome, elm:learningOutcomeSummary", Put: putOutcomes, Ask: `[{"multiline": "...", "lang": "en"}]`,
		Rule: versions + "a list with as many points in every language becomes one outcome per point; any other text is the summary, and its first line the title of one outcome",
		Back: "summary, else one line per outcome",
	}}
}

// commonRules are of programmes and courses.
var commonRules = []Rule{
	{
		Field: "id", To: "subject IRI, owl:sameAs", Put: putID,
		Rule: "minted under the provider, of programmes with 'programme:' before the id; urn:uuid beside it when it is a UUID; also the identifier when there is no code",
		Back: "last part of the subject",
	},
	{Field: "title", To: "dcterms:title", Put: putTitle, Rule: "every language", Back: "per language"},
	{Field: "code", To: "adms:identifier", Put: putCode, Rule: "scheme name \"code\"", Back: "by scheme name"},
	{
		Field: "description", To: "dcterms:description", Put: source.Descriptions[*mapper],
		Rule: "every language; a text equal to the title in that language is left out", Back: "per language",
	},
	{Field: "ects", To: "elm:creditPoint", Put: putECTS, Rule: "number or text, in ECTS", Back: "number"},
	{
		Field: "languageOfInstruction", To: "dcterms:language, elm:defaultLanguage", Put: source.Languages[*mapper]("languageOfInstruction"), Ask: askLanguage,
		Rule: "the first subtag of each; the first also on instances that state none", Back: "ISO 639",
	},
	{Field: "iscedCode", To: "elm:ISCEDFCode, occapi:iscedCode", Put: putISCED, Ask: "an ISCED-F 2013 code, e.g. 0613", Rule: "two to four digits; 0000 fills gaps and stays under the standard's term", Back: "digits"},
	{Field: "url", To: "foaf:homepage", Put: source.Website[*mapper]("url"), Rule: "absolute http or https URL; without a scheme https", Back: "content URL"},
	{
		Field: "elmLearningOpportunityType", To: "dcterms:type",
		Put:  source.Concepts[*mapper]("elmLearningOpportunityType", vocabulary.DCType, vocabulary.OpportunityTypes),
		Rule: "v2: last part of the IRI, whole IRI or English label; without one course, or educational programme", Back: "last part of the IRI",
	},
	{
		Field: "elmModeOfLearning", To: "elm:mode", Put: source.Concepts[*mapper]("elmModeOfLearning", vocabulary.Mode, vocabulary.Modes), OnInstance: true,
		Rule: "v2: as above; on instances that state none", Back: "last part of the IRI",
	},
	{Field: "lastModified", To: "dcterms:modified", Put: putModified, Rule: "v2: date with time", Back: "as is"},
}

var programmeRules = slices.Concat(commonRules, outcomesRule("v2: "), []Rule{
	{Field: "abbreviation", To: "skos:altLabel", Put: putAbbreviation, Rule: "v2: every language", Back: "per language"},
	{Field: "eqfLevelProvided", To: "elm:EQFLevel", Put: putLevel, Ask: "a number from 1 to 8", Rule: "1 to 8", Back: "number"},
	{
		Field: "length", To: "elm:duration", Put: putLength,
		Rule: "v1: years; v2: n/t is n terms of which a year has t", Back: "years, or terms of half a year",
	},
	{
		Field: "elmLearningScheduleType", To: "elm:learningSchedule",
		Put:  source.Concepts[*mapper]("elmLearningScheduleType", vocabulary.LearningSchedule, vocabulary.Schedules),
		Rule: "v2: as the other vocabularies", Back: "last part of the IRI",
	},
	{Field: "validSince", To: "dcterms:valid", Put: putValidity, Rule: "v2: one period with validUntil; whether it holds is judged when reading", Back: "start of the period"},
	{Field: "validUntil", To: "dcterms:valid", Put: putValidUntil, Rule: "v2: see validSince", Back: "end of the period"},
	{Field: "links/course", To: "elm:hasPart", Rule: "the subjects of the courses in it, and of those that name the programme", Back: "collection"},
})

var courseRules = slices.Concat(commonRules, outcomesRule(""), []Rule{
	{
		Field: "academicTerm", To: "occapi:academicTerm, elm:additionalNote", Put: putTerms,
		Rule: "k/n is term k of n; a note for readers; no instance is made of it, since it has no dates", Back: "own term",
	},
	{
		Field: "subjectArea", To: "elm:educationSubject, occapi:subjectArea", Put: putSubject("subjectArea", "erasmus"),
		Rule: "v1: a subject with the code and the scheme name erasmus, and the code as is; 00.0 fills gaps and is no subject", Back: "own term",
	},
	{
		Field: "otherCategorization", To: "elm:educationSubject, occapi:otherCategorization", Put: putSubject("otherCategorization", ""),
		Rule: "v1: a subject with the code, and the code as is", Back: "own term",
	},
	{
		Field: "localClassification", To: "elm:educationSubject, occapi:localClassification", Put: putClassification,
		Rule: "v2: per entry a subject with the value and the system as scheme name, and the entry as JSON", Back: "own term",
	},
	{
		Field: "unavailableForIncomingMobility", To: "ql:learnerGroupConditions, occapi:unavailableForIncomingMobility", Put: putUnavailable,
		Rule: "v1: as restrictedToLocalStudents, and as a boolean", Back: "own term",
	},
	{
		Field: "restrictedToLocalStudents", To: "ql:learnerGroupConditions", Put: putLocalStudents, OnInstance: true,
		Rule: "v2: when true, a learner group of the institution's own students, on each instance", Back: "learner group",
	},
	{
		Field: "restrictedToAllianceStudents", To: "ql:learnerGroupConditions", Put: putAllianceStudents, OnInstance: true,
		Rule: "v2: when true, a learner group of the alliance's students, on each instance", Back: "learner group",
	},
	{Field: "deprecated", To: "ql:isActive", Put: putDeprecated, Rule: "v2: true means not active", Back: "inverse"},
	{Field: "bibliography", To: "elm:additionalNote", Put: source.Prose[*mapper](vocabulary.AdditionalNote, "bibliography"), Rule: "a note about occapi:bibliography", Back: "by subject of the note"},
	{Field: "courseContent", To: "elm:additionalNote", Put: source.Prose[*mapper](vocabulary.AdditionalNote, "courseContent"), Rule: "a note about occapi:courseContent", Back: "by subject of the note"},
	{
		Field: "courseAvailability", To: "elm:additionalNote", Put: source.Prose[*mapper](vocabulary.AdditionalNote, "courseAvailability"),
		Rule: "a note about occapi:courseAvailability", Back: "by subject of the note",
	},
	{Field: "teachingMethod", To: "elm:additionalNote", Put: source.Prose[*mapper](vocabulary.AdditionalNote, "teachingMethod"), Rule: "a note about occapi:teachingMethod", Back: "by subject of the note"},
	{Field: "prerequisites", To: "elm:entryRequirement", Put: source.Prose[*mapper](vocabulary.EntryRequirement, ""), Rule: "one note in every language", Back: "per language"},
	{
		Field: "assessmentMethod", To: "elm:provenBy", Put: putAssessmentMethod,
		Rule: "description of one assessment, whose title is the first line and whose types are those of elmAssessmentType", Back: "description",
	},
	{
		Field: "elmAssessmentType", To: "elm:provenBy, dcterms:type", Put: putAssessmentTypes,
		Rule: "v2: types of one assessment; without assessmentMethod their English labels are its title", Back: "last part of the IRI",
	},
	{
		Field: "elmLearningActivityType", To: "elm:learningActivitySpecification",
		Rule: "v2: types of one activity, on instances that state none; their English labels are its title", Back: "last part of the IRI",
	},
	{Field: "meta/global/eqfLevel", To: "elm:EQFLevel", Ask: "a number from 1 to 8", Rule: "v1: wins over the programmes' levels; without it the lowest eqfLevelProvided of the programmes", Back: "level"},
	{Field: "meta/global/year", To: "occapi:year", Rule: "v1: as is", Back: "own term"},
	{Field: "relationships/relatedProgramme", To: "elm:isPartOf", Rule: "v2: the programme's subject", Back: "last part of the IRI"},
	{Field: "meta/relatedProgramme/programmeId", To: "elm:isPartOf", Rule: "v2: the programme's subject", Back: "last part of the IRI"},
	{Field: "meta/programme/programmeId", To: "elm:isPartOf", Rule: "v1: the programme's subject", Back: "last part of the IRI"},
	{
		Field: "meta/relatedProgramme/mandatoryCourse, meta/relatedProgramme/year, meta/programme/mandatoryCourse, meta/programme/year",
		To:    "occapi:relatedProgramme", Rule: "v2, v1: JSON, with the programmeId", Back: "own term",
	},
	{Field: "meta", To: "occapi:relatedProgramme", Put: putMeta, Rule: "see its parts above", Back: "own term"},
	{
		Field: "relationships/prerequisiteCourse", To: "ql:entryRequirementLearningOpportunity",
		Rule: "v2: the course's subject", Back: "last part of the IRI",
	},
	{Field: "relationships", To: "ql:entryRequirementLearningOpportunity", Put: putRelationships, Rule: "see its parts above", Back: "last parts of the IRIs"},
	{Field: "localClassification/classificationSystem", To: "elm:schemeName", Rule: "v2: of the subject", Back: "own term"},
	{Field: "localClassification/classificationValue", To: "skos:notation", Rule: "v2: of the subject", Back: "own term"},
	{Field: "links/instance", To: "elm:learningOpportunity", Rule: "v2: the collection of the course's instances", Back: "collection"},
})

var instanceRules = []Rule{
	{Field: "id", To: "subject IRI", Rule: "minted under the course", Back: "last part of the subject"},
	{Field: "startDate", To: "dcterms:temporal", Rule: "start of the period", Back: "as is"},
	{Field: "endDate", To: "dcterms:temporal", Rule: "end of the period", Back: "as is"},
	{Field: "academicTermId", To: "dcterms:temporal", Rule: "label of the period", Back: "period's label"},
	{Field: "ects", To: "occapi:ects", Put: putInstanceECTS, Rule: "kept where it differs from the course's; credits are the course's in ELM", Back: "own term"},
	{
		Field: "languageOfInstruction", To: "elm:defaultLanguage", Put: source.DefaultLanguage[*mapper]("languageOfInstruction"), FromCourse: true, Ask: askLanguage,
		Rule: "exactly one, the first", Back: "ISO 639",
	},
	{
		Field: "elmModeOfLearning", To: "elm:mode", Put: source.Concepts[*mapper]("elmModeOfLearning", vocabulary.Mode, vocabulary.Modes), FromCourse: true,
		Rule: "as for the course", Back: "last part of the IRI",
	},
	{Field: "elmLearningActivityType", To: "elm:learningActivitySpecification", Rule: "as for the course", Back: "last part of the IRI"},
	{Field: "engagementHours", To: "elm:volumeOfLearning", Rule: "of the activity, in hours", Back: "hours"},
	{Field: "elmAssessmentType", To: "occapi:elmAssessmentType", Put: source.Kept[*mapper]("elmAssessmentType"), Rule: "kept: assessments are the course's in ELM", Back: "own term"},
	{
		Field: "elmLearningOpportunityType", To: "occapi:elmLearningOpportunityType", Put: source.Kept[*mapper]("elmLearningOpportunityType"),
		Rule: "kept: the type is the course's in ELM", Back: "own term",
	},
	{
		Field: "gradingScheme", To: "elm:gradingScheme, occapi:gradingScheme", Put: source.FreeForm[*mapper]("gradingScheme"),
		Rule: "label and description of the course's grading scheme, from the latest instance that has one; on each instance as JSON", Back: "on that instance",
	},
	{
		Field: "resultDistribution", To: "elm:resultDistribution, occapi:resultDistribution", Put: source.FreeForm[*mapper]("resultDistribution"),
		Rule: "of that instance: counts as whole percent, ranked by position; what rounds to 0 cannot be said; on each instance as JSON", Back: "percent",
	},
	{Field: "restrictedToLocalStudents", To: "ql:learnerGroupConditions", Put: putLocalStudents, FromCourse: true, Rule: "the course's", Back: "on the course"},
	{Field: "restrictedToAllianceStudents", To: "ql:learnerGroupConditions", Put: putAllianceStudents, FromCourse: true, Rule: "the course's", Back: "on the course"},
	{Field: "lastModified", To: "dcterms:modified", Put: putModified, Rule: "date with time", Back: "as is"},
	{Field: "gradingScheme/label", To: "elm:gradingScheme/dcterms:title", Rule: "of the grading scheme, every language", Back: "on that instance"},
	{Field: "gradingScheme/description", To: "elm:gradingScheme/dcterms:description", Rule: "of the grading scheme, every language", Back: "on that instance"},
	{Field: "resultDistribution/category/label", To: "elm:label", Rule: "of a category of results", Back: "label"},
	{Field: "resultDistribution/category/count", To: "ql:gradePercentage, ql:gradeOrder", Rule: "share of the sum, and position", Back: "percent"},
	{Field: "resultDistribution/category", To: "elm:resultCategory", Rule: "one node each", Back: "category"},
	{Field: "resultDistribution/description", To: "elm:resultDistribution/dcterms:description", Rule: "of the distribution, every language", Back: "on that instance"},
	{Field: "relationships/course", To: "elm:learningAchievementSpecification", Rule: "instances of another course are left out", Back: "course of the instance"},
	{Field: "relationships", To: "elm:learningAchievementSpecification", Rule: "see relationships/course", Back: "course of the instance"},
}

var institutionRules = []Rule{
	{Field: "id", To: "IRI of the institution", Rule: "urn:uuid when it is a UUID, else https://<heiId>/", Back: "as is"},
	{Field: "heiId", To: "adms:identifier", Rule: "SCHAC code in lower case; publisher of every course and provider of every instance", Back: "SCHAC code"},
	{Field: "title", To: "rov:legalName", Rule: "every language", Back: "per language"},
	{Field: "abbreviation", To: "skos:altLabel", Rule: "as is", Back: "as is"},
	{Field: "url", To: "foaf:homepage", Rule: "the first", Back: "content URL"},
	{Field: "lastModified", To: "-", Rule: "dropped: of the institution, not of the course", Back: source.NotWritten},
}

var unitRules = []Rule{
	{Field: "id, ounitId, ounitCode", To: "occapi:ounit", Rule: "identifier of the unit, the code where there is one", Back: "own term"},
	{Field: "title", To: "skos:prefLabel", Rule: "every language", Back: "per language"},
	{Field: "links/programme, links/course", To: "occapi:ounit", Rule: "on each programme and course of the unit", Back: "collections"},
	{Field: "abbreviation, url, lastModified", To: "-", Rule: "dropped: of the unit, not of the course", Back: source.NotWritten},
}

// textRules are of the small objects that texts and addresses are made of.
var textRules = []Rule{
	{Field: "string", To: "text", Rule: "a line", Back: "as is"},
	{Field: "multiline", To: "text", Rule: "as is, with the markup that it may hold", Back: "as is"},
	{Field: "uri", To: "elm:contentUrl", Rule: "see url", Back: "as is"},
	{Field: "lang", To: "language tag", Rule: "in lower case; a missing one, or null, leaves the text untagged", Back: "as is"},
}

var envelopeRules = []Rule{
	{Field: "jsonapi", To: "-", Rule: "dropped: says how the answer is written", Back: "version 1.1"},
	{Field: "data", To: "course graphs", Rule: "one resource, or a list of them", Back: "resources"},
	{Field: "type", To: "-", Rule: "dropped: the collection says what its entries are; of the manifest's path it has to be hei", Back: "by kind of the course"},
	{Field: "links", To: "-", Rule: "followed on the manifest's own origin; not part of a course", Back: "by path"},
	{Field: "meta", To: "-", Rule: "dropped: of the answer, not of a course", Back: source.NotWritten},
	{Field: "errors", To: "-", Rule: "an answer with errors and no data fails", Back: source.NotWritten},
}

var serverRules = []Rule{
	{Field: "serverName, termsOfService", To: "-", Rule: "not read: the manifest names the institution's resource", Back: source.NotWritten},
	{Field: "id", To: "-", Rule: "not read", Back: source.NotWritten},
}
