package vocabulary

import "strings"

// EQF is the level, 1 to 8, of an EQF concept IRI.
func EQF(iri string) (level int, ok bool) {
	id, ok := ID(EQFLevels, iri)
	if !ok {
		return 0, false
	}
	level = levelIn(id)
	return level, level > 0
}

// EQFIRI is the concept IRI of an EQF level; "" outside 1 to 8.
func EQFIRI(level int) string {
	if level < 1 || level > 8 {
		return ""
	}
	return BaseEQF + string(rune('0'+level))
}

// levelIn is the level in "6", "06", "Level 6" or "EQF 6"; 0 when there is none.
func levelIn(text string) int {
	text = strings.ToLower(text)
	for _, prefix := range []string{"eqf", "level", ":", "0"} {
		text = strings.TrimSpace(strings.TrimPrefix(text, prefix))
	}
	if len(text) != 1 || text[0] < '1' || text[0] > '8' {
		return 0
	}
	return int(text[0] - '0')
}

// IsNQF reports whether an IRI is that of a level in a national qualifications framework.
func IsNQF(iri string) bool {
	_, ok := ID(NQFLevels, iri)
	return ok
}

// Currency is the concept IRI of an ISO 4217 code in any letter case, known or not.
func Currency(code string) (iri string, ok bool) {
	code = strings.ToUpper(strings.TrimSpace(code))
	if len(code) != 3 || !isAlpha(code) {
		return "", false
	}
	return BaseCurrency + code, true
}

// CurrencyCode is the ISO 4217 code of a currency concept; "" for any other IRI.
func CurrencyCode(iri string) string {
	id, _ := ID(Currencies, iri)
	return strings.ToUpper(id)
}
