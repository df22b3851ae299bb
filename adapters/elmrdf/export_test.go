package elmrdf

import (
	"context"
	"slices"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Triples is what Read makes of a document before it looks for courses.
func (a *Adapter) Triples(ctx context.Context, get adapters.Get, source adapters.Source) ([]rdf.Triple, error) {
	d, err := a.load(ctx, get, source)
	if err != nil {
		return nil, err
	}
	return slices.Collect(d.Triples()), nil
}
