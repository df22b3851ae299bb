// Package elm works on course graphs of the European Learning Model in the QualityLink
// application profile: it splits a document into course graphs, normalises one, removes person
// data, and reads one as a typed view. It knows nothing of keys, networks or storage.
//
// # The course graph
//
// docs/protocol.md defines it; these are the readings that the words leave open.
//
// A specification is a node that the graph at hand types as ql:LearningOpportunitySpecification,
// elm:Qualification or elm:LearningAchievementSpecification. An instance points at it with
// elm:learningAchievementSpecification, or is pointed at with elm:learningOpportunity.
//
// The walk goes forward only, from a node to the objects of its triples. It starts at the subject
// and at every node that points at the subject with elm:learningAchievementSpecification; at no
// other node does it look for what points there. So an organisation that a thousand courses share
// brings its own description into each of them and none of the other courses. The walk does not
// enter another specification, and it does not follow ql:isMemberOf, foaf:member, or any property
// of the namespaces of SKOS and the organisation ontology. The triples that hold those links stay;
// what the links lead to is left out unless another way leads there.
//
// Split is narrower than Check in one point. An instance may link to instances of other courses,
// as one semester of a programme has the runs of its modules as parts. Check lets such a
// description pass, since the protocol does; Split leaves it to the other course's graph and keeps
// only the link, or else every module's graph would hold the whole programme and change with it.
//
// Everything here takes time and memory linear in the triples given, and the result never depends
// on the order of triples or on blank node labels, except for the order of slices of triples.
package elm

import (
	"errors"
	"fmt"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// MaxTriples bounds one course graph. Canonical bytes of more triples than this exceed the largest
// record in any case, so nothing that could be published is lost.
const MaxTriples = 1 << 16

// ErrOversize is wrapped by the error of Canonical for a graph that Split could not finish.
var ErrOversize = errors.New("the course graph is too large")

// Graph is one course graph: a learning opportunity specification, the instances that point
// at it, and what is reachable from those.
type Graph struct {
	Subject  rdf.Subject // IRI; a blank node when the source gave none (then Mint an IRI and Rename)
	Triples  []rdf.Triple
	Oversize bool      // Split stopped at a limit: Triples are incomplete, and Canonical fails
	Place    rdf.Place // where the source describes the subject, as far as its format tells
}

// Canonical returns the canonical bytes of the graph.
func (g Graph) Canonical() ([]byte, error) {
	if g.Oversize {
		return nil, fmt.Errorf("%w: at most %d triples can be one record", ErrOversize, MaxTriples)
	}
	return rdf.Canonical(g.Triples)
}

// Title reports whether the graph has at least one non-blank dcterms:title. Of several it returns
// an English one, else the first in byte order of language tag and text.
func (g Graph) Title() (string, bool) {
	best, key := "", ""
	for _, t := range g.Triples {
		lit, ok := t.Obj.(rdf.Literal)
		if !ok || t.Subj != g.Subject || t.Pred.String() != vocabulary.Title || strings.TrimSpace(lit.String()) == "" {
			continue
		}
		if k := titleRank(lit); key == "" || k < key {
			best, key = lit.String(), k
		}
	}
	return best, key != ""
}

func titleRank(l rdf.Literal) string {
	rank := "1"
	if tag := strings.ToLower(l.Lang()); tag == "en" || strings.HasPrefix(tag, "en-") {
		rank = "0"
	}
	return rank + l.Lang() + "\x00" + l.String()
}

// Rename replaces a node by another wherever it is subject or object. Nothing is renamed to a literal.
func (g Graph) Rename(from, to rdf.Term) Graph {
	subject, ok := to.(rdf.Subject)
	object, ok2 := to.(rdf.Object)
	if !ok || !ok2 {
		return g
	}
	out := Graph{Subject: g.Subject, Triples: make([]rdf.Triple, len(g.Triples)), Oversize: g.Oversize, Place: g.Place}
	if rdf.Term(g.Subject) == from {
		out.Subject = subject
	}
	for i, t := range g.Triples {
		if rdf.Term(t.Subj) == from {
			t.Subj = subject
		}
		if !isLiteral(t.Obj) && rdf.Term(t.Obj) == from {
			t.Obj = object
		}
		out.Triples[i] = t
	}
	return out
}

func isLiteral(t rdf.Term) bool { return t.Type() == literalTerm }

var literalTerm = rdf.String("").Type()
