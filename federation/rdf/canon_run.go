package rdf

import (
	"bytes"
	"encoding/hex"
	"hash/maphash"
	"slices"
	"strings"
)

// run returns the canonical N-Quads (section 4.4).
func (c *canon) run() ([]byte, error) {
	c.executions = 0
	if len(c.labels) > 0 {
		c.issued.reset("_:c14n", len(c.labels))
		c.dropDuplicates()
		c.findUses()
		if err := c.label(); err != nil {
			return nil, err
		}
	}
	return c.document(), nil
}

// dropDuplicates keeps one of equal quads: their number would show in the hashes of the first degree.
func (c *canon) dropDuplicates() {
	size := 1
	for size < 2*len(c.quads) {
		size *= 2
	}
	c.table = sized(c.table, size) // index of a kept quad plus one
	table := c.table
	clear(table)
	kept := c.quads[:0]
	for _, q := range c.quads {
		at := c.hashQuad(duplicateSeed, &q)
		for ; ; at++ {
			i := table[at&uint64(size-1)]
			if i == 0 {
				kept = append(kept, q)
				table[at&uint64(size-1)] = int32(len(kept))
				break
			}
			if c.equal(&kept[i-1], &q) {
				break
			}
		}
	}
	c.quads = kept
}

// duplicateSeed is secret, so nobody can prepare quads that collide.
var duplicateSeed = maphash.MakeSeed()

func (c *canon) hashQuad(seed maphash.Seed, q *canonQuad) uint64 {
	h := uint64(0)
	for at, text := range q.text {
		h = h*0x9E3779B97F4A7C15 + uint64(q.blank[at])
		if text.to > text.from {
			h ^= maphash.Bytes(seed, text.of(c.arena))
		}
	}
	return h ^ h>>32
}

func (c *canon) equal(a, b *canonQuad) bool {
	for at := range a.text {
		if a.blank[at] != b.blank[at] || !bytes.Equal(a.text[at].of(c.arena), b.text[at].of(c.arena)) {
			return false
		}
	}
	return true
}

func (c *canon) findUses() {
	if missing := len(c.labels) - cap(c.uses); missing > 0 {
		c.uses = append(c.uses[:cap(c.uses)], make([][]int32, missing)...)
	}
	c.uses = c.uses[:len(c.labels)]
	for n := range c.uses {
		c.uses[n] = c.uses[n][:0]
	}
	for i, q := range c.quads {
		for _, n := range q.blank {
			if n < 0 {
				continue
			}
			if u := c.uses[n]; len(u) == 0 || u[len(u)-1] != int32(i) {
				c.uses[n] = append(u, int32(i))
			}
		}
	}
}

// label gives every blank node its canonical label: first those whose hash of the first degree is
// unique, then group after group those that share one.
func (c *canon) label() error {
	c.first, c.order = sized(c.first, len(c.labels)), sized(c.order, len(c.labels))
	order := c.order
	for n := range c.labels {
		c.first[n] = c.firstDegree(int32(n))
		order[n] = int32(n)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if d := c.first[a].compare(c.first[b]); d != 0 {
			return d
		}
		return strings.Compare(c.labels[a], c.labels[b])
	})
	var shared [][]int32
	for len(order) > 0 {
		end := 1
		for end < len(order) && c.first[order[end]] == c.first[order[0]] {
			end++
		}
		if end == 1 {
			c.issued.issue(order[0])
		} else {
			shared = append(shared, order[:end])
		}
		order = order[end:]
	}
	for _, group := range shared {
		if err := c.labelGroup(group); err != nil {
			return err
		}
	}
	return nil
}

// firstDegree is Hash First Degree Quads (section 4.6).
func (c *canon) firstDegree(n int32) digest {
	c.line, c.lines = c.line[:0], c.lines[:0]
	for _, i := range c.uses[n] {
		from := len(c.line)
		q := &c.quads[i]
		for at := range q.text {
			switch other := q.blank[at]; {
			case other == n:
				c.line = append(c.line, "_:a "...)
			case other >= 0:
				c.line = append(c.line, "_:z "...)
			default:
				c.line = c.appendText(c.line, q, at)
			}
		}
		c.line = append(c.line, ".\n"...)
		c.lines = append(c.lines, span{uint32(from), uint32(len(c.line))})
	}
	sortLines(c.line, c.lines)
	c.hash.Reset()
	for _, line := range c.lines {
		c.hash.Write(line.of(c.line))
	}
	return c.digest()
}

func (c *canon) digest() (d digest) {
	copy(d[:], c.hash.Sum(c.sum[:0]))
	return d
}

func (c *canon) appendHex(b []byte, d digest) []byte {
	return hex.AppendEncode(b, d[:c.hash.Size()])
}

// appendText appends a term that is no blank node, with the space behind it.
func (c *canon) appendText(b []byte, q *canonQuad, at int) []byte {
	if text := q.text[at]; text.to > text.from {
		b = append(append(b, text.of(c.arena)...), ' ')
	}
	return b
}

func sortLines(b []byte, lines []span) {
	slices.SortFunc(lines, func(x, y span) int { return bytes.Compare(x.of(b), y.of(b)) })
}

// document writes all quads with canonical labels, sorted and without duplicates.
func (c *canon) document() []byte {
	b := slices.Grow(c.line[:0], len(c.arena)+24*len(c.quads))
	lines := sized(c.lines, len(c.quads))
	for i := range c.quads {
		q := &c.quads[i]
		from := len(b)
		for at := range q.text {
			if n := q.blank[at]; n >= 0 {
				b = append(c.issued.append(b, n), ' ')
			} else {
				b = c.appendText(b, q, at)
			}
		}
		b = append(b, ".\n"...)
		lines[i] = span{uint32(from), uint32(len(b))}
	}
	c.line, c.lines = b, lines
	sortLines(b, lines)
	out := make([]byte, 0, len(b))
	for i, line := range lines {
		if i == 0 || !bytes.Equal(line.of(b), lines[i-1].of(b)) {
			out = append(out, line.of(b)...)
		}
	}
	return out
}

// relabel names the blank nodes by their canonical labels, for another run.
func (c *canon) relabel(budget int) {
	for n := range c.labels {
		c.labels[n] = string(c.issued.append(nil, int32(n))[len("_:"):])
	}
	c.budget = budget
}
