package ooapi

import (
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

var putRawConsumers = source.FreeForm[*mapper]("consumers")

func putCourseConsumers(m *mapper, v any) {
	putRawConsumers(m, v)
	if len(m.instances) == 0 {
		m.alliances(v)
		return
	}
	for _, o := range m.instances {
		if len(alliances(o.Get("consumers"))) == 0 {
			o.alliances(v)
		}
	}
}

func putOfferingConsumers(m *mapper, v any) {
	putRawConsumers(m, v)
	m.alliances(v)
}

// alliances are the entries of eduxchange consumers.
func alliances(v any) []source.Object {
	var out []source.Object
	for _, c := range source.Objects(v) {
		if strings.EqualFold(c.Text("consumerKey"), "eduxchange") {
			out = append(out, source.Objects(c.Get("alliances"))...)
		}
	}
	return out
}

// alliances writes what eduxchange says as conditions for the students of an alliance.
func (m *mapper) alliances(v any) {
	for _, a := range alliances(v) {
		if a.Has("name") {
			m.Value(m.IRI, vocabulary.HasLearnerGroupConditions, vocabulary.ClassLearnerGroupConditions, source.Compact(a), func(n rdf.Blank) {
				m.conditions(n, a)
			})
		}
	}
}

func (m *mapper) conditions(n rdf.Blank, alliance source.Object) {
	theme := alliance.Text("theme")
	name := strings.ToLower(alliance.Text("name"))
	m.Value(n, vocabulary.LearnerGroup, vocabulary.ClassLearnerGroup, name+"\x00"+theme, func(group rdf.Blank) {
		m.Value(group, vocabulary.StudentsOf, vocabulary.ClassGroupOfHEIs, name, func(members rdf.Blank) { m.group(members, name) })
		if theme != "" {
			m.Note(group, vocabulary.AdditionalNote, "theme", source.OneText("", theme))
		}
	})
	if b, err := strconv.ParseBool(alliance.Text("visibleForOwnStudents")); err == nil {
		m.Own(n, "visibleForOwnStudents", rdf.Typed(strconv.FormatBool(b), rdf.XSDBoolean))
	}
	if u, ok := source.WebURL(alliance.Text("enrollmentUrl")); ok {
		m.Typed(n, vocabulary.RegistrationPortal, u, rdf.XSDAnyURI)
	}
}

// group names an alliance. Its names are short and in any letter case ("EWUU", "ewuu"), so they are no
// identifiers beyond this standard.
func (m *mapper) group(members rdf.Blank, name string) {
	m.Add(members, vocabulary.PrefLabel, rdf.String(strings.ToUpper(name)))
	m.Identifier(members, name, "eduxchange alliance")
}
