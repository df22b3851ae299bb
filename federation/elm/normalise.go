package elm

import (
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Naming tells Normalise which institution the course was found to belong to.
type Naming struct {
	ProviderIRI string   // https://<provider id>/ or https://data.deqar.eu/institution/<n>; "" adds no provider
	Own         []string // IRIs in this graph that denote that institution: rewritten to ProviderIRI
	Domains     []string // further domains whose role addresses may stay, beside the host of ProviderIRI
}

// Clean is a text without the addresses that must not be signed.
func (n Naming) Clean(text string) string { return scrub(text, n.rolesOf().stay).text }

// Removed counts what normalisation took out.
type Removed struct {
	Persons   int // person objects and contact points, and nodes that hung on them only
	Addresses int // e-mail addresses, telephone numbers, ORCIDs
}

// Normalise applies the rules for publishers of docs/protocol.md: the ELM namespace, https/http and
// known defects of vocabulary IRIs, links in both directions between specification and instances, the
// provider's IRI where no publisher or providedBy is given, rewriting of the institution's own IRIs,
// removal of person data and of derived values. The subject keeps its name. What Check would refuse
// is left out. Normalising twice is normalising once.
func (g Graph) Normalise(n Naming) (Graph, Removed) {
	if g.Oversize {
		return g, Removed{}
	}
	triples := withoutDerived(g.renewed(n))
	triples = reachable(g.Subject, triples)
	triples, removed := withoutPersons(g.Subject, triples, n.rolesOf())
	return Graph{Subject: g.Subject, Triples: completed(g.Subject, triples, n.ProviderIRI)}, removed
}

// renewed copies the triples with the IRIs that this system writes.
func (g Graph) renewed(n Naming) []rdf.Triple {
	own := map[string]bool{}
	if n.ProviderIRI != "" {
		for _, iri := range n.Own {
			own[iri] = true
		}
	}
	delete(own, g.Subject.String())
	names := renamed(func(iri string) string {
		if own[iri] {
			return n.ProviderIRI
		}
		if name, ok := elmName(iri); ok {
			return name
		}
		return vocabulary.Repair(iri)
	})
	if iri, ok := g.Subject.(rdf.IRI); ok {
		names.done[iri.String()] = iri
	}
	out := make([]rdf.Triple, len(g.Triples))
	for i, t := range inNamespace(g.Triples) {
		out[i] = names.nodes(t)
	}
	return out
}

// withoutDerived drops, in place, what every aggregator computes for itself.
func withoutDerived(triples []rdf.Triple) []rdf.Triple {
	kept := triples[:0]
	for _, t := range triples {
		switch t.Pred.String() {
		case vocabulary.ISCEDFBroadField, vocabulary.ISCEDFNarrowField, vocabulary.IngestedAt, vocabulary.IngestedDate,
			vocabulary.InstanceCount, vocabulary.SourceType, vocabulary.AIEnrichedField:
		default:
			kept = append(kept, t)
		}
	}
	return kept
}

// completed adds links and the provider where they are missing, and drops repeated triples.
func completed(subject rdf.Subject, triples []rdf.Triple, providerIRI string) []rdf.Triple {
	r := read(subject, triples)
	instances := r.instances()
	if r.isOffering() {
		instances = []rdf.Term{subject}
	} else {
		for _, instance := range instances {
			triples = append(triples,
				rdf.Triple{Subj: subject, Pred: predLearningOpportunity, Obj: instance.(rdf.Object)},
				rdf.Triple{Subj: instance.(rdf.Subject), Pred: predSpecification, Obj: subject.(rdf.Object)})
		}
	}
	if provider, err := rdf.NewIRI(providerIRI); err == nil {
		triples = append(triples, r.providerTriples(provider, instances)...)
	}
	return distinct(triples)
}

// isOffering reports whether the graph is about an instance of a course that is described elsewhere.
func (r *reader) isOffering() bool { return isRun(r.roles[r.find(r.subject)]) }

func (r *reader) providerTriples(provider rdf.IRI, instances []rdf.Term) []rdf.Triple {
	var out []rdf.Triple
	if !r.isOffering() && len(r.objects(r.subject, vocabulary.Publisher)) == 0 {
		out = append(out, rdf.Triple{Subj: r.subject, Pred: predPublisher, Obj: provider})
	}
	for _, instance := range instances {
		if len(r.objects(instance, vocabulary.ProvidedBy)) == 0 {
			out = append(out, rdf.Triple{Subj: instance.(rdf.Subject), Pred: predProvidedBy, Obj: provider})
		}
	}
	return out
}

var (
	predLearningOpportunity = rdf.MustIRI(vocabulary.LearningOpportunity)
	predSpecification       = rdf.MustIRI(vocabulary.LearningAchievementSpecification)
	predPublisher           = rdf.MustIRI(vocabulary.Publisher)
	predProvidedBy          = rdf.MustIRI(vocabulary.ProvidedBy)
)

// distinct drops repeated triples, in place.
func distinct(triples []rdf.Triple) []rdf.Triple {
	seen := make(map[rdf.Triple]struct{}, len(triples))
	kept := triples[:0]
	for _, t := range triples {
		if _, ok := seen[t]; !ok {
			seen[t] = struct{}{}
			kept = append(kept, t)
		}
	}
	return kept
}
