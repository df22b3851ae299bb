package eduapi

import (
	"context"
	"errors"
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

// missesAtMost bounds the look-ups of a run that find nothing.
const missesAtMost = 20

// lookups asks for templates and offerings that others name and no list holds: parents that are neither course nor
// collection, and what a server leaves off its lists.
func (c *client) lookups(ctx context.Context, m *mirror) error {
	misses, asked := 0, make(map[string]bool)
	find := func(id string, places []place) error {
		for _, p := range places {
			if asked[p.path+"/"+id] || !source.Addressable(id) || misses >= missesAtMost {
				continue
			}
			asked[p.path+"/"+id] = true
			rec, err := c.one(ctx, p.path, id)
			if err != nil {
				return err
			}
			if rec.Raw == nil {
				misses++
				continue
			}
			obj, err := rec.Decode(c.Limits, "sourcedId")
			if err != nil || obj.Text("sourcedId") != id {
				misses++
				continue
			}
			return m.put(p.shelf(obj), rec, false)
		}
		return nil
	}
	for range source.Levels { // a parent may have a parent
		missing := m.missing()
		before := len(asked)
		for _, miss := range missing {
			if err := find(miss.id, miss.places); err != nil {
				return err
			}
		}
		if len(asked) == before {
			break
		}
	}
	return nil
}

// place is where a record may be asked for, and where it is kept then.
type place struct {
	path  string
	shelf func(source.Object) string
}

func shelved(collection string) func(source.Object) string {
	return func(source.Object) string { return collection }
}

// missing is an id that a record names and no list holds.
type missing struct {
	id     string
	places []place
}

var (
	parentTemplates = []place{{genericTemplates, templateShelf}}
	parentOfferings = []place{{"educationsOfferings", offeringShelf}, {genericOfferings, offeringShelf}} // the first is the standard's spelling
)

// missing lists what is named and not held, each once.
func (m *mirror) missing() []missing {
	var out []missing
	named := make(map[string]bool)
	name := func(id string, places []place, held ...string) {
		for _, collection := range held {
			if _, ok := m.shelf(collection).at[id]; ok {
				return
			}
		}
		if !named[places[0].path+"/"+id] {
			named[places[0].path+"/"+id] = true
			out = append(out, missing{id, places})
		}
	}
	each := func(collection, field string, places []place, held ...string) {
		for _, rec := range m.all(collection) {
			obj, err := rec.Decode(m.limits, "sourcedId")
			if err != nil || gone(obj) {
				continue
			}
			for _, id := range ids(obj.Get(field)) {
				name(id, places, held...)
			}
		}
	}
	for _, k := range kinds {
		each(k.templates, "parent", parentTemplates, courses.templates, groups.templates, genericTemplates, componentTemplates)
		each(k.offerings, "parent", parentOfferings, courses.offerings, groups.offerings, genericOfferings, componentOfferings)
	}
	for _, k := range []*kind{courses, groups} {
		each(k.offerings, k.parent, []place{{k.templates, shelved(k.templates)}}, k.templates, genericTemplates)
	}
	return out
}

// one reads a single record; without Raw when the server does not have it or does not show it.
func (c *client) one(ctx context.Context, collection, id string) (source.Record, error) {
	address := c.URL(nil, collection, id)
	a, err := c.Fetch(ctx, address)
	if (source.Refused(err) || absent(err)) && source.Status(err) != http.StatusUnauthorized {
		return source.Record{}, nil
	}
	if err != nil {
		return source.Record{}, err
	}
	items, err := entries(a.Body, collection)
	if errors.Is(err, source.ErrEmptyBody) || (err == nil && len(items) == 0) {
		return source.Record{}, nil
	}
	if err != nil {
		return source.Record{}, fmt.Errorf("%s: %w", address, err)
	}
	return source.Record{Place: source.Place{URL: a.URL}, Raw: items[0]}, nil
}
