package shacl

import (
	"slices"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

type edge struct {
	predicate string
	object    Term
}

// Background is a graph that many checks share: vocabularies and class hierarchies. It is immutable.
type Background struct {
	out    map[Term][]edge
	supers map[Term][]Term // class to itself and all classes above it
}

// NewBackground indexes triples.
func NewBackground(triples []rdf.Triple) *Background {
	g := newGraph(triples, nil)
	b := &Background{out: g.out, supers: make(map[Term][]Term)}
	for class, edges := range g.out {
		if slices.ContainsFunc(edges, isSubClassOf) {
			b.supers[class] = g.above(class, func() bool { return true })
		}
	}
	return b
}

func isSubClassOf(e edge) bool { return e.predicate == nsRDFS+"subClassOf" }

// graph is the data of one check, over a background that may be nil.
type graph struct {
	out        map[Term][]edge
	subjects   []Term          // in order of first appearance
	types      []rdf.Triple    // the triples with rdf:type, in order
	in         map[Term][]edge // object to predicate and subject; made when first needed
	background *Background
	classes    bool // the data has a class hierarchy of its own
}

func newGraph(triples []rdf.Triple, background *Background) *graph {
	g := &graph{background: background}
	if background == nil {
		g.background = &Background{}
	}
	of, sizes := g.number(triples)
	lists, room := make([][]edge, len(sizes)), make([]edge, len(triples))
	for i, n := range sizes {
		lists[i], room = room[:0:n], room[n:]
	}
	for i, t := range triples {
		lists[of[i]] = append(lists[of[i]], edge{t.Pred.String(), TermOf(t.Obj)})
		g.note(t)
	}
	g.out = make(map[Term][]edge, len(lists))
	for i, subject := range g.subjects {
		g.out[subject] = lists[i]
	}
	return g
}

// number finds the subjects, and gives the number of the subject of each triple and how many triples each has. Terms are
// costly to look up: it is done once for triples of one subject that stand together.
func (g *graph) number(triples []rdf.Triple) (of, sizes []int) {
	of = make([]int, len(triples))
	numbers := make(map[Term]int, len(triples)/3)
	for i, t := range triples {
		if i > 0 && t.Subj == triples[i-1].Subj {
			of[i] = of[i-1]
		} else {
			subject := TermOf(t.Subj)
			n, known := numbers[subject]
			if !known {
				n = len(g.subjects)
				numbers[subject] = n
				g.subjects, sizes = append(g.subjects, subject), append(sizes, 0)
			}
			of[i] = n
		}
		sizes[of[i]]++
	}
	return of, sizes
}

// note keeps what targets and classes are found by.
func (g *graph) note(t rdf.Triple) {
	switch t.Pred.String() {
	case rdf.Type:
		g.types = append(g.types, t)
	case nsRDFS + "subClassOf":
		g.classes = true
	}
}

// reversed is the index from objects; it covers the data alone, not the background.
func (g *graph) reversed() map[Term][]edge {
	if g.in == nil {
		g.in = make(map[Term][]edge, len(g.out))
		for _, subject := range g.subjects {
			for _, e := range g.out[subject] {
				g.in[e.object] = append(g.in[e.object], edge{e.predicate, subject})
			}
		}
	}
	return g.in
}

// above lists a class and all classes above it. more counts the work and says whether to go on.
func (g *graph) above(class Term, more func() bool) []Term {
	if !g.classes {
		if known, ok := g.background.supers[class]; ok {
			return known
		}
		return []Term{class}
	}
	found, seen := []Term{class}, map[Term]bool{class: true}
	for i := 0; i < len(found); i++ {
		for _, edges := range [][]edge{g.out[found[i]], g.background.out[found[i]]} {
			for _, e := range edges {
				if !more() {
					return found
				}
				if isSubClassOf(e) && !seen[e.object] {
					seen[e.object] = true
					found = append(found, e.object)
				}
			}
		}
	}
	return found
}
