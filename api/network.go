package api

import (
	"encoding/hex"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/store"
)

// Peer is another node that this one knows.
type Peer struct {
	ID        string    `json:"id"`
	Addresses []string  `json:"addresses"`
	Connected bool      `json:"connected"`
	LastSeen  time.Time `json:"last_seen,omitzero"`
}

// Replica says how far a publisher's head is followed.
type Replica struct {
	State    string    `json:"state" doc:"in_sync, behind, frozen, fetching or failing"`
	Behind   uint64    `json:"behind" doc:"Records still to fetch, where known"`
	LastSeen time.Time `json:"last_seen,omitzero"`
	Reason   string    `json:"reason,omitempty"`
}

// Publisher whose head this node holds.
type Publisher struct {
	ID        federation.PublisherID `json:"id"`
	Name      string                 `json:"name" doc:"As its head says"`
	Alliance  string                 `json:"alliance"`
	URL       string                 `json:"url"`
	Class     federation.Class       `json:"class" doc:"The highest over all source domains"`
	Self      bool                   `json:"self" doc:"This node's own"`
	Records   uint64                 `json:"records"`
	Effective int                    `json:"effective" doc:"Providers for which it is the effective publisher"`
	Domains   []string               `json:"domains" doc:"Source domains listed completely"`
	Head      string                 `json:"head" doc:"CID"`
	Epoch     uint64                 `json:"epoch"`
	Seq       uint64                 `json:"seq"`
	Issued    string                 `json:"issued"`
	Replica   *Replica               `json:"replica" doc:"Null for this node's own and where nothing is known"`
}

// Head of a publisher.
type Head struct {
	Publisher   federation.PublisherID `json:"publisher"`
	Epoch       uint64                 `json:"epoch"`
	Seq         uint64                 `json:"seq"`
	CID         string                 `json:"cid"`
	Root        string                 `json:"root"`
	Prev        *string                `json:"prev"`
	Count       uint64                 `json:"count"`
	Bytes       uint64                 `json:"bytes"`
	Domains     []string               `json:"domains"`
	Issued      string                 `json:"issued"`
	Payload     string                 `json:"payload" doc:"sha2-256 of the signed payload"`
	ProvenEpoch *uint64                `json:"proven_epoch" doc:"Highest epoch with a proof of equivocation"`
	Node        HeadNode               `json:"node"`
}

// HeadNode is what a head says about the node that signed it.
type HeadNode struct {
	Name     string `json:"name"`
	Alliance string `json:"alliance"`
	URL      string `json:"url"`
}

// NodeStatus is who answers and what it holds.
type NodeStatus struct {
	Name          string                 `json:"name"`
	Alliance      string                 `json:"alliance"`
	Version       string                 `json:"version"`
	Publisher     federation.PublisherID `json:"publisher"`
	Peer          string                 `json:"peer"`
	Courses       int                    `json:"courses" doc:"Effective course records"`
	Local         int                    `json:"local" doc:"Harvested here and shown here only"`
	Indexed       int                    `json:"indexed"`
	CatalogueRoot *string                `json:"catalogue_root" doc:"Null while this node does not hold all records"`
	AuthorityRoot string                 `json:"authority_root"`
	HeadsRoot     string                 `json:"heads_root"`
	Limits        map[string]int64       `json:"limits"`
}

type none struct{}

func (a *API) networkRoutes() {
	get(a, route{path: "/v1/node", id: "getNode", tag: "Network", summary: "This node", body: NodeStatus{}},
		func(*call, *none) (response, error) { return response{value: a.node(), header: a.rootHeaders()}, nil })
	get(a, route{path: "/v1/publishers", id: "listPublishers", tag: "Network", summary: "Publishers and how far they are followed", body: List[Publisher]{}},
		func(*call, *none) (response, error) {
			publishers, err := a.publishers()
			return response{value: listOf(publishers), header: a.rootHeaders()}, err
		})
	get(a, route{path: "/v1/heads", id: "listHeads", tag: "Network", summary: "The highest held head of every publisher", body: List[Head]{}},
		func(*call, *none) (response, error) {
			heads, err := a.heads()
			return response{value: listOf(heads), header: a.rootHeaders()}, err
		})
	get(a, route{path: "/v1/peers", id: "listPeers", tag: "Network", summary: "Nodes known to this one", body: List[Peer]{}},
		func(*call, *none) (response, error) {
			return response{value: listOf(a.peers()), header: a.rootHeaders()}, nil
		})
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

func (a *API) node() NodeStatus {
	roots := a.cfg.Catalogue.Roots()
	courses, local := a.cfg.Catalogue.Count()
	n := a.cfg.Node
	return NodeStatus{
		Name: n.Name, Alliance: n.Alliance, Version: n.Version, Publisher: n.Publisher, Peer: n.Peer,
		Courses: courses, Local: local, Indexed: a.cfg.Index.Len(), CatalogueRoot: cidText(roots.Catalogue),
		AuthorityRoot: hex.EncodeToString(roots.Authority[:]), HeadsRoot: hex.EncodeToString(roots.Heads[:]),
		Limits: a.limits(),
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

func (a *API) publishers() ([]Publisher, error) {
	held, err := a.cfg.DB.Heads()
	if err != nil {
		return nil, inside(err)
	}
	effective := map[federation.PublisherID]int{}
	for _, row := range a.cfg.Catalogue.Rows() {
		if row.Effective {
			effective[row.Publisher]++
		}
	}
	var replicas map[federation.PublisherID]Replica
	if a.cfg.Replicas != nil {
		replicas = a.cfg.Replicas()
	}
	out := make([]Publisher, len(held))
	for i, h := range held {
		out[i] = a.publisher(h, effective[h.Publisher])
		if r, ok := replicas[h.Publisher]; ok && !out[i].Self {
			out[i].Replica = &r
		}
	}
	return out, nil
}

func (a *API) publisher(h store.Held, effective int) Publisher {
	return Publisher{
		ID: h.Publisher, Name: h.Node.Name, Alliance: h.Node.Alliance, URL: h.Node.URL,
		Class: a.cfg.Authority.Best(h.Publisher), Self: h.Publisher == a.cfg.Node.Publisher, Records: h.Count,
		Effective: effective, Domains: notNull(h.Domains), Head: h.CID.String(), Epoch: h.Epoch, Seq: h.Seq,
		Issued: stamp(h.Issued),
	}
}

func (a *API) heads() ([]Head, error) {
	held, err := a.cfg.DB.Heads()
	if err != nil {
		return nil, inside(err)
	}
	out := make([]Head, len(held))
	for i, h := range held {
		out[i] = Head{
			Publisher: h.Publisher, Epoch: h.Epoch, Seq: h.Seq, CID: h.CID.String(), Root: h.Root.String(),
			Prev: cidText(h.Prev), Count: h.Count, Bytes: h.Bytes, Domains: notNull(h.Domains), Issued: stamp(h.Issued),
			Payload: hex.EncodeToString(h.Payload[:]), Node: HeadNode(h.Node),
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
