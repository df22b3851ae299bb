package rdf

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// xmlWriter writes one flat rdf:Description for each subject.
type xmlWriter struct {
	b          []byte
	labels     *blankLabels
	predicates map[string]string // as qualified names
	used       [32]bool          // of prefixes
	others     []string          // namespaces beyond those, as ns0, ns1, ...
	numbers    map[string]int    // of others
}

func encodeRDFXML(w io.Writer, triples []Triple) error {
	x := newXML(newLabels())
	for _, s := range bySubject(triples) {
		if err := x.subject(s); err != nil {
			return err
		}
	}
	if _, err := w.Write(x.header()); err != nil {
		return err
	}
	_, err := w.Write(append(x.b, "</rdf:RDF>\n"...))
	return err
}

func newXML(labels *blankLabels) *xmlWriter {
	return &xmlWriter{labels: labels, predicates: map[string]string{}, numbers: map[string]int{}}
}

func (x *xmlWriter) header() []byte {
	b := []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<rdf:RDF")
	declare := func(prefix, namespace string) {
		b = append(b, "\n    xmlns:"+prefix+`="`...)
		b = append(appendXML(b, namespace, `&<"`), '"')
	}
	for i, p := range prefixes {
		if x.used[i] || p.namespace == rdfNamespace {
			declare(p.name, p.namespace)
		}
	}
	for i, namespace := range x.others {
		declare("ns"+strconv.Itoa(i), namespace)
	}
	return append(b, ">\n"...)
}

const xmlOpen = "  <rdf:Description" // of a subject

func (x *xmlWriter) subject(s *subject) error {
	x.b = append(x.b, xmlOpen...)
	if err := x.node("rdf:about", s.term); err != nil {
		return err
	}
	x.b = append(x.b, ">\n"...)
	for _, p := range s.properties {
		name, err := x.qualified(p.predicate)
		if err != nil {
			return err
		}
		for _, o := range p.objects {
			if err := x.property(name, o); err != nil {
				return err
			}
		}
	}
	x.b = append(x.b, "  </rdf:Description>\n"...)
	return nil
}

func (x *xmlWriter) property(name string, o Object) error {
	x.b = append(append(x.b, "    <"...), name...)
	l, ok := o.(Literal)
	if !ok {
		err := x.node("rdf:resource", o)
		x.b = append(x.b, "/>\n"...)
		return err
	}
	if !xmlCharacters(l.String()) {
		return unwritable("the text %.100q holds a character that XML has not", l.String())
	}
	switch datatype := l.DataType.String(); {
	case l.Lang() != "":
		x.attribute("xml:lang", l.Lang())
	case datatype == XSDString:
	case !xmlCharacters(datatype):
		return unwritable("the IRI <%.200s> holds a character that XML has not", datatype)
	default:
		x.attribute("rdf:datatype", datatype)
	}
	x.b = appendXML(append(x.b, '>'), l.String(), "&<>\r")
	x.b = append(append(append(x.b, "</"...), name...), ">\n"...)
	return nil
}

// node writes the attribute that names an IRI or blank node.
func (x *xmlWriter) node(attribute string, t Term) error {
	if b, ok := t.(Blank); ok {
		x.attribute("rdf:nodeID", x.labels.of(b)[len("_:"):])
		return nil
	}
	if !xmlCharacters(t.String()) {
		return unwritable("the IRI <%.200s> holds a character that XML has not", t.String())
	}
	x.attribute(attribute, t.String())
	return nil
}

func (x *xmlWriter) attribute(name, value string) {
	x.b = append(append(append(x.b, ' '), name...), `="`...)
	x.b = append(appendXML(x.b, value, `&<"`), '"')
}

// qualified finds the XML name of a predicate and notes its prefix.
func (x *xmlWriter) qualified(predicate string) (string, error) {
	if name, ok := x.predicates[predicate]; ok {
		return name, nil
	}
	namespace, local := splitName(predicate)
	if local == "" || !xmlCharacters(namespace) {
		return "", unwritable("the property <%.200s> cannot be written as an XML name", predicate)
	}
	name := x.prefix(namespace) + ":" + local
	x.predicates[predicate] = name
	return name, nil
}

func (x *xmlWriter) prefix(namespace string) string {
	for i, p := range prefixes {
		if p.namespace == namespace {
			x.used[i] = true
			return p.name
		}
	}
	n, ok := x.numbers[namespace]
	if !ok {
		n = len(x.others)
		x.numbers[namespace] = n
		x.others = append(x.others, namespace)
	}
	return "ns" + strconv.Itoa(n)
}

// splitName cuts an IRI before its longest end that is an XML name and means nothing else to RDF/XML.
func splitName(iri string) (namespace, local string) {
	start := len(iri)
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(iri[:start])
		if r != '.' && !isNameChar(r) || r > maxNameRune {
			break
		}
		start -= n
	}
	for i, r := range iri[start:] {
		namespace, local = iri[:start+i], iri[start+i:]
		if i+start > 0 && (isNameStart(r) || r == '_') && !reservedName(namespace, local) {
			return namespace, local
		}
	}
	return "", ""
}

// maxNameRune keeps names to what every edition of XML 1.0 has as letters.
const maxNameRune = 0xFF

func reservedName(namespace, local string) bool {
	switch namespace {
	case rdfNamespace:
		return local == "li" || !propertyNames.allows(local)
	case xmlNamespace, xmlnsNamespace:
		return true
	}
	return false
}

// xmlCharacters says whether XML 1.0 has all characters of a text (section 2.2).
func xmlCharacters(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
}

func unwritable(format string, args ...any) error {
	return fmt.Errorf("%w %q for this graph: %s", ErrFormat, RDFXML, fmt.Sprintf(format, args...))
}
