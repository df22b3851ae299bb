package api

import (
	"context"
	"net/url"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/api/portal"
	"github.com/gin-gonic/gin"
)

// pages routes the portal. It reads what the API reads, by the same parameters.
func (a *API) pages(engine *gin.Engine) error {
	p, err := portal.New(portal.Site{
		Status: a.node, Search: a.searchPage, Courses: a.coursePage, Around: a.around, Past: a.pastPage, Network: a.networkPage, Statistics: a.statisticsPage, Explain: explain, Now: a.cfg.Now,
	})
	if err != nil {
		return err
	}
	a.portal = p
	engine.GET("/", func(c *gin.Context) { p.Catalogue(c.Writer, c.Request) })
	engine.GET("/courses/:id", func(c *gin.Context) { p.Course(c.Writer, c.Request, unescape(c.Param("id"))) })
	engine.GET("/network", func(c *gin.Context) { p.NetworkPage(c.Writer, c.Request) })
	engine.GET("/statistics", func(c *gin.Context) { p.StatisticsPage(c.Writer, c.Request) })
	engine.GET("/docs", func(c *gin.Context) { p.Docs(c.Writer, a.reference()) })
	engine.GET("/assets/:name", func(c *gin.Context) { p.Asset(c.Writer, c.Request) })
	return nil
}

// noRoute answers people with a page and everybody else with a problem document.
func (a *API) noRoute(c *gin.Context) {
	data := strings.HasPrefix(c.Request.URL.Path, "/v1/")
	if !data && negotiate(c.GetHeader("Accept"), []string{"application/json", "text/html"}) == 1 {
		a.portal.Error(c.Writer, errNoRoute)
		return
	}
	a.fail(c.Writer, c.Request, errNoRoute)
}

func unescape(s string) string {
	if v, err := url.PathUnescape(s); err == nil {
		return v
	}
	return s
}

func explain(err error) portal.Trouble {
	p := problemOf(err, "")
	return portal.Trouble{Status: p.Status, Title: p.Title, Detail: p.Detail, SupersededBy: p.SupersededBy}
}

func (a *API) searchPage(ctx context.Context, query url.Values) (portal.Results, error) {
	ctx, cancel := context.WithTimeout(ctx, queryBudget)
	defer cancel()
	operation := a.huma.OpenAPI().Paths["/v1/courses"].Get
	if err := check(operation, query.Encode()); err != nil {
		return portal.Results{}, err
	}
	q, err := a.query(query)
	if err != nil {
		return portal.Results{}, err
	}
	found, err := a.find(ctx, q)
	if err != nil {
		return portal.Results{}, err
	}
	out := portal.Results{Courses: found.Courses, Total: found.Total, Next: found.Next, Facets: map[string][]portal.Value{}}
	for name, facet := range found.Facets {
		for _, v := range facet {
			out.Facets[name] = append(out.Facets[name], portal.Value(v))
		}
	}
	return out, nil
}

func (a *API) coursePage(id, provider string) ([]course.Course, error) {
	items := a.items(id, provider)
	if len(items) == 0 {
		return nil, a.notFound(id, provider)
	}
	var out []course.Course
	for _, item := range items[:min(len(items), maxChoices)] {
		c, err := a.course(item)
		if err != nil {
			return nil, inside(err)
		}
		out = append(out, c)
	}
	return out, nil
}

func (a *API) networkPage(ctx context.Context) (portal.Network, error) {
	ctx, cancel := context.WithTimeout(ctx, queryBudget)
	defer cancel()
	publishers, err := a.publishers()
	if err != nil {
		return portal.Network{}, err
	}
	providers, err := a.providers(ctx)
	if err != nil {
		return portal.Network{}, err
	}
	alliances, err := a.alliances(ctx)
	if err != nil {
		return portal.Network{}, err
	}
	out := portal.Network{Publishers: publishers, Peers: a.peers(), Alliances: alliances}
	for _, e := range a.cfg.Authority.AtRisk() {
		out.AtRisk = append(out.AtRisk, *a.evidence(e.Domain))
	}
	for _, p := range providers {
		institution := a.institution(p)
		if len(out.Providers) == pageItems || len(providers) > allShown && !institution.Telling() {
			out.Others++
			continue
		}
		out.Providers = append(out.Providers, institution)
	}
	return out, nil
}

// allShown is how many institutions the network page lists whatever there is to say of them; beyond that those with
// a manifest, courses or evidence, up to a page of the API.
const allShown = 300

func (a *API) institution(p network.ProviderSummary) portal.Institution {
	out := portal.Institution{
		ProviderSummary: p, State: "not searched by this node", Evidence: a.evidence(p.ID), Heard: a.standings(a.cfg.Catalogue.StandingsOf(p.ID)),
	}
	if found, ok := a.found(p.ID); ok {
		out.Searched = true
		out.State, out.Reason = outcome(found)
	}
	return out
}

// outcome of a search for a manifest in few words: found, or the most telling of the failed attempts.
func outcome(r discovery.Result) (state, reason string) {
	if r.ManifestURL != "" {
		return "found", ""
	}
	names := map[string]string{"not_parsable": portal.NotParsable, "error": "could not be asked", "not_found": "not found"}
	for _, telling := range []string{"not_parsable", "error", "not_found"} {
		for _, p := range r.Probes {
			if p.Outcome == telling {
				return names[telling], strings.TrimSpace(p.URL + " " + p.Reason)
			}
		}
	}
	return "not found", ""
}
