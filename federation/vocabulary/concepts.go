package vocabulary

import (
	"maps"
	"slices"
	"strings"
)

// Names of the vocabularies.
const (
	ISCEDFields      = "isced-f"
	EQFLevels        = "eqf"
	NQFLevels        = "nqf" // nothing is embedded: countries keep their own lists
	OpportunityTypes = "type"
	Modes            = "mode"
	AssessmentTypes  = "assessment"
	ActivityTypes    = "activity"
	Schedules        = "schedule"
	Settings         = "setting"
	CreditFrameworks = "credit"
	TargetGroups     = "target-group"
	SkillTypes       = "skill-type"
	ReuseLevels      = "skill-reuse"
	Languages        = "language"
	Countries        = "country"
	Currencies       = "currency"
)

// vocabularies gives the scheme and the base IRI of each vocabulary.
var vocabularies = map[string]struct{ scheme, base string }{
	ISCEDFields:      {BaseISCEDF + schemeVersion, BaseISCEDF},
	EQFLevels:        {BaseEQF + schemeVersion, BaseEQF},
	NQFLevels:        {BaseNQF + schemeVersion, BaseNQF},
	OpportunityTypes: {BaseOpportunityType + schemeVersion, BaseOpportunityType},
	Modes:            {BaseMode + schemeVersion, BaseMode},
	AssessmentTypes:  {BaseAssessmentType + schemeVersion, BaseAssessmentType},
	ActivityTypes:    {BaseActivityType + schemeVersion, BaseActivityType},
	Schedules:        {BaseSchedule + schemeVersion, BaseSchedule},
	Settings:         {BaseSetting + schemeVersion, BaseSetting},
	CreditFrameworks: {BaseCredit + schemeVersion, BaseCredit},
	TargetGroups:     {BaseTargetGroup + schemeVersion, BaseTargetGroup},
	SkillTypes:       {BaseSkillType + schemeVersion, BaseSkillType},
	ReuseLevels:      {BaseReuseLevel + schemeVersion, BaseReuseLevel},
	Languages:        {strings.TrimSuffix(BaseLanguage, "/"), BaseLanguage},
	Countries:        {strings.TrimSuffix(BaseCountry, "/"), BaseCountry},
	Currencies:       {strings.TrimSuffix(BaseCurrency, "/"), BaseCurrency},
}

// schemeVersion ends the scheme IRIs of the European Learning Model.
const schemeVersion = "25831c2"

// Concept is one entry of a vocabulary.
type Concept struct {
	Vocabulary string // name
	Scheme     string // IRI of the concept scheme
	ID         string // last part of the IRI
	IRI        string
	Label      string // English; in another language when there is none
	labels     *labels
}

// labels by lower-case language tag; never changed once made.
type labels map[string]string

// Labels are the concept's labels by language tag. They belong to the vocabulary: do not change them.
func (c Concept) Labels() map[string]string {
	if c.labels == nil {
		return nil
	}
	return *c.labels
}

// In is the label in a language (a BCP 47 tag), in English when there is none.
func (c Concept) In(tag string) string {
	tag = strings.ToLower(tag)
	base, _, _ := strings.Cut(tag, "-")
	for _, t := range []string{tag, base} {
		if label, ok := c.Labels()[t]; ok {
			return label
		}
	}
	return c.Label
}

// Names lists the vocabularies, sorted.
func Names() []string { return slices.Sorted(maps.Keys(vocabularies)) }

// Scheme gives the IRI of a vocabulary's concept scheme and what its concepts' IRIs begin with.
func Scheme(name string) (scheme, base string, ok bool) {
	v, ok := vocabularies[name]
	return v.scheme, v.base, ok
}

// Of names the vocabulary that a concept IRI belongs to, known or not; "" for an IRI of none.
func Of(iri string) string {
	i := strings.LastIndexByte(iri, '/') + 1
	return nameOfBase[secureless(iri[:i])]
}

var nameOfBase = func() map[string]string {
	out := map[string]string{}
	for name, v := range vocabularies {
		out[v.base] = name
	}
	return out
}()

// Concepts lists one vocabulary, sorted by id; nil when there is no such vocabulary or nothing in it.
func Concepts(name string) []Concept { return slices.Clone(load().lists[name]) }

// Lookup finds a concept by its IRI, which may be spelt in the ways that Repair mends.
func Lookup(iri string) (Concept, bool) {
	t := load()
	if c, ok := t.byIRI[iri]; ok {
		return c, true
	}
	c, ok := t.byIRI[Repair(iri)]
	return c, ok
}

// Label is the English label of a concept in any of the vocabularies. A level of a national
// qualifications framework that no list here has is called just that.
func Label(iri string) (label string, ok bool) {
	if c, ok := Lookup(iri); ok {
		return c.Label, true
	}
	if id, ok := ID(NQFLevels, iri); ok {
		return "National qualification level (" + id + ")", true
	}
	return "", false
}

// Find gives the concept of that id in a vocabulary.
func Find(name, id string) (Concept, bool) {
	v, ok := vocabularies[name]
	if !ok {
		return Concept{}, false
	}
	c, ok := load().byIRI[v.base+id]
	return c, ok && c.Vocabulary == name
}

// Resolve finds the concept of a vocabulary that a text names: its IRI, its id in any letter case, a
// code of the standards behind languages, countries and fields, or its whole label in any language.
func Resolve(name, text string) (Concept, bool) {
	text = strings.TrimSpace(text)
	if c, ok := Find(name, text); ok {
		return c, true
	}
	if strings.Contains(text, "://") {
		if c, ok := Lookup(text); ok && c.Vocabulary == name {
			return c, true
		}
		return Concept{}, false
	}
	iri := ""
	switch name {
	case ISCEDFields:
		iri = ISCEDFIRI(text)
	case Languages:
		iri, _ = Language(text)
	case Countries:
		iri, _ = Country(text)
	case EQFLevels:
		iri = EQFIRI(levelIn(text))
	default:
		iri = load().byFold[strings.ToLower(IRI(name, text))]
	}
	if c, ok := load().byIRI[iri]; ok {
		return c, true
	}
	return ByLabel(name, text)
}

// IRI is the concept IRI of an id in a vocabulary, known or not; "" when there is no such vocabulary.
func IRI(name, id string) string {
	if v, ok := vocabularies[name]; ok && id != "" {
		return v.base + id
	}
	return ""
}

// ID is the last part of a concept IRI of that vocabulary, known or not.
func ID(name, iri string) (id string, ok bool) {
	v, ok := vocabularies[name]
	if !ok {
		return "", false
	}
	id, ok = strings.CutPrefix(Repair(iri), v.base)
	return id, ok && id != "" && id != schemeVersion && !strings.Contains(id, "/")
}

// ByLabel finds a concept by its label in any language, letter case aside. It compares whole labels: a
// near match is no match. Where two concepts share a label the English one wins, then the smaller id.
func ByLabel(name, label string) (Concept, bool) {
	t := load()
	c, ok := t.byIRI[t.byLabel[name][fold(label)]]
	return c, ok
}

func fold(label string) string { return strings.ToLower(strings.TrimSpace(label)) }
