package course

import (
	"maps"
	"slices"
	"strings"
)

// Choose returns the text in the first of the languages that it has, else in English, without a tag,
// or in the first tag; and the tag of what it returns, "" for none.
func Choose(t Text, languages ...string) (value, tag string) {
	for _, want := range append(slices.Clone(languages), "en", "und") {
		for _, have := range slices.Sorted(maps.Keys(t)) {
			if have == want || strings.HasPrefix(have, want+"-") {
				return t[have], tagOf(have)
			}
		}
	}
	for _, have := range slices.Sorted(maps.Keys(t)) {
		return t[have], tagOf(have)
	}
	return "", ""
}

func tagOf(key string) string {
	if key == "und" {
		return ""
	}
	return key
}

// Pick is Choose without the tag.
func Pick(t Text, languages ...string) string {
	value, _ := Choose(t, languages...)
	return value
}
