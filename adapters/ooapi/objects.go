package ooapi

import "github.com/coursemesh/coursemesh/adapters/source"

// The tables of smaller objects say where their fields go; the code that reads them is named in the rules of the
// fields that hold them.

func kept(why, back string, fields ...string) []Rule {
	var out []Rule
	for _, f := range fields {
		out = append(out, Rule{Field: f, To: "as part of the JSON", Rule: why, Back: back})
	}
	return out
}

func dropped(why string, fields ...string) []Rule {
	var out []Rule
	for _, f := range fields {
		out = append(out, Rule{Field: f, To: "-", Rule: "dropped: " + why, Back: source.NotWritten})
	}
	return out
}

// smallRules are the small objects that both versions have alike.
var smallRules = []Table{
	{"IdentifierEntry", []Rule{
		{Field: "codeType", To: "elm:schemeName", Rule: "as is; of an organisation schacHome names the institution", Back: "scheme name"},
		{Field: "code", To: "skos:notation", Rule: "as is", Back: "notation"},
	}},
	{"LanguageTypedString", []Rule{
		{Field: "language", To: "language tag", Rule: "lower case; what is no tag is left out, the text stays", Back: "tag"},
		{Field: "value", To: "text", Rule: "blank texts are dropped; of two with one tag the first stays", Back: "text"},
	}},
	{"StudyLoadDescriptor", []Rule{
		{Field: "studyLoadUnit", To: "elm:framework", Rule: "see studyLoad", Back: "ects or hour"},
		{Field: "value", To: "elm:point, elm:volumeOfLearning", Rule: "decimal point or comma", Back: "number"},
	}},
	{"Cost", append([]Rule{
		{Field: "costType", To: "skos:prefLabel", Rule: "English, but for a server's own types", Back: "label"},
		{Field: "amount", To: "elm:amount", Rule: "decimal; what is no amount is a finding", Back: "rdf:value"},
		{Field: "vatAmount", To: "ooapi:vatAmount", Rule: "decimal", Back: "as is"},
		{Field: "amountWithoutVat", To: "ooapi:amountWithoutVat", Rule: "decimal", Back: "as is"},
		{Field: "currency", To: "elm:unit", Rule: "ISO 4217; an amount without is a finding", Back: "code"},
		{Field: "displayAmount", To: "dcterms:description", Rule: "every language", Back: "per language"},
	}, dropped("says nothing of the price itself", "ext")...)},
}

func address(postalCode, country string, more ...Rule) Table {
	return Table{"Address", append([]Rule{
		{Field: "addressType", To: "-", Rule: "chooses where learners go: teaching and visit first, never billing, invoicing or deliveries", Back: "teaching"},
		{Field: "street", To: "elm:fullAddress", Rule: "one line with number, postal code and city", Back: "full address"},
		{Field: "streetNumber", To: "elm:fullAddress", Rule: "see street", Back: "full address"},
		{Field: "additional", To: "dcterms:description", Rule: "every language", Back: "per language"},
		{Field: postalCode, To: "elm:fullAddress", Rule: "see street", Back: "full address"},
		{Field: "city", To: "elm:geographicName, elm:fullAddress", Rule: "as is", Back: "geographic name"},
		{Field: "countryCode", To: "elm:countryCode", Rule: country, Back: "ISO 3166-1 alpha-2"},
		{Field: "geolocation", To: "locn:geometry", Rule: "latitude and longitude as a point; 0,0 is none", Back: "by part"},
		{Field: "geolocation/latitude", To: "locn:geometry", Rule: "see geolocation", Back: "number"},
		{Field: "geolocation/longitude", To: "locn:geometry", Rule: "see geolocation", Back: "number"},
	}, append(more, dropped("says nothing of the place itself", "ext")...)...)}
}

func organization(object, id, kind string, more ...Rule) Table {
	return Table{object, append(append([]Rule{
		{Field: id, To: "node IRI", Rule: "urn:uuid when it is a UUID, else the domain", Back: "as looked up"},
		{Field: "primaryCode", To: "adms:identifier", Rule: "of type schacHome: the SCHAC identifier; without one on the way up nobody is named", Back: "as looked up"},
		{Field: kind, To: "-", Rule: "finds the root, whose listing of offerings saves calls", Back: source.NotWritten},
		{Field: "name", To: "rov:legalName, skos:prefLabel", Rule: "every language; of a department the label", Back: "as looked up"},
		{Field: "shortName", To: "skos:altLabel", Rule: "as is", Back: "as looked up"},
		{Field: "addresses", To: "elm:location", Rule: "as for the course", Back: "as looked up"},
		{Field: "link", To: "foaf:homepage", Rule: "as for the course", Back: "as looked up"},
		{Field: "logo", To: "elm:logo", Rule: "absolute http or https URL", Back: "as looked up"},
		{Field: "otherCodes", To: "adms:identifier", Rule: "searched for a SCHAC code", Back: "as looked up"},
		{Field: "parent", To: "-", Rule: "climbed to the institution", Back: source.NotWritten},
	}, more...), dropped("institutions are described by registers and manifests", "description", "children", "ext")...)}
}

