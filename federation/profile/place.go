package profile

import (
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

const maxWay = 8 // properties of a way; deeper nodes are named by its beginning

// located finds the place of every node of a course graph.
func located(g elm.Graph) map[shacl.Term]place {
	edges := make(map[shacl.Term][]rdf.Triple)
	for _, t := range g.Triples {
		s := shacl.TermOf(t.Subj)
		edges[s] = append(edges[s], t)
	}
	out := make(map[shacl.Term]place, len(edges))
	var queue []shacl.Term
	root := func(n shacl.Term, offering bool) {
		if _, known := out[n]; known {
			return
		}
		p := place{offering: offering}
		if n.Kind == shacl.IRI {
			p.root = n.Value
		}
		out[n] = p
		queue = append(queue, n)
	}
	root(shacl.TermOf(g.Subject), g.IsOffering())
	for _, t := range g.Triples {
		if isInstance(t) {
			root(shacl.TermOf(t.Subj), true)
		}
	}
	for i := 0; i < len(queue); i++ {
		from := out[queue[i]]
		for _, t := range edges[queue[i]] {
			n := shacl.TermOf(t.Obj)
			if _, known := out[n]; known || n.Kind == shacl.Literal || len(from.way) >= maxWay {
				continue
			}
			out[n] = place{from.root, from.offering, append(from.way[:len(from.way):len(from.way)], rdf.ShortName(t.Pred.String()))}
			queue = append(queue, n)
		}
	}
	return out
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

// property is the way from the root to the values of a path.
func (p place) property(path *shacl.Path) string {
	way := p.way
	if path != nil {
		way = append(way[:len(way):len(way)], path.Format(rdf.ShortName))
	}
	return strings.Join(way, "/")
}

// top is the property of the root itself by which one gets there.
func (p place) top(path *shacl.Path) string {
	first, _, _ := strings.Cut(p.property(path), "/")
	return first
}
