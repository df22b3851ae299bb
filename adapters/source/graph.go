package source

import (
	"slices"
	"strconv"
	"sync"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// RDFJSON is the datatype of values of free form.
const RDFJSON = vocabulary.NSRDF + "JSON"

// Graph collects the triples of one course and makes its blank nodes.
type Graph struct {
	Triples   []rdf.Triple
	Namespace string // of the standard's own terms, for facts that ELM has no place for

	blanks    int
	oversize  bool                   // more was to be added than is kept
	values    map[value]rdf.Resource // nodes without a name, by what they say
	codes     map[[3]string]bool     // identifiers written: node, notation, scheme
	described map[string]bool        // institutions and references written, by IRI
}

// graphs are those that are made and done with, whose memory serves the next.
var graphs = sync.Pool{New: func() any {
	return &Graph{values: make(map[value]rdf.Resource), codes: make(map[[3]string]bool), described: make(map[string]bool)}
}}

// NewGraph makes an empty graph; namespace is that of the standard's own terms.
func NewGraph(namespace string) *Graph {
	g := graphs.Get().(*Graph) //nolint:forcetypeassert // the pool holds nothing else
	g.Namespace = namespace
	return g
}

const unusual = 2048 // triples of a course; the memory of such a graph is not kept

// mostTriples are kept of a course, some of which may be said twice: more are no record in any case, however many
// hundreds of thousands of values a field has.
const mostTriples = 1 << 17

// Done ends the making of the graph, which must not be used any more, and gives its triples; oversize says that some are
// lacking, so that the graph can be no record.
func (g *Graph) Done() (triples []rdf.Triple, oversize bool) {
	triples, oversize = slices.Clone(g.Triples), g.oversize
	if len(triples) <= unusual {
		clear(g.Triples)
		clear(g.values)
		clear(g.codes)
		clear(g.described)
		g.Triples, g.blanks = g.Triples[:0], 0
		graphs.Put(g)
	}
	return triples, oversize
}

// Full says that the graph can be no record any more, so that it need not be gone on with.
func (g *Graph) Full() bool { return g.oversize }

// Add adds one triple; property is a constant of the program.
func (g *Graph) Add(s rdf.Subject, property string, o rdf.Object) {
	if len(g.Triples) == mostTriples {
		g.oversize = true
		return
	}
	g.Triples = append(g.Triples, rdf.Triple{Subj: s, Pred: constant(property).predicate, Obj: o})
}

// Link points to an IRI that is known to be one.
func (g *Graph) Link(s rdf.Subject, property, iri string) { g.Add(s, property, rdf.MustIRI(iri)) }

// Typed adds a literal with a datatype, which is a constant of the program.
func (g *Graph) Typed(s rdf.Subject, property, value, datatype string) {
	g.Add(s, property, rdf.TypedBy(value, constant(datatype).iri))
}

// Texts adds each text.
func (g *Graph) Texts(s rdf.Subject, property string, texts []Text) {
	for _, t := range texts {
		g.Add(s, property, t.Literal())
	}
}

// Own adds a fact under the standard's own term.
func (g *Graph) Own(s rdf.Subject, field string, o rdf.Object) { g.Add(s, g.Namespace+field, o) }

func (g *Graph) blank(class string) rdf.Resource {
	g.blanks++
	label, err := rdf.NewBlank("n" + strconv.Itoa(g.blanks))
	if err != nil {
		panic("source: " + err.Error()) // the label is made of a letter and digits
	}
	b := rdf.Resource(label)
	g.Add(b, rdf.Type, constant(class).object)
	return b
}

// value is what a node without a name says.
type value struct{ class, key string }

// Value hangs a node on s that says no more than key does, and describes it the first time. Offerings
// repeat addresses, terms and prices by the dozen: as one node each they keep the graph small, and its
// blank nodes so different that canonical labels are found within the budget.
func (g *Graph) Value(s rdf.Subject, property, class, key string, describe func(rdf.Resource)) {
	said := value{class, key}
	b, known := g.values[said]
	if !known {
		b = g.blank(class)
		g.values[said] = b
		describe(b)
	}
	g.Add(s, property, b)
}
