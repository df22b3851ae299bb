package source

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Descriptions writes the texts that say more than the name, and more than the course's own.
func Descriptions[M Describer](m M, v any) {
	n := m.Described()
	texts := Without(TextsOf(v), n.Names)
	if n.Course != nil {
		texts = Without(texts, n.Course.prose())
	}
	n.Texts(n.IRI, vocabulary.Description, texts)
}

// languages are the authority's IRIs of the languages that a field names, by code, name or IRI; servers put
// several codes into one text.
func (n *Node) languages(field string, v any) []string {
	var out []string
	for _, s := range Scalars(v) {
		codes := []string{s}
		if _, whole := vocabulary.LanguageNamed(s); !whole {
			codes = strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '/' || r == ' ' })
		}
		for _, code := range codes {
			iri, ok := vocabulary.LanguageNamed(code)
			if !ok {
				n.Complain(field, code, "there is no such language code", "send ISO 639-2, e.g. nld or eng")
			} else if !slices.Contains(out, iri) {
				out = append(out, iri)
			}
		}
	}
	return out
}

// Languages writes the languages of a specification.
func Languages[M Describer](field string) func(M, any) {
	return func(m M, v any) {
		n := m.Described()
		for _, iri := range n.languages(field, v) {
			n.Link(n.IRI, vocabulary.DCLanguage, iri)
		}
	}
}

// DefaultLanguage writes the first language, since an instance has exactly one.
func DefaultLanguage[M Describer](field string) func(M, any) {
	return func(m M, v any) {
		n := m.Described()
		if found := n.languages(field, v); len(found) > 0 {
			n.Link(n.IRI, vocabulary.DefaultLanguage, found[0])
		}
	}
}

// FieldsOfStudy writes ISCED-F codes.
func FieldsOfStudy[M Describer](field string) func(M, any) {
	return func(m M, v any) {
		n := m.Described()
		seen := make(map[string]bool)
		for _, s := range Scalars(v) {
			for _, code := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
				iri := vocabulary.ISCEDFIRI(code)
				if iri == "" {
					n.Complain(field, code, "there is no such field of education", "send an ISCED-F 2013 code such as 0613")
				} else if !seen[iri] {
					seen[iri] = true
					n.Link(n.IRI, vocabulary.ISCEDFCode, iri)
				}
			}
		}
	}
}

// Outcome hangs one learning outcome on the node.
func (n *Node) Outcome(texts []Text) {
	n.Value(n.IRI, vocabulary.LearningOutcome, vocabulary.ClassLearningOutcome, KeyOf(texts), func(b rdf.Resource) {
		n.Texts(b, vocabulary.Title, texts)
	})
}

// Assessment hangs an assessment of no stated type on the node; the first line of its text is its title,
// since a title is required.
func (n *Node) Assessment(texts []Text) {
	if len(texts) == 0 {
		return
	}
	n.Value(n.IRI, vocabulary.ProvenBy, vocabulary.ClassLearningAssessmentSpecification, KeyOf(texts), func(b rdf.Resource) {
		for _, t := range texts {
			n.Add(b, vocabulary.Title, Text{t.Lang, Headline(t.Value)}.Literal())
		}
		n.Texts(b, vocabulary.Description, texts)
	})
}

// Concepts links concepts of a vocabulary, each once.
func Concepts[M Describer](field, property, name string) func(M, any) {
	return func(m M, v any) {
		n := m.Described()
		for _, c := range n.Concepts(field, name, v) {
			n.Link(n.IRI, property, c.IRI)
		}
	}
}

// Concepts are the concepts of a vocabulary that a field names, each once: a value is its id, its IRI or its label.
// What the vocabulary does not have is kept under the standard's own term, with a finding.
func (n *Node) Concepts(field, name string, v any) []vocabulary.Concept {
	var out []vocabulary.Concept
	for _, s := range Scalars(v) {
		c, ok := vocabulary.Resolve(name, s)
		switch {
		case !ok:
			n.Own(n.IRI, field, rdf.String(s))
			n.Complain(field, s, "the vocabulary has no such concept", "send the last part of the concept's IRI")
		case !slices.Contains(out, c):
			out = append(out, c)
		}
	}
	return out
}

// NamesConcept says that the value names a concept of a vocabulary.
func NamesConcept(name string, v any) bool {
	return slices.ContainsFunc(Scalars(v), func(s string) bool {
		_, ok := vocabulary.Resolve(name, s)
		return ok
	})
}

// Website writes a homepage; of texts with languages each is one.
func Website[M Describer](field string) func(M, any) {
	return func(m M, v any) {
		n := m.Described()
		for _, t := range TextsOf(v) {
			u, ok := WebURL(t.Value)
			if !ok {
				n.Complain(field, t.Value, "this is no web address", "send an absolute https URL")
				continue
			}
			n.Page(n.IRI, u)
		}
	}
}
