package elm

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// node numbers a node of a graph or of a document.
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

// layout is what a walk needs of the triples of a graph or of a document.
type layout struct {
	object    []node  // of each triple; negative for literals
	first     []int32 // the triples of node n are order[first[n]:first[n+1]]
	order     []int32
	roles     []role
	instances map[node][]node // what points up at a node
}

// of lists the triples of a node.
func (l *layout) of(n node) []int32 { return l.order[l.first[n]:l.first[n+1]] }

// group sorts the triples by subject in two passes, keeping their order within a subject.
func (l *layout) group(subject []node, nodes int) {
	l.first = make([]int32, nodes+1)
	for _, n := range subject {
		l.first[n+1]++
	}
	for n := range nodes {
		l.first[n+1] += l.first[n]
	}
	l.order = make([]int32, len(subject))
	for i, n := range subject { // first[n] counts up, and ends where that of the next node began
		l.order[l.first[n]] = int32(i)
		l.first[n]++
	}
	copy(l.first[1:], l.first)
	l.first[0] = 0
}

// nodes indexes the triples of a graph by subject once, so that every walk over them is linear.
type nodes struct {
	layout
	triples []rdf.Triple
	terms   []rdf.Subject // of each node
	iris    map[string]node
	blanks  map[string]node
}

// indexed numbers the subjects of the triples, in order of appearance, after the nodes named first.
func indexed(triples []rdf.Triple, named ...rdf.Subject) *nodes {
	x := &nodes{triples: triples, iris: map[string]node{}, blanks: map[string]node{}, layout: layout{instances: map[node][]node{}}}
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
	x.group(subject, len(x.terms))
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

// followed reports whether the walk goes along a property.
func followed(property string) bool {
	return property != vocabulary.IsMemberOf && property != vocabulary.Member &&
		!strings.HasPrefix(property, vocabulary.NSOrg) && !strings.HasPrefix(property, vocabulary.NSSKOS)
}

// way is where a property leads a walk.
type way uint8

const (
	isFollowed way = 1 << iota
	leadsDown      // to an instance
	toTerms        // of use
)

// wayOf says where a property leads.
func wayOf(property string) way {
	is := walkway(property)
	if statesTerms(property) {
		is |= toTerms
	}
	return is
}

// walkway is the part of wayOf that walks ask for.
func walkway(property string) way {
	is := way(0)
	if followed(property) {
		is |= isFollowed
	}
	if property == vocabulary.LearningOpportunity {
		is |= leadsDown
	}
	return is
}

func (x *nodes) wayOf(t int32) way { return walkway(x.triples[t].Pred.String()) }

func (x *nodes) describe(out []rdf.Triple, _ node, list []int32) []rdf.Triple {
	for _, t := range list {
		out = append(out, x.triples[t])
	}
	return out
}
