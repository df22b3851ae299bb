package ooapi

import (
	"slices"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// component is a part of a course as version 5 lists it, or as one of the two collections of version 6 does.
type component struct {
	source.Entry
	tested bool // of the collection for tests
}

// components writes what the course consists of: tests are assessments, all else is what learners do in each
// offering.
func (m *mapper) components(all []component) {
	var taught []*mapper
	seen := make(map[string]bool, len(all))
	for _, part := range all {
		c := m.component(part)
		if c == nil {
			continue
		}
		if seen[c.IRI.String()] {
			c.Complain("componentId", c.Text("componentId"), "another component of the course has this id, which counts", "give every component an id of its own")
			continue
		}
		seen[c.IRI.String()] = true
		if c.tests {
			m.Add(m.IRI, vocabulary.ProvenBy, c.IRI)
			m.Link(c.IRI, rdf.Type, vocabulary.ClassLearningAssessmentSpecification)
		} else {
			taught = append(taught, c)
			m.Link(c.IRI, rdf.Type, vocabulary.ClassLearningActivitySpecification)
		}
		m.version.components.Apply(c)
	}
	m.activities(taught)
}

// component prepares the node of a component; nil when it is left out.
func (m *mapper) component(e component) *mapper {
	id := e.Text("componentId")
	c := m.below(e.Entry, "components", id)
	iri, err := rdf.NewIRI(elm.MintComponent(m.IRI.String(), id))
	switch {
	case id == "" || err != nil:
		c.Complain("componentId", id, "a component without an id is left out", "give every component its componentId, which never changes")
		return nil
	case len(c.Names) == 0:
		c.Complain("name", "", "a component without a name is left out", "give it a name in at least one language")
		return nil
	case withdrawn(e.Object):
		return nil
	}
	_, tests := testTypes[source.Spelling(e.Text("componentType"))]
	c.IRI, c.tests = iri, tests || e.tested
	return c
}

// activities hangs what is taught on every offering, or on the course while it has none. An offering has at most
// one activity: of several it is the course as a whole, which has them as its parts.
func (m *mapper) activities(taught []*mapper) {
	if len(taught) == 0 {
		return
	}
	nodes := []rdf.Resource{m.IRI}
	if len(m.instances) > 0 {
		nodes = nil
		for _, i := range m.instances {
			nodes = append(nodes, i.IRI)
		}
	}
	for _, n := range nodes {
		if len(taught) == 1 {
			m.Add(n, vocabulary.LearningActivitySpecification, taught[0].IRI)
			continue
		}
		m.Value(n, vocabulary.LearningActivitySpecification, vocabulary.ClassLearningActivitySpecification, "", func(all rdf.Resource) {
			m.Texts(all, vocabulary.Title, m.Names)
			for _, c := range taught {
				m.Add(all, vocabulary.HasPart, c.IRI)
			}
		})
	}
}

func putComponentType(m *mapper, v any) {
	s := source.First(v)
	kind := source.Spelling(s)
	iri := testTypes[kind]
	if iri == "" {
		iri = activityTypes[kind]
	}
	if iri != "" {
		m.Link(m.IRI, vocabulary.DCType, iri)
	}
	m.Own(m.IRI, "componentType", rdf.String(s))
}

func putComponentName(m *mapper, _ any) { m.Texts(m.IRI, vocabulary.Title, m.Names) }

func putComponentDescription(m *mapper, v any) {
	m.Texts(m.IRI, vocabulary.Description, source.Without(source.TextsOf(v), m.Names))
}

// putComponentDuration writes how long a component takes: minutes count, since a test has no more.
func putComponentDuration(m *mapper, v any) {
	s := source.First(v)
	d, ok := source.Length(s)
	if !ok {
		d, ok = source.Sitting(s)
	}
	switch {
	case !ok:
		m.Complain("duration", s, "this is no plausible length of a component", "send an ISO 8601 duration such as PT2H or P10W")
	case m.tests:
		m.Own(m.IRI, "duration", rdf.Typed(d, rdf.XSDDuration))
	default:
		m.Typed(m.IRI, vocabulary.VolumeOfLearning, d, rdf.XSDDuration)
	}
}

func putExtraDuration(m *mapper, v any) {
	if d, ok := source.Sitting(source.First(v)); ok {
		m.Own(m.IRI, "extraDuration", rdf.Typed(d, rdf.XSDDuration))
	}
}

func putComponentGrading(m *mapper, v any) { m.grading(m.IRI, source.First(v)) }

// withdrawn says that something is a draft, or not on offer any more.
func withdrawn(o source.Object) bool {
	return slices.Contains([]string{"concept", "cancelled", "inactive"}, source.Spelling(o.Text("state")))
}
