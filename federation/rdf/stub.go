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

// Limits bound what a decoder takes from foreign bytes; a zero field means the default.
type Limits struct {
	Bytes   int64 // of the document
	Triples int   // of the document
	Depth   int   // of nested [ ] ( ) or JSON
	Literal int   // bytes of one literal or IRI
	Steps   int64 // of the decoder, against quadratic input
}

// SyntaxError places what is wrong in the source.
type SyntaxError struct {
	Format       Format
	Line, Column int // from 1
	Message      string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s, line %d, column %d: %s", e.Format, e.Line, e.Column, e.Message)
}

// ErrLimit is wrapped by every error that a limit caused.
var ErrLimit = errors.New("over a limit")

// ErrBudget says that canonicalisation needs more than 1,000 executions of Hash N-Degree Quads.
var ErrBudget = errors.New("canonicalisation over its work budget")

// Decode streams the triples of a document. base is the absolute IRI relative references resolve
// against. The first error ends the sequence: a *SyntaxError, ErrLimit or the reader's own.
// Blank node labels are made anew ("b0", "b1", ...), so they cannot clash with another document's.
// Language tags are lower-cased whole; IRIs and lexical forms are verbatim. Relative IRIs without a base are an error.
// N-Quads and JSON-LD named graphs are refused (default graph only).
func Decode(r io.Reader, f Format, base string, lim Limits) iter.Seq2[Triple, error] {
	panic("unwritten")
}

// DecodeQuads is Decode for N-Quads with named graphs.
func DecodeQuads(r io.Reader, lim Limits) iter.Seq2[Quad, error] { panic("unwritten") }

// Encode writes triples as Turtle, N-Triples or JSON-LD (with prefixes of this domain, stable byte for byte).
func Encode(w io.Writer, f Format, triples []Triple) error { panic("unwritten") }

// AppendTerm appends the canonical N-Quads form of a term (RDFC-1.0 section 5).
func AppendTerm(b []byte, t Term) []byte { panic("unwritten") }

// Canonical returns the RDFC-1.0 canonical N-Quads of a graph (duplicates dropped), or ErrBudget.
func Canonical(triples []Triple) ([]byte, error) { panic("unwritten") }

// ParseCanonical decodes canonical bytes strictly and fails unless canonicalising the result gives
// exactly these bytes within the budget of PROTOCOL section 1.
func ParseCanonical(b []byte) ([]Triple, error) { panic("unwritten") }

// ParseTrusted decodes canonical bytes that were checked before (our own store), without canonicalising again.
func ParseTrusted(b []byte) ([]Triple, error) { panic("unwritten") }

func newLang(v, tag string) (Literal, error) { panic("unwritten") }
