package api

import (
	"errors"
	"fmt"
	"slices"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/store"
)

// supersededMost is how many of the older courses that one course names are looked up.
const supersededMost = 64

// succession tells which older courses the course of an item replaces, and which newer ones of its provider
// replace it. Where two say so of each other neither is replaced.
func (a *API) succession(item catalogue.Item) (older []course.Superseded, newer []course.Link, err error) {
	group := a.cfg.Index.Group(item.Key) // all records of the course count
	var replaced, replacing []string
	for _, key := range group {
		member, ok := a.cfg.Catalogue.Get(key)
		if !ok {
			continue
		}
		content, err := a.courses.Content(member.CID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		for _, ref := range content.View.Supersedes {
			one, key, err := a.superseded(member, ref, group, len(older) < supersededMost)
			if err != nil {
				return nil, nil, err
			}
			older, replaced = append(older, one), append(replaced, key)
		}
		replacing = append(replacing, a.cfg.Index.Superseding(member, a.denotations(content))...)
	}
	slices.Sort(replacing)
	newer, err = a.links(slices.DeleteFunc(slices.Compact(replacing), func(key string) bool {
		return slices.Contains(group, key) || slices.Contains(replaced, key)
	}))
	return older, newer, err
}

// superseded shows what a course says it replaces, with the key of that course where exactly one is meant.
func (a *API) superseded(by catalogue.Item, ref elm.Reference, group []string, look bool) (course.Superseded, string, error) {
	out := course.Superseded{Reference: course.ReferenceOf(ref)}
	if !look {
		return out, "", nil
	}
	keys := slices.DeleteFunc(a.cfg.Index.Superseded(by, ref), func(key string) bool { return slices.Contains(group, key) })
	if len(keys) != 1 {
		return out, "", nil
	}
	links, err := a.links(keys)
	if len(links) == 1 {
		out.Course = &links[0]
	}
	return out, keys[0], err
}

// links names the courses of keys; those that went in this moment are left out.
func (a *API) links(keys []string) ([]course.Link, error) {
	out := []course.Link{}
	for _, key := range keys {
		content, err := a.contentOf(key)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, *content.Link())
	}
	return out, nil
}

// replacedError is errNotFound of a course that is gone and was replaced.
type replacedError struct {
	id string
	by []course.Link
}

func (e *replacedError) Error() string {
	return fmt.Sprintf("the course %q is gone; it was replaced by %s", clip(e.id, 200), clip(e.by[0].IRI, 200))
}

func (e *replacedError) Unwrap() error { return errNotFound }

// notFound says that no course has an identifier, and what replaced the one that had it.
func (a *API) notFound(id, provider string) error {
	var by []string
	for _, key := range a.cfg.Index.Successors(id, provider) {
		if provider != "" || a.replaced(key, id) {
			by = append(by, key)
		}
	}
	links, err := a.links(by)
	if err != nil {
		return inside(err)
	}
	if len(links) > 0 {
		return &replacedError{id, links}
	}
	return fmt.Errorf("%w: no course has the identifier %q", errNotFound, clip(id, 200))
}

// replaced reports whether the course of a key says that it replaces what an identifier denoted, and that
// was a course of its provider: by its IRI, or since the same publisher had it here. Without this anybody
// could name a successor of what another institution withdrew.
func (a *API) replaced(key, id string) bool {
	for _, key := range a.cfg.Index.Group(key) {
		item, ok := a.cfg.Catalogue.Get(key)
		if !ok {
			continue
		}
		content, err := a.courses.Content(item.CID)
		if err != nil {
			continue // only a hint is lost
		}
		for _, ref := range content.View.Supersedes {
			denotes := slices.Contains(index.SupersededTargets(content.Record.Provider, ref), index.Normalise(id))
			if denotes && ref.IRI != "" && a.was(item, ref.IRI) {
				return true
			}
		}
	}
	return false
}

// was reports whether an IRI is, or was here, one of the provider of an item.
func (a *API) was(item catalogue.Item, iri string) bool {
	_, provider, _, err := federation.SplitKey(item.Key)
	if err != nil {
		return false
	}
	if domain, _, ok := elm.CourseID(iri); ok {
		return domain == provider
	}
	if owns(item.Key, iri) {
		return true
	}
	had, err := a.cfg.DB.History(item.Publisher, federation.Record{Kind: federation.KindCourse, Provider: provider, Subject: iri}.Key())
	return err == nil && len(had) > 0
}
