package elm

import (
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// walk finds what belongs to a subject. One walk serves many subjects of the same nodes: a visit is
// marked with the number of the current round, so nothing is cleared in between.
type walk struct {
	*nodes
	narrow bool // leave descriptions of other courses' instances out
	round  int32
	seen   []int32 // the round in which a node was last visited
	queue  []node  // visited nodes of this round, in order
}

func (x *nodes) walk(narrow bool) *walk {
	return &walk{nodes: x, narrow: narrow, seen: make([]int32, len(x.terms))}
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
		if n != undescribed && w.roles[n]&isSpecification == 0 && w.triples[t].Pred.String() == vocabulary.LearningOpportunity {
			w.visit(n)
		}
	}
}

func (w *walk) enter(n node, triple int32) {
	switch {
	case n == undescribed, w.seen[n] == w.round:
	case w.roles[n]&isSpecification != 0:
	case w.narrow && w.roles[n]&pointsUp != 0:
	case !followed(w.triples[triple].Pred.String()):
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
		for _, t := range w.of(n) {
			if len(out) == limit {
				return out
			}
			if !w.narrow || !w.exposes(t) {
				out = append(out, w.triples[t])
			}
		}
	}
	return out
}

// exposes reports whether a triple links to a person whom the walk does not reach: without the
// person's description nobody could tell later that the link has to go.
func (w *walk) exposes(t int32) bool {
	n := w.object[t]
	return n != undescribed && w.roles[n]&isHuman != 0 && !w.visited(n)
}

// reachable keeps the triples that the walk from subject finds.
func reachable(subject rdf.Subject, triples []rdf.Triple) []rdf.Triple {
	x := indexed(triples, subject)
	w := x.walk(false)
	w.from(x.find(subject), len(triples))
	return w.collect(len(triples))
}
