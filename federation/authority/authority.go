// Package authority turns fetched evidence and configuration into who may publish for whom
// (PROTOCOL section 3).
//
// A publisher counts for a source domain because the domain's own manifest names it (delegated) or
// because this node's operator trusts it for that domain (member). Whoever is named by neither is
// unverified. Only providers known from configuration have evidence, and evidence is read from
// nowhere but the well-known places of their own domain.
//
// Answers come from memory; evidence is kept in the store, so a restart during an outage keeps it.
package authority

import (
	"context"
	"log/slog"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
)

// Trust is an operator's statement that a publisher speaks for the domains a pattern matches.
type Trust struct {
	ID       federation.PublisherID `yaml:"id" json:"id"`
	Provider string                 `yaml:"provider" json:"provider"` // provider id or pattern: "*.example", "*"
	Class    federation.Class       `yaml:"class" json:"class"`       // member, the default
}

// Config of an Authority. Providers are those known by configuration.
type Config struct {
	DB        *store.DB
	Fetch     *fetch.Client
	Providers []federation.Provider
	Trust     []Trust
	Log       *slog.Logger
	Now       func() time.Time
}

// Authority answers from memory. Safe for concurrent use.
type Authority struct {
	cfg      Config
	table    store.Table[Evidence]
	trusted  store.Table[Trust]
	known    map[string]federation.Provider // immutable
	checking sync.Map                       // domain -> *sync.Mutex: one check of a domain at a time

	mu       sync.RWMutex
	evidence map[string]Evidence // by domain
	trust    []Trust
	version  uint64
	changed  chan struct{} // closed and replaced when version rises
}

// New loads kept evidence; nothing is fetched before Run or Check.
func New(cfg Config) (*Authority, error) {
	a := &Authority{
		cfg: cfg, known: map[string]federation.Provider{}, evidence: map[string]Evidence{}, version: 1,
		table: store.TableOf[Evidence](cfg.DB, "evidence"), trusted: store.TableOf[Trust](cfg.DB, "trust"),
		changed: make(chan struct{}),
	}
	for _, p := range cfg.Providers {
		a.known[p.ID] = p
	}
	for domain, e := range a.table.All("") {
		if _, ok := a.known[domain]; ok {
			a.evidence[domain] = e
		}
	}
	a.trust = slices.Clone(cfg.Trust)
	for _, t := range a.trusted.All("") {
		a.trust = append(a.trust, t)
	}
	return a, nil
}

// Known returns the provider of that id, if configuration knows it.
func (a *Authority) Known(id string) (federation.Provider, bool) {
	p, ok := a.known[id]
	return p, ok
}

// Providers lists all known providers, sorted by id.
func (a *Authority) Providers() []federation.Provider {
	out := make([]federation.Provider, 0, len(a.known))
	for _, p := range a.known {
		out = append(out, p)
	}
	slices.SortFunc(out, func(x, y federation.Provider) int { return compare(x.ID, y.ID) })
	return out
}

// Class says why a publisher counts for a source domain, and its place in that domain's manifest
// (0 for classes that no manifest orders).
func (a *Authority) Class(p federation.PublisherID, domain string) (federation.Class, int) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if e, ok := a.evidence[domain]; ok && e.Publishers != nil {
		if i := slices.Index(*e.Publishers, p); i >= 0 {
			return federation.Delegated, i
		}
	}
	for _, t := range a.trust {
		if t.ID == p && matches(t.Provider, domain) {
			return federation.Member, 0
		}
	}
	return federation.Unverified, 0
}

// Best is the highest class of a publisher over all domains; Unverified when it counts for none.
func (a *Authority) Best(p federation.PublisherID) federation.Class {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, e := range a.evidence {
		if e.Publishers != nil && slices.Contains(*e.Publishers, p) {
			return federation.Delegated
		}
	}
	if slices.ContainsFunc(a.trust, func(t Trust) bool { return t.ID == p }) {
		return federation.Member
	}
	return federation.Unverified
}

// Relation says whether a source domain may speak for a provider.
func (a *Authority) Relation(domain, provider string) federation.Relation {
	if domain == provider {
		return federation.Own
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	if e, ok := a.evidence[provider]; ok && slices.Contains(e.Delegates, domain) {
		return federation.Delegate
	}
	return federation.None
}

// Trusted lists what the operator trusts, from configuration and by Trust.
func (a *Authority) Trusted() []Trust {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Clone(a.trust)
}

// Trust adds an operator's statement and keeps it.
func (a *Authority) Trust(t Trust) error {
	if err := a.trusted.Put(string(t.ID)+" "+t.Provider, t); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trust = append(a.trust, t)
	a.bump()
	return nil
}

// Version rises with every change of an answer.
func (a *Authority) Version() uint64 {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.version
}

// Wait blocks until the version is above after.
func (a *Authority) Wait(ctx context.Context, after uint64) (uint64, error) {
	for {
		a.mu.RLock()
		version, changed := a.version, a.changed
		a.mu.RUnlock()
		if version > after {
			return version, nil
		}
		select {
		case <-ctx.Done():
			return version, ctx.Err()
		case <-changed:
		}
	}
}

// bump tells waiters that answers changed; a.mu is held.
func (a *Authority) bump() {
	a.version++
	close(a.changed)
	a.changed = make(chan struct{})
}

func matches(pattern, domain string) bool {
	ok, err := path.Match(pattern, domain)
	return err == nil && ok
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
