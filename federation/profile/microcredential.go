package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// States of an element.
const (
	Stated    = "stated"
	Derived   = "derived"
	NotStated = "not stated"
)

// Element is one of the elements to describe a micro-credential by (Council Recommendation of 16 June 2022 on
// a European approach to micro-credentials, 2022/C 243/02, annex I), as far as they are known before anybody
// has earned one: the learner and the grade are not.
type Element struct {
	Name     string `json:"element"`
	Label    string `json:"label"`
	Required bool   `json:"mandatory" doc:"Of the European standard elements; the others are optional where relevant"`
	State    string `json:"state" enum:"stated,derived,not stated"`
	From     string `json:"from,omitempty" doc:"Property that states it, or what it is derived from"`
}

// Issuer is what is known of the provider beside the course.
type Issuer struct {
	ID      string // provider id
	Country string // ISO 3166-1 alpha-2
	Quality string // where its external quality assurance is registered, such as "DEQAR"; "" when that is not known
}

// element finds how an element is known; a state of "" is not stated.
type element struct {
	name, label string
	required    bool
	find        func(c elm.Course, by Issuer) (state, from string)
}

var elements = []element{
	{"title", "Title", true, findTitle},
	{"country", "Country of the issuer", true, findCountry},
	{"awarding_body", "Awarding body", true, findAwardingBody},
	{"date", "Date or term", true, findDate},
	{"outcomes", "Learning outcomes", true, findOutcomes},
	{"workload", "Workload", true, findWorkload},
	{"level", "Level", true, findLevel},
	{"assessment", "Assessment", true, findAssessment},
	{"participation", "Form of participation", true, findParticipation},
	{"quality_assurance", "Quality assurance", true, findQuality},
	{"prerequisites", "Prerequisites", false, findPrerequisites},
	{"supervision", "Supervision and identity verification", false, findSupervision},
	{"stackability", "Integration and stackability", false, findStackability},
}

// Microcredential says of each element how the course states it.
func Microcredential(c elm.Course, by Issuer) []Element {
	out := make([]Element, len(elements))
	for i, e := range elements {
		state, from := e.find(c, by)
		if state == "" {
			state = NotStated
		}
		out[i] = Element{Name: e.name, Label: e.label, Required: e.required, State: state, From: from}
	}
	return out
}

// claim is one way in which a course may state an element.
type claim struct {
	there bool
	from  string
}

// first is the state by the first claim that is there.
func first(claims ...claim) (state, from string) {
	for _, c := range claims {
		if c.there {
			return Stated, c.from
		}
	}
	return "", ""
}

func findTitle(c elm.Course, _ Issuer) (string, string) {
	return first(claim{len(c.Title) > 0, "dcterms:title"})
}

// institutions are the organisations that the course names as its own, publishers before providers.
func institutions(c elm.Course) []elm.OrganisationView {
	var out []elm.OrganisationView
	for _, iri := range slices.Concat(c.Publishers, c.Providers) {
		if o, ok := c.Organisations[iri]; ok {
			out = append(out, o)
		}
	}
	return out
}

func findCountry(c elm.Course, by Issuer) (string, string) {
	for _, o := range institutions(c) {
		if o.Country != "" {
			return Stated, "elm:countryCode of the institution"
		}
	}
	if by.Country != "" {
		return Derived, "what is known of the provider " + by.ID
	}
	return "", ""
}

func findAwardingBody(c elm.Course, by Issuer) (string, string) {
	named := func(iri string) bool { return len(c.Organisations[iri].Name) > 0 }
	if state, from := first(claim{slices.ContainsFunc(c.Publishers, named), "dcterms:publisher"}, claim{slices.ContainsFunc(c.Providers, named), "elm:providedBy"}); state != "" {
		return state, from
	}
	if by.ID != "" {
		return Derived, "the provider " + by.ID + ", who publishes the course"
	}
	return "", ""
}

