package elm

import (
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// classify finds people, organisations and contact nodes by their classes, properties and names,
// then by what points at them.
func (m *removal) classify() {
	for n, term := range m.terms {
		if iri, ok := term.(rdf.IRI); ok {
			m.traits[n] |= m.traitsOfName(iri.String())
		}
		for _, t := range m.of(node(n)) {
			m.traits[n] |= traitsOfTriple(m.triples[t])
		}
	}
	for n := range m.terms {
		for _, t := range m.of(node(n)) {
			if o := m.object[t]; o != undescribed && m.traits[o]&(isKept|isOrganisation) == 0 {
				m.traits[o] |= traitsOfLink(m.triples[t].Pred.String())
			}
		}
	}
}

func (m *removal) traitsOfName(iri string) trait {
	switch is, phone := contactScheme(iri); {
	case phone:
		return isContact | isPhone
	case is && m.personal(iri):
		return isContact | hasPersonal
	case is:
		return isContact | hasRole
	case scrub(iri, m.roles.stay).removed > 0:
		return isPerson
	}
	return 0
}

func traitsOfTriple(t rdf.Triple) (is trait) {
	property := t.Pred.String()
	if property != rdf.Type {
		if meaningOf(property) == ofPerson {
			is = isPerson
		}
		return is
	}
	class := t.Obj.String()
	if isPersonClass(class) {
		is |= isPerson
	}
	if isContactClass(class) {
		is |= isContact
	}
	if isPhoneClass(class) {
		is |= isPhone
	}
	if isOrganisationClass(class) {
		is |= isOrganisation
	}
	return is
}

func traitsOfLink(property string) trait {
	switch meaningOf(property) {
	case mail, contact:
		return isContact
	case telephone:
		return isContact | isPhone
	case namesPerson:
		return isPerson
	}
	return 0
}

// addresses tells contact nodes what they hold, and hands it up to the contact nodes that hold them.
// Each node gets each trait at most once, so this ends after linear work.
func (m *removal) addresses() {
	holders := map[node][]node{}
	var changed []node
	for n := range m.terms {
		before := m.traits[n]
		if before&isContact == 0 {
			continue
		}
		for _, t := range m.of(node(n)) {
			m.traits[n] |= m.held(m.triples[t])
			if o := m.object[t]; o != undescribed && m.traits[o]&isContact != 0 {
				holders[o] = append(holders[o], node(n))
			}
		}
		if m.traits[n]&isPhone != 0 {
			m.traits[n] |= hasPhone
		}
		changed = append(changed, node(n))
	}
	const passed = hasPersonal | hasPhone | hasRole
	for len(changed) > 0 {
		n := changed[len(changed)-1]
		changed = changed[:len(changed)-1]
		for _, h := range holders[n] {
			if add := m.traits[n] & passed &^ m.traits[h]; add != 0 {
				m.traits[h] |= add
				changed = append(changed, h)
			}
		}
	}
}

// held is what a triple of a contact node says of its addresses.
func (m *removal) held(t rdf.Triple) trait {
	if iri, ok := t.Obj.(rdf.IRI); ok {
		switch is, phone := contactScheme(iri.String()); {
		case phone:
			return hasPhone
		case is && m.personal(iri.String()):
			return hasPersonal
		case is:
			return hasRole
		}
		return 0
	}
	if !isLiteral(t.Obj) {
		return 0
	}
	if meaningOf(t.Pred.String()) == telephone {
		return hasPhone
	}
	found := scrub(t.Obj.String(), m.roles.stay)
	switch {
	case found.removed > 0, found.kept == 0 && meaningOf(t.Pred.String()) == mail:
		return hasPersonal
	case found.kept > 0:
		return hasRole
	}
	return 0
}

// personal reports whether an IRI of a scheme of addresses holds anything but role addresses.
func (m *removal) personal(iri string) bool {
	found := scrub(iri, m.roles.stay)
	return found.kept == 0 || found.removed > 0
}
