package ooapi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func putID(m *mapper, v any) {
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
	for _, o := range m.Objects("studyLoad", v) {
		unit := source.Squeezed(o.Text("studyLoadUnit"))
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

// putModes writes modes of delivery; values is what the version allows.
func putModes(field, values string) func(*mapper, any) {
	return func(m *mapper, v any) {
		seen := make(map[string]bool)
		for _, s := range source.Scalars(v) {
			mode, known := modes[source.Spelling(s)]
			if mode == "" {
				m.Own(m.IRI, field, rdf.String(s))
			}
			switch {
			case !known && !ownValue(s):
				m.Complain(field, s, "the standard has no such mode", "send "+values)
			case mode != "" && !seen[mode]:
				seen[mode] = true
				m.Link(m.IRI, vocabulary.Mode, mode)
			}
		}
	}
}

// ownValue says that a server has extended an enumeration, as the standard allows.
func ownValue(s string) bool { return strings.HasPrefix(strings.ToLower(s), "x-") }

func putDuration(m *mapper, v any) {
	s := source.First(v)
	if d, ok := source.Length(s); ok {
		m.Typed(m.IRI, vocabulary.Duration, d, rdf.XSDDuration)
		return
	}
	m.Complain("duration", s, "this is no plausible length of a course", "send an ISO 8601 duration such as P10W or P5M")
}

// putLevel writes the level, unless levelOfQualification has one.
func putLevel(m *mapper, v any) {
	s := source.First(v)
	level := eqfLevels[source.Spelling(s)]
	switch _, wins := qualificationLevel(m.Get("levelOfQualification")); {
	case level != 0 && !wins:
		m.Link(m.IRI, vocabulary.EQFLevel, vocabulary.EQFIRI(level))
	case level != 0 || s == "":
	default:
		m.Own(m.IRI, "level", rdf.String(s))
		if !slices.Contains(otherLevels, source.Spelling(s)) && !ownValue(s) {
			m.Complain("level", s, "the standard has no such level", "send bachelor, master or doctoral, or leave it out")
		}
	}
}

// putQualificationLevel writes the level of the framework; one of a national framework stays under the standard's
// term.
func putQualificationLevel(m *mapper, v any) {
	if level, ok := qualificationLevel(v); ok {
		m.Link(m.IRI, vocabulary.EQFLevel, vocabulary.EQFIRI(level))
	} else if s := source.First(v); s != "" {
		m.Own(m.IRI, "levelOfQualification", rdf.String(s))
	}
}

// qualificationLevel reads "6" and "eqf_6".
func qualificationLevel(v any) (int, bool) {
	s := source.First(v)
	if s == "" {
		return 0, false
	}
	level, err := strconv.Atoi(strings.TrimPrefix(source.Spelling(s), "eqf "))
	return level, err == nil && level >= 1 && level <= 8
}

// putQualification writes what is awarded, which tells the level when nothing else does.
func putQualification(m *mapper, v any) {
	s := source.First(v)
	kind := source.Spelling(s)
	if kind == "none" {
		return
	}
	m.Note(m.IRI, vocabulary.AdditionalNote, "qualificationAwarded", source.OneText("en", s))
	_, qualified := qualificationLevel(m.Get("levelOfQualification"))
	if level := qualifications[kind]; level != 0 && !qualified && eqfLevels[source.Spelling(source.First(m.Get("level")))] == 0 {
		m.Link(m.IRI, vocabulary.EQFLevel, vocabulary.EQFIRI(level))
	}
}

// putStudyMode writes the schedule, as far as the hours are known.
func putStudyMode(m *mapper, v any) {
	s := source.First(v)
	if schedule := studyModes[source.Spelling(s)]; schedule != "" {
		m.Link(m.IRI, vocabulary.LearningSchedule, schedule)
		return
	}
	m.Own(m.IRI, "modeOfStudy", rdf.String(s))
}

// labelled writes a note that holds the value as it is sent; lang is "en" for values of the standard.
func labelled(field, lang string) func(*mapper, any) {
	return func(m *mapper, v any) {
		for _, s := range source.Scalars(v) {
			m.Note(m.IRI, vocabulary.AdditionalNote, field, source.OneText(lang, s))
		}
	}
}

// own keeps each value under the standard's own term.
func own(field string) func(*mapper, any) {
	return func(m *mapper, v any) {
		for _, s := range source.Scalars(v) {
			m.Own(m.IRI, field, rdf.String(s))
		}
	}
}

// putResources writes all entries, which have no language.
func putResources(m *mapper, v any) {
	var texts []source.Text
	for _, e := range source.List(v) {
		texts = append(texts, source.Untagged(e)...)
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
	m.grading(m.course.IRI, s)
}

func (m *mapper) grading(on rdf.Resource, kind string) {
	m.Value(on, vocabulary.GradingScheme, vocabulary.ClassGradingScheme, kind, func(n rdf.Resource) {
		m.Texts(n, vocabulary.Title, source.OneText("en", kind))
	})
}
