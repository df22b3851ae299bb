package api

import (
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// Peer and Replica are what the rest of the node tells about the network.
type (
	Peer    = network.Peer
	Replica = network.Replica
)

type none struct{}

func (a *API) networkRoutes() {
	get(a, route{path: "/v1/node", id: "getNode", tag: "Network", summary: "This node", body: network.Status{}},
		func(*call, *none) (response, error) { return response{value: a.node(), header: a.rootHeaders()}, nil })
	get(a, route{path: "/v1/publishers", id: "listPublishers", tag: "Network", summary: "Publishers and how far they are followed", body: List[network.Publisher]{}},
		func(c *call, _ *paged) (response, error) {
			publishers, err := a.publishers()
			if err != nil {
				return response{}, err
			}
			return pageOf(a, c, publishers)
		})
	get(a, route{path: "/v1/heads", id: "listHeads", tag: "Network", summary: "The highest held head of every publisher", body: List[network.Head]{}},
		func(c *call, _ *paged) (response, error) {
			heads, err := a.heads()
			if err != nil {
				return response{}, err
			}
			return pageOf(a, c, heads)
		})
	a.equivocationRoute()
	get(a, route{path: "/v1/peers", id: "listPeers", tag: "Network", summary: "Nodes known to this one", body: List[Peer]{}},
		func(c *call, _ *paged) (response, error) { return pageOf(a, c, a.peers()) })
}

func (a *API) peers() []Peer {
	if a.cfg.Peers == nil {
		return nil
	}
	peers := a.cfg.Peers()
	for i := range peers {
		if peers[i].Addresses == nil {
			peers[i].Addresses = []string{}
		}
	}
	return peers
}

func (a *API) node() network.Status {
	roots := a.cfg.Catalogue.Roots()
	courses, local := a.cfg.Catalogue.Count()
	n := a.cfg.Node
	if a.cfg.Partial {
		roots.Catalogue = cid.Undef // there is nothing to compare it with
	}
	atRisk := []string{}
	for _, e := range a.cfg.Authority.AtRisk() {
		atRisk = append(atRisk, e.Domain)
	}
	return network.Status{
		Partial: a.cfg.Partial,
		Name:    n.Name, Alliance: n.Alliance, Version: n.Version, Publisher: n.Publisher, Peer: n.Peer,
		Courses: courses, Local: local, Hidden: a.cfg.Catalogue.Hidden(), AtRisk: atRisk, Indexed: a.cfg.Index.Len(), CatalogueRoot: cidText(roots.Catalogue),
		AuthorityRoot: hex.EncodeToString(roots.Authority[:]), HeadsRoot: hex.EncodeToString(roots.Heads[:]),
		Limits: a.limits(), Addresses: notNull(a.cfg.Node.Addresses),
	}
}

func (a *API) limits() map[string]int64 {
	out := map[string]int64{
		"record_bytes": federation.MaxRecord, "head_bytes": federation.MaxHead, "page": index.MaxLimit,
		"request_target_bytes": maxTarget, "request_header_bytes": maxHeader, "query_milliseconds": queryBudget.Milliseconds(),
	}
	for k, v := range a.cfg.Limits {
		out[k] = v
	}
	return out
}

func (a *API) publishers() ([]network.Publisher, error) {
	held, err := a.cfg.DB.Heads()
	if err != nil {
		return nil, inside(err)
	}
	standings := map[federation.PublisherID][]network.Standing{}
	for _, s := range a.cfg.Catalogue.Standings() {
		standings[s.Publisher] = append(standings[s.Publisher], a.standing(s))
	}
	var replicas map[federation.PublisherID]Replica
	if a.cfg.Replicas != nil {
		replicas = a.cfg.Replicas()
	}
	out := make([]network.Publisher, len(held))
	for i, h := range held {
		out[i] = a.publisher(h, standings[h.Publisher])
		if r, ok := replicas[h.Publisher]; ok && !out[i].Self {
			out[i].Replica = &r
		}
		delete(replicas, h.Publisher)
	}
	return append(out, a.unheld(replicas)...), nil
}

// maxUnheld bounds what strangers can put into a list.
const maxUnheld = 200

// unheld are publishers of which peers show a head that this node does not hold: mostly those that nobody lets
// publish, with the reason.
func (a *API) unheld(replicas map[federation.PublisherID]Replica) []network.Publisher {
	ids := slices.Sorted(maps.Keys(replicas))
	var out []network.Publisher
	for _, id := range ids[:min(len(ids), maxUnheld)] {
		r := replicas[id]
		out = append(out, network.Publisher{ID: id, Class: a.cfg.Authority.Best(id), Domains: []string{}, Standings: []network.Standing{}, Replica: &r})
	}
	return out
}

func (a *API) publisher(h store.Held, standings []network.Standing) network.Publisher {
	out := network.Publisher{
		ID: h.Publisher, Name: h.Node.Name, Alliance: h.Node.Alliance, URL: h.Node.URL,
		Class: a.cfg.Authority.Best(h.Publisher), Self: h.Publisher == a.cfg.Node.Publisher, Records: h.Count,
		Domains: notNull(h.Domains), Head: h.CID.String(), Epoch: h.Epoch, Seq: h.Seq,
		Issued: stamp(h.Issued), Standings: standings,
	}
	if out.Standings == nil {
		out.Standings = []network.Standing{}
	}
	for _, s := range standings {
		if s.Effective {
			out.Effective++
		}
	}
	if f, frozen := a.cfg.Authority.FrozenSince(h.Publisher); frozen {
		out.Frozen = &network.Freeze{Reason: f.Reason, Since: f.Since}
	}
	return out
}

func (a *API) heads() ([]network.Head, error) {
	held, err := a.cfg.DB.Heads()
	if err != nil {
		return nil, inside(err)
	}
	out := make([]network.Head, len(held))
	for i, h := range held {
		out[i] = network.Head{
			Publisher: h.Publisher, Epoch: h.Epoch, Seq: h.Seq, CID: h.CID.String(), Root: h.Root.String(),
			Prev: cidText(h.Prev), Count: h.Count, Bytes: h.Bytes, Domains: notNull(h.Domains), Issued: stamp(h.Issued),
			Payload: hex.EncodeToString(h.Payload[:]), Node: network.HeadNode(h.Node),
		}
		proven, err := a.cfg.DB.Proven(h.Publisher)
		if err != nil {
			return nil, inside(err)
		}
		if proven > 0 {
			out[i].ProvenEpoch = &proven
		}
	}
	return out, nil
}

func stamp(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

func notNull(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}
