package ooapi

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func putEducationSpecification(m *mapper, v any) {
	if id, obj := m.refs.find(educations, v); id != "" {
		m.reference(vocabulary.SpecialisationOf, id, "educationSpecificationId", textsOf(obj.get("name")))
	}
}

func putPrograms(m *mapper, v any) {
	for _, e := range list(v) {
		id, names := scalar(e), []text(nil)
		if o, ok := e.(object); ok {
			id, names = o.text("programId"), textsOf(o.get("name"))
		}
		if id != "" {
			m.reference(vocabulary.IsPartOf, id, "programId", names)
		}
	}
}

// reference points to something that this graph does not describe.
func (m *mapper) reference(property, id, scheme string, names []text) {
	m.value(m.node, property, vocabulary.ClassSpecificationReference, scheme+"\x00"+id, func(n rdf.Blank) {
		m.identifier(n, id, scheme)
		m.texts(n, vocabulary.Title, names)
	})
}

func putProgramOffering(m *mapper, v any) {
	for _, e := range list(v) {
		id := scalar(e)
		if o, ok := e.(object); ok {
			id = o.text("offeringId")
		}
		if id != "" {
			m.own(m.node, "programOffering", rdf.String(id))
		}
	}
}

func putPublisher(m *mapper, v any) {
	m.organization(v, vocabulary.Publisher)
	if id, obj := m.refs.find(organizations, v); len(textsOf(obj.get("name"))) > 0 && schacCode(obj) == "" {
		m.value(m.node, Namespace+"organization", vocabulary.ClassOrganisation, id, func(n rdf.Blank) {
			m.texts(n, vocabulary.PrefLabel, textsOf(obj.get("name")))
			if id != "" {
				m.identifier(n, id, "organizationId")
			}
		})
	}
}

func putProvider(m *mapper, v any) { m.organization(v, vocabulary.ProvidedBy) }

// organization points to the nearest institution above the named organisation. Without a SCHAC code
// there is nothing to tell which institution it is; then the source's own provider is meant.
func (m *mapper) organization(v any, property string) {
	for range organizationLevels {
		id, obj := m.refs.find(organizations, v)
		if obj == nil {
			return
		}
		if code := schacCode(obj); code != "" {
			m.institution(property, id, code, obj)
			return
		}
		v = obj.get("parent")
	}
}

// institution describes an institution once per graph.
func (m *mapper) institution(property, id, code string, obj object) {
	iri := "https://" + code + "/"
	if urn, ok := urnUUID(id); ok {
		iri = urn
	}
	node, err := rdf.NewIRI(iri)
	if err != nil {
		return
	}
	m.add(m.node, property, node)
	if m.described[iri] {
		return
	}
	if m.described == nil {
		m.described = make(map[string]bool)
	}
	m.described[iri] = true
	m.link(node, rdf.Type, vocabulary.ClassInstitution)
	m.texts(node, vocabulary.LegalName, textsOf(obj.get("name")))
	if s := obj.text("shortName"); s != "" {
		m.add(node, vocabulary.AltLabel, rdf.String(s))
	}
	if u, ok := webURL(obj.text("link")); ok {
		m.page(node, u)
	}
	m.value(node, vocabulary.Identifier, vocabulary.ClassSchacIdentifier, code, func(n rdf.Blank) {
		m.link(n, vocabulary.SchemeID, vocabulary.SchemeSchac)
		m.add(n, vocabulary.Notation, rdf.String(code))
	})
	m.places(node, obj.get("addresses"))
}

// schacCode is the organisation's SCHAC code, from any of its codes.
func schacCode(obj object) string {
	codes := append(objects(obj.get("primaryCode")), objects(obj.get("otherCodes"))...)
	for _, c := range codes {
		if strings.ReplaceAll(spelling(c.text("codeType")), " ", "") == "schachome" {
			return strings.TrimSuffix(strings.ToLower(c.text("code")), ".")
		}
	}
	return ""
}
