package rdf

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
)

// CanonicalQuads is the algorithm over quads with named graphs, for the W3C suite, with the label of each blank node.
func CanonicalQuads(quads []Quad, algorithm string) ([]byte, map[string]string, error) {
	newHash := sha256.New
	switch algorithm {
	case "":
	case "SHA384":
		newHash = sha512.New384
	default:
		return nil, nil, errors.New("unknown hash algorithm " + algorithm)
	}
	c := newCanon(newHash(), Budget)
	for _, q := range quads {
		if err := c.add(q.Triple, q.Graph); err != nil {
			return nil, nil, err
		}
	}
	out, err := c.run()
	labels := map[string]string{}
	if err == nil {
		for n, label := range c.labels {
			labels[label] = string(c.issued.append(nil, int32(n))[len("_:"):])
		}
	}
	return out, labels, err
}

// Executions counts the executions of Hash N-Degree Quads over a graph, up to a budget.
func Executions(triples []Triple, budget int) (int, error) {
	c := newCanon(sha256.New(), budget)
	if err := c.addTriples(triples); err != nil {
		return 0, err
	}
	_, err := c.run()
	return c.executions, err
}

// QuadsAsWritten decodes N-Quads and keeps the labels of blank nodes.
func QuadsAsWritten(b []byte) ([]Quad, error) {
	var quads []Quad
	d := newDecoder(bytes.NewReader(b), NQuads, Limits{}, func(q Quad, _ Place) bool {
		quads = append(quads, q)
		return true
	})
	d.graphs, d.keep = true, true
	d.lines()
	return quads, d.result()
}

// PrefixNames are the prefixes that the encoders use.
func PrefixNames() []string {
	var list []string
	for _, p := range prefixes {
		list = append(list, p.name)
	}
	return list
}
