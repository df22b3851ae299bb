// Package rdf holds terms, capped decoders, encoders and the canonical form.
//
// The term model is that of github.com/knakk/rdf; none of its decoders is used, since
// they crash on foreign bytes. Turtle, N-Triples, N-Quads and RDF/XML are decoded by this package
// (streaming, no goroutine, limits on everything); JSON-LD goes through json-gold with
// embedded contexts only. Canonical bytes are RDFC-1.0 (SHA-256) canonical N-Quads within
// a work budget that is the same on every machine.
package rdf

import (
	knakk "github.com/knakk/rdf"
)

// The RDF 1.1 term model (RDF Concepts section 3).
type (
	Term      = knakk.Term
	Subject   = knakk.Subject
	Predicate = knakk.Predicate
	Object    = knakk.Object
	IRI       = knakk.IRI
	Blank     = knakk.Blank
	Literal   = knakk.Literal
	Triple    = knakk.Triple
)

// Resource is an IRI or a blank node, which can be subject and object. A term that is said much of is best held so: each
// use of the bare IRI or Blank in its place takes memory of its own.
type Resource interface {
	Subject
	Object
}

// Quad is a triple in a graph; Graph is nil for the default graph.
type Quad struct {
	Triple
	Graph Term
}

// Datatype and type IRIs that the decoders, encoders and mappings share.
const (
	Type         = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
	LangString   = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
	XSDString    = "http://www.w3.org/2001/XMLSchema#string"
	XSDBoolean   = "http://www.w3.org/2001/XMLSchema#boolean"
	XSDInteger   = "http://www.w3.org/2001/XMLSchema#integer"
	XSDDecimal   = "http://www.w3.org/2001/XMLSchema#decimal"
	XSDDouble    = "http://www.w3.org/2001/XMLSchema#double"
	XSDDate      = "http://www.w3.org/2001/XMLSchema#date"
	XSDDateTime  = "http://www.w3.org/2001/XMLSchema#dateTime"
	XSDDuration  = "http://www.w3.org/2001/XMLSchema#duration"
	XSDAnyURI    = "http://www.w3.org/2001/XMLSchema#anyURI"
	XSDNonNegInt = "http://www.w3.org/2001/XMLSchema#nonNegativeInteger"
)

// MustIRI is for constants of the program; it panics on an invalid IRI.
func MustIRI(s string) IRI {
	iri, err := knakk.NewIRI(s)
	if err != nil {
		panic("rdf: " + s + ": " + err.Error())
	}
	return iri
}

// NewIRI checks the characters that RFC 3987 and Turtle forbid in an IRI.
func NewIRI(s string) (IRI, error) { return knakk.NewIRI(s) }

// NewBlank makes a blank node of that label, without the leading "_:".
func NewBlank(label string) (Blank, error) { return knakk.NewBlank(label) }

// String makes an xsd:string literal.
func String(v string) Literal { return knakk.NewTypedLiteral(v, xsdString) }

// Typed makes a literal with a datatype; the lexical form is kept verbatim.
func Typed(v, datatype string) Literal { return knakk.NewTypedLiteral(v, MustIRI(datatype)) }

// TypedBy is Typed with a datatype that is an IRI already.
func TypedBy(v string, datatype IRI) Literal { return knakk.NewTypedLiteral(v, datatype) }

// Lang makes a language-tagged literal; the tag is lower-cased whole. It fails on a malformed tag.
func Lang(v, tag string) (Literal, error) { return newLang(v, tag) }

var xsdString = MustIRI(XSDString)
