package source

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

const wktLiteral = "http://www.opengis.net/ont/geosparql#wktLiteral"

// Location is a place; a zero field is not known.
type Location struct {
	Key                                string // what tells it from others
	Name, Street, PostalCode, Locality string
	Country                            string // code
	Geo                                any    // object with latitude and longitude
	Description                        []Text
}

// Locate hangs a location on s, when there is anything to say of it.
func (g *Graph) Locate(s rdf.Subject, l Location) {
	country, hasCountry := vocabulary.Country(l.Country)
	full := l.oneLine()
	point, hasPoint := geometry(l.Geo)
	if !hasCountry && l.Name == "" && full == "" && len(l.Description) == 0 && !hasPoint {
		return
	}
	g.Value(s, vocabulary.Location, vocabulary.ClassLocation, l.Key, func(n rdf.Resource) {
		if l.Name != "" {
			g.Add(n, vocabulary.GeographicName, rdf.String(l.Name))
		}
		if hasPoint {
			g.Add(n, vocabulary.Geometry, rdf.Typed(point, wktLiteral))
		}
		g.Texts(n, vocabulary.Description, l.Description)
		if hasCountry || full != "" {
			g.address(n, country, full)
		}
	})
}

func (g *Graph) address(location rdf.Subject, country, full string) {
	g.Value(location, vocabulary.AddressOf, vocabulary.ClassAddress, country+"\x00"+full, func(n rdf.Resource) {
		if country != "" {
			g.Link(n, vocabulary.CountryOf, country)
		}
		if full != "" {
			g.Note(n, vocabulary.FullAddress, "", OneText(Undetermined, full))
		}
	})
}

// oneLine is the address as it is written on the continent.
func (l Location) oneLine() string {
	town := strings.TrimSpace(l.PostalCode + " " + l.Locality)
	switch {
	case l.Street == "":
		return town
	case town == "":
		return l.Street
	}
	return l.Street + ", " + town
}

func geometry(v any) (string, bool) {
	entries := Objects(v)
	if len(entries) == 0 {
		return "", false
	}
	lat, y, okLat := Decimal(entries[0].Text("latitude"))
	long, x, okLong := Decimal(entries[0].Text("longitude"))
	if !okLat || !okLong || y < -90 || y > 90 || x < -180 || x > 180 || (x == 0 && y == 0) {
		return "", false
	}
	return "POINT(" + long + " " + lat + ")", true
}

// Domain reads a SCHAC code, which is a domain: in lower case, without the last dot.
func Domain(s string) (string, bool) {
	s = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), ".")
	top := s[strings.LastIndexByte(s, '.')+1:]
	if top == s || len(top) < 2 || strings.Trim(top, letters) != "" {
		return s, false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(label, letters+"0123456789-") != "" {
			return s, false
		}
	}
	return s, true
}

const letters = "abcdefghijklmnopqrstuvwxyz"

// Institution is what a standard says of a university.
type Institution struct {
	Names, Short []Text
	Page, Logo   string
}

// Institution points from s to the institution, by its id in the source when that is a UUID, else by its domain schac. It
// is described once per graph; describe may hang more on its node.
func (g *Graph) Institution(s rdf.Subject, property, id, schac string, describe func(node rdf.Subject) Institution) {
	iri := "https://" + schac + "/"
	if urn, ok := UUID(id); ok {
		iri = urn
	}
	checked, err := rdf.NewIRI(iri)
	if err != nil {
		return
	}
	node := rdf.Resource(checked)
	g.Add(s, property, node)
	if g.described[iri] {
		return
	}
	g.described[iri] = true
	g.Link(node, rdf.Type, vocabulary.ClassInstitution)
	i := describe(node)
	g.Texts(node, vocabulary.LegalName, i.Names)
	g.Texts(node, vocabulary.AltLabel, i.Short)
	if u, ok := WebURL(i.Page); ok {
		g.Page(node, u)
	}
	if u, ok := WebURL(i.Logo); ok {
		g.Picture(node, vocabulary.Logo, u)
	}
	g.Value(node, vocabulary.Identifier, vocabulary.ClassSchacIdentifier, schac, func(n rdf.Resource) {
		g.Link(n, vocabulary.SchemeID, vocabulary.SchemeSchac)
		g.Add(n, vocabulary.Notation, rdf.String(schac))
	})
}
