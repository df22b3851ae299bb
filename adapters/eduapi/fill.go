package eduapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// mirrored are the collections of a mirror, in the order in which they are read.
var mirrored = []string{
	courses.templates, groups.templates, componentTemplates, courses.offerings, groups.offerings, componentOfferings,
	organizations.Name, sessions.Name, genericTemplates, genericOfferings,
}

// partial is the error of a fill that broke off among the templates: what it has of them can be mapped, since
// everything that hangs on them is there.
type partial struct{ err error }

func (e *partial) Error() string { return e.err.Error() }
func (e *partial) Unwrap() error { return e.err }

// fill reads everything. Templates are read first: where they are not to be had, the rest is not asked for.
func (c *client) fill(ctx context.Context, m *mirror) error {
	broken := c.templates(ctx, m)
	if broken != nil && m.size(courses.templates) == 0 {
		return broken
	}
	if broken == nil {
		if err := c.take(ctx, m, groups.templates); !absent(err) {
			broken = err
		}
	}
	for _, collection := range []string{componentTemplates, groups.offerings, componentOfferings} {
		if err := c.take(ctx, m, collection); err != nil && !absent(err) {
			return err
		}
	}
	if err := c.offerings(ctx, m); err != nil {
		return err
	}
	for _, collection := range []string{organizations.Name, sessions.Name} { // else they are looked up one by one
		if err := c.take(ctx, m, collection); err != nil && !absent(err) && !source.Refused(err) {
			return err
		}
	}
	if broken != nil {
		return &partial{broken}
	}
	return nil
}

// templates reads the courses; of a server without them, the generic templates.
func (c *client) templates(ctx context.Context, m *mirror) error {
	err := c.take(ctx, m, courses.templates)
	if !absent(err) {
		return err
	}
	if generic := c.takeEach(ctx, m, genericTemplates, templateShelf); !absent(generic) {
		return generic
	}
	if c.deeper() {
		if again := c.take(ctx, m, courses.templates); again == nil || !absent(again) {
			return again
		}
		c.back()
	}
	return fmt.Errorf("%w; the server lists neither courseTemplates nor educationTemplates there: path has to be the API's root", err)
}

// offerings reads the offerings of courses; of a server without them, the generic ones.
func (c *client) offerings(ctx context.Context, m *mirror) error {
	err := c.take(ctx, m, courses.offerings)
	if absent(err) {
		err = c.takeEach(ctx, m, genericOfferings, offeringShelf)
	}
	if absent(err) {
		return nil
	}
	return err
}

func (c *client) take(ctx context.Context, m *mirror, collection string) error {
	return c.list(ctx, collection, "", func(rec source.Record) error { return m.put(collection, rec, false) })
}

// takeEach shelves each record of a collection where it belongs.
func (c *client) takeEach(ctx context.Context, m *mirror, collection string, shelf func(source.Object) string) error {
	return c.list(ctx, collection, "", func(rec source.Record) error {
		obj, err := rec.Decode(c.Limits, "sourcedId")
		if err != nil {
			return m.put(courses.templates, rec, false) // reported there
		}
		return m.put(shelf(obj), rec, false)
	})
}

// absent says that the server does not have the collection.
func absent(err error) bool {
	switch source.Status(err) {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented:
		return true
	}
	return false
}
