package rdf

import (
	"fmt"
	"io"
	"strconv"

	knakk "github.com/knakk/rdf"
)

// node is an IRI or blank node, boxed once for every place it may stand in.
type node struct {
	s Subject
	p Predicate // nil for a blank node
	o Object
}

func iriNode(iri IRI) *node {
	var o Object = iri
	return &node{s: o.(Subject), p: o.(Predicate), o: o}
}

// Repeated IRIs are made once per document. The table is dropped when it is full: sources repeat
// an IRI close to its first use, and a hostile one must not fill the memory.
const (
	maxInterned      = 1 << 15
	maxInternedBytes = 4 << 20
	maxInternedIRI   = 1 << 10
)

// decoder holds what the text formats share: terms, blank nodes, limits, output.
type decoder struct {
	scanner
	emitQuad func(Quad, Place) bool
	at       Place // of the subject in hand
	graphs   bool  // N-Quads with named graphs

	iris      map[string]*node
	irisBytes int
	tags      map[string]string
	blanks    map[string]*node
	fresh     int
	keep      bool // keep blank node labels as written

	prefixes map[string]string
	base     reference
	hasBase  bool
	resolved []byte
	depth    int
	count    int
	stopped  bool

	jsonAt struct { // the statement of a JSON-LD document in hand
		subject Subject
		key     string
	}
}

func newDecoder(r io.Reader, f Format, lim Limits, emit func(Quad, Place) bool) *decoder {
	return &decoder{
		scanner:  scanner{r: r, format: f, lim: lim.withDefaults(f), mark: -1},
		emitQuad: emit,
		iris:     map[string]*node{},
		tags:     map[string]string{},
		blanks:   map[string]*node{},
		prefixes: map[string]string{},
	}
}

// result is nil after the end and after the consumer has stopped.
func (d *decoder) result() error {
	if d.stopped {
		return nil
	}
	return d.err
}

func (d *decoder) emit(q Quad) bool {
	d.count++
	if d.count > d.lim.Triples {
		return d.stop(overLimit("triples of a document", int64(d.lim.Triples)))
	}
	if !d.emitQuad(q, d.at) {
		d.stopped = true
	}
	return !d.stopped
}

// iri makes an absolute IRI from bytes that are checked already but for forbidden escaped characters.
func (d *decoder) iri(b []byte) (*node, bool) {
	if len(b) <= maxInternedIRI {
		if n, ok := d.iris[string(b)]; ok {
			return n, true
		}
	}
	if !d.work(len(b)) {
		return nil, false
	}
	iri, err := NewIRI(string(b))
	if err != nil {
		return nil, d.fail("the IRI <%.200s> before this place: %v", b, err)
	}
	n := iriNode(iri)
	if len(b) > maxInternedIRI {
		return n, true
	}
	if len(d.iris) >= maxInterned || d.irisBytes >= maxInternedBytes {
		d.iris, d.irisBytes = map[string]*node{}, 0
	}
	d.iris[iri.String()] = n
	d.irisBytes += len(b)
	return n, true
}

// blank returns the node of a label of this document.
func (d *decoder) blank(label []byte) *node {
	if n, ok := d.blanks[string(label)]; ok {
		return n
	}
	n := d.newBlank(label)
	d.blanks[string(label)] = n
	return n
}

// newBlank makes a node with the next label of the document's own space.
func (d *decoder) newBlank(written []byte) *node {
	label := "b" + strconv.Itoa(d.fresh)
	if d.keep {
		label = string(written)
	}
	d.fresh++
	b, err := NewBlank(label)
	if err != nil {
		panic("rdf: a blank node label that the grammar admits: " + err.Error())
	}
	var o Object = b
	return &node{s: o.(Subject), o: o}
}

// literal reads what follows the text of a literal: a tag, a datatype or nothing.
func (d *decoder) literal(value string, datatype func() (*node, bool)) (Object, bool) {
	switch d.peek() {
	case '@':
		d.pos++
		return d.tagged(value)
	case '^':
		if d.peekAt(1) != '^' {
			return nil, d.unexpected("'^^' and a datatype")
		}
		d.pos += 2
		n, ok := datatype()
		if !ok {
			return nil, false
		}
		iri := n.o.(IRI)
		if err := checkDatatype(iri.String()); err != nil {
			return nil, d.fail("%v", err)
		}
		return knakk.NewTypedLiteral(value, iri), true
	}
	return String(value), d.err == nil
}

// checkDatatype refuses the datatypes of literals that need a tag: without one RDF 1.1 has no such term.
func checkDatatype(iri string) error {
	switch iri {
	case LangString:
		return fmt.Errorf("a literal of datatype rdf:langString needs a language tag")
	case dirLangString:
		return errDirection
	}
	return nil
}

// tagged reads LANGTAG behind the '@'.
func (d *decoder) tagged(value string) (Object, bool) {
	d.begin()
	for c := d.peek(); c == '-' || c >= 0 && (isLetter(byte(c)) || isDigit(byte(c))); c = d.peek() {
		d.pos++
	}
	start := d.mark
	b, ok := d.token()
	if !ok {
		return nil, false
	}
	written := string(b)
	tag, known := d.tags[written]
	if !known {
		tag = written
	}
	l, err := newLang(value, tag)
	if err != nil {
		if isDirectional(b) {
			err = errDirection
		}
		return nil, d.failAt(start, "%v", err)
	}
	if !known && len(d.tags) < 1000 {
		d.tags[written] = l.Lang()
	}
	return l, true
}
