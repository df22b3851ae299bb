package ooapi

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
)

const (
	expandFrom     = 3 // outcomes to be looked up one by one from which an expanded course saves calls
	expandOutcomes = "learning_outcomes"
)

// expand reads the outcomes of a course or programme from the object itself, where the server says that it can. What
// does not come so is looked up.
func (c *client) expand(ctx context.Context, refs source.References, in *input) error {
	id := in.Text(in.kind.id)
	if !source.Addressable(id) || !c.expands(ctx, in.kind.collection, expandOutcomes) {
		return ctx.Err()
	}
	address := c.URL(url.Values{"expand": {expandOutcomes}}, in.kind.collection, id)
	a, err := c.Fetch(ctx, address)
	if err != nil {
		return ctx.Err() // the look-ups tell what is wrong
	}
	if full, err := source.ParseObject(address, a.Body, c.Limits); err == nil {
		for _, o := range source.Objects(full.Get("learningOutcomes")) {
			refs.Keep(in.version.words.outcomes, o)
		}
	}
	return nil
}

// expands reports whether the service document says that objects of a collection can be had with those expanded.
func (c *client) expands(ctx context.Context, collection, object string) bool {
	if c.service == nil {
		c.service = source.Object{}
		address := c.URL(nil)
		if a, err := c.Fetch(ctx, address); err == nil {
			if doc, err := source.ParseObject(address, a.Body, c.Limits); err == nil {
				c.service = doc
			}
		}
	}
	return slices.ContainsFunc(source.Objects(c.service.Get("supportedExpands")), func(e source.Object) bool {
		path, _, _ := strings.Cut(strings.TrimPrefix(e.Text("path"), "/"), "/")
		return path == collection && slices.Contains(source.Scalars(e.Get("expandableObjects")), object)
	})
}
