package elm

import (
	"fmt"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Check is the receiver's side: everything in triples is reachable from subject by the walk that
// the package comment describes, and no other node in it is typed as one of the three
// specification classes. It judges by these triples alone.
func Check(subject string, triples []rdf.Triple) error { return check(subject, triples, true) }

// CheckReachable is Check for kinds other than course: everything is reachable from the subject
// itself, whatever points at it.
func CheckReachable(subject string, triples []rdf.Triple) error {
	return check(subject, triples, false)
}

func check(subject string, triples []rdf.Triple, course bool) error {
	iri, err := rdf.NewIRI(subject)
	if err != nil {
		return fmt.Errorf("the subject is no IRI: %w", err)
	}
	x := indexed(triples, iri)
	start := x.find(iri)
	for n, r := range x.roles {
		if r&isSpecification != 0 && node(n) != start {
			return fmt.Errorf("%s is typed as a second specification beside %s", quoted(x.terms[n]), quoted(iri))
		}
	}
	if !course {
		delete(x.instances, start)
	}
	w := x.walk(false)
	w.from(start, len(triples))
	for n, term := range x.terms {
		if !w.visited(node(n)) {
			return fmt.Errorf("%s is described, but cannot be reached from %s", quoted(term), quoted(iri))
		}
	}
	return nil
}

// quoted writes a node as N-Triples do, cut to a length that fits a message.
func quoted(t rdf.Term) string {
	s := t.String()
	if len(s) > 200 {
		s = s[:200] + "..."
	}
	if t.Type() == rdf.Term(rdf.IRI{}).Type() {
		return "<" + s + ">"
	}
	return "_:" + s
}
