package source

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Text is one text; Lang is the lower-case tag, "" when the source gives none that is usable.
type Text struct{ Lang, Value string }

// OneText is a single text.
func OneText(lang, value string) []Text { return []Text{{lang, value}} }

// Undetermined is the tag of a text in no stated language (BCP 47, ISO 639-2).
const Undetermined = "und"

// Untagged reads a field that has no language in its standard, such as a name of a street or of a group. ELM wants a
// tag all the same.
func Untagged(v any) []Text {
	texts := TextsOf(v)
	for i := range texts {
		texts[i].Lang = cmp.Or(texts[i].Lang, Undetermined)
	}
	return texts
}

// TextsOf reads texts with languages as the standards write them, each in one object. Also
// read: a single object, plain strings, and a map from tag to text. Blanks are dropped; of several texts
// with one tag the first stays.
func TextsOf(v any) []Text {
	if s := Scalar(v); s != "" {
		return []Text{{"", s}}
	}
	entries := List(v)
	out := make([]Text, 0, len(entries))
	for _, e := range entries {
		switch t := e.(type) {
		case Object:
			out = addTexts(out, t)
		default:
			out = append(out, Text{"", Scalar(t)})
		}
	}
	return FirstPerLanguage(out)
}

// Names that standards give to the two halves of a text.
var (
	valueFields    = []string{"value", "string", "multiline", "uri"}
	languageFields = []string{"language", "recordLanguage", "lang"}
)

// addTexts adds the texts of one object.
func addTexts(out []Text, o Object) []Text {
	lang, stated := o.firstOf(languageFields)
	if value, ok := o.firstOf(valueFields); ok {
		return append(out, Text{Tag(lang), value})
	}
	if stated {
		return out
	}
	for _, f := range o {
		if t := Tag(f.Name); t != "" {
			out = append(out, Text{t, Scalar(f.Value)})
		}
	}
	return out
}

func (o Object) firstOf(fields []string) (string, bool) {
	for _, f := range fields {
		if o.Has(f) {
			return o.Text(f), true
		}
	}
	return "", false
}

// FirstPerLanguage leaves out blanks and all but the first text of a language.
func FirstPerLanguage(in []Text) []Text {
	switch {
	case len(in) == 1 && in[0].Value != "":
		return in // most texts are in one language
	case len(in) > few:
		return firstOfMany(in)
	}
	var out []Text
	for _, t := range in {
		spoken := slices.ContainsFunc(out, func(other Text) bool { return other.Lang == t.Lang })
		if t.Value != "" && !spoken {
			out = append(out, t)
		}
	}
	return out
}

func firstOfMany(in []Text) []Text {
	seen := make(map[string]bool, len(in))
	var out []Text
	for _, t := range in {
		if t.Value == "" || seen[t.Lang] {
			continue
		}
		seen[t.Lang] = true
		out = append(out, t)
	}
	return out
}

// Tag makes a language tag of what servers send ("en_GB", " NL ", "eng", "English"); "" when it cannot be one. A tag has
// two letters where the language has such a code (BCP 47).
func Tag(s string) string {
	t := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"))
	if c, named := vocabulary.ByLabel(vocabulary.Languages, t); named && len(t) > 3 {
		t = vocabulary.LanguageCode(c.IRI)
	}
	if primary, _, _ := strings.Cut(t, "-"); len(primary) == 3 {
		if code := vocabulary.LanguageCode(primary); len(code) == 2 {
			t = code + strings.TrimPrefix(t, primary)
		}
	}
	if _, err := rdf.Lang("x", t); err != nil {
		return ""
	}
	return t
}

// Literal is the text as it goes into a graph.
func (t Text) Literal() rdf.Literal {
	if t.Lang != "" {
		if l, err := rdf.Lang(t.Value, t.Lang); err == nil {
			return l
		}
	}
	return rdf.String(t.Value)
}

// Without leaves out the texts that others have word for word in the same language.
func Without(texts, others []Text) []Text {
	said := func(string) []Text { return others }
	if len(texts) > few && len(others) > few {
		said = byLanguage(others)
	}
	var out []Text
	for _, t := range texts {
		if !contains(said(t.Lang), t) {
			out = append(out, t)
		}
	}
	return out
}

func byLanguage(texts []Text) func(lang string) []Text {
	spoken := make(map[string][]Text, len(texts))
	for _, t := range texts {
		spoken[t.Lang] = append(spoken[t.Lang], t)
	}
	return func(lang string) []Text { return spoken[lang] }
}

func contains(texts []Text, wanted Text) bool {
	for _, t := range texts {
		if t.Lang == wanted.Lang && strings.EqualFold(t.Value, wanted.Value) {
			return true
		}
	}
	return false
}

const headlineRunes = 100

// Headline is the first line of a text, cut at a word where it is too long for a heading.
func Headline(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	s = strings.TrimSpace(s)
	runes := []rune(s)
	if len(runes) <= headlineRunes {
		return s
	}
	cut := string(runes[:headlineRunes])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + "…"
}
