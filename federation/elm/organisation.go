package elm

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Organisation is a node that the course names as publisher, else as providedBy of its instances.
type Organisation struct {
	Node  rdf.Term
	Schac []string // notations of its ql:SchacIdentifier (or identifier with elm:schemeId ql:Schac), lower-case, verbatim otherwise
}

// Organisations lists what dcterms:publisher names, else what elm:providedBy names, IRIs before
// blank nodes, in byte order of IRI and SCHAC notation.
func (g Graph) Organisations() []Organisation {
	r := read(g.Subject, g.Triples)
	named := r.links(r.subject, vocabulary.Publisher)
	if len(named) == 0 {
		named = r.links(r.subject, vocabulary.ProvidedBy)
		for _, instance := range r.instances() {
			named = append(named, r.links(instance, vocabulary.ProvidedBy)...)
		}
	}
	var out []Organisation
	seen := map[rdf.Term]bool{}
	for _, term := range named {
		if !seen[term] {
			seen[term] = true
			out = append(out, Organisation{Node: term, Schac: r.schac(term)})
		}
	}
	slices.SortFunc(out, compareOrganisations)
	return out
}

func compareOrganisations(a, b Organisation) int {
	if _, ok := a.Node.(rdf.Blank); ok != isBlank(b.Node) {
		if ok {
			return 1
		}
		return -1
	}
	if isBlank(a.Node) {
		return cmp.Or(slices.Compare(a.Schac, b.Schac), strings.Compare(a.Node.String(), b.Node.String()))
	}
	return strings.Compare(a.Node.String(), b.Node.String())
}

func isBlank(t rdf.Term) bool {
	_, ok := t.(rdf.Blank)
	return ok
}

// schac lists the SCHAC codes of an organisation, sorted.
func (r *reader) schac(organisation rdf.Term) []string {
	var out []string
	for _, id := range r.links(organisation, vocabulary.Identifier) {
		if !r.isSchac(id) {
			continue
		}
		for _, notation := range r.literals(id, vocabulary.Notation) {
			out = append(out, strings.ToLower(notation.String()))
		}
	}
	return sorted(out)
}

func (r *reader) isSchac(identifier rdf.Term) bool {
	return r.typed(identifier, vocabulary.ClassSchacIdentifier) ||
		slices.Contains(r.texts(identifier, vocabulary.SchemeID), vocabulary.SchemeSchac)
}
