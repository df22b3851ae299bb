package authority

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/federation"
)

// Intervals of PROTOCOL section 3 'Evidence'.
const (
	checkEvery = time.Hour
	checkGap   = time.Minute     // at most one check a domain in this time
	jitter     = 5 * time.Minute // by which a round may begin early, so that nodes do not ask all at once
	checkers   = 32
)

// ErrUnknown says that a domain belongs to no known provider, so it has no evidence.
var ErrUnknown = errors.New("no known provider has this domain; add it under registry.providers, trust.alliances or harvest.domains")

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
	Gone       time.Time                 `json:"gone,omitzero"`    // since when every attempt says that there is no manifest
	Spent      bool                      `json:"spent,omitempty"`  // failed too long: publishers and delegates were dropped
	Problem    string                    `json:"problem,omitempty"`
	ETag       string                    `json:"etag,omitempty"`
	Modified   string                    `json:"modified,omitempty"`
	Probes     []discovery.Probe         `json:"probes,omitempty"` // of the last attempt
}

// previous makes the next request conditional. Evidence that an outage used up is asked for whole.
func (e Evidence) previous() discovery.Previous {
	if e.Spent {
		return discovery.Previous{}
	}
	return discovery.Previous{ManifestURL: e.URL, ETag: e.ETag, LastModified: e.Modified}
}

func (e Evidence) confirmed(now time.Time, probes []discovery.Probe) Evidence {
	e.Probes = probes
	e.Fetched, e.Checked, e.Failing, e.Gone, e.Problem = now, now, time.Time{}, time.Time{}, ""
	return e
}

// Evidence returns what is held of a domain.
func (a *Authority) Evidence(domain string) (Evidence, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	e, ok := a.evidence[domain]
	return e, ok
}

// Check fetches the evidence of one known domain now, unless it was checked within the last minute.
// The error tells why nothing was obtained; what was held before then stays for its time.
func (a *Authority) Check(ctx context.Context, domain string) (Evidence, error) {
	provider, ok := a.roster.Load().domains[domain]
	if !ok {
		return Evidence{}, fmt.Errorf("%s: %w", domain, ErrUnknown)
	}
	lock, _ := a.checking.LoadOrStore(domain, new(sync.Mutex))
	lock.(*sync.Mutex).Lock()
	defer lock.(*sync.Mutex).Unlock()
	held, _ := a.Evidence(domain)
	now := a.cfg.Now()
	if since := now.Sub(held.Checked); since >= 0 && since < checkGap {
		return held, nil
	}
	return a.fetch(ctx, provider, held, now)
}

// fetch asks the provider's domain, then its registrable domain, and keeps the outcome.
func (a *Authority) fetch(ctx context.Context, p federation.Provider, held Evidence, now time.Time) (Evidence, error) {
	var failure error
	var probes []discovery.Probe
	for _, domain := range a.places(p) {
		found, err := discovery.WellKnown(ctx, a.cfg.Fetch, domain, discovery.WellKnownOptions{Previous: held.previous()})
		probes = append(probes, found.Probes...)
		switch {
		case err == nil && found.Unchanged:
			return a.keep(held.confirmed(now, probes))
		case err == nil:
			return a.keep(fresh(p.ID, found, now, probes))
		}
		if ctx.Err() != nil {
			return held, ctx.Err()
		}
		failure = worse(failure, err)
		if held.from(domain) && !discovery.Gone(err) {
			break // an outage of the place that spoke so far lets no other speak instead
		}
	}
	if failure == nil {
		failure = fmt.Errorf("%s: several known institutions share its domain, so it can show no evidence", p.ID)
	}
	held.Probes = probes
	return a.fail(p.ID, held, failure, now)
}

// places are the domains whose well-known manifest counts for a provider: its id and the registrable
// domain of it, or of its website when the id is no domain; never one that several providers share.
func (a *Authority) places(p federation.Provider) []string {
	var out []string
	if host, err := federation.NormaliseDomain(p.ID); err == nil {
		out = append(out, host)
	}
	if shared := registrable(p); shared != "" && !a.shared(shared, p.ID) && !slices.Contains(out, shared) {
		out = append(out, shared)
	}
	return out
}

