package ooapi

import (
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func putEducationSpecification(m *mapper, v any) {
	if id, obj := m.refs.Find(educations, v); id != "" {
		m.Reference(vocabulary.SpecialisationOf, id, "educationSpecificationId", source.TextsOf(obj.Get("name")))
	}
}

func putPrograms(m *mapper, v any) {
	for _, e := range source.List(v) {
		id, names := source.Scalar(e), []source.Text(nil)
		if o, ok := e.(source.Object); ok {
			id, names = o.Text("programId"), source.TextsOf(o.Get("name"))
		}
		if id != "" {
			m.Reference(vocabulary.IsPartOf, id, "programId", names)
		}
	}
}

func putProgramOffering(m *mapper, v any) {
	for _, e := range source.List(v) {
		id := source.Scalar(e)
		if o, ok := e.(source.Object); ok {
			id = o.Text("offeringId")
		}
		if id != "" {
			m.Own(m.IRI, "programOffering", rdf.String(id))
		}
	}
}

func putPublisher(m *mapper, v any) {
	m.organization(v, vocabulary.Publisher)
	if id, obj := m.refs.Find(organizations, v); schacCode(obj) == "" {
		m.Department("organization", id, organizations.ID, source.TextsOf(obj.Get("name")))
	}
}

func putProvider(m *mapper, v any) { m.organization(v, vocabulary.ProvidedBy) }

// organization points to the institution above the named organisation.
func (m *mapper) organization(v any, property string) {
	id, code, obj := m.refs.Above(organizations, v, schacCode)
	if code == "" {
		return
	}
	m.Institution(m.IRI, property, source.Institution{
		ID: id, Schac: code, Names: source.TextsOf(obj.Get("name")), Short: source.TextsOf(obj.Text("shortName")),
		Page: obj.Text("link"), Places: func(node rdf.Subject) { m.places(node, obj.Get("addresses")) },
	})
}

// schacCode is the organisation's SCHAC code, from any of its codes.
func schacCode(obj source.Object) string {
	codes := append(source.Objects(obj.Get("primaryCode")), source.Objects(obj.Get("otherCodes"))...)
	for _, c := range codes {
		if strings.ReplaceAll(source.Spelling(c.Text("codeType")), " ", "") == "schachome" {
			return strings.TrimSuffix(strings.ToLower(c.Text("code")), ".")
		}
	}
	return ""
}
