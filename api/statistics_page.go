package api

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/api/portal"
	"github.com/coursemesh/coursemesh/federation/index"
)

// statisticsTables are the tables of the page, in order.
var statisticsTables = []struct {
	field index.Field
	title string
}{
	{index.Country, "Country"},
	{index.EQF, "Level"},
	{index.ISCEDBroad, "Field"},
	{index.Language, "Language"},
	{index.Type, "Type"},
	{index.Mode, "Mode"},
	{index.Standard, "Standard of the source"},
}

// shownRows of one table, and institutions, on the page.
const (
	shownRows         = 40
	shownInstitutions = 200
	chosenFrom        = 1000 // institutions in the list to choose from
)

// statisticsPage shows what the API gives for the same query.
func (a *API) statisticsPage(ctx context.Context, query url.Values) (portal.Statistics, error) {
	ctx, cancel := context.WithTimeout(ctx, queryBudget)
	defer cancel()
	if err := check(a.huma.OpenAPI().Paths["/v1/statistics"].Get, query.Encode()); err != nil {
		return portal.Statistics{}, err
	}
	s, err := a.statistics(ctx, query)
	if err != nil {
		return portal.Statistics{}, err
	}
	out := portal.Statistics{
		Courses: s.Courses, Providers: len(s.Items), Completeness: s.Completeness, Everybody: s.Everybody.Completeness,
		Provider: query.Get("provider"), Alliance: query.Get("alliance"), Data: "/v1/statistics",
	}
	if len(query) > 0 {
		out.Data += "?" + query.Encode()
	}
	for _, f := range s.Facts {
		out.Facts = append(out.Facts, portal.Fact{Name: f.Name, Weight: f.Weight, Own: f.Percent, Everybody: s.Everybody.Facts[f.Name]})
	}
	out.Tables = tablesOf(s)
	out.Institutions, out.Others = described(s)
	return out, a.selections(ctx, query, &out)
}

func tablesOf(s Statistics) (out []portal.Table) {
	for _, t := range statisticsTables {
		name := t.field.String()
		table := portal.Table{ID: strings.ReplaceAll(name, ".", "-"), Title: t.title, NotStated: s.NotStated[name]}
		for _, f := range s.Facets[name] {
			table.Rows = append(table.Rows, portal.Row{Label: f.Label, Search: url.Values{name: {f.Value}}.Encode(), Count: f.Count})
		}
		table.Rows = table.Rows[:min(len(table.Rows), shownRows)]
		out = append(out, table)
	}
	credits := portal.Table{ID: ectsFacet, Title: "Credits", NotStated: s.NotStated[ectsFacet]}
	for _, f := range s.Facets[ectsFacet] {
		credits.Rows = append(credits.Rows, portal.Row{Label: f.Label, Count: f.Count})
	}
	return append(out, credits)
}

func described(s Statistics) (out []portal.Described, others int) {
	items := slices.Clone(s.Items)
	slices.SortFunc(items, func(x, y ProviderStatistics) int {
		return cmp.Or(cmp.Compare(y.Completeness, x.Completeness), cmp.Compare(y.Courses, x.Courses), cmp.Compare(x.ID, y.ID))
	})
	for _, p := range items[:min(len(items), shownInstitutions)] {
		out = append(out, portal.Described{ID: p.ID, Name: p.Name, Courses: p.Courses, Completeness: p.Completeness})
	}
	return out, len(items) - len(out)
}

// selections lists what can be chosen, and names what is.
func (a *API) selections(ctx context.Context, query url.Values, out *portal.Statistics) error {
	all, err := a.census(ctx, nil)
	if err != nil {
		return err
	}
	for _, p := range all.Providers[:min(len(all.Providers), chosenFrom)] {
		out.AllProviders = append(out.AllProviders, portal.Value{Value: p.ID, Label: a.label(index.Provider, p.ID), Count: p.Courses})
	}
	slices.SortStableFunc(out.AllProviders, func(x, y portal.Value) int { return cmp.Compare(strings.ToLower(x.Label), strings.ToLower(y.Label)) })
	for _, known := range a.cfg.Authority.Alliances() {
		out.AllAlliances = append(out.AllAlliances, portal.Value{Value: known.Domain, Label: a.label(index.Alliance, known.Domain)})
	}
	var names []string
	for _, f := range []index.Field{index.Provider, index.Alliance, index.Country} {
		values, err := a.values(f, query[f.String()])
		if err != nil {
			return err
		}
		for _, v := range values {
			names = append(names, a.label(f, v))
		}
	}
	out.ChosenBy = strings.Join(names, ", ")
	return nil
}
