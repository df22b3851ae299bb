// Package discovery finds a provider's manifest: the domain search order of QualityLink discovery, DNS before
// well-known, first manifest wins, and every probe recorded with its outcome and reason. It also fetches the
// well-known manifest of one domain as evidence of authority, where the kind of a failure matters.
package discovery

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation"
)

// Methods of a probe.
const (
	methodDNS       = "dns"
	methodWellKnown = "well-known"
	methodAddress   = "address" // given by hand
)

// Outcomes of a probe.
const (
	Found       = "found"
	NotFound    = "not_found"    // the server, or DNS, says that there is none
	NotParsable = "not_parsable" // there is something, but no manifest
	NotTried    = "not_tried"    // one was found before
	Error       = "error"        // no usable answer
)

// Probe is one attempt, in order. Method: dns, well-known, address. Outcome: found, not_found, not_parsable, not_tried, error.
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
	ManifestURL  string               `json:"manifest_url"`   // as asked, before redirects
	LocatedByDNS bool                 `json:"located_by_dns"` // and outside the provider's registrable domain
	Probes       []Probe              `json:"probes"`
	Manifest     *federation.Manifest `json:"-"` // nil: nothing found, or Unchanged
	Body         []byte               `json:"-"` // the manifest's bytes
	Header       map[string]string    `json:"-"` // etag, last-modified
	Unchanged    bool                 `json:"-"` // the server says that the previous manifest still holds
	Refused      *Refused             `json:"-"` // a document in the place of a manifest that is none
}

// Refused is a document that cannot be read as a manifest.
type Refused struct {
	URL  string // as asked
	Body []byte
}

// Previous is what an earlier Result said, to ask only for news. It is used for the same address alone.
type Previous struct{ ManifestURL, ETag, LastModified string }

// Previous of this result, for the next search.
func (r Result) Previous() Previous {
	return Previous{r.ManifestURL, r.Header["etag"], r.Header["last-modified"]}
}

// wellKnownPaths in the order of the standard; the first one found wins.
var wellKnownPaths = []string{
	"/.well-known/quality-link-manifest",
	"/.well-known/quality-link-manifest.json",
	"/.well-known/quality-link-manifest.yaml",
}

// WellKnownURLs of a domain, in the order in which they are asked.
func WellKnownURLs(domain string) []string {
	urls := make([]string, len(wellKnownPaths))
	for i, path := range wellKnownPaths {
		urls[i] = "https://" + domain + path
	}
	return urls
}

// genericLabels say nothing about the institution.
var genericLabels = []string{"www", "www2", "web", "home", "portal"}

// Domains is the search order for a SCHAC domain and a website URL (either may be ""), without repeats: the SCHAC
// domain, the website's host, that host without a generic first label, its registrable domain.
func Domains(schac, website string) []string {
	var names []string
	add := func(name string) {
		for _, known := range names {
			if known == name {
				return
			}
		}
		names = append(names, name)
	}
	if name, err := federation.NormaliseDomain(schac); err == nil {
		add(name)
	}
	host := federation.HostOf(website)
	registrable, err := federation.RegistrableDomain(host)
	if host == "" || err != nil { // a public suffix is no institution's
		return names
	}
	add(host)
	add(withoutGeneric(host, registrable))
	add(registrable)
	return names
}

// withoutGeneric never cuts into the registrable domain: www.example may be all that there is.
func withoutGeneric(host, registrable string) string {
	for _, label := range genericLabels {
		if rest, ok := strings.CutPrefix(host, label+"."); ok && host != registrable {
			return rest
		}
	}
	return host
}
