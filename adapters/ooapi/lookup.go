package ooapi

import (
	"context"
	"slices"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// references looks up what the mapping needs to know.
func (c *client) references(ctx context.Context, in *input) (source.References, error) {
	refs, words := make(source.References), in.version.words
	c.Begin()
	if err := c.Climb(ctx, refs, words.organizations, reference(in.Object, words.organization)); err != nil {
		return nil, err
	}
	if needsSpecification(in.Object) {
		if err := c.Resolve(ctx, refs, words.educations, in.Get("educationSpecification")); err != nil {
			return nil, err
		}
	}
	for _, o := range in.offerings {
		if err := c.Resolve(ctx, refs, words.sessions, reference(o.Object, "academicSession")); err != nil {
			return nil, err
		}
		if err := c.Climb(ctx, refs, words.organizations, reference(o.Object, words.organization)); err != nil {
			return nil, err
		}
	}
	return refs, c.outcomes(ctx, refs, in)
}

func needsSpecification(course source.Object) bool {
	return slices.ContainsFunc(foldedFields, func(group []string) bool { return lacks(course, group) })
}

// outcomes looks up the learning outcomes that version 6 names by id. Where the server expands them in the course, one
// call takes the place of many.
func (c *client) outcomes(ctx context.Context, refs source.References, in *input) error {
	words := in.version.words
	if words.outcomes.Name == "" {
		return nil
	}
	if wanted := c.OneByOne(words.outcomes, named(in.Object, "learningOutcomes", words.outcomes.ID)); len(wanted) >= expandFrom {
		if err := c.expand(ctx, refs, in); err != nil {
			return err
		}
	}
	owners := []source.Object{in.Object}
	for _, c := range in.components {
		owners = append(owners, c.Object)
	}
	for _, o := range owners {
		for _, v := range source.List(reference(o, "learningOutcomes")) {
			if err := c.Resolve(ctx, refs, words.outcomes, v); err != nil {
				return err
			}
		}
	}
	return nil
}
