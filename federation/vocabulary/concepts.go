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
	Label      string // English
}

// Names lists the vocabularies, sorted.
func Names() []string { return slices.Sorted(maps.Keys(vocabularies)) }

// Concepts lists one vocabulary, sorted by id; nil when there is no such vocabulary.
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

// Label is the English label of a concept in any of the vocabularies.
func Label(iri string) (label string, ok bool) {
	c, ok := Lookup(iri)
	return c.Label, ok
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
	return id, ok && id != "" && !strings.Contains(id, "/")
}

// ByLabel finds a concept by its English label, letter case aside. It compares whole labels: a
// near match is no match.
func ByLabel(name, label string) (Concept, bool) {
	label = strings.TrimSpace(label)
	for _, c := range load().lists[name] {
		if strings.EqualFold(c.Label, label) {
			return c, true
		}
	}
	return Concept{}, false
}

// EQF is the level, 1 to 8, of an EQF concept IRI.
func EQF(iri string) (level int, ok bool) {
	id, ok := ID(EQFLevels, iri)
	if !ok || len(id) != 1 || id[0] < '1' || id[0] > '8' {
		return 0, false
	}
	return int(id[0] - '0'), true
}

// EQFIRI is the concept IRI of an EQF level; "" outside 1 to 8.
func EQFIRI(level int) string {
	if level < 1 || level > 8 {
		return ""
	}
	return BaseEQF + string(rune('0'+level))
}

// Currency is the concept IRI of an ISO 4217 code in any letter case, known or not.
func Currency(code string) (iri string, ok bool) {
	code = strings.ToUpper(strings.TrimSpace(code))
	if len(code) != 3 || !isAlpha(code) {
		return "", false
	}
	return BaseCurrency + code, true
}

// CurrencyCode is the ISO 4217 code of a currency concept; "" for any other IRI.
func CurrencyCode(iri string) string {
	id, _ := ID(Currencies, iri)
	return strings.ToUpper(id)
}
