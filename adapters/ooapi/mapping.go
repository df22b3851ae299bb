package ooapi

import (
	"maps"
	"slices"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// input is one course with all that its mapping needs; the mapping itself does no I/O.
type input struct {
	entry
	offerings []entry
	refs      references
	provider  string
	notes     []adapters.Note // findings made while reading
}

// mapper describes one node, a specification or an instance, from one entry.
type mapper struct {
	*graph
	entry
	node      rdf.IRI
	refs      references
	course    *mapper   // of an instance
	instances []*mapper // of a specification
	names     []text    // the entry's names in all languages
	notes     *[]adapters.Note
	graded    bool // a specification that has its grading scheme
	inherits  bool // an instance whose field under way is the course's
}

func errNoID(at place) *adapters.RecordError {
	return &adapters.RecordError{
		Where: at.in("courseId").String(), Field: "courseId", Message: "the course has no id",
		Fix: "give every course its courseId, which never changes",
	}
}

// mapCourse maps a course and its offerings to one course graph.
func mapCourse(in input) (adapters.Item, error) {
	id := in.text("courseId")
	if id == "" {
		return adapters.Item{}, errNoID(in.place)
	}
	names := textsOf(in.get("name"))
	if len(names) == 0 {
		return adapters.Item{}, &adapters.RecordError{
			Subject: id, Where: in.in("name").String(), Field: "name", Message: "the course has no name",
			Fix: `give it a name in at least one language: "name": [{"language": "en", "value": "..."}]`,
		}
	}
	subject, err := rdf.NewIRI(elm.Mint(in.provider, id))
	if err != nil {
		return adapters.Item{}, &adapters.RecordError{Subject: id, Where: in.in("courseId").String(), Field: "courseId", Message: err.Error(), Fix: "use a UUID"}
	}
	notes := in.notes
	m := &mapper{graph: &graph{}, entry: in.entry, node: subject, refs: in.refs, names: names, notes: &notes}
	m.fold()
	m.instances = offeringMappers(m, in.offerings)
	m.specification(id)
	for _, o := range m.instances {
		o.instance()
	}
	return adapters.Item{
		Graph: elm.Graph{Subject: subject, Triples: m.triples},
		Where: in.place.String(),
		Notes: notes,
	}, nil
}

// foldedFields are taken from the course's education specification when the course lacks them. Fields
// of one group say the same thing: a course that has one of them needs none of the others.
var foldedFields = [][]string{{"level", "levelOfQualification"}, {"fieldsOfStudy"}, {"learningOutcomes"}, {"studyLoad"}}

// lacks reports whether the object has none of a group of fields.
func (o object) lacks(group []string) bool {
	return !slices.ContainsFunc(group, o.has)
}

func (m *mapper) fold() {
	_, spec := m.refs.find(educations, m.get("educationSpecification"))
	if spec == nil {
		return
	}
	full := maps.Clone(m.object)
	for _, group := range foldedFields {
		if !m.lacks(group) {
			continue
		}
		for _, field := range group {
			full[field] = spec.get(field)
		}
	}
	m.object = full
}

// offeringMappers prepares a node for each offering; of two with one id the first counts.
func offeringMappers(course *mapper, offerings []entry) []*mapper {
	seen := make(map[string]bool, len(offerings))
	var out []*mapper
	for _, o := range offerings {
		id := o.text("offeringId")
		m := &mapper{graph: course.graph, entry: o, refs: course.refs, course: course, notes: course.notes, names: textsOf(o.get("name"))}
		switch node, err := rdf.NewIRI(elm.MintOffering(course.node.String(), id)); {
		case id == "":
			m.complain("offeringId", "", "an offering without an id is left out", "give every offering its offeringId, which never changes")
		case err != nil:
			m.complain("offeringId", id, err.Error(), "use a UUID")
		case !seen[id]:
			seen[id] = true
			m.node = node
			out = append(out, m)
		}
	}
	return out
}

func (m *mapper) specification(id string) {
	m.link(m.node, rdf.Type, vocabulary.ClassLearningOpportunitySpecification)
	m.link(m.node, vocabulary.DCType, vocabulary.TypeCourse)
	if !m.has("primaryCode") && !m.has("otherCodes") && !m.has("abbreviation") {
		m.identifier(m.node, id, "courseId")
	}
	for _, r := range courseRules {
		if r.put == nil || (r.onInstance && len(m.instances) > 0) {
			continue
		}
		if v := m.get(r.Field); !blank(v) {
			r.put(m, v)
		}
	}
}

func (m *mapper) instance() {
	m.link(m.node, rdf.Type, vocabulary.ClassLearningOpportunityInstance)
	m.add(m.node, vocabulary.LearningAchievementSpecification, m.course.node)
	m.add(m.course.node, vocabulary.LearningOpportunity, m.node)
	for _, r := range offeringRules {
		if r.put == nil {
			continue
		}
		v := m.get(r.Field)
		if m.inherits = r.fromCourse && blank(v); m.inherits {
			v = m.course.get(r.Field)
		}
		if !blank(v) {
			r.put(m, v)
		}
	}
	m.inherits = false
	m.time()
}

// complain records a finding, once; the course is published anyway.
func (m *mapper) complain(field, value, message, fix string) {
	if runes := []rune(value); len(runes) > 80 {
		value = string(runes[:80]) + "..."
	}
	if m.course != nil && !m.inherits {
		field = "offerings/" + m.text("offeringId") + "/" + field
	}
	note := adapters.Note{Field: field, Value: value, Message: message, Fix: fix}
	if !slices.Contains(*m.notes, note) { // every offering inherits the course's defects
		*m.notes = append(*m.notes, note)
	}
}

// own keeps a fact under the standard's own term.
func (m *mapper) own(s rdf.Subject, field string, o rdf.Object) { m.add(s, Namespace+field, o) }

// dated keeps a date under its own name.
func dated(field string) func(*mapper, any) {
	return func(m *mapper, v any) {
		if at := m.date(field, v); at.ok {
			m.own(m.node, field, at.literal())
		}
	}
}

// raw keeps a value of free form, without persons, as JSON under its own name.
func raw(field string) func(*mapper, any) {
	return func(m *mapper, v any) {
		entries, ok := v.([]any)
		if !ok {
			entries = []any{v}
		}
		for _, e := range entries {
			if e = plain(e); !blank(e) {
				m.own(m.node, field, rdf.Typed(compact(e), rdfJSON))
			}
		}
	}
}

func (m *mapper) date(field string, v any) moment {
	s := first(v)
	at := instant(s)
	if !at.ok && s != "" {
		m.complain(field, s, "this is no date", "write YYYY-MM-DD")
	}
	return at
}

func first(v any) string {
	if s := scalars(v); len(s) > 0 {
		return s[0]
	}
	return ""
}

func prose(property, about string) func(*mapper, any) {
	return func(m *mapper, v any) { m.note(m.node, property, about, textsOf(v)) }
}

func number(field, property string) func(*mapper, any) {
	return func(m *mapper, v any) {
		n, ok := cardinal(first(v))
		if !ok {
			m.complain(field, first(v), "this is no number of people", "send a whole number from 0")
			return
		}
		m.typed(m.node, property, n, rdf.XSDNonNegInt)
	}
}
