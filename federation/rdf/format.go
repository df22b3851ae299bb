package rdf

import (
	"errors"
	"fmt"
	"io"
	"iter"
)

// Format names a serialisation.
type Format string

// The serialisations of this package.
const (
	Turtle   Format = "turtle"
	NTriples Format = "ntriples"
	NQuads   Format = "nquads"
	JSONLD   Format = "jsonld"
	RDFXML   Format = "rdfxml"
)

// SyntaxError places what is wrong in the source.
type SyntaxError struct {
	Format       Format
	Line, Column int // from 1; 0 when the place is not known, as in JSON-LD behind its JSON syntax
	Message      string
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Format, e.Message)
	}
	return fmt.Sprintf("%s, line %d, column %d: %s", e.Format, e.Line, e.Column, e.Message)
}

// Place is where a document begins to describe a subject: line and column, from 1. Of JSON-LD, which has no
// lines behind its JSON syntax, Line is 0 and Column the position, from 1, among the objects of the document or
// of its @graph. A zero Column means that the place is not known.
type Place struct{ Line, Column uint32 }

// ErrLimit is wrapped by every error that a limit caused.
var ErrLimit = errors.New("over a limit")

// ErrFormat says that this package does not read or write a format.
var ErrFormat = errors.New("unsupported RDF format")

// Decode streams the triples of a document. base is the absolute IRI relative references resolve
// against. The first error ends the sequence: a *SyntaxError, ErrLimit or the reader's own.
// Blank node labels are made anew ("b0", "b1", ...), so they cannot clash with another document's.
// Language tags are lower-cased whole; IRIs and lexical forms are verbatim. Relative IRIs without a base are an error.
// N-Quads and JSON-LD named graphs are refused (default graph only).
func Decode(r io.Reader, f Format, base string, lim Limits) iter.Seq2[Triple, error] {
	return func(yield func(Triple, error) bool) {
		emit := func(q Quad, _ Place) bool { return yield(q.Triple, nil) }
		if err := decode(r, f, base, lim, emit); err != nil {
			yield(Triple{}, err)
		}
	}
}

// DecodePlaced is Decode that hands on each triple with the place of its subject, until emit returns false.
func DecodePlaced(r io.Reader, f Format, base string, lim Limits, emit func(Triple, Place) bool) error {
	return decode(r, f, base, lim, func(q Quad, at Place) bool { return emit(q.Triple, at) })
}

// DecodeQuads is Decode for N-Quads with named graphs.
func DecodeQuads(r io.Reader, lim Limits) iter.Seq2[Quad, error] {
	return func(yield func(Quad, error) bool) {
		d := newDecoder(r, NQuads, lim, func(q Quad, _ Place) bool { return yield(q, nil) })
		d.graphs = true
		d.lines()
		if err := d.result(); err != nil {
			yield(Quad{}, err)
		}
	}
}

// decode runs a decoder; it returns nil when the consumer has stopped it.
func decode(r io.Reader, f Format, base string, lim Limits, emit func(Quad, Place) bool) error {
	switch f {
	case Turtle:
		d := newDecoder(r, f, lim, emit)
		if d.setBase(base) {
			d.document()
		}
		return d.result()
	case NTriples, NQuads:
		d := newDecoder(r, f, lim, emit)
		d.lines()
		return d.result()
	case JSONLD:
		return decodeJSONLD(r, base, lim, emit)
	case RDFXML:
		return decodeRDFXML(r, base, lim, emit)
	}
	return unsupported(f)
}

func unsupported(f Format) error {
	return fmt.Errorf("%w %q: use %s, %s, %s, %s or %s", ErrFormat, f, Turtle, NTriples, NQuads, JSONLD, RDFXML)
}
