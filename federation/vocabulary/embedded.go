package vocabulary

import (
	"embed"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// The embedded lists have one concept a line, tab-separated, in bytewise order:
//
//	concepts.tsv   vocabulary, id, English label
//	labels.tsv     vocabulary, id, German and French label
//	isced-f.tsv    code, English label
//	languages.tsv  id (ISO 639-2/T, upper-case), English label, ISO 639-1, ISO 639-2/B where it differs
//	countries.tsv  id (ISO 3166-1 alpha-3 or an EU code), English label, ISO 3166-1 alpha-2
//
// German and French names of languages and countries are those of the Unicode CLDR.
//
//go:embed data/*.tsv
var files embed.FS

// embedded are the lists of the program. They are read once and never change.
var embedded = sync.OnceValue(func() Overlay {
	e := Overlay{}
	for row := range rows("concepts", 3) {
		e.add(row[0], Entry{ID: row[1], Labels: labels{"en": row[2]}})
	}
	for row := range rows("isced-f", 2) {
		e.add(ISCEDFields, Entry{ID: row[0], Labels: labels{"en": row[1]}})
	}
	for row := range rows("languages", 4) {
		e.add(Languages, Entry{ID: row[0], Labels: languageNames(row[0], row[1]), Codes: given(row[2], row[3])})
	}
	for row := range rows("countries", 3) {
		e.add(Countries, Entry{ID: row[0], Labels: countryNames(row[2], row[1]), Codes: given(row[2])})
	}
	translations := Overlay{}
	for row := range rows("labels", 4) {
		translations.add(row[0], Entry{ID: row[1], Labels: labels{"de": row[2], "fr": row[3]}})
	}
	return e.With(translations)
})

func (o Overlay) add(name string, e Entry) {
	if _, ok := vocabularies[name]; !ok {
		panic("vocabulary: no vocabulary is called " + name)
	}
	list := o[name]
	list.Entries = append(list.Entries, e)
	o[name] = list
}

// given leaves out empty codes.
func given(codes ...string) []string {
	var out []string
	for _, c := range codes {
		if c != "" {
			out = append(out, c)
		}
	}
	return out
}

// dictionaries are the languages in which names of languages and countries are embedded beside English.
var dictionaries = map[string]*display.Dictionary{"de": display.German, "fr": display.French}

func languageNames(id, english string) labels {
	out := labels{"en": english}
	if base, err := language.ParseBase(strings.ToLower(id)); err == nil {
		for tag, d := range dictionaries {
			out.set(tag, d.Languages().Name(base))
		}
	}
	return out
}

// usualName is a language's English name in the CLDR; "" when that has none.
func usualName(id string) string {
	base, err := language.ParseBase(strings.ToLower(id))
	if err != nil {
		return ""
	}
	return display.English.Languages().Name(base)
}

func countryNames(alpha2, english string) labels {
	out := labels{"en": english}
	if region, err := language.ParseRegion(alpha2); err == nil && alpha2 != "" {
		for tag, d := range dictionaries {
			out.set(tag, d.Regions().Name(region))
		}
	}
	return out
}

func (l labels) set(tag, label string) {
	if label != "" {
		l[tag] = label
	}
}

// rows yields the lines of an embedded list. A malformed list is a mistake in the program.
func rows(name string, columns int) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		text, err := files.ReadFile("data/" + name + ".tsv")
		if err != nil {
			panic(err)
		}
		for line := range strings.Lines(string(text)) {
			row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			if len(row) != columns {
				panic(fmt.Sprintf("vocabulary: %s.tsv: %q has not %d columns", name, line, columns))
			}
			if !yield(row) {
				return
			}
		}
	}
}