func (a *Authority) shared(domain, by string) bool {
	for _, other := range a.roster.Load().domains {
		if other.ID != by && (other.ID == domain || registrable(other) == domain) {
			return true
		}
	}
	return false
}

func registrable(p federation.Provider) string {
	host := p.ID
	if _, err := federation.NormaliseDomain(p.ID); err != nil {
		host = federation.HostOf(p.Website)
	}
	domain, err := federation.RegistrableDomain(host)
	if err != nil {
		return ""
	}
	return domain
}

func fresh(domain string, found discovery.Result, now time.Time, probes []discovery.Probe) Evidence {
	asked := found.Previous()
	return Evidence{
		Domain: domain, URL: found.ManifestURL, Publishers: found.Manifest.Publishers,
		Delegates: found.Manifest.Delegates, Withdrawn: found.Manifest.Withdrawn, Fetched: now, Checked: now,
		ETag: asked.ETag, Modified: asked.LastModified, Probes: probes,
	}
}

// from says that what is held was read at a place of the domain.
func (e Evidence) from(domain string) bool {
	return federation.HostOf(e.URL) == domain && !e.Spent
}

// Expires is when what is held stops counting should attempts go on failing as the last one did; zero while
// they do not fail.
func (e Evidence) Expires() time.Time {
	switch {
	case e.Failing.IsZero():
		return time.Time{}
	case !e.Gone.IsZero() && e.Gone.Add(federation.ManifestGoneFor).Before(e.Failing.Add(federation.ManifestSilentFor)):
		return e.Gone.Add(federation.ManifestGoneFor)
	}
	return e.Failing.Add(federation.ManifestSilentFor)
}

// fail keeps what was held through an outage, for as long as the kind of failure allows.
func (a *Authority) fail(domain string, held Evidence, failure error, now time.Time) (Evidence, error) {
	held.Domain, held.Checked, held.Problem = domain, now, failure.Error()
	if held.Failing.IsZero() {
		held.Failing = now
	}
	switch {
	case !discovery.Gone(failure):
		held.Gone = time.Time{}
	case held.Gone.IsZero():
		held.Gone = now
	}
	if now.After(held.Expires()) {
		held.Publishers, held.Delegates, held.Spent = nil, nil, true
	}
	kept, err := a.keep(held)
	return kept, errors.Join(failure, err)
}

// worse prefers the failure with the longer patience: silence of one place may hide good evidence.
func worse(a, b error) error {
	if a == nil || (discovery.Gone(a) && !discovery.Gone(b)) {
		return b
	}
	return a
}

// keep stores evidence and tells waiters when an answer changed. Whom a domain lets publish counts also for
// the members of an alliance and the providers of an authority, so those changed with it.
func (a *Authority) keep(e Evidence) (Evidence, error) {
	if err := a.table.Put(e.Domain, e); err != nil {
		return e, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	old, had := a.evidence[e.Domain]
	a.evidence[e.Domain] = e
	a.alert(old, e)
	if had && sameAnswers(old, e) {
		return e, nil
	}
	a.collectDelegated()
	if alliance, ok := a.Alliance(e.Domain); ok {
		a.bump(append(slices.Clone(alliance.Members), e.Domain)...)
	} else if slices.ContainsFunc(a.roster.Load().stewards, func(s Steward) bool { return s.Domain == e.Domain }) {
		a.bump()
	} else {
		a.bump(e.Domain)
	}
	return e, nil
}

func sameAnswers(a, b Evidence) bool {
	if (a.Publishers == nil) != (b.Publishers == nil) {
		return false
	}
	samePublishers := a.Publishers == nil || slices.Equal(*a.Publishers, *b.Publishers)
	return samePublishers && slices.Equal(a.Delegates, b.Delegates)
}
