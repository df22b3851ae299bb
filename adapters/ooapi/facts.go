package ooapi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func putCourseID(m *mapper, v any) {
	if urn, ok := source.UUID(source.Scalar(v)); ok {
		m.Link(m.IRI, vocabulary.SameAs, urn)
	}
}

// putCode writes IdentifierEntry objects; a code on its own counts too.
func putCode(m *mapper, v any) {
	for _, e := range source.List(v) {
		scheme, code := "", source.Scalar(e)
		if o, ok := e.(source.Object); ok {
			scheme, code = o.Text("codeType"), o.Text("code")
		}
		m.Code(m.IRI, code, scheme)
	}
}

func putAbbreviation(m *mapper, v any) {
	if s := source.First(v); s != "" {
		m.Code(m.IRI, s, "OOAPI abbreviation")
	}
}

func putNames(m *mapper, _ any) {
	names := m.Names
	if m.course != nil {
		_, session := m.session()
		names = source.Without(source.Without(names, m.course.Names), source.TextsOf(session.Get("name")))
	}
	m.Texts(m.IRI, vocabulary.Title, names)
}

func putStudyLoad(m *mapper, v any) {
	workloads := 0
	for _, o := range source.Objects(v) {
		unit := strings.ReplaceAll(source.Spelling(o.Text("studyLoadUnit")), " ", "")
		digits, value, ok := source.Decimal(o.Text("value"))
		switch {
		case !ok || value < 0:
			m.Complain("studyLoad/value", o.Text("value"), "this is no number", "send a number from 0, with a point")
		case unit == "ects":
			m.Credits(m.IRI, digits, vocabulary.ECTS)
		case unit == "hour" || unit == "sbu" || unit == "contacttime":
			d, ok := source.Workload(value)
			if workloads++; ok && workloads == 1 {
				m.Typed(m.IRI, vocabulary.VolumeOfLearning, d, rdf.XSDDuration)
			}
		default:
			m.Own(m.IRI, "studyLoad", rdf.String(strings.TrimSpace(digits+" "+o.Text("studyLoadUnit"))))
			m.Complain("studyLoad/studyLoadUnit", o.Text("studyLoadUnit"), "the unit is no ECTS credit and no hour", "send the study load in ects")
		}
	}
}

func putModes(m *mapper, v any) {
	seen := make(map[string]bool)
	for _, s := range source.Scalars(v) {
		mode, ok := modes[source.Spelling(s)]
		switch {
		case !ok:
			m.Own(m.IRI, "modeOfDelivery", rdf.String(s))
			m.Complain("modeOfDelivery", s, "the standard has no such mode", "send distance-learning, on campus, online, hybrid or situated")
		case !seen[mode]:
			seen[mode] = true
			m.Link(m.IRI, vocabulary.Mode, mode)
		}
	}
}

func putDuration(m *mapper, v any) {
	s := source.First(v)
	if d, ok := source.Length(s); ok {
		m.Typed(m.IRI, vocabulary.Duration, d, rdf.XSDDuration)
		return
	}
	m.Complain("duration", s, "this is no plausible length of a course", "send an ISO 8601 duration such as P10W or P5M")
}

func putOutcomes(m *mapper, v any) {
	for _, texts := range source.OutcomesOf(v) {
		m.Outcome(texts)
	}
}

func putLevel(m *mapper, v any) {
	s := source.First(v)
	level := eqfLevels[source.Spelling(s)]
	switch _, wins := qualificationLevel(m.Get("levelOfQualification")); {
	case level != 0 && !wins:
		m.Link(m.IRI, vocabulary.EQFLevel, vocabulary.EQFIRI(level))
	case level != 0 || s == "":
	default:
		m.Own(m.IRI, "level", rdf.String(s))
		if !slices.Contains(otherLevels, source.Spelling(s)) {
			m.Complain("level", s, "the standard has no such level", "send bachelor, master or doctoral, or leave it out")
		}
	}
}

func putQualificationLevel(m *mapper, v any) {
	if level, ok := qualificationLevel(v); ok {
		m.Link(m.IRI, vocabulary.EQFLevel, vocabulary.EQFIRI(level))
	}
}

func qualificationLevel(v any) (int, bool) {
	level, err := strconv.Atoi(source.First(v))
	return level, err == nil && level >= 1 && level <= 8
}

// putResources writes all entries, which have no language.
func putResources(m *mapper, v any) {
	var texts []source.Text
	for _, e := range source.List(v) {
		texts = append(texts, source.TextsOf(e)...)
	}
	m.Note(m.IRI, vocabulary.AdditionalNote, "resources", texts)
}

func putAssessment(m *mapper, v any) { m.Assessment(source.TextsOf(v)) }

func putLink(m *mapper, v any) {
	s := source.First(v)
	u, ok := source.WebURL(s)
	if !ok {
		m.Complain("link", s, "this is no web address", "send an absolute https URL")
		return
	}
	m.Page(m.IRI, u)
}

func putResultExpected(m *mapper, v any) {
	if b, err := strconv.ParseBool(strings.ToLower(source.First(v))); err == nil {
		m.Own(m.IRI, "resultExpected", rdf.Typed(strconv.FormatBool(b), rdf.XSDBoolean))
	}
}

// putGrading keeps the value on the offering; the course has at most one grading scheme, so the first
// offering writes it, and only when no other disagrees.
func putGrading(m *mapper, v any) {
	s := source.First(v)
	m.Own(m.IRI, "resultValueType", rdf.String(s))
	for _, o := range m.course.instances {
		if other := source.First(o.Get("resultValueType")); other != "" && other != s {
			return
		}
	}
	if m.course.graded {
		return
	}
	m.course.graded = true
	m.Value(m.Course.IRI, vocabulary.GradingScheme, vocabulary.ClassGradingScheme, s, func(n rdf.Blank) {
		m.Texts(n, vocabulary.Title, source.OneText("en", s))
	})
}
