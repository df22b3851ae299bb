package elm

import (
	"slices"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// viewOrganisations reads publishers and providers and what the graph says of each organisation.
func (r *reader) viewOrganisations(c *Course) {
	c.Publishers = r.iris(r.subject, vocabulary.Publisher)
	nodes := r.links(r.subject, vocabulary.Publisher, vocabulary.ProvidedBy)
	providers := r.iris(r.subject, vocabulary.ProvidedBy)
	for _, instance := range r.instances() {
		nodes = append(nodes, r.links(instance, vocabulary.ProvidedBy)...)
		providers = append(providers, r.iris(instance, vocabulary.ProvidedBy)...)
	}
	c.Providers = sorted(providers)
	c.Accredited = r.accredited(append(nodes, r.subject))
	c.Organisations = r.organisations(nodes)
}

// accredited says that one of the nodes names an accreditation.
func (r *reader) accredited(nodes []rdf.Term) bool {
	return slices.ContainsFunc(nodes, func(n rdf.Term) bool { return len(r.objects(n, vocabulary.Accreditation)) > 0 })
}

// organisations reads the nodes named, and all that are typed as organisations.
func (r *reader) organisations(nodes []rdf.Term) map[string]OrganisationView {
	for _, term := range r.terms {
		if r.isOrganisation(term) {
			nodes = append(nodes, term)
		}
	}
	out := map[string]OrganisationView{}
	for _, term := range nodes {
		if _, known := out[name(term)]; !known {
			out[name(term)] = r.organisation(term)
		}
	}
	return out
}

func (r *reader) isOrganisation(n rdf.Term) bool {
	for _, class := range r.objects(n, rdf.Type) {
		if isOrganisationClass(class.String()) {
			return true
		}
	}
	return false
}

func (r *reader) organisation(n rdf.Term) OrganisationView {
	v := OrganisationView{
		IRI:         name(n),
		Name:        r.named(n, legalNames...),
		Schac:       r.schac(n),
		Identifiers: r.identifiers(n),
		Homepage:    r.pages(n, vocabulary.Homepage),
		MemberOf:    r.iris(n, vocabulary.IsMemberOf),
	}
	countries, places := r.whereabouts(n)
	v.Places = places
	if len(countries) > 0 {
		v.Country = countries[0]
	}
	return v
}
