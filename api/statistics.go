package api

import (
	"context"
	"fmt"
	"math"
	"net/url"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/profile"
	lru "github.com/hashicorp/golang-lru/v2"
)

// Statistics of the effective courses of some institutions, one item each, and of all, to compare with.
type Statistics struct {
	List[ProviderStatistics]
	Courses      int             `json:"courses"`
	Completeness *float64        `json:"completeness" doc:"Mean of the courses, in percent; null of none"`
	Facts        []FactStatistic `json:"facts" doc:"What completeness is made of; /docs and docs/quality.md have the rule"`
	NotStated    map[string]int  `json:"not_stated" doc:"By facet, courses that state no value"`
	Everybody    Everybody       `json:"everybody" doc:"The same of all institutions of the catalogue"`
}

// ProviderStatistics are those of one institution.
type ProviderStatistics struct {
	ID           string             `json:"id"`
	Name         string             `json:"name"`
	Country      string             `json:"country"`
	Courses      int                `json:"courses"`
	Completeness float64            `json:"completeness" doc:"Mean of the courses, in percent"`
	Facts        map[string]float64 `json:"facts" doc:"Percentage of the courses that state each fact"`
}

// FactStatistic tells how many courses state a fact.
type FactStatistic struct {
	Name     string  `json:"name"`
	Property string  `json:"property" doc:"Of ELM, where it stands"`
	Weight   int     `json:"weight"`
	Courses  int     `json:"courses"`
	Percent  float64 `json:"percent"`
}

// Everybody is what an institution can compare itself with.
type Everybody struct {
	Courses      int                `json:"courses"`
	Providers    int                `json:"providers"`
	Completeness *float64           `json:"completeness"`
	Facts        map[string]float64 `json:"facts" doc:"Percentage of the courses that state each fact"`
}

type statisticsQuery struct {
	Provider []string `query:"provider,explode" maxItems:"100" doc:"Provider id, or an alias that the registry knows"`
	Alliance []string `query:"alliance,explode" maxItems:"100" doc:"Domain or other identifier of an alliance that has the provider as a member"`
	Country  []string `query:"country,explode" maxItems:"100" doc:"Of the provider, ISO 3166-1 alpha-2"`
	Limit    int      `query:"limit" minimum:"1" maximum:"5000" default:"1000" doc:"Of the institutions"`
	Cursor   string   `query:"cursor" maxLength:"20" doc:"From next"`
}

// counted fields, beside credits.
var counted = []index.Field{index.Country, index.EQF, index.ISCEDBroad, index.Language, index.Type, index.Mode, index.Standard}

// ectsFacet is the facet of credits in bands.
const ectsFacet = "ects"

const cachedStatistics = 16 // selections, of the newest state

func (a *API) statisticsRoutes() {
	a.censuses, _ = lru.New[string, index.Statistics](cachedStatistics) // fails for sizes below 1 only
	get(a, route{
		path: "/v1/statistics", id: "getStatistics", tag: "Courses", summary: "Courses counted, and how complete institutions describe them",
		description: "facets counts the courses of the selection by country, level, broad field, language, type, mode, standard and ECTS; items are its institutions.",
		body:        Statistics{},
	}, func(c *call, _ *statisticsQuery) (response, error) { return a.listStatistics(c) })
}

func (a *API) listStatistics(c *call) (response, error) {
	header, etag := a.rootHeaders(), a.listTag(c)
	if matches(c.huma.Header("If-None-Match"), etag) {
		return response{etag: etag, header: header}, nil
	}
	out, err := a.statistics(c.ctx, c.query)
	if err != nil {
		return response{}, err
	}
	from, to, next, err := page(c.query, len(out.Items), pageItems)
	if err != nil {
		return response{}, err
	}
	out.Items = out.Items[from:to:to]
	if next != "" {
		address := a.nextURL(c, next)
		out.Next = &address
		header["Link"] = "<" + address + `>; rel="next"`
	}
	return response{value: out, etag: etag, header: header}, nil
}

