package profile

import (
	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Results gives what the shapes say of a graph, before it is put into words.
func (c *Checker) Results(graph []rdf.Triple) ([]shacl.Result, error) { return c.results(graph) }

// Known is what every check sees beside the data.
func Known() []rdf.Triple { return append(parse("classes.ttl", classesText), concepts()...) }

// ShapesOfTheProfile are the shapes that this package brings.
func ShapesOfTheProfile() []rdf.Triple { return parse("shapes.ttl", shapesText) }
