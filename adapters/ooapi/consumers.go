package ooapi

import (
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

var putRawConsumers = raw("consumers")

func putCourseConsumers(m *mapper, v any) {
	putRawConsumers(m, v)
	if len(m.instances) == 0 {
		m.alliances(v)
		return
	}
	for _, o := range m.instances {
		if len(alliances(o.get("consumers"))) == 0 {
			o.alliances(v)
		}
	}
}

func putOfferingConsumers(m *mapper, v any) {
	putRawConsumers(m, v)
	m.alliances(v)
}

// alliances are the entries of eduxchange consumers.
func alliances(v any) []object {
	var out []object
	for _, c := range objects(v) {
		if strings.EqualFold(c.text("consumerKey"), "eduxchange") {
			out = append(out, objects(c.get("alliances"))...)
		}
	}
	return out
}

// alliances writes what eduxchange says as conditions for the students of an alliance. Its names are
// short and in any letter case ("EWUU", "ewuu"), so they are no identifiers beyond this standard.
func (m *mapper) alliances(v any) {
	for _, a := range alliances(v) {
		name := strings.ToLower(a.text("name"))
		if name == "" {
			continue
		}
		conditions := m.hang(m.node, vocabulary.HasLearnerGroupConditions, vocabulary.ClassLearnerGroupConditions)
		group := m.hang(conditions, vocabulary.LearnerGroup, vocabulary.ClassLearnerGroup)
		members := m.hang(group, vocabulary.StudentsOf, vocabulary.ClassGroupOfHEIs)
		m.add(members, vocabulary.PrefLabel, rdf.String(strings.ToUpper(name)))
		m.identifier(members, name, "eduxchange alliance")
		if theme := a.text("theme"); theme != "" {
			m.note(group, vocabulary.AdditionalNote, "theme", []text{{"", theme}})
		}
		if b, err := strconv.ParseBool(a.text("visibleForOwnStudents")); err == nil {
			m.own(conditions, "visibleForOwnStudents", rdf.Typed(strconv.FormatBool(b), rdf.XSDBoolean))
		}
		if u, ok := webURL(a.text("enrollmentUrl")); ok {
			m.typed(conditions, vocabulary.RegistrationPortal, u, rdf.XSDAnyURI)
		}
	}
}
