package vocabulary

// Namespaces.
const (
	NSELM     = "http://data.europa.eu/snb/model/elm/"
	NSELMAlso = "http://data.europa.eu/snb/model/ontology/" // what the QualityLink shapes bind elm: to; accepted, never written
	NSQL      = "http://data.quality-link.eu/ontology/v1#"
	NSDCTerms = "http://purl.org/dc/terms/"
	NSADMS    = "http://www.w3.org/ns/adms#"
	NSSKOS    = "http://www.w3.org/2004/02/skos/core#"
	NSFOAF    = "http://xmlns.com/foaf/0.1/"
	NSROV     = "http://www.w3.org/ns/regorg#"
	NSOrg     = "http://www.w3.org/ns/org#"
	NSLocn    = "http://www.w3.org/ns/locn#"
	NSCLV     = "http://data.europa.eu/m8g/"
	NSOWL     = "http://www.w3.org/2002/07/owl#"
	NSRDF     = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	NSRDFS    = "http://www.w3.org/2000/01/rdf-schema#"
	NSXSD     = "http://www.w3.org/2001/XMLSchema#"
	NSSchema  = "http://schema.org/"
	NSVCard   = "http://www.w3.org/2006/vcard/ns#"
	NSPerson  = "http://www.w3.org/ns/person#"
)

// Classes of courses and their instances. The first three are the specification classes: a node of
// any of them is a course, module or programme. The next two are its instances.
const (
	ClassLearningOpportunitySpecification = NSQL + "LearningOpportunitySpecification"
	ClassQualification                    = NSELM + "Qualification"
	ClassLearningAchievementSpecification = NSELM + "LearningAchievementSpecification"

	ClassLearningOpportunityInstance = NSQL + "LearningOpportunityInstance"
	ClassLearningOpportunity         = NSELM + "LearningOpportunity"

	ClassSpecificationReference = NSQL + "LearningOpportunitySpecificationReference"
	ClassInstanceReference      = NSQL + "LearningOpportunityInstanceReference"
)

// Classes of organisations and identifiers.
const (
	ClassInstitution        = NSQL + "HigherEducationInstitution"
	ClassGroupOfHEIs        = NSQL + "GroupOfHEIs"
	ClassAlliance           = NSQL + "EuropeanUniversityAlliance"
	ClassOrganisation       = NSELM + "Organisation"
	ClassOrganisationalUnit = NSOrg + "OrganizationalUnit" // a part of an organisation, without a legal name
	ClassGroup              = NSELM + "Group"
	ClassIdentifier         = NSELM + "Identifier"
	ClassSchacIdentifier    = NSQL + "SchacIdentifier"
	ClassOrgRegIdentifier   = NSQL + "OrgRegIdentifier"
)

// Identifier schemes (elm:schemeId).
const (
	SchemeSchac  = NSQL + "Schac"
	SchemeOrgReg = NSQL + "OrgReg"
)

// Classes of the nodes that hang on courses and instances.
const (
	ClassLearningOutcome                 = NSELM + "LearningOutcome"
	ClassLearningAssessmentSpecification = NSELM + "LearningAssessmentSpecification"
	ClassLearningActivitySpecification   = NSELM + "LearningActivitySpecification"
	ClassNote                            = NSELM + "Note"
	ClassWebResource                     = NSELM + "WebResource"
	ClassMediaObject                     = NSELM + "MediaObject"
	ClassCreditPoint                     = NSELM + "CreditPoint"
	ClassPriceDetail                     = NSELM + "PriceDetail"
	ClassAmount                          = NSELM + "Amount"
	ClassGrant                           = NSELM + "Grant"
	ClassAddress                         = NSELM + "Address"
	ClassGradingScheme                   = NSELM + "GradingScheme"
	ClassResultDistribution              = NSELM + "ResultDistribution"
	ClassResultCategory                  = NSELM + "ResultCategory"
	ClassLocation                        = NSDCTerms + "Location"
	ClassPeriodOfTime                    = NSDCTerms + "PeriodOfTime"
	ClassConcept                         = NSSKOS + "Concept"
	ClassConceptScheme                   = NSSKOS + "ConceptScheme"
	ClassLearnerGroup                    = NSQL + "LearnerGroup"
	ClassLearnerGroupConditions          = NSQL + "LearnerGroupConditions"
)

