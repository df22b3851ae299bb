package harvest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/federation"
)

// ErrNoManifest says that no domain of the search order announces sources; the discovery tells why.
var ErrNoManifest = errors.New("no manifest found")

// ErrMoved says that DNS locates a manifest at a place that nobody has approved.
var ErrMoved = errors.New("waits for approval")

// Discovery is the last search for a provider's manifest and what came of it.
type Discovery struct {
	discovery.Result
	Checked  time.Time                    `json:"checked"`
	Problem  string                       `json:"problem,omitempty"`
	Manifest []federation.ManifestProblem `json:"manifest_problems,omitempty"`
	InForce  string                       `json:"in_force,omitempty"` // address of the manifest that is followed
	Pending  string                       `json:"pending,omitempty"`  // where DNS locates it now, not approved
	Missing  string                       `json:"missing,omitempty"`  // gone or unreachable: the manifest in force
	Since    time.Time                    `json:"missing_since,omitzero"`
}

// Discovery returns the last search for a provider's manifest.
func (h *Harvester) Discovery(provider string) (Discovery, bool) {
	d, err := h.discoveries.Get(provider)
	return d, err == nil
}

// Discover searches a provider's manifest and remembers every probe. Only a cancelled search, or a move that
// nobody has approved, is an error. The manifest is without its secrets.
func (h *Harvester) Discover(ctx context.Context, domain, website string) (discovery.Result, error) {
	found, _, err := h.discover(ctx, domain, Options{Website: website})
	if errors.Is(err, ErrMoved) {
		err = nil // the search itself went well
	}
	return redacted(found), err
}

// redacted is a result fit to be stored and shown.
func redacted(found discovery.Result) discovery.Result {
	if found.Manifest != nil {
		m := access.RedactedManifest(*found.Manifest)
		found.Manifest = &m
	}
	return found
}

// heldManifest is kept in memory alone, since a manifest holds what may be a secret.
type heldManifest struct {
	previous discovery.Previous
	manifest federation.Manifest
}

func (h *Harvester) discover(ctx context.Context, domain string, opts Options) (discovery.Result, Discovery, error) {
	website := opts.Website
	if known, ok := h.cfg.Known(domain); ok && website == "" {
		website = known.Website
	}
	before, _ := h.manifests.Load(domain) // none: the zero value
	held, _ := before.(heldManifest)
	found, err := discovery.SearchSince(ctx, h.cfg.Fetch, domain, website, held.previous)
	if err != nil {
		return found, Discovery{}, err
	}
	if found.Unchanged {
		found.Manifest = &held.manifest
	}
	last, _ := h.discoveries.Get(domain) // none: the zero value
	now, err := h.concluded(found, last, opts)
	if found.Manifest != nil {
		h.manifests.Store(domain, heldManifest{found.Previous(), *found.Manifest})
	}
	return found, now, errors.Join(err, h.discoveries.Put(domain, now))
}

// concluded is what a search means in the light of the last one.
func (h *Harvester) concluded(found discovery.Result, last Discovery, opts Options) (Discovery, error) {
	d := Discovery{Result: redacted(found), Checked: h.cfg.Now(), InForce: last.InForce}
	switch {
	case found.Manifest == nil:
		if last.InForce != "" {
			d.Missing, d.Since = whyMissing(found, last.InForce), h.cfg.Now()
		}
		if d.Missing == last.Missing {
			d.Since = last.Since
		}
		d.Problem = lack(d).Message
	case found.LocatedByDNS && last.InForce != "" && last.InForce != found.ManifestURL && !opts.AllowMove:
		d.Pending = found.ManifestURL
		err := fmt.Errorf("%s: DNS now locates its manifest at %s, which %w (until then %s is in force); if that is right, harvest it with --allow-move",
			found.Provider, found.ManifestURL, ErrMoved, last.InForce)
		d.Problem = err.Error()
		return d, err
	default:
		d.InForce, d.Manifest = found.ManifestURL, found.Manifest.Problems
	}
	return d, nil
}

// byDNS says that a TXT record led to the manifest.
func byDNS(found discovery.Result) bool {
	return slices.ContainsFunc(found.Probes, func(p discovery.Probe) bool { return p.Outcome == discovery.Found && p.Method == "dns" })
}
