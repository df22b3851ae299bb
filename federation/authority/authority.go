// Package authority turns fetched evidence and configuration into who may publish for whom
// (PROTOCOL section 3).
//
// A publisher counts for a source domain because the domain's own manifest names it (delegated), because
// this node's operator trusts it for that domain (member), because an alliance that has the domain as a
// member names it (alliance), or because an authority over the domain does (authoritative). Whoever is
// named by nobody is unverified. Only domains known from a registry or configuration have evidence, and
// evidence is read from nowhere but the well-known places of their own domain.
//
// Alliances and authorities are the operator's and the registry's statements, never a record's. A frozen
// publisher is the operator's decision to take nothing newer from it.
//
// Answers come from memory; evidence is kept in the store, so a restart during an outage keeps it.
package authority

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
)

// Config of an Authority. Providers and Alliances are those known from registries and configuration;
// members of alliances and the domains of alliances and stewards count as known, too.
type Config struct {
	DB        *store.DB
	Fetch     *fetch.Client
	Providers []federation.Provider
	Alliances []federation.Alliance
	Stewards  []Steward
	Trust     []Trust
	Log       *slog.Logger
	Now       func() time.Time
}

// Authority answers from memory. Safe for concurrent use.
type Authority struct {
	cfg      Config
	table    store.Table[Evidence]
	trusted  store.Table[Trust]
	freezes  store.Table[Freeze]
	checking sync.Map // domain -> *sync.Mutex: one check of a domain at a time

	roster atomic.Pointer[roster] // replaced as a whole, with mu held
	learnt chan struct{}          // holds a token after it was

	mu        sync.RWMutex
	evidence  map[string]Evidence                 // by domain
	delegated map[federation.PublisherID]struct{} // by any domain
	trust     []Trust
	frozen    map[federation.PublisherID]Freeze
	version   uint64
	moved     map[string]uint64 // domain -> version of its last change
	everyone  uint64            // version of the last change that may concern any domain
	changed   chan struct{}     // closed and replaced when version rises
}

// New loads kept evidence; nothing is fetched before Run or Check.
func New(cfg Config) (*Authority, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	a := &Authority{
		cfg: cfg, evidence: map[string]Evidence{}, frozen: map[federation.PublisherID]Freeze{}, version: 1, everyone: 1, moved: map[string]uint64{},
		table: store.TableOf[Evidence](cfg.DB, "evidence"), trusted: store.TableOf[Trust](cfg.DB, "trust"),
		freezes: store.TableOf[Freeze](cfg.DB, "frozen"), changed: make(chan struct{}), learnt: make(chan struct{}, 1),
	}
	a.roster.Store(newRoster(cfg.Providers, cfg.Alliances, cfg.Stewards))
	for domain, e := range a.table.All("") {
		if _, ok := a.roster.Load().domains[domain]; ok {
			a.evidence[domain] = e
		}
	}
	a.collectDelegated()
	a.trust = slices.Clone(cfg.Trust)
	for _, t := range a.trusted.All("") {
		a.trust = append(a.trust, t)
	}
	for id, f := range a.freezes.All("") {
		a.frozen[federation.PublisherID(id)] = f
	}
	return a, nil
}

// merge makes one alliance of several statements about a domain: its members are those of all.
func merge(stated []federation.Alliance) []federation.Alliance {
	byDomain := map[string]federation.Alliance{}
	for _, s := range stated {
		m := byDomain[s.Domain]
		m.Domain, m.Name, m.Website = s.Domain, cmp.Or(m.Name, s.Name), cmp.Or(m.Website, s.Website)
		m.Members, m.Aliases = union(m.Members, s.Members), union(m.Aliases, s.Aliases)
		byDomain[s.Domain] = m
	}
	out := slices.Collect(maps.Values(byDomain))
	slices.SortFunc(out, func(x, y federation.Alliance) int { return cmp.Compare(x.Domain, y.Domain) })
	return out
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// Known returns the provider of that id, if a registry or configuration knows it.
func (a *Authority) Known(id string) (federation.Provider, bool) {
	p, ok := a.roster.Load().known[id]
	return p, ok
}

// Providers lists all known providers, sorted by id. The slice is not to be changed.
func (a *Authority) Providers() []federation.Provider { return a.roster.Load().providers }

func sorted(byID map[string]federation.Provider) []federation.Provider {
	out := slices.Collect(maps.Values(byID))
	slices.SortFunc(out, func(x, y federation.Provider) int { return cmp.Compare(x.ID, y.ID) })
	return out
}

// Alliances lists the known alliances with their members, by domain. The slice is not to be changed.
func (a *Authority) Alliances() []federation.Alliance { return a.roster.Load().alliances }

// Alliance returns the alliance of that domain or alias.
func (a *Authority) Alliance(id string) (federation.Alliance, bool) {
	all := a.Alliances()
	i := slices.IndexFunc(all, func(al federation.Alliance) bool { return al.Domain == id || slices.Contains(al.Aliases, id) })
	if i < 0 {
		return federation.Alliance{}, false
	}
	return all[i], true
}

// AlliancesOf lists the domains of the alliances that have the provider as a member, sorted.
func (a *Authority) AlliancesOf(provider string) []string { return a.roster.Load().memberOf[provider] }

// Version rises with every change of an answer.
func (a *Authority) Version() uint64 {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.version
}

// Changed lists the domains about which answers changed after a version; all says that any may have.
func (a *Authority) Changed(after uint64) (domains []string, all bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for domain, version := range a.moved {
		if version > after {
			domains = append(domains, domain)
		}
	}
	return domains, a.everyone > after
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

// bump tells waiters that answers about some domains changed, or about any when none is given; a.mu is held.
func (a *Authority) bump(domains ...string) {
	a.version++
	for _, domain := range domains {
		a.moved[domain] = a.version
	}
	if len(domains) == 0 {
		a.everyone = a.version
	}
	close(a.changed)
	a.changed = make(chan struct{})
}
