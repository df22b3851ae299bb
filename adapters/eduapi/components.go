package eduapi

import (
	"maps"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// components writes what a course consists of: exams are assessments of the course; anything else is an activity of its
// offerings, with what the component's own offering for them adds.
func (m *mapper) components(components []part) {
	var taught []part
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
		default:
			taught = append(taught, c)
		}
	}
	if len(m.instances) == 0 {
		m.taught(m.IRI, taught, part.all)
	}
	for _, i := range m.instances {
		m.taught(i.IRI, taught, func(p part) []source.Entry { return p.runsOf(i.Text("sourcedId"), m.instances) })
	}
}

func (p part) all() []source.Entry { return p.runs }

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
	exam := piece{class: vocabulary.ClassLearningAssessmentSpecification, component: c.Object}
	m.hang(m.IRI, vocabulary.ProvenBy, exam)
	for _, i := range m.instances {
		for _, run := range c.runsOf(i.Text("sourcedId"), m.instances) {
			exam.run = run.Object
			m.hang(i.IRI, m.Namespace+"componentOffering", exam)
		}
	}
}

// taught hangs the activities on a node: each component once for each of its offerings, else as the template describes
// it. ELM has one activity there, so that several are parts of one.
func (m *mapper) taught(on rdf.Subject, components []part, runsOf func(part) []source.Entry) {
	var pieces []piece
	for _, c := range components {
		p := piece{vocabulary.ClassLearningActivitySpecification, activities[source.Spelling(c.Text("componentType"))], c.Object, nil}
		runs := runsOf(c)
		if len(runs) == 0 {
			pieces = append(pieces, p)
		}
		for _, run := range runs {
			p.run = run.Object
			pieces = append(pieces, p)
		}
	}
	if len(pieces) == 1 {
		m.hang(on, vocabulary.LearningActivitySpecification, pieces[0])
	}
	if len(pieces) < 2 {
		return
	}
	key := ""
	for _, p := range pieces {
		key += p.key() + "\x01"
	}
	m.Value(on, vocabulary.LearningActivitySpecification, vocabulary.ClassLearningActivitySpecification, key, func(n rdf.Resource) {
		m.Texts(n, vocabulary.Title, together(pieces))
		for _, p := range pieces {
			m.hang(n, vocabulary.HasPart, p)
		}
	})
}

// together is a title of several pieces, in the languages that all have.
func together(pieces []piece) []source.Text {
	var words []string
	seen := make(map[string]map[string]bool) // words by language
	joined := make(map[string][]string)
	for _, p := range pieces {
		titles := p.titles()
		words = append(words, titles[0].Value)
		for _, t := range titles {
			if seen[t.Lang] == nil {
				seen[t.Lang] = make(map[string]bool)
			}
			seen[t.Lang][t.Value] = true
			joined[t.Lang] = append(joined[t.Lang], t.Value)
		}
	}
	var out []source.Text
	for _, lang := range slices.Sorted(maps.Keys(joined)) {
		if len(joined[lang]) == len(pieces) {
			out = append(out, source.Text{Lang: lang, Value: strings.Join(slices.Sorted(maps.Keys(seen[lang])), ", ")})
		}
	}
	if len(out) == 0 {
		slices.Sort(words)
		out = source.OneText(source.Undetermined, strings.Join(slices.Compact(words), ", "))
	}
	return out
}

// piece is a component as one node: what the template says, and what an offering of it does; nil without one.
type piece struct {
	class, kind    string
	component, run source.Object
}

// titles are the offering's own, else the template's; there is at least one.
func (p piece) titles() []source.Text {
	if own := source.TextsOf(p.run.Get("title")); len(own) > 0 {
		return own
	}
	return source.TextsOf(p.component.Get("title"))
}

func (p piece) prose() []source.Text {
	if own := source.Without(source.TextsOf(p.run.Get("description")), p.titles()); len(own) > 0 {
		return own
	}
	return source.Without(source.TextsOf(p.component.Get("description")), p.titles())
}

func (p piece) key() string {
	return p.class + "\x00" + p.kind + "\x00" + source.KeyOf(p.titles()) + "\x00" + source.KeyOf(p.prose()) + "\x00" +
		p.component.Text("componentType") + "\x00" + source.Compact(componentFacts(p.run))
}

// hang hangs one piece on a node.
func (m *mapper) hang(on rdf.Subject, property string, p piece) {
	m.Value(on, property, p.class, p.key(), func(n rdf.Resource) {
		m.Texts(n, vocabulary.Title, p.titles())
		m.Texts(n, vocabulary.Description, p.prose())
		if p.kind != "" {
			m.Link(n, vocabulary.DCType, p.kind)
		}
		if t := p.component.Text("componentType"); t != "" {
			m.Own(n, "componentType", rdf.String(t))
		}
		m.offered(n, componentFacts(p.run))
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
