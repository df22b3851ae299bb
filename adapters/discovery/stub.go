// Package discovery finds a provider's manifest: the domain search order of QualityLink discovery, DNS before
// well-known, first manifest wins, and every probe recorded with its outcome and reason.
package discovery

import (
	"context"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
)

// Probe is one attempt, in order. Method: dns, well-known. Outcome: found, not_found, not_parsable, not_tried, error.
type Probe struct {
	Domain  string `json:"domain"`
	Method  string `json:"method"`
	URL     string `json:"url"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
}

// Result of a search.
type Result struct {
	Provider     string               `json:"provider"`
	ManifestURL  string               `json:"manifest_url"`
	LocatedByDNS bool                 `json:"located_by_dns"` // and outside the provider's registrable domain
	Probes       []Probe              `json:"probes"`
	Manifest     *federation.Manifest `json:"-"`
	Body         []byte               `json:"-"` // the manifest's bytes
	Header       map[string]string    `json:"-"` // etag, last-modified
}

// Domains is the search order for a SCHAC domain and a website URL (either may be ""), without repeats.
func Domains(schac, website string) []string { panic("unwritten") }

// Search tries the domains in order. It returns a Result also when nothing was found (ManifestURL "").
func Search(ctx context.Context, c *fetch.Client, provider, website string) (Result, error) {
	panic("unwritten")
}

// WellKnown fetches only the three well-known URLs of one domain (authority evidence); https or counting as it.
func WellKnown(ctx context.Context, c *fetch.Client, domain string, requireSources bool) (Result, error) {
	panic("unwritten")
}

// SearchTerm for gofmt
var _ = federation.Manifest{}
