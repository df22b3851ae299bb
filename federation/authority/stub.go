// Package authority turns fetched evidence and configuration into who may publish for whom (PROTOCOL section 3).
package authority

import (
	"context"
	"time"

	"github.com/coursemesh/coursemesh/federation"
)

// Evidence is what a domain's own well-known manifest says about whom it lets publish.
type Evidence struct {
	Domain     string                    `json:"domain"`
	URL        string                    `json:"url,omitempty"`        // where it was found
	Publishers *[]federation.PublisherID `json:"publishers,omitempty"` // nil: no such key
	Delegates  []string                  `json:"delegates,omitempty"`
	Withdrawn  bool                      `json:"withdrawn,omitempty"`
	Fetched    time.Time                 `json:"fetched"`          // last time it was obtained or confirmed
	Checked    time.Time                 `json:"checked"`          // last attempt
	Failing    time.Time                 `json:"failing,omitzero"` // since when attempts fail
	Problem    string                    `json:"problem,omitempty"`
	ETag       string                    `json:"etag,omitempty"`
	Modified   string                    `json:"modified,omitempty"`
}

// Authority answers from memory; evidence is kept in the store. Safe for concurrent use.
type Authority struct { /* owner's fields */
}

// Known returns the provider of that id, if configuration or a registry knows it. Providers lists all, sorted by id.
func (a *Authority) Known(id string) (federation.Provider, bool) { panic("unwritten") }
func (a *Authority) Providers() []federation.Provider            { panic("unwritten") }

// Class says why a publisher counts for a source domain, and its place in that domain's manifest.
func (a *Authority) Class(p federation.PublisherID, domain string) (federation.Class, int) {
	panic("unwritten")
}

// Best is the highest class of a publisher over all domains; Unverified when it counts for none.
func (a *Authority) Best(p federation.PublisherID) federation.Class { panic("unwritten") }

// Relation says whether a source domain may speak for a provider.
func (a *Authority) Relation(domain, provider string) federation.Relation { panic("unwritten") }

// Evidence returns what is held of a domain.
func (a *Authority) Evidence(domain string) (Evidence, bool) { panic("unwritten") }

// Check fetches the evidence of one known domain now (at most once a minute per domain).
func (a *Authority) Check(ctx context.Context, domain string) (Evidence, error) { panic("unwritten") }

// Version rises with every change of an answer; Wait blocks until it is above after.
func (a *Authority) Version() uint64                                        { panic("unwritten") }
func (a *Authority) Wait(ctx context.Context, after uint64) (uint64, error) { panic("unwritten") }
