package vocabulary

import (
	"net/url"
	"strings"
)

// Repair mends known defects of concept IRIs of the European vocabularies and returns every other
// IRI unchanged: https for http, a trailing slash, language and country concepts named by another
// code (.../language/GER, .../country/NL), ISCED-F codes without their leading zero or with
// national digits, ids in another letter case, portal links and queries on ESCO skills, upper-case UUIDs of those.
func Repair(iri string) string {
	if skill, ok := escoSkill(iri); ok {
		return skill
	}
	plain := strings.TrimRight(secureless(iri), "/")
	if !strings.HasPrefix(plain, baseSNB) && !strings.HasPrefix(plain, baseAuthority) {
		return iri
	}
	if _, known := load().byIRI[plain]; known {
		return plain
	}
	switch {
	case strings.HasPrefix(plain, BaseLanguage):
		return repaired(plain, func(s string) (string, bool) { return Language(s) })
	case strings.HasPrefix(plain, BaseCountry):
		return repaired(plain, Country)
	case strings.HasPrefix(plain, BaseISCEDF):
		return repairedField(plain)
	case strings.HasPrefix(plain, BaseCurrency):
		return BaseCurrency + strings.ToUpper(plain[len(BaseCurrency):])
	case strings.HasPrefix(plain, baseModel):
		return iri
	}
	if known, ok := load().byFold[strings.ToLower(plain)]; ok {
		return known
	}
	return plain
}

const (
	baseSNB       = "http://data.europa.eu/snb/"
	baseAuthority = "http://publications.europa.eu/resource/authority/"
	baseModel     = baseSNB + "model/" // classes and properties, not concepts
)

func repaired(iri string, by func(string) (string, bool)) string {
	if r, ok := by(iri); ok {
		return r
	}
	return iri
}

// repairedField mends only what can be told from the code: a broader field than the one stated is
// not what the source said, so an unknown code stays.
func repairedField(iri string) string {
	code := strings.TrimPrefix(iri, BaseISCEDF)
	digits, ok := ISCEDF(code)
	national := len(code) > 4 && strings.HasPrefix(code, digits) && len(digits) == 4
	if !ok || leadingDigits(code) != code || digits != "0"+code && !national {
		return iri
	}
	return BaseISCEDF + digits
}

// secureless turns https into http for IRIs of the two publishers of vocabularies.
func secureless(iri string) string {
	rest, ok := strings.CutPrefix(iri, "https://")
	if ok && (strings.HasPrefix(rest, "data.europa.eu/") || strings.HasPrefix(rest, "publications.europa.eu/")) {
		return "http://" + rest
	}
	return iri
}

// escoSkill finds the concept IRI in the spellings of links to an ESCO skill.
func escoSkill(iri string) (string, bool) {
	if strings.HasPrefix(iri, "https://esco.ec.europa.eu/") || strings.HasPrefix(iri, "http://esco.ec.europa.eu/") {
		iri = portalTarget(iri)
	}
	rest, ok := strings.CutPrefix(secureless(iri), BaseESCOSkill)
	if !ok {
		return "", false
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	id := strings.ToLower(strings.TrimRight(rest, "/"))
	return BaseESCOSkill + id, isUUID(id)
}

func portalTarget(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Query().Get("uri")
}

// IsESCOSkill reports whether an IRI, in any spelling that Repair mends, is that of an ESCO skill.
func IsESCOSkill(iri string) bool {
	_, ok := escoSkill(iri)
	return ok
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
