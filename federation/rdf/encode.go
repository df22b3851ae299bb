package rdf

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// Encode writes triples as Turtle, N-Triples, JSON-LD or RDF/XML (with prefixes of this domain). The order
// of the triples shows in N-Triples only: else equal sets give equal bytes, blank nodes being told
// apart by their labels. Terms that no parser would read back are an error. RDF/XML cannot hold every graph:
// a property without an XML name or a control character gives ErrFormat.
func Encode(w io.Writer, f Format, triples []Triple) error {
	if err := checkTriples(triples); err != nil {
		return err
	}
	switch f {
	case NTriples, NQuads:
		return encodeLines(w, triples)
	case Turtle:
		return encodeTurtle(w, triples)
	case JSONLD:
		return encodeJSONLD(w, triples)
	case RDFXML:
		return encodeRDFXML(w, triples)
	}
	return unsupported(f)
}

func checkTriples(triples []Triple) error {
	var check checker
	for i, t := range triples {
		for at, term := range [3]Term{t.Subj, t.Pred, t.Obj} {
			if err := check.term(at, term); err != nil {
				return fmt.Errorf("triple %d: %w", i+1, err)
			}
		}
	}
	return nil
}

func encodeLines(w io.Writer, triples []Triple) error {
	const chunk = 32 << 10
	labels := newLabels()
	b := make([]byte, 0, chunk+1024)
	for _, t := range triples {
		b = append(labels.append(b, t.Subj), ' ')
		b = append(labels.append(b, t.Pred), ' ')
		b = append(labels.append(b, t.Obj), " .\n"...)
		if len(b) >= chunk {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}

// blankLabels renames blank nodes in the order of writing: a label made by a program need not be valid in a document.
type blankLabels struct {
	names map[string]string
	next  int
}

func newLabels() *blankLabels { return &blankLabels{names: map[string]string{}} }

// forget lets the same labels stand for other nodes: those of the next graph of a document.
func (l *blankLabels) forget() { clear(l.names) }

func (l *blankLabels) append(b []byte, t Term) []byte {
	if blank, ok := t.(Blank); ok {
		return append(b, l.of(blank)...)
	}
	return AppendTerm(b, t)
}

func (l *blankLabels) of(b Blank) string {
	label, ok := l.names[b.String()]
	if !ok {
		label = "_:b" + strconv.Itoa(l.next)
		l.names[b.String()] = label
		l.next++
	}
	return label
}

// subject is a resource with its statements, in the order in which they are written.
type subject struct {
	term       Subject
	key        string
	properties []property
	written    bool
}

type property struct {
	predicate string
	objects   []Object
}

// bySubject groups triples: subjects by their canonical form, rdf:type before other predicates, no duplicates.
func bySubject(triples []Triple) []*subject {
	type keyed struct {
		Triple
		s, p, o []byte
	}
	all := make([]keyed, len(triples))
	for i, t := range triples {
		all[i] = keyed{t, AppendTerm(nil, t.Subj), AppendTerm(nil, t.Pred), AppendTerm(nil, t.Obj)}
		if t.Pred.String() == Type {
			all[i].p = nil
		}
	}
	compare := func(a, b keyed) int {
		if d := bytes.Compare(a.s, b.s); d != 0 {
			return d
		}
		if d := bytes.Compare(a.p, b.p); d != 0 {
			return d
		}
		return bytes.Compare(a.o, b.o)
	}
	slices.SortFunc(all, compare)
	all = slices.CompactFunc(all, func(a, b keyed) bool { return compare(a, b) == 0 })
	var subjects []*subject
	for _, t := range all {
		if len(subjects) == 0 || subjects[len(subjects)-1].key != string(t.s) {
			subjects = append(subjects, &subject{term: t.Subj, key: string(t.s)})
		}
		s := subjects[len(subjects)-1]
		if n := len(s.properties); n == 0 || s.properties[n-1].predicate != t.Pred.String() {
			s.properties = append(s.properties, property{predicate: t.Pred.String()})
		}
		p := &s.properties[len(s.properties)-1]
		p.objects = append(p.objects, t.Obj)
	}
	return subjects
}
