package vocabulary

import (
	"embed"
	"fmt"
	"strings"
	"sync"
)

// The embedded lists have one concept a line, tab-separated, in bytewise order:
//
//	concepts.tsv   vocabulary, id, label
//	isced-f.tsv    code, label
//	languages.tsv  id (ISO 639-2/T, upper-case), label, ISO 639-1, ISO 639-2/B where it differs
//	countries.tsv  id (ISO 3166-1 alpha-3 or an EU code), label, ISO 3166-1 alpha-2
//
//go:embed data/*.tsv
var files embed.FS

// tables are the embedded lists, indexed. They are read once and never change.
type tables struct {
	lists   map[string][]Concept // by vocabulary name, sorted by id
	byIRI   map[string]Concept
	lang    map[string]string // lower-case code of any ISO 639 part to concept id
	lang1   map[string]string // concept id to ISO 639-1
	country map[string]string // upper-case alpha-2 or alpha-3 to concept id
	alpha2  map[string]string // concept id to alpha-2
}

var load = sync.OnceValue(func() *tables {
	t := &tables{
		lists: map[string][]Concept{}, byIRI: map[string]Concept{},
		lang: map[string]string{}, lang1: map[string]string{},
		country: map[string]string{}, alpha2: map[string]string{},
	}
	for row := range rows("concepts", 3) {
		t.add(row[0], row[1], row[2])
	}
	for row := range rows("isced-f", 2) {
		t.add(ISCEDFields, row[0], row[1])
	}
	for row := range rows("languages", 4) {
		t.addLanguage(row)
	}
	for row := range rows("countries", 3) {
		t.addCountry(row)
	}
	for code, id := range withdrawnLanguages {
		t.lang[code] = id
	}
	for code, id := range countryAliases {
		t.country[code] = id
	}
	return t
})

func (t *tables) add(name, id, label string) {
	v, ok := vocabularies[name]
	if !ok {
		panic("vocabulary: no vocabulary is called " + name)
	}
	c := Concept{Vocabulary: name, Scheme: v.scheme, ID: id, IRI: v.base + id, Label: label}
	t.lists[name] = append(t.lists[name], c)
	t.byIRI[c.IRI] = c
}

func (t *tables) addLanguage(row []string) {
	id := row[0]
	t.add(Languages, id, row[1])
	t.lang[strings.ToLower(id)] = id
	if row[2] != "" {
		t.lang[row[2]], t.lang1[id] = id, row[2]
	}
	if row[3] != "" {
		t.lang[row[3]] = id
	}
}

func (t *tables) addCountry(row []string) {
	id := row[0]
	t.add(Countries, id, row[1])
	t.country[id] = id
	if row[2] != "" {
		t.country[row[2]], t.alpha2[id] = id, row[2]
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
