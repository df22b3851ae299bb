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
	start, end := m.either("startDate", session), m.either("endDate", session)
	names := textsOf(session.get("name"))
	if !start.ok && !end.ok && len(names) == 0 {
		return
	}
	m.period(vocabulary.Temporal, names, start, end)
	if id != "" {
		m.own(m.node, "academicSession", rdf.String(id))
	}
	if start.ok && end.ok && end.value < start.value[:min(len(start.value), len(end.value))] {
		m.complain("endDate", end.value, "the offering ends before it starts", "exchange or correct the dates")
	}
}

func (m *mapper) either(field string, session object) moment {
	if own := m.date(field, m.get(field)); own.ok {
		return own
	}
	return instant(session.text(field))
}

// period hangs a period of time on the node; either end may be open.
func (m *mapper) period(property string, names []text, start, end moment) {
	key := start.value + "\x00" + end.value + "\x00" + keyOf(names)
	m.value(m.node, property, vocabulary.ClassPeriodOfTime, key, func(p rdf.Blank) {
		m.texts(p, vocabulary.PrefLabel, names)
		if start.ok {
			m.typed(p, vocabulary.StartDate, start.value, start.datatype)
		}
		if end.ok {
			m.typed(p, vocabulary.EndDate, end.value, end.datatype)
		}
	})
}

func putValidity(m *mapper, v any) { m.valid(v, m.get("validTo")) }

func putValidUntil(m *mapper, v any) {
	if !m.has("validFrom") {
		m.valid(nil, v)
	}
}

func (m *mapper) valid(from, to any) {
	start, end := m.date("validFrom", from), m.date("validTo", to)
	if start.ok || end.ok {
		m.period(nsValid, nil, start, end)
	}
}

func putEnrollStart(m *mapper, v any) {
	opens := m.date("enrollStartDate", v)
	if !opens.ok {
		return
	}
	m.own(m.node, "enrollStartDate", opens.literal())
	m.note(m.node, vocabulary.AdditionalNote, "enrollStartDate", []text{{"en", "Enrolment opens on " + opens.value + "."}})
}

// putDeadline writes an instant, as the profile wants. The API does not say in which zone a day ends.
func putDeadline(m *mapper, v any) {
	closes := m.date("enrollEndDate", v)
	if !closes.ok {
		return
	}
	if closes.datatype == rdf.XSDDate {
		closes.value += "T23:59:59"
	}
	m.typed(m.node, vocabulary.ApplicationDeadline, closes.value, rdf.XSDDateTime)
}

func putFlexibleEntry(m *mapper, v any) {
	from := m.date("flexibleEntryPeriodStart", v)
	if !from.ok {
		return
	}
	m.own(m.node, "flexibleEntryPeriodStart", from.literal())
	words := "Entry is possible from " + from.value
	if until := m.date("flexibleEntryPeriodEnd", m.get("flexibleEntryPeriodEnd")); until.ok {
		words += " to " + until.value
	}
	m.note(m.node, vocabulary.ScheduleInformation, "", []text{{"en", words + "."}})
}
