package rdf

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
)

// canon is one run of RDFC-1.0 (section 4) over a set of quads. Terms are written once; where a
// blank node stands, the writer inserts the label that the step in hand asks for.
type canon struct {
	hash       hash.Hash
	budget     int
	executions int // of Hash N-Degree Quads

	quads  []canonQuad
	labels []string // of each blank node, as in the input
	nodes  map[string]int32
	uses   [][]int32 // quads that mention a blank node
	first  []string  // hash of the first degree, hex
	issued issuer    // canonical labels

	arena, line []byte
	lastSubj    string
}

// canonQuad is a quad with its terms written down. For a blank node the place in blank holds its
// number and the text is empty, else the number is -1.
type canonQuad struct {
	text  [4][]byte // subject, predicate, object, graph (with its leading space)
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
	return &canon{hash: h, budget: budget, nodes: map[string]int32{}}
}

func (c *canon) addTriples(triples []Triple) error {
	c.quads = make([]canonQuad, 0, len(triples))
	c.arena = make([]byte, 0, 96*len(triples))
	for i, t := range triples {
		if err := c.add(t, nil); err != nil {
			return fmt.Errorf("triple %d: %w", i+1, err)
		}
	}
	return nil
}

func (c *canon) add(t Triple, graph Term) error {
	q := canonQuad{blank: [4]int32{-1, -1, -1, -1}}
	terms := [4]Term{t.Subj, t.Pred, t.Obj, graph}
	for at, term := range terms {
		if at == atGraph && term == nil {
			continue
		}
		if err := c.write(&q, at, term); err != nil {
			return err
		}
	}
	c.quads = append(c.quads, q)
	return nil
}

func (c *canon) write(q *canonQuad, at int, term Term) error {
	if err := checkTerm(at, term); err != nil {
		return err
	}
	if blank, ok := term.(Blank); ok {
		q.blank[at] = c.number(blank.String())
		return nil
	}
	start := len(c.arena)
	c.arena = AppendTerm(c.arena, term)
	q.text[at] = c.arena[start:len(c.arena):len(c.arena)]
	return nil
}

func (c *canon) number(label string) int32 {
	n, ok := c.nodes[label]
	if !ok {
		n = int32(len(c.labels))
		c.nodes[label] = n
		c.labels = append(c.labels, label)
	}
	return n
}

// run returns the canonical N-Quads (section 4.4).
func (c *canon) run() ([]byte, error) {
	c.executions = 0
	c.issued = newIssuer(len(c.labels))
	if len(c.labels) > 0 {
		c.dropDuplicates()
		if err := c.label(); err != nil {
			return nil, err
		}
	}
	return c.document(), nil
}

// dropDuplicates keeps one of equal quads: their number would show in the hashes of the first degree.
func (c *canon) dropDuplicates() {
	slices.SortFunc(c.quads, compareQuads)
	c.quads = slices.CompactFunc(c.quads, func(a, b canonQuad) bool { return compareQuads(a, b) == 0 })
	c.uses = make([][]int32, len(c.labels))
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

func compareQuads(a, b canonQuad) int {
	for at := range a.text {
		if a.blank[at] != b.blank[at] {
			return int(a.blank[at]) - int(b.blank[at])
		}
		if d := bytes.Compare(a.text[at], b.text[at]); d != 0 {
			return d
		}
	}
	return 0
}

// label gives every blank node its canonical label.
func (c *canon) label() error {
	c.first = make([]string, len(c.labels))
	order := make([]int32, len(c.labels))
	for n := range c.labels {
		c.first[n] = c.firstDegree(int32(n))
		order[n] = int32(n)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if c.first[a] != c.first[b] {
			return compareStrings(c.first[a], c.first[b])
		}
		return compareStrings(c.labels[a], c.labels[b])
	})
	var shared [][]int32
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && c.first[order[end]] == c.first[order[start]] {
			end++
		}
		if end == start+1 {
			c.issued.issue(order[start])
		} else {
			shared = append(shared, order[start:end])
		}
		start = end
	}
	for _, group := range shared {
		if err := c.labelGroup(group); err != nil {
			return err
		}
	}
	return nil
}

func compareStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// firstDegree is Hash First Degree Quads (section 4.6).
func (c *canon) firstDegree(n int32) string {
	lines := make([][]byte, 0, len(c.uses[n]))
	buf := c.line[:0]
	for _, i := range c.uses[n] {
		start := len(buf)
		buf = c.quads[i].append(buf, func(b []byte, other int32) []byte {
			if other == n {
				return append(b, "_:a"...)
			}
			return append(b, "_:z"...)
		})
		lines = append(lines, buf[start:len(buf):len(buf)])
	}
	c.line = buf
	slices.SortFunc(lines, bytes.Compare)
	c.hash.Reset()
	for _, line := range lines {
		c.hash.Write(line)
	}
	return c.sum()
}

func (c *canon) sum() string {
	var sum [64]byte
	return hex.EncodeToString(c.hash.Sum(sum[:0]))
}

// append writes the quad as a line; blank writes the label of a node.
func (q *canonQuad) append(b []byte, blank func([]byte, int32) []byte) []byte {
	for at, text := range q.text {
		if n := q.blank[at]; n >= 0 {
			b = append(blank(b, n), ' ')
		} else if len(text) > 0 {
			b = append(append(b, text...), ' ')
		}
	}
	return append(b, ".\n"...)
}

// document writes all quads with canonical labels, sorted and without duplicates.
func (c *canon) document() []byte {
	lines := make([][]byte, len(c.quads))
	buf := make([]byte, 0, len(c.arena)+24*len(c.quads))
	for i := range c.quads {
		start := len(buf)
		buf = c.quads[i].append(buf, c.issued.append)
		lines[i] = buf[start:len(buf):len(buf)]
	}
	slices.SortFunc(lines, bytes.Compare)
	out := make([]byte, 0, len(buf))
	for i, line := range lines {
		if i == 0 || !bytes.Equal(line, lines[i-1]) {
			out = append(out, line...)
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
