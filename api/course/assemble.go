package course

import (
	"slices"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func (r *Reader) assemble(item catalogue.Item, content Content) Course {
	record, v := content.Record, content.View
	c := Course{
		ID: v.UUID, IRI: v.IRI, Aliases: list(v.Aliases), Identifiers: each(v.Identifiers, identifier),
		Title: text(v.Title), AltTitle: text(v.AltTitle), Description: text(v.Description), Type: typeOf(v),
		Provider: record.Provider, Publishers: list(v.Publishers), Alliances: []string{},
		Credits: each(v.Credits, credit), ECTS: v.ECTS, Workload: v.Workload, EQF: list(v.EQF), NQF: list(v.NQF),
		ISCED: list(v.ISCED), Languages: list(v.Languages), Modes: each(v.Modes, index.ConceptID),
		Outcomes: each(v.Outcomes, outcome), Summary: text(v.OutcomeSummary),
		Assessment: each(v.Assessment, assessment), Requirements: text(v.Requirements), Notes: each(v.Notes, text),
		Homepage: list(v.Homepage), Offerings: each(v.Offerings, offering), PartOf: list(v.PartOf), HasPart: list(v.HasPart),
		Supersedes: []Superseded{}, SupersededBy: []Link{},
		Active: content.Validity.ActiveAt(r.Now()), Version: v.Version, Standard: index.StandardOf(record.Mapping),
		Modified: index.ModifiedAt(record, v).Format(time.RFC3339), Record: item.CID.String(),
		Publisher: item.Publisher, Class: item.Class, Licence: index.LicenceOf(record),
		Source: Source{
			Domain: record.Source.Domain, ID: record.Source.ID, Mapping: record.Mapping,
			Issued: time.Unix(record.Issued, 0).UTC().Format(time.RFC3339),
		},
	}
	c.Providers = r.providers(record.Provider, v)
	c.Completeness, c.Missing = profile.Completeness(v), profile.Missing(v)
	c.Microcredential = profile.Microcredential(v, r.issuer(record.Provider))
	c.Credit = credited(record, c.Providers)
	if record.Source.Domain != record.Provider {
		c.AssertedBy = &record.Source.Domain
	}
	if item.Class == federation.AllianceClass {
		c.PublishedBy = &item.By
	}
	if r.Alliances != nil {
		c.Alliances = list(r.Alliances(record.Provider))
	}
	return c
}

// issuer is what is known of a provider beside its courses.
func (r *Reader) issuer(id string) profile.Issuer {
	by := profile.Issuer{ID: id}
	known, ok := r.Known(id)
	if ok {
		by.Country = known.Country
	}
	for _, alias := range slices.Concat(known.Aliases, []string{id}) {
		if other, ok := federation.ProviderOfIRI(alias); ok {
			alias = other
		}
		if strings.HasPrefix(strings.ToLower(alias), "deqarinst") {
			by.Quality = "the Database of External Quality Assurance Results"
		}
	}
	return by
}

// credited is whom the record asks to name, else the provider.
func credited(record federation.Record, providers []Provider) string {
	if record.Credit != "" {
		return record.Credit
	}
	if providers[0].Name != "" {
		return providers[0].Name
	}
	return record.Provider
}

func typeOf(v elm.Course) string {
	if len(v.Types) == 0 {
		return index.ConceptID(vocabulary.TypeCourse)
	}
	return index.ConceptID(v.Types[0])
}

// providers lists the institution under which the course is recorded, then its partners.
func (r *Reader) providers(own string, v elm.Course) []Provider {
	out := []Provider{r.provider(own, v.Organisations[federation.ProviderIRI(own)])}
	for _, iri := range v.Providers {
		o := v.Organisations[iri]
		id := providerID(iri, o)
		if slices.ContainsFunc(out, func(p Provider) bool { return p.ID == id }) {
			continue
		}
		out = append(out, r.provider(id, o))
	}
	return out
}

// provider prefers what configuration and registries know over what the graph says.
func (r *Reader) provider(id string, o elm.OrganisationView) Provider {
	p := Provider{ID: id, Name: Pick(o.Name, "en"), Country: o.Country}
	if known, ok := r.Known(id); ok {
		if known.Name != "" {
			p.Name = known.Name
		}
		if known.Country != "" {
			p.Country = known.Country
		}
	}
	return p
}

// providerID is the id that an organisation's SCHAC code or IRI gives, else the IRI.
func providerID(iri string, o elm.OrganisationView) string {
	for _, code := range o.Schac {
		if federation.ValidProvider(code) {
			return code
		}
	}
	if id, ok := federation.ProviderOfIRI(iri); ok {
		return id
	}
	return iri
}

func identifier(i elm.Identifier) Identifier { return Identifier(i) }

func credit(c elm.Credit) Credit {
	return Credit{Value: c.Value, Framework: index.ConceptID(c.Framework)}
}

func outcome(o elm.Outcome) Outcome {
	return Outcome{Title: text(o.Title), ESCO: list(o.ESCO), Skills: list(o.Skills)}
}

func assessment(a elm.Assessment) Assessment {
	return Assessment{Title: text(a.Title), Description: text(a.Description), Types: each(a.Types, index.ConceptID)}
}

func offering(o elm.Offering) Offering {
	return Offering{
		IRI: o.IRI, Identifiers: each(o.Identifiers, identifier), Title: text(o.Title), Start: o.Start, End: o.End, Period: text(o.PeriodLabel),
		Language: o.Language, Modes: each(o.Modes, index.ConceptID), Deadlines: list(o.Deadlines),
		Capacity: o.Capacity, Enrolled: o.Enrolled, Minimum: o.Minimum, Homepage: list(o.Homepage), Portal: o.Portal,
		Countries: list(o.Countries), Places: each(o.Places, text), Prices: each(o.Prices, price),
		Schedule: index.ConceptID(o.Schedule), Duration: o.Duration, Providers: list(o.Providers),
		OpenToNonEnrolled: o.OpenToNonEnrolled,
	}
}

func price(p elm.Price) Price {
	return Price{Label: text(p.Label), Amount: p.Amount, Currency: p.Currency}
}

func text(t elm.Text) Text {
	if t == nil {
		return Text{}
	}
	return t
}

func list[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}

func each[T, U any](values []T, f func(T) U) []U {
	out := make([]U, len(values))
	for i, v := range values {
		out[i] = f(v)
	}
	return out
}
