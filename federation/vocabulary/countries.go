package vocabulary

import "strings"

// countryAliases are codes that the European institutions or older software write.
var countryAliases = map[string]string{
	"EL": "GRC", "UK": "GBR", "XKX": "1A0", "XKK": "1A0", "ATF": "FQ0",
}

// Country turns an ISO 3166-1 code (alpha-2 or alpha-3), one of EL, UK and XK, or an IRI of the EU
// country authority into the authority's IRI. In an IRI an unknown three-character code is kept.
func Country(code string) (iri string, ok bool) {
	code = strings.TrimSpace(code)
	rest, isIRI := strings.CutPrefix(secureless(code), BaseCountry)
	if !isIRI {
		rest = code
	}
	rest = strings.ToUpper(rest)
	if id, known := load().country[rest]; known {
		return BaseCountry + id, true
	}
	if isIRI && len(rest) == 3 && isAlpha(rest) {
		return BaseCountry + rest, true
	}
	return "", false
}

// CountryCode is the ISO 3166-1 alpha-2 code of a country concept (XK for Kosovo), "" when there is none.
func CountryCode(iri string) string {
	iri, _ = Country(iri)
	return load().alpha2[strings.TrimPrefix(iri, BaseCountry)]
}

// CountryLabel is the English name of a country given by code or IRI; "" when unknown.
func CountryLabel(codeOrIRI string) string {
	iri, _ := Country(codeOrIRI)
	return load().byIRI[iri].Label
}