// Classes of people and of ways to reach them; never part of a signed graph unless a role address.
const (
	ClassPerson       = NSELM + "Person"
	ClassContactPoint = NSELM + "ContactPoint"
	ClassMailbox      = NSELM + "Mailbox"
	ClassPhone        = NSELM + "Phone"
)

// Properties of Dublin Core, ADMS, SKOS, FOAF, the organisation vocabularies and OWL.
// DCLanguage and DCType carry a prefix, since Language is a lookup and rdf.Type another property.
const (
	Title       = NSDCTerms + "title"
	Description = NSDCTerms + "description"
	DCLanguage  = NSDCTerms + "language" // of a specification; an instance has DefaultLanguage
	DCType      = NSDCTerms + "type"
	Publisher   = NSDCTerms + "publisher"
	Creator     = NSDCTerms + "creator"
	Contributor = NSDCTerms + "contributor"
	Issued      = NSDCTerms + "issued"
	Modified    = NSDCTerms + "modified"
	DCSubject   = NSDCTerms + "subject"
	Temporal    = NSDCTerms + "temporal"
	Licence     = NSDCTerms + "license"
	Rights      = NSDCTerms + "rights"

	Identifier   = NSADMS + "identifier"
	SchemeAgency = NSADMS + "schemeAgency"

	AltLabel  = NSSKOS + "altLabel"
	PrefLabel = NSSKOS + "prefLabel"
	Notation  = NSSKOS + "notation"
	InScheme  = NSSKOS + "inScheme"

	Homepage = NSFOAF + "homepage"
	Member   = NSFOAF + "member"
	Mbox     = NSFOAF + "mbox"

	LegalName = NSROV + "legalName"
	Geometry  = NSLocn + "geometry"
	SameAs    = NSOWL + "sameAs"
	RDFValue  = NSRDF + "value" // amount of an elm:Amount; some writers use Value
)

// Properties of specifications.
const (
	QualificationCode      = NSELM + "qualificationCode"
	AdditionalNote         = NSELM + "additionalNote"
	LearningOutcome        = NSELM + "learningOutcome"
	LearningOutcomeSummary = NSELM + "learningOutcomeSummary"
	ISCEDFCode             = NSELM + "ISCEDFCode"
	EducationSubject       = NSELM + "educationSubject"
	EQFLevel               = NSELM + "EQFLevel"
	NQFLevel               = NSELM + "NQFLevel"
	IsPartialQualification = NSELM + "isPartialQualification"
	CreditPoint            = NSELM + "creditPoint"
	VolumeOfLearning       = NSELM + "volumeOfLearning"
	Category               = NSELM + "category"
	TargetGroup            = NSELM + "targetGroup"
	EntryRequirement       = NSELM + "entryRequirement"
	ProvenBy               = NSELM + "provenBy"
	Proves                 = NSELM + "proves"
	GradingScheme          = NSELM + "gradingScheme"
	IsPartOf               = NSELM + "isPartOf"
	HasPart                = NSELM + "hasPart"
	SpecialisationOf       = NSELM + "specialisationOf"
	GeneralisationOf       = NSELM + "generalisationOf"
	LearningOpportunity    = NSELM + "learningOpportunity" // down to an instance
	LearningSetting        = NSELM + "learningSetting"
	Accreditation          = NSELM + "accreditation" // also of an organisation
	BannerImage            = NSELM + "bannerImage"

	EntryRequirementLearningOpportunity = NSQL + "entryRequirementLearningOpportunity"
	EntryRequirementLearningOutcome     = NSQL + "entryRequirementLearningOutcome"
	PassingRate                         = NSQL + "passingRate"
	IsActive                            = NSQL + "isActive"
	Version                             = NSQL + "version"
	Superseded                          = NSQL + "superseded"
	SupersededBy                        = NSQL + "supersededBy"
	RelatedTo                           = NSQL + "relatedTo"
)

