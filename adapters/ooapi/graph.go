package ooapi

import (
	"strconv"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Namespace holds the standard's own field names, for facts that ELM has no place for.
const Namespace = "https://openonderwijsapi.nl/v5#"

const nsValid = vocabulary.NSDCTerms + "valid"

const rdfJSON = vocabulary.NSRDF + "JSON"

// graph collects triples and makes blank nodes.
type graph struct {
	triples   []rdf.Triple
	blanks    int
	codes     map[[3]string]bool // identifiers written: node, notation, scheme
	described map[string]bool    // institutions written, by IRI
}

func (g *graph) add(s rdf.Subject, property string, o rdf.Object) {
	g.triples = append(g.triples, rdf.Triple{Subj: s, Pred: rdf.MustIRI(property), Obj: o})
}

// link points to a constant IRI.
func (g *graph) link(s rdf.Subject, property, iri string) { g.add(s, property, rdf.MustIRI(iri)) }

func (g *graph) typed(s rdf.Subject, property, value, datatype string) {
	g.add(s, property, rdf.Typed(value, datatype))
}

func (g *graph) texts(s rdf.Subject, property string, texts []text) {
	for _, t := range texts {
		g.add(s, property, t.literal())
	}
}

// blank makes a node without a name.
func (g *graph) blank(class string) rdf.Blank {
	g.blanks++
	b, err := rdf.NewBlank("n" + strconv.Itoa(g.blanks))
	if err != nil {
		panic("ooapi: " + err.Error()) // the label is made of a letter and digits
	}
	g.link(b, rdf.Type, class)
	return b
}

// hang makes a new node and points to it from s.
func (g *graph) hang(s rdf.Subject, property, class string) rdf.Blank {
	b := g.blank(class)
	g.add(s, property, b)
	return b
}

// note hangs an elm:Note on s; about is the source's field, which tells notes apart on the way back.
func (g *graph) note(s rdf.Subject, property, about string, texts []text) {
	if len(texts) == 0 {
		return
	}
	n := g.hang(s, property, vocabulary.ClassNote)
	g.texts(n, vocabulary.NoteLiteral, texts)
	if about != "" {
		g.link(n, vocabulary.DCSubject, Namespace+about)
	}
}

func (g *graph) identifier(s rdf.Subject, notation, scheme string) {
	n := g.hang(s, vocabulary.Identifier, vocabulary.ClassIdentifier)
	g.add(n, vocabulary.Notation, rdf.String(notation))
	if scheme != "" {
		g.add(n, vocabulary.SchemeName, rdf.String(scheme))
	}
}
