package ooapi

import (
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// putOutcomes writes the outcomes that version 5 states as texts.
func putOutcomes(m *mapper, v any) {
	for _, texts := range source.OutcomesOf(v) {
		m.Outcome(texts)
	}
}

// putOutcomeObjects writes the outcomes that version 6 has as objects of their own. Texts as in version 5 are read
// too.
func putOutcomeObjects(m *mapper, v any) {
	var texts []any
	for _, e := range source.List(v) {
		o, isObject := e.(source.Object)
		if prose := strings.ContainsRune(source.Scalar(e), ' '); prose || (isObject && !o.Has("learningOutcomeId") && !o.Has("name")) {
			texts = append(texts, e)
			continue
		}
		m.outcome(e)
	}
	for _, outcome := range source.OutcomesOf(texts) {
		m.Outcome(outcome)
	}
}

// putOutcomeIDs writes the outcomes that are named by id, unless the objects are there.
func putOutcomeIDs(m *mapper, v any) {
	if m.Has("learningOutcomes") {
		return
	}
	for _, e := range source.List(v) {
		m.outcome(e)
	}
}

// outcome writes one outcome; of one that cannot be looked up there is nothing to say.
func (m *mapper) outcome(v any) {
	id, o := m.refs.Find(m.version.words.outcomes, v)
	names := source.TextsOf(o.Get("name"))
	if len(names) == 0 {
		m.Complain("learningOutcomeIds", id, "the learning outcome cannot be looked up, or has no name", "serve it at learning-outcomes/{id}, with a name")
		return
	}
	m.Value(m.IRI, vocabulary.LearningOutcome, vocabulary.ClassLearningOutcome, id+"\x00"+source.KeyOf(names), func(n rdf.Resource) {
		m.Texts(n, vocabulary.Title, names)
		m.describeOutcome(n, o, names)
	})
}

func (m *mapper) describeOutcome(n rdf.Resource, o source.Object, names []source.Text) {
	m.Texts(n, vocabulary.AltLabel, source.Untagged(o.Text("abbreviation")))
	m.Note(n, vocabulary.AdditionalNote, "", source.Without(source.TextsOf(o.Get("description")), names))
	for _, field := range []string{"primaryCode", "otherCodes"} {
		for _, c := range source.Objects(o.Get(field)) {
			if code := vocabulary.Repair(c.Text("code")); vocabulary.IsESCOSkill(code) {
				m.Link(n, vocabulary.RelatedESCOSkill, code)
				continue
			}
			m.Code(n, c.Text("code"), c.Text("codeType"))
		}
	}
	for _, s := range source.Scalars(o.Get("fieldsOfStudy")) {
		if iri := vocabulary.ISCEDFIRI(s); iri != "" {
			m.Link(n, vocabulary.ISCEDFCode, iri)
		}
	}
	if level := o.Text("complexityLevel"); level != "" {
		m.Own(n, "complexityLevel", rdf.String(level))
	}
}
