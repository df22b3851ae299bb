package ooapi

import (
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// putCourseConsumers keeps what is meant for other systems, and writes alliances as conditions of each offering that
// names none itself.
func putCourseConsumers(field string) func(*mapper, any) {
	keep := source.FreeForm[*mapper](field)
	return func(m *mapper, v any) {
		keep(m, v)
		named := alliances(v)
		if len(m.instances) == 0 {
			m.alliances(named)
			return
		}
		for _, o := range m.instances {
			if len(alliances(o.Get(field))) == 0 && !m.Full() {
				o.alliances(named)
			}
		}
	}
}

func putOfferingConsumers(field string) func(*mapper, any) {
	keep := source.FreeForm[*mapper](field)
	return func(m *mapper, v any) {
		keep(m, v)
		m.alliances(alliances(v))
	}
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
func (m *mapper) alliances(named []source.Object) {
	for _, a := range named {
		if a.Has("name") {
			m.Value(m.IRI, vocabulary.HasLearnerGroupConditions, vocabulary.ClassLearnerGroupConditions, source.Compact(a), func(n rdf.Resource) {
				m.conditions(n, a)
			})
		}
	}
}

func (m *mapper) conditions(n rdf.Resource, alliance source.Object) {
	theme := alliance.Text("theme")
	name := strings.ToLower(alliance.Text("name"))
	m.Value(n, vocabulary.LearnerGroup, vocabulary.ClassLearnerGroup, name+"\x00"+theme+"\x00"+source.Compact(alliance.Get("dateComment")), func(group rdf.Resource) {
		m.Texts(group, vocabulary.Title, source.OneText("en", "Students of "+strings.ToUpper(name)))
		m.Value(group, m.Namespace+"alliance", vocabulary.ClassOrganisation, name, func(alliance rdf.Resource) { m.alliance(alliance, name) })
		if theme != "" {
			m.Note(group, vocabulary.AdditionalNote, "theme", source.OneText(source.Undetermined, theme))
		}
		m.Note(group, vocabulary.AdditionalNote, "dateComment", source.Untagged(alliance.Get("dateComment")))
	})
	if b, err := strconv.ParseBool(alliance.Text("visibleForOwnStudents")); err == nil {
		m.Own(n, "visibleForOwnStudents", rdf.Typed(strconv.FormatBool(b), rdf.XSDBoolean))
	}
	if u, ok := source.WebURL(first(alliance, "enrolmentUrl", "enrollmentUrl")); ok {
		m.Typed(n, vocabulary.RegistrationPortal, u, rdf.XSDAnyURI)
	}
}

// alliance names an alliance, under the standard's own term: who its members are is not said, and ql:studentsOf takes
// groups with members only. Its names are short and in any letter case ("EWUU", "ewuu"), so they are no identifiers
// beyond this standard.
func (m *mapper) alliance(node rdf.Resource, name string) {
	m.Texts(node, vocabulary.LegalName, source.OneText(source.Undetermined, strings.ToUpper(name)))
	m.Identifier(node, name, "eduxchange alliance")
}
