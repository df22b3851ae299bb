package profile

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// knowledge is what is known here and not by the shapes, which see one graph and fixed vocabularies: what it
// applies to is no finding at all.
type knowledge struct {
	why     string // for docs/quality.md
	applies func(j *judge, r shacl.Result) bool
}

var knowledges = []knowledge{
	{
		why: "an institution that this node knows need not be described in every course",
		applies: func(j *judge, r shacl.Result) bool {
			return r.Value.Kind == shacl.IRI && j.Institution != nil &&
				asks(r, vocabulary.ClassInstitution, vocabulary.ClassOrganisation, vocabulary.ClassGroupOfHEIs) && j.Institution(r.Value.Value)
		},
	},
	{
		why: "an institution that this node knows has an identifier and a name, whether or not the course repeats them",
		applies: func(j *judge, r shacl.Result) bool {
			return r.Value.Kind == shacl.None && r.Focus.Kind == shacl.IRI && kind(r.Component) == "minCount" &&
				j.Institution != nil && j.Institution(r.Focus.Value)
		},
	},
	{
		why:     "an offering that names nobody, of a source in another standard than ELM that speaks for one provider",
		applies: func(j *judge, r shacl.Result) bool { return j.Fields != nil && j.unprovided(r, j.nodes.of(r.Focus)) },
	},
	{
		why:     "concepts of large vocabularies that nodes do not hold (ESCO skills, national frameworks), and those that were added since",
		applies: func(_ *judge, r shacl.Result) bool { return isUnknownConcept(r) && isConcept(r.Value.Value) },
	},
}

// known says that a result is none, by what is known here.
func (j *judge) known(r shacl.Result) bool {
	return slices.ContainsFunc(knowledges, func(k knowledge) bool { return k.applies(j, r) })
}

// allowance makes less of a finding that is filled in or understood here.
type allowance struct {
	why      string // for docs/quality.md
	applies  func(j *judge, r shacl.Result, at place, f Finding) bool
	severity string
	message  string // "" keeps the shape's
	fix      func(r shacl.Result) string
}

func (a allowance) soften(f *Finding, r shacl.Result) {
	f.Severity = a.severity
	if a.message != "" {
		f.Message = a.message
	}
	if a.fix != nil {
		f.Fix = a.fix(r)
	}
}

// allowances are made for ELM sources; what is mapped from other standards does not come so. They are tried in order;
// the first that applies counts.
var allowances = []allowance{
	{
		why: "a concept spelt in a way that is mended on the way in", severity: Warning,
		applies: func(_ *judge, r shacl.Result, _ place, _ Finding) bool {
			return isUnknownConcept(r) && vocabulary.Repair(r.Value.Value) != r.Value.Value && isConcept(vocabulary.Repair(r.Value.Value))
		},
		message: "the IRI of the concept is misspelt; it is understood here",
		fix:     func(r shacl.Result) string { return "write <" + vocabulary.Repair(r.Value.Value) + ">" },
	},
	{
		why: "a language or country of the EU authority that the vocabulary here does not have", severity: Warning,
		applies: func(_ *judge, r shacl.Result, _ place, _ Finding) bool {
			return isUnknownConcept(r) && (isCode(r.Value.Value, vocabulary.BaseLanguage) || isCode(r.Value.Value, vocabulary.BaseCountry))
		},
	},
	{
		why: "another course or run that is named by its IRI in place of a reference node", severity: Info,
		applies: func(_ *judge, r shacl.Result, _ place, _ Finding) bool {
			return r.Value.Kind == shacl.IRI && asks(r, vocabulary.ClassSpecificationReference, vocabulary.ClassInstanceReference)
		},
		fix: func(shacl.Result) string {
			return "nothing, while it is described as a course of its own; readers of the profile expect a reference node with institution and identifier"
		},
	},
	{
		why: "an offering of a course that is described elsewhere, as another institution's", severity: Info,
		applies: func(j *judge, r shacl.Result, at place, _ Finding) bool {
			return j.nodes.alone && at.offering && len(at.way) == 0 && r.Value.Kind != shacl.Literal && asks(r, vocabulary.ClassLearningOpportunitySpecification)
		},
		message: "the course of the offering is not described here; it is found by its IRI, or by institution and code",
		fix: func(shacl.Result) string {
			return "nothing, while its institution publishes it; else describe the course, too"
		},
	},
	{
		why: "a specification typed by one of the model's own classes", severity: Warning,
		applies: func(j *judge, r shacl.Result, _ place, _ Finding) bool {
			return asks(r, vocabulary.ClassLearningOpportunitySpecification) && r.Value == shacl.TermOf(j.Graph.Subject)
		},
	},
	{
		why: "an offering that names nobody, of an ELM source that speaks for one provider", severity: Info,
		applies: func(j *judge, r shacl.Result, at place, _ Finding) bool { return j.unprovided(r, at) },
		message: "elm:providedBy is missing; the provider of the source is taken",
	},
	{
		why: "an address without a language tag", severity: Info,
		applies: func(_ *judge, r shacl.Result, at place, _ Finding) bool {
			return r.Constraint == rdf.LangString && r.Value.Kind == shacl.Literal && slices.Contains(at.way, rdf.ShortName(vocabulary.FullAddress))
		},
		fix: func(shacl.Result) string { return "nothing; an address is the same in every language" },
	},
}

// unprovided says that a result is about an offering that names nobody, while it is known for whom the source speaks.
func (j *judge) unprovided(r shacl.Result, at place) bool {
	return j.Provider != "" && at.offering && len(at.way) == 0 && r.Path != nil && r.Path.Predicate == vocabulary.ProvidedBy && r.Value.Kind == shacl.None
}

// asks says that a result is about one of the classes.
func asks(r shacl.Result, classes ...string) bool {
	for _, wanted := range strings.Fields(r.Constraint) {
		for _, c := range classes {
			if wanted == c {
				return true
			}
		}
	}
	return false
}

func isUnknownConcept(r shacl.Result) bool {
	return r.Value.Kind == shacl.IRI && r.Constraint == vocabulary.ClassConcept
}

// isConcept says that an IRI is a concept, as far as can be told without the vocabulary at hand.
func isConcept(iri string) bool {
	if c, ok := vocabulary.Lookup(iri); ok && c.IRI == iri {
		return true
	}
	id, national := strings.CutPrefix(iri, vocabulary.BaseNQF)
	return national && id != "" || vocabulary.IsESCOSkill(iri) && vocabulary.Repair(iri) == iri
}

// isCode says that an IRI is a base and three capitals or digits.
func isCode(iri, base string) bool {
	code, ok := strings.CutPrefix(iri, base)
	return ok && len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}
