package eduapi

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// catalogue is a mirror by what belongs to what.
type catalogue struct {
	*mirror
	kinds      map[string]*kind           // of the templates, by sourcedId
	gone       map[string]bool            // templates that are deleted
	parts      map[string][]string        // templates by the templates that they are part of
	offerings  map[string][]source.Record // by template
	homes      map[string]string          // templates by their offerings
	components map[string][]source.Record // by template
	runs       map[string][]source.Record // offerings of components, by component
	lost       []lost                     // records that belong to nothing
}

// lost is a record that names nothing that is listed.
type lost struct {
	source.Record
	field, within string
}

func index(m *mirror) *catalogue {
	c := &catalogue{
		mirror: m, kinds: make(map[string]*kind), gone: make(map[string]bool), parts: make(map[string][]string),
		offerings: make(map[string][]source.Record), homes: make(map[string]string),
		components: make(map[string][]source.Record), runs: make(map[string][]source.Record),
	}
	for _, k := range kinds {
		c.templates(k)
	}
	for _, k := range kinds {
		c.offered(k)
	}
	components := c.hang(componentTemplates, "parent", courses.templates, c.components, func(id string) bool { return c.kinds[id] != nil })
	c.hang(componentOfferings, "component", componentTemplates, c.runs, func(id string) bool { return components[id] })
	for _, children := range c.parts {
		slices.Sort(children)
	}
	return c
}

// each hands over the records of a collection that can be read.
func (c *catalogue) each(collection string, visit func(rec source.Record, id string, obj source.Object)) {
	for _, rec := range c.all(collection) {
		if obj, err := rec.Decode(c.limits, "sourcedId"); err == nil {
			visit(rec, strings.Clone(obj.Text("sourcedId")), obj) // the id outlives the object
		}
	}
}

func (c *catalogue) templates(k *kind) {
	c.each(k.templates, func(_ source.Record, id string, obj source.Object) {
		if id == "" || c.kinds[id] != nil {
			return
		}
		if c.kinds[id] = k; gone(obj) {
			c.gone[id] = true
			return
		}
		for _, parent := range ids(obj.Get("parent")) {
			if parent != id {
				c.parts[strings.Clone(parent)] = append(c.parts[parent], id)
			}
		}
	})
}

func (c *catalogue) offered(k *kind) {
	if k.parent == "" {
		return
	}
	c.each(k.offerings, func(rec source.Record, id string, obj source.Object) {
		known := false
		for _, template := range ids(obj.Get(k.parent)) {
			if c.kinds[template] != nil {
				known, c.homes[id] = true, template
				c.offerings[template] = append(c.offerings[template], rec)
			}
		}
		if !known {
			c.lost = append(c.lost, lost{rec, k.parent, k.templates})
		}
	})
}

// hang puts the records of a collection below those that they name, and gives the ids of those that found a place.
func (c *catalogue) hang(collection, field, within string, below map[string][]source.Record, known func(string) bool) map[string]bool {
	placed := make(map[string]bool)
	c.each(collection, func(rec source.Record, id string, obj source.Object) {
		found := false
		for _, above := range ids(obj.Get(field)) {
			if known(above) {
				found = true
				below[above] = append(below[above], rec)
			}
		}
		if found {
			placed[id] = true
			return
		}
		c.lost = append(c.lost, lost{rec, field, within})
	})
	return placed
}

// ids reads a field that holds one or more ids, or objects with an id.
func ids(v any) []string {
	var out source.Once
	for _, e := range source.List(v) {
		id := source.Scalar(e)
		if o, ok := e.(source.Object); ok {
			id = o.Text("sourcedId")
		}
		out.Add(id)
	}
	return out.Texts
}
