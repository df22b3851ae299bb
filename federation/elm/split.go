package elm

import (
	"iter"
	"slices"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Document is a set of triples, indexed so that its course graphs can be taken out one by one. It is not
// safe for concurrent use.
type Document struct {
	layout
	terms    *terms
	property []uint32 // of each triple
	ways     []way    // by property
	subjects []node   // in order of first appearance
	places   []rdf.Place
	alike    map[node][]node // who says owl:sameAs of a node
	budget   int             // triples that graphs may still copy, so that shared nodes cannot multiply a document
}

// Limits on the triples of all graphs of a document together. Graphs taken one by one cost time
// only, a list of all of them costs memory.
const (
	eachFactor, eachSpare = 64, 4 << 20
	listFactor, listSpare = 16, 4 << 20
	beyondBudget          = 64 // triples of a graph that comes after the budget is spent
)

// Open indexes triples in linear time.
func Open(triples []rdf.Triple) *Document {
	c := NewCollector()
	for _, t := range triples {
		c.Add(t, rdf.Place{})
	}
	return c.Open()
}

// Courses yields the course graphs, in order of first appearance of their subjects.
func (d *Document) Courses() iter.Seq[Graph] {
	return d.graphs(func(n node) bool { return d.roles[n]&isSpecification != 0 })
}

// Orphans yields the graphs of instances whose specification is not described in the document,
// whether they name one or not.
func (d *Document) Orphans() iter.Seq[Graph] {
	adopted := d.adopted()
	return d.graphs(func(n node) bool { return isRun(d.roles[n]) && !adopted[n] })
}

// Triples yields all triples, those of a node together, repeated ones once.
func (d *Document) Triples() iter.Seq[rdf.Triple] {
	return func(yield func(rdf.Triple) bool) {
		for _, n := range d.subjects {
			for _, t := range d.describe(nil, n, d.of(n)) {
				if !yield(t) {
					return
				}
			}
		}
	}
}

// Specifies reports whether the document describes a specification of that IRI.
func (d *Document) Specifies(iri string) bool {
	n := d.terms.find(iri)
	return n >= 0 && n < int64(len(d.roles)) && d.roles[n]&isSpecification != 0
}

// isRun tells an instance by its type, or by the specification that it names.
func isRun(r role) bool { return r&(isInstance|pointsUp) != 0 && r&isSpecification == 0 }

// Split finds the course graphs of a document, in order of first appearance of their subjects.
// orphans are instances whose specification is not described in the document. For a document of
// which little is known, Open needs less memory.
func Split(triples []rdf.Triple) (graphs []Graph, orphans []Graph) {
	d := Open(triples)
	d.budget = listFactor*len(triples) + listSpare
	return slices.Collect(d.Courses()), slices.Collect(d.Orphans())
}

func (d *Document) graphs(chosen func(node) bool) iter.Seq[Graph] {
	return func(yield func(Graph) bool) {
		w := newWalk(&d.layout, d, true)
		for i, n := range d.subjects {
			if !chosen(n) {
				continue
			}
			g := d.graph(w, n)
			if g.Place = d.places[i]; !yield(g) {
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
	g := Graph{Subject: d.terms.term(uint32(subject)).(rdf.Subject), Oversize: !w.from(subject, limit)}
	if g.Oversize && len(w.queue) == 0 {
		w.queue = append(w.queue, subject)
	}
	g.Triples = w.collect(limit)
	names := d.names(subject)
	g.Triples = append(g.Triples, names[:min(len(names), limit-len(g.Triples))]...)
	d.budget -= len(g.Triples)
	return g
}

// names are the other IRIs of a subject that the document states the other way round, as the QualityLink pilot does:
// <urn:uuid:...> owl:sameAs <the course>. From the course they could not be reached. A specification that is described
// itself says so in its own graph.
func (d *Document) names(subject node) []rdf.Triple {
	var out []rdf.Triple
	same := rdf.MustIRI(vocabulary.SameAs)
	for _, n := range d.alike[subject] {
		iri, ok := d.terms.term(uint32(n)).(rdf.IRI)
		if !ok || n == subject || d.roles[n]&isSpecification != 0 || d.states(subject, same, n) {
			continue
		}
		out = append(out, rdf.Triple{Subj: d.terms.term(uint32(subject)).(rdf.Subject), Pred: same, Obj: iri})
	}
	return out
}

func (d *Document) states(subject node, property rdf.IRI, object node) bool {
	return slices.ContainsFunc(d.of(subject), func(t int32) bool {
		return d.object[t] == object && d.terms.iri(d.property[t]) == property.String()
	})
}

func (d *Document) wayOf(t int32) way { return d.ways[d.property[t]] }

func (d *Document) describe(out []rdf.Triple, n node, list []int32) []rdf.Triple {
	if len(list) == 0 {
		return out
	}
	subject := d.terms.term(uint32(n)).(rdf.Subject)
	for _, t := range list {
		object := d.object[t]
		if object < 0 {
			object = ^object
		}
		out = append(out, rdf.Triple{
			Subj: subject, Pred: d.terms.term(d.property[t]).(rdf.Predicate), Obj: d.terms.term(uint32(object)).(rdf.Object),
		})
	}
	return out
}

// adopted marks the instances that a described specification has: they point at it, or it at them.
func (d *Document) adopted() []bool {
	out := make([]bool, len(d.roles))
	for spec, instances := range d.instances {
		if d.roles[spec]&isSpecification == 0 {
			continue
		}
		for _, n := range instances {
			out[n] = true
		}
	}
	for _, n := range d.subjects {
		if d.roles[n]&isSpecification == 0 {
			continue
		}
		for _, t := range d.of(n) {
			if i := d.object[t]; i >= 0 && d.wayOf(t)&leadsDown != 0 {
				out[i] = true
			}
		}
	}
	return out
}

// few is a number of triples up to which comparing each with each beats a map.
const few = 16

// dropRepeated forgets triples that say again what an earlier one said. Sources that describe the
// institution inside every course give its triples thousands of times.
func (d *Document) dropRepeated() {
	kept, end := int32(0), int32(0)
	for n := range len(d.first) - 1 {
		list := d.order[end:d.first[n+1]]
		end = d.first[n+1]
		d.first[n] = kept
		if len(list) < 2 { // most nodes: described elsewhere, or by one triple
			kept += int32(copy(d.order[kept:], list))
			continue
		}
		repeated := d.repeated(len(list))
		for _, t := range list {
			if !repeated(d.order[d.first[n]:kept], t) {
				d.order[kept] = t
				kept++
			}
		}
	}
	d.first[len(d.first)-1] = kept
}

// repeated compares with the triples kept of the same node.
func (d *Document) repeated(size int) func(kept []int32, t int32) bool {
	if size <= few {
		return func(kept []int32, t int32) bool {
			return slices.ContainsFunc(kept, func(k int32) bool { return d.property[k] == d.property[t] && d.object[k] == d.object[t] })
		}
	}
	type said struct {
		property uint32
		object   node
	}
	seen := make(map[said]struct{}, size)
	return func(_ []int32, t int32) bool {
		s := said{d.property[t], d.object[t]}
		_, was := seen[s]
		seen[s] = struct{}{}
		return was
	}
}
