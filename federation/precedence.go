package federation

import (
	"cmp"
	"slices"
)

// Class of a publisher for a source domain, highest first.
type Class string

// The classes. Only the first four speak.
const (
	Delegated     Class = "delegated"     // the domain's own manifest lists the publisher
	Member        Class = "member"        // the operator trusts the publisher for the domain
	AllianceClass Class = "alliance"      // an alliance's domain delegates, and the domain is a member
	Authoritative Class = "authoritative" // the operator named the publisher's domain an authority
	Unverified    Class = "unverified"
	Local         Class = "local" // harvested here, may not speak; below all classes and outside both roots
)

// place in the order of classes; Unverified, Local and unknown ones share the last.
func (c Class) place() int {
	order := [...]Class{Delegated, Member, AllianceClass, Authoritative}
	if i := slices.Index(order[:], c); i >= 0 {
		return i
	}
	return len(order)
}

// Speaks reports whether records of publishers of this class can be in the catalogue.
func (c Class) Speaks() bool { return c.place() < Unverified.place() }

// Relation of a source domain to the provider it speaks about, best first.
type Relation int

// The relations.
const (
	Own        Relation = iota // domain equals provider
	Delegate                   // the provider's manifest lists the domain in delegates
	OfAlliance                 // the domain is an alliance with that member
	Configured                 // the operator's configuration says so
	None                       // may not speak
)

// String is the relation's name in APIs and vectors.
func (r Relation) String() string {
	names := [...]string{"own", "delegate", "alliance", "configured", "none"}
	if r < Own || r > None {
		return names[None]
	}
	return names[r]
}

// Pair is a candidate (source domain, publisher) for a provider, with all that ranks it.
type Pair struct {
	Provider, Domain string
	Publisher        PublisherID
	Class            Class
	Relation         Relation
	Order            int  // place in the domain's manifest, 0 first; for other classes 0
	Lists            bool // the publisher's effective head lists the domain
	Records          int  // of this pair for this provider
}

// Eligible reports whether the pair may be the effective one: its publisher and its domain speak, the
// publisher's effective head lists the domain, and it has a record, unless the provider speaks for
// itself: it may say that it offers nothing.
func (p Pair) Eligible() bool {
	return p.Class.Speaks() && p.Relation < None && p.Lists && (p.Records > 0 || p.Domain == p.Provider)
}

// compare puts the better pair first: relation, class, order in the manifest, publisher id. Two domains
// of one publisher can tie in all of these, so the domain decides last. Classes that do not speak come
// after everything, so that pairs outside the authority table move none inside it.
func (p Pair) compare(o Pair) int {
	return cmp.Or(
		cmp.Compare(p.silent(), o.silent()),
		cmp.Compare(p.Relation, o.Relation),
		cmp.Compare(p.Class.place(), o.Class.place()),
		cmp.Compare(p.Order, o.Order),
		cmp.Compare(p.Publisher, o.Publisher),
		cmp.Compare(p.Domain, o.Domain),
	)
}

func (p Pair) silent() int {
	if p.Class.Speaks() {
		return 0
	}
	return 1
}

// Rank sorts the pairs of one provider, best first: the index of a pair is its rank in the authority
// table. Whether a pair is eligible does not move it.
func Rank(pairs []Pair) []Pair {
	ranked := slices.Clone(pairs)
	slices.SortFunc(ranked, Pair.compare)
	return ranked
}

// Best picks the effective pair of one provider, or false: the first in rank that is eligible.
// Never time, never per course; independent of the order of pairs.
func Best(pairs []Pair) (Pair, bool) {
	ranked := Rank(pairs)
	if i := slices.IndexFunc(ranked, Pair.Eligible); i >= 0 {
		return ranked[i], true
	}
	return Pair{}, false
}
