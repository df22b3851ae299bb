package eduapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// missesAtMost bounds the look-ups of a run that find nothing.
const missesAtMost = 20

// place is where a record may be asked for, and where it is kept then.
type place struct {
	path  string
	shelf func(source.Object) string
}

var (
	parentTemplates = []place{{genericTemplates, templateShelf}}
	parentOfferings = []place{{"educationsOfferings", offeringShelf}, {genericOfferings, offeringShelf}} // the first is the standard's spelling
)

func shelved(collection string) func(source.Object) string {
	return func(source.Object) string { return collection }
}

// lookups asks for templates and offerings that others name and no list holds: parents that are neither course nor
// collection, and what a server leaves off its lists.
func (c *client) lookups(ctx context.Context, m *mirror) error {
	f := finder{client: c, mirror: m, asked: make(map[string]bool)}
	for range source.Levels { // a parent may have a parent
		before := len(f.asked)
		for _, miss := range m.missing() {
			if err := f.find(ctx, miss); err != nil {
				return err
			}
		}
		if len(f.asked) == before {
			break
		}
	}
	return nil
}

// finder asks for each record once.
type finder struct {
	client *client
	mirror *mirror
	asked  map[string]bool
	misses int
}

// find asks at one place after another.
func (f *finder) find(ctx context.Context, miss missing) error {
	for _, p := range miss.places {
		if found, err := f.at(ctx, p, miss.id); found || err != nil {
			return err
		}
	}
	return nil
}

func (f *finder) at(ctx context.Context, p place, id string) (found bool, err error) {
	key := p.path + "/" + id
	if f.asked[key] || !source.Addressable(id) || f.misses >= missesAtMost {
		return false, nil
	}
	f.asked[key] = true
	rec, err := f.client.one(ctx, p.path, id)
	if err != nil {
		return false, err
	}
	obj, _ := rec.Decode(f.client.Limits, "sourcedId") // none is a miss
	if obj.Text("sourcedId") != id {
		f.misses++
		return false, nil
	}
	return true, f.mirror.put(p.shelf(obj), rec, false)
}

// missing is an id that a record names and no list holds.
type missing struct {
	id     string
	places []place
}

// missing lists what is named and not held, each once.
func (m *mirror) missing() []missing {
	n := needs{mirror: m, known: make(map[string]bool)}
	for _, k := range kinds {
		n.named(k.templates, "parent", parentTemplates, courses.templates, groups.templates, genericTemplates, componentTemplates)
		n.named(k.offerings, "parent", parentOfferings, courses.offerings, groups.offerings, genericOfferings, componentOfferings)
	}
	for _, k := range []*kind{courses, groups} {
		n.named(k.offerings, k.parent, []place{{k.templates, shelved(k.templates)}}, k.templates, genericTemplates)
	}
	return n.missing
}

// needs collects what is missing.
type needs struct {
	mirror  *mirror
	known   map[string]bool
	missing []missing
}

// named notes the ids that a field of a collection's records names, unless one of the collections holds them.
func (n *needs) named(collection, field string, places []place, held ...string) {
	for _, rec := range n.mirror.all(collection) {
		obj, err := rec.Decode(n.mirror.limits, "sourcedId")
		if err != nil || gone(obj) {
			continue
		}
		for _, id := range ids(obj.Get(field)) {
			if key := places[0].path + "/" + id; !n.known[key] && !n.mirror.holds(id, held) {
				n.known[key] = true
				n.missing = append(n.missing, missing{id, places})
			}
		}
	}
}

func (m *mirror) holds(id string, collections []string) bool {
	for _, collection := range collections {
		if _, ok := m.shelf(collection).at[id]; ok {
			return true
		}
	}
	return false
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
