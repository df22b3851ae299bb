package ooapi

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

const wktLiteral = "http://www.opengis.net/ont/geosparql#wktLiteral"

func putPlaces(m *mapper, v any) { m.places(m.node, v) }

func (m *mapper) places(node rdf.Subject, v any) {
	for _, a := range teachingAddresses(objects(v)) {
		m.location(node, a)
	}
}

// teachingAddresses are those where people go; letters and invoices go elsewhere.
func teachingAddresses(all []object) []object {
	var visited, others []object
	for _, a := range all {
		switch spelling(a.text("addressType")) {
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

func (m *mapper) location(node rdf.Subject, a object) {
	country, hasCountry := vocabulary.Country(a.text("countryCode"))
	city, full := a.text("city"), fullAddress(a)
	if !hasCountry && city == "" && full == "" {
		return
	}
	m.value(node, vocabulary.Location, vocabulary.ClassLocation, compact(a), func(n rdf.Blank) {
		if city != "" {
			m.add(n, vocabulary.GeographicName, rdf.String(city))
		}
		if point, ok := geometry(a.get("geolocation")); ok {
			m.add(n, vocabulary.Geometry, rdf.Typed(point, wktLiteral))
		}
		m.texts(n, vocabulary.Description, textsOf(a.get("additional")))
		if hasCountry || full != "" {
			m.address(n, country, full)
		}
	})
}

func (m *mapper) address(location rdf.Subject, country, full string) {
	m.value(location, vocabulary.AddressOf, vocabulary.ClassAddress, country+"\x00"+full, func(n rdf.Blank) {
		if country != "" {
			m.link(n, vocabulary.CountryOf, country)
		}
		if full != "" {
			m.note(n, vocabulary.FullAddress, "", []text{{"", full}})
		}
	})
}

// fullAddress is the address on one line, as it is written on the continent.
func fullAddress(a object) string {
	street := strings.TrimSpace(a.text("street") + " " + a.text("streetNumber"))
	town := strings.TrimSpace(a.text("postalCode") + " " + a.text("city"))
	switch {
	case street == "":
		return town
	case town == "":
		return street
	}
	return street + ", " + town
}

func geometry(v any) (string, bool) {
	entries := objects(v)
	if len(entries) == 0 {
		return "", false
	}
	lat, y, okLat := decimal(entries[0].text("latitude"))
	long, x, okLong := decimal(entries[0].text("longitude"))
	if !okLat || !okLong || y < -90 || y > 90 || x < -180 || x > 180 || (x == 0 && y == 0) {
		return "", false
	}
	return "POINT(" + long + " " + lat + ")", true
}
