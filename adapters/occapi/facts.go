package occapi

import (
	"regexp"
	"slices"
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

func putAbbreviation(m *mapper, v any) { m.Texts(m.IRI, vocabulary.AltLabel, source.TextsOf(v)) }

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
	m.Value(m.IRI, vocabulary.EducationSubject, vocabulary.ClassConcept, system+"\x00"+code, func(n rdf.Blank) {
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
		m.Add(m.IRI, vocabulary.Modified, at.Literal())
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

var fraction = regexp.MustCompile(`^([0-9]{1,2}) ?/ ?([1-9][0-9]?)$`)

// share reads k/n.
func share(s string) (k, n int, ok bool) {
	m := fraction.FindStringSubmatch(s)
	if m == nil {
		return 0, 0, false
	}
	k, _ = strconv.Atoi(m[1]) // the form bounds the digits
	n, _ = strconv.Atoi(m[2])
	return k, n, true
}

// length is a length in years, or in terms, as xsd:duration: whole months.
func length(s string) (string, bool) {
	terms, perYear, ok := share(s)
	if !ok {
		_, years, number := source.Decimal(s)
		if !number || years > 20 {
			return "", false
		}
		terms, perYear = int(years*12+0.5), 12
	}
	if months := (terms*12 + perYear/2) / perYear; months > 0 && months <= 20*12 {
		return duration(months), true
	}
	return "", false
}

func duration(months int) string {
	out := "P"
	if months >= 12 {
		out += strconv.Itoa(months/12) + "Y"
	}
	if months%12 > 0 {
		out += strconv.Itoa(months%12) + "M"
	}
	return out
}

func putLength(m *mapper, v any) {
	d, ok := length(source.First(v))
	if !ok {
		m.Complain("length", source.First(v), "this is no plausible length of a programme", "send terms and terms per year, e.g. 4/2")
		return
	}
	m.Typed(m.IRI, vocabulary.Duration, d, rdf.XSDDuration)
}

func putTerms(m *mapper, v any) {
	var words []string
	for _, s := range source.Scalars(v) {
		m.Own(m.IRI, "academicTerm", rdf.String(s))
		switch k, n, ok := share(s); {
		case !ok || k == 0 || k > n:
			m.Complain("academicTerm", s, "this names no term", "send term and terms per year, e.g. 1/2")
		case n == 1:
			words = append(words, "over the whole academic year")
		default:
			words = append(words, "in term "+strconv.Itoa(k)+" of "+strconv.Itoa(n))
		}
	}
	if slices.Sort(words); len(words) > 0 {
		text := "Taught " + strings.Join(slices.Compact(words), ", ") + "."
		m.Note(m.IRI, vocabulary.AdditionalNote, "academicTerm", source.OneText("en", text))
	}
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

func putValidity(m *mapper, v any) { m.valid(v, m.Get("validUntil")) }

func putValidUntil(m *mapper, v any) {
	if !m.Has("validSince") {
		m.valid(nil, v)
	}
}

func (m *mapper) valid(from, to any) {
	start, end := m.Date("validSince", from), m.Date("validUntil", to)
	if start.OK || end.OK {
		m.Period(m.IRI, nsValid, nil, start, end)
	}
}

// time writes the period of an instance.
func (m *mapper) time() {
	start, end := m.Date("startDate", m.Get("startDate")), m.Date("endDate", m.Get("endDate"))
	names := source.TextsOf(m.Get("academicTermId"))
	if start.OK || end.OK || len(names) > 0 {
		m.Period(m.IRI, vocabulary.Temporal, names, start, end)
	}
	if start.OK && end.OK && end.Value < start.Value[:min(len(start.Value), len(end.Value))] {
		m.Complain("endDate", end.Value, "the instance ends before it starts", "exchange or correct the dates")
	}
}
