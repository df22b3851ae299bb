package rdf

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	knakk "github.com/knakk/rdf"
)

// newLang makes a language-tagged literal. The term library has no constructor for tags of three
// and more subtags (zh-hant-tw), though its model holds them; such a tag is set afterwards.
func newLang(v, tag string) (Literal, error) {
	if err := checkTag(tag); err != nil {
		return Literal{}, err
	}
	tag = strings.ToLower(tag)
	if strings.Count(tag, "-") < 2 {
		return knakk.NewLangLiteral(v, tag)
	}
	l, err := knakk.NewLangLiteral(v, "x")
	if err != nil {
		return Literal{}, err
	}
	field := reflect.ValueOf(&l).Elem().FieldByName("lang")
	if field.Kind() != reflect.String {
		return Literal{}, fmt.Errorf("language tag %q: the term library no longer holds a tag as text", tag)
	}
	reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem().SetString(tag)
	return l, nil
}

// checkTag applies the LANGTAG production: letters, then subtags of letters and digits.
func checkTag(tag string) error {
	start := 0
	for i := 0; i <= len(tag); i++ {
		if i < len(tag) && tag[i] != '-' {
			if isLetter(tag[i]) || start > 0 && isDigit(tag[i]) {
				continue
			}
			return fmt.Errorf("language tag %q: character %q is not allowed here", tag, tag[i])
		}
		if i == start {
			return fmt.Errorf("language tag %q has an empty part", tag)
		}
		start = i + 1
	}
	return nil
}

const dirLangString = "http://www.w3.org/1999/02/22-rdf-syntax-ns#dirLangString"

var errDirection = errors.New("text with a base direction is not supported: drop the direction")

// isDirectional recognises the RDF 1.2 form en--ltr.
func isDirectional(tag []byte) bool { return bytes.Contains(tag, []byte("--")) }
