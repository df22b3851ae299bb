package rdf

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrBudget says that canonicalisation needs more than 1,000 executions of Hash N-Degree Quads.
var ErrBudget = errors.New("canonicalisation over its work budget")

// Budget is the number of executions of Hash N-Degree Quads within which canonical bytes must
// reproduce themselves. It is counted, not timed, so every machine comes to the same verdict.
const Budget = 1000

// A publisher's blank node labels are in no particular order and may cost more work than
// canonical ones; only the second pass, over canonical labels, is judged by Budget.
const firstPassBudget = 2 * Budget

// Canonical returns the RDFC-1.0 canonical N-Quads of a graph (duplicates dropped), or ErrBudget.
// What it returns is what ParseCanonical accepts: triples that no parser would read back
// (relative IRIs, invalid UTF-8, missing terms) are an error.
func Canonical(triples []Triple) ([]byte, error) {
	c := borrow(firstPassBudget)
	defer c.release()
	if err := c.addTriples(triples); err != nil {
		return nil, err
	}
	out, err := c.run()
	if err != nil || c.executions == 0 {
		// Without hash collisions no label plays a part, so a second pass would do the same.
		return out, err
	}
	return out, c.reproduces(out)
}

// reproduces runs the algorithm on its own result.
func (c *canon) reproduces(out []byte) error {
	c.relabel(Budget)
	again, err := c.run()
	if err != nil {
		return err
	}
	if !bytes.Equal(out, again) {
		return fmt.Errorf("%w: canonical labels do not reproduce themselves", ErrBudget)
	}
	return nil
}

// ParseCanonical decodes canonical bytes strictly and fails unless canonicalising the result gives
// exactly these bytes within the budget of PROTOCOL section 1. Blank nodes keep their canonical labels.
func ParseCanonical(b []byte) ([]Triple, error) {
	triples, err := ParseTrusted(b)
	if err != nil {
		return nil, err
	}
	c := borrow(Budget)
	defer c.release()
	if err := c.addTriples(triples); err != nil {
		return nil, err
	}
	out, err := c.run()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(out, b) {
		return nil, errNotCanonical(b, out)
	}
	return triples, nil
}

func errNotCanonical(got, want []byte) error {
	n := 0
	for n < len(got) && n < len(want) && got[n] == want[n] {
		n++
	}
	return fmt.Errorf("these N-Quads are not in canonical form from line %d on", 1+bytes.Count(got[:n], []byte{'\n'}))
}

// ParseTrusted decodes canonical bytes that were checked before (our own store), without canonicalising
// again. Blank nodes keep their canonical labels, which are unique within the graph only.
func ParseTrusted(b []byte) ([]Triple, error) {
	triples := make([]Triple, 0, bytes.Count(b, []byte{'\n'}))
	d := newDecoder(nil, NTriples, Limits{Bytes: int64(len(b)) + 1, Literal: len(b) + 1}, func(q Quad, _ Place) bool {
		triples = append(triples, q.Triple)
		return true
	})
	d.buf, d.eof = b, true
	d.keep = true
	d.lines()
	if err := d.result(); err != nil {
		return nil, err
	}
	return triples, nil
}
