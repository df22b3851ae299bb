package rdf

import "strings"

// prefix is a short name for a namespace in encoded documents.
type prefix struct{ name, namespace string }

// prefixes of this domain, in the order in which documents declare them.
var prefixes = []prefix{
	{"adms", "http://www.w3.org/ns/adms#"},
	{"dcat", "http://www.w3.org/ns/dcat#"},
	{"dcterms", "http://purl.org/dc/terms/"},
	{"elm", "http://data.europa.eu/snb/model/elm/"},
	{"euvoc", "http://publications.europa.eu/ontology/euvoc#"},
	{"foaf", "http://xmlns.com/foaf/0.1/"},
	{"locn", "http://www.w3.org/ns/locn#"},
	{"org", "http://www.w3.org/ns/org#"},
	{"owl", "http://www.w3.org/2002/07/owl#"},
	{"ql", "http://data.quality-link.eu/ontology/v1#"},
	{"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
	{"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
	{"rov", "http://www.w3.org/ns/regorg#"},
	{"skos", "http://www.w3.org/2004/02/skos/core#"},
	{"xsd", "http://www.w3.org/2001/XMLSchema#"},
}

// names shortens IRIs and remembers which prefixes it used.
type names struct {
	allowed [32]bool
	used    [32]bool
}

func newNames() *names {
	n := &names{}
	for i := range prefixes {
		n.allowed[i] = true
	}
	return n
}

// forbid drops prefixes that some IRI has as its scheme: JSON-LD would expand that IRI.
func (n *names) forbid(iri string) {
	scheme, _, _ := strings.Cut(iri, ":")
	for i, p := range prefixes {
		if p.name == scheme {
			n.allowed[i] = false
		}
	}
}

// short returns prefix:local, or "" when the IRI has to be written in full.
func (n *names) short(iri string) string {
	for i, p := range prefixes {
		local, ok := strings.CutPrefix(iri, p.namespace)
		if ok && n.allowed[i] && plainLocal(local) {
			n.used[i] = true
			return p.name + ":" + local
		}
	}
	return ""
}

// plainLocal admits a safe part of PN_LOCAL.
func plainLocal(local string) bool {
	for i := range len(local) {
		c := local[i]
		if !isLetter(c) && !isDigit(c) && c != '_' && (c != '-' || i == 0) {
			return false
		}
	}
	return local != ""
}

// ShortName writes an IRI for people: prefix:local where its namespace has a prefix here, else in angle brackets.
func ShortName(iri string) string {
	if short := newNames().short(iri); short != "" {
		return short
	}
	return "<" + iri + ">"
}
