package elmrdf

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// sort of value that a property has, as far as plain JSON leaves it open.
type sort uint8

const (
	aNode    sort = iota // an object, or a link to one
	aText                // in languages
	aLiteral             // neither link nor text
	aLink                // to a web page
	aConcept             // of a vocabulary
)

// property is what a key of plain JSON stands for.
type property struct {
	iri   string
	sort  sort
	in    string // vocabulary of a concept
	class string // of an object that states none
}

// properties are the keys that plain JSON may have, by name in lower case. Every other key stands for the
// property of that name in the European Learning Model.
var properties = byName(
	texts(vocabulary.Title, vocabulary.Description, vocabulary.AltLabel, vocabulary.PrefLabel, vocabulary.LegalName,
		vocabulary.NoteLiteral, vocabulary.Category, vocabulary.GeographicName, vocabulary.SchemeAgency,
		vocabulary.AdditionalNote, vocabulary.LearningOutcomeSummary, vocabulary.EntryRequirement, vocabulary.AdmissionProcedure,
		vocabulary.ScheduleInformation, vocabulary.FullAddress),
	literals(vocabulary.Notation, vocabulary.SchemeName, vocabulary.SchemeVersion, vocabulary.Point, vocabulary.Value, vocabulary.VolumeOfLearning,
		vocabulary.Duration, vocabulary.ContactHour, vocabulary.StartDate, vocabulary.EndDate, vocabulary.ApplicationDeadline,
		vocabulary.Modified, vocabulary.Issued, vocabulary.Version, vocabulary.IsActive, vocabulary.IsPartialQualification,
		vocabulary.PassingRate, vocabulary.EnrolmentCapacity, vocabulary.EnrolledLearnerCount, vocabulary.EnrolmentMinimum,
		vocabulary.IsOpenToNonEnrolled, vocabulary.ResultLabel, vocabulary.GradeOrder, vocabulary.GradePercentage),
	[]property{
		{iri: vocabulary.Homepage, sort: aLink},
		{iri: vocabulary.ContentURL, sort: aLiteral},
		{iri: vocabulary.RegistrationPortal, sort: aLiteral},
		{iri: vocabulary.SupplementaryDocument, sort: aLink},
		{iri: vocabulary.BannerImage, sort: aLink},
	},
	concepts(vocabulary.Languages, vocabulary.DCLanguage, vocabulary.DefaultLanguage),
	concepts(vocabulary.EQFLevels, vocabulary.EQFLevel, vocabulary.MinimumEQFLevel),
	concepts(vocabulary.ISCEDFields, vocabulary.ISCEDFCode, vocabulary.LimitField),
	concepts(vocabulary.OpportunityTypes, vocabulary.DCType),
	concepts(vocabulary.Modes, vocabulary.Mode),
	concepts(vocabulary.Schedules, vocabulary.LearningSchedule),
	concepts(vocabulary.Settings, vocabulary.LearningSetting),
	concepts(vocabulary.CreditFrameworks, vocabulary.Framework),
	concepts(vocabulary.TargetGroups, vocabulary.TargetGroup),
	concepts(vocabulary.Countries, vocabulary.CountryOf, vocabulary.SpatialCode),
	concepts(vocabulary.Currencies, vocabulary.Unit),
	concepts(vocabulary.ReuseLevels, vocabulary.ReusabilityLevel),
	[]property{
		{iri: vocabulary.NQFLevel},
		{iri: vocabulary.EducationSubject},
		{iri: vocabulary.QualificationCode},
		{iri: vocabulary.RelatedESCOSkill},
		{iri: vocabulary.RelatedSkill},
		{iri: vocabulary.SameAs},
		{iri: vocabulary.Identifier, class: vocabulary.ClassIdentifier},
		{iri: vocabulary.Publisher, class: vocabulary.ClassOrganisation},
		{iri: vocabulary.ProvidedBy, class: vocabulary.ClassOrganisation},
		{iri: vocabulary.Temporal, class: vocabulary.ClassPeriodOfTime},
		{iri: vocabulary.CreditPoint, class: vocabulary.ClassCreditPoint},
		{iri: vocabulary.LearningOutcome, class: vocabulary.ClassLearningOutcome},
		{iri: vocabulary.LearningOpportunity, class: vocabulary.ClassLearningOpportunityInstance},
		{iri: vocabulary.LearningAchievementSpecification},
		{iri: vocabulary.ProvenBy, class: vocabulary.ClassLearningAssessmentSpecification},
		{iri: vocabulary.GradingScheme, class: vocabulary.ClassGradingScheme},
		{iri: vocabulary.PriceDetail, class: vocabulary.ClassPriceDetail},
		{iri: vocabulary.Amount, class: vocabulary.ClassAmount},
		{iri: vocabulary.Location, class: vocabulary.ClassLocation},
		{iri: vocabulary.AddressOf, class: vocabulary.ClassAddress},
		{iri: vocabulary.SchemeID},
		{iri: vocabulary.HasLearnerGroupConditions, class: vocabulary.ClassLearnerGroupConditions},
		{iri: vocabulary.LearnerGroup, class: vocabulary.ClassLearnerGroup},
		{iri: vocabulary.StudentsOf},
		{iri: vocabulary.LimitLearningOpportunity},
		{iri: vocabulary.EntryRequirementLearningOpportunity},
		{iri: vocabulary.EntryRequirementLearningOutcome, class: vocabulary.ClassLearningOutcome},
		{iri: vocabulary.Superseded},
		{iri: vocabulary.IsPartOf},
		{iri: vocabulary.HasPart},
		{iri: vocabulary.SpecialisationOf},
		{iri: vocabulary.GeneralisationOf},
		{iri: vocabulary.VirtualLearningEnvironment},
		{iri: vocabulary.IsMemberOf},
		{iri: vocabulary.Licence},
		{iri: vocabulary.Rights},
		{iri: vocabulary.LearningActivitySpecification, class: vocabulary.ClassLearningActivitySpecification},
		{iri: vocabulary.Grant, class: vocabulary.ClassGrant},
		{iri: vocabulary.HasResultDistribution, class: vocabulary.ClassResultDistribution},
		{iri: vocabulary.HasResultCategory, class: vocabulary.ClassResultCategory},
		{iri: vocabulary.ReferenceGroup, class: vocabulary.ClassLearnerGroup},
	},
)