func session(start, end string, more ...Rule) Table {
	return Table{"AcademicSession", append(append([]Rule{
		{Field: "academicSessionId", To: "ooapi:academicSession", Rule: "on the offering", Back: "as is"},
		{Field: "name", To: "skos:prefLabel", Rule: "of the offering's period, every language", Back: "label"},
		{Field: start, To: "elm:startDate", Rule: "when the offering has none", Back: "as is"},
		{Field: end, To: "elm:endDate", Rule: "when the offering has none", Back: "as is"},
	}, more...), dropped("the period says it all", "academicSessionType", "primaryCode", "parent", "children", "year", "otherCodes", "ext")...)}
}

// alliance is what eduxchange says of a course or programme.
func alliance(enrollment, url string) []Rule {
	return []Rule{
		{Field: "consumerKey", To: "as part of the JSON", Rule: "eduxchange, in any letter case", Back: "as is"},
		{Field: "alliances", To: "ql:learnerGroupConditions", Rule: "one condition each, on every offering that names none", Back: "as is"},
		{
			Field: "alliances/name", To: "dcterms:title, ooapi:alliance",
			Rule: "title of the learner group; an organisation with the name in upper case and an identifier in lower case: its members, which ql:studentsOf asks for, are not said", Back: "as is",
		},
		{Field: "alliances/theme", To: "elm:additionalNote", Rule: "note on the learner group", Back: "as is"},
		{Field: "alliances/selection", To: "as part of the JSON", Rule: "kept", Back: "as is"},
		{Field: "alliances/type", To: "as part of the JSON", Rule: "kept", Back: "as is"},
		{Field: "alliances/visibleForOwnStudents", To: "ooapi:visibleForOwnStudents", Rule: "as a boolean", Back: "as is"},
		{Field: "alliances/" + enrollment, To: "as part of the JSON", Rule: "kept", Back: "as is"},
		{Field: "alliances/" + url, To: "ql:registrationPortal", Rule: "absolute http or https URL", Back: "as is"},
		{Field: "alliances/dateComment", To: "elm:additionalNote", Rule: "sent by some servers: note on the learner group", Back: "as is"},
	}
}

// programsOfPersons is the consumer block of eduxchange on persons, which are never asked for.
func ofPersons(enrollments, start, end string) []Rule {
	fields := []string{"consumerKey", enrollments, "institutionBRINCode"}
	for _, f := range []string{"crohoCreboCode", "name", "phase", "modeOfStudy", start, end} {
		fields = append(fields, enrollments+"/"+f)
	}
	return dropped("persons are never asked for", fields...)
}

const register = "kept with the consumer: what the national register asks for"

var tables5 = append([]Table{
	{"Course", courseRules5},
	{"Program", programmeRules5},
	{"EducationSpecification", specificationRules},
	{"CourseOffering", courseOfferingRules5},
	{"ProgramOffering", programmeOfferingRules5},
	{"Component", componentRules5},
	organization("Organization", "organizationId", "organizationType", dropped("meant for other systems", "consumers")...),
	session("startDate", "endDate", dropped("meant for other systems", "consumers")...),
	address("postalCode", "ISO 3166-1 alpha-2 or alpha-3"),
	{"EDUXCHANGE Course", alliance("enrollmentForOwnStudents", "enrollmentUrl")},
	{"EDUXCHANGE Program", alliance("enrollmentForOwnStudents", "enrollmentUrl")},
	{"EDUXCHANGE Person", ofPersons("enrollments", "startDate", "endDate")},
	{"RIO Course", kept(register, "as is", "educationOffererCode", "educationLocationCode", "jointPartnerCodes", "foreignPartners", "teachingLanguages", "lastStartDate")},
	{"RIO Program", kept(
		register, "as is", "educationOffererCode", "educationLocationCode", "jointPartnerCodes", "foreignPartners", "deficiency", "requirementsActivities",
		"propaedeuticPhase", "studyChoiceCheck", "acceleratedRoute", "teachingLanguages", "lastStartDate",
	)},
	{"RIO Offering", kept(register, "as is", "explanationRequiredPermission", "requiredPermissionRegistration", "registrationStatus", "modeOfDelivery")},
	{"RIO EducationSpecification", kept(register, "as is", "educationSpecificationSubType", "category")},
	{"TEST TestConsumer", kept("kept with the consumer", "as is", "additional", "attributes")},
}, smallRules...)

