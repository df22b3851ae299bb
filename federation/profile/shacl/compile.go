package shacl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Shape is one compiled shape.
type Shape struct {
	ID          Term
	Path        *Path // of a property shape
	Severity    string
	Message     string // sh:message, "" when it has none
	Name        string // sh:name
	Description string // sh:description

	constraints []constraint
	deactivated bool
	vacuous     bool // no constraint can fail where there is no value
}

// Shapes are compiled shapes with their targets. They are immutable.
type Shapes struct {
	byClass    map[Term][]*Shape
	byNode     []pair
	bySubjects map[string][]*Shape
	byObjects  map[string][]*Shape
	count      int
}

// Len is the number of shapes with a target.
func (s *Shapes) Len() int { return s.count }

// Compile reads the shapes of a shapes graph. The error names the shape and what to change.
func Compile(triples []rdf.Triple) (*Shapes, error) {
	c := &compiler{
		graph: newGraph(triples, nil), made: make(map[Term]*Shape), making: make(map[Term]bool),
		shapes: &Shapes{byClass: make(map[Term][]*Shape), bySubjects: make(map[string][]*Shape), byObjects: make(map[string][]*Shape)},
	}
	for _, node := range c.subjects {
		if !c.declared(node) {
			continue
		}
		s, err := c.shape(node)
		if err != nil {
			return nil, err
		}
		if err := c.target(s); err != nil {
			return nil, err
		}
	}
	return c.shapes, nil
}

// compiler reads a shapes graph. Its data has been written by people who are trusted.
type compiler struct {
	*graph
	shapes *Shapes
	made   map[Term]*Shape
	making map[Term]bool
}

func (c *compiler) values(of Term, property string) []Term {
	var out []Term
	for _, e := range c.out[of] {
		if e.predicate == property && !slices.Contains(out, e.object) {
			out = append(out, e.object)
		}
	}
	return out
}

// declared says that a node calls itself a shape, or has a target.
func (c *compiler) declared(node Term) bool {
	for _, e := range c.out[node] {
		switch e.predicate {
		case rdf.Type:
			if e.object.Value == NS+"NodeShape" || e.object.Value == NS+"PropertyShape" {
				return true
			}
		case NS + "targetClass", NS + "targetNode", NS + "targetSubjectsOf", NS + "targetObjectsOf":
			return true
		}
	}
	return false
}

// target registers what a shape is checked against (section 2.1.3).
func (c *compiler) target(s *Shape) error {
	targets := 0
	for _, e := range c.out[s.ID] {
		switch e.predicate {
		case NS + "targetClass":
			c.shapes.byClass[e.object] = append(c.shapes.byClass[e.object], s)
		case NS + "targetNode":
			c.shapes.byNode = append(c.shapes.byNode, pair{s, e.object})
		case NS + "targetSubjectsOf":
			c.shapes.bySubjects[e.object.Value] = append(c.shapes.bySubjects[e.object.Value], s)
		case NS + "targetObjectsOf":
			c.shapes.byObjects[e.object.Value] = append(c.shapes.byObjects[e.object.Value], s)
		case rdf.Type: // a shape that is a class targets its instances
			if !slices.Contains(c.above(e.object, func() bool { return true }), iri(nsRDFS+"Class")) {
				continue
			}
			if s.ID.Kind != IRI {
				return fmt.Errorf("a shape that is a class needs an IRI")
			}
			c.shapes.byClass[s.ID] = append(c.shapes.byClass[s.ID], s)
		default:
			continue
		}
		targets++
	}
	if targets > 0 {
		c.shapes.count++
	}
	return nil
}

// shape compiles a node that is used as a shape.
func (c *compiler) shape(node Term) (*Shape, error) {
	if s, ok := c.made[node]; ok {
		return s, nil
	}
	if c.making[node] {
		return nil, fmt.Errorf("shape %s refers to itself, directly or through others; recursive shapes are not supported", node)
	}
	if len(c.out[node]) == 0 {
		return nil, fmt.Errorf("shape %s is used and not described", node)
	}
	c.making[node] = true
	s := &Shape{ID: node, Severity: Violation}
	if err := c.fill(s); err != nil {
		if strings.HasPrefix(err.Error(), "shape ") {
			return nil, err
		}
		return nil, fmt.Errorf("shape %s: %w", c.called(s), err)
	}
	s.vacuous = !slices.ContainsFunc(s.constraints, demanding)
	delete(c.making, node)
	c.made[node] = s
	return s, nil
}

// demanding says that a constraint can fail where there is no value.
func demanding(k constraint) bool {
	switch k := k.(type) {
	case countIs:
		return !k.most
	case hasValue, equalsTo, qualify:
		return true
	}
	return false
}

// called names a shape for people; one without an IRI by its path.
func (c *compiler) called(s *Shape) string {
	if s.Path != nil {
		return s.Path.String()
	}
	return s.ID.String()
}

func (c *compiler) fill(s *Shape) error {
	paths := c.values(s.ID, NS+"path")
	if len(paths) > 1 {
		return fmt.Errorf("it has %d values of sh:path, a property shape has one", len(paths))
	}
	if len(paths) == 1 {
		var err error
		if s.Path, err = c.path(paths[0], 0); err != nil {
			return fmt.Errorf("sh:path: %w", err)
		}
	}
	seen := make(map[string]bool)
	for _, e := range c.out[s.ID] {
		term, ours := strings.CutPrefix(e.predicate, NS)
		if !ours {
			continue
		}
		p, known := parameters[term]
		if !known {
			return fmt.Errorf("sh:%s is no term of SHACL Core; correct its spelling or remove it", term)
		}
		if p.once && seen[term] {
			return fmt.Errorf("sh:%s has more than one value", term)
		}
		seen[term] = true
		if p.read == nil {
			continue
		}
		if err := p.read(c, s, e.object); err != nil {
			return fmt.Errorf("sh:%s: %w", term, err)
		}
	}
	return nil
}

// maxList bounds a list of the shapes graph, which may lead back to itself.
const maxList = 100_000

func (c *compiler) list(node Term) ([]Term, error) {
	var out []Term
	for node != iri(nsRDF+"nil") {
		first, rest := c.values(node, nsRDF+"first"), c.values(node, nsRDF+"rest")
		if len(first) != 1 || len(rest) != 1 || len(out) >= maxList {
			return nil, fmt.Errorf("%s is no well-formed list", node)
		}
		out = append(out, first[0])
		node = rest[0]
	}
	return out, nil
}
