package elm

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// skills reads the links of an outcome: skills and knowledge of ESCO, whichever property they stand under, and
// those of other frameworks, such as items of CASE and rich skill descriptors. What stands where only ESCO
// skills can, and is none, is no skill.
func (r *reader) skills(outcome rdf.Term) (esco, others []string) {
	for _, text := range r.texts(outcome, vocabulary.RelatedESCOSkill, vocabulary.RelatedSkill) {
		if vocabulary.IsESCOSkill(text) {
			esco = append(esco, vocabulary.Repair(text))
		}
	}
	for _, iri := range r.iris(outcome, vocabulary.RelatedSkill) {
		if !vocabulary.IsESCOSkill(iri) {
			others = append(others, iri)
		}
	}
	return sorted(esco), sorted(others)
}

// SkillLink is a link to a skill that stands under the wrong property.
type SkillLink struct{ Property, Value, Message, Fix string }

const escoOccupation = "data.europa.eu/esco/occupation/"

// WrongSkillLinks lists ESCO occupations under elm:relatedESCOSkill, and ESCO skills under elm:relatedSkill,
// each once and sorted. Whatever else is no ESCO skill the application profile tells.
func (g Graph) WrongSkillLinks() []SkillLink {
	var out []SkillLink
	for _, t := range g.Triples {
		property, _ := elmName(t.Pred.String())
		value := strings.TrimSpace(t.Obj.String())
		isSkill := vocabulary.IsESCOSkill(value)
		link := SkillLink{Property: "elm:relatedESCOSkill", Value: value}
		switch {
		case isBlank(t.Obj):
			continue
		case property == vocabulary.RelatedSkill && isSkill:
			link.Property = "elm:relatedSkill"
			link.Message, link.Fix = "an ESCO skill stands among those of other frameworks; it is read as an ESCO skill", "link it with elm:relatedESCOSkill"
		case property == vocabulary.RelatedESCOSkill && strings.Contains(value, escoOccupation):
			link.Message, link.Fix = "an ESCO occupation is no skill; it is not searched for", "link the skills that the course teaches, as http://data.europa.eu/esco/skill/ and a UUID"
		default:
			continue
		}
		out = append(out, link)
	}
	slices.SortFunc(out, func(a, b SkillLink) int { return strings.Compare(a.Property+a.Value, b.Property+b.Value) })
	return slices.Compact(out)
}
