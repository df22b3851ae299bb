package discovery

import (
	"context"
	"errors"
	"net/url"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
)

// Search tries the domains in order. It returns a Result also when nothing was found (ManifestURL ""); only the end
// of ctx is an error.
func Search(ctx context.Context, c *fetch.Client, provider, website string) (Result, error) {
	return SearchSince(ctx, c, provider, website, Previous{})
}

// SearchSince asks the address of an earlier result conditionally; then the Result may be Unchanged.
func SearchSince(ctx context.Context, c *fetch.Client, provider, website string, previous Previous) (Result, error) {
	p := &prober{client: c, previous: previous, requireSources: true, result: Result{Provider: provider, Probes: []Probe{}}}
	for _, domain := range Domains(provider, website) {
		p.dns(ctx, domain)
		p.wellKnown(ctx, domain)
		if ctx.Err() != nil {
			return p.result, ctx.Err()
		}
	}
	p.result.LocatedByDNS = p.locatedByDNS(provider, website)
	return p.result, nil
}

// Look asks one address for a manifest that is to be harvested, as Search asks each. Only the end of ctx is an error.
func Look(ctx context.Context, c *fetch.Client, address string) (Result, error) {
	p := &prober{client: c, requireSources: true, result: Result{Probes: []Probe{}}}
	p.probe(ctx, "", methodAddress, address)
	return p.result, ctx.Err()
}

// locatedByDNS: whoever can forge a DNS answer could point anywhere, so a target away from the provider's own
// registrable domain is marked, and a change of it waits for approval.
func (p *prober) locatedByDNS(provider, website string) bool {
	for _, probe := range p.result.Probes {
		if probe.Outcome != Found || probe.Method != methodDNS {
			continue
		}
		own, ownErr := federation.RegistrableDomain(provider)
		if ownErr != nil {
			own, ownErr = federation.RegistrableDomain(federation.HostOf(website))
		}
		target, err := registrableOf(probe.URL)
		return ownErr != nil || err != nil || own != target
	}
	return false
}

func registrableOf(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	return federation.RegistrableDomain(u.Hostname())
}

func refused(err error) bool { return errors.Is(err, fetch.ErrRefused) }
