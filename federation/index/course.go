package index

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// DocumentOf takes from a course what searches need.
func DocumentOf(item catalogue.Item, record federation.Record, course elm.Course, v Validity, known func(string) (federation.Provider, bool)) Document {
	facts := profile.FactsOf(course)
	d := Document{
		Key: item.Key, CID: item.CID, Validity: v, ECTS: course.ECTS, Stated: facts, Complete: uint8(facts.Completeness()), Modified: ModifiedAt(record, course).Unix(),
		Titles: texts(course.Title), Body: body(course), IDs: identifiersOf(course),
		Same: sameOf(record, course), Rank: rankOf(item, record), Links: linksOf(item, record.Provider, course),
	}
	provider, ok := federation.Provider{}, false
	if known != nil {
		provider, ok = known(record.Provider)
	}
	if !ok {
		provider = federation.Provider{ID: record.Provider, Country: stated(record.Provider, course)}
	}
	d.IDs = append(d.IDs, codesOf(course, provider)...)
	d.Names = append(names(course), provider.Name, record.Provider)
	d.Values = values(item, record, course, provider)
	for _, o := range course.Offerings {
		d.Offerings = append(d.Offerings, offering(o))
		d.RunIDs = append(d.RunIDs, runIDs(o)...)
	}
	return d
}

// ModifiedAt is when the course says it was modified, else when its record was issued.
func ModifiedAt(record federation.Record, course elm.Course) time.Time {
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, course.Modified); err == nil {
			return t.UTC()
		}
	}
	return time.Unix(record.Issued, 0).UTC()
}

// StandardOf is the standard of a record's source, from the name of the mapping: ooapi5/1 is ooapi.
func StandardOf(mapping string) string {
	name, _, _ := strings.Cut(mapping, "/")
	name = strings.TrimRight(name, "0123456789")
	switch name {
	case "elmrdf":
		return "elm"
	case "eduapi":
		return "edu-api"
	}
	return name
}

// texts lists a text's languages: English first, then by tag, so that every node sorts alike.
func texts(t elm.Text) []string {
	var out []string
	for _, tag := range slices.Sorted(maps.Keys(t)) {
		if tag == "en" || strings.HasPrefix(tag, "en-") {
			out = slices.Insert(out, 0, t[tag])
		} else {
			out = append(out, t[tag])
		}
	}
	return out
}

func body(c elm.Course) []string {
	out := slices.Concat(texts(c.Description), texts(c.OutcomeSummary))
	for _, o := range c.Outcomes {
		out = append(out, texts(o.Title)...)
	}
	return append(out, texts(c.Requirements)...)
}

// names are alternative titles, identifiers and what organisations are called.
func names(c elm.Course) []string {
	out := texts(c.AltTitle)
	for _, id := range c.Identifiers {
		out = append(out, id.Notation)
	}
	for _, iri := range slices.Sorted(maps.Keys(c.Organisations)) {
		out = append(out, texts(c.Organisations[iri].Name)...)
	}
	return append(out, c.IRI)
}

func identifiersOf(c elm.Course) []string {
	out := append([]string{c.IRI, c.UUID}, c.Aliases...)
	if local, ok := localID(c.IRI); ok {
		out = append(out, local)
	}
	for _, id := range c.Identifiers {
		out = append(out, id.Notation)
	}
	return slices.DeleteFunc(out, func(id string) bool { return strings.TrimSpace(id) == "" })
}

func values(item catalogue.Item, record federation.Record, c elm.Course, p federation.Provider) map[Field][]string {
	v := map[Field][]string{
		Provider: {record.Provider}, Language: c.Languages, ISCED: c.ISCED,
		Standard: {StandardOf(record.Mapping)}, Licence: {LicenceOf(record)}, Class: {string(item.Class)},
		Type: ids(c.Types), Mode: ids(c.Modes),
	}
	if len(v[Type]) == 0 {
		v[Type] = []string{ConceptID(vocabulary.TypeCourse)}
	}
	if p.Country != "" {
		v[Country] = []string{p.Country}
	}
	for _, level := range c.EQF {
		v[EQF] = append(v[EQF], strconv.Itoa(level))
	}
	for _, digits := range c.ISCED {
		v[ISCEDBroad] = append(v[ISCEDBroad], digits[:min(2, len(digits))])
		if len(digits) >= 3 {
			v[ISCEDNarrow] = append(v[ISCEDNarrow], digits[:3])
		}
	}
	for _, o := range c.Outcomes {
		v[ESCO] = append(v[ESCO], o.ESCO...)
		v[Skill] = append(v[Skill], o.Skills...)
	}
	for _, o := range c.Offerings {
		v[LocationCountry] = append(v[LocationCountry], o.Countries...)
	}
	return v
}

// DefaultLicence is that of a record that states none.
const DefaultLicence = "CC BY-NC 4.0"

// LicenceOf is the record's own licence, else the default.
func LicenceOf(record federation.Record) string {
	if record.Licence != "" {
		return record.Licence
	}
	return DefaultLicence
}

// ConceptID is the last part of a concept's IRI.
func ConceptID(iri string) string { return iri[strings.LastIndexAny(iri, "/#")+1:] }

func ids(iris []string) []string {
	out := make([]string, len(iris))
	for i, iri := range iris {
		out[i] = ConceptID(iri)
	}
	return out
}

// stated is the country that the graph gives for the provider.
func stated(provider string, c elm.Course) string {
	iri := federation.ProviderIRI(provider)
	if o, ok := c.Organisations[iri]; ok {
		return o.Country
	}
	return ""
}

// runIDs denote an offering: its IRI and its codes.
func runIDs(o elm.Offering) []string {
	var out []string
	if !strings.HasPrefix(o.IRI, "_:") {
		out = append(out, o.IRI)
	}
	for _, id := range o.Identifiers {
		out = append(out, id.Notation)
	}
	return out
}

func offering(o elm.Offering) Offering {
	out := Offering{
		Start: ParseDay(o.Start), Countries: o.Countries, OpenToNonEnrolled: o.OpenToNonEnrolled, Language: o.Language,
		Modes: ids(o.Modes), Providers: institutions(o.Providers, nil), PlacesLeft: PlacesUnknown,
	}
	if o.Capacity != nil && o.Enrolled != nil {
		out.PlacesLeft = int32(max(0, *o.Capacity-*o.Enrolled))
	}
	for _, deadline := range o.Deadlines {
		out.ApplyBy = max(out.ApplyBy, ParseDay(deadline))
	}
	return out
}
