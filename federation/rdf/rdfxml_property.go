package rdf

import (
	"encoding/xml"
	"strconv"

	knakk "github.com/knakk/rdf"
)

// names are names of the RDF namespace that cannot stand at a place (section 7.2.2 and following).
type rdfNames map[string]bool

func (n rdfNames) allows(local string) bool { return !n[local] }

func coreNames(more ...string) rdfNames {
	names := rdfNames{}
	for _, name := range []string{"RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "aboutEach", "aboutEachPrefix", "bagID"} {
		names[name] = true
	}
	for _, name := range more {
		names[name] = true
	}
	return names
}

var (
	nodeNames      = coreNames("li")
	propertyNames  = coreNames("Description")
	attributeNames = coreNames("Description", "li", "annotation", "annotationNodeID")
)

const (
	rdfStatement = rdfNamespace + "Statement"
	rdfSubject   = rdfNamespace + "subject"
	rdfPredicate = rdfNamespace + "predicate"
	rdfObject    = rdfNamespace + "object"
	rdfFirst     = rdfNamespace + "first"
	rdfRest      = rdfNamespace + "rest"
	rdfNil       = rdfNamespace + "nil"
)

// statement is the subject, the predicate and, with rdf:ID, the name of a statement whose object is being read.
type statement struct {
	subject, predicate, name *node
}

func (x *xmlDecoder) state(s statement, o Object) bool {
	if !x.emit(Quad{Triple: Triple{Subj: s.subject.s, Pred: s.predicate.p, Obj: o}}) {
		return false
	}
	if s.name == nil {
		return true
	}
	class, ok := x.checked([]byte(rdfStatement))
	return ok && x.triple(s.name, Type, class.o) && x.triple(s.name, rdfSubject, s.subject.o) &&
		x.triple(s.name, rdfPredicate, s.predicate.o) && x.triple(s.name, rdfObject, o)
}

// property reads a property element (section 7.2.14) up to its end. members counts the rdf:li of the node.
func (x *xmlDecoder) property(n *node, e *element, members *int) bool {
	if e.space == rdfNamespace && !propertyNames.allows(e.local) {
		return x.fail("rdf:%.100s is no name of a property", e.local)
	}
	local := e.local
	if e.is("li") {
		*members++
		local = "_" + strconv.Itoa(*members)
	}
	predicate, ok := x.named(e.space, local)
	if !ok {
		return false
	}
	s := statement{subject: n, predicate: predicate}
	if id, ok := e.take("ID"); ok {
		if s.name, ok = x.identified(id); !ok {
			return false
		}
	}
	if kind, ok := e.take("parseType"); ok {
		return x.parsed(s, e, kind)
	}
	return x.plain(s, e)
}

// parsed reads the content of a property element with rdf:parseType (sections 7.2.17 to 7.2.20).
func (x *xmlDecoder) parsed(s statement, e *element, kind string) bool {
	if a := e.left(); a != nil {
		return x.fail("<%.100s> has rdf:parseType and the attribute %.100s", e.written(), a.local)
	}
	switch kind {
	case "Resource":
		o := x.newBlank(nil)
		return x.state(s, o.o) && x.properties(o, e)
	case "Collection":
		return x.collection(s, e)
	case "Triple":
		return x.fail("triple terms are not supported")
	}
	text, ok := x.literalXML(e)
	if !ok {
		return false
	}
	datatype, ok := x.checked([]byte(xmlLiteral))
	return ok && x.state(s, knakk.NewTypedLiteral(text, datatype.o.(IRI)))
}

// collection states the cells of a list as its members are read.
func (x *xmlDecoder) collection(s statement, e *element) bool {
	var last *node
	ok := x.children(e, func(child *element) bool {
		cell := x.newBlank(nil)
		if last == nil && !x.state(s, cell.o) || last != nil && !x.triple(last, rdfRest, cell.o) {
			return false
		}
		last = cell
		member, ok := x.node(child)
		return ok && x.triple(cell, rdfFirst, member.o)
	})
	if !ok {
		return false
	}
	end, ok := x.checked([]byte(rdfNil))
	if !ok {
		return false
	}
	if last == nil {
		return x.state(s, end.o)
	}
	return x.triple(last, rdfRest, end.o)
}

