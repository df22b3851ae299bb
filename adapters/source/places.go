package source

import (
	"regexp"
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
	g.Value(s, vocabulary.Location, vocabulary.ClassLocation, l.Key, func(n rdf.Blank) {
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
	g.Value(location, vocabulary.AddressOf, vocabulary.ClassAddress, country+"\x00"+full, func(n rdf.Blank) {
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

var domain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)

// Domain reads a SCHAC code, which is a domain: in lower case, without the last dot.
func Domain(s string) (string, bool) {
	s = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), ".")
	return s, domain.MatchString(s)
}

// Institution is what a standard says of a university.
type Institution struct {
	ID     string // in the source; a UUID becomes its IRI
	Schac  string // domain
	Names  []Text
	Short  []Text
	Page   string
	Logo   string
	Places func(rdf.Subject) // hangs its places on it
}

// Institution points from s to the institution and describes it once per graph.
func (g *Graph) Institution(s rdf.Subject, property string, i Institution) {
	iri := "https://" + i.Schac + "/"
	if urn, ok := UUID(i.ID); ok {
		iri = urn
	}
	node, err := rdf.NewIRI(iri)
	if err != nil {
		return
	}
	g.Add(s, property, node)
	if g.described[iri] {
		return
	}
	g.describe(iri)
	g.Link(node, rdf.Type, vocabulary.ClassInstitution)
	g.Texts(node, vocabulary.LegalName, i.Names)
	g.Texts(node, vocabulary.AltLabel, i.Short)
	if u, ok := WebURL(i.Page); ok {
		g.Page(node, u)
	}
	if u, ok := WebURL(i.Logo); ok {
		g.Picture(node, vocabulary.Logo, u)
	}
	g.Value(node, vocabulary.Identifier, vocabulary.ClassSchacIdentifier, i.Schac, func(n rdf.Blank) {
		g.Link(n, vocabulary.SchemeID, vocabulary.SchemeSchac)
		g.Add(n, vocabulary.Notation, rdf.String(i.Schac))
	})
	if i.Places != nil {
		i.Places(node)
	}
}
