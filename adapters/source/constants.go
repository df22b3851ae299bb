package source

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// term is an IRI of the program as it goes into triples.
type term struct {
	iri       rdf.IRI
	predicate rdf.Predicate
	object    rdf.Object
}

// constants are the properties and classes used so far, by IRI. They are names in the program, so there are not many:
// the map is copied for each new one, and read without a lock.
var (
	constants atomic.Pointer[map[string]term]
	learning  sync.Mutex // held while a constant is added
)

func constant(iri string) term {
	if known := constants.Load(); known != nil {
		if t, ok := (*known)[iri]; ok {
			return t
		}
	}
	learning.Lock()
	defer learning.Unlock()
	all := make(map[string]term)
	if known := constants.Load(); known != nil {
		maps.Copy(all, *known)
	}
	checked := rdf.MustIRI(iri)
	all[iri] = term{checked, checked, checked}
	constants.Store(&all)
	return all[iri]
}
