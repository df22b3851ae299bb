package elm

import (
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// source is what a walk goes over: a graph, or a document in compact form.
type source interface {
	wayOf(triple int32) way
	describe(out []rdf.Triple, n node, triples []int32) []rdf.Triple // appends triples of a node
}

// walk finds what belongs to a subject. One walk serves many subjects of the same nodes: a visit is
// marked with the number of the current round, so nothing is cleared in between.
type walk struct {
	*layout
	source
	narrow bool // leave descriptions of other courses' instances out
	round  int32
	seen   []int32 // the round in which a node was last visited
	queue  []node  // visited nodes of this round, in order
	shown  []int32 // triples of one node that are not left out
}

func (x *nodes) walk(narrow bool) *walk { return newWalk(&x.layout, x, narrow) }

func newWalk(l *layout, s source, narrow bool) *walk {
	return &walk{layout: l, source: s, narrow: narrow, seen: make([]int32, len(l.roles))}
}

// from visits all that is reachable from subject and its instances, up to limit triples. It reports
// whether that was everything.
func (w *walk) from(subject node, limit int) (complete bool) {
	w.start(subject)
	triples := 0
	for i := 0; i < len(w.queue); i++ {
		list := w.of(w.queue[i])
		if triples += len(list); triples > limit {
			w.queue = w.queue[:i]
			return false
		}
		for _, t := range list {
			w.enter(w.object[t], t)
		}
	}
	return true
}

// start begins a round at the subject and its instances.
func (w *walk) start(subject node) {
	w.round++
	w.queue = w.queue[:0]
	w.visit(subject)
	for _, n := range w.instances[subject] {
		if w.roles[n]&isSpecification == 0 {
			w.visit(n)
		}
	}
	for _, t := range w.of(subject) {
		n := w.object[t]
		if n >= 0 && w.roles[n]&isSpecification == 0 && w.wayOf(t)&leadsDown != 0 {
			w.visit(n)
		}
	}
}

func (w *walk) enter(n node, triple int32) {
	switch {
	case n < 0, w.seen[n] == w.round:
	case w.roles[n]&isSpecification != 0:
	case w.narrow && w.roles[n]&pointsUp != 0:
	case w.wayOf(triple)&isFollowed == 0:
	default:
		w.visit(n)
	}
}

func (w *walk) visit(n node) {
	if w.seen[n] != w.round {
		w.seen[n] = w.round
		w.queue = append(w.queue, n)
	}
}

func (w *walk) visited(n node) bool { return w.seen[n] == w.round }

// collect copies the triples of the visited nodes, at most limit.
func (w *walk) collect(limit int) []rdf.Triple {
	size := 0
	for _, n := range w.queue {
		size += len(w.of(n))
	}
	out := make([]rdf.Triple, 0, min(size, limit))
	for _, n := range w.queue {
		list := w.of(n)
		if w.narrow {
			list = w.unexposed(list)
		}
		out = w.describe(out, n, list[:min(len(list), limit-len(out))])
	}
	return out
}

// unexposed leaves out the triples that link to a person whom the walk does not reach: without the
// person's description nobody could tell later that the link has to go.
func (w *walk) unexposed(list []int32) []int32 {
	w.shown = w.shown[:0]
	for _, t := range list {
		if n := w.object[t]; n < 0 || w.roles[n]&isHuman == 0 || w.visited(n) {
			w.shown = append(w.shown, t)
		}
	}
	return w.shown
}

// reachable keeps the triples that the walk from subject finds.
func reachable(subject rdf.Subject, triples []rdf.Triple) []rdf.Triple {
	x := indexed(triples, subject)
	w := x.walk(false)
	w.from(x.find(subject), len(triples))
	return w.collect(len(triples))
}
