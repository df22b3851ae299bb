package rdf

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// checkTerm refuses what a parser would not read back as the same term at that place of a quad.
func checkTerm(at int, term Term) error {
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
		if !validIRI(t.String()) {
			return fmt.Errorf("<%.200s> is no absolute IRI", t.String())
		}
		return nil
	case Literal:
		if at != atObject {
			return errors.New("a literal stands where only an object can")
		}
		return checkLiteral(t)
	}
	return errors.New("a term is missing")
}

func checkLiteral(l Literal) error {
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
	if !validIRI(datatype) {
		return fmt.Errorf("the datatype <%.200s> is no absolute IRI", datatype)
	}
	return checkDatatype(datatype)
}
