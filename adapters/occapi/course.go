package occapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// whole is the course's own resource over the collection's entry; without one the entry alone. What an earlier run
// fetched counts while the entry's lastModified is that of then.
func (c *client) whole(ctx context.Context, e entry, known *details) (entry, error) {
	if full, ok := known.recall(e, c.Limits); ok {
		return e.under(full), nil
	}
	links, _ := e.Get("links").(source.Object)
	address := c.link(links, e.URL, "self", "course", e.id)
	if address == "" {
		return e, nil
	}
	full, rec, err := c.resource(ctx, address)
	var lost *adapters.RecordError
	switch {
	case errors.As(err, &lost):
		lost.Subject = e.id
		return e, lost
	case unshown(err):
		return e, nil
	case err != nil:
		return e, err
	case full.id != e.id:
		return e, nil // a link that leads elsewhere
	}
	known.remember(e.id, cmp.Or(full.Text("lastModified"), e.Text("lastModified")), rec)
	return e.under(full), nil
}

// unshown says that the server has no such resource, or does not show it to anybody with these credentials.
func unshown(err error) bool {
	return absent(err) || source.Refused(err) && source.Status(err) != http.StatusUnauthorized
}

// resource fetches one resource.
func (c *client) resource(ctx context.Context, address string) (entry, source.Record, error) {
	d, err := c.document(ctx, address, func(source.Record) error { return nil })
	if err != nil {
		return entry{}, source.Record{}, err
	}
	rec := source.Record{Place: source.Place{URL: d.url, Pointer: "/data"}, Raw: d.data}
	full, err := resource(rec, c.Limits)
	if err == nil {
		full.Object = full.With(source.Field{Name: "links", Value: d.links})
	}
	return full, rec, err
}

// under lays a fuller entry over this one.
func (e entry) under(full entry) entry {
	said := slices.DeleteFunc(slices.Clone(full.Object), func(f source.Field) bool { return source.Blank(f.Value) })
	links := nested(e.Object, "links").With(nested(full.Object, "links")...) // either may announce a collection
	merged := e.With(said...).With(source.Field{Name: "links", Value: links})
	return entry{Entry: source.Entry{Place: full.Place, Object: merged}, kind: e.kind, id: e.id}
}

// instances reads the instances of a course, where the course announces them.
func (c *client) instances(ctx context.Context, course entry) (found []entry, notes []adapters.Note, err error) {
	links, _ := course.Get("links").(source.Object)
	if !links.Has("instance") {
		return nil, nil, nil
	}
	address := c.link(links, course.URL, "instance", "course", course.id, "instance")
	if address == "" {
		return nil, nil, nil
	}
	err = c.list(ctx, address, func(rec source.Record) error {
		if len(found) >= c.Offerings {
			return &adapters.RecordError{
				Subject: course.id, Where: rec.String(), Field: "data",
				Message: fmt.Sprintf("the course has more than %d instances", c.Offerings), Fix: "leave out instances that are long past",
			}
		}
		e, err := resource(rec, c.Limits)
		var lost *adapters.RecordError
		if errors.As(err, &lost) {
			notes = source.Lost(notes, lost)
			return nil
		}
		if e.instanceOf(course.id) {
			found = append(found, e)
		}
		return nil
	})
	if absent(err) {
		return nil, nil, nil
	}
	return found, notes, err
}
