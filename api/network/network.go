// Package network is what a node says about itself, its publishers, its peers and the institutions it
// knows: the shapes that the REST API and the pages share.
package network

import (
	"time"

	"github.com/coursemesh/coursemesh/federation"
)

// Peer is another node that this one knows.
type Peer struct {
	ID        string    `json:"id"`
	Addresses []string  `json:"addresses"`
	Connected bool      `json:"connected"`
	LastSeen  time.Time `json:"last_seen,omitzero"`
	Agent     string    `json:"agent,omitempty" doc:"Its program and version, as it says"`
	Newer     []string  `json:"newer_protocols,omitempty" doc:"Protocols of the project that it speaks and this node does not know"`
}

// Replica says how far a publisher's head is followed.
type Replica struct {
	State    string    `json:"state" doc:"in sync, behind, syncing, refused, frozen, proven (of two heads of one number) or not held"`
	Behind   uint64    `json:"behind" doc:"Records still to fetch, where known"`
	LastSeen time.Time `json:"last_seen,omitzero"`
	Reason   string    `json:"reason,omitempty"`
}

// Publisher whose head this node holds, or of which peers show one: then Head is "" and Replica says why it is not held.
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
	Replica   *Replica               `json:"replica,omitempty" doc:"Absent for this node's own and where nothing is known"`
	Frozen    *Freeze                `json:"frozen,omitempty" doc:"This node's operator keeps the held head as it is"`
	Standings []Standing             `json:"standings" doc:"For every provider it speaks about or whose domain it lists: why it counts or not"`
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
	ProvenEpoch *uint64                `json:"proven_epoch" doc:"Highest epoch with a proof of equivocation, which lies at /v1/publishers/{id}/proof"`
	Node        HeadNode               `json:"node"`
}

// HeadNode is what a head says about the node that signed it.
type HeadNode struct {
	Name     string `json:"name"`
	Alliance string `json:"alliance"`
	URL      string `json:"url"`
}

// Status is who answers and what it holds.
type Status struct {
	Name          string                 `json:"name"`
	Alliance      string                 `json:"alliance"`
	Version       string                 `json:"version"`
	Publisher     federation.PublisherID `json:"publisher"`
	Peer          string                 `json:"peer"`
	Courses       int                    `json:"courses" doc:"Effective course records"`
	Local         int                    `json:"local" doc:"Harvested here and shown here only"`
	Hidden        int                    `json:"hidden" doc:"Course records that this node's operator hides here"`
	Indexed       int                    `json:"indexed"`
	AtRisk        []string               `json:"evidence_at_risk" doc:"Domains whose manifest cannot be read now, although it could before"`
	Partial       bool                   `json:"partial" doc:"By its configuration this node holds the courses of some publishers only"`
	CatalogueRoot *string                `json:"catalogue_root" doc:"Null while this node does not hold all records"`
	AuthorityRoot string                 `json:"authority_root"`
	HeadsRoot     string                 `json:"heads_root"`
	Addresses     []string               `json:"addresses" doc:"From which it fetches sources"`
	Limits        map[string]int64       `json:"limits"`
}

// ProviderSummary is an institution known here or named by a course.
type ProviderSummary struct {
	ID      string   `json:"id"`
	IRI     string   `json:"iri"`
	Name    string   `json:"name"`
	Country string   `json:"country"`
	Website string   `json:"website"`
	Aliases []string `json:"aliases"`
	Courses int      `json:"courses"`

	Completeness *int `json:"completeness" doc:"Average of its courses, in percent; null while it has none"`

	Known       bool     `json:"known" doc:"By registry or configuration; others are named by courses only"`
	ManifestURL *string  `json:"manifest_url" doc:"Found by the last discovery"`
	Alliances   []string `json:"alliances" doc:"Domains of the alliances that have it as a member"`
}
