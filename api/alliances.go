package api

import (
	"context"
	"fmt"

	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/index"
)

type oneAlliance struct {
	ID string `path:"id" doc:"Domain of the alliance, or another identifier of it"`
}

func (a *API) allianceRoutes() {
	get(a, route{path: "/v1/alliances", id: "listAlliances", tag: "Providers", summary: "Alliances, their members and courses", body: List[network.Alliance]{}},
		func(c *call, _ *paged) (response, error) {
			alliances, err := a.alliances(c.ctx)
			if err != nil {
				return response{}, err
			}
			return pageOf(a, c, alliances)
		})
	get(a, route{path: "/v1/alliances/{id}", id: "getAlliance", tag: "Providers", summary: "One alliance, its members and courses", body: network.Alliance{}},
		func(c *call, _ *oneAlliance) (response, error) {
			found, ok := a.cfg.Authority.Alliance(c.id())
			if !ok {
				return response{}, fmt.Errorf("%w: no alliance has the id %q; /v1/alliances lists them", errNotFound, clip(c.id(), 200))
			}
			counts, err := a.tally(c.ctx, index.Provider, index.Alliance)
			return response{value: a.alliance(found, counts), header: a.rootHeaders()}, err
		})
}

func (a *API) alliances(ctx context.Context) ([]network.Alliance, error) {
	counts, err := a.tally(ctx, index.Provider, index.Alliance)
	if err != nil {
		return nil, err
	}
	known := a.cfg.Authority.Alliances()
	out := make([]network.Alliance, len(known))
	for i, alliance := range known {
		out[i] = a.alliance(alliance, counts)
	}
	return out, nil
}

func (a *API) alliance(known federation.Alliance, counts map[index.Field]map[string]int) network.Alliance {
	out := network.Alliance{
		Domain: known.Domain, Name: known.Name, Website: known.Website, Aliases: notNull(known.Aliases),
		Courses: counts[index.Alliance][known.Domain], Members: []network.Member{},
		Publishers: []federation.PublisherID{}, Evidence: a.evidence(known.Domain),
	}
	for _, id := range known.Members {
		p, _ := a.cfg.Authority.Known(id)
		out.Members = append(out.Members, network.Member{ID: id, Name: p.Name, Country: p.Country, Courses: counts[index.Provider][id]})
	}
	if e := out.Evidence; e != nil && e.Publishers != nil {
		out.Publishers = *e.Publishers
	}
	return out
}

// tally counts courses by the values of fields.
func (a *API) tally(ctx context.Context, fields ...index.Field) (map[index.Field]map[string]int, error) {
	result, err := a.cfg.Index.Search(ctx, index.Query{Facets: fields, Limit: 1})
	if err != nil {
		return nil, err
	}
	out := map[index.Field]map[string]int{}
	for _, f := range fields {
		out[f] = map[string]int{}
		for _, n := range result.Facets[f] {
			out[f][n.Value] = n.Count
		}
	}
	return out, nil
}
