package ooapi

import (
	"maps"
	"slices"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Namespace holds the standard's own field names, for facts that ELM has no place for.
const Namespace = "https://openonderwijsapi.nl/v5#"

const nsValid = vocabulary.NSDCTerms + "valid"

// input is one course with all that its mapping needs; the mapping itself does no I/O.
type input struct {
	source.Entry
	offerings []source.Entry
	refs      source.References
	provider  string
	notes     []adapters.Note // findings made while reading
}

// mapper describes one node, a specification or an instance, from one entry.
type mapper struct {
	*source.Node
	refs      source.References
	course    *mapper   // of an instance
	instances []*mapper // of a specification
	graded    bool      // a specification that has its grading scheme
}

func errNoID(at source.Place) *adapters.RecordError {
	return &adapters.RecordError{
		Where: at.In("courseId").String(), Field: "courseId", Message: "the course has no id",
		Fix: "give every course its courseId, which never changes",
	}
}

// mapCourse maps a course and its offerings to one course graph.
func mapCourse(in input) (adapters.Item, error) {
	id := in.Text("courseId")
	if id == "" {
		return adapters.Item{}, errNoID(in.Place)
	}
	names := source.TextsOf(in.Get("name"))
	if len(names) == 0 {
		return adapters.Item{}, &adapters.RecordError{
			Subject: id, Where: in.In("name").String(), Field: "name", Message: "the course has no name",
			Fix: `give it a name in at least one language: "name": [{"language": "en", "value": "..."}]`,
		}
	}
	subject, err := rdf.NewIRI(elm.Mint(in.provider, id))
	if err != nil {
		return adapters.Item{}, &adapters.RecordError{Subject: id, Where: in.In("courseId").String(), Field: "courseId", Message: err.Error(), Fix: "use a UUID"}
	}
	notes := in.notes
	node := &source.Node{Graph: &source.Graph{Namespace: Namespace}, Entry: in.Entry, IRI: subject, Names: names, Notes: &notes}
	m := &mapper{Node: node, refs: in.refs}
	m.fold()
	m.instances = offeringMappers(m, in.offerings)
	m.Instances = len(m.instances)
	m.specification(id)
	for _, o := range m.instances {
		o.instance()
	}
	return adapters.Item{
		Graph:  elm.Graph{Subject: subject, Triples: m.Triples},
		Where:  in.Place.String(),
		Notes:  notes,
		Fields: courseFields,
	}, nil
}

var courseFields = source.FieldsOf(courseRules, offeringRules)

// foldedFields are taken from the course's education specification when the course lacks them. Fields
// of one group say the same thing: a course that has one of them needs none of the others.
var foldedFields = [][]string{{"level", "levelOfQualification"}, {"fieldsOfStudy"}, {"learningOutcomes"}, {"studyLoad"}}

// lacks reports whether the object has none of a group of fields.
func lacks(o source.Object, group []string) bool {
	return !slices.ContainsFunc(group, o.Has)
}

func (m *mapper) fold() {
	_, spec := m.refs.Find(educations, m.Get("educationSpecification"))
	if spec == nil {
		return
	}
	full := maps.Clone(m.Object)
	for _, group := range foldedFields {
		if !lacks(m.Object, group) {
			continue
		}
		for _, field := range group {
			full[field] = spec.Get(field)
		}
	}
	m.Object = full
}

// offeringMappers prepares a node for each offering; of two with one id the first counts.
func offeringMappers(course *mapper, offerings []source.Entry) []*mapper {
	seen := make(map[string]bool, len(offerings))
	var out []*mapper
	for _, o := range offerings {
		id := o.Text("offeringId")
		m := &mapper{refs: course.refs, course: course, Node: &source.Node{
			Graph: course.Graph, Entry: o, Course: course.Node, Within: "offerings/" + id + "/", Notes: course.Notes, Names: source.TextsOf(o.Get("name")),
		}}
		switch node, err := rdf.NewIRI(elm.MintOffering(course.IRI.String(), id)); {
		case id == "":
			m.Complain("offeringId", "", "an offering without an id is left out", "give every offering its offeringId, which never changes")
		case err != nil:
			m.Complain("offeringId", id, err.Error(), "use a UUID")
		case !seen[id]:
			seen[id] = true
			m.IRI = node
			out = append(out, m)
		}
	}
	return out
}

func (m *mapper) specification(id string) {
	m.Specification(vocabulary.TypeCourse)
	if !m.Has("primaryCode") && !m.Has("otherCodes") && !m.Has("abbreviation") {
		m.Identifier(m.IRI, id, "courseId")
	}
	source.Apply(m, courseRules)
}

func (m *mapper) instance() {
	m.Node.Instance()
	source.Apply(m, offeringRules)
	m.time()
}
