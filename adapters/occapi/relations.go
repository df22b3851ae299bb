package occapi

import (
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// putMeta writes the level that version 1 states, and what the course says of its programmes beyond their
// names.
func putMeta(m *mapper, _ any) {
	if level, ok := eqf(m.entry.stated()); ok {
		m.Link(m.IRI, vocabulary.EQFLevel, vocabulary.EQFIRI(level))
	}
	if year := nested(m.Object, "meta", "global").Text("year"); year != "" {
		m.Own(m.IRI, "year", rdf.String(year))
	}
	for _, o := range m.entry.inclusions() {
		m.Own(m.IRI, "relatedProgramme", rdf.Typed(source.Compact(source.Plain(o)), source.RDFJSON))
	}
}

func putRelationships(m *mapper, _ any) {
	for _, id := range m.entry.related("prerequisiteCourse") {
		m.to(vocabulary.EntryRequirementLearningOpportunity, "course", id)
	}
}

func putLocalStudents(m *mapper, v any) {
	m.restricted(v, "Students of this institution", func(group rdf.Resource) { m.hei(group, vocabulary.StudentsOf) })
}

// putUnavailable is version 1's word for a course of the institution's own students.
func putUnavailable(m *mapper, v any) {
	putFlag("unavailableForIncomingMobility")(m, v)
	putLocalStudents(m, v)
}

func putAllianceStudents(m *mapper, v any) {
	m.restricted(v, "Students of the alliance", func(rdf.Resource) {})
}

// restricted writes for whom the course is.
func (m *mapper) restricted(v any, title string, describe func(rdf.Resource)) {
	if b, ok := truth(v); !ok || !b {
		return
	}
	m.Value(m.IRI, vocabulary.HasLearnerGroupConditions, vocabulary.ClassLearnerGroupConditions, title, func(n rdf.Resource) {
		m.Value(n, vocabulary.LearnerGroup, vocabulary.ClassLearnerGroup, title, func(group rdf.Resource) {
			m.Texts(group, vocabulary.Title, source.OneText("en", title))
			describe(group)
		})
	})
}
