package elmrdf

import (
	"fmt"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// item gives a specification without an IRI one that is minted from its identifier.
func (d *document) item(g elm.Graph) (adapters.Item, error) {
	if _, ok := g.Subject.(rdf.IRI); ok {
		return adapters.Item{Graph: g, Where: d.where(g)}, nil
	}
	notation := smallestNotation(g)
	if notation == "" {
		return adapters.Item{}, d.noIdentity(g)
	}
	minted, err := rdf.NewIRI(elm.Mint(d.provider, notation))
	if err != nil {
		return adapters.Item{}, d.noIdentity(g)
	}
	if !d.take(minted.String()) {
		return adapters.Item{}, &adapters.RecordError{
			Subject: minted.String(), Where: d.where(g), Field: "adms:identifier",
			Message: "another specification of this document has the same identifier " + notation,
			Fix:     "give each course an IRI or an identifier of its own",
		}
	}
	g = g.Rename(g.Subject, minted)
	return adapters.Item{
		Graph: g,
		Where: d.where(g),
		Notes: []adapters.Note{{
			Field: "@id", Value: notation,
			Message: "the specification has no IRI; one was made of its identifier",
			Fix:     "publish it as <" + minted.String() + "> or under an IRI of your own",
		}},
	}, nil
}

func (d *document) noIdentity(g elm.Graph) *adapters.RecordError {
	title, _ := g.Title()
	return &adapters.RecordError{
		Where: d.where(g), Field: "adms:identifier",
		Message: fmt.Sprintf("no identity: the specification %q has neither an IRI nor an adms:identifier with a skos:notation", title),
		Fix:     "give the course an IRI that never changes, or its local code as adms:identifier",
	}
}

// smallestNotation is the identifier that comes first in byte order: the order of a document means
// nothing in RDF, and the minted IRI must not change when the document is written anew.
func smallestNotation(g elm.Graph) string {
	identifiers := make(map[rdf.Term]bool)
	for _, t := range g.Triples {
		if t.Subj == g.Subject && t.Pred.String() == vocabulary.Identifier {
			identifiers[t.Obj] = true
		}
	}
	smallest := ""
	for _, t := range g.Triples {
		if t.Pred.String() != vocabulary.Notation || !identifiers[t.Subj] {
			continue
		}
		if n := t.Obj.String(); n != "" && (smallest == "" || n < smallest) {
			smallest = n
		}
	}
	return smallest
}

func iriOf(t rdf.Term) string {
	if iri, ok := t.(rdf.IRI); ok {
		return iri.String()
	}
	return ""
}
