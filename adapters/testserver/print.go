package testserver

import (
	"bufio"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
)

// printer writes nodes as institutions' exports do: nested, with prefixes, not in a canonical order.
type printer struct {
	out      *bufio.Writer
	latin    bool // RDF/XML in ISO-8859-1
	entities bool // RDF/XML with entities for namespaces
	blanks   int
}

func expand(name string) string {
	prefix, local, _ := strings.Cut(name, ":")
	for _, n := range namespaces {
		if n.prefix == prefix {
			return n.iri + local
		}
	}
	return name
}

// f writes; what the writer says shows when it is flushed.
func (p *printer) f(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if p.latin {
		text = latin(text)
	}
	_, _ = p.out.WriteString(text)
}

// latin is a text of XML in ISO-8859-1, with references for what that lacks.
func latin(text string) string {
	var out strings.Builder
	for _, c := range text {
		if c < 0x100 {
			out.WriteByte(byte(c))
		} else {
			fmt.Fprintf(&out, "&#%d;", c)
		}
	}
	return out.String()
}

// quoted is a string of Turtle and N-Triples.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(s) + `"`
}

func (p *printer) turtle(nodes iter.Seq[*node]) {
	for _, n := range namespaces {
		p.f("@prefix %s: <%s> .\n", n.prefix, n.iri)
	}
	for n := range nodes {
		p.f("\n<%s> a %s", n.iri, n.class)
		p.turtleFacts(n, "  ")
		p.f(" .\n")
	}
}

func (p *printer) turtleFacts(n *node, indent string) {
	for _, f := range n.facts {
		p.f(" ;\n%s%s ", indent, f.property)
		switch {
		case f.node != nil:
			p.f("[ a %s", f.node.class)
			p.turtleFacts(f.node, indent+"  ")
			p.f(" ; ]") // a trailing semicolon, which is allowed and trips many readers
		case f.iri != "":
			p.f("<%s>", f.iri)
		case f.lang != "":
			p.f("%s@%s", quoted(f.text), f.lang)
		case f.xs != "":
			p.f("%s^^xsd:%s", quoted(f.text), f.xs)
		default:
			p.f("%s", quoted(f.text))
		}
	}
}

const rdfType = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

func (p *printer) ntriples(nodes iter.Seq[*node]) {
	for n := range nodes {
		p.triples("<"+n.iri+">", n)
	}
}

func (p *printer) triples(subject string, n *node) {
	p.f("%s <%s> <%s> .\n", subject, rdfType, expand(n.class))
	for _, f := range n.facts {
		p.f("%s <%s> ", subject, expand(f.property))
		switch {
		case f.node != nil:
			p.blanks++
			inner := fmt.Sprintf("_:b%d", p.blanks)
			p.f("%s .\n", inner)
			p.triples(inner, f.node)
			continue
		case f.iri != "":
			p.f("<%s>", f.iri)
		case f.lang != "":
			p.f("%s@%s", quoted(f.text), f.lang)
		case f.xs != "":
			p.f("%s^^<%s>", quoted(f.text), expand("xsd:"+f.xs))
		default:
			p.f("%s", quoted(f.text))
		}
		p.f(" .\n")
	}
}

func (p *printer) jsonld(nodes iter.Seq[*node]) {
	context := object{}
	for _, n := range namespaces {
		context[n.prefix] = n.iri
	}
	head, _ := json.Marshal(context) // strings always marshal
	p.f("{\"@context\": %s,\n \"@graph\": [", head)
	separator := "\n "
	for n := range nodes {
		one, _ := json.Marshal(tree(n))
		p.f("%s%s", separator, one)
		separator = ",\n "
	}
	p.f("\n]}\n")
}

func tree(n *node) object {
	o := object{"@type": n.class}
	if n.iri != "" {
		o["@id"] = n.iri
	}
	for _, f := range n.facts {
		values, _ := o[f.property].([]any) // none yet
		o[f.property] = append(values, value(f))
	}
	return o
}

func value(f fact) any {
	switch {
	case f.node != nil:
		return tree(f.node)
	case f.iri != "":
		return object{"@id": f.iri}
	case f.lang != "":
		return object{"@value": f.text, "@language": f.lang}
	case f.xs != "":
		return object{"@value": f.text, "@type": "xsd:" + f.xs}
	}
	return f.text
}

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func (p *printer) rdfxml(nodes iter.Seq[*node]) {
	encoding := "UTF-8"
	if p.latin {
		encoding = "ISO-8859-1"
	}
	p.f("<?xml version=\"1.0\" encoding=%q?>\n", encoding)
	if p.entities {
		p.f("<!DOCTYPE rdf:RDF [\n  <!ENTITY xsd %q>\n]>\n", expand("xsd:"))
	}
	p.f("<rdf:RDF xmlns:rdf=%q", strings.TrimSuffix(rdfType, "type"))
	for _, n := range namespaces {
		p.f("\n    xmlns:%s=%q", n.prefix, n.iri)
	}
	p.f(">\n")
	for n := range nodes {
		p.element(n, "  ")
	}
	p.f("</rdf:RDF>\n")
}

func (p *printer) element(n *node, indent string) {
	about := ""
	if n.iri != "" {
		about = ` rdf:about="` + xmlEscapes.Replace(n.iri) + `"`
	}
	p.f("%s<%s%s>\n", indent, n.class, about)
	for _, f := range n.facts {
		p.property(f, indent+"  ")
	}
	p.f("%s</%s>\n", indent, n.class)
}

func (p *printer) property(f fact, indent string) {
	attributes := ""
	switch {
	case f.node != nil:
		p.f("%s<%s>\n", indent, f.property)
		p.element(f.node, indent+"  ")
		p.f("%s</%s>\n", indent, f.property)
		return
	case f.iri != "":
		p.f("%s<%s rdf:resource=%q/>\n", indent, f.property, xmlEscapes.Replace(f.iri))
		return
	case f.lang != "":
		attributes = fmt.Sprintf(" xml:lang=%q", f.lang)
	case f.xs != "" && p.entities:
		attributes = fmt.Sprintf(` rdf:datatype="&xsd;%s"`, f.xs)
	case f.xs != "":
		attributes = fmt.Sprintf(" rdf:datatype=%q", expand("xsd:"+f.xs))
	}
	p.f("%s<%s%s>%s</%s>\n", indent, f.property, attributes, xmlEscapes.Replace(f.text), f.property)
}
