package elm

import (
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Person data never gets into a signed graph. What goes:
//
//   - people: nodes of a class called Person, nodes with properties that only people have, nodes that
//     are somebody's instructor or coordinator, ORCID IRIs; every link to them;
//   - contact points and mailboxes that hold a personal address, and those with a telephone number
//     but no role address; telephone numbers in any case;
//   - e-mail addresses as values, unless role addresses of the provider's own domain;
//   - literal creators, contributors and authors, since nobody can tell a person from a body there;
//   - personal e-mail addresses and ORCIDs inside other texts, replaced by "[removed]";
//   - what hung on any of these only.
//
// The subject and its instances stay whatever they are called; of a class of people only the type goes.

// trait is what is known of a node in this respect.
type trait uint8

const (
	isKept         trait = 1 << iota // the subject or an instance of it
	isOrganisation                   // no property makes it a person
	isPerson
	isContact   // a contact point, mailbox or telephone
	isPhone     // a telephone
	hasPersonal // holds a personal address, itself or in a mailbox
	hasPhone
	hasRole // holds a role address
)

// removal takes person data out of one graph.
type removal struct {
	*nodes
	roles   roleAddresses
	traits  []trait
	gone    map[string]bool // address IRIs counted
	removed Removed
}

func withoutPersons(subject rdf.Subject, triples []rdf.Triple, roles roleAddresses) ([]rdf.Triple, Removed) {
	r := read(subject, triples)
	m := &removal{nodes: r.nodes, roles: roles, traits: make([]trait, len(r.terms)), gone: map[string]bool{}}
	m.traits[m.find(subject)] |= isKept
	for _, instance := range r.instances() {
		m.traits[m.find(instance)] |= isKept
	}
	m.classify()
	m.addresses()
	kept := make([]rdf.Triple, 0, len(triples))
	for n := range m.terms {
		kept = append(kept, m.cleaned(node(n))...)
	}
	kept = reachable(subject, kept)
	m.removed.Persons += m.described() - described(kept)
	return kept, m.removed
}

func (m *removal) described() int {
	count := 0
	for n := range m.terms {
		if len(m.of(node(n))) > 0 {
			count++
		}
	}
	return count
}

// described counts the nodes that triples describe; the triples of a node stand together.
func described(triples []rdf.Triple) int {
	count := 0
	for i, t := range triples {
		if i == 0 || t.Subj != triples[i-1].Subj {
			count++
		}
	}
	return count
}

// leaves reports whether a described node goes.
func (m *removal) leaves(n node) bool {
	is := m.traits[n]
	switch {
	case is&isKept != 0:
		return false
	case is&(isPerson|isPhone) != 0:
		return true
	case is&isContact == 0:
		return false
	}
	return is&hasPersonal != 0 || is&hasPhone != 0 && is&hasRole == 0
}

// cleaned lists the triples of a node that may be signed. Of a node that goes the addresses count,
// but nobody else: the node itself is the person, and is counted by its absence.
func (m *removal) cleaned(n node) []rdf.Triple {
	var kept []rdf.Triple
	persons := m.removed.Persons
	for _, t := range m.of(n) {
		if clean, ok := m.clean(m.triples[t], m.object[t]); ok {
			kept = append(kept, clean)
		}
	}
	if m.leaves(n) {
		m.removed.Persons = persons
		return nil
	}
	return kept
}

// clean returns the triple as it may be signed, or false.
func (m *removal) clean(t rdf.Triple, object node) (rdf.Triple, bool) {
	switch obj := t.Obj.(type) {
	case rdf.Literal:
		var ok bool
		if t.Obj, ok = m.cleanLiteral(t.Pred.String(), obj); !ok {
			return t, false
		}
	case rdf.IRI:
		if !m.cleanIRI(t.Pred.String(), obj.String(), object) {
			return t, false
		}
	}
	return t, object == undescribed || !m.leaves(object)
}

// cleanIRI reports whether an IRI may stay as the value of a property, described or not.
func (m *removal) cleanIRI(property, iri string, object node) bool {
	if object != undescribed && m.traits[object]&isKept != 0 {
		return true
	}
	if property == rdf.Type {
		return !isPersonClass(iri)
	}
	is, phone := contactScheme(iri)
	if phone || is && m.personal(iri) || !is && scrub(iri, m.roles.stay).removed > 0 {
		if !m.gone[iri] {
			m.gone[iri] = true
			m.removed.Addresses++
		}
		return false
	}
	if object == undescribed && meaningOf(property) == namesPerson {
		m.removed.Persons++
		return false
	}
	return true
}

// cleanLiteral returns the literal without addresses; false when the whole value has to go.
func (m *removal) cleanLiteral(property string, l rdf.Literal) (rdf.Literal, bool) {
	found := scrub(l.String(), m.roles.stay)
	switch kind := meaningOf(property); {
	case kind == telephone, kind == mail && (found.kept == 0 || found.removed > 0):
		m.removed.Addresses += max(1, found.removed)
		return l, false
	case kind == namesPerson, kind == mayName, kind == ofPerson:
		m.removed.Persons++
		return l, false
	case found.removed == 0:
		return l, true
	}
	m.removed.Addresses += found.removed
	if l.DataType.String() == rdf.XSDAnyURI {
		return l, false
	}
	return withText(l, found.text), true
}

// withText is the literal with another lexical form.
func withText(l rdf.Literal, text string) rdf.Literal {
	if l.Lang() != "" {
		if tagged, err := rdf.Lang(text, l.Lang()); err == nil {
			return tagged
		}
	}
	if l.DataType.String() == "" {
		return rdf.String(text)
	}
	return rdf.Typed(text, l.DataType.String())
}
