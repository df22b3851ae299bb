package harvest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/adapters/detect"
	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/federation"
)

// tried finds what a target announces; reason says how the standard of a single source was recognised.
func (h *Harvester) tried(ctx context.Context, q TrialRequest, trial *Trial) (a announcement, reason string, err error) {
	web := isURL(q.Target)
	_, missing := os.Stat(q.Target)
	if !web && missing != nil {
		a, err = h.triedDomain(ctx, q, trial)
		return a, "", err
	}
	domain, err := triedProvider(q, web)
	if err != nil {
		return a, "", err
	}
	if !web {
		a, err = localAnnouncement(q.Target, domain)
		if len(a.local) == 0 {
			trial.Manifest = q.Target
		}
		return a, "", err
	}
	a, reason, err = h.triedURL(ctx, q, domain)
	if reason == "" {
		trial.Manifest = q.Target
	}
	return a, reason, err
}

func (h *Harvester) triedDomain(ctx context.Context, q TrialRequest, trial *Trial) (announcement, error) {
	domain, err := federation.NormaliseDomain(q.Target)
	if err != nil {
		return announcement{}, fmt.Errorf("%s %w: it is neither a file here, nor a URL, nor a domain (%v)", q.Target, ErrTarget, err)
	}
	website := q.Website
	if known, ok := h.cfg.Known(domain); ok && website == "" {
		website = known.Website
	}
	found, err := discovery.Search(ctx, h.cfg.Fetch, domain, website)
	if err != nil {
		return announcement{}, err
	}
	if found.Manifest == nil {
		return announcement{}, &noManifest{lack(Discovery{Result: found})}
	}
	trial.Manifest = found.ManifestURL
	return announcement{domain: domain, manifest: *found.Manifest}, nil
}

// triedProvider is for whom the target would speak.
func triedProvider(q TrialRequest, web bool) (string, error) {
	if q.Provider != "" {
		return providerID(q.Target, q.Provider)
	}
	if u, err := url.Parse(q.Target); err == nil && web {
		if domain, err := federation.RegistrableDomain(u.Hostname()); err == nil {
			return domain, nil
		}
	}
	return nobody, nil
}

// triedURL reads a manifest, or describes the one source that lies there.
func (h *Harvester) triedURL(ctx context.Context, q TrialRequest, domain string) (announcement, string, error) {
	entry := maps.Clone(q.Source)
	if entry == nil {
		entry = map[string]any{}
	}
	entry["path"] = q.Target
	_, told := entry["type"]
	if !told {
		entry["type"] = "elm" // until it is known
	}
	m, err := manifestOf(entry)
	if err != nil || len(m.Sources) == 0 {
		return announcement{}, "", fmt.Errorf("%s %w: %w", q.Target, ErrTarget, errors.Join(err, problemsOf(m)))
	}
	spec := &m.Sources[0]
	a := announcement{domain: domain, manifest: m, partial: true}
	if told {
		return a, "as told", nil
	}
	found, err := h.detect(ctx, *spec, domain)
	if err != nil {
		return a, "", found.explain(q.Target, err)
	}
	if found.Type == detect.Manifest {
		a.manifest, err = federation.ParseManifest(found.Body, true)
		return a, "", err
	}
	spec.Type, spec.Path = found.Type, found.Path
	if spec.Version == "" {
		spec.Version = found.Version
	}
	a.manifest.Problems = nil // about the standing in as ELM
	return a, found.Reason, nil
}

func problemsOf(m federation.Manifest) error {
	var errs []error
	for _, p := range m.Problems {
		errs = append(errs, errors.New(p.String()))
	}
	return errors.Join(errs...)
}

// manifestOf reads one entry of a manifest by the rules that hold for all.
func manifestOf(entry map[string]any) (federation.Manifest, error) {
	document, err := json.Marshal(map[string]any{"sources": []any{entry}})
	if err != nil {
		return federation.Manifest{}, err
	}
	return federation.ParseManifest(document, true)
}

// detected is what lies at an address that nobody described.
type detected struct{ detect.Found }

// explain prefers the reason why a document that means to be a manifest is none.
func (d detected) explain(target string, err error) error {
	if !errors.Is(err, detect.ErrUnknown) {
		return err
	}
	if meantAsManifest(d.Body) {
		_, err := federation.ParseManifest(d.Body, true)
		return fmt.Errorf("%s: %w", target, err)
	}
	return fmt.Errorf("%w; %w: say what it is in a manifest, or with `source test --type`", err, ErrTarget)
}

// accepted are the media types of all standards: some servers answer 406 to those who do not say.
const accepted = "application/json, application/vnd.api+json, text/turtle, application/rdf+xml, application/ld+json, */*;q=0.5"

// detect asks with the credentials that were given with the address.
func (h *Harvester) detect(ctx context.Context, spec federation.ManifestSource, domain string) (detected, error) {
	headers := map[string]string{"Accept": accepted}
	maps.Copy(headers, spec.Headers)
	spec.Headers = headers
	r := &run{h: h, spec: spec, state: SourceState{Domain: domain, Spec: access.Redacted(spec)}, trial: newSourceTrial(spec, "")}
	var err error
	if r.pass, err = h.gate(h.bound).Open(domain, spec); err != nil {
		return detected{}, err
	}
	found, err := detect.Source(ctx, r.get, spec.Path, domain)
	return detected{found}, err
}
