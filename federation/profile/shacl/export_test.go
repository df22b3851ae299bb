package shacl

import "github.com/coursemesh/coursemesh/federation/rdf"

// PathAt reads the path that a node of a graph stands for.
func PathAt(triples []rdf.Triple, node Term) (*Path, error) {
	c := &compiler{graph: newGraph(triples, nil)}
	return c.path(node, 0)
}
