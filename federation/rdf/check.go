package rdf

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// checker refuses terms that a parser would not read back as the same. It remembers some of the IRIs
// it has seen: graphs repeat those of properties and concepts.
type checker struct{ seen [128]string }

// maxSeen bounds what a checker holds on to.
const maxSeen = 128

func (c *checker) iri(iri string) bool {
	if iri == "" {
		return false
	}
	slot := &c.seen[(7*len(iri)+int(iri[len(iri)-1]))%len(c.seen)]
	if *slot == iri {
		return true
	}
	if !validIRI(iri) {
		return false
	}
	if len(iri) <= maxSeen {
		*slot = iri
	}
	return true
}

// term checks a term at a place of a quad.
func (c *checker) term(at int, term Term) error {
	switch t := term.(type) {
	case Blank:
		if at == atPredicate {
			return errors.New("a blank node cannot be a predicate")
		}
		if t == (Blank{}) {
			return errors.New("a blank node has no label")
		}
		return nil
	case IRI:
		if !c.iri(t.String()) {
			return fmt.Errorf("<%.200s> is no absolute IRI", t.String())
		}
		return nil
	case Literal:
		if at != atObject {
			return errors.New("a literal stands where only an object can")
		}
		return c.literal(t)
	}
	return errors.New("a term is missing")
}

func (c *checker) literal(l Literal) error {
	if !utf8.ValidString(l.String()) {
		return fmt.Errorf("the literal %.100q is not valid UTF-8", l.String())
	}
	datatype := l.DataType.String()
	if l.Lang() != "" {
		if datatype != LangString {
			return fmt.Errorf("a literal with a language tag has datatype <%.200s>", datatype)
		}
		return checkTag(l.Lang())
	}
	if !c.iri(datatype) {
		return fmt.Errorf("the datatype <%.200s> is no absolute IRI", datatype)
	}
	return checkDatatype(datatype)
}