// statistics of what the query selects, with all its institutions.
func (a *API) statistics(ctx context.Context, query url.Values) (Statistics, error) {
	selected, err := a.census(ctx, query)
	if err != nil {
		return Statistics{}, err
	}
	all, err := a.census(ctx, nil)
	if err != nil {
		return Statistics{}, err
	}
	items := make([]ProviderStatistics, len(selected.Providers))
	for i, p := range selected.Providers {
		known, _ := a.cfg.Authority.Known(p.ID)
		items[i] = ProviderStatistics{p.ID, known.Name, known.Country, p.Courses, oneDecimal(p.Mean()), percentages(p.Quality)}
	}
	out := Statistics{
		List: listOf(items), Courses: selected.Courses, Completeness: completenessOf(selected.Quality), Facts: factsOf(selected.Quality),
		NotStated: map[string]int{ectsFacet: selected.NoECTS},
		Everybody: Everybody{all.Courses, len(all.Providers), completenessOf(all.Quality), percentages(all.Quality)},
	}
	for _, f := range counted {
		facet := []Facet{}
		for _, n := range selected.Counts[f] {
			facet = append(facet, Facet{n.Value, a.label(f, n.Value), n.Count})
		}
		out.Facets[f.String()], out.NotStated[f.String()] = facet, selected.Unstated[f]
	}
	out.Facets[ectsFacet] = ectsOf(selected)
	return out, nil
}

// census counts the effective courses that a query selects, once for each state of the index.
func (a *API) census(ctx context.Context, query url.Values) (index.Statistics, error) {
	values := map[index.Field][]string{}
	for _, f := range []index.Field{index.Provider, index.Alliance, index.Country} {
		given, err := a.values(f, query[f.String()])
		if err != nil {
			return index.Statistics{}, err
		}
		if len(given) > 0 {
			values[f] = given
		}
	}
	nonce, generation := a.cfg.Index.Version()
	key := tagOf(nonce, generation, values)
	if done, ok := a.censuses.Get(key); ok {
		return done, nil
	}
	for _, class := range []federation.Class{federation.Delegated, federation.Member, federation.AllianceClass, federation.Authoritative} {
		values[index.Class] = append(values[index.Class], string(class)) // not what only this node shows
	}
	done, err := a.cfg.Index.Statistics(ctx, values, counted...)
	if err == nil {
		a.censuses.Add(key, done)
	}
	return done, err
}

// ectsOf lists all bands in order: value is where one begins and the next does.
func ectsOf(s index.Statistics) []Facet {
	bands, out := index.ECTSBands(), []Facet{}
	for i, from := range bands {
		f := Facet{fmt.Sprintf("%g-", from), fmt.Sprintf("%g ECTS and more", from), s.ECTS[i]}
		if i+1 < len(bands) {
			f.Value, f.Label = fmt.Sprintf("%g-%g", from, bands[i+1]), fmt.Sprintf("%g to under %g ECTS", from, bands[i+1])
		}
		out = append(out, f)
	}
	return out
}

func factsOf(q index.Quality) []FactStatistic {
	out := []FactStatistic{}
	for i, f := range profile.Facts() {
		stated := 0
		if q.Stated != nil {
			stated = q.Stated[i]
		}
		out = append(out, FactStatistic{f.Name, f.Property, f.Weight, stated, percentage(stated, q.Courses)})
	}
	return out
}

func percentages(q index.Quality) map[string]float64 {
	out := map[string]float64{}
	for _, f := range factsOf(q) {
		out[f.Name] = f.Percent
	}
	return out
}

func percentage(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return oneDecimal(100 * float64(part) / float64(whole))
}

func completenessOf(q index.Quality) *float64 {
	if q.Courses == 0 {
		return nil
	}
	mean := oneDecimal(q.Mean())
	return &mean
}

func oneDecimal(f float64) float64 { return math.Round(10*f) / 10 }
