package profile

import (
	"slices"

	"github.com/coursemesh/coursemesh/federation/elm"
)

// Fact is one thing that a complete description of a course states. Facts is the whole rule of completeness:
// docs/quality.md is written from it.
type Fact struct {
	Name     string // in the API and on pages
	Property string // of ELM, where it stands
	Weight   int    // 3: the profile requires it; 2: learners decide by it; 1: good to have
	Stated   func(c elm.Course) bool
}

// Facts lists the facts, the heaviest first.
func Facts() []Fact { return slices.Clone(facts) }

var facts = []Fact{
	{"title", "dcterms:title", 3, func(c elm.Course) bool { return len(c.Title) > 0 }},
	{"identifier", "adms:identifier", 3, func(c elm.Course) bool { return len(c.Identifiers) > 0 }},
	{"language", "dcterms:language", 3, func(c elm.Course) bool { return len(c.Languages) > 0 }},
	{"field", "elm:ISCEDFCode", 3, func(c elm.Course) bool { return len(c.ISCED) > 0 }},
	{"level", "elm:EQFLevel", 3, func(c elm.Course) bool { return len(c.EQF) > 0 }},
	{"outcomes", "elm:learningOutcome", 3, func(c elm.Course) bool { return len(c.Outcomes) > 0 || len(c.OutcomeSummary) > 0 }},
	{"description", "dcterms:description", 2, func(c elm.Course) bool { return len(c.Description) > 0 }},
	{"kind", "dcterms:type", 2, func(c elm.Course) bool { return len(c.Types) > 0 || len(c.Categories) > 0 }},
	{"size", "elm:creditPoint, elm:volumeOfLearning", 2, func(c elm.Course) bool { return len(c.Credits) > 0 || c.Workload != "" }},
	{"assessment", "elm:provenBy", 2, func(c elm.Course) bool { return len(c.Assessment) > 0 }},
	{"mode", "elm:mode", 2, func(c elm.Course) bool { return len(c.Modes) > 0 }},
	{"offering", "elm:learningOpportunity", 2, func(c elm.Course) bool { return len(c.Offerings) > 0 }},
	{"dates", "dcterms:temporal", 2, someOffering(hasTerm)},
	{"requirements", "elm:entryRequirement", 1, func(c elm.Course) bool { return len(c.Requirements)+len(c.RequiredCourses)+len(c.RequiredOutcomes) > 0 }},
	{"homepage", "foaf:homepage", 1, func(c elm.Course) bool {
		return len(c.Homepage) > 0 || someOffering(func(o elm.Offering) bool { return len(o.Homepage) > 0 })(c)
	}},
	{"enrolment", "ql:registrationPortal, elm:admissionProcedure", 1, someOffering(func(o elm.Offering) bool { return o.Portal != "" || len(o.Admission) > 0 })},
	{"deadline", "elm:applicationDeadline", 1, someOffering(func(o elm.Offering) bool { return len(o.Deadlines) > 0 })},
	{"place", "elm:location", 1, someOffering(func(o elm.Offering) bool { return len(o.Places)+len(o.Countries) > 0 })},
	{"price", "elm:priceDetail", 1, someOffering(func(o elm.Offering) bool {
		return len(o.Prices) > 0 || slices.ContainsFunc(o.Conditions, func(c elm.Conditions) bool { return len(c.Prices) > 0 })
	})},
	{"skills", "elm:relatedESCOSkill, elm:relatedSkill", 1, func(c elm.Course) bool {
		return slices.ContainsFunc(c.Outcomes, func(o elm.Outcome) bool { return len(o.ESCO)+len(o.Skills) > 0 })
	}},
	{"second language of the title", "dcterms:title", 1, func(c elm.Course) bool { return len(c.Title) > 1 }},
}

func someOffering(has func(elm.Offering) bool) func(elm.Course) bool {
	return func(c elm.Course) bool { return slices.ContainsFunc(c.Offerings, has) }
}

func hasTerm(o elm.Offering) bool { return o.Start != "" || o.End != "" || len(o.PeriodLabel) > 0 }

var totalWeight = func() (sum int) {
	for _, f := range facts {
		sum += f.Weight
	}
	return sum
}()

// Completeness is how much of the weight of all facts a course states, in percent, rounded down: 100 is
// everything.
func Completeness(c elm.Course) int { return FactsOf(c).Completeness() }

// FactSet is some facts, by their places in Facts.
type FactSet uint32

// FactsOf are the facts that a course states.
func FactsOf(c elm.Course) (s FactSet) {
	for i, f := range facts {
		if f.Stated(c) {
			s |= 1 << i
		}
	}
	return s
}

// Has tells whether the fact at a place is in the set.
func (s FactSet) Has(i int) bool { return s&(1<<i) != 0 }

// Completeness of a course that states these facts.
func (s FactSet) Completeness() int {
	stated := 0
	for i, f := range facts {
		if s.Has(i) {
			stated += f.Weight
		}
	}
	return 100 * stated / totalWeight
}

// Missing names the facts that a course does not state, the heaviest first.
func Missing(c elm.Course) []string {
	out := []string{}
	for _, f := range facts {
		if !f.Stated(c) {
			out = append(out, f.Name)
		}
	}
	return out
}
