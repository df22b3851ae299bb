package rdf

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"
)

// canonicalXML writes the content of rdf:parseType="Literal" in Exclusive Canonical XML with comments, so that equal
// content gives equal literals.
type canonicalXML struct {
	b        []byte
	rendered map[string]string // namespaces in force in the output, by prefix
}

// literalXML reads the content of an element up to its end.
func (x *xmlDecoder) literalXML(e *element) (string, bool) {
	c := &canonicalXML{rendered: map[string]string{"xml": xmlNamespace}}
	if !x.literalContent(c, e) {
		return "", false
	}
	return string(c.b), true
}

func (x *xmlDecoder) literalContent(c *canonicalXML, e *element) bool {
	for {
		before := len(c.b)
		token, ok := x.inside(e)
		if !ok {
			return false
		}
		switch t := token.(type) {
		case xml.StartElement:
			if !x.literalElement(c, t) {
				return false
			}
			before = len(c.b) // counted by what it holds
		case xml.EndElement:
			return x.leave(e)
		case xml.CharData:
			c.text(t)
		case xml.Comment:
			c.b = append(append(append(c.b, "<!--"...), t...), "-->"...)
		case xml.ProcInst:
			c.instruction(t)
		}
		if !x.literalWork(c, before) {
			return false
		}
	}
}

func (x *xmlDecoder) literalWork(c *canonicalXML, before int) bool {
	if len(c.b) > x.lim.Literal {
		return x.stop(x.tooLong())
	}
	return x.work(len(c.b) - before)
}

func (x *xmlDecoder) literalElement(c *canonicalXML, t xml.StartElement) bool {
	e, ok := x.begin(t)
	if !ok {
		return false
	}
	before := len(c.b)
	undo := c.start(e)
	if !x.literalWork(c, before) || !x.literalContent(c, e) {
		return false
	}
	c.b = append(append(append(c.b, "</"...), e.written()...), '>')
	for _, b := range undo {
		if b.bound {
			c.rendered[b.prefix] = b.space
		} else {
			delete(c.rendered, b.prefix)
		}
	}
	return true
}

// start writes a start tag with the namespaces that it uses and that are not in force.
func (c *canonicalXML) start(e *element) (undo []binding) {
	c.b = append(append(c.b, '<'), e.written()...)
	undo = c.use(undo, e.name.Space, e.space)
	for _, a := range e.attrs {
		if a.name.Space != "" {
			undo = c.use(undo, a.name.Space, a.space)
		}
	}
	slices.SortFunc(undo, func(a, b binding) int { return strings.Compare(a.prefix, b.prefix) })
	for _, b := range undo {
		name := "xmlns"
		if b.prefix != "" {
			name += ":" + b.prefix
		}
		c.attribute(name, c.rendered[b.prefix])
	}
	slices.SortFunc(e.attrs, func(a, b attribute) int {
		if d := strings.Compare(a.space, b.space); d != 0 {
			return d
		}
		return strings.Compare(a.local, b.local)
	})
	for _, a := range e.attrs {
		c.attribute(written(a.name), a.value)
	}
	c.b = append(c.b, '>')
	return undo
}

func (c *canonicalXML) use(undo []binding, prefix, space string) []binding {
	old, bound := c.rendered[prefix]
	if old == space {
		return undo
	}
	c.rendered[prefix] = space
	return append(undo, binding{prefix, old, bound})
}

func (c *canonicalXML) attribute(name, value string) {
	c.b = append(append(append(c.b, ' '), name...), `="`...)
	c.b = append(appendXML(c.b, value, `&<"`+"\t\n\r"), '"')
}

func (c *canonicalXML) text(text []byte) { c.b = appendXML(c.b, string(text), "&<>\r") }

func (c *canonicalXML) instruction(p xml.ProcInst) {
	c.b = append(append(c.b, "<?"...), p.Target...)
	if inst := bytes.TrimLeft(p.Inst, " \t\r\n"); len(inst) > 0 {
		c.b = append(append(c.b, ' '), inst...)
	}
	c.b = append(c.b, "?>"...)
}

// appendXML escapes the characters of escaped as Canonical XML does.
func appendXML(b []byte, text, escaped string) []byte {
	for {
		i := strings.IndexAny(text, escaped)
		if i < 0 {
			return append(b, text...)
		}
		b = append(b, text[:i]...)
		switch text[i] {
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '"':
			b = append(b, "&quot;"...)
		case '\t':
			b = append(b, "&#x9;"...)
		case '\n':
			b = append(b, "&#xA;"...)
		case '\r':
			b = append(b, "&#xD;"...)
		}
		text = text[i+1:]
	}
}
