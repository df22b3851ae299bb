package rdf

import (
	"encoding/xml"
	"io"
)

// Namespace and names of RDF/XML (RDF 1.1 XML Syntax section 5).
const (
	rdfNamespace   = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	xmlNamespace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsNamespace = "http://www.w3.org/2000/xmlns/"
	itsNamespace   = "http://www.w3.org/2005/11/its"
	xmlLiteral     = rdfNamespace + "XMLLiteral"
)

// xmlDecoder reads RDF/XML in one pass over encoding/xml's raw tokens: names, namespaces, nesting and
// entities are checked here, because that package lets undeclared prefixes through.
type xmlDecoder struct {
	*decoder
	in     *xmlInput
	tokens *xml.Decoder
	first  bool // no token has been read

	namespaces map[string]string // by prefix
	scope      scope
	ids        map[string]bool // what rdf:ID has named
	name       []byte
}

// scope is what xml:lang and xml:base set for an element and its content.
type scope struct {
	lang    string
	base    reference
	hasBase bool
}

func decodeRDFXML(r io.Reader, base string, lim Limits, emit func(Quad, Place) bool) error {
	x := &xmlDecoder{
		decoder:    newDecoder(nil, RDFXML, lim, emit),
		first:      true,
		namespaces: map[string]string{"xml": xmlNamespace},
		ids:        map[string]bool{},
	}
	if !x.setBase(base) {
		return x.result()
	}
	x.scope.base, x.scope.hasBase = x.base, x.hasBase
	if x.open(r) {
		x.document()
	}
	return x.result()
}

// document reads the prologue, the root element and what may follow it.
func (x *xmlDecoder) document() {
	seen := false
	for {
		token, ok := x.next()
		if !ok {
			return
		}
		switch t := token.(type) {
		case nil:
			if !seen {
				x.fail("the document has no element")
			}
			return
		case xml.StartElement:
			if seen {
				x.fail("the element <%.100s> follows the root element", written(t.Name))
				return
			}
			seen = true
			if !x.root(t) {
				return
			}
		case xml.Directive:
			if seen || !x.doctype(t) {
				x.fail("a declaration stands behind the root element")
				return
			}
		case xml.CharData:
			if !blankText(t) {
				x.fail("text stands outside the root element")
				return
			}
		case xml.EndElement:
			x.fail("the end tag </%.100s> has no start tag", written(t.Name))
			return
		}
	}
}

// root reads rdf:RDF or a single node element (section 7.2.9).
func (x *xmlDecoder) root(t xml.StartElement) bool {
	e, ok := x.enter(t)
	if ok && !e.is("RDF") {
		_, ok = x.node(e)
	} else if ok {
		return x.nodes(e)
	}
	x.hint(t.Name)
	return ok
}

// nodes reads the content of rdf:RDF.
func (x *xmlDecoder) nodes(e *element) bool {
	for _, a := range e.attrs {
		if a.space == rdfNamespace && a.local != "version" {
			return x.fail("rdf:RDF has the attribute rdf:%.100s, which belongs to a node", a.local)
		}
	}
	return x.children(e, func(child *element) bool {
		_, ok := x.node(child)
		return ok
	})
}

// hint tells the author of another kind of XML what is amiss.
func (x *xmlDecoder) hint(root xml.Name) {
	if syntax, ok := x.err.(*SyntaxError); ok && root.Local != "RDF" {
		syntax.Message += "; the root element is <" + clipped(written(root)) +
			">, not rdf:RDF: is this RDF/XML at all? XML of another schema, such as the Europass format of ELM, is not"
	}
}

// children reads the content of an element that holds elements only, and its end.
func (x *xmlDecoder) children(e *element, child func(*element) bool) bool {
	for {
		token, ok := x.inside(e)
		if !ok {
			return false
		}
		switch t := token.(type) {
		case xml.StartElement:
			c, ok := x.enter(t)
			if !ok || !child(c) {
				return false
			}
		case xml.EndElement:
			return x.leave(e)
		case xml.CharData:
			if !blankText(t) {
				return x.fail("text stands inside <%.100s>, where only elements can", e.written())
			}
		}
	}
}

// node reads a node element (section 7.2.11) up to its end.
func (x *xmlDecoder) node(e *element) (*node, bool) {
	if e.space == rdfNamespace && !nodeNames.allows(e.local) {
		return nil, x.fail("rdf:%.100s is no name of a node", e.local)
	}
	outer := x.at
	x.at = Place{uint32(x.line + 1), uint32(x.col + 1)}
	defer func() { x.at = outer }()
	n, ok := x.subject(e)
	if !ok {
		return nil, false
	}
	if !e.is("Description") {
		class, ok := x.named(e.space, e.local)
		if !ok || !x.triple(n, Type, class.o) {
			return nil, false
		}
	}
	return n, x.propertyAttributes(n, e) && x.properties(n, e)
}

