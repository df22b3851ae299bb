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

// alliances writes what eduxchange says as conditions for the students of an alliance.
func (m *mapper) alliances(v any) {
	for _, a := range alliances(v) {
		if a.has("name") {
			m.value(m.node, vocabulary.HasLearnerGroupConditions, vocabulary.ClassLearnerGroupConditions, compact(a), func(n rdf.Blank) {
				m.conditions(n, a)
			})
		}
	}
}

func (m *mapper) conditions(n rdf.Blank, alliance object) {
	theme := alliance.text("theme")
	name := strings.ToLower(alliance.text("name"))
	m.value(n, vocabulary.LearnerGroup, vocabulary.ClassLearnerGroup, name+"\x00"+theme, func(group rdf.Blank) {
		m.value(group, vocabulary.StudentsOf, vocabulary.ClassGroupOfHEIs, name, func(members rdf.Blank) { m.group(members, name) })
		if theme != "" {
			m.note(group, vocabulary.AdditionalNote, "theme", []text{{"", theme}})
		}
	})
	if b, err := strconv.ParseBool(alliance.text("visibleForOwnStudents")); err == nil {
		m.own(n, "visibleForOwnStudents", rdf.Typed(strconv.FormatBool(b), rdf.XSDBoolean))
	}
	if u, ok := webURL(alliance.text("enrollmentUrl")); ok {
		m.typed(n, vocabulary.RegistrationPortal, u, rdf.XSDAnyURI)
	}
}

// group names an alliance. Its names are short and in any letter case ("EWUU", "ewuu"), so they are no
// identifiers beyond this standard.
func (m *mapper) group(members rdf.Blank, name string) {
	m.add(members, vocabulary.PrefLabel, rdf.String(strings.ToUpper(name)))
	m.identifier(members, name, "eduxchange alliance")
}
