package portal

import (
	"net/http"
	"net/url"
	"slices"
)

// facetTitles names the facets in the order of the page.
var facetTitles = []struct{ Name, Title string }{
	{"provider", "Institution"},
	{"alliance", "Alliance"},
	{"isced.broad", "Field"},
	{"eqf", "Level (EQF)"},
	{"language", "Language"},
	{"type", "Type"},
	{"mode", "Mode"},
	{"country", "Country"},
	{"standard", "Source standard"},
}

// unfaceted filters that the page keeps and shows as chips.
var otherFilters = map[string]string{
	"ects.gte": "ECTS from", "ects.lte": "ECTS to", "active": "Active", "start.gte": "Starts from", "apply_by.gte": "Apply by, from",
	"open_to_non_enrolled": "Open to all", "isced": "ISCED-F", "isced.narrow": "Narrow field", "location_country": "Place",
	"class": "Publisher", "esco": "Skill", "skill": "Skill", "licence": "Licence", "modified.gte": "Modified from",
	"identifier": "Identifier", "id": "Identifier",
}

var sorts = []Option{
	{"", "Best match, or by title"}, {"title", "Title"}, {"-modified", "Newest change"}, {"ects", "Fewest ECTS"}, {"-ects", "Most ECTS"},
}

// Option of a choice.
type Option struct{ Value, Label string }

// facet on the page.
type facet struct {
	Title  string
	Values []choice
	More   int // how many of Values are folded away
}

// choice is one value with the address that chooses it or takes it back.
type choice struct {
	Label  string
	Count  int
	Chosen bool
	URL    string
}

// cataloguePage is the body of the catalogue.
type cataloguePage struct {
	Results
	Query  string
	ECTS   [2]string
	Active bool
	Sort   string
	Sorts  []Option
	Chips  []choice
	Facets []facet
	Hidden []Option // filters that the search form carries along
	Next   string
	First  string // address of the first page, "" on it
	API    string
}

// Catalogue answers the search page.
func (p *Portal) Catalogue(w http.ResponseWriter, r *http.Request) {
	query := tidy(r.URL.Query())
	results, err := p.site.Search(r.Context(), query)
	if err != nil {
		p.Error(w, err)
		return
	}
	body := cataloguePage{
		Results: results, Query: query.Get("q"), ECTS: [2]string{query.Get("ects.gte"), query.Get("ects.lte")},
		Active: query.Get("active") == "true", Sort: query.Get("sort"), Sorts: sorts, Hidden: hidden(query),
		API: "/v1/courses?" + query.Encode(),
	}
	body.Facets, body.Chips = facets(query, results)
	if results.Next != "" {
		body.Next = with(query, "cursor", results.Next)
	}
	if query.Has("cursor") {
		body.First = without(query, "cursor", "")
	}
	title := "Courses"
	if body.Query != "" {
		title = body.Query + " – courses"
	}
	p.render(w, http.StatusOK, "catalogue", title, body)
}

// tidy drops the empty values that forms send.
func tidy(query url.Values) url.Values {
	for name, values := range query {
		values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
		if query[name] = values; len(values) == 0 {
			delete(query, name)
		}
	}
	return query
}

// facets makes the choices of the page and a chip for everything chosen.
func facets(query url.Values, results Results) (out []facet, chips []choice) {
	for _, f := range facetTitles {
		shown := facet{Title: f.Title}
		labels := map[string]string{}
		for _, v := range results.Facets[f.Name] {
			labels[v.Value] = v.Label
			c := choice{Label: v.Label, Count: v.Count, Chosen: slices.Contains(query[f.Name], v.Value), URL: with(query, f.Name, v.Value)}
			if c.Chosen {
				c.URL = without(query, f.Name, v.Value)
			}
			shown.Values = append(shown.Values, c)
		}
		slices.SortStableFunc(shown.Values, chosenFirst)
		shown.More = max(0, len(shown.Values)-8)
		for _, v := range query[f.Name] {
			name := labels[v]
			if name == "" {
				name = v
			}
			chips = append(chips, choice{Label: f.Title + ": " + name, URL: without(query, f.Name, v)})
		}
		if len(shown.Values) > 0 {
			out = append(out, shown)
		}
	}
	for _, name := range sortedNames(query) {
		for _, v := range query[name] {
			if title, ok := otherFilters[name]; ok {
				chips = append(chips, choice{Label: title + ": " + v, URL: without(query, name, v)})
			}
		}
	}
	return out, chips
}

func chosenFirst(a, b choice) int {
	switch {
	case a.Chosen == b.Chosen:
		return 0
	case a.Chosen:
		return -1
	}
	return 1
}

// hidden lists the filters that have no field in the search form.
func hidden(query url.Values) []Option {
	inForm := []string{"q", "ects.gte", "ects.lte", "active", "sort", "cursor"}
	var out []Option
	for _, name := range sortedNames(query) {
		for _, v := range query[name] {
			if !slices.Contains(inForm, name) {
				out = append(out, Option{name, v})
			}
		}
	}
	return out
}

func sortedNames(query url.Values) []string {
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// with adds a value; a cursor replaces the one before, and any other change begins at the first page.
func with(query url.Values, name, value string) string {
	next := copyOf(query)
	next.Del("cursor")
	next.Add(name, value)
	return "/?" + next.Encode()
}

// without takes a value away, all of them when value is "".
func without(query url.Values, name, value string) string {
	next := copyOf(query)
	next.Del("cursor")
	next[name] = slices.DeleteFunc(next[name], func(v string) bool { return value == "" || v == value })
	if len(next[name]) == 0 {
		delete(next, name)
	}
	return "/?" + next.Encode()
}

func copyOf(query url.Values) url.Values {
	out := url.Values{}
	for name, values := range query {
		out[name] = slices.Clone(values)
	}
	return out
}