// properties reads the property elements of a node up to the end of the element that holds them.
func (x *xmlDecoder) properties(n *node, e *element) bool {
	members := 0
	return x.children(e, func(child *element) bool { return x.property(n, child, &members) })
}

// subject makes the node of rdf:about, rdf:ID or rdf:nodeID.
func (x *xmlDecoder) subject(e *element) (*node, bool) {
	about, isAbout := e.take("about")
	id, isID := e.take("ID")
	label, isLabel := e.take("nodeID")
	switch {
	case isAbout && isID, isAbout && isLabel, isID && isLabel:
		return nil, x.fail("<%.100s> has more than one of rdf:about, rdf:ID and rdf:nodeID", e.written())
	case isAbout:
		return x.reference(about)
	case isID:
		return x.identified(id)
	case isLabel:
		return x.labelled(label)
	}
	return x.newBlank(nil), true
}

// reference makes the node of an IRI reference.
func (x *xmlDecoder) reference(ref string) (*node, bool) {
	if !x.hasBase && !hasScheme(ref) {
		return nil, x.fail("the IRI <%.200s> is relative and the document has no base", ref)
	}
	if len(ref) > x.lim.Literal {
		return nil, x.stop(x.tooLong())
	}
	b, ok := x.resolve([]byte(ref))
	if !ok {
		return nil, false
	}
	return x.checked(b)
}

func (x *xmlDecoder) checked(iri []byte) (*node, bool) {
	if n, ok := x.iris[string(iri)]; ok {
		return n, true
	}
	if !validIRI(string(iri)) {
		return nil, x.fail("<%.200s> is no absolute IRI", iri)
	}
	return x.iri(iri)
}

// named makes the node of an element's or attribute's name.
func (x *xmlDecoder) named(space, local string) (*node, bool) {
	if !x.work(len(space) + len(local)) {
		return nil, false
	}
	x.name = append(append(x.name[:0], space...), local...)
	return x.checked(x.name)
}

// identified makes the node of rdf:ID, which is unique for its base (section 5.3, constraint-id).
func (x *xmlDecoder) identified(id string) (*node, bool) {
	if !isNCName(id) {
		return nil, x.fail("rdf:ID %.100q is no XML name", id)
	}
	n, ok := x.reference("#" + id)
	if !ok {
		return nil, false
	}
	iri := n.s.String()
	if x.ids[iri] {
		return nil, x.fail("rdf:ID %.100q is used twice", id)
	}
	x.ids[iri] = true
	return n, true
}

func (x *xmlDecoder) labelled(label string) (*node, bool) {
	if !isNCName(label) {
		return nil, x.fail("rdf:nodeID %.100q is no XML name", label)
	}
	return x.blank([]byte(label)), true
}

// propertyAttributes reads what is left of an element's attributes as properties of n.
func (x *xmlDecoder) propertyAttributes(n *node, e *element) bool {
	for _, a := range e.attrs {
		if a.taken {
			continue
		}
		if a.space == rdfNamespace && a.local == "type" {
			class, ok := x.reference(a.value)
			if !ok || !x.triple(n, Type, class.o) {
				return false
			}
			continue
		}
		if a.space == rdfNamespace && !attributeNames.allows(a.local) {
			return x.fail("the attribute rdf:%.100s cannot stand at <%.100s>", a.local, e.written())
		}
		predicate, ok := x.named(a.space, a.local)
		if !ok {
			return false
		}
		text, ok := x.text(a.value)
		if !ok || !x.emit(Quad{Triple: Triple{Subj: n.s, Pred: predicate.p, Obj: text}}) {
			return false
		}
	}
	return true
}

// text makes a literal in the language of its place.
func (x *xmlDecoder) text(value string) (Object, bool) {
	if len(value) > x.lim.Literal {
		return nil, x.stop(x.tooLong())
	}
	if x.scope.lang == "" {
		return String(value), true
	}
	tag, known := x.tags[x.scope.lang]
	if !known {
		tag = x.scope.lang
	}
	l, err := newLang(value, tag)
	if err != nil {
		if isDirectional([]byte(tag)) {
			err = errDirection
		}
		return nil, x.fail("%v", err)
	}
	if !known && len(x.tags) < 1000 {
		x.tags[x.scope.lang] = l.Lang()
	}
	return l, true
}

func (x *xmlDecoder) triple(n *node, predicate string, o Object) bool {
	p, ok := x.checked([]byte(predicate))
	return ok && x.emit(Quad{Triple: Triple{Subj: n.s, Pred: p.p, Obj: o}})
}
