package vocabulary

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// tables are vocabularies, indexed. They never change; Use puts others in their place.
type tables struct {
	lists   map[string][]Concept // by vocabulary name, sorted by id
	byIRI   map[string]Concept
	byFold  map[string]string            // lower-case IRI to IRI
	byLabel map[string]map[string]string // vocabulary name, folded label to IRI
	lang    map[string]string            // lower-case code or name of a language to concept id
	lang1   map[string]string            // concept id to ISO 639-1
	country map[string]string            // upper-case alpha-2 or alpha-3 to concept id
	alpha2  map[string]string            // concept id to alpha-2
}

var current atomic.Pointer[tables]

// load gives the tables in force.
func load() *tables {
	if t := current.Load(); t != nil {
		return t
	}
	current.CompareAndSwap(nil, index(embedded()))
	return current.Load()
}

// Use lays an overlay over the embedded lists, in place of the one before; an empty one takes it away.
// It holds for the whole process, from the next lookup on.
func Use(o Overlay) error {
	if err := o.Check(); err != nil {
		return err
	}
	current.Store(index(embedded().With(o)))
	return nil
}

func index(lists Overlay) *tables {
	t := &tables{
		lists: map[string][]Concept{}, byIRI: map[string]Concept{}, byFold: map[string]string{}, byLabel: map[string]map[string]string{},
		lang: map[string]string{}, lang1: map[string]string{},
		country: map[string]string{}, alpha2: map[string]string{},
	}
	for name, list := range lists {
		t.byLabel[name] = map[string]string{}
		entries := slices.SortedFunc(slices.Values(list.Entries), func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
		for _, e := range entries {
			t.add(name, e)
		}
		t.nameAll(name)
	}
	t.languageCodes(lists[Languages].Entries)
	t.countryCodes(lists[Countries].Entries)
	return t
}

func (t *tables) add(name string, e Entry) {
	v, names := vocabularies[name], labels(e.Labels)
	c := Concept{Vocabulary: name, Scheme: v.scheme, ID: e.ID, IRI: v.base + e.ID, Label: names["en"], labels: &names}
	if c.Label == "" {
		c.Label = names[slices.Min(slices.Collect(maps.Keys(names)))]
	}
	t.lists[name] = append(t.lists[name], c)
	t.byIRI[c.IRI] = c
	t.byFold[strings.ToLower(c.IRI)] = c.IRI
}

// nameAll makes the concepts of a vocabulary known by their labels, the English ones first.
func (t *tables) nameAll(name string) {
	byLabel := t.byLabel[name]
	for _, c := range t.lists[name] {
		claim(byLabel, fold(c.Label), c.IRI)
	}
	for _, c := range t.lists[name] {
		for _, tag := range slices.Sorted(maps.Keys(*c.labels)) {
			claim(byLabel, fold((*c.labels)[tag]), c.IRI)
		}
	}
}

// claim gives a key to whoever comes first.
func claim(m map[string]string, key, value string) {
	if _, taken := m[key]; !taken && key != "" {
		m[key] = value
	}
}

// languageCodes enters what Language reads. An entry's own id goes before what others say, and lists
// keep their order: what is embedded comes before what an overlay adds.
func (t *tables) languageCodes(entries []Entry) {
	for _, e := range entries {
		t.lang[strings.ToLower(e.ID)] = e.ID
	}
	for _, e := range entries {
		for _, code := range e.Codes {
			code = strings.ToLower(code)
			claim(t.lang, code, e.ID)
			if len(code) == 2 && t.lang[code] == e.ID {
				claim(t.lang1, e.ID, code)
			}
		}
	}
	for code, id := range withdrawnLanguages {
		claim(t.lang, code, id)
	}
	t.shortNames(entries)
}

// shortNames makes languages known by their usual English name and by the parts of labels such as "Dutch;
// Flemish" and "Greek, Modern (1453-)". Living languages share such a name with their ancestors: those with an ISO 639-1 code win.
func (t *tables) shortNames(entries []Entry) {
	for _, common := range []bool{true, false} {
		for _, e := range entries {
			if (t.lang1[e.ID] != "") != common {
				continue
			}
			claim(t.byLabel[Languages], fold(usualName(e.ID)), BaseLanguage+e.ID)
			for _, tag := range slices.Sorted(maps.Keys(e.Labels)) {
				for part := range strings.SplitSeq(e.Labels[tag], ";") {
					name, _, _ := strings.Cut(part, "(")
					name, _, _ = strings.Cut(name, ",")
					claim(t.byLabel[Languages], fold(name), BaseLanguage+e.ID)
				}
			}
		}
	}
}

func (t *tables) countryCodes(entries []Entry) {
	for _, e := range entries {
		t.country[strings.ToUpper(e.ID)] = e.ID
	}
	for _, e := range entries {
		for _, code := range e.Codes {
			code = strings.ToUpper(code)
			claim(t.country, code, e.ID)
			if len(code) == 2 && t.country[code] == e.ID {
				claim(t.alpha2, e.ID, code)
			}
		}
	}
	for code, id := range countryAliases {
		claim(t.country, code, id)
	}
}
