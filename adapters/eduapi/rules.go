package eduapi

import (
	"slices"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Rule is one row of the mapping.
type Rule = source.Rule[*mapper]

// Objects are the objects of the standard, in the order of the page.
var Objects = []string{
	"CourseTemplate", "CollectionTemplate", "EducationTemplate", "CourseOffering", "CollectionOffering", "ComponentTemplate", "ComponentOffering",
	"Organization", "Address", "AcademicSession", "Small types",
}

// Rules is the mapping by object of the standard.
func Rules() map[string][]Rule {
	return map[string][]Rule{
		"CourseTemplate": courseRules, "CollectionTemplate": collectionRules, "EducationTemplate": templateRules,
		"CourseOffering":     slices.Concat([]Rule{offeredRule("course", "the template; an offering of no listed template is rejected")}, offeringRules),
		"CollectionOffering": slices.Concat([]Rule{offeredRule("collection", "as course of a course's offering")}, offeringRules),
		"ComponentTemplate":  componentRules, "ComponentOffering": componentOfferingRules, "Organization": organizationRules, "Address": addressRules,
		"AcademicSession": sessionRules, "Small types": smallRules,
	}
}

func offeredRule(field, rule string) Rule {
	return Rule{Field: field, To: "elm:learningAchievementSpecification", Rule: rule, Back: "the template"}
}

var courseRules = slices.Concat([]Rule{{
	Field: "courseType", To: "dcterms:type, eduapi:courseType", Put: source.Kept[*mapper]("courseType"),
	Rule: "type table; the value itself under the standard's term", Back: "own term",
}}, templateRules)

var collectionRules = slices.Concat([]Rule{{
	Field: "collectionType", To: "dcterms:type, eduapi:collectionType", Put: source.Kept[*mapper]("collectionType"),
	Rule: "type table; the value itself under the standard's term", Back: "own term",
}}, templateRules)

var templateRules = []Rule{
	{
		Field: "sourcedId", To: "subject IRI, owl:sameAs", Put: putSourcedID,
		Rule: "minted under the provider; urn:uuid beside it when it is a UUID; also the identifier when there is no code", Back: "last part of the subject",
	},
	{Field: "title", To: "dcterms:title", Put: putTitle, Rule: "every language; a text without one takes the record's", Back: "per language"},
	{
		Field: "description", To: "dcterms:description", Put: source.Descriptions[*mapper],
		Rule: "every language; a text equal to the title in that language is left out", Back: "per language",
	},
	{
		Field: "primaryCode", To: "adms:identifier", Put: putCode,
		Rule: "notation is the identifier, scheme name the identifierType; codes that name persons are left out", Back: "first identifier",
	},
	{
		Field: "otherCodes", To: "adms:identifier, elm:ISCEDFCode", Put: putCode, Ask: `{"identifierType": "ext:isced-f", "identifier": "0613"}`,
		Rule: "as primaryCode; a code of a type that names ISCED is a field of education", Back: "further identifiers",
	},
	{
		Field: "level", To: "elm:EQFLevel, eduapi:level", Put: putLevel, Ask: "undergraduate, graduate or doctoral, or ext:eqf:1 to ext:eqf:8",
		Rule: "level table; another level stays as eduapi:level, with a finding", Back: "level table",
	},
	{Field: "creditType", To: "eduapi:creditType", Put: source.Kept[*mapper]("creditType"), Rule: "as is; nonCredit keeps creditsAwarded out of ELM", Back: "own term"},
	{
		Field: "creditsAwarded", To: "elm:creditPoint, eduapi:creditsAwarded", Put: putCredits,
		Rule: "the leading number, when the text says that it is ECTS; any other text stays under the standard's term", Back: "number and framework",
	},
	{Field: "gradingScheme", To: "elm:gradingScheme", Put: putGradingScheme, Rule: "title of the grading scheme, one text or a list", Back: "title"},
	{
		Field: "teachingLanguage", To: "dcterms:language, elm:defaultLanguage", Put: source.Languages[*mapper]("teachingLanguage"), Ask: "a language tag, e.g. en",
		Rule: "the first subtag; also on offerings that state none", Back: "ISO 639",
	},
	{
		Field: "organization", To: "dcterms:publisher, elm:providedBy, eduapi:organization", Put: putPublisher,
		Rule: "the institution whose domain is known, on the way up; the named department under the standard's term", Back: "as looked up",
	},
	{Field: "organizationCode", To: "eduapi:organizationCode", Put: source.Kept[*mapper]("organizationCode"), Rule: "as is", Back: "own term"},
	{
		Field: "parent", To: "elm:isPartOf, elm:hasPart", Put: putParents,
		Rule: "the subjects of the parents, whatever source of the provider lists them; and of a template, those that name it", Back: "last parts of the IRIs",
	},
	{
		Field: "componentTemplates", To: "elm:provenBy, elm:learningActivitySpecification",
		Rule: "the components that name the template as their parent, see ComponentTemplate", Back: "components",
	},
	{Field: "recordStatus", To: "ql:isActive", Put: putStatus, Rule: "active: true; inactive: false; deleted withdraws the course", Back: "as is"},
	{Field: "dateLastModified", To: "dcterms:modified", Put: putModified, Rule: "date with time", Back: "as is"},
	{
		Field: "recordLanguage", To: "eduapi:recordLanguage", Put: source.Kept[*mapper]("recordLanguage"),
		Rule: "as is: the language of the record, not of teaching; tags texts that state none", Back: "own term",
	},
	{
		Field: "subjectCodes", To: "elm:ISCEDFCode, eduapi:subjectCodes", Put: putSubjects,
		Rule: "sent by some servers: digits are a field of education, others stay under the standard's term", Back: source.NotWritten,
	},
	{Field: "learningOutcomes", To: "elm:learningOutcome", Put: putOutcomes, Rule: "sent by some servers: one node per outcome", Back: source.NotWritten},
	{
		Field: "extensions", To: "eduapi:extensions", Put: putExtensions,
		Rule: "JSON without persons", Back: "own term",
	},
	{
		Field: "extensions/learningOutcomes, extensions/subjectCodes, extensions/fieldsOfStudy", To: "elm:learningOutcome, elm:ISCEDFCode",
		Rule: "sent by some servers: as the fields above; fieldsOfStudy are fields of education", Back: source.NotWritten,
	},
}

var offeringRules = []Rule{
	{Field: "sourcedId", To: "subject IRI", Rule: "minted under the course", Back: "last part of the subject"},
	{Field: "title", To: "dcterms:title", Put: putTitle, Rule: "left out where it equals the course's title or the session's", Back: "per language, else the course's"},
	{
		Field: "description", To: "dcterms:description", Put: source.Descriptions[*mapper],
		Rule: "left out where it equals the title or the course's description", Back: "per language",
	},
	{Field: "primaryCode", To: "adms:identifier", Put: putCode, Rule: "as for the course", Back: "first identifier"},
	{Field: "otherCodes", To: "adms:identifier", Put: putCode, Rule: "as primaryCode", Back: "further identifiers"},
	{Field: "offeringType", To: "eduapi:offeringType", Put: source.Kept[*mapper]("offeringType"), Rule: "as is; the course has the type", Back: "own term"},
	{Field: "offeringFormat", To: "elm:mode", Put: putFormat, Rule: "format table", Back: "format table"},
	{
		Field: "synchronicity", To: "eduapi:synchronicity, elm:mode", Put: putSynchronicity,
		Rule: "as is; asynchronous without an offeringFormat means online", Back: "own term",
	},
	{Field: "startDate", To: "dcterms:temporal", Rule: "start of the period; date or date with time as sent", Back: "as is"},
	{Field: "endDate", To: "dcterms:temporal", Rule: "end of the period", Back: "as is"},
	{Field: "academicSession", To: "dcterms:temporal, eduapi:academicSession", Rule: "title of the period, and its dates when the offering has none", Back: "own term"},
	{Field: "academicSessionCode", To: "dcterms:temporal", Rule: "label of the period when the session cannot be looked up", Back: "period's label"},
	{
		Field: "teachingLanguage", To: "elm:defaultLanguage", Put: source.DefaultLanguage[*mapper]("teachingLanguage"), FromCourse: true,
		Ask:  "a language tag, e.g. en, here or on the template",
		Rule: "exactly one, the first", Back: "ISO 639",
	},
	{Field: "organization", To: "elm:providedBy", Put: putProvider, FromCourse: true, Rule: "as for the course", Back: "as looked up"},
	{Field: "organizationCode", To: "eduapi:organizationCode", Put: source.Kept[*mapper]("organizationCode"), Rule: "as is", Back: "own term"},
	{
		Field: "registrationStatus", To: "elm:additionalNote, eduapi:registrationStatus", Put: putRegistration,
		Rule: "a note for readers; the value under the standard's term", Back: "own term",
	},
	{
		Field: "maxNumberStudents", To: "ql:enrolmentCapacity", Put: source.People[*mapper]("maxNumberStudents", vocabulary.EnrolmentCapacity),
		Rule: "whole number", Back: "as is",
	},
	{
		Field: "minNumberStudents", To: "ql:enrolmentMinimum", Put: source.People[*mapper]("minNumberStudents", vocabulary.EnrolmentMinimum),
		Rule: "whole number", Back: "as is",
	},
	{
		Field: "enrolledNumberStudents", To: "ql:enrolledLearnerCount", Put: source.People[*mapper]("enrolledNumberStudents", vocabulary.EnrolledLearnerCount),
		Rule: "whole number", Back: "as is",
	},
	{Field: "pendingNumberStudents", To: "-", Rule: "dropped: changes daily and says nothing about the course", Back: source.NotWritten},
	{
		Field: "locations", To: "elm:location", Put: putLocations, Lacks: "elm:location/elm:address",
		Rule: "the identifier is the name; description and coordinates", Back: "by part",
	},
	{Field: "paceOfStudy", To: "elm:learningSchedule, eduapi:paceOfStudy", Put: putPace, Rule: "pace table; what is no percentage stays under the standard's term", Back: "own term"},
	{
		Field: "parent", To: "elm:isPartOf, eduapi:parent", Put: putParentOfferings,
		Rule: "the subjects of the offerings that this one is part of; of one that is not listed, its id", Back: "last parts of the IRIs",
	},
	{
		Field: "roleEnablement", To: "eduapi:roleEnablement", Put: putRoles,
		Rule: "JSON, for the role student only: from when to when students have access; no deadline for applications", Back: "own term",
	},
	{Field: "recordStatus", To: "-", Rule: "inactive and deleted offerings are left out", Back: "active"},
	{Field: "dateLastModified", To: "dcterms:modified", Put: putModified, Rule: "date with time", Back: "as is"},
	{Field: "recordLanguage", To: "eduapi:recordLanguage", Put: source.Kept[*mapper]("recordLanguage"), Rule: "as for the course", Back: "own term"},
	{Field: "extensions", To: "eduapi:extensions", Put: source.FreeForm[*mapper]("extensions"), Rule: "JSON without persons", Back: "own term"},
}

var componentRules = []Rule{
	{
		Field: "componentType", To: "dcterms:type, eduapi:componentType",
		Rule: "exam: an assessment of the course; others: an activity of each offering, of the course while it has none; several are parts of one; type table", Back: "own term",
	},
	{Field: "title", To: "dcterms:title", Rule: "every language; a component without one is left out", Back: "per language"},
	{Field: "description", To: "dcterms:description", Rule: "every language", Back: "per language"},
	{
		Field: "parent", To: "elm:provenBy, elm:learningActivitySpecification",
		Rule: "the course that the component hangs on; a component of no listed template is rejected", Back: "the course",
	},
	{Field: "recordStatus", To: "-", Rule: "inactive and deleted components are left out", Back: "active"},
	{Field: "sourcedId, primaryCode, otherCodes, organization, organizationCode", To: "-", Rule: "dropped: a component is no course of its own", Back: source.NotWritten},
	{Field: "level, creditType, creditsAwarded, gradingScheme, teachingLanguage", To: "-", Rule: "dropped: the course states its own", Back: source.NotWritten},
	{Field: "dateLastModified, recordLanguage, extensions", To: "-", Rule: "dropped; recordLanguage tags texts that state none", Back: source.NotWritten},
}

var componentOfferingRules = []Rule{
	{
		Field: "component", To: "elm:learningActivitySpecification, eduapi:componentOffering",
		Rule: "one activity, with type and texts of the component where the offering has none; of an exam under the standard's term; of no listed component: rejected",
		Back: "the component",
	},
	{Field: "parent", To: "elm:learningActivitySpecification", Rule: "the offering of the course that it is part of; without one it is part of each", Back: "the offering"},
	{Field: "title", To: "dcterms:title", Rule: "else the component's", Back: "per language"},
	{Field: "description", To: "dcterms:description", Rule: "else the component's", Back: "per language"},
	{Field: "offeringFormat", To: "elm:mode", Rule: "format table; another format stays under the standard's term", Back: "format table"},
	{Field: "teachingLanguage", To: "dcterms:language", Rule: "the first subtag", Back: "ISO 639"},
	{Field: "startDate, endDate", To: "eduapi:startDate, eduapi:endDate", Rule: "of the activity: ELM has no period there", Back: "own term"},
	{
		Field: "offeringType, synchronicity, paceOfStudy, registrationStatus, maxNumberStudents, minNumberStudents, academicSession, academicSessionCode",
		To:    "eduapi:offeringType, eduapi:synchronicity, eduapi:paceOfStudy, eduapi:registrationStatus, eduapi:maxNumberStudents, eduapi:minNumberStudents, eduapi:academicSession, eduapi:academicSessionCode",
		Rule:  "as is, of the activity", Back: "own term",
	},
	{Field: "locations, extensions", To: "eduapi:locations, eduapi:extensions", Rule: "JSON without persons, of the activity", Back: "own term"},
	{Field: "recordStatus", To: "-", Rule: "inactive and deleted ones are left out", Back: "active"},
	{Field: "enrolledNumberStudents, pendingNumberStudents", To: "-", Rule: "dropped: change daily; the course's offering counts", Back: source.NotWritten},
	{Field: "sourcedId, primaryCode, otherCodes, organization, organizationCode, roleEnablement", To: "-", Rule: "dropped: the course's offering states its own", Back: source.NotWritten},
	{Field: "dateLastModified, recordLanguage", To: "-", Rule: "dropped; recordLanguage tags texts that state none", Back: source.NotWritten},
}

var organizationRules = []Rule{
	{Field: "sourcedId", To: "IRI of the institution", Rule: "urn:uuid when it is a UUID, else https://<domain>/", Back: "as looked up"},
	{Field: "name", To: "rov:legalName", Rule: "of the institution; of a department skos:prefLabel", Back: "per language"},
	{
		Field: "primaryCode", To: "adms:identifier, eduapi:otherCodes",
		Rule: "the SCHAC domain is the code of a type that names it, or a code in the form of a domain on an organisation without parent; any other code of the institution stays as JSON under eduapi:otherCodes",
		Back: "as looked up",
	},
	{Field: "otherCodes", To: "adms:identifier, eduapi:otherCodes", Rule: "as primaryCode", Back: "as looked up"},
	{Field: "primaryAddress", To: "elm:location", Rule: "see Address", Back: "by part"},
	{Field: "otherAddresses", To: "-", Rule: "dropped: where letters go", Back: source.NotWritten},
	{Field: "parent", To: "-", Rule: "followed up to the institution; id, list or object", Back: source.NotWritten},
	{Field: "children", To: "-", Rule: "dropped: says nothing about the course", Back: source.NotWritten},
	{Field: "organizationType, description, recordStatus, recordLanguage, dateLastModified, extensions", To: "-", Rule: "dropped: of the organisation, not of the course; recordLanguage tags texts that state none", Back: source.NotWritten},
}

var addressRules = []Rule{
	{Field: "streetAddress, postalCode, addressLocality, postOfficeBoxNumber", To: "elm:fullAddress", Rule: "in one line; the locality is elm:geographicName too", Back: "by part"},
	{Field: "addressCountryCode", To: "elm:countryCode", Rule: "ISO 3166-1 alpha-2", Back: "alpha-2"},
	{Field: "addressCountry", To: "elm:countryCode", Rule: "when it is a code and there is no addressCountryCode", Back: source.NotWritten},
	{Field: "geo", To: "locn:geometry", Rule: "a point", Back: "coordinates"},
	{Field: "addressRegion, addressType", To: "-", Rule: "dropped: the locality and the country say where it is", Back: source.NotWritten},
}

var sessionRules = []Rule{
	{Field: "sourcedId", To: "eduapi:academicSession", Rule: "id on the offering", Back: "own term"},
	{Field: "title", To: "skos:prefLabel", Rule: "of the period", Back: "per language"},
	{Field: "primaryCode", To: "skos:prefLabel", Rule: "of the period, when there is no title", Back: "period's label"},
	{Field: "startDate", To: "elm:startDate", Rule: "when the offering has none", Back: "as is"},
	{Field: "endDate", To: "elm:endDate", Rule: "when the offering has none", Back: "as is"},
	{Field: "parent, children, sessionType, otherCodes", To: "-", Rule: "dropped: of the calendar, not of the course", Back: source.NotWritten},
	{Field: "recordStatus, recordLanguage, dateLastModified, extensions", To: "-", Rule: "dropped: of the record, not of the course; recordLanguage tags texts that state none", Back: source.NotWritten},
}

// smallRules are of the types that the fields above are made of.
var smallRules = []Rule{
	{Field: "LanguageTypedString/value", To: "text", Rule: "as is", Back: "as is"},
	{Field: "LanguageTypedString/recordLanguage", To: "language tag", Rule: "in lower case; also language, and names of languages", Back: "as is"},
	{Field: "IdentifierEntry/identifier", To: "skos:notation", Rule: "as is", Back: "as is"},
	{
		Field: "IdentifierEntry/identifierType", To: "elm:schemeName",
		Rule: "as is; userName, accountId, emailAddress, nationalIdentityNumber and ltiUserId name persons, and the code is left out", Back: "as is",
	},
	{Field: "Location/identifier", To: "elm:geographicName", Rule: "as is", Back: "as is"},
	{Field: "Location/geoLocation", To: "locn:geometry", Rule: "a point", Back: "coordinates"},
	{Field: "Location/description", To: "dcterms:description", Rule: "every language", Back: "per language"},
	{Field: "RoleEnablement/role", To: "eduapi:roleEnablement", Rule: "student only", Back: "own term"},
	{Field: "RoleEnablement/startDate", To: "eduapi:roleEnablement", Rule: "as is", Back: "own term"},
	{Field: "RoleEnablement/endDate", To: "eduapi:roleEnablement", Rule: "as is", Back: "own term"},
}
