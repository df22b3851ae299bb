package occapi

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/elm"
)

// entry is one resource: its attributes, with id, meta, relationships and links beside them.
type entry struct {
	source.Entry
	kind string // of JSON:API: hei, ounit, programme, course, instance
	id   string
}

// resource reads a resource object. What is no attribute wins over an attribute of the same name.
func resource(rec source.Record, lim Limits) (entry, error) {
	obj, err := rec.Decode(lim, "id")
	if err != nil {
		return entry{}, err
	}
	e := entry{kind: strings.ToLower(obj.Text("type")), id: obj.Text("id")}
	if e.id == "" {
		return e, &adapters.RecordError{Where: rec.In("id").String(), Field: "id", Message: "the resource has no id", Fix: "give every resource its id, which never changes"}
	}
	attributes, ok := obj.Get("attributes").(source.Object)
	if !ok {
		return e, &adapters.RecordError{
			Subject: e.id, Where: rec.In("attributes").String(), Field: "attributes", Message: "the resource has no attributes",
			Fix: "send type, id and attributes, as JSON:API describes them",
		}
	}
	var beside []source.Field
	for _, field := range []string{"id", "meta", "relationships", "links"} {
		beside = append(beside, source.Field{Name: field, Value: obj.Get(field)})
	}
	e.Entry = source.Entry{Place: rec.Place, Object: attributes.With(beside...)}
	return e, nil
}

// nested reads an object within an object.
func nested(o source.Object, path ...string) source.Object {
	for _, field := range path {
		o, _ = o.Get(field).(source.Object)
	}
	return o
}

// related are the ids that a relationship of the entry names.
func (e entry) related(name string) []string {
	return e.named(name).Texts
}

func (e entry) named(relationship string) source.Once {
	var out source.Once
	for _, o := range source.Objects(nested(e.Object, "relationships", relationship).Get("data")) {
		out.Add(o.Text("id"))
	}
	return out
}

// instanceOf reports whether an instance belongs to the course; one that names no course does.
func (e entry) instanceOf(course string) bool {
	named := e.related("course")
	return len(named) == 0 || slices.Contains(named, course)
}

// inclusions are the statements of a course about the programmes that it is part of.
func (e entry) inclusions() []source.Object {
	meta := nested(e.Object, "meta")
	return slices.Concat(source.Objects(meta.Get("relatedProgramme")), source.Objects(meta.Get("programme")))
}

// programmesOf are the programmes that a course names.
func (e entry) programmesOf() []string {
	out := e.named("relatedProgramme")
	for _, o := range e.inclusions() {
		out.Add(o.Text("programmeId"))
	}
	return out.Texts
}

// catalogue is what the collections say: what there is, and what belongs to what.
type catalogue struct {
	scope       string // provider id under which subjects are minted
	institution entry
	programmes  []entry
	courses     *source.Stack

	listed    map[string]bool         // subjects listed, since collections repeat entries
	parts     map[string][]string     // courses of a programme
	wholes    map[string]*source.Once // programmes of a course
	levels    map[string]any          // eqfLevelProvided of a programme
	unitsOf   map[string][]entry      // by subject
	unitsSeen map[string]bool         // subject and unit
}

// newCatalogue makes the catalogue of an institution. Ids are unique within the institution only, and one manifest may
// name several: so they are minted under its SCHAC code, and under the provider where it has none.
func newCatalogue(provider string, institution entry, lim Limits) (*catalogue, error) {
	scope, ok := source.Domain(cmp.Or(institution.Text("heiId"), institution.id))
	if !ok {
		scope = provider
	}
	courses, err := source.NewStack(lim.HeldBytes)
	return &catalogue{
		scope: scope, institution: institution, courses: courses,
		listed: make(map[string]bool), parts: make(map[string][]string), wholes: make(map[string]*source.Once),
		levels: make(map[string]any), unitsOf: make(map[string][]entry), unitsSeen: make(map[string]bool),
	}, err
}

// subject is the IRI of a course or programme. Ids are unique among resources of one type only, so those of
// programmes say so.
func (c *catalogue) subject(kind, id string) string {
	if kind != "course" {
		id = kind + ":" + id
	}
	return elm.Mint(c.scope, id)
}

func (c *catalogue) first(kind, id string) bool {
	s := c.subject(kind, id)
	again := c.listed[s]
	c.listed[s] = true
	return !again
}

func (c *catalogue) addProgramme(e entry, _ source.Record) error {
	if c.first("programme", e.id) {
		c.programmes = append(c.programmes, e)
		c.levels[e.id] = e.Get("eqfLevelProvided")
	}
	return nil
}

func (c *catalogue) addCourse(e entry, rec source.Record) error {
	if !c.first("course", e.id) {
		return nil
	}
	for _, p := range e.programmesOf() {
		c.relate(e.id, p)
	}
	return c.courses.Put(rec)
}

// relate says that a course is part of a programme.
func (c *catalogue) relate(course, programme string) {
	course, programme = strings.Clone(course), strings.Clone(programme) // outlive the entries that name them
	if c.wholes[course] == nil {
		c.wholes[course] = new(source.Once)
	}
	if c.wholes[course].Add(programme) {
		c.parts[programme] = append(c.parts[programme], course)
	}
}

// place says that a unit has a course or programme.
func (c *catalogue) place(kind, id string, unit entry) {
	s := c.subject(kind, id)
	if mark := s + " " + unit.id; !c.unitsSeen[mark] {
		c.unitsSeen[mark] = true
		c.unitsOf[s] = append(c.unitsOf[s], unit)
	}
}
