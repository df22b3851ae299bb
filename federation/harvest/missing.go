package harvest

import (
	"context"
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/federation"
)

const (
	gone        = "gone"
	unreachable = "unreachable"
	goneFor     = federation.ManifestGoneFor // before a manifest that is gone withdraws its sources
)

// noManifest is an ErrNoManifest that says what was answered and what follows.
type noManifest struct{ Problem }

func (e *noManifest) Error() string { return e.Message + "; " + e.Fix }

func (*noManifest) Unwrap() error { return ErrNoManifest }

// lack says of a search without a manifest what was answered, and what becomes of the courses.
func lack(d Discovery) Problem {
	told := telling(d.Probes, d.InForce)
	p := Problem{Where: told.URL, Message: fmt.Sprintf("%s: %s", d.Provider, ErrNoManifest)}
	if told.Reason != "" {
		p.Message += ": " + told.URL + ": " + told.Reason
	}
	const day = "2 January 2006"
	every := fmt.Sprintf("`coursemesh discover %s` lists every place tried and the reason", d.Provider)
	switch {
	case d.Missing == gone && d.Checked.Sub(d.Since) >= goneFor:
		p.Fix = "serve it again: its courses were withdrawn, since it has been gone for 7 days; " + every
	case d.Missing == gone:
		p.Fix = fmt.Sprintf("serve it again: its courses stay until then, and are withdrawn on %s, when it has been gone for 7 days; %s", d.Since.Add(goneFor).Format(day), every)
	case d.Missing != "" && told.Outcome == discovery.NotParsable:
		p.Fix = fmt.Sprintf("mend it: its courses stay, marked stale; whom it lets publish counts until %s, for 7 days, and without that they leave the catalogue; %s",
			d.Since.Add(federation.ManifestGoneFor).Format(day), every)
	case d.Missing != "":
		p.Fix = fmt.Sprintf("let its server answer again: its courses stay, marked stale; whom it lets publish counts until %s, for 90 days without an answer, and without that they leave the catalogue; %s",
			d.Since.Add(federation.ManifestSilentFor).Format(day), every)
	default:
		p.Fix = fmt.Sprintf("put a manifest at https://%s/.well-known/quality-link-manifest.json, or a TXT record that names its place; %s", d.Provider, every)
	}
	return p
}

// telling is the probe that says most: that of the manifest followed so far, else the one that found something, else
// one that got no usable answer, else the last.
func telling(probes []discovery.Probe, inForce string) (best discovery.Probe) {
	weight := func(p discovery.Probe) int {
		switch {
		case p.URL == "":
			return 0
		case p.URL == inForce:
			return 4
		case p.Outcome == discovery.NotParsable:
			return 3
		case p.Outcome == discovery.Error:
			return 2
		}
		return 1
	}
	for _, p := range probes {
		if weight(p) > 0 && weight(p) >= weight(best) {
			best = p
		}
	}
	return best
}

// whyMissing tells a manifest that was taken down from one that cannot be read now. A TXT record that is no longer
// there took its manifest along.
func whyMissing(found discovery.Result, inForce string) string {
	for _, p := range found.Probes {
		if p.URL == inForce {
			return missingBy(p)
		}
	}
	for _, p := range found.Probes {
		if p.Method == "dns" && p.Outcome == discovery.Error {
			return unreachable
		}
	}
	return gone
}

func missingBy(p discovery.Probe) string {
	if p.Outcome == discovery.NotFound {
		return gone
	}
	return unreachable
}

// missing keeps the courses of a domain whose manifest is not there, and withdraws them when it has been gone
// for a week.
func (h *Harvester) missing(ctx context.Context, d Discovery) (Report, error) {
	domain, report := d.Provider, Report{Errors: []Problem{}}
	drafts := map[string]draft{}
	for _, state := range h.Sources(domain) {
		if state.ByHand || d.Missing == "" {
			continue
		}
		var err error
		if d.Missing == gone && d.Checked.Sub(d.Since) >= goneFor {
			err = h.drop(state, drafts, &report)
		} else if state.Stale.IsZero() {
			state.Stale = d.Since
			err = h.sources.Put(sourceKey(domain, state.Spec.Key()), state)
		}
		if err != nil {
			return report, err
		}
	}
	report, err := h.close(ctx, domain, drafts, report)
	p := lack(d)
	report.fail(p)
	return report, errors.Join(err, &noManifest{p})
}
