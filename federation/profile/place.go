package profile

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// place is where a node hangs: on the course, or on one of its offerings.
type place struct {
	root     string   // IRI of the course or offering, "" when it has none
	offering bool     // the root is an offering
	way      []string // properties from the root, prefixed names
}

const maxWay = 8 // properties of a way; a node further off counts as the course's own

// locator finds the places of nodes, from the node back to the course.
type locator struct {
	graph     elm.Graph
	subject   shacl.Term
	alone     bool                // the subject is an offering of a course described elsewhere
	offerings map[shacl.Term]bool // nil until a node other than the course is asked for
	above     map[shacl.Term]link // the first triple that leads to a node
}

type link struct {
	from     shacl.Term
	property string
}

func newLocator(g elm.Graph) *locator {
	return &locator{graph: g, subject: shacl.TermOf(g.Subject), alone: g.IsOffering()}
}

// of finds the place of a node; one that hangs nowhere counts as the course's own.
func (l *locator) of(node shacl.Term) place {
	if node == l.subject {
		return place{root: l.iri(node), offering: l.alone}
	}
	if l.offerings == nil {
		l.look()
	}
	var back []string
	for at := node; len(back) <= maxWay; {
		if at == l.subject || l.offerings[at] {
			slices.Reverse(back)
			return place{l.iri(at), at != l.subject || l.alone, back}
		}
		up, ok := l.above[at]
		if !ok {
			break
		}
		at, back = up.from, append(back, rdf.ShortName(up.property))
	}
	return place{root: l.iri(l.subject)}
}

func (l *locator) look() {
	l.offerings, l.above = make(map[shacl.Term]bool), make(map[shacl.Term]link)
	for _, t := range l.graph.Triples {
		from := shacl.TermOf(t.Subj)
		if isInstance(t) {
			l.offerings[from] = true
		}
		if to := shacl.TermOf(t.Obj); to.Kind != shacl.Literal && t.Pred.String() != rdf.Type {
			if _, known := l.above[to]; !known && to != from {
				l.above[to] = link{from, t.Pred.String()}
			}
		}
	}
}

// iri is the IRI of a root, "" of a blank node.
func (l *locator) iri(node shacl.Term) string {
	if node.Kind == shacl.IRI {
		return node.Value
	}
	return ""
}

func isInstance(t rdf.Triple) bool {
	switch t.Pred.String() {
	case vocabulary.LearningAchievementSpecification:
		return true
	case rdf.Type:
		class := t.Obj.String()
		return class == vocabulary.ClassLearningOpportunityInstance || class == vocabulary.ClassLearningOpportunity
	}
	return false
}

// whole names what the root is.
func (p place) whole() string {
	if p.offering {
		return "the offering"
	}
	return "the course"
}

// property is the way from the root to the values of a path.
func (p place) property(path *shacl.Path) string {
	way := p.way
	if path != nil {
		way = append(way[:len(way):len(way)], path.Format(rdf.ShortName))
	}
	return strings.Join(way, "/")
}
