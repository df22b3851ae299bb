package harvest

import (
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Institutions tells to which institution a course belongs, of those that are known here, and makes of it what a
// record will say. Safe for concurrent use.
type Institutions struct {
	known func(id string) (federation.Provider, bool)
	named func() map[string][]string // IRI or former id -> provider ids
}

// NewInstitutions asks for the providers on first use: who is known stays the same while a node runs.
func NewInstitutions(known func(id string) (federation.Provider, bool), providers func() []federation.Provider) *Institutions {
	return &Institutions{known, sync.OnceValue(func() map[string][]string { return providerNames(providers()) })}
}

// Draft is what the record of a course will say, before anybody has signed it.
type Draft struct {
	Kind              federation.Kind
	Subject, Provider string
	Graph             []byte // canonical bytes
	Terms             elm.Terms
	Document          elm.Terms // that the source states for all its courses
	Mapping           string
	Unknown           bool // organisations are named, but none that is known: it stays with the source's provider
	Removed           elm.Removed
}

// Draft normalises an item of a source that speaks for own; "" adds no institution to a course that names none. The
// error says why the course cannot be used: no identity, no title, over a limit. The draft says what was found until then.
func (in *Institutions) Draft(item adapters.Item, mapping string, source federation.ManifestSource, own string) (Draft, *federation.Unfit) {
	subject, ok := item.Graph.Subject.(rdf.IRI)
	if !ok {
		return Draft{}, &federation.Unfit{Message: "the course has no identity", Fix: "give it an IRI, or an adms:identifier"}
	}
	place := in.of(item.Graph.Organisations(), own)
	d := Draft{Kind: federation.KindCourse, Subject: subject.String(), Provider: place.provider, Mapping: mapping, Unknown: place.unknown}
	if item.Graph.IsOffering() {
		d.Kind = federation.KindOffering
	}
	naming := in.naming(place)
	graph, removed := item.Graph.Normalise(naming)
	d.Removed = removed
	bytes, unfit := federation.RecordGraph(d.Subject, graph)
	d.Graph, d.Terms = bytes, terms(graph.Terms(), item.Terms, source, naming)
	if item.Terms != (elm.Terms{}) {
		d.Document = terms(elm.Terms{}, item.Terms, source, naming)
	}
	return d, unfit
}

// terms are those of the course, else of its document, else of the manifest's source. What is too long for a
// record is no licence's name.
func terms(own, document elm.Terms, source federation.ManifestSource, naming elm.Naming) elm.Terms {
	fits := func(texts ...string) string {
		for _, text := range texts {
			if text != "" && len(text) <= federation.MaxTerms && utf8.ValidString(text) {
				return text
			}
		}
		return ""
	}
	return elm.Terms{
		Licence: federation.Licence(fits(own.Licence, document.Licence, source.Licence)),
		Credit:  naming.Clean(fits(own.Credit, document.Credit, source.Credit)),
	}
}

// belonging is the institution a course belongs to, and the IRIs in its graph that denote it.
type belonging struct {
	provider string
	own      []string
	unknown  bool // organisations are named, but none was matched
}

// of matches the organisations that a course names (PROTOCOL section 1). When the source's own
// provider is among them, or nothing matches, it is that; else the smallest matched id.
func (in *Institutions) of(named []elm.Organisation, own string) belonging {
	matched := map[string][]string{}
	for _, org := range named {
		for _, id := range in.denotes(org, own) {
			matched[id] = append(matched[id], iriOf(org.Node)...)
		}
	}
	if _, ok := matched[own]; ok || len(matched) == 0 {
		return belonging{own, matched[own], len(matched) == 0 && len(named) > 0}
	}
	smallest := ""
	for id := range matched {
		if smallest == "" || id < smallest {
			smallest = id
		}
	}
	return belonging{provider: smallest, own: matched[smallest]}
}

func iriOf(t rdf.Term) []string {
	if iri, ok := t.(rdf.IRI); ok {
		return []string{iri.String()}
	}
	return nil
}

// denotes lists the provider ids of an organisation node: by its SCHAC identifier, else by the provider
// IRI, else by a configured alias.
func (in *Institutions) denotes(org elm.Organisation, own string) []string {
	var ids []string
	for _, schac := range org.Schac {
		if id, err := federation.NormaliseDomain(schac); err == nil {
			ids = append(ids, in.current(id))
		}
	}
	if len(ids) > 0 {
		return ids
	}
	iri := org.Node.String()
	if own != "" && iri == federation.ProviderIRI(own) {
		return []string{own}
	}
	return in.named()[iri]
}

// providerNames finds who is known by an IRI or a former id.
func providerNames(providers []federation.Provider) map[string][]string {
	out := map[string][]string{}
	for _, p := range providers {
		for _, name := range append([]string{federation.ProviderIRI(p.ID)}, p.Aliases...) {
			if !slices.Contains(out[name], p.ID) {
				out[name] = append(out[name], p.ID)
			}
		}
	}
	return out
}

// current replaces a former id by the present one.
func (in *Institutions) current(id string) string {
	if _, ok := in.known(id); ok {
		return id
	}
	if ids := in.named()[id]; len(ids) > 0 {
		return ids[0]
	}
	return id
}

// naming tells normalisation about the institution: role addresses of its website's domain may stay.
func (in *Institutions) naming(b belonging) elm.Naming {
	if b.provider == "" {
		return elm.Naming{}
	}
	n := elm.Naming{ProviderIRI: federation.ProviderIRI(b.provider), Own: b.own}
	known, _ := in.known(b.provider) // unknown: no website
	if domain, err := federation.RegistrableDomain(federation.HostOf(known.Website)); err == nil {
		n.Domains = []string{domain}
	}
	return n
}
