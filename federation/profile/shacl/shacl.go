// Package shacl checks graphs against SHACL Core shapes (W3C Recommendation of 20 July 2017).
//
// Shapes are compiled once, by people who are trusted, and every doubt about them is an error there:
// an unknown term of the vocabulary, a shape that is named and not described, recursion, a path or a
// pattern that cannot be used. Data is foreign: checking never panics, recursion is as deep as the
// shapes are nested and never as the data is, and the work is bounded by Limits.
//
// What many graphs share, such as vocabularies and class hierarchies, is one Background that is
// indexed once and seen by every check beside the data; nodes of it are never targets.
//
// Not done: SHACL-SPARQL, custom components, sh:entailment, and the validation report as a graph.
package shacl

import (
	"errors"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// NS is the namespace of SHACL.
const NS = "http://www.w3.org/ns/shacl#"

const (
	nsRDF  = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsRDFS = "http://www.w3.org/2000/01/rdf-schema#"
	nsXSD  = "http://www.w3.org/2001/XMLSchema#"
)

// Kind is the kind of a term; the zero Kind is no term.
type Kind uint8

// The kinds of terms.
const (
	None Kind = iota
	IRI
	Blank
	Literal
)

// Term is an RDF term that can be compared with ==. Language tags are in lower case.
type Term struct {
	Kind     Kind
	Value    string // IRI, label or lexical form
	Datatype string // of a literal
	Lang     string // of a literal
}

// TermOf converts a term of package rdf.
func TermOf(t rdf.Term) Term {
	switch t := t.(type) {
	case rdf.IRI:
		return Term{Kind: IRI, Value: t.String()}
	case rdf.Blank:
		return Term{Kind: Blank, Value: strings.TrimPrefix(t.String(), "_:")}
	case rdf.Literal:
		if lang := t.Lang(); lang != "" {
			return Term{Kind: Literal, Value: t.String(), Datatype: rdf.LangString, Lang: strings.ToLower(lang)}
		}
		return Term{Kind: Literal, Value: t.String(), Datatype: t.DataType.String()}
	}
	return Term{}
}

func iri(s string) Term { return Term{Kind: IRI, Value: s} }

func (t Term) String() string {
	switch t.Kind {
	case IRI:
		return "<" + t.Value + ">"
	case Blank:
		return "_:" + t.Value
	case Literal:
		return `"` + t.Value + `"`
	}
	return ""
}

// Severities of the recommendation. A shape may have another.
const (
	Violation = NS + "Violation"
	Warning   = NS + "Warning"
	Info      = NS + "Info"
)

// Result is one way in which a node does not conform (validation result, section 3.6.2).
type Result struct {
	Focus      Term
	Path       *Path // nil when the constraint is about the node itself
	Value      Term  // of Kind None where the component names no value
	Component  string
	Constraint string // what is asked for: a class, a datatype, a number, a pattern; for people
	Shape      *Shape // the shape with the constraint
}

// Limits bound one check.
type Limits struct {
	Steps   int // looks at a triple or a value; default 200 for each triple, and a million
	Results int // default 10,000; a check stops there without an error
}

func (l Limits) withDefaults(triples int) Limits {
	if l.Steps <= 0 {
		l.Steps = 1_000_000 + 200*triples
	}
	if l.Results <= 0 {
		l.Results = 10_000
	}
	return l
}

// ErrBudget ends a check that takes more steps than its limits allow.
var ErrBudget = errors.New("the graph is too entangled to be checked")
