// Package profile judges course graphs by the QualityLink application profile of the European Learning
// Model: findings that say what to change in the terms of the source, a completeness score, and the
// elements that the Council of the European Union asks of a micro-credential.
//
// The profile is shapes.ttl, SHACL shapes that operators can add their own to. A finding never keeps a
// course from being published; package harvest alone decides what is unusable. Checking a course reads
// nothing but its graph: no network, no clock, the same findings everywhere for the same vocabularies.
package profile

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

//go:embed shapes.ttl
var shapesText string

//go:embed classes.ttl
var classesText string

// Checker checks course graphs. It is immutable and safe for concurrent use.
type Checker struct {
	shapes     []*shacl.Shapes // the profile's, then the operator's
	background *shacl.Background
}

// File is a file of shapes that an operator trusts, in Turtle. Its other triples, such as concepts of a
// local vocabulary and class hierarchies, are seen beside the data of every course.
type File struct {
	Name string // for messages
	Text string
}

// ErrShapes is wrapped by the error of New for a file that cannot be used.
var ErrShapes = errors.New("the shapes cannot be used")

// New makes a checker of the profile and the operator's own shapes.
func New(own ...File) (*Checker, error) {
	c := new(Checker)
	known := append(parse("classes.ttl", classesText), concepts()...)
	for _, f := range append([]File{{"shapes.ttl", shapesText}}, own...) {
		triples, err := decode(f)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrShapes, f.Name, err)
		}
		shapes, err := shacl.Compile(triples)
		if err == nil {
			err = severities(triples)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrShapes, f.Name, err)
		}
		if shapes.Len() == 0 {
			return nil, fmt.Errorf("%w: %s: no shape in it has a target, such as sh:targetClass ql:LearningOpportunitySpecification", ErrShapes, f.Name)
		}
		c.shapes = append(c.shapes, shapes)
		known = append(known, triples...)
	}
	c.background = shacl.NewBackground(known)
	return c, nil
}

// severities says that shapes use only those that findings have. SHACL allows others.
func severities(shapes []rdf.Triple) error {
	for _, t := range shapes {
		if name := t.Obj.String(); t.Pred.String() == shacl.NS+"severity" && name != shacl.Violation && name != shacl.Warning && name != shacl.Info {
			return fmt.Errorf("sh:severity: <%s> is none of sh:Violation, sh:Warning and sh:Info", name)
		}
	}
	return nil
}

func decode(f File) ([]rdf.Triple, error) {
	var out []rdf.Triple
	for t, err := range rdf.Decode(strings.NewReader(f.Text), rdf.Turtle, "", rdf.Limits{}) {
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// parse reads what this package brings itself.
func parse(name, text string) []rdf.Triple {
	triples, err := decode(File{name, text})
	if err != nil {
		panic("profile: " + name + ": " + err.Error())
	}
	return triples
}

// concepts are the embedded vocabularies as far as shapes ask for them.
func concepts() []rdf.Triple {
	var out []rdf.Triple
	isA, concept, inScheme := rdf.MustIRI(rdf.Type), rdf.MustIRI(vocabulary.ClassConcept), rdf.MustIRI(vocabulary.InScheme)
	for _, name := range vocabulary.Names() {
		for _, c := range vocabulary.Concepts(name) {
			iri := rdf.MustIRI(c.IRI)
			out = append(out, rdf.Triple{Subj: iri, Pred: isA, Obj: concept}, rdf.Triple{Subj: iri, Pred: inScheme, Obj: rdf.MustIRI(c.Scheme)})
		}
	}
	return out
}

// results are those of all shapes, the first ours of them those of the profile. The error is shacl.ErrBudget.
func (c *Checker) results(graph []rdf.Triple) (all []shacl.Result, ours int, err error) {
	for i, shapes := range c.shapes {
		results, err := shapes.Check(graph, c.background, shacl.Limits{})
		all = append(all, results...)
		if i == 0 {
			ours = len(all)
		}
		if err != nil {
			return all, ours, err
		}
	}
	return all, ours, nil
}
