package eduapi

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func putPublisher(m *mapper, v any) {
	m.organization(v, vocabulary.Publisher)
	if id, obj := m.refs.Find(organizations, v); schacCode(obj) == "" {
		m.Department("organization", id, organizations.ID, source.TextsOf(tagged(obj).Get("name")))
	}
}

func putProvider(m *mapper, v any) { m.organization(v, vocabulary.ProvidedBy) }

// organization points to the institution above the named organisation.
func (m *mapper) organization(v any, property string) {
	id, code, obj := m.refs.Above(organizations, v, schacCode)
	if code == "" {
		return
	}
	m.Institution(m.IRI, property, id, code, func(node rdf.Subject) source.Institution {
		m.address(node, obj.Get("primaryAddress"))
		m.codes(node, code, obj)
		return source.Institution{Names: source.TextsOf(tagged(obj).Get("name"))}
	})
}

// codes keeps what else the institution is known by; as identifiers the profile takes SCHAC and OrgReg codes only.
func (m *mapper) codes(node rdf.Subject, schac string, obj source.Object) {
	for _, c := range codesOf(obj) {
		if domain, _ := source.Domain(c.Text("identifier")); domain != schac && !source.PersonalCode(c.Text("identifierType"), c.Text("identifier")) {
			m.Own(node, "otherCodes", rdf.Typed(source.Compact(source.Plain(c)), source.RDFJSON))
		}
	}
}

func codesOf(obj source.Object) []source.Object {
	return slices.Concat(source.Objects(obj.Get("primaryCode")), source.Objects(obj.Get("otherCodes")))
}

func (m *mapper) address(node rdf.Subject, v any) {
	for _, a := range source.Objects(v) {
		m.Locate(node, source.Location{
			Key: source.Compact(a), Name: a.Text("addressLocality"), Street: cmp.Or(a.Text("streetAddress"), a.Text("postOfficeBoxNumber")),
			PostalCode: a.Text("postalCode"), Locality: a.Text("addressLocality"), Country: cmp.Or(a.Text("addressCountryCode"), a.Text("addressCountry")), Geo: a.Get("geo"),
		})
	}
}

// schacCode is the organisation's domain. Without a type that says so, a code in the form of a domain counts
// only at the top, since departments have codes such as 'eng.cs'.
func schacCode(obj source.Object) string {
	codes := codesOf(obj)
	for _, strict := range []bool{true, false} {
		for _, c := range codes {
			code, ok := source.Domain(c.Text("identifier"))
			named := strings.Contains(strings.ToLower(c.Text("identifierType")), "schac")
			if ok && (named || (!strict && !obj.Has("parent"))) {
				return code
			}
		}
	}
	return ""
}

func (m *mapper) session() (id string, obj source.Object) {
	id, obj = m.refs.Find(sessions, m.Get("academicSession"))
	return id, tagged(obj)
}

// time writes the period of an offering. The offering's own dates win over the session's; an offering
// named after its session adds nothing to the label.
func (m *mapper) time() {
	id, session := m.session()
	start, end := m.either("startDate", session), m.either("endDate", session)
	names := m.labels(session)
	if !start.OK && !end.OK && len(names) == 0 {
		return
	}
	m.Period(m.IRI, vocabulary.Temporal, names, start, end)
	if id != "" {
		m.Own(m.IRI, "academicSession", rdf.String(id))
	}
	if start.OK && end.OK && end.Value < start.Value[:min(len(start.Value), len(end.Value))] {
		m.Complain("endDate", end.Value, "the offering ends before it starts", "exchange or correct the dates")
	}
}

// labels are the names of the offering's period.
func (m *mapper) labels(session source.Object) []source.Text {
	if names := source.TextsOf(session.Get("title")); len(names) > 0 {
		return names
	}
	if code := m.Text("academicSessionCode"); code != "" {
		return source.OneText(source.Undetermined, code)
	}
	var codes []source.Text
	for _, c := range source.Objects(session.Get("primaryCode")) {
		codes = append(codes, source.Untagged(c.Text("identifier"))...)
	}
	return source.FirstPerLanguage(codes)
}

func (m *mapper) either(field string, session source.Object) source.Moment {
	if own := m.Date(field, m.Get(field)); own.OK {
		return own
	}
	return source.Instant(session.Text(field))
}

func putParents(m *mapper, v any) {
	for _, id := range ids(v) {
		if !m.catalogue.gone[id] {
			m.to(vocabulary.IsPartOf, id)
		}
	}
}

// consists names the templates that are part of this one.
func (m *mapper) consists(id string) {
	for _, child := range m.catalogue.parts[id] {
		m.to(vocabulary.HasPart, child)
	}
}

// to links another template of the provider, of this source or another.
func (m *mapper) to(property, id string) {
	m.Refer(property, elm.Mint(m.provider, id), id, "sourcedId", nil)
}

// putParentOfferings links the offerings that this one is part of; of what they offer, the subject is known where they
// are listed.
func putParentOfferings(m *mapper, v any) {
	for _, id := range ids(v) {
		home, listed := m.catalogue.homes[id]
		iri, err := rdf.NewIRI(elm.MintOffering(elm.Mint(m.provider, home), id))
		if !listed || err != nil || iri == m.IRI {
			m.Own(m.IRI, "parent", rdf.String(id))
			continue
		}
		m.Add(m.IRI, vocabulary.IsPartOf, iri)
	}
}

// putRoles keeps from when to when students have access.
func putRoles(m *mapper, v any) {
	for _, o := range source.Objects(v) {
		if source.Spelling(o.Text("role")) == "student" {
			m.Own(m.IRI, "roleEnablement", rdf.Typed(source.Compact(source.Plain(o)), source.RDFJSON))
		}
	}
}
