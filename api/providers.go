package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/index"
)

// ProviderDetail adds who may publish.
type ProviderDetail struct {
	network.ProviderSummary
	Publishers []network.Standing `json:"publishers" doc:"Everybody heard about this provider, best first, and why each counts or not"`
	Evidence   *network.Evidence  `json:"evidence,omitempty" doc:"What the provider's own manifest says about publishers; absent where none can count"`
}

type oneProvider struct {
	ID string `path:"id" doc:"Provider id or alias"`
}

func (a *API) providerRoutes() {
	get(a, route{path: "/v1/providers", id: "listProviders", tag: "Providers", summary: "Institutions, with and without courses", body: List[network.ProviderSummary]{}},
		func(c *call, _ *paged) (response, error) {
			providers, err := a.providers(c.ctx)
			if err != nil {
				return response{}, err
			}
			return pageOf(a, c, providers)
		})
	get(a, route{path: "/v1/providers/{id}", id: "getProvider", tag: "Providers", summary: "One institution and who may publish for it", body: ProviderDetail{}},
		func(c *call, _ *oneProvider) (response, error) { return a.provider(c) })
	get(a, route{
		path: "/v1/providers/{id}/discovery", id: "getDiscovery", tag: "Providers",
		summary: "The last search for the provider's manifest, attempt by attempt", body: discovery.Result{},
	}, func(c *call, _ *oneProvider) (response, error) { return a.discovery(c) })
}

// counts of courses by provider.
func (a *API) counts(ctx context.Context) (map[string]int, error) {
	counts, err := a.tally(ctx, index.Provider)
	return counts[index.Provider], err
}

// providers lists the known ones and those that courses name, by id.
func (a *API) providers(ctx context.Context) ([]network.ProviderSummary, error) {
	counts, err := a.counts(ctx)
	if err != nil {
		return nil, err
	}
	known := slices.Clone(a.cfg.Authority.Providers())
	for id := range counts {
		if _, ok := a.cfg.Authority.Known(id); !ok {
			known = append(known, federation.Provider{ID: id})
		}
	}
	out, complete := make([]network.ProviderSummary, len(known)), a.cfg.Index.Completeness()
	for i, p := range known {
		out[i] = a.describe(p, counts[p.ID], complete)
	}
	slices.SortFunc(out, func(a, b network.ProviderSummary) int { return compare(a.ID, b.ID) })
	return out, nil
}

// describe is what is said of a provider; complete is the completeness of its courses.
func (a *API) describe(p federation.Provider, courses int, complete map[string]int) network.ProviderSummary {
	_, known := a.cfg.Authority.Known(p.ID)
	out := network.ProviderSummary{
		ID: p.ID, IRI: federation.ProviderIRI(p.ID), Name: p.Name, Country: p.Country, Website: p.Website,
		Aliases: notNull(p.Aliases), Courses: courses, Known: known,
		Alliances: notNull(a.cfg.Authority.AlliancesOf(p.ID)),
	}
	if percent, ok := complete[p.ID]; ok {
		out.Completeness = &percent
	}
	if found, ok := a.found(p.ID); ok && found.ManifestURL != "" {
		out.ManifestURL = &found.ManifestURL
	}
	return out
}

func (a *API) found(provider string) (discovery.Result, bool) {
	if a.cfg.Discovery == nil {
		return discovery.Result{}, false
	}
	return a.cfg.Discovery(provider)
}

// named finds the provider that the path names.
func (a *API) named(c *call) (federation.Provider, error) {
	id, ok := a.providerID(c.id())
	if !ok {
		return federation.Provider{}, fmt.Errorf("%w: no provider has the id %q", errNotFound, clip(c.id(), 200))
	}
	p, ok := a.cfg.Authority.Known(id)
	if !ok {
		p = federation.Provider{ID: id}
	}
	return p, nil
}

func (a *API) provider(c *call) (response, error) {
	p, err := a.named(c)
	if err != nil {
		return response{}, err
	}
	counts, err := a.counts(c.ctx)
	if err != nil {
		return response{}, err
	}
	out := ProviderDetail{
		ProviderSummary: a.describe(p, counts[p.ID], a.cfg.Index.Completeness()), Publishers: a.standings(a.cfg.Catalogue.StandingsOf(p.ID)), Evidence: a.evidence(p.ID),
	}
	return response{value: out, header: a.rootHeaders()}, nil
}

func (a *API) discovery(c *call) (response, error) {
	p, err := a.named(c)
	if err != nil {
		return response{}, err
	}
	found, ok := a.found(p.ID)
	if !ok {
		return response{}, fmt.Errorf("%w: this node has not searched for the manifest of %s", errNotFound, p.ID)
	}
	if found.Probes == nil {
		found.Probes = []discovery.Probe{}
	}
	return response{value: found}, nil
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
