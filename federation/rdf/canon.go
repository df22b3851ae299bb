package rdf

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"slices"
	"sync"
)

// canon is one run of RDFC-1.0 (section 4) over a set of quads. Terms are written once, into
// arena; where a blank node stands, the writer inserts the label that the step in hand asks for.
type canon struct {
	hash       hash.Hash
	budget     int
	executions int // of Hash N-Degree Quads

	check  checker
	arena  []byte
	quads  []canonQuad
	nodes  map[string]int32 // blank nodes by label
	labels []string         // of each blank node, as in the input
	uses   [][]int32        // quads that mention a blank node
	first  []digest         // hash of the first degree of each blank node
	issued issuer           // canonical labels

	// Space that the steps, and later runs, use again and again.
	sum    [sha512.Size384]byte
	line   []byte
	lines  []span
	table  []int32
	order  []int32
	around []neighbour
}

// canons lends runs out, with the space that earlier ones needed.
var canons = sync.Pool{New: func() any { return newCanon(sha256.New(), 0) }}

// borrow a run that uses SHA-256.
func borrow(budget int) *canon {
	c, ok := canons.Get().(*canon)
	if !ok {
		c = newCanon(sha256.New(), 0)
	}
	c.budget = budget
	return c
}

// maxLent is the size of texts up to which a run is worth keeping.
const maxLent = 1 << 20

// release gives the run back. Nothing it returned points into it.
func (c *canon) release() {
	if cap(c.arena) > maxLent || c.nodes != nil {
		return
	}
	clear(c.labels)
	c.arena, c.quads, c.labels = c.arena[:0], c.quads[:0], c.labels[:0]
	canons.Put(c)
}

// sized returns a slice of n elements, in the space of s if that is enough. Their values are anything.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// span is a part of a buffer. Offsets instead of slices keep the quads free of pointers.
type span struct{ from, to uint32 }

func (s span) of(b []byte) []byte { return b[s.from:s.to] }

// digest holds a hash of up to 384 bits, padded with zeros.
type digest [sha512.Size384]byte

func (d digest) compare(other digest) int { return bytes.Compare(d[:], other[:]) }

// canonQuad is a quad with its terms written down. For a blank node the place in blank holds its
// number and the text is empty, else the number is -1.
type canonQuad struct {
	text  [4]span
	blank [4]int32
}

// Places in a quad.
const (
	atSubject = iota
	atPredicate
	atObject
	atGraph
)

// placeMark are the position letters of Hash Related Blank Node (section 4.7).
const placeMark = "spog"

func newCanon(h hash.Hash, budget int) *canon {
	return &canon{hash: h, budget: budget}
}

func (c *canon) addTriples(triples []Triple) error {
	c.quads = slices.Grow(c.quads, len(triples))
	c.arena = slices.Grow(c.arena, 128*len(triples))
	for i, t := range triples {
		if err := c.add(t, nil); err != nil {
			return fmt.Errorf("triple %d: %w", i+1, err)
		}
	}
	return nil
}

func (c *canon) add(t Triple, graph Term) error {
	q := canonQuad{blank: [4]int32{-1, -1, -1, -1}}
	for at, term := range [4]Term{t.Subj, t.Pred, t.Obj, graph} {
		if at == atGraph && term == nil {
			continue
		}
		if err := c.check.term(at, term); err != nil {
			return err
		}
		if blank, ok := term.(Blank); ok {
			q.blank[at] = c.number(blank.String())
			continue
		}
		from := len(c.arena)
		c.arena = AppendTerm(c.arena, term)
		q.text[at] = span{uint32(from), uint32(len(c.arena))}
	}
	if len(c.arena) > maxArena {
		return overLimit("bytes of a graph to canonicalise", maxArena)
	}
	c.quads = append(c.quads, q)
	return nil
}

// maxArena keeps the offsets of a graph and its labels in 32 bits.
const maxArena = 1 << 30

// fewBlanks is the number up to which a walk over the labels beats a map.
const fewBlanks = 16

func (c *canon) number(label string) int32 {
	if len(c.labels) <= fewBlanks {
		if n := slices.Index(c.labels, label); n >= 0 {
			return int32(n)
		}
	} else if n, ok := c.nodes[label]; ok {
		return n
	}
	c.labels = append(c.labels, label)
	if len(c.labels) > fewBlanks {
		c.fillNodes()
	}
	return int32(len(c.labels) - 1)
}

// fillNodes brings the map up to date with the labels.
func (c *canon) fillNodes() {
	if c.nodes == nil {
		c.nodes = make(map[string]int32, 4*fewBlanks)
	}
	for n := len(c.nodes); n < len(c.labels); n++ {
		c.nodes[c.labels[n]] = int32(n)
	}
}