// plain reads a property element without rdf:parseType (sections 7.2.15, 7.2.16 and 7.2.21).
func (x *xmlDecoder) plain(s statement, e *element) bool {
	datatype, typed := e.take("datatype")
	if typed && e.left() == nil {
		return x.typed(s, e, datatype)
	}
	if typed {
		return x.fail("<%.100s> has rdf:datatype and the attribute %.100s", e.written(), e.left().local)
	}
	if e.left() != nil {
		return x.empty(s, e)
	}
	return x.content(s, e)
}

// content reads a text or one node.
func (x *xmlDecoder) content(s statement, e *element) bool {
	var text []byte
	var o *node
	blank := true
	for {
		token, ok := x.inside(e)
		if !ok {
			return false
		}
		switch t := token.(type) {
		case xml.CharData:
			blank = blank && blankText(t)
			if o == nil {
				text = append(text, t...)
			}
			if o != nil && !blank {
				return x.fail("<%.100s> has a text beside an element", e.written())
			}
			if len(text) > x.lim.Literal {
				return x.stop(x.tooLong())
			}
		case xml.StartElement:
			if !blank {
				return x.fail("<%.100s> has a text beside an element", e.written())
			}
			if o != nil {
				return x.fail("<%.100s> has more than one value: repeat the property for each", e.written())
			}
			child, ok := x.enter(t)
			if !ok {
				return false
			}
			if o, ok = x.node(child); !ok || !x.state(s, o.o) {
				return false
			}
		case xml.EndElement:
			if o == nil {
				l, ok := x.text(string(text))
				if !ok || !x.state(s, l) {
					return false
				}
			}
			return x.leave(e)
		}
	}
}

// typed reads the text of a literal with rdf:datatype.
func (x *xmlDecoder) typed(s statement, e *element, datatype string) bool {
	n, ok := x.reference(datatype)
	if !ok {
		return false
	}
	iri := n.o.(IRI)
	if err := checkDatatype(iri.String()); err != nil {
		return x.fail("%v", err)
	}
	var text []byte
	for {
		token, ok := x.inside(e)
		if !ok {
			return false
		}
		switch t := token.(type) {
		case xml.CharData:
			if text = append(text, t...); len(text) > x.lim.Literal {
				return x.stop(x.tooLong())
			}
		case xml.StartElement:
			return x.fail("<%.100s> has rdf:datatype and an element", e.written())
		case xml.EndElement:
			return x.state(s, knakk.NewTypedLiteral(string(text), iri)) && x.leave(e)
		}
	}
}

// empty reads a property element whose attributes give its object.
func (x *xmlDecoder) empty(s statement, e *element) bool {
	ref, isRef := e.take("resource")
	label, isLabel := e.take("nodeID")
	var o *node
	ok := true
	switch {
	case isRef && isLabel:
		return x.fail("<%.100s> has both rdf:resource and rdf:nodeID", e.written())
	case isRef:
		o, ok = x.reference(ref)
	case isLabel:
		o, ok = x.labelled(label)
	default:
		o = x.newBlank(nil)
	}
	if !ok || !x.state(s, o.o) || !x.propertyAttributes(o, e) {
		return false
	}
	for {
		token, ok := x.inside(e)
		if !ok {
			return false
		}
		switch t := token.(type) {
		case xml.EndElement:
			return x.leave(e)
		case xml.CharData:
			if len(t) > 0 && !blankText(t) {
				return x.fail("<%.100s> has a value in its attributes and a text", e.written())
			}
		case xml.StartElement:
			return x.fail("<%.100s> has a value in its attributes and an element", e.written())
		}
	}
}