func byName(groups ...[]property) map[string]property {
	out := map[string]property{}
	for _, group := range groups {
		for _, p := range group {
			out[strings.ToLower(nameIn(p.iri))] = p
		}
	}
	return out
}

// nameIn is the part of an IRI behind its namespace.
func nameIn(iri string) string { return iri[strings.LastIndexAny(iri, "/#")+1:] }

func texts(iris ...string) []property    { return all(property{sort: aText}, iris) }
func literals(iris ...string) []property { return all(property{sort: aLiteral}, iris) }

func concepts(in string, iris ...string) []property {
	return all(property{sort: aConcept, in: in}, iris)
}

func all(like property, iris []string) []property {
	var out []property
	for _, iri := range iris {
		like.iri = iri
		out = append(out, like)
	}
	return out
}

// classes that a type in plain JSON may name, by name in lower case.
var classes = classesByName(
	vocabulary.ClassLearningOpportunitySpecification, vocabulary.ClassQualification, vocabulary.ClassLearningAchievementSpecification,
	vocabulary.ClassLearningOpportunityInstance, vocabulary.ClassLearningOpportunity, vocabulary.ClassSpecificationReference,
	vocabulary.ClassInstanceReference, vocabulary.ClassInstitution, vocabulary.ClassOrganisation, vocabulary.ClassGroup,
	vocabulary.ClassAlliance, vocabulary.ClassIdentifier, vocabulary.ClassSchacIdentifier, vocabulary.ClassOrgRegIdentifier,
	vocabulary.ClassLearningOutcome, vocabulary.ClassNote, vocabulary.ClassWebResource, vocabulary.ClassCreditPoint, vocabulary.ClassPerson,
	vocabulary.ClassContactPoint, vocabulary.ClassMailbox, vocabulary.ClassPhone,
)

func classesByName(iris ...string) map[string]string {
	out := map[string]string{"course": vocabulary.ClassLearningOpportunitySpecification}
	for _, iri := range iris {
		out[strings.ToLower(nameIn(iri))] = iri
	}
	return out
}

// propertyOf reads a key: with or without a prefix, in any letter case.
func propertyOf(key string) (property, bool) {
	name := key[strings.LastIndexByte(key, ':')+1:]
	if p, ok := properties[strings.ToLower(name)]; ok {
		return p, true
	}
	if name == "" || strings.Trim(name, nameCharacters) != "" {
		return property{}, false
	}
	return property{iri: vocabulary.NSELM + strings.ToLower(name[:1]) + name[1:]}, true
}

const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
