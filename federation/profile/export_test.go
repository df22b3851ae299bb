package profile

import (
	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Results gives what the shapes say of a graph, before it is put into words.
func (c *Checker) Results(graph []rdf.Triple) ([]shacl.Result, error) {
	all, _, err := c.results(graph)
	return all, err
}

// Known is what every check sees beside the data.
func Known() []rdf.Triple { return append(parse("classes.ttl", classesText), concepts()...) }

// Allowances are what is known better than by the shapes, and what becomes of the finding.
func Allowances() [][2]string {
	var out [][2]string
	for _, k := range knowledges {
		out = append(out, [2]string{k.why, "none"})
	}
	for _, a := range allowances {
		out = append(out, [2]string{a.why, "`" + a.severity + "`"})
	}
	return out
}

// ShapesOfTheProfile are the shapes that this package brings.
func ShapesOfTheProfile() []rdf.Triple { return parse("shapes.ttl", shapesText) }
