package portal

import (
	"net/http"
	"net/url"
)

// Statistics is what the page of the same name shows.
type Statistics struct {
	Courses      int
	Providers    int
	Completeness *float64 // mean in percent; nil of no courses
	Everybody    *float64
	Tables       []Table
	Facts        []Fact
	Institutions []Described // the most complete first
	Others       int         // institutions that are not listed

	Provider, Alliance         string // chosen
	ChosenBy                   string // its name, "" when everything is counted
	AllProviders, AllAlliances []Value
	Data                       string // address of the same in the API
}

// Table counts courses by the values of one property.
type Table struct {
	ID, Title string
	Rows      []Row
	NotStated int
}

// Row of a table; Search leads to the courses, "" when there is no such search.
type Row struct {
	Label, Search string
	Count         int
}

// Fact is how often something is stated, in percent.
type Fact struct {
	Name           string
	Weight         int
	Own, Everybody float64
}

// Described is an institution and how completely it describes its courses.
type Described struct {
	ID, Name     string
	Courses      int
	Completeness float64
}

// StatisticsPage answers the page about numbers of courses and their descriptions.
func (p *Portal) StatisticsPage(w http.ResponseWriter, r *http.Request) {
	s, err := p.site.Statistics(r.Context(), tidy(r.URL.Query()))
	if err != nil {
		p.Error(w, err)
		return
	}
	title := "Statistics"
	if s.ChosenBy != "" {
		title += " of " + s.ChosenBy
	}
	p.render(w, http.StatusOK, "statistics", title, s)
}

// Narrowed is the search of a row within what is chosen.
func (s Statistics) Narrowed(row Row) string {
	if row.Search == "" {
		return ""
	}
	chosen := url.Values{}
	for name, value := range map[string]string{"provider": s.Provider, "alliance": s.Alliance} {
		if value != "" {
			chosen.Set(name, value)
		}
	}
	if len(chosen) == 0 {
		return "/?" + row.Search
	}
	return "/?" + row.Search + "&" + chosen.Encode()
}
