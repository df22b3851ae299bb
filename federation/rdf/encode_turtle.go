package rdf

import (
	"io"
	"strings"
)

// maxNesting keeps our own documents well below the depth that decoders admit.
const maxNesting = 16

// turtleWriter writes blank nodes that are referred to once in place, as [ ... ].
type turtleWriter struct {
	b        []byte
	names    *names
	labels   *blankLabels
	subjects map[string]*subject // blank ones, by key
	inline   map[string]bool     // keys of blank nodes that are to be written in place
	queue    []*subject
}

func encodeTurtle(w io.Writer, triples []Triple) error {
	t := newTurtle(newLabels())
	t.graph(bySubject(triples))
	if _, err := w.Write(t.header()); err != nil {
		return err
	}
	_, err := w.Write(t.b)
	return err
}

func newTurtle(labels *blankLabels) *turtleWriter {
	return &turtleWriter{names: newNames(), labels: labels, subjects: map[string]*subject{}, inline: map[string]bool{}}
}

func (t *turtleWriter) graph(subjects []*subject) {
	t.findInline(subjects)
	for _, s := range subjects {
		if !t.inline[s.key] {
			t.statement(s)
		}
	}
	// What is left are cycles of blank nodes: begin each at its first label.
	for _, s := range subjects {
		if !s.written {
			t.inline[s.key] = false
			t.statement(s)
		}
	}
}

func (t *turtleWriter) findInline(subjects []*subject) {
	references := map[string]int{}
	for _, s := range subjects {
		if _, ok := s.term.(Blank); ok {
			t.subjects[s.key] = s
		}
		for _, p := range s.properties {
			for _, o := range p.objects {
				if b, ok := o.(Blank); ok {
					references["_:"+b.String()]++
				}
			}
		}
	}
	for key, n := range references {
		t.inline[key] = n == 1
	}
}

func (t *turtleWriter) header() []byte {
	b := t.names.turtle()
	if len(b) > 0 && len(t.b) > 0 {
		b = append(b, '\n')
	}
	return b
}

// turtle declares the prefixes that were used.
func (n *names) turtle() []byte {
	var b []byte
	for i, p := range prefixes {
		if n.used[i] {
			b = append(b, "@prefix "+p.name+": <"+p.namespace+"> .\n"...)
		}
	}
	return b
}

// statement writes a subject and then those that nested too deep inside it.
func (t *turtleWriter) statement(s *subject) {
	t.queue = append(t.queue, s)
	for len(t.queue) > 0 {
		s, t.queue = t.queue[0], t.queue[1:]
		if s.written {
			continue
		}
		s.written = true
		t.term(s.term)
		t.b = append(t.b, ' ')
		t.properties(s, 1)
		t.b = append(t.b, " .\n\n"...)
	}
}

func (t *turtleWriter) properties(s *subject, depth int) {
	indent := "\n" + strings.Repeat("    ", depth)
	for i, p := range s.properties {
		if i > 0 {
			t.b = append(append(t.b, " ;"...), indent...)
		}
		if p.predicate == Type {
			t.b = append(t.b, 'a')
		} else {
			t.iri(p.predicate)
		}
		for j, o := range p.objects {
			if j > 0 {
				t.b = append(t.b, ',')
			}
			t.b = append(t.b, ' ')
			t.object(o, depth)
		}
	}
}

func (t *turtleWriter) object(o Object, depth int) {
	key := ""
	if b, ok := o.(Blank); ok {
		key = "_:" + b.String()
	}
	s := t.subjects[key]
	switch {
	case key == "" || !t.inline[key] || s != nil && s.written:
		t.term(o)
	case s == nil:
		t.b = append(t.b, "[]"...)
	case depth >= maxNesting:
		t.inline[key] = false
		t.queue = append(t.queue, s)
		t.term(o)
	default:
		s.written = true
		t.b = append(append(t.b, "[\n"...), strings.Repeat("    ", depth+1)...)
		t.properties(s, depth+1)
		t.b = append(append(t.b, '\n'), strings.Repeat("    ", depth)...)
		t.b = append(t.b, ']')
	}
}

func (t *turtleWriter) iri(iri string) {
	if short := t.names.short(iri); short != "" {
		t.b = append(t.b, short...)
		return
	}
	t.b = appendIRI(t.b, iri)
}

func (t *turtleWriter) term(term Term) {
	switch term := term.(type) {
	case IRI:
		t.iri(term.String())
	case Literal:
		t.literal(term)
	default:
		t.b = t.labels.append(t.b, term)
	}
}

func (t *turtleWriter) literal(l Literal) {
	datatype := l.DataType.String()
	switch {
	case l.Lang() != "" || datatype == XSDString:
		t.b = appendLiteral(t.b, l)
	case bare(l.String(), datatype):
		t.b = append(t.b, l.String()...)
	default:
		t.b = append(appendQuoted(t.b, l.String()), "^^"...)
		t.iri(datatype)
	}
}

// bare says whether Turtle reads the lexical form without quotes as the same literal.
func bare(text, datatype string) bool {
	switch datatype {
	case XSDBoolean:
		return text == "true" || text == "false"
	case XSDInteger:
		return allDigits(strings.TrimLeft(text[:min(1, len(text))], "+-") + text[min(1, len(text)):])
	case XSDDecimal:
		whole, fraction, ok := strings.Cut(text, ".")
		return ok && allDigits(whole) && allDigits(fraction)
	}
	return false
}

func allDigits(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return text != ""
}
