package ooapi

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func putPlaces(m *mapper, v any) {
	for _, a := range teachingAddresses(m.Objects("addresses", v)) {
		m.location(m.IRI, a)
	}
}

func (m *mapper) places(node rdf.Subject, v any) {
	for _, a := range teachingAddresses(source.Objects(v)) {
		m.location(node, a)
	}
}

// teachingAddresses are those where people go; letters and invoices go elsewhere.
func teachingAddresses(all []source.Object) []source.Object {
	var visited, others []source.Object
	for _, a := range all {
		switch source.Spelling(a.Text("addressType")) {
		case "teaching", "visit":
			visited = append(visited, a)
		case "billing", "deliveries", "invoicing":
		default:
			others = append(others, a)
		}
	}
	if len(visited) > 0 {
		return visited
	}
	return others
}

func (m *mapper) location(node rdf.Subject, a source.Object) {
	code, country := first(a, "postalCode", "postCode"), countryOf(a)
	if _, known := vocabulary.Country(country); !known && code == "" && !slices.ContainsFunc([]string{"city", "street", "streetNumber"}, a.Has) {
		return
	}
	m.Locate(node, source.Location{
		Key: source.Compact(a), Name: a.Text("city"), Country: country,
		Street: strings.TrimSpace(a.Text("street") + " " + a.Text("streetNumber")), PostalCode: code, Locality: a.Text("city"),
		Geo: a.Get("geolocation"), Description: source.TextsOf(a.Get("additional")),
	})
}

// countryOf reads a code, or the object of codes that version 6 has.
func countryOf(a source.Object) string {
	if codes := source.Objects(a.Get("countryCode")); len(codes) > 0 {
		return first(codes[0], "iso3166-1-alpha2", "iso3166-1-alpha3")
	}
	return a.Text("countryCode")
}

// first is the text of the first of the fields that has one.
func first(o source.Object, fields ...string) string {
	for _, f := range fields {
		if s := o.Text(f); s != "" {
			return s
		}
	}
	return ""
}
