package rdf

import (
	"bytes"
	"encoding/xml"
	"strings"
	"unicode/utf8"
)

// maxAttributes of one element, namespace declarations included.
const maxAttributes = 256

// element is a start tag with its names resolved.
type element struct {
	name         xml.Name // as written
	space, local string
	attrs        []attribute
	outer        scope
	undo         []binding // namespaces that its declarations hide
}

type attribute struct {
	name                xml.Name
	space, local, value string
	taken               bool
}

type binding struct {
	prefix, space string
	bound         bool
}

func (e *element) is(local string) bool { return e.space == rdfNamespace && e.local == local }

func (e *element) written() string { return written(e.name) }

// take returns the value of an attribute of the RDF namespace and marks it as read.
func (e *element) take(local string) (string, bool) {
	for i := range e.attrs {
		if a := &e.attrs[i]; a.space == rdfNamespace && a.local == local {
			a.taken = true
			return a.value, true
		}
	}
	return "", false
}

// left is an attribute that nothing has taken.
func (e *element) left() *attribute {
	for i := range e.attrs {
		if !e.attrs[i].taken {
			return &e.attrs[i]
		}
	}
	return nil
}

func written(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

func clipped(name string) string { return name[:min(len(name), 100)] }

// enter makes an element of a start tag: its depth, namespaces, language and base.
func (x *xmlDecoder) enter(t xml.StartElement) (*element, bool) {
	e, ok := x.begin(t)
	if !ok {
		return nil, false
	}
	if e.space == "" {
		return nil, x.fail("the element <%.100s> has no namespace", e.local)
	}
	return e, x.attributes(e)
}

// begin is enter for the content of an XML literal, where xml:lang and xml:base mean nothing to RDF.
func (x *xmlDecoder) begin(t xml.StartElement) (*element, bool) {
	if x.depth++; x.depth > x.lim.Depth {
		return nil, x.over("nested elements", x.lim.Depth)
	}
	if len(t.Attr) > maxAttributes {
		return nil, x.over("attributes of an element", maxAttributes)
	}
	e := &element{name: t.Name, outer: x.scope}
	for _, a := range t.Attr {
		if !x.declare(e, a) {
			return nil, false
		}
	}
	var ok bool
	e.space, ok = x.expand(t.Name, x.namespaces[""])
	e.local = t.Name.Local
	return e, ok && x.expandAttributes(e, t.Attr)
}

func (x *xmlDecoder) over(what string, limit int) bool {
	return x.stop(wrapLine(x.line, overLimit(what, int64(limit))))
}

// leave restores what held before the element.
func (x *xmlDecoder) leave(e *element) bool {
	x.depth--
	x.scope = e.outer
	x.base, x.hasBase = x.scope.base, x.scope.hasBase
	for i := len(e.undo) - 1; i >= 0; i-- {
		if b := e.undo[i]; b.bound {
			x.namespaces[b.prefix] = b.space
		} else {
			delete(x.namespaces, b.prefix)
		}
	}
	return true
}

// declare heeds a namespace declaration (Namespaces in XML section 3).
func (x *xmlDecoder) declare(e *element, a xml.Attr) bool {
	prefix := ""
	switch {
	case a.Name.Space == "xmlns":
		prefix = a.Name.Local
	case a.Name.Space != "" || a.Name.Local != "xmlns":
		return true
	}
	switch {
	case prefix == "xmlns" || (prefix == "xml") != (a.Value == xmlNamespace) || a.Value == xmlnsNamespace:
		return x.fail("the prefix %.100q cannot stand for <%.200s>", prefix, a.Value)
	case prefix != "" && (a.Value == "" || !isNCName(prefix)):
		return x.fail("xmlns:%.100s is no declaration of a prefix", prefix)
	}
	for _, b := range e.undo {
		if b.prefix == prefix {
			return x.fail("the prefix %.100q is declared twice", prefix)
		}
	}
	old, bound := x.namespaces[prefix]
	e.undo = append(e.undo, binding{prefix, old, bound})
	x.namespaces[prefix] = a.Value
	return true
}

// expand finds the namespace of a name; without a prefix that is the one given.
func (x *xmlDecoder) expand(name xml.Name, none string) (string, bool) {
	if !isNCName(name.Local) || name.Space == "xmlns" {
		return "", x.fail("%.100q is no name of an element or attribute", written(name))
	}
	if name.Space == "" {
		return none, true
	}
	space, ok := x.namespaces[name.Space]
	if !ok {
		return "", x.fail("the prefix %.100q of %.100s is not declared", name.Space, written(name))
	}
	return space, true
}

func (x *xmlDecoder) expandAttributes(e *element, attrs []xml.Attr) bool {
	for _, a := range attrs {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			continue
		}
		space, ok := x.expand(a.Name, "")
		if !ok {
			return false
		}
		for _, other := range e.attrs {
			if other.space == space && other.local == a.Name.Local {
				return x.fail("<%.100s> has the attribute %.100s twice", e.written(), written(a.Name))
			}
		}
		e.attrs = append(e.attrs, attribute{name: a.Name, space: space, local: a.Name.Local, value: a.Value})
	}
	return true
}

