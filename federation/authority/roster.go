package authority

import (
	"cmp"
	"maps"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
)

// roster is who is known at a time, and which alliance has whom. It is never written again.
type roster struct {
	known     map[string]federation.Provider // institutions
	providers []federation.Provider          // the same, by id
	domains   map[string]federation.Provider // all that have evidence: also alliances and stewards
	alliances []federation.Alliance          // by domain
	memberOf  map[string][]string            // provider -> domains of its alliances, sorted
	stewards  []Steward                      // by domain
}

func newRoster(providers []federation.Provider, alliances []federation.Alliance, stewards []Steward) *roster {
	r := &roster{known: map[string]federation.Provider{}, memberOf: map[string][]string{}, alliances: merge(alliances)}
	for _, p := range providers {
		r.known[p.ID] = p
	}
	for _, alliance := range r.alliances {
		for _, member := range alliance.Members {
			r.memberOf[member] = append(r.memberOf[member], alliance.Domain)
			if _, ok := r.known[member]; !ok {
				r.known[member] = federation.Provider{ID: member}
			}
		}
	}
	r.providers, r.domains = sorted(r.known), maps.Clone(r.known)
	also := func(domain, website string) {
		if _, ok := r.domains[domain]; !ok {
			r.domains[domain] = federation.Provider{ID: domain, Website: website}
		}
	}
	for _, alliance := range r.alliances {
		also(alliance.Domain, alliance.Website)
	}
	r.stewards = slices.SortedStableFunc(slices.Values(stewards), func(x, y Steward) int { return cmp.Compare(x.Domain, y.Domain) })
	for _, s := range r.stewards {
		also(s.Domain, "")
	}
	return r
}

// Learn replaces who is known from registries and configuration. Evidence of domains that are known no longer
// stops to count and stays kept; new domains are looked at soon, while Run runs.
func (a *Authority) Learn(providers []federation.Provider, alliances []federation.Alliance) {
	next := newRoster(providers, alliances, a.cfg.Stewards)
	kept := a.table.All("")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.roster.Store(next)
	for domain := range a.evidence {
		if _, ok := next.domains[domain]; !ok {
			delete(a.evidence, domain)
		}
	}
	for domain, e := range kept {
		_, known := next.domains[domain]
		if _, held := a.evidence[domain]; known && !held {
			a.evidence[domain] = e
		}
	}
	a.collectDelegated()
	a.bump()
	select {
	case a.learnt <- struct{}{}:
	default:
	}
}
