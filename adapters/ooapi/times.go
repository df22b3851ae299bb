package ooapi

import (
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func (m *mapper) session() (id string, obj source.Object) {
	return m.refs.Find(m.version.words.sessions, reference(m.Object, "academicSession"))
}

// time writes the period of an offering. The offering's own dates win over the session's; an offering
// named after its session adds nothing to the label.
func (m *mapper) time() {
	id, session := m.session()
	words := m.version.words
	start, end := m.either(words.offeringStart, session), m.either(words.offeringEnd, session)
	names := source.TextsOf(session.Get("name"))
	if !start.OK && !end.OK && len(names) == 0 {
		return
	}
	m.Period(m.IRI, vocabulary.Temporal, names, start, end)
	if id != "" {
		m.Own(m.IRI, "academicSession", rdf.String(id))
	}
	if start.OK && end.OK && end.Value < start.Value[:min(len(start.Value), len(end.Value))] {
		m.Complain(words.offeringEnd, end.Value, "the offering ends before it starts", "exchange or correct the dates")
	}
}

func (m *mapper) either(field string, session source.Object) source.Moment {
	if own := m.Date(field, m.Get(field)); own.OK {
		return own
	}
	return source.Instant(session.Text(field))
}

func putValidity(m *mapper, v any) { m.valid(v, m.Get("validTo")) }

func putValidUntil(m *mapper, v any) {
	if !m.Has("validFrom") {
		m.valid(nil, v)
	}
}

func (m *mapper) valid(from, to any) {
	start, end := m.Date("validFrom", from), m.Date("validTo", to)
	if start.OK || end.OK {
		m.Period(m.IRI, nsValid, nil, start, end)
	}
}

func putEnrollStart(m *mapper, v any) {
	opens := m.Date("enrollStartDate", v)
	if !opens.OK {
		return
	}
	m.Own(m.IRI, "enrollStartDate", opens.Literal())
	m.opening("enrollStartDate", opens)
}

func (m *mapper) opening(field string, opens source.Moment) {
	m.Note(m.IRI, vocabulary.AdditionalNote, field, source.OneText("en", "Enrolment opens on "+opens.Value+"."))
}

func putEnrollEnd(m *mapper, v any) { m.deadline("enrollEndDate", v) }

// deadline writes an instant, as the profile wants. The API does not say in which zone a day ends.
func (m *mapper) deadline(field string, v any) {
	closes := m.Date(field, v)
	if !closes.OK {
		return
	}
	if closes.Datatype == rdf.XSDDate {
		closes.Value += "T23:59:59"
	}
	m.Typed(m.IRI, vocabulary.ApplicationDeadline, closes.Value, rdf.XSDDateTime)
}

func putFlexibleEntry(field, endField string) func(*mapper, any) {
	return func(m *mapper, v any) {
		from := m.Date(field, v)
		if !from.OK {
			return
		}
		m.Own(m.IRI, field, from.Literal())
		words := "Entry is possible from " + from.Value
		if until := m.Date(endField, m.Get(endField)); until.OK {
			words += " to " + until.Value
		}
		m.Note(m.IRI, vocabulary.ScheduleInformation, "", source.OneText("en", words+"."))
	}
}
