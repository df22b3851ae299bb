package source

import (
	"fmt"
	"slices"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Node describes one node of a course graph, a specification or an instance, from one entry.
type Node struct {
	*Graph
	Entry
	IRI       rdf.Resource
	Names     []Text // the entry's names in all languages
	Course    *Node  // of an instance
	Instances int    // of a specification
	Within    string // of an instance: what its findings are about
	Notes     *[]adapters.Note

	referred []rdf.Resource // other courses that it names
	inherits bool           // an instance whose field under way is the course's
	heritage heritage       // of a specification
}

// Described is the node itself, for a Mapping.
func (n *Node) Described() *Node { return n }

// Describer is what an adapter makes of a node.
type Describer interface{ Described() *Node }

// Rule is one row of a mapping: a field of the standard, where it goes, and how it comes back. M is the
// adapter's own kind of node.
type Rule[M Describer] struct {
	Field string // of the standard
	To    string // property of ELM or QualityLink, or the standard's own term; "-" when it is dropped
	Rule  string // what is done to the value, or why it is dropped
	Back  string // how the field is written from a graph; NotWritten
	Ask   string // what to send in the field, told to a source that leaves it out
	Lacks string // what ELM asks of the node there and the standard has no field for: a way of properties, as in messages

	Put        func(M, any) // nil when the field is read elsewhere or not at all
	OnInstance bool         // a course field about its runs: on the specification only while there is no instance
	FromCourse bool         // an instance without the field takes the course's
}

// NotWritten is how a field comes back that is not the standard's, or says the same as another one.
const NotWritten = "not written"

// Specification types the node as a course of that kind.
func (n *Node) Specification(kind string) {
	n.Link(n.IRI, rdf.Type, vocabulary.ClassLearningOpportunitySpecification)
	n.Link(n.IRI, vocabulary.DCType, kind)
}

// Instance types the node as a run of its course.
func (n *Node) Instance() {
	n.Link(n.IRI, rdf.Type, vocabulary.ClassLearningOpportunityInstance)
	n.Add(n.IRI, vocabulary.LearningAchievementSpecification, n.Course.IRI)
	n.Add(n.Course.IRI, vocabulary.LearningOpportunity, n.IRI)
}

// Complain records a finding, once; the course is published anyway.
func (n *Node) Complain(field, value, message, fix string) {
	if runes := []rune(value); len(runes) > 80 {
		value = string(runes[:80]) + "..."
	}
	if n.Course != nil && !n.inherits {
		field = n.Within + field
	}
	note := adapters.Note{Field: field, Value: value, Message: message, Fix: fix}
	if len(*n.Notes) <= mostFindings && !slices.Contains(*n.Notes, note) { // every instance inherits the course's defects
		*n.Notes = noted(*n.Notes, note)
	}
}

// mostFindings of one course are listed: nobody reads more.
const mostFindings = 500

// Objects are the objects of a field that holds objects; whatever else is in it cannot be read, which is a finding.
func (n *Node) Objects(field string, v any) []Object {
	for _, e := range List(v) {
		if _, ok := e.(Object); !ok {
			n.Complain(field, Scalar(e), "this is no object, and so it is not read", "send objects with the fields that the standard gives them")
		}
	}
	return Objects(v)
}

// Lost adds a finding about a record that is left out of a course.
func Lost(notes []adapters.Note, lost *adapters.RecordError) []adapters.Note {
	return noted(notes, adapters.Note{Field: lost.Field, Value: lost.Where, Message: lost.Message, Fix: lost.Fix})
}

// noted adds a finding, as long as there are not too many.
func noted(notes []adapters.Note, note adapters.Note) []adapters.Note {
	switch found := len(notes); {
	case found > mostFindings:
		return notes
	case found == mostFindings:
		note = adapters.Note{Field: note.Field, Message: fmt.Sprintf("more than %d findings; the others are not listed", mostFindings), Fix: "mend the listed ones first"}
	}
	return append(notes, note)
}

// First is the first text of a list; "" when there is none.
func First(v any) string {
	if s := Scalar(v); s != "" {
		return s
	}
	if s := Scalars(v); len(s) > 0 {
		return s[0]
	}
	return ""
}

// Date reads a date or date with time, and complains of anything else.
func (n *Node) Date(field string, v any) Moment {
	s := First(v)
	at := Instant(s)
	if !at.OK && s != "" {
		n.Complain(field, s, "this is no date", "write YYYY-MM-DD")
	}
	return at
}

// Dated keeps a date under the standard's own term.
func Dated[M Describer](field string) func(M, any) {
	return func(m M, v any) {
		n := m.Described()
		if at := n.Date(field, v); at.OK {
			n.Own(n.IRI, field, at.Literal())
		}
	}
}

// FreeForm keeps a value of free form, without persons, as JSON under the standard's own term.
func FreeForm[M Describer](field string) func(M, any) {
	return func(m M, v any) {
		entries, ok := v.([]any)
		if !ok {
			entries = []any{v}
		}
		n := m.Described()
		for _, e := range entries {
			if e = Plain(e); !Blank(e) {
				n.Own(n.IRI, field, rdf.Typed(Compact(e), RDFJSON))
			}
		}
	}
}

// Kept keeps each text of the value under the standard's own term.
func Kept[M Describer](field string) func(M, any) {
	return func(m M, v any) {
		n := m.Described()
		n.Texts(n.IRI, n.Namespace+field, TextsOf(v))
	}
}

// Prose writes one note in every language.
func Prose[M Describer](property, about string) func(M, any) {
	return func(m M, v any) {
		n := m.Described()
		n.Note(n.IRI, property, about, TextsOf(v))
	}
}

// People writes a count of people.
func People[M Describer](field, property string) func(M, any) {
	return func(m M, v any) {
		n := m.Described()
		count, ok := Cardinal(First(v))
		if !ok {
			n.Complain(field, First(v), "this is no number of people", "send a whole number from 0")
			return
		}
		n.Typed(n.IRI, property, count, rdf.XSDNonNegInt)
	}
}
