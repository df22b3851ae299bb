package ooapi

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// text is one text; lang is the lower-case tag, "" when the source gives none that is usable.
type text struct{ lang, value string }

// textsOf reads a LanguageTypedString list. Also read: a single object, plain strings, and a map
// from tag to text. Blanks are dropped; of several texts with one tag the first stays.
func textsOf(v any) []text {
	var out []text
	for _, e := range list(v) {
		switch t := e.(type) {
		case object:
			out = append(out, textsIn(t)...)
		default:
			out = append(out, text{"", scalar(t)})
		}
	}
	return firstPerLanguage(out)
}

func textsIn(o object) []text {
	if o.has("value") {
		return []text{{tag(o.text("language")), o.text("value")}}
	}
	if o.has("language") {
		return nil
	}
	var out []text
	for _, k := range sortedKeys(o) {
		if t := tag(k); t != "" {
			out = append(out, text{t, scalar(o[k])})
		}
	}
	return out
}

func firstPerLanguage(in []text) []text {
	seen := make(map[string]bool, len(in))
	var out []text
	for _, t := range in {
		if t.value == "" || seen[t.lang] {
			continue
		}
		seen[t.lang] = true
		out = append(out, t)
	}
	return out
}

// tag makes a language tag of what servers send ("en_GB", " NL "); "" when it cannot be one.
func tag(s string) string {
	t := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"))
	if _, err := rdf.Lang("x", t); err != nil {
		return ""
	}
	return t
}

func (t text) literal() rdf.Literal {
	if t.lang != "" {
		if l, err := rdf.Lang(t.value, t.lang); err == nil {
			return l
		}
	}
	return rdf.String(t.value)
}

// without leaves out the texts that others have word for word in the same language.
func without(texts, others []text) []text {
	var out []text
	for _, t := range texts {
		if !contains(others, t) {
			out = append(out, t)
		}
	}
	return out
}

func contains(texts []text, wanted text) bool {
	for _, t := range texts {
		if t.lang == wanted.lang && strings.EqualFold(t.value, wanted.value) {
			return true
		}
	}
	return false
}

// outcomesOf reads learningOutcomes: a list of outcomes, each a list of translations. A flat list is
// one outcome when its entries are in different languages, else each entry is an outcome of its own.
func outcomesOf(v any) [][]text {
	entries, ok := v.([]any)
	if !ok {
		entries = list(v)
	}
	var out [][]text
	var flat []text
	nested := false
	for _, e := range entries {
		if inner, ok := e.([]any); ok {
			nested = true
			out = appendTexts(out, textsOf(inner))
			continue
		}
		flat = append(flat, outcomeEntry(e)...)
	}
	if !nested && translations(flat) {
		return appendTexts(out, flat)
	}
	for _, t := range flat {
		out = append(out, []text{t})
	}
	return out
}

// translations reports whether the texts are all in different, stated languages.
func translations(texts []text) bool {
	return len(firstPerLanguage(texts)) == len(texts) && !slices.ContainsFunc(texts, func(t text) bool { return t.lang == "" })
}

func outcomeEntry(e any) []text {
	if o, ok := e.(object); ok && o.has("name") {
		return textsOf(o.get("name"))
	}
	return textsOf(e)
}

func appendTexts(out [][]text, texts []text) [][]text {
	if len(texts) == 0 {
		return out
	}
	return append(out, texts)
}
