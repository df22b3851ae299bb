package convert

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"iter"
	"slices"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// shared knows what stands in a document already. Courses have nodes in common, such as their institution, and every course
// graph describes them anew: written twice, blank nodes on them would be twice as many, and reading the document would
// not give the courses that were written.
//
// What is compared are parts: the triples that hang together by blank nodes, and those without any of one subject.
//
// Of a course to which others refer they give a short description. It is written at the end, unless the course is in the
// document and describes itself: a node that is both would be neither.
type shared struct {
	written   map[mark]int      // how many equal parts the document has
	described map[mark]mark     // what was said of a node, by its IRI
	courses   map[mark]bool     // in the document
	waiting   map[string][]part // short descriptions, by IRI
	order     []string          // in which they came
}

type mark [16]byte

func markOf(b []byte) mark {
	sum := sha256.Sum256(b)
	return mark(sum[:16])
}

func newShared() *shared {
	return &shared{written: map[mark]int{}, described: map[mark]mark{}, courses: map[mark]bool{}, waiting: map[string][]part{}}
}

// part of a graph. subjects are the IRIs that it describes.
type part struct {
	triples  []rdf.Triple
	subjects []string
	mark     mark // zero until it is asked for
}

// addition is what a graph adds to a document.
type addition struct {
	subject string
	triples []rdf.Triple
	differs string // a node of which another course says something else; "" when there is none
	parts   []mark
	says    map[mark]mark
	short   []part // descriptions of courses that it refers to
}

// add finds what is to be written of a graph. The subject's own description is in no other graph.
func (s *shared) add(subject string, graph []rdf.Triple) (addition, error) {
	out := addition{subject: subject, says: map[mark]mark{}}
	here, about, references := map[mark]int{}, map[string][]mark{}, referencesIn(graph)
	for _, p := range partsOf(graph) {
		if len(p.subjects) == 1 && p.subjects[0] == subject {
			out.triples = append(out.triples, p.triples...)
			continue
		}
		text, err := rdf.Canonical(p.triples)
		if err != nil { // beyond a budget that the whole graph keeps: nothing else is like it
			text = rdf.AppendTerm(nil, rdf.MustIRI(subject))
		}
		p.mark = markOf(text)
		if len(p.subjects) == 1 && references[p.subjects[0]] {
			out.short = append(out.short, p)
			continue
		}
		for _, iri := range p.subjects {
			about[iri] = append(about[iri], p.mark)
		}
		if here[p.mark]++; here[p.mark] > s.written[p.mark] || slices.Contains(p.subjects, subject) {
			out.triples, out.parts = append(out.triples, p.triples...), append(out.parts, p.mark)
		}
	}
	delete(about, subject)
	s.compare(&out, about)
	if len(out.triples) == len(graph) {
		out.triples = graph
		return out, nil
	}
	return out, out.relabel()
}

// compare notes what is said of nodes, and one of which another course said something else.
func (s *shared) compare(a *addition, about map[string][]mark) {
	for iri, marks := range about {
		slices.SortFunc(marks, func(a, b mark) int { return bytes.Compare(a[:], b[:]) })
		node, said := markOf([]byte(iri)), markOf(flat(marks))
		if before, known := s.described[node]; known && before != said && (a.differs == "" || iri < a.differs) {
			a.differs = iri
		}
		a.says[node] = said
	}
}

// relabel names blank nodes by what is left of a graph, so that it is written as if it had been all.
func (a *addition) relabel() error {
	text, err := rdf.Canonical(a.triples)
	if errors.Is(err, rdf.ErrBudget) {
		return nil // the labels of the whole will do
	}
	if err == nil {
		a.triples, err = rdf.ParseTrusted(text)
	}
	return err
}

// referencesIn are the nodes that stand for courses of which others say more.
func referencesIn(graph []rdf.Triple) map[string]bool {
	out := map[string]bool{}
	for _, t := range graph {
		if t.Pred.String() == rdf.Type && t.Obj.String() == vocabulary.ClassSpecificationReference {
			if iri, ok := t.Subj.(rdf.IRI); ok {
				out[iri.String()] = true
			}
		}
	}
	return out
}

func flat(marks []mark) []byte {
	var out []byte
	for _, m := range marks {
		out = append(out, m[:]...)
	}
	return out
}

// wrote takes note of what was written.
func (s *shared) wrote(a addition) {
	for _, m := range a.parts {
		s.written[m]++
	}
	for node, said := range a.says {
		s.described[node] = said
	}
	s.courses[markOf([]byte(a.subject))] = true
	delete(s.waiting, a.subject)
	for _, p := range a.short {
		iri := p.subjects[0]
		if s.courses[markOf([]byte(iri))] || slices.ContainsFunc(s.waiting[iri], func(q part) bool { return q.mark == p.mark }) {
			continue
		}
		if s.waiting[iri] == nil {
			s.order = append(s.order, iri)
		}
		s.waiting[iri] = append(s.waiting[iri], p)
	}
}

// rest are the short descriptions of courses that are not in the document.
func (s *shared) rest() iter.Seq2[[]rdf.Triple, error] {
	return func(yield func([]rdf.Triple, error) bool) {
		for _, iri := range s.order {
			parts := s.waiting[iri]
			delete(s.waiting, iri)
			for _, p := range parts { // each has blank nodes of its own
				a := addition{triples: p.triples}
				if err := a.relabel(); !yield(a.triples, err) {
					return
				}
			}
		}
	}
}

// partsOf splits a graph, in the order of its triples.
func partsOf(graph []rdf.Triple) []part {
	joined := union{}
	for _, t := range graph {
		if o, ok := t.Obj.(rdf.Blank); ok {
			if s, ok := t.Subj.(rdf.Blank); ok {
				joined.join(s.String(), o.String())
			}
		}
	}
	number := map[string]int{}
	var parts []part
	for _, t := range graph {
		name := "<" + t.Subj.String()
		if s, ok := t.Subj.(rdf.Blank); ok {
			name = "_" + joined.root(s.String())
		} else if o, ok := t.Obj.(rdf.Blank); ok {
			name = "_" + joined.root(o.String())
		}
		i, known := number[name]
		if !known {
			i, number[name] = len(parts), len(parts)
			parts = append(parts, part{})
		}
		p := &parts[i]
		p.triples = append(p.triples, t)
		if iri, ok := t.Subj.(rdf.IRI); ok && !slices.Contains(p.subjects, iri.String()) {
			p.subjects = append(p.subjects, iri.String())
		}
	}
	return parts
}

// union finds which names belong together.
type union map[string]string

func (u union) root(name string) string {
	for {
		next, ok := u[name]
		if !ok || next == name {
			return name
		}
		if further, ok := u[next]; ok {
			u[name] = further // halves the way of those who come later
		}
		name = next
	}
}

func (u union) join(a, b string) {
	if a, b := u.root(a), u.root(b); a != b {
		u[a] = b
	}
}