// Properties of instances.
const (
	LearningAchievementSpecification = NSELM + "learningAchievementSpecification" // up to the specification
	ProvidedBy                       = NSELM + "providedBy"
	SupplementaryDocument            = NSELM + "supplementaryDocument"
	DefaultLanguage                  = NSELM + "defaultLanguage"
	Mode                             = NSELM + "mode"
	Location                         = NSELM + "location"
	LearningSchedule                 = NSELM + "learningSchedule"
	ScheduleInformation              = NSELM + "scheduleInformation"
	Duration                         = NSELM + "duration"
	AdmissionProcedure               = NSELM + "admissionProcedure"
	ApplicationDeadline              = NSELM + "applicationDeadline"
	PriceDetail                      = NSELM + "priceDetail"
	Grant                            = NSELM + "grant"
	LearningActivitySpecification    = NSELM + "learningActivitySpecification"
	ContactHour                      = NSELM + "contactHour"

	RegistrationPortal         = NSQL + "registrationPortal"
	EnrolmentCapacity          = NSQL + "enrolmentCapacity"
	EnrolledLearnerCount       = NSQL + "enrolledLearnerCount"
	EnrolmentMinimum           = NSQL + "enrolmentMinimum"
	VirtualLearningEnvironment = NSQL + "virtualLearningEnvironment"
)

// Properties of learner groups and the conditions that hold for one.
const (
	HasLearnerGroupConditions = NSQL + "learnerGroupConditions"
	LearnerGroup              = NSQL + "learnerGroup"
	StudentsOf                = NSQL + "studentsOf"
	IsOpenToNonEnrolled       = NSQL + "isOpenToNonEnrolled"
	LimitLearningOpportunity  = NSQL + "limitLearningOpportunity"
	LimitField                = NSELM + "limitField"
	MinimumEQFLevel           = NSQL + "minimumEQFLevel"
)

// Properties of the nodes that hang on courses and instances.
const (
	SchemeID      = NSELM + "schemeId"
	SchemeName    = NSELM + "schemeName"
	SchemeVersion = NSELM + "schemeVersion"

	NoteLiteral = NSELM + "noteLiteral"
	NoteFormat  = NSELM + "noteFormat"
	ContentURL  = NSELM + "contentUrl"

	Framework = NSELM + "framework"
	Point     = NSELM + "point"
	Amount    = NSELM + "amount"
	Unit      = NSELM + "unit"
	Value     = NSELM + "value"

	ReusabilityLevel = NSELM + "reusabilityLevel"
	RelatedSkill     = NSELM + "relatedSkill"
	RelatedESCOSkill = NSELM + "relatedESCOSkill"

	AddressOf      = NSELM + "address" // from a dcterms:Location to its elm:Address
	GeographicName = NSELM + "geographicName"
	SpatialCode    = NSELM + "spatialCode"
	CountryOf      = NSELM + "countryCode"
	FullAddress    = NSELM + "fullAddress"
	StartDate      = NSELM + "startDate"
	EndDate        = NSELM + "endDate"

	HasResultDistribution = NSELM + "resultDistribution"
	HasResultCategory     = NSELM + "resultCategory"
	ReferenceGroup        = NSQL + "referenceGroup"
	ResultLabel           = NSELM + "label"
	GradeOrder            = NSQL + "gradeOrder"
	GradePercentage       = NSQL + "gradePercentage"
)

// Properties of organisations and of ways to reach them.
const (
	IsMemberOf   = NSQL + "isMemberOf"
	SpunOffFrom  = NSQL + "spunOffFrom"
	Absorbed     = NSQL + "absorbed"
	Succeeded    = NSQL + "succeeded"
	Logo         = NSELM + "logo"
	ContactPoint = NSELM + "contactPoint"
	EmailAddress = NSELM + "emailAddress"
	Phone        = NSELM + "phone"
	PhoneNumber  = NSELM + "phoneNumber"
)

// Derived properties: what an aggregator computes for itself and nobody signs.
const (
	ISCEDFBroadField  = NSQL + "ISCEDFBroadField"
	ISCEDFNarrowField = NSQL + "ISCEDFNarrowField"
	IngestedAt        = NSQL + "ingestedAt"
	IngestedDate      = NSQL + "ingestedDate"
	InstanceCount     = NSQL + "instanceCount"
	SourceType        = NSQL + "sourceType"
	AIEnrichedField   = NSQL + "aiEnrichedField"
)
