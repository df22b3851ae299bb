package occapi

import (
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func putID(m *mapper, v any) {
	id := source.Scalar(v)
	if urn, ok := source.UUID(id); ok {
		m.Link(m.IRI, vocabulary.SameAs, urn)
	}
	if !m.Has("code") {
		m.Identifier(m.IRI, id, "id")
	}
}

func putTitle(m *mapper, _ any) { m.Texts(m.IRI, vocabulary.Title, m.Names) }

func putAbbreviation(m *mapper, v any) { m.Texts(m.IRI, vocabulary.AltLabel, source.Untagged(v)) }

func putCode(m *mapper, v any) {
	for _, s := range source.Scalars(v) {
		m.Code(m.IRI, s, "code")
	}
}

// putOutcomes splits a list that has as many points in every language, so that translations stay together.
func putOutcomes(m *mapper, v any) {
	texts := source.TextsOf(v)
	if len(texts) == 0 {
		return
	}
	if split := points(texts); split != nil {
		for _, outcome := range split {
			m.Outcome(outcome)
		}
		return
	}
	m.Note(m.IRI, vocabulary.LearningOutcomeSummary, "", texts)
	titles := make([]source.Text, len(texts))
	for i, t := range texts {
		first := source.Headline(t.Value)
		if m := marker.FindStringSubmatch(first); m != nil {
			first = m[1]
		}
		titles[i] = source.Text{Lang: t.Lang, Value: first}
	}
	m.Outcome(titles)
}

func putECTS(m *mapper, v any) {
	digits, value, ok := source.Decimal(source.First(v))
	if !ok || value < 0 {
		m.Complain("ects", source.First(v), "this is no number", "send a number from 0, with a point")
		return
	}
	m.Credits(m.IRI, digits, vocabulary.ECTS)
}

// putInstanceECTS keeps what an instance says otherwise than its course.
func putInstanceECTS(m *mapper, v any) {
	digits, value, ok := source.Decimal(source.First(v))
	if _, course, known := source.Decimal(source.First(m.Course.Get("ects"))); ok && (!known || course != value) {
		m.Own(m.IRI, "ects", rdf.Typed(digits, rdf.XSDDecimal))
	}
}

var putFields = source.FieldsOfStudy[*mapper]("iscedCode")

func putISCED(m *mapper, v any) {
	var codes []any
	for _, s := range source.Scalars(v) {
		if filler(s) {
			m.Own(m.IRI, "iscedCode", rdf.String(s))
			m.Complain("iscedCode", s, "this code says nothing about the field", "send the field's ISCED-F 2013 code, or none")
			continue
		}
		codes = append(codes, s)
	}
	putFields(m, codes)
}

// filler says that a code stands for none.
func filler(code string) bool { return strings.Trim(code, "0. ") == "" }

// subject links a code of another classification of subjects.
func (m *mapper) subject(system, code string) {
	if filler(code) {
		return
	}
	m.Value(m.IRI, vocabulary.EducationSubject, vocabulary.ClassConcept, system+"\x00"+code, func(n rdf.Resource) {
		m.Add(n, vocabulary.Notation, rdf.String(code))
		if system != "" {
			m.Add(n, vocabulary.SchemeName, rdf.String(system))
		}
	})
}

func putSubject(field, system string) func(*mapper, any) {
	keep := source.Kept[*mapper](field)
	return func(m *mapper, v any) {
		keep(m, v)
		for _, s := range source.Scalars(v) {
			m.subject(system, s)
		}
	}
}

var keepClassification = source.FreeForm[*mapper]("localClassification")

func putClassification(m *mapper, v any) {
	keepClassification(m, v)
	for _, o := range source.Objects(v) {
		m.subject(o.Text("classificationSystem"), o.Text("classificationValue"))
	}
}

func putModified(m *mapper, v any) {
	if at := m.Date("lastModified", v); at.OK {
		m.Add(m.IRI, vocabulary.Modified, at.Whole())
	}
}

func putLevel(m *mapper, v any) {
	level, ok := eqf(v)
	if !ok {
		m.Complain("eqfLevelProvided", source.First(v), "there is no such level of the European Qualifications Framework", "send a number from 1 to 8")
		return
	}
	m.Link(m.IRI, vocabulary.EQFLevel, vocabulary.EQFIRI(level))
}

func eqf(v any) (int, bool) {
	level, err := strconv.Atoi(source.First(v))
	return level, err == nil && level >= 1 && level <= 8
}

func truth(v any) (value, ok bool) {
	value, err := strconv.ParseBool(strings.ToLower(source.First(v)))
	return value, err == nil
}

func putFlag(field string) func(*mapper, any) {
	return func(m *mapper, v any) {
		if b, ok := truth(v); ok {
			m.Own(m.IRI, field, rdf.Typed(strconv.FormatBool(b), rdf.XSDBoolean))
		}
	}
}

func putDeprecated(m *mapper, v any) {
	if b, ok := truth(v); ok {
		m.Typed(m.IRI, vocabulary.IsActive, strconv.FormatBool(!b), rdf.XSDBoolean)
	}
}
