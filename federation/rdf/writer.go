package rdf

import (
	"io"
	"strconv"
)

// Writer writes graphs into one document of Turtle, JSON-LD or RDF/XML, and holds one graph at a time. Blank nodes are
// a graph's own, whatever their labels. Equal graphs in equal order give equal bytes, as with Encode; prefixes are
// declared whether they are used or not. Not safe for concurrent use.
type Writer struct {
	to     io.Writer
	write  func(*Writer, []Triple) ([]byte, error)
	footer string
	labels *blankLabels
	nodes  int // written, of JSON-LD
}

// NewWriter begins a document.
func NewWriter(w io.Writer, f Format) (*Writer, error) {
	d := &Writer{to: w, labels: newLabels()}
	var header []byte
	switch f {
	case Turtle:
		d.write = (*Writer).turtle
		header = append(everyName().turtle(), '\n')
	case JSONLD:
		d.write, d.footer = (*Writer).jsonld, "\n  ]\n}\n"
		header = (&jsonWriter{names: everyName()}).header()
	case RDFXML:
		d.write, d.footer = (*Writer).rdfxml, "</rdf:RDF>\n"
		header = (&xmlWriter{used: everyName().used}).header()
	default:
		return nil, unsupported(f)
	}
	_, err := w.Write(header)
	return d, err
}

func everyName() *names {
	n := newNames()
	for i := range prefixes {
		n.used[i] = true
	}
	return n
}

// Add writes a graph. One that the format cannot hold gives ErrFormat, and nothing of it is written.
func (d *Writer) Add(triples []Triple) error {
	if err := checkTriples(triples); err != nil {
		return err
	}
	d.labels.forget()
	b, err := d.write(d, triples)
	if err != nil {
		return err
	}
	_, err = d.to.Write(b)
	return err
}

// Close ends the document, and leaves what it is written to open.
func (d *Writer) Close() error {
	_, err := io.WriteString(d.to, d.footer)
	return err
}

func (d *Writer) turtle(triples []Triple) ([]byte, error) {
	t := newTurtle(d.labels)
	t.graph(bySubject(triples))
	return t.b, nil
}

func (d *Writer) jsonld(triples []Triple) ([]byte, error) {
	j := &jsonWriter{names: newNames(), labels: d.labels}
	for _, t := range triples {
		j.avoid(t)
	}
	j.context = j.names.forgo()
	for _, s := range bySubject(triples) {
		if d.nodes > 0 {
			j.b = append(j.b, ',')
		}
		d.nodes++
		j.b = append(j.b, "\n    "...)
		j.node(s)
	}
	return j.b, nil
}

// forgo drops all prefixes when one of them is the scheme of an IRI, and returns the context of nodes without any. (To
// undefine the one alone is allowed too, but not understood by all readers.)
func (n *names) forgo() []byte {
	for i := range prefixes {
		if !n.allowed[i] {
			n.allowed = [32]bool{}
			return []byte(`"@context": null, `)
		}
	}
	return nil
}

// rdfxml declares namespaces without a prefix of ours where they are used.
func (d *Writer) rdfxml(triples []Triple) ([]byte, error) {
	var out []byte
	for _, s := range bySubject(triples) {
		x := newXML(d.labels)
		if err := x.subject(s); err != nil {
			return nil, err
		}
		out = append(out, xmlOpen...)
		for i, namespace := range x.others {
			out = append(out, " xmlns:ns"+strconv.Itoa(i)+`="`...)
			out = append(appendXML(out, namespace, `&<"`), '"')
		}
		out = append(out, x.b[len(xmlOpen):]...)
	}
	return out, nil
}
