package occapi

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Namespace holds the standard's own field names, for facts that ELM has no place for.
const Namespace = "https://occapi.uni-foundation.eu/v2#"

const nsValid = vocabulary.NSDCTerms + "valid"

// mapper describes one node, a specification or an instance, from one resource.
type mapper struct {
	*source.Node
	entry     entry
	catalogue *catalogue
	course    *mapper   // of an instance
	instances []*mapper // of a specification

	activities *[]vocabulary.Concept // types, once they have been read
}

// specification makes the node of a programme or course.
func (c *catalogue) specification(e entry, kind string, notes []adapters.Note) (*mapper, error) {
	iri := c.subject(kind, e.id)
	names := source.TextsOf(e.Get("title"))
	if len(names) == 0 {
		return nil, &adapters.RecordError{
			Subject: iri, Where: e.In("attributes/title").String(), Field: "title", Message: "the " + kind + " has no title",
			Fix: `give it a title in at least one language: "title": [{"string": "...", "lang": "en"}]`,
		}
	}
	subject, err := rdf.NewIRI(iri)
	if err != nil {
		return nil, &adapters.RecordError{Subject: iri, Where: e.In("id").String(), Field: "id", Message: err.Error(), Fix: "use a UUID"}
	}
	return &mapper{entry: e, catalogue: c, Node: &source.Node{
		Graph: source.NewGraph(Namespace), Entry: e.Entry, IRI: subject, Names: names, Notes: &notes,
	}}, nil
}

var (
	programmeMapping = source.NewMapping(programmeRules)
	courseMapping    = source.NewMapping(courseRules)
	instanceMapping  = source.NewMapping(instanceRules)
)

// fields of programmes and courses, for messages, by version.
var (
	programmeFields = [...]adapters.Fields{1: source.FieldsOf("programmes", spoken(1, programmeRules), nil), 2: source.FieldsOf("programmes", spoken(2, programmeRules), nil)}
	courseFields    = [...]adapters.Fields{1: source.FieldsOf("courses", spoken(1, courseRules), nil), 2: source.FieldsOf("courses", spoken(2, courseRules), instanceRules)}
)

// spoken are the rules of the fields that a version has.
func spoken(version int, rules []Rule) []Rule {
	other := map[int]string{1: "v2:", 2: "v1:"}[version]
	return slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool { return strings.HasPrefix(r.Rule, other) })
}

// version tells the two apart: all resources of version 2 have lastModified, and several languages where version 1 has one.
func (m *mapper) version() int {
	if _, several := m.Get("languageOfInstruction").([]any); several || m.Has("lastModified") {
		return 2
	}
	return 1
}

func (m *mapper) item(fields [3]adapters.Fields) adapters.Item {
	triples, oversize := m.Done()
	graph := elm.Graph{Subject: m.IRI, Triples: triples, Oversize: oversize}
	return adapters.Item{Graph: graph, Where: m.Entry.Place.String(), Notes: *m.Notes, Fields: fields[m.version()]}
}

// mapProgramme maps a programme to one course graph.
func (c *catalogue) mapProgramme(e entry) (adapters.Item, error) {
	m, err := c.specification(e, "programme", nil)
	if err != nil {
		return adapters.Item{}, err
	}
	m.typed(vocabulary.TypeEducationalProgramme)
	programmeMapping.Apply(m)
	for _, id := range c.parts[e.id] {
		m.to(vocabulary.HasPart, "course", id)
	}
	m.belongs()
	m.Attribute(federation.ProviderIRI(m.catalogue.scope))
	return m.item(programmeFields), nil
}

