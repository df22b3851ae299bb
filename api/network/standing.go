package network

import (
	"time"

	"github.com/coursemesh/coursemesh/federation"
)

// Standing of a publisher with a provider: whether what it says from a source domain is the provider's part of
// the catalogue, and why or why not.
type Standing struct {
	Provider  string                 `json:"provider"`
	Domain    string                 `json:"domain" doc:"Source domain"`
	Publisher federation.PublisherID `json:"publisher"`
	Class     federation.Class       `json:"class" doc:"Why the publisher may speak for the source domain: delegated, member, alliance, authoritative; unverified: it may not"`
	By        string                 `json:"by,omitempty" doc:"Domain of the alliance or authority through which it counts"`
	Relation  string                 `json:"relation" enum:"own,delegate,alliance,configured,none" doc:"Why the source domain may speak for the provider"`
	Rank      int                    `json:"rank" doc:"Among the provider's, best 0"`
	Records   int                    `json:"records" doc:"Held of this provider"`
	Listed    bool                   `json:"listed" doc:"Its effective head lists the source domain as completely harvested"`
	Effective bool                   `json:"effective"`
	Because   string                 `json:"because" doc:"Where the class comes from"`
	Why       string                 `json:"why" doc:"Why it is effective or not"`
	Evidence  *Evidence              `json:"evidence,omitempty" doc:"Of the domain that decides: the source domain, the alliance or the authority"`
}

// States of evidence.
const (
	EvidenceHeld      = "held"      // obtained or confirmed at the last attempt
	EvidenceKept      = "kept"      // attempts fail; what was held before counts until it expires
	EvidenceLost      = "lost"      // attempts failed too long
	EvidenceNone      = "none"      // attempts found no manifest yet
	EvidenceUnchecked = "unchecked" // this node has not looked yet
)

// Evidence is what a domain's own manifest says about whom it lets publish, as this node holds it.
type Evidence struct {
	Domain     string                    `json:"domain"`
	State      string                    `json:"state" enum:"held,kept,lost,none,unchecked"`
	URL        string                    `json:"url" doc:"Where it was found"`
	Publishers *[]federation.PublisherID `json:"publishers" doc:"Null when the manifest has no such key"`
	Delegates  []string                  `json:"delegates"`
	Withdrawn  bool                      `json:"withdrawn"`
	Fetched    time.Time                 `json:"fetched,omitzero" doc:"Last time it was obtained or confirmed"`
	Checked    time.Time                 `json:"checked,omitzero" doc:"Last attempt"`
	Failing    time.Time                 `json:"failing,omitzero" doc:"Since when attempts fail"`
	Expires    time.Time                 `json:"expires,omitzero" doc:"When it stops counting if they go on failing"`
	Problem    string                    `json:"problem" doc:"Of the last attempt"`
}

// Freeze says since when and why a publisher's newer heads are kept out here.
type Freeze struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Alliance is a group of institutions, identified by a domain.
type Alliance struct {
	Domain     string                   `json:"domain"`
	Name       string                   `json:"name"`
	Website    string                   `json:"website"`
	Aliases    []string                 `json:"aliases"`
	Courses    int                      `json:"courses" doc:"Of all members, see /v1/courses?alliance="`
	Members    []Member                 `json:"members"`
	Publishers []federation.PublisherID `json:"publishers" doc:"Whom the alliance's own manifest lets publish"`
	Evidence   *Evidence                `json:"evidence,omitempty"`
}

// Member of an alliance.
type Member struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Country string `json:"country"`
	Courses int    `json:"courses"`
}
