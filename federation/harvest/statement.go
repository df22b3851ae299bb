package harvest

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// statement makes the unsigned record of an item, or says why it is unusable: no identity, no title, over a
// limit. Everything else is a finding.
func (r *run) statement(item adapters.Item, mapping string) (federation.Record, *Problem) {
	subject, ok := item.Graph.Subject.(rdf.IRI)
	if !ok {
		return federation.Record{}, &Problem{Where: item.Where, Message: "the course has no identity", Fix: "give it an IRI, or an adms:identifier"}
	}
	problem := func(message, fix string) *Problem {
		return &Problem{Subject: subject.String(), Where: item.Where, Message: message, Fix: fix}
	}
	kind := federation.KindCourse
	if item.Graph.IsOffering() {
		kind = federation.KindOffering
	}
	place := r.h.institution(item.Graph.Organisations(), r.state.Domain)
	if place.unknown {
		r.report.note(Problem{
			Subject: subject.String(), Where: r.place(item.Where),
			Message: "the publisher named is none that this node knows; recorded under " + place.provider,
			Fix:     "name the institution by its SCHAC identifier",
		})
	}
	for _, link := range item.Graph.WrongSkillLinks() {
		r.report.note(Problem{
			Subject: subject.String(), Where: r.place(item.Where), Field: link.Property, Value: clip(link.Value),
			Message: says(link.Property, link.Message+": "+clip(link.Value)), Fix: link.Fix,
		})
	}
	graph, removed := item.Graph.Normalise(r.h.naming(place))
	r.report.Removed += removed.Persons + removed.Addresses
	bytes, unfit := federation.RecordGraph(subject.String(), graph)
	if unfit != nil {
		return federation.Record{}, problem(unfit.Message, unfit.Fix)
	}
	terms := r.terms(item, graph, r.h.naming(place))
	return federation.Record{
		Licence: terms.Licence, Credit: terms.Credit,
		Kind: kind, Subject: subject.String(), Provider: place.provider, Graph: bytes,
		Source:  federation.Source{Domain: r.state.Domain, ID: r.state.Spec.Key()},
		Mapping: mapping, Snapshot: r.fetched.snapshot(item.Where), Issued: r.h.cfg.Now().Unix(), Publisher: r.h.self,
	}, nil
}

// terms are those of the course, else of its document, else of the manifest's source. What is too long for a
// record is no licence's name.
func (r *run) terms(item adapters.Item, graph elm.Graph, naming elm.Naming) elm.Terms {
	own := graph.Terms()
	fits := func(texts ...string) string {
		for _, text := range texts {
			if text != "" && len(text) <= federation.MaxTerms && utf8.ValidString(text) {
				return text
			}
		}
		return ""
	}
	return elm.Terms{
		Licence: federation.Licence(fits(own.Licence, item.Terms.Licence, r.state.Spec.Licence)),
		Credit:  naming.Clean(fits(own.Credit, item.Terms.Credit, r.state.Spec.Credit)),
	}
}

// belonging is the institution a course belongs to, and the IRIs in its graph that denote it.
type belonging struct {
	provider string
	own      []string
	unknown  bool // organisations are named, but none was matched
}

// institution matches the organisations that a course names (PROTOCOL section 1). When the source's own
// provider is among them, or nothing matches, it is that; else the smallest matched id.
func (h *Harvester) institution(named []elm.Organisation, own string) belonging {
	matched := map[string][]string{}
	for _, org := range named {
		for _, id := range h.denotes(org, own) {
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
func (h *Harvester) denotes(org elm.Organisation, own string) []string {
	var ids []string
	for _, schac := range org.Schac {
		if id, err := federation.NormaliseDomain(schac); err == nil {
			ids = append(ids, h.current(id))
		}
	}
	if len(ids) > 0 {
		return ids
	}
	iri := org.Node.String()
	if iri == federation.ProviderIRI(own) {
		return []string{own}
	}
	return h.named()[iri]
}

// providerNames finds who is known by an IRI or a former id. Who is known stays the same while the node runs.
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
func (h *Harvester) current(id string) string {
	if _, ok := h.cfg.Known(id); ok {
		return id
	}
	if ids := h.named()[id]; len(ids) > 0 {
		return ids[0]
	}
	return id
}

// statementHeld is what this publisher says under a key now.
type statementHeld struct {
	cid    cid.Cid
	record federation.Record
}

func (r *run) held(key string) (*statementHeld, error) {
	entry, err := r.h.cfg.DB.Entry(r.h.self, key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	data, err := r.h.cfg.DB.Get(entry.CID)
	if err != nil {
		return nil, err
	}
	record, err := federation.DecodeRecord(data)
	return &statementHeld{entry.CID, record}, err
}

// sameStatement compares what makes a record be issued anew (PROTOCOL section 2).
func sameStatement(a, b federation.Record) bool {
	return string(a.Graph) == string(b.Graph) && a.Source.Domain == b.Source.Domain &&
		a.Licence == b.Licence && a.Credit == b.Credit
}

// naming tells normalisation about the institution: role addresses of its website's domain may stay.
func (h *Harvester) naming(b belonging) elm.Naming {
	n := elm.Naming{ProviderIRI: federation.ProviderIRI(b.provider), Own: b.own}
	known, _ := h.cfg.Known(b.provider) // unknown: no website
	if domain, err := federation.RegistrableDomain(federation.HostOf(known.Website)); err == nil {
		n.Domains = []string{domain}
	}
	return n
}
