package index

import (
	"net/url"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
)

// Relation is what one record says of another's course.
type Relation uint8

// The relations, from the record that says so.
const (
	OfferingOf Relation = iota // an offering's record to its course
	PartOf                     // a course to its container
	HasPart                    // a course to what it contains
	Supersedes                 // a course to the older one that it replaces, within its provider: see Superseding
	Relations                  // how many there are
)

// A course is referred to by an IRI or another identifier that is unique in the world, or by a code and
// the institution that gave it. Both sides of a link are written as texts, and a link leads where the
// texts are equal: nothing is guessed.

// Linked lists the keys of the records that say something of a course, sorted: of several records of
// one course all count, since each may be what others point at.
func (ix *Index) Linked(r Relation, denotations []string) []string {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	var found []uint32
	for _, id := range denotations {
		found = append(found, ix.links[r].find(id)...)
	}
	if r != OfferingOf {
		return ix.courses(found)
	}
	return ix.keys(found)
}

// ResolveOffering lists the keys of the records that hold an offering of that IRI or code, sorted: records of
// offerings, and of the courses that searches show; when there is none, of other records of those courses.
func (ix *Index) ResolveOffering(id string) []string {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	var found []uint32
	all := ix.runs.find(Normalise(id))
	for _, n := range all {
		if ix.offers(n) {
			found = append(found, n)
		}
	}
	if found == nil {
		found = all
	}
	return ix.keys(found)
}

// Course lists the keys of the courses that a reference means, sorted. More than one: several
// providers claim what it says.
func (ix *Index) Course(ref elm.Reference) []string {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	var found []uint32
	for _, id := range Targets(ref) {
		found = append(found, ix.ids.find(id)...)
	}
	return ix.courses(found)
}

// courses are the keys of the shown courses among documents; ix.mu is held.
func (ix *Index) courses(found []uint32) []string {
	var shown []uint32
	for _, n := range found {
		if n := ix.shown(n); ix.live.has(n) {
			shown = append(shown, n)
		}
	}
	return ix.keys(shown)
}

// keys of the documents that are held, sorted; ix.mu is held.
func (ix *Index) keys(found []uint32) []string {
	var out []string
	for _, n := range found {
		if ix.held.has(n) {
			out = append(out, ix.docs[n].key)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Denotations are the texts by which others can refer to a course.
func Denotations(c elm.Course, p federation.Provider) []string {
	out := []string{Normalise(c.IRI), Normalise(c.UUID)}
	for _, alias := range c.Aliases {
		if elm.IsGlobal(alias) {
			out = append(out, Normalise(alias))
		}
	}
	return distinct(append(out, codesOf(c, p)...))
}

// codesOf are the source's codes, each with every name of the institution.
func codesOf(c elm.Course, p federation.Provider) []string {
	codes := []string{c.UUID}
	if local, ok := localID(c.IRI); ok {
		codes = append(codes, local)
	}
	for _, id := range c.Identifiers {
		codes = append(codes, id.Notation)
	}
	var out []string
	for _, institution := range institutions(append([]string{federation.ProviderIRI(p.ID)}, p.Aliases...), []string{p.ID}) {
		for _, code := range codes {
			out = append(out, codeOf(institution, code))
		}
	}
	return out
}

// localID is the source's own id, out of the URN or DID that was made of it.
func localID(iri string) (string, bool) {
	_, local, ok := elm.CourseID(iri)
	if decoded, err := url.PathUnescape(local); err == nil {
		local = decoded
	}
	return local, ok
}

// codeOf cannot be mistaken for an identifier: no request may hold a NUL.
func codeOf(institution, notation string) string {
	return strings.ToLower(institution) + "\x00" + spelling(notation)
}

// Targets are the texts by which a reference can find its course.
func Targets(ref elm.Reference) []string {
	var out []string
	if ref.IRI != "" {
		out = append(out, Normalise(ref.IRI))
	}
	names := institutions(ref.Providers, ref.Schac)
	for _, id := range ref.Identifiers {
		if elm.IsGlobal(id.Notation) {
			out = append(out, Normalise(id.Notation))
		}
		for _, institution := range names {
			out = append(out, codeOf(institution, id.Notation))
			if federation.ValidProvider(institution) { // the URN is made of just these two
				out = append(out, Normalise(elm.Mint(institution, id.Notation)))
			}
		}
	}
	return distinct(out)
}

// institutions names organisations by IRI and by provider id, as far as the IRI or a SCHAC code gives one.
func institutions(iris, schac []string) []string {
	out := []string{}
	for _, code := range schac {
		out = append(out, strings.ToLower(code))
	}
	for _, iri := range iris {
		out = append(out, iri)
		if id, ok := federation.ProviderOfIRI(iri); ok {
			out = append(out, id)
		}
	}
	return distinct(out)
}

func linksOf(item catalogue.Item, provider string, c elm.Course) (links [Relations][]string) {
	for _, ref := range c.Containers {
		links[PartOf] = append(links[PartOf], Targets(ref)...)
	}
	for _, ref := range c.Parts {
		links[HasPart] = append(links[HasPart], Targets(ref)...)
	}
	for _, ref := range c.Supersedes {
		links[Supersedes] = append(links[Supersedes], supersededTargets(provider, item.Class == federation.Local, ref)...)
	}
	return links
}

// DocumentOfOffering takes from an offering's record what searches need.
func DocumentOfOffering(item catalogue.Item, record federation.Record, run elm.Run) Document {
	d := Document{Key: item.Key, CID: item.CID, RunIDs: runIDs(run.Offering), Offerings: []Offering{offering(run.Offering)}}
	d.Offerings[0].Providers = append(d.Offerings[0].Providers, record.Provider)
	for _, ref := range run.Of {
		d.Links[OfferingOf] = append(d.Links[OfferingOf], Targets(ref)...)
	}
	return d
}
