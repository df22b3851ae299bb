package elm

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// terms numbers the terms of a document, equal ones equally. Their text lies in few large pieces that
// hold no pointers: a document of millions of triples costs the garbage collector next to nothing.
type terms struct {
	seed   maphash.Seed
	pieces [][]byte
	place  []uint64 // of each term: piece and position in it
	hashes []uint32 // of each term
	table  []uint32 // by hash, with linear probing: number of the term plus one
	key    []byte   // of the term in hand
	made   [madeTerms]struct {
		n    uint32
		term rdf.Term
	}
}

const (
	pieceBits  = 20
	firstTable = 1 << 10
	madeTerms  = 1 << 12 // terms made anew and kept, by number
)

func newTerms() *terms {
	return &terms{seed: maphash.MakeSeed(), table: make([]uint32, firstTable)}
}

// Kinds of terms: the first byte of a key. A literal's key names its tag or datatype, itself a term.
const (
	kindIRI = iota
	kindBlank
	kindPlain
	kindTagged
	kindTyped
)

// number gives the term's number, a new one if need be.
func (t *terms) number(term rdf.Term) uint32 {
	switch v := term.(type) {
	case rdf.IRI:
		name, _ := elmName(v.String())
		t.key = append(append(t.key[:0], kindIRI), name...)
	case rdf.Blank:
		t.key = append(append(t.key[:0], kindBlank), v.String()...)
	case rdf.Literal:
		t.literal(v)
	}
	return t.intern()
}

func (t *terms) literal(l rdf.Literal) {
	kind, of := byte(kindPlain), uint32(0)
	switch datatype := l.DataType.String(); {
	case l.Lang() != "":
		t.key = append(append(t.key[:0], kindPlain), l.Lang()...)
		kind, of = kindTagged, t.intern()
	case datatype != "" && datatype != rdf.XSDString:
		kind, of = kindTyped, t.number(l.DataType)
	}
	t.key = binary.AppendUvarint(append(t.key[:0], kind), uint64(of))
	t.key = append(t.key, l.String()...)
}

// intern finds or keeps the key.
func (t *terms) intern() uint32 {
	if 2*len(t.place) >= len(t.table) {
		t.grow()
	}
	hash := uint32(maphash.Bytes(t.seed, t.key))
	mask := uint32(len(t.table) - 1)
	i := hash & mask
	for ; t.table[i] != 0; i = (i + 1) & mask {
		if n := t.table[i] - 1; t.hashes[n] == hash && bytes.Equal(t.text(n), t.key) {
			return n
		}
	}
	n := uint32(len(t.place))
	t.table[i] = n + 1
	t.hashes = append(t.hashes, hash)
	t.place = append(t.place, t.keep())
	return n
}

// keep copies the key into a piece, behind its length.
func (t *terms) keep() uint64 {
	size := len(t.key) + binary.MaxVarintLen32
	last := len(t.pieces) - 1
	if last < 0 || cap(t.pieces[last])-len(t.pieces[last]) < size {
		t.pieces = append(t.pieces, make([]byte, 0, max(1<<pieceBits, size)))
		last++
	}
	at := len(t.pieces[last])
	piece := binary.AppendUvarint(t.pieces[last], uint64(len(t.key)))
	t.pieces[last] = append(piece, t.key...)
	return uint64(last)<<pieceBits | uint64(at)
}

func (t *terms) text(n uint32) []byte {
	piece := t.pieces[t.place[n]>>pieceBits][t.place[n]&(1<<pieceBits-1):]
	length, size := binary.Uvarint(piece)
	return piece[size : size+int(length)]
}

func (t *terms) grow() {
	t.table = make([]uint32, 2*len(t.table))
	mask := uint32(len(t.table) - 1)
	for n, hash := range t.hashes {
		i := hash & mask
		for t.table[i] != 0 {
			i = (i + 1) & mask
		}
		t.table[i] = uint32(n) + 1
	}
}

// iri is the text of an IRI, "" for another term.
func (t *terms) iri(n uint32) string {
	if text := t.text(n); text[0] == kindIRI {
		return string(text[1:])
	}
	return ""
}

// term makes the term of a number anew.
func (t *terms) term(n uint32) rdf.Term {
	made := &t.made[n%madeTerms]
	if made.term == nil || made.n != n {
		made.n, made.term = n, t.make(t.text(n))
	}
	return made.term
}

// make undoes number. The parts of a term that was one are valid.
func (t *terms) make(text []byte) rdf.Term {
	switch text[0] {
	case kindIRI:
		return must(rdf.NewIRI(string(text[1:])))
	case kindBlank:
		return must(rdf.NewBlank(string(text[1:])))
	}
	of, size := binary.Uvarint(text[1:])
	value := string(text[1+size:])
	switch text[0] {
	case kindTagged:
		return must(rdf.Lang(value, string(t.text(uint32(of))[1:])))
	case kindTyped:
		return rdf.TypedBy(value, t.term(uint32(of)).(rdf.IRI))
	}
	return rdf.String(value)
}

func must[T any](term T, err error) T {
	if err != nil {
		panic("elm: a term that was one is none any more: " + err.Error())
	}
	return term
}
