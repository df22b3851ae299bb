package ooapi

import (
	"slices"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

const nsValid = vocabulary.NSDCTerms + "valid"

// input is one course, programme or education specification with all that its mapping needs; the mapping itself
// does no I/O.
type input struct {
	source.Entry
	version    *version
	kind       *kind
	offerings  []source.Entry
	components []component
	parts      []string // ids of the courses of a programme
	refs       source.References
	provider   string
	notes      []adapters.Note // findings made while reading
}

// mapper describes one node, a specification, an instance or a component, from one entry.
type mapper struct {
	*source.Node
	version   *version
	kind      *kind
	provider  string
	refs      source.References
	course    *mapper   // of an instance or component
	instances []*mapper // of a specification
	graded    bool      // a specification that has its grading scheme
	tests     bool      // a component that is an assessment
	portal    bool      // an instance that has its registration portal
	pictured  bool      // has its banner
}

func errNoID(k *kind, at source.Place) *adapters.RecordError {
	return &adapters.RecordError{
		Where: at.In(k.id).String(), Field: k.id, Message: "the " + k.name + " has no id",
		Fix: "give every " + k.name + " its " + k.id + ", which never changes",
	}
}

// item maps the input to one course graph.
func (in *input) item() (adapters.Item, error) {
	id := in.Text(in.kind.id)
	if id == "" {
		return adapters.Item{}, errNoID(in.kind, in.Place)
	}
	names := source.TextsOf(in.Get("name"))
	if len(names) == 0 {
		return adapters.Item{}, &adapters.RecordError{
			Subject: id, Where: in.In("name").String(), Field: "name", Message: "the " + in.kind.name + " has no name",
			Fix: `give it a name in at least one language: "name": [{"language": "en", "value": "..."}]`,
		}
	}
	subject, err := rdf.NewIRI(elm.Mint(in.provider, id))
	if err != nil {
		return adapters.Item{}, &adapters.RecordError{Subject: id, Where: in.In(in.kind.id).String(), Field: in.kind.id, Message: err.Error(), Fix: "use a UUID"}
	}
	m := in.specification(subject, names)
	for _, o := range m.instances {
		o.Node.Instance()
		in.kind.runs.Apply(o)
		o.time()
	}
	m.components(in.components)
	triples, oversize := m.Done()
	return adapters.Item{
		Graph: elm.Graph{Subject: subject, Triples: triples, Oversize: oversize}, Where: in.Place.String(), Notes: *m.Notes,
		Fields: in.kind.fields, Mapping: in.version.mapping,
	}, nil
}

// specification describes the course itself.
func (in *input) specification(subject rdf.IRI, names []source.Text) *mapper {
	notes := slices.Clip(in.notes)
	m := &mapper{
		version: in.version, kind: in.kind, provider: in.provider, refs: in.refs,
		Node: &source.Node{Graph: source.NewGraph(in.version.namespace), Entry: in.Entry, IRI: subject, Names: names, Notes: &notes},
	}
	m.fold()
	m.instances = in.instances(m)
	m.Instances = len(m.instances)
	m.Specification(m.opportunity())
	if !m.Has("primaryCode") && !m.Has("otherCodes") && !m.Has("abbreviation") {
		m.Identifier(m.IRI, m.Text(in.kind.id), in.kind.id)
	}
	in.kind.rules.Apply(m)
	for _, part := range in.parts {
		m.refer(vocabulary.HasPart, in.version.courses, part, nil)
	}
	m.Attribute(federation.ProviderIRI(m.provider))
	return m
}

// opportunity is the type of learning opportunity.
func (m *mapper) opportunity() string {
	if m.kind.typeField == "" {
		return m.kind.usual
	}
	s := m.Text(m.kind.typeField)
	if kind, ok := m.kind.types[source.Spelling(s)]; ok {
		return kind
	}
	if s != "" {
		m.Complain(m.kind.typeField, s, "the standard has no such type", "send one of the standard's types")
	}
	return m.kind.usual
}

// foldedFields are taken from the education specification when the course or programme lacks them. Fields of one
// group say the same thing: a course that has one of them needs none of the others.
var foldedFields = [][]string{{"level", "levelOfQualification"}, {"fieldsOfStudy"}, {"learningOutcomes"}, {"studyLoad"}}

// lacks reports whether the object has none of a group of fields.
func lacks(o source.Object, group []string) bool {
	return !slices.ContainsFunc(group, o.Has)
}

func (m *mapper) fold() {
	_, spec := m.refs.Find(m.version.words.educations, m.Get("educationSpecification"))
	if spec == nil {
		return
	}
	var folded []source.Field
	for _, group := range foldedFields {
		if !lacks(m.Object, group) {
			continue
		}
		for _, field := range group {
			folded = append(folded, source.Field{Name: field, Value: spec.Get(field)})
		}
	}
	m.Object = m.With(folded...)
}

// instances prepares a node for each offering; of two with one id the first counts.
func (in *input) instances(course *mapper) []*mapper {
	if len(in.offerings) == 0 {
		return nil
	}
	b, seen := in.kind.offerings, make(map[string]bool, len(in.offerings))
	var out []*mapper
	for _, o := range in.offerings {
		id := first(o.Object, b.ids...)
		m := course.below(o, b.sub, id)
		switch node, err := rdf.NewIRI(elm.MintOffering(course.IRI.String(), id)); {
		case id == "":
			m.Complain(b.ids[0], "", "an offering without an id is left out", "give every offering its "+b.ids[0]+", which never changes")
		case err != nil:
			m.Complain(b.ids[0], id, err.Error(), "use a UUID")
		case !seen[id]:
			seen[id] = true
			m.IRI = node
			out = append(out, m)
		}
	}
	return out
}

// below prepares the node of something that belongs to the course.
func (m *mapper) below(e source.Entry, collection, id string) *mapper {
	return &mapper{version: m.version, kind: m.kind, provider: m.provider, refs: m.refs, course: m, Node: &source.Node{
		Graph: m.Graph, Entry: e, Course: m.Node, Within: collection + "/" + id + "/", Notes: m.Notes, Names: source.TextsOf(e.Get("name")),
	}}
}
