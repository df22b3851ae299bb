package elm

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// elmSpellings are bases that stand for the ELM namespace: what the QualityLink shapes bind, and
// both with https.
var elmSpellings = []string{
	vocabulary.NSELMAlso,
	"https" + strings.TrimPrefix(vocabulary.NSELM, "http"),
	"https" + strings.TrimPrefix(vocabulary.NSELMAlso, "http"),
}

// specialisationTypo is how the frame of the QualityLink pilot spells elm:specialisationOf.
const specialisationTypo = vocabulary.NSELM + "specialisationf"

// elmName spells an IRI of the model in the ELM namespace.
func elmName(iri string) (string, bool) {
	for _, base := range elmSpellings {
		if rest, ok := strings.CutPrefix(iri, base); ok {
			iri, _ = elmName(vocabulary.NSELM + rest)
			return iri, true
		}
	}
	if iri == specialisationTypo {
		return vocabulary.SpecialisationOf, true
	}
	return iri, false
}

// renaming maps IRIs to IRIs and remembers the outcome, so that equal IRIs share memory.
type renaming struct {
	rule func(string) string
	done map[string]rdf.IRI
}

func renamed(rule func(string) string) *renaming {
	return &renaming{rule: rule, done: map[string]rdf.IRI{}}
}

func (r *renaming) iri(iri rdf.IRI) rdf.IRI {
	old := iri.String()
	if to, ok := r.done[old]; ok {
		return to
	}
	to := iri
	if s := r.rule(old); s != old {
		if valid, err := rdf.NewIRI(s); err == nil {
			to = valid
		}
	}
	r.done[old] = to
	return to
}

// nodes maps subject and object; triple maps the property as well.
func (r *renaming) nodes(t rdf.Triple) rdf.Triple {
	if iri, ok := t.Subj.(rdf.IRI); ok {
		t.Subj = r.iri(iri)
	}
	if iri, ok := t.Obj.(rdf.IRI); ok {
		t.Obj = r.iri(iri)
	}
	return t
}

func (r *renaming) triple(t rdf.Triple) rdf.Triple {
	if iri, ok := t.Pred.(rdf.IRI); ok {
		t.Pred = r.iri(iri)
	}
	return r.nodes(t)
}

// inNamespace returns the triples with the model's IRIs in the ELM namespace; the same slice when
// they all were.
func inNamespace(triples []rdf.Triple) []rdf.Triple {
	first := 0
	for first < len(triples) && !misspelt(triples[first]) {
		first++
	}
	if first == len(triples) {
		return triples
	}
	rule := renamed(func(s string) string { s, _ = elmName(s); return s })
	out := append(make([]rdf.Triple, 0, len(triples)), triples[:first]...)
	for _, t := range triples[first:] {
		out = append(out, rule.triple(t))
	}
	return out
}

func misspelt(t rdf.Triple) bool {
	for _, term := range []rdf.Term{t.Subj, t.Pred, t.Obj} {
		if iri, ok := term.(rdf.IRI); ok {
			if _, other := elmName(iri.String()); other {
				return true
			}
		}
	}
	return false
}
