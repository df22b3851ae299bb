package eduapi

import (
	"crypto/sha256"
	"slices"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// components writes what a course consists of: exams are assessments of the course; anything else is an activity of its
// offerings, with what the component's own offering for them adds.
func (m *mapper) components(components []part) {
	offerings := make(map[string]bool, len(m.instances))
	for _, i := range m.instances {
		offerings[i.Text("sourcedId")] = true
	}
	var taught []*part
	for i := range components {
		c := &components[i]
		c.prepare(offerings)
		switch exam := source.Spelling(c.Text("componentType")) == "exam"; {
		case len(source.TextsOf(c.Get("title"))) == 0:
			m.Complain(componentTemplates+"/"+c.Text("sourcedId")+"/title", "", "a component without a title is left out", "give it a title")
		case exam:
			m.assessments(c)
		default:
			taught = append(taught, c)
		}
	}
	m.activities(taught)
}

// assessments hangs an exam on the course. When it takes place differs by offering and stays under the standard's terms.
func (m *mapper) assessments(c *part) {
	m.hang(m.IRI, vocabulary.ProvenBy, c.piece(template))
	for _, i := range m.instances {
		for _, run := range c.runsOf(i.Text("sourcedId")) {
			p := c.piece(run)
			if !m.affords(p) {
				return
			}
			m.hang(i.IRI, m.Namespace+"componentOffering", p)
		}
	}
}

// mostTitles is how many bytes the titles of the components of all offerings of a course may have, far more than a record
// holds.
const mostTitles = 8 << 20

// affords says that there is room for one more piece on an offering.
func (m *mapper) affords(p *piece) bool {
	if m.pieced += p.size(); m.pieced <= mostTitles {
		return true
	}
	m.Complain(componentOfferings, "", "the offerings have too many components for a record", "leave out the offerings of components that are the same for all offerings of the course")
	return false
}

// activities hangs what is taught on the course's offerings, or on the course when it has none.
func (m *mapper) activities(taught []*part) {
	if len(m.instances) == 0 {
		var pieces []*piece
		for _, c := range taught {
			pieces = append(pieces, c.each(c.all())...)
		}
		m.taught(m.IRI, pieces)
		return
	}
	for _, i := range m.instances {
		var pieces []*piece
		for _, c := range taught {
			for _, p := range c.each(c.runsOf(i.Text("sourcedId"))) {
				if !m.affords(p) {
					return
				}
				pieces = append(pieces, p)
			}
		}
		m.taught(i.IRI, pieces)
	}
}

// taught hangs activities on a node. ELM has one activity there, so that several are parts of one.
func (m *mapper) taught(on rdf.Subject, pieces []*piece) {
	if len(pieces) == 1 {
		m.hang(on, vocabulary.LearningActivitySpecification, pieces[0])
	}
	if len(pieces) < 2 {
		return
	}
	key := sha256.New()
	for _, p := range pieces {
		key.Write(p.mark[:])
	}
	m.Value(on, vocabulary.LearningActivitySpecification, vocabulary.ClassLearningActivitySpecification, string(key.Sum(nil)), func(n rdf.Resource) {
		m.Texts(n, vocabulary.Title, together(pieces))
		for _, p := range pieces {
			m.hang(n, vocabulary.HasPart, p)
		}
	})
}

// hang hangs one piece on a node.
func (m *mapper) hang(on rdf.Subject, property string, p *piece) {
	m.Value(on, property, p.class, string(p.mark[:]), func(n rdf.Resource) {
		m.Texts(n, vocabulary.Title, p.titles)
		m.Texts(n, vocabulary.Description, p.prose)
		if p.kind != "" {
			m.Link(n, vocabulary.DCType, p.kind)
		}
		if p.componentType != "" {
			m.Own(n, "componentType", rdf.String(p.componentType))
		}
		m.offered(n, p.facts)
	})
}

// Facts of a component's offering: those that ELM has a place for on an activity, and those that stay under the
// standard's terms.
var (
	componentOwn = []string{
		"startDate", "endDate", "offeringType", "synchronicity", "paceOfStudy", "registrationStatus", "maxNumberStudents", "minNumberStudents", "academicSession", "academicSessionCode",
	}
	componentFree = []string{"locations", "extensions"}
)

// componentFacts are the facts of a component's offering, without persons.
func componentFacts(run source.Object) source.Object {
	var facts []source.Field
	for _, field := range slices.Concat(componentOwn, componentFree, []string{"offeringFormat", "teachingLanguage"}) {
		if v := source.Plain(run.Get(field)); !source.Blank(v) {
			facts = append(facts, source.Field{Name: field, Value: v})
		}
	}
	return source.ObjectOf(facts...)
}

func (m *mapper) offered(n rdf.Resource, facts source.Object) {
	for _, field := range componentOwn {
		for _, s := range source.Scalars(facts.Get(field)) {
			if at := source.Instant(s); at.OK {
				m.Own(n, field, at.Literal())
				continue
			}
			m.Own(n, field, rdf.String(s))
		}
	}
	for _, field := range componentFree {
		for _, v := range source.List(facts.Get(field)) {
			m.Own(n, field, rdf.Typed(source.Compact(v), source.RDFJSON))
		}
	}
	for _, s := range source.Scalars(facts.Get("offeringFormat")) {
		if mode, ok := modes[source.Spelling(s)]; ok {
			m.Link(n, vocabulary.Mode, mode)
			continue
		}
		m.Own(n, "offeringFormat", rdf.String(s))
	}
	for _, s := range source.Scalars(facts.Get("teachingLanguage")) {
		if iri, ok := vocabulary.Language(s); ok {
			m.Link(n, vocabulary.DCLanguage, iri)
		}
	}
}
