package shacl

import (
	"fmt"
	"strings"
)

// Path is a property path (section 2.3.1).
type Path struct {
	Predicate string // of a predicate path; "" for any other

	kind pathKind
	over []*Path
}

type pathKind uint8

const (
	pathPredicate pathKind = iota
	pathInverse
	pathSequence
	pathAlternative
	pathZeroOrMore
	pathOneOrMore
	pathZeroOrOne
)

// pathTerms are the properties that a path node has exactly one of; a list is a sequence.
var pathTerms = map[string]pathKind{
	NS + "inversePath": pathInverse, NS + "alternativePath": pathAlternative, NS + "zeroOrMorePath": pathZeroOrMore,
	NS + "oneOrMorePath": pathOneOrMore, NS + "zeroOrOnePath": pathZeroOrOne,
}

const maxPathDepth = 32

// String writes the path in the way of SPARQL, with IRIs in angle brackets.
func (p *Path) String() string { return p.Format(func(iri string) string { return "<" + iri + ">" }) }

// Format writes the path in the way of SPARQL.
func (p *Path) Format(name func(iri string) string) string {
	parts := make([]string, len(p.over))
	for i, o := range p.over {
		parts[i] = o.Format(name)
		if o.kind == pathSequence || o.kind == pathAlternative {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	switch p.kind {
	case pathInverse:
		return "^" + parts[0]
	case pathSequence:
		return strings.Join(parts, "/")
	case pathAlternative:
		return strings.Join(parts, "|")
	case pathZeroOrMore:
		return parts[0] + "*"
	case pathOneOrMore:
		return parts[0] + "+"
	case pathZeroOrOne:
		return parts[0] + "?"
	}
	return name(p.Predicate)
}

// First is the property that a path begins with.
func (p *Path) First() string {
	for p.kind != pathPredicate {
		p = p.over[0]
	}
	return p.Predicate
}

func (c *compiler) path(node Term, depth int) (*Path, error) {
	if depth > maxPathDepth {
		return nil, fmt.Errorf("the path is nested more than %d times, or leads back to itself", maxPathDepth)
	}
	if node.Kind == IRI {
		return &Path{Predicate: node.Value}, nil
	}
	if node.Kind != Blank {
		return nil, fmt.Errorf("%s is no path", node)
	}
	if len(c.values(node, nsRDF+"first")) > 0 {
		return c.listPath(pathSequence, node, depth)
	}
	var found *Path
	for term, kind := range pathTerms {
		for _, value := range c.values(node, term) {
			if found != nil {
				return nil, fmt.Errorf("a path node has one of sh:inversePath, sh:alternativePath and so on, this one has several")
			}
			var err error
			if kind == pathAlternative {
				found, err = c.listPath(kind, value, depth)
			} else if found, err = c.path(value, depth+1); err == nil {
				found = &Path{kind: kind, over: []*Path{found}}
			}
			if err != nil {
				return nil, err
			}
		}
	}
	if found == nil {
		return nil, fmt.Errorf("a path is an IRI, a list, or has one of sh:inversePath, sh:alternativePath, sh:zeroOrMorePath, sh:oneOrMorePath, sh:zeroOrOnePath")
	}
	return found, nil
}

func (c *compiler) listPath(kind pathKind, list Term, depth int) (*Path, error) {
	members, err := c.list(list)
	if err != nil {
		return nil, err
	}
	if len(members) < 2 {
		return nil, fmt.Errorf("a list of paths has at least two members")
	}
	p := &Path{kind: kind}
	for _, m := range members {
		over, err := c.path(m, depth+1)
		if err != nil {
			return nil, err
		}
		p.over = append(p.over, over)
	}
	return p, nil
}

// values lists the value nodes of a path, each once.
func (r *run) values(p *Path, from Term) []Term {
	switch p.kind {
	case pathPredicate:
		return distinct(r.objects(from, p.Predicate))
	case pathInverse:
		return r.inverse(p.over[0], from)
	case pathSequence:
		return r.sequence(p.over, []Term{from})
	case pathAlternative:
		var all []Term
		for _, o := range p.over {
			all = append(all, r.values(o, from)...)
		}
		return distinct(all)
	case pathZeroOrOne:
		return distinct(append([]Term{from}, r.values(p.over[0], from)...))
	case pathZeroOrMore:
		return r.closure(p.over[0], []Term{from})
	case pathOneOrMore:
		return r.closure(p.over[0], r.values(p.over[0], from))
	}
	return nil
}

// closure follows a path any number of times.
func (r *run) closure(p *Path, found []Term) []Term {
	seen := make(map[Term]bool, len(found))
	for _, t := range found {
		seen[t] = true
	}
	for i := 0; i < len(found) && r.step(walked); i++ {
		for _, t := range r.values(p, found[i]) {
			if !seen[t] {
				seen[t] = true
				found = append(found, t)
			}
		}
	}
	return found
}

func (r *run) sequence(steps []*Path, from []Term) []Term {
	for _, step := range steps {
		var next []Term
		for _, t := range from {
			next = append(next, r.values(step, t)...)
		}
		from = distinct(next)
	}
	return from
}

// inverse follows a path backwards. What is not a predicate is turned round part by part.
func (r *run) inverse(p *Path, from Term) []Term {
	switch p.kind {
	case pathPredicate:
		return r.subjects(from, p.Predicate)
	case pathInverse:
		return r.values(p.over[0], from)
	}
	turned := &Path{kind: p.kind, over: make([]*Path, len(p.over))}
	for i, o := range p.over {
		at := i
		if p.kind == pathSequence {
			at = len(p.over) - 1 - i
		}
		turned.over[at] = &Path{kind: pathInverse, over: []*Path{o}}
	}
	return r.values(turned, from)
}

// few is up to how many terms comparing all is cheaper than a table.
const few = 8

// distinct drops repeated terms, in place.
func distinct(list []Term) []Term {
	if len(list) < 2 {
		return list
	}
	if len(list) > few {
		return distinctMany(list)
	}
	kept := list[:1]
next:
	for _, t := range list[1:] {
		for _, k := range kept {
			if k == t {
				continue next
			}
		}
		kept = append(kept, t)
	}
	return kept
}

func distinctMany(list []Term) []Term {
	seen := make(map[Term]bool, len(list))
	kept := list[:0]
	for _, t := range list {
		if !seen[t] {
			seen[t] = true
			kept = append(kept, t)
		}
	}
	return kept
}
