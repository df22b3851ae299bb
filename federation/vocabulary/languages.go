package vocabulary

import (
	"strings"

	"golang.org/x/text/language"
)

// withdrawnLanguages are ISO 639-1 codes that were withdrawn and are still sent.
var withdrawnLanguages = map[string]string{
	"in": "IND", "iw": "HEB", "ji": "YID", "jw": "JAV", "mo": "RON", "sh": "HBS",
}

// Language turns a BCP 47 tag, a code of ISO 639-1, 639-2/T, 639-2/B or 639-3, or an IRI of the EU
// language authority into the authority's IRI. Region and script are ignored. A three-letter code
// that the list lacks is accepted when ISO 639-3 has it; in an IRI any three letters are, since the
// authority grows.
func Language(tag string) (iri string, ok bool) {
	tag = strings.TrimSpace(tag)
	if rest, isIRI := strings.CutPrefix(secureless(tag), BaseLanguage); isIRI {
		return languageIRI(rest)
	}
	id, ok := languageID(tag)
	if !ok {
		return "", false
	}
	return BaseLanguage + id, true
}

// LanguageNamed is Language for what people type too: it knows languages by name, in any language that
// the list has labels in.
func LanguageNamed(text string) (iri string, ok bool) {
	if iri, ok = Language(text); ok {
		return iri, true
	}
	iri, ok = load().byLabel[Languages][fold(text)]
	return iri, ok
}

// languageIRI mends what stands after the authority's base.
func languageIRI(rest string) (string, bool) {
	if id, ok := languageID(rest); ok {
		return BaseLanguage + id, true
	}
	if len(rest) == 3 && isAlpha(rest) {
		return BaseLanguage + strings.ToUpper(rest), true
	}
	return "", false
}

func languageID(tag string) (string, bool) {
	code, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	code = strings.ToLower(code)
	if id, ok := load().lang[code]; ok {
		return id, true
	}
	if len(code) != 3 || !isAlpha(code) {
		return "", false
	}
	if _, err := language.ParseBase(code); err != nil {
		return "", false
	}
	return strings.ToUpper(code), true
}

// LanguageCode is the ISO 639-1 code of a language concept, else its id in lower case; "" for an
// IRI of no language.
func LanguageCode(iri string) string {
	iri, ok := Language(iri)
	if !ok {
		return ""
	}
	id := strings.TrimPrefix(iri, BaseLanguage)
	if code, ok := load().lang1[id]; ok {
		return code
	}
	return strings.ToLower(id)
}

// LanguageLabel is the English name of a language given by code or IRI; "" when unknown.
func LanguageLabel(codeOrIRI string) string {
	iri, _ := Language(codeOrIRI)
	return load().byIRI[iri].Label
}

func isAlpha(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}
