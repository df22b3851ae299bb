package ooapi

import (
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// refer points to another course, programme or education specification of the source. Its code is what the source
// sends of it, else its id.
func (m *mapper) refer(property string, k *kind, id string, obj source.Object) {
	code, scheme := id, k.id
	if codes := source.Objects(obj.Get("primaryCode")); len(codes) > 0 && !source.PersonalCode(codes[0].Text("codeType"), codes[0].Text("code")) && codes[0].Has("code") {
		code, scheme = codes[0].Text("code"), codes[0].Text("codeType")
	}
	m.Refer(property, elm.Mint(m.provider, id), code, scheme, source.TextsOf(obj.Get("name")))
}

// refers writes the references of a field, or of the ids beside it.
func refers(property, field string, to func(*version) *kind) func(*mapper, any) {
	return func(m *mapper, v any) {
		k := to(m.version)
		if m.Has(field) {
			v = m.Get(field)
		}
		for _, e := range source.List(v) {
			id := source.Scalar(e)
			obj, ok := e.(source.Object)
			if ok {
				id = obj.Text(k.id)
			}
			if id != "" {
				m.refer(property, k, id, obj)
			}
		}
	}
}

func programmesOf(v *version) *kind     { return v.programmes }
func specificationsOf(v *version) *kind { return v.specifications }

func putEducationSpecification(m *mapper, v any) {
	if id, obj := m.refs.Find(m.version.words.educations, v); id != "" {
		m.refer(vocabulary.SpecialisationOf, m.version.specifications, id, obj)
	}
}

// ownIDs keeps the ids of what a field names under the standard's own term.
func ownIDs(field, idField string) func(*mapper, any) {
	return func(m *mapper, v any) {
		for _, e := range source.List(v) {
			id := source.Scalar(e)
			if o, ok := e.(source.Object); ok {
				id = o.Text(idField)
			}
			if id != "" {
				m.Own(m.IRI, field, rdf.String(id))
			}
		}
	}
}

// putPublisher writes the institution, and the part of it that the field names. Of version 6's two fields for it the
// object counts.
func putPublisher(m *mapper, _ any) {
	words := m.version.words
	v := reference(m.Object, words.organization)
	m.organization(v, vocabulary.Publisher)
	if id, obj := m.refs.Find(words.organizations, v); schacCode(obj) == "" {
		m.Department(words.organization, id, words.organizations.ID, source.TextsOf(obj.Get("name")))
	}
}

// putProvider writes the institution that gives the offering, by default the course's.
func putProvider(m *mapper, _ any) {
	field := m.version.words.organization
	v := reference(m.Object, field)
	if source.Blank(v) {
		v = reference(m.course.Object, field)
	}
	m.organization(v, vocabulary.ProvidedBy)
}

// organization points to the institution above the named organisation.
func (m *mapper) organization(v any, property string) {
	id, code, obj := m.refs.Above(m.version.words.organizations, v, schacCode)
	if code == "" {
		return
	}
	m.Institution(m.IRI, property, id, code, func(node rdf.Subject) source.Institution {
		m.places(node, obj.Get("addresses"))
		return source.Institution{
			Names: source.TextsOf(obj.Get("name")), Short: source.Untagged(obj.Text("shortName")), Page: obj.Text("link"), Logo: obj.Text("logo"),
		}
	})
}

// schacCode is the organisation's SCHAC code, from any of its codes.
func schacCode(obj source.Object) string {
	for _, field := range []string{"primaryCode", "otherCodes"} {
		for _, c := range source.Objects(obj.Get(field)) {
			if source.Squeezed(c.Text("codeType")) != "schachome" {
				continue
			}
			if code, ok := source.Domain(c.Text("code")); ok {
				return code
			}
		}
	}
	return ""
}
