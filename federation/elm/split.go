package elm

import (
	"iter"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Document is a set of triples, indexed so that its course graphs can be taken out one by one.
type Document struct {
	x      *nodes
	budget int // triples that graphs may still copy, so that shared nodes cannot multiply a document
}

// Limits on the triples of all graphs of a document together. Graphs taken one by one cost time
// only, a list of all of them costs memory.
const (
	eachFactor, eachSpare = 64, 4 << 20
	listFactor, listSpare = 16, 4 << 20
	beyondBudget          = 64 // triples of a graph that comes after the budget is spent
)

// Open indexes a document in linear time. The triples must not be changed while it is in use.
func Open(triples []rdf.Triple) *Document {
	x := indexed(inNamespace(triples))
	x.dropRepeated()
	return &Document{x, eachFactor*len(triples) + eachSpare}
}

// Courses yields the course graphs, in order of first appearance of their subjects.
func (d *Document) Courses() iter.Seq[Graph] {
	return d.graphs(func(n node) bool { return d.x.roles[n]&isSpecification != 0 })
}

// Orphans yields the graphs of instances whose specification is not described in the document,
// whether they name one or not.
func (d *Document) Orphans() iter.Seq[Graph] {
	adopted := d.adopted()
	return d.graphs(func(n node) bool { return isRun(d.x.roles[n]) && !adopted[n] })
}

// isRun tells an instance by its type, or by the specification that it names.
func isRun(r role) bool { return r&(isInstance|pointsUp) != 0 && r&isSpecification == 0 }

// Split finds the course graphs of a document, in order of first appearance of their subjects.
// orphans are instances whose specification is not described in the document. For a document of
// which little is known, Open needs less memory.
func Split(triples []rdf.Triple) (graphs []Graph, orphans []Graph) {
	d := Open(triples)
	d.budget = listFactor*len(triples) + listSpare
	for g := range d.Courses() {
		graphs = append(graphs, g)
	}
	for g := range d.Orphans() {
		orphans = append(orphans, g)
	}
	return graphs, orphans
}

func (d *Document) graphs(chosen func(node) bool) iter.Seq[Graph] {
	return func(yield func(Graph) bool) {
		w := d.x.walk(true)
		for n := range d.x.terms {
			if chosen(node(n)) && !yield(d.graph(w, node(n))) {
				return
			}
		}
	}
}

func (d *Document) graph(w *walk, subject node) Graph {
	limit := MaxTriples
	if d.budget <= 0 {
		limit = beyondBudget
	}
	g := Graph{Subject: d.x.terms[subject], Oversize: !w.from(subject, limit)}
	if g.Oversize && len(w.queue) == 0 {
		w.queue = append(w.queue, subject)
	}
	g.Triples = w.collect(limit)
	d.budget -= len(g.Triples)
	return g
}

// adopted marks the instances that a described specification has: they point at it, or it at them.
func (d *Document) adopted() []bool {
	out := make([]bool, len(d.x.terms))
	for spec, instances := range d.x.instances {
		if d.x.roles[spec]&isSpecification == 0 {
			continue
		}
		for _, n := range instances {
			out[n] = true
		}
	}
	for n, r := range d.x.roles {
		if r&isSpecification == 0 {
			continue
		}
		for _, t := range d.x.of(node(n)) {
			if i := d.x.object[t]; i != undescribed && d.x.triples[t].Pred.String() == vocabulary.LearningOpportunity {
				out[i] = true
			}
		}
	}
	return out
}
