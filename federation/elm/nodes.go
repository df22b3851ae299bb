package elm

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// node numbers a described node: one that is the subject of a triple, or that was asked for.
type node = int32

const undescribed node = -1

// role of a node in the walk.
type role uint8

const (
	isSpecification role = 1 << iota
	isInstance           // typed as one
	pointsUp             // has elm:learningAchievementSpecification
	isHuman              // typed as a person
)

// nodes indexes triples by subject once, so that every walk over them is linear.
type nodes struct {
	triples   []rdf.Triple
	terms     []rdf.Subject // of each node
	iris      map[string]node
	blanks    map[string]node
	object    []node  // of each triple; undescribed for literals and for nodes that are no subject
	first     []int32 // the triples of node n are order[first[n]:first[n+1]]
	order     []int32
	roles     []role
	instances map[node][]node // what points up at a node
}

// indexed numbers the subjects of the triples, in order of appearance, after the nodes named first.
func indexed(triples []rdf.Triple, named ...rdf.Subject) *nodes {
	x := &nodes{triples: triples, iris: map[string]node{}, blanks: map[string]node{}, instances: map[node][]node{}}
	for _, s := range named {
		x.number(s)
	}
	subject := make([]node, len(triples))
	for i, t := range triples {
		if i > 0 && t.Subj == triples[i-1].Subj {
			subject[i] = subject[i-1]
			continue
		}
		subject[i] = x.number(t.Subj)
	}
	x.group(subject)
	x.object = make([]node, len(triples))
	x.roles = make([]role, len(x.terms))
	for i, t := range triples {
		x.object[i] = x.find(t.Obj)
		x.learn(subject[i], t, x.object[i])
	}
	return x
}

func (x *nodes) number(s rdf.Subject) node {
	names, name := x.space(s)
	if n, ok := names[name]; ok {
		return n
	}
	n := node(len(x.terms))
	names[name] = n
	x.terms = append(x.terms, s)
	return n
}

// space keeps IRIs and blank node labels apart. For a literal the map is nil.
func (x *nodes) space(t rdf.Term) (map[string]node, string) {
	switch t := t.(type) {
	case rdf.IRI:
		return x.iris, t.String()
	case rdf.Blank:
		return x.blanks, t.String()
	}
	return nil, ""
}

func (x *nodes) find(t rdf.Term) node {
	names, name := x.space(t)
	if n, ok := names[name]; ok {
		return n
	}
	return undescribed
}

// group sorts the triples by subject in two passes, keeping their order within a subject.
func (x *nodes) group(subject []node) {
	x.first = make([]int32, len(x.terms)+1)
	for _, n := range subject {
		x.first[n+1]++
	}
	for n := range x.terms {
		x.first[n+1] += x.first[n]
	}
	next := append([]int32(nil), x.first...)
	x.order = make([]int32, len(subject))
	for i, n := range subject {
		x.order[next[n]] = int32(i)
		next[n]++
	}
}

// few is a number of triples up to which comparing each with each beats a map.
const few = 16

// dropRepeated forgets triples that say again what an earlier one said. Sources that describe the
// institution inside every course give its triples thousands of times.
func (x *nodes) dropRepeated() {
	kept := int32(0)
	for n := range x.terms {
		list := x.of(node(n))
		x.first[n] = kept
		repeated := x.repeated(len(list))
		for _, t := range list {
			if !repeated(x.order[x.first[n]:kept], t) {
				x.order[kept] = t
				kept++
			}
		}
	}
	x.first[len(x.terms)] = kept
}

// repeated compares with the triples kept of the same node.
func (x *nodes) repeated(size int) func(kept []int32, t int32) bool {
	if size <= few {
		return func(kept []int32, t int32) bool {
			return slices.ContainsFunc(kept, func(k int32) bool { return x.triples[k] == x.triples[t] })
		}
	}
	seen := make(map[rdf.Triple]struct{}, size)
	return func(_ []int32, t int32) bool {
		_, was := seen[x.triples[t]]
		seen[x.triples[t]] = struct{}{}
		return was
	}
}

func (x *nodes) learn(subject node, t rdf.Triple, object node) {
	switch t.Pred.String() {
	case rdf.Type:
		x.roles[subject] |= roleOf(t.Obj)
	case vocabulary.LearningAchievementSpecification:
		if isLiteral(t.Obj) {
			return
		}
		x.roles[subject] |= pointsUp
		if object != undescribed && object != subject {
			x.instances[object] = append(x.instances[object], subject)
		}
	}
}

// roleOf is the role that a class gives.
func roleOf(class rdf.Term) role {
	iri, ok := class.(rdf.IRI)
	if !ok {
		return 0
	}
	switch iri.String() {
	case vocabulary.ClassLearningOpportunitySpecification, vocabulary.ClassQualification,
		vocabulary.ClassLearningAchievementSpecification:
		return isSpecification
	case vocabulary.ClassLearningOpportunityInstance, vocabulary.ClassLearningOpportunity:
		return isInstance
	}
	if isPersonClass(iri.String()) {
		return isHuman
	}
	return 0
}

// of lists the triples of a node, as positions in x.triples.
func (x *nodes) of(n node) []int32 { return x.order[x.first[n]:x.first[n+1]] }

// followed reports whether the walk goes along a property.
func followed(property string) bool {
	return property != vocabulary.IsMemberOf && property != vocabulary.Member &&
		!strings.HasPrefix(property, vocabulary.NSOrg) && !strings.HasPrefix(property, vocabulary.NSSKOS)
}
