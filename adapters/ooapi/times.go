package ooapi

import (
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func (m *mapper) session() (id string, obj object) {
	return m.refs.find(sessions, m.get("academicSession"))
}

// time writes the period of an offering. The offering's own dates win over the session's; an offering
// named after its session adds nothing to the label.
func (m *mapper) time() {
	id, session := m.session()
	start, startType, hasStart := m.either("startDate", session)
	end, endType, hasEnd := m.either("endDate", session)
	names := textsOf(session.get("name"))
	if !hasStart && !hasEnd && len(names) == 0 {
		return
	}
	p := m.hang(m.node, vocabulary.Temporal, vocabulary.ClassPeriodOfTime)
	m.texts(p, vocabulary.PrefLabel, names)
	if hasStart {
		m.typed(p, vocabulary.StartDate, start, startType)
	}
	if hasEnd {
		m.typed(p, vocabulary.EndDate, end, endType)
	}
	if id != "" {
		m.own(m.node, "academicSession", rdf.String(id))
	}
	if hasStart && hasEnd && end < start[:min(len(start), len(end))] {
		m.complain("endDate", end, "the offering ends before it starts", "exchange or correct the dates")
	}
}

func (m *mapper) either(field string, session object) (value, datatype string, ok bool) {
	if value, datatype, ok = m.date(field, m.get(field)); ok {
		return value, datatype, true
	}
	return instant(session.text(field))
}

func putValidity(m *mapper, v any) { m.valid(v, m.get("validTo")) }

func putValidUntil(m *mapper, v any) {
	if !m.has("validFrom") {
		m.valid(nil, v)
	}
}

func (m *mapper) valid(from, to any) {
	start, startType, hasStart := m.date("validFrom", from)
	end, endType, hasEnd := m.date("validTo", to)
	if !hasStart && !hasEnd {
		return
	}
	p := m.hang(m.node, nsValid, vocabulary.ClassPeriodOfTime)
	if hasStart {
		m.typed(p, vocabulary.StartDate, start, startType)
	}
	if hasEnd {
		m.typed(p, vocabulary.EndDate, end, endType)
	}
}

func putEnrollStart(m *mapper, v any) {
	value, datatype, ok := m.date("enrollStartDate", v)
	if !ok {
		return
	}
	m.own(m.node, "enrollStartDate", rdf.Typed(value, datatype))
	m.note(m.node, vocabulary.AdditionalNote, "enrollStartDate", []text{{"en", "Enrolment opens on " + value + "."}})
}

// putDeadline writes an instant, as the profile wants. The API does not say in which zone a day ends.
func putDeadline(m *mapper, v any) {
	value, datatype, ok := m.date("enrollEndDate", v)
	if !ok {
		return
	}
	if datatype == rdf.XSDDate {
		value += "T23:59:59"
	}
	m.typed(m.node, vocabulary.ApplicationDeadline, value, rdf.XSDDateTime)
}

func putFlexibleEntry(m *mapper, v any) {
	from, datatype, ok := m.date("flexibleEntryPeriodStart", v)
	if !ok {
		return
	}
	m.own(m.node, "flexibleEntryPeriodStart", rdf.Typed(from, datatype))
	words := "Entry is possible from " + from
	if until, _, ok := m.date("flexibleEntryPeriodEnd", m.get("flexibleEntryPeriodEnd")); ok {
		words += " to " + until
	}
	m.note(m.node, vocabulary.ScheduleInformation, "", []text{{"en", words + "."}})
}
