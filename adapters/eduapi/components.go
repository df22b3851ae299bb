package eduapi

import (
	"slices"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// components writes what a course consists of: exams are assessments of the course; anything else is an activity of its
// offerings, with what the component's own offering for them adds.
func (m *mapper) components(components []part) {
	for _, c := range components {
		c.Object = tagged(c.Object)
		for i := range c.runs {
			c.runs[i].Object = tagged(c.runs[i].Object)
		}
		switch exam := source.Spelling(c.Text("componentType")) == "exam"; {
		case len(source.TextsOf(c.Get("title"))) == 0:
			m.Complain(componentTemplates+"/"+c.Text("sourcedId")+"/title", "", "a component without a title is left out", "give it a title")
		case exam:
			m.assessments(c)
		case len(m.instances) == 0:
			m.activities(m.IRI, c, c.runs)
		default:
			for _, i := range m.instances {
				m.activities(i.IRI, c, c.runsOf(i.Text("sourcedId"), m.instances))
			}
		}
	}
}

// runsOf are the component's offerings that are part of an offering of the course; those that name none of them are
// part of each.
func (p part) runsOf(offering string, all []*mapper) []source.Entry {
	var out []source.Entry
	for _, run := range p.runs {
		named := ids(run.Get("parent"))
		elsewhere := slices.ContainsFunc(all, func(i *mapper) bool { return slices.Contains(named, i.Text("sourcedId")) })
		if slices.Contains(named, offering) || !elsewhere {
			out = append(out, run)
		}
	}
	return out
}

// assessments hangs an exam on the course. When it takes place differs by offering and stays under the standard's terms.
func (m *mapper) assessments(c part) {
	m.component(m.IRI, vocabulary.ProvenBy, vocabulary.ClassLearningAssessmentSpecification, "", c.Object, nil)
	for _, i := range m.instances {
		for _, run := range c.runsOf(i.Text("sourcedId"), m.instances) {
			m.component(i.IRI, m.Namespace+"componentOffering", vocabulary.ClassLearningAssessmentSpecification, "", c.Object, run.Object)
		}
	}
}

// activities hangs a component on a node, once for each of its offerings, else as the template describes it.
func (m *mapper) activities(on rdf.Subject, c part, runs []source.Entry) {
	kind := activities[source.Spelling(c.Text("componentType"))]
	if len(runs) == 0 {
		m.component(on, vocabulary.LearningActivitySpecification, vocabulary.ClassLearningActivitySpecification, kind, c.Object, nil)
	}
	for _, run := range runs {
		m.component(on, vocabulary.LearningActivitySpecification, vocabulary.ClassLearningActivitySpecification, kind, c.Object, run.Object)
	}
}

// component hangs one component on a node, with what its offering says of it.
func (m *mapper) component(on rdf.Subject, property, class, kind string, c, run source.Object) {
	titles := source.TextsOf(run.Get("title"))
	if len(titles) == 0 {
		titles = source.TextsOf(c.Get("title"))
	}
	prose := source.Without(source.TextsOf(run.Get("description")), titles)
	if len(prose) == 0 {
		prose = source.Without(source.TextsOf(c.Get("description")), titles)
	}
	facts := componentFacts(run)
	key := kind + "\x00" + source.KeyOf(titles) + "\x00" + source.KeyOf(prose) + "\x00" + c.Text("componentType") + "\x00" + source.Compact(facts)
	m.Value(on, property, class, key, func(n rdf.Blank) {
		m.Texts(n, vocabulary.Title, titles)
		m.Texts(n, vocabulary.Description, prose)
		if kind != "" {
			m.Link(n, vocabulary.DCType, kind)
		}
		if t := c.Text("componentType"); t != "" {
			m.Own(n, "componentType", rdf.String(t))
		}
		m.offered(n, facts)
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
	facts := make(source.Object)
	for _, field := range slices.Concat(componentOwn, componentFree, []string{"offeringFormat", "teachingLanguage"}) {
		if v := source.Plain(run.Get(field)); !source.Blank(v) {
			facts[field] = v
		}
	}
	return facts
}

func (m *mapper) offered(n rdf.Blank, facts source.Object) {
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
