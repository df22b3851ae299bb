package ooapi

import (
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// putEnrolmentPeriods writes when and where whom to enrol: a period for named groups as conditions for them, one for
// everybody on the offering itself.
func putEnrolmentPeriods(m *mapper, v any) {
	for _, p := range m.Objects("enrolmentPeriods", v) {
		kept := p.Without("queuedNumberStudents") // changes daily
		m.Own(m.IRI, "enrolmentPeriods", rdf.Typed(source.Compact(source.Plain(kept)), source.RDFJSON))
		m.deadline("enrolmentPeriods/endDateTime", p.Get("endDateTime"))
		if opens := m.Date("enrolmentPeriods/startDateTime", p.Get("startDateTime")); opens.OK {
			m.opening("enrolmentPeriods", opens)
		}
		m.Note(m.IRI, vocabulary.AdditionalNote, "enrolmentPeriods", source.Untagged(p.Get("comment")))
		m.enrolment(p)
	}
}

// enrolment writes the portal and the groups of a period.
func (m *mapper) enrolment(p source.Object) {
	portal, ok := source.WebURL(p.Text("enrolmentUrl"))
	if !ok && p.Has("enrolmentUrl") {
		m.Complain("enrolmentPeriods/enrolmentUrl", p.Text("enrolmentUrl"), "this is no web address", "send an absolute https URL")
	}
	groups := source.Scalars(p.Get("targetGroups"))
	if len(groups) == 0 {
		if ok && !m.portal {
			m.portal = true // an offering has at most one
			m.Typed(m.IRI, vocabulary.RegistrationPortal, portal, rdf.XSDAnyURI)
		}
		return
	}
	m.Value(m.IRI, vocabulary.HasLearnerGroupConditions, vocabulary.ClassLearnerGroupConditions, portal+"\x00"+strings.Join(groups, "\x00"), func(n rdf.Resource) {
		for _, g := range groups {
			m.Value(n, vocabulary.LearnerGroup, vocabulary.ClassLearnerGroup, g, func(group rdf.Resource) { m.Texts(group, vocabulary.Title, source.OneText(source.Undetermined, g)) })
		}
		if ok {
			m.Typed(n, vocabulary.RegistrationPortal, portal, rdf.XSDAnyURI)
		}
	})
}

// putSupplementary writes pictures, texts and links beside the description.
func putSupplementary(m *mapper, v any) {
	for _, item := range source.Objects(v) {
		values, kind := source.TextsOf(item.Get("value")), source.Spelling(item.Text("type"))
		switch {
		case strings.HasPrefix(kind, "text "), kind == "text":
			m.Note(m.IRI, vocabulary.AdditionalNote, "supplementaryInformation", values)
		case kind == "image", kind == "uri", kind == "video":
			for _, t := range values {
				m.supplement(kind, t)
			}
		default:
			m.Own(m.IRI, "supplementaryInformation", rdf.Typed(source.Compact(source.Plain(item)), source.RDFJSON))
		}
	}
}

func (m *mapper) supplement(kind string, t source.Text) {
	u, ok := source.WebURL(t.Value)
	switch {
	case !ok:
		m.Complain("supplementaryInformation/value", t.Value, "this is no web address", "send an absolute https URL for "+kind)
	case kind == "image" && !m.pictured:
		m.pictured = true // a course has at most one banner
		m.Picture(m.IRI, vocabulary.BannerImage, u)
	default:
		m.Value(m.IRI, vocabulary.SupplementaryDocument, vocabulary.ClassWebResource, u, func(n rdf.Resource) {
			m.Typed(n, vocabulary.ContentURL, u, rdf.XSDAnyURI)
		})
	}
}