var tables6 = append([]Table{
	{"Course", courseRules6},
	{"Programme", programmeRules6},
	{"CourseOffering", courseOfferingRules6},
	{"ProgrammeOffering", programmeOfferingRules6},
	{"LearningComponent", componentRules6},
	{"TestComponent", join(componentRules6, testRules)},
	{"LearningOutcome", join([]Rule{
		{Field: "learningOutcomeId", To: "-", Rule: "finds the outcome", Back: "new"},
		{Field: "primaryCode", To: "adms:identifier, elm:relatedESCOSkill", Rule: "a code that is an ESCO skill is a related skill", Back: "first identifier"},
		{Field: "otherCodes", To: "adms:identifier, elm:relatedESCOSkill", Rule: "as primaryCode", Back: "further identifiers"},
		{Field: "name", To: "dcterms:title", Rule: "every language; an outcome without is left out, with a finding", Back: "per language"},
		{Field: "abbreviation", To: "skos:altLabel", Rule: "as is", Back: "label"},
		{Field: "description", To: "elm:additionalNote", Rule: "left out where it equals the name", Back: "per language"},
		{Field: "fieldsOfStudy", To: "elm:ISCEDFCode", Rule: "as for the course", Back: "digits"},
		{Field: "complexityLevel", To: "ooapi:complexityLevel", Rule: "as is", Back: "as is"},
	}, dropped("the course has the outcomes that count", "parentIds", "parents", "childIds", "children"),
		dropped("says nothing of the outcome itself", "validFrom", "validTo", "consumer", "ext"))},
	organization("Organisation", "organisationId", "organisationType", append(dropped("institutions are described by registers and manifests", "childIds", "consumer"),
		Rule{Field: "parentId", To: "-", Rule: "climbed to the institution", Back: source.NotWritten},
		Rule{Field: "root", To: "-", Rule: "the institution, when there is no parent to climb to", Back: source.NotWritten},
		Rule{Field: "rootId", To: "-", Rule: "as root", Back: source.NotWritten})...),
	session("startDateTime", "endDateTime", dropped("the period says it all", "abbreviation", "parentId", "childIds", "yearId", "consumer")...),
	address("postCode", "object of codes; see Country"),
	{"Country", append([]Rule{
		{Field: "iso3166-1-alpha2", To: "elm:countryCode", Rule: "first", Back: "as is"},
		{Field: "iso3166-1-alpha3", To: "elm:countryCode", Rule: "without alpha2", Back: source.NotWritten},
	}, dropped("no country of today", "iso3166-2", "iso3166-3")...)},
	{"EnrolmentPeriods", append([]Rule{
		{Field: "startDateTime", To: "elm:additionalNote", Rule: "a note for readers", Back: "own term"},
		{Field: "endDateTime", To: "elm:applicationDeadline", Rule: "date with time", Back: "own term"},
		{Field: "targetGroups", To: "ql:learnerGroup", Rule: "title of a learner group; the period then holds for them only", Back: "own term"},
		{Field: "enrolmentUrl", To: "ql:registrationPortal", Rule: "on the offering, or for the groups; of several for everybody the first", Back: "own term"},
		{Field: "comment", To: "elm:additionalNote", Rule: "a note", Back: "own term"},
		{Field: "queuedNumberStudents", To: "-", Rule: "dropped: changes daily and says nothing about the course", Back: source.NotWritten},
	}, kept("kept", "own term", "enrolmentType", "queueEnabled", "maxQueuedNumberStudents", "consumer", "ext")...)},
	{"SupplementaryInformation", []Rule{
		{Field: "role", To: "-", Rule: "dropped: what a page does with it", Back: "promo"},
		{Field: "type", To: "-", Rule: "chooses the property", Back: "by property"},
		{Field: "value", To: "elm:bannerImage, elm:additionalNote, elm:supplementaryDocument", Rule: "see supplementaryInformation", Back: "text or URL"},
	}},
	{"EDUXCHANGE Course", alliance("enrolmentForOwnStudents", "enrolmentUrl")},
	{"EDUXCHANGE Programme", alliance("enrolmentForOwnStudents", "enrolmentUrl")},
	{"EDUXCHANGE Person", ofPersons("enrolments", "startDateTime", "endDateTime")},
	{"RIO Course", kept(register, "as is", "educationOffererCode", "educationLocationCode", "consentParticipationSTAP", "jointPartnerCodes", "foreignPartners")},
	{"RIO Programme", kept(
		register, "as is", "type", "educationOffererCode", "educationLocationCode", "consentParticipationSTAP", "jointPartnerCodes", "foreignPartners", "deficiency",
		"requirementsActivities", "propaedeuticPhase", "studyChoiceCheck", "acceleratedRoute", "sector", "privateCategory",
	)},
	{"RIO Offering", kept(register, "as is", "explanationRequiredPermission", "requiredPermissionRegistration", "registrationStatus", "modeOfDelivery")},
	{"TEST TestConsumer", kept("kept with the consumer", "as is", "additional", "attributes")},
}, smallRules...)
