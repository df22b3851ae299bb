package ooapi

import (
	"strconv"
	"strings"

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
	values    map[string]rdf.Blank // nodes without a name, by what they say
	codes     map[[3]string]bool   // identifiers written: node, notation, scheme
	described map[string]bool      // institutions written, by IRI
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

// value hangs a node on s that says no more than key does, and describes it the first time. Offerings
// repeat addresses, terms and prices by the dozen: as one node each they keep the graph small, and its
// blank nodes so different that canonical labels are found within the budget.
func (g *graph) value(s rdf.Subject, property, class, key string, describe func(rdf.Blank)) {
	key = class + "\x00" + key
	b, known := g.values[key]
	if !known {
		if g.values == nil {
			g.values = make(map[string]rdf.Blank)
		}
		b = g.blank(class)
		g.values[key] = b
		describe(b)
	}
	g.add(s, property, b)
}

// note hangs an elm:Note on s; about is the source's field, which tells notes apart on the way back.
func (g *graph) note(s rdf.Subject, property, about string, texts []text) {
	if len(texts) == 0 {
		return
	}
	g.value(s, property, vocabulary.ClassNote, about+"\x00"+keyOf(texts), func(n rdf.Blank) {
		g.texts(n, vocabulary.NoteLiteral, texts)
		if about != "" {
			g.link(n, vocabulary.DCSubject, Namespace+about)
		}
	})
}

func keyOf(texts []text) string {
	var b strings.Builder
	for _, t := range texts {
		b.WriteString(t.lang + "\x00" + t.value + "\x00")
	}
	return b.String()
}

func (g *graph) identifier(s rdf.Subject, notation, scheme string) {
	g.value(s, vocabulary.Identifier, vocabulary.ClassIdentifier, notation+"\x00"+scheme, func(n rdf.Blank) {
		g.add(n, vocabulary.Notation, rdf.String(notation))
		if scheme != "" {
			g.add(n, vocabulary.SchemeName, rdf.String(scheme))
		}
	})
}

func (g *graph) page(s rdf.Subject, address string) {
	g.value(s, vocabulary.Homepage, vocabulary.ClassWebResource, address, func(n rdf.Blank) {
		g.typed(n, vocabulary.ContentURL, address, rdf.XSDAnyURI)
	})
}