func findDate(c elm.Course, _ Issuer) (string, string) {
	if state, from := first(claim{someOffering(hasTerm)(c), "dcterms:temporal"}); state != "" {
		return state, from
	}
	for _, o := range c.Offerings {
		if len(o.Deadlines) > 0 {
			return Derived, "elm:applicationDeadline: the course begins after it"
		}
	}
	return "", ""
}

func findOutcomes(c elm.Course, _ Issuer) (string, string) {
	return first(claim{len(c.Outcomes) > 0, "elm:learningOutcome"}, claim{len(c.OutcomeSummary) > 0, "elm:learningOutcomeSummary"})
}

func findWorkload(c elm.Course, _ Issuer) (string, string) {
	state, from := first(
		claim{c.ECTS != nil, "elm:creditPoint"}, claim{c.Workload != "", "elm:volumeOfLearning"}, claim{len(c.Credits) > 0, "elm:creditPoint"},
	)
	if state != "" {
		return state, from
	}
	for _, o := range c.Offerings {
		for _, a := range o.Activities {
			if a.Workload != "" || a.ContactHours != "" {
				return Derived, "the hours of elm:learningActivitySpecification"
			}
		}
	}
	return "", ""
}

func findLevel(c elm.Course, _ Issuer) (string, string) {
	return first(claim{len(c.EQF) > 0, "elm:EQFLevel"}, claim{len(c.NQF) > 0, "elm:NQFLevel"})
}

func findAssessment(c elm.Course, _ Issuer) (string, string) {
	if len(c.Assessment) > 0 {
		return Stated, "elm:provenBy"
	}
	if len(c.Grading) > 0 {
		return Derived, "elm:gradingScheme: learners are graded"
	}
	return "", ""
}

func findParticipation(c elm.Course, _ Issuer) (string, string) {
	if len(c.Modes) > 0 {
		return Stated, "elm:mode"
	}
	if len(c.Offerings) == 0 {
		return "", ""
	}
	if someOffering(func(o elm.Offering) bool { return len(o.Places) > 0 })(c) {
		return Derived, "elm:location: there is a place to be"
	}
	if someOffering(func(o elm.Offering) bool { return len(o.Environments) > 0 })(c) {
		return Derived, "ql:virtualLearningEnvironment: there is a platform to use"
	}
	return "", ""
}

func findQuality(c elm.Course, by Issuer) (string, string) {
	if c.Accredited {
		return Stated, "elm:accreditation"
	}
	if by.Quality != "" {
		return Derived, fmt.Sprintf("the provider %s is registered in %s", by.ID, by.Quality)
	}
	return "", ""
}

func findPrerequisites(c elm.Course, _ Issuer) (string, string) {
	return first(
		claim{len(c.Requirements) > 0, "elm:entryRequirement"},
		claim{len(c.RequiredCourses) > 0, "ql:entryRequirementLearningOpportunity"},
		claim{len(c.RequiredOutcomes) > 0, "ql:entryRequirementLearningOutcome"},
		claim{someOffering(func(o elm.Offering) bool { return len(o.Requirements) > 0 })(c), "elm:entryRequirement of an offering"},
	)
}

// findSupervision takes what the mode of an assessment says: the model has no property for supervision itself
// before a learner has been assessed.
func findSupervision(c elm.Course, _ Issuer) (string, string) {
	var modes []string
	for _, a := range c.Assessment {
		for _, m := range a.Modes {
			label, ok := vocabulary.Label(m)
			if !ok {
				label = m
			}
			if !slices.Contains(modes, label) {
				modes = append(modes, label)
			}
		}
	}
	if len(modes) == 0 {
		return "", ""
	}
	return Derived, "elm:mode of the assessment: " + strings.Join(modes, ", ")
}

func findStackability(c elm.Course, _ Issuer) (string, string) {
	return first(
		claim{len(c.Containers) > 0, "elm:isPartOf"}, claim{len(c.Parts) > 0, "elm:hasPart"},
		claim{c.Partial != nil, "elm:isPartialQualification"}, claim{len(c.SpecialisationOf) > 0, "elm:specialisationOf"},
	)
}
