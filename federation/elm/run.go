package elm

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// IsOffering reports whether the graph is about an instance whose specification another graph describes,
// as PROTOCOL's records of kind offering are.
func (g Graph) IsOffering() bool {
	is := role(0)
	for _, t := range inNamespace(g.Triples) {
		if t.Subj != g.Subject {
			continue
		}
		switch t.Pred.String() {
		case rdf.Type:
			is |= roleOf(t.Obj)
		case vocabulary.LearningAchievementSpecification:
			if !isLiteral(t.Obj) {
				is |= pointsUp
			}
		}
	}
	return isRun(is)
}

// Of lists the specifications that the subject of an offering's graph names.
func (g Graph) Of() []Reference {
	return read(g.Subject, inNamespace(g.Triples)).references(g.Subject, vocabulary.LearningAchievementSpecification)
}

// ViewOffering reads the graph of an offering as View reads that of a course.
func ViewOffering(subject string, triples []rdf.Triple) Run {
	iri, err := rdf.NewIRI(subject)
	if err != nil {
		return Run{Offering: Offering{IRI: subject}}
	}
	r := read(iri, inNamespace(triples))
	run := Run{
		Offering: r.offering(iri), Of: r.references(iri, vocabulary.LearningAchievementSpecification),
		Modified: r.first(iri, vocabulary.Modified),
	}
	run.Organisations = r.organisations(r.links(iri, vocabulary.ProvidedBy))
	return run
}

// Denotes reports whether the reference tells one course from all others: by an IRI, by an identifier
// that is unique in the world, or by a code and the institution that gave it.
func (ref Reference) Denotes() bool {
	if ref.IRI != "" {
		return true
	}
	for _, id := range ref.Identifiers {
		if IsGlobal(id.Notation) || id.Notation != "" && len(ref.Providers)+len(ref.Schac) > 0 {
			return true
		}
	}
	return false
}

// IsGlobal reports whether an identifier stands for itself, whoever uses it: an absolute IRI, a URN,
// a DID or a UUID. "A:1" is a code.
func IsGlobal(id string) bool {
	if _, ok := bareUUID(id); ok || isWeb(id) {
		return true
	}
	lower := strings.ToLower(id)
	return strings.HasPrefix(lower, "urn:") || strings.HasPrefix(lower, "did:")
}

// GlobalIRI is the IRI of an identifier that IsGlobal: of a bare UUID its URN.
func GlobalIRI(id string) string {
	if u, ok := bareUUID(id); ok {
		return "urn:uuid:" + u
	}
	return id
}
