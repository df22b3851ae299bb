package elm

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// reader looks values up in one course graph. Its lists are in the order of the triples; whoever
// shows them sorts them.
type reader struct {
	*nodes
	subject rdf.Subject
	budget  int // reads left
}

// A graph of a few hundred nodes can name a node so often, at several levels, that reading each
// mention would take hours. Each triple looked at is one read, and so are bytesPerRead bytes of a
// value; real graphs need a small part of the budget. When it is spent, nothing more is found.
const (
	readsPerTriple = 100
	readsSpare     = 1 << 18
	bytesPerRead   = 64
)

func read(subject rdf.Subject, triples []rdf.Triple) *reader {
	return &reader{indexed(triples, subject), subject, readsPerTriple*len(triples) + readsSpare}
}

// objects lists the values of a property of a node.
func (r *reader) objects(of rdf.Term, property string) []rdf.Object {
	n := r.find(of)
	if n == undescribed || r.budget <= 0 {
		return nil
	}
	list := r.nodes.of(n)
	r.budget -= len(list)
	var out []rdf.Object
	for _, t := range list {
		if r.triples[t].Pred.String() == property {
			out = append(out, r.triples[t].Obj)
			r.budget -= len(r.triples[t].Obj.String()) / bytesPerRead
		}
	}
	return out
}

// links lists the IRIs and blank nodes among the values of the properties.
func (r *reader) links(of rdf.Term, properties ...string) []rdf.Term {
	var out []rdf.Term
	for _, p := range properties {
		for _, o := range r.objects(of, p) {
			if !isLiteral(o) {
				out = append(out, o)
			}
		}
	}
	return out
}

// literals lists the literals among the values of the properties.
func (r *reader) literals(of rdf.Term, properties ...string) []rdf.Literal {
	var out []rdf.Literal
	for _, p := range properties {
		for _, o := range r.objects(of, p) {
			if l, ok := o.(rdf.Literal); ok {
				out = append(out, l)
			}
		}
	}
	return out
}

// texts lists IRIs and lexical forms among the values of the properties, sorted and without doubles.
func (r *reader) texts(of rdf.Term, properties ...string) []string {
	var out []string
	for _, p := range properties {
		for _, o := range r.objects(of, p) {
			if !isBlank(o) {
				out = append(out, strings.TrimSpace(o.String()))
			}
		}
	}
	return sorted(out)
}

// iris lists the IRIs among the values of the properties, with known defects of concept IRIs mended.
func (r *reader) iris(of rdf.Term, properties ...string) []string {
	var out []string
	for _, term := range r.links(of, properties...) {
		if !isBlank(term) {
			out = append(out, vocabulary.Repair(term.String()))
		}
	}
	return sorted(out)
}

func (r *reader) typed(n rdf.Term, class string) bool {
	return slices.ContainsFunc(r.objects(n, rdf.Type), func(o rdf.Object) bool { return o.String() == class })
}

// instances lists the described instances of the subject, in the order of the triples.
func (r *reader) instances() []rdf.Term {
	start := r.find(r.subject)
	var out []rdf.Term
	seen := map[node]bool{start: true, undescribed: true}
	add := func(n node) {
		if !seen[n] && r.roles[n]&isSpecification == 0 {
			out = append(out, r.terms[n])
		}
		seen[n] = true
	}
	for _, n := range r.nodes.instances[start] {
		add(n)
	}
	for _, term := range r.links(r.subject, vocabulary.LearningOpportunity) {
		add(r.find(term))
	}
	return out
}

// sorted sorts in place and drops empty texts and doubles; nil when nothing is left.
func sorted(list []string) []string {
	list = slices.DeleteFunc(list, func(s string) bool { return s == "" })
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) == 0 {
		return nil
	}
	return list
}