// attributes heeds xml:lang and xml:base and keeps the attributes that mean something to RDF (section 6.1.2).
func (x *xmlDecoder) attributes(e *element) bool {
	kept := e.attrs[:0]
	for _, a := range e.attrs {
		switch {
		case a.space == xmlNamespace:
			if !x.inherit(a) {
				return false
			}
		case a.space == itsNamespace && a.local == "dir":
			return x.fail("%v", errDirection)
		case a.name.Space == "" && strings.HasPrefix(strings.ToLower(a.local), "xml"):
		case a.space == "" && bareNames[a.local]:
			a.space = rdfNamespace
			kept = append(kept, a)
		case a.space == "":
			return x.fail("the attribute %.100s of <%.100s> has no prefix", a.local, e.written())
		default:
			kept = append(kept, a)
		}
	}
	e.attrs = kept
	return x.unambiguous(e)
}

// bareNames are attributes that early documents write without a prefix.
var bareNames = map[string]bool{"ID": true, "about": true, "resource": true, "parseType": true, "type": true}

// unambiguous refuses about beside rdf:about.
func (x *xmlDecoder) unambiguous(e *element) bool {
	for i, a := range e.attrs {
		for _, b := range e.attrs[:i] {
			if a.name.Space == "" && a.space == b.space && a.local == b.local {
				return x.fail("<%.100s> has the attribute rdf:%.100s twice", e.written(), a.local)
			}
		}
	}
	return true
}

// inherit sets the language or base of an element and its content.
func (x *xmlDecoder) inherit(a attribute) bool {
	switch a.local {
	case "lang":
		x.scope.lang = a.value
	case "base":
		ref, _, _ := strings.Cut(a.value, "#")
		b, ok := x.resolveBase(ref)
		if !ok {
			return false
		}
		x.scope.base, x.scope.hasBase = parseReference(b), true
		x.base, x.hasBase = x.scope.base, true
	}
	return true
}

func (x *xmlDecoder) resolveBase(ref string) ([]byte, bool) {
	if !x.hasBase && !hasScheme(ref) {
		return nil, x.fail("xml:base <%.200s> is relative and the document has no base", ref)
	}
	if len(ref) > x.lim.Literal {
		return nil, x.stop(x.tooLong())
	}
	b, ok := x.resolve([]byte(ref))
	if ok && !validIRI(string(b)) {
		return nil, x.fail("xml:base <%.200s> is no absolute IRI", ref)
	}
	return bytes.Clone(b), ok
}

// isNCName says whether a text is an XML name without colon (XML 1.0 section 2.3). Its letters are those of Turtle.
func isNCName(name string) bool {
	for i, r := range name {
		if r == utf8.RuneError || i == 0 && !isNameStart(r) && r != '_' || r != '.' && !isNameChar(r) {
			return false
		}
	}
	return name != ""
}

// blankText says whether a text is white space of XML only.
func blankText(text []byte) bool {
	return len(bytes.Trim(text, " \t\r\n")) == 0
}
