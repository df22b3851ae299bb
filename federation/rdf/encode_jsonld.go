package rdf

import (
	"io"
	"strconv"
	"unicode/utf8"
)

// jsonWriter writes a flat document: a context of prefixes and a graph of node objects.
type jsonWriter struct {
	b       []byte
	names   *names
	labels  *blankLabels
	context []byte // of each node, when it has one of its own
}

func encodeJSONLD(w io.Writer, triples []Triple) error {
	j := &jsonWriter{names: newNames(), labels: newLabels()}
	for _, t := range triples {
		j.avoid(t)
	}
	for i, s := range bySubject(triples) {
		if i > 0 {
			j.b = append(j.b, ',')
		}
		j.b = append(j.b, "\n    "...)
		j.node(s)
	}
	if _, err := w.Write(j.header()); err != nil {
		return err
	}
	_, err := w.Write(append(j.b, "\n  ]\n}\n"...))
	return err
}

// avoid keeps prefixes apart from the schemes of the document's IRIs.
func (j *jsonWriter) avoid(t Triple) {
	for _, term := range []Term{t.Subj, t.Pred, t.Obj} {
		switch term := term.(type) {
		case IRI:
			j.names.forbid(term.String())
		case Literal:
			j.names.forbid(term.DataType.String())
		}
	}
}

func (j *jsonWriter) header() []byte {
	b := []byte("{\n  \"@context\": {")
	first := true
	for i, p := range prefixes {
		if !j.names.used[i] {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, "\n    "...)
		b = append(appendJSON(b, p.name), ": "...)
		b = appendJSON(b, p.namespace)
	}
	if !first {
		b = append(b, "\n  "...)
	}
	return append(b, "},\n  \"@graph\": ["...)
}

func (j *jsonWriter) node(s *subject) {
	j.b = append(append(append(j.b, '{'), j.context...), `"@id": `...)
	j.ref(s.term)
	for _, p := range s.properties {
		j.b = append(j.b, ",\n     "...)
		if types := p.predicate == Type && refsOnly(p.objects); types {
			j.b = append(j.b, `"@type": [`...)
			j.each(p.objects, func(o Object) { j.ref(o) })
		} else {
			j.name(p.predicate)
			j.b = append(j.b, ": ["...)
			j.each(p.objects, j.value)
		}
		j.b = append(j.b, ']')
	}
	j.b = append(j.b, '}')
}

func refsOnly(objects []Object) bool {
	for _, o := range objects {
		if _, ok := o.(Literal); ok {
			return false
		}
	}
	return true
}

func (j *jsonWriter) each(objects []Object, write func(Object)) {
	for i, o := range objects {
		if i > 0 {
			j.b = append(j.b, ", "...)
		}
		write(o)
	}
}

func (j *jsonWriter) value(o Object) {
	l, ok := o.(Literal)
	if !ok {
		j.b = append(j.b, `{"@id": `...)
		j.ref(o)
		j.b = append(j.b, '}')
		return
	}
	j.b = append(j.b, `{"@value": `...)
	j.b = appendJSON(j.b, l.String())
	if tag := l.Lang(); tag != "" {
		j.b = append(j.b, `, "@language": `...)
		j.b = appendJSON(j.b, tag)
	} else if datatype := l.DataType.String(); datatype != XSDString {
		j.b = append(j.b, `, "@type": `...)
		j.name(datatype)
	}
	j.b = append(j.b, '}')
}

func (j *jsonWriter) ref(t Term) {
	if blank, ok := t.(Blank); ok {
		j.b = appendJSON(j.b, j.labels.of(blank))
		return
	}
	j.name(t.String())
}

func (j *jsonWriter) name(iri string) {
	if short := j.names.short(iri); short != "" {
		iri = short
	}
	j.b = appendJSON(j.b, iri)
}

// appendJSON appends a JSON string. The text is valid UTF-8.
func appendJSON(b []byte, text string) []byte {
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r < 0x20 || r == 0x7F || r == 0x2028 || r == 0x2029:
			b = append(b, `\u`...)
			b = append(b, strconv.FormatInt(0x10000|int64(r), 16)[1:]...)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
