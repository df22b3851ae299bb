package elm

import (
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Collector takes the triples of a document in compact form: some 100 bytes for a triple that says
// something new, less for what is repeated. The zero value is not ready.
type Collector struct {
	terms    *terms
	subject  []node // of each triple, in order of arrival
	property []uint32
	object   []node // ^number of a literal
	subjects []node // in order of first appearance
	places   []rdf.Place
	began    []bool // by term: it is a subject

	last rdf.Subject // subject of the last triple, and its number
	n    node
}

// NewCollector makes an empty collector.
func NewCollector() *Collector { return &Collector{terms: newTerms()} }

// Len is the number of triples added.
func (c *Collector) Len() int { return len(c.subject) }

// Add takes a triple; at is where its subject is described, the zero Place when that is not known.
func (c *Collector) Add(t rdf.Triple, at rdf.Place) {
	if c.last != t.Subj {
		c.last, c.n = t.Subj, node(c.terms.number(t.Subj))
		c.begin(at)
	}
	c.subject = append(c.subject, c.n)
	c.property = append(c.property, c.terms.number(t.Pred))
	object := node(c.terms.number(t.Obj))
	if isLiteral(t.Obj) {
		object = ^object
	}
	c.object = append(c.object, object)
}

func (c *Collector) begin(at rdf.Place) {
	for int(c.n) >= len(c.began) {
		c.began = append(c.began, make([]bool, 1+len(c.began))...)
	}
	if !c.began[c.n] {
		c.began[c.n] = true
		c.subjects, c.places = append(c.subjects, c.n), append(c.places, at)
	}
}

// Open makes the document of what was collected. The collector is spent.
func (c *Collector) Open() *Document {
	d := &Document{
		layout: layout{object: c.object, instances: map[node][]node{}, roles: make([]role, len(c.terms.place))},
		terms:  c.terms, property: c.property, subjects: c.subjects, places: c.places,
		alike:  map[node][]node{},
		budget: eachFactor*len(c.subject) + eachSpare,
	}
	d.group(c.subject, len(c.terms.place))
	d.learn(c.subject)
	d.dropRepeated()
	return d
}

// learn finds out what every node is, and where every property leads.
func (d *Document) learn(subject []node) {
	d.ways = make([]way, len(d.roles))
	known := make([]bool, len(d.roles)) // properties
	typed, up := d.terms.find(rdf.Type), d.terms.find(vocabulary.LearningAchievementSpecification)
	same := d.terms.find(vocabulary.SameAs)
	classes := map[node]role{}
	for t, n := range subject {
		p, object := d.property[t], d.object[t]
		if !known[p] {
			known[p], d.ways[p] = true, wayOf(d.terms.iri(p))
		}
		switch {
		case int64(p) == typed && object >= 0:
			if _, ok := classes[object]; !ok {
				classes[object] = roleOf(d.terms.term(uint32(object)))
			}
			d.roles[n] |= classes[object]
		case int64(p) == up && object >= 0:
			d.roles[n] |= pointsUp
			if object != n && len(d.of(object)) > 0 {
				d.instances[object] = append(d.instances[object], n)
			}
		case int64(p) == same && object >= 0:
			d.alike[object] = append(d.alike[object], n)
		}
	}
}

// find is the number of an IRI, negative when no triple holds it.
func (t *terms) find(iri string) int64 {
	before := len(t.place)
	t.key = append(append(t.key[:0], kindIRI), iri...)
	if n := t.intern(); int(n) < before {
		return int64(n)
	}
	return -1
}
