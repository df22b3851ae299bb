package ooapi

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func putPlaces(m *mapper, v any) { m.places(m.IRI, v) }

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
	if _, known := vocabulary.Country(a.Text("countryCode")); !known && !slices.ContainsFunc([]string{"city", "street", "streetNumber", "postalCode"}, a.Has) {
		return
	}
	m.Locate(node, source.Location{
		Key: source.Compact(a), Name: a.Text("city"), Country: a.Text("countryCode"),
		Street: strings.TrimSpace(a.Text("street") + " " + a.Text("streetNumber")), PostalCode: a.Text("postalCode"), Locality: a.Text("city"),
		Geo: a.Get("geolocation"), Description: source.TextsOf(a.Get("additional")),
	})
}