// mapCourse maps a course and its instances to one course graph.
func (c *catalogue) mapCourse(e entry, instances []entry, notes []adapters.Note) (adapters.Item, error) {
	m, err := c.specification(e, "course", notes)
	if err != nil {
		return adapters.Item{}, err
	}
	m.instances = instanceMappers(m, instances)
	m.Instances = len(m.instances)
	m.typed(vocabulary.TypeCourse)
	courseMapping.Apply(m)
	for _, i := range m.instances {
		i.Node.Instance()
		instanceMapping.Apply(i)
		i.time()
		i.activity()
		i.belongs()
	}
	if len(m.instances) == 0 {
		m.activity()
	}
	m.grading()
	m.level()
	for _, id := range m.wholes() {
		m.to(vocabulary.IsPartOf, "programme", id)
	}
	m.belongs()
	m.Attribute(federation.ProviderIRI(m.catalogue.scope))
	return m.item(courseFields), nil
}

// instanceMappers prepares a node for each instance; of two with one id the first counts.
func instanceMappers(course *mapper, instances []entry) []*mapper {
	seen := make(map[string]bool, len(instances))
	var out []*mapper
	for _, e := range instances {
		node, err := rdf.NewIRI(elm.MintOffering(course.IRI.String(), e.id))
		if err != nil || seen[e.id] {
			continue
		}
		seen[e.id] = true
		out = append(out, &mapper{entry: e, catalogue: course.catalogue, course: course, Node: &source.Node{
			Graph: course.Graph, Entry: e.Entry, IRI: node, Course: course.Node, Within: "instance/" + e.id + "/", Notes: course.Notes,
		}})
	}
	return out
}

// typed gives the specification the types that it names, else the usual one.
func (m *mapper) typed(usual string) {
	m.Link(m.IRI, rdf.Type, vocabulary.ClassLearningOpportunitySpecification)
	if !source.NamesConcept(vocabulary.OpportunityTypes, m.Get("elmLearningOpportunityType")) {
		m.Link(m.IRI, vocabulary.DCType, usual)
	}
}

// to links another course or programme of the institution.
func (m *mapper) to(property, kind, id string) {
	m.Refer(property, m.catalogue.subject(kind, id), id, "id", nil)
}

// wholes are the programmes that the course is part of, by its own word or theirs.
func (m *mapper) wholes() []string {
	out := m.entry.programmesOf()
	if theirs := m.catalogue.wholes[m.entry.id]; theirs != nil {
		out = slices.Concat(out, theirs.Texts)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// level writes the course's level; without one, the lowest of its programmes.
func (m *mapper) level() {
	if _, ok := eqf(m.entry.stated()); ok {
		return
	}
	var levels []int
	for _, id := range m.wholes() {
		if level, ok := eqf(m.catalogue.levels[id]); ok && !slices.Contains(levels, level) {
			levels = append(levels, level)
		}
	}
	if len(levels) == 0 {
		return
	}
	m.Link(m.IRI, vocabulary.EQFLevel, vocabulary.EQFIRI(slices.Min(levels)))
	if len(levels) > 1 {
		m.Complain("meta/relatedProgramme", strings.Join(m.wholes(), " "), "the programmes of the course have different levels; the lowest counts",
			"list the course once for each level")
	}
}

// stated is the level that a course of version 1 has in meta.
func (e entry) stated() any { return nested(e.Object, "meta", "global").Get("eqfLevel") }

// belongs names the institution and the units.
func (m *mapper) belongs() {
	property := vocabulary.Publisher
	if m.course != nil {
		property = vocabulary.ProvidedBy
	}
	m.hei(m.IRI, property)
	for _, u := range m.catalogue.unitsOf[m.IRI.String()] {
		m.Department("ounit", cmp.Or(u.Text("ounitCode"), u.id), "ounitCode", source.TextsOf(u.Get("title")))
	}
}

// hei points to the institution.
func (m *mapper) hei(on rdf.Subject, property string) {
	hei := m.catalogue.institution
	schac, ok := source.Domain(cmp.Or(hei.Text("heiId"), hei.id))
	if !ok {
		return
	}
	m.Institution(on, property, hei.id, schac, func(rdf.Subject) source.Institution {
		return source.Institution{
			Names: source.TextsOf(hei.Get("title")), Short: source.Untagged(hei.Get("abbreviation")), Page: firstURL(hei.Get("url")),
		}
	})
}

func firstURL(v any) string {
	for _, t := range source.TextsOf(v) {
		return t.Value
	}
	return ""
}
