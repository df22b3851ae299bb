package source

import "slices"

// OutcomesOf reads learningOutcomes: a list of outcomes, each a list of translations. A flat list is
// one outcome when its entries are in different languages, else each entry is an outcome of its own.
func OutcomesOf(v any) [][]Text {
	entries, ok := v.([]any)
	if !ok {
		entries = List(v)
	}
	var out [][]Text
	var flat []Text
	nested := false
	for _, e := range entries {
		if inner, ok := e.([]any); ok {
			nested = true
			out = appendTexts(out, TextsOf(inner))
			continue
		}
		flat = append(flat, outcomeEntry(e)...)
	}
	if !nested && translations(flat) {
		return appendTexts(out, flat)
	}
	for _, t := range flat {
		out = append(out, []Text{t})
	}
	return out
}

// translations reports whether the texts are all in different, stated languages.
func translations(texts []Text) bool {
	return len(FirstPerLanguage(texts)) == len(texts) && !slices.ContainsFunc(texts, func(t Text) bool { return t.Lang == "" })
}

func outcomeEntry(e any) []Text {
	if o, ok := e.(Object); ok && o.Has("name") {
		return TextsOf(o.Get("name"))
	}
	return TextsOf(e)
}

func appendTexts(out [][]Text, texts []Text) [][]Text {
	if len(texts) == 0 {
		return out
	}
	return append(out, texts)
}
