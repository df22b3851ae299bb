package authority

import (
	"path"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
)

// Standing is why a publisher counts for a source domain.
type Standing struct {
	Class federation.Class
	Order int    // place in the domain's manifest, 0 first; 0 for classes that no manifest orders
	By    string // domain of the alliance or authority through which it counts, else ""
}

// Standing says why a publisher counts for a source domain. lists tells whether the effective head of a
// publisher lists the domain as completely harvested: from then on a listed publisher ends what an alliance
// says in the domain's place, while an empty list ends it at once.
func (a *Authority) Standing(p federation.PublisherID, domain string, lists func(federation.PublisherID) bool) Standing {
	a.mu.RLock()
	defer a.mu.RUnlock()
	e, checked := a.evidence[domain]
	if i := e.place(p); i >= 0 {
		return Standing{Class: federation.Delegated, Order: i}
	}
	if a.trusts(p, domain, federation.Member) {
		return Standing{Class: federation.Member}
	}
	if checked && e.open(lists) {
		if by := a.namedBy(p, a.roster.Load().memberOf[domain]); by != "" {
			return Standing{Class: federation.AllianceClass, By: by}
		}
	}
	if by := a.namedBy(p, a.stewardsOf(domain)); by != "" {
		return Standing{Class: federation.Authoritative, By: by}
	}
	if a.trusts(p, domain, federation.Authoritative) {
		return Standing{Class: federation.Authoritative}
	}
	return Standing{Class: federation.Unverified}
}

// place of a publisher in the manifest's list, -1 when it is not there.
func (e Evidence) place(p federation.PublisherID) int {
	if e.Publishers == nil {
		return -1
	}
	return slices.Index(*e.Publishers, p)
}

// open says that an alliance may speak in the domain's place: its manifest does not say who publishes, or
// nobody whom it names does so yet.
func (e Evidence) open(lists func(federation.PublisherID) bool) bool {
	switch {
	case e.Publishers == nil:
		return true
	case len(*e.Publishers) == 0:
		return false
	}
	return !slices.ContainsFunc(*e.Publishers, lists)
}

// namedBy is the first of some domains whose manifest lists the publisher; a.mu is held.
func (a *Authority) namedBy(p federation.PublisherID, domains []string) string {
	for _, domain := range domains {
		if a.evidence[domain].place(p) >= 0 {
			return domain
		}
	}
	return ""
}

func (a *Authority) stewardsOf(domain string) []string {
	var out []string
	for _, s := range a.roster.Load().stewards {
		if s.over(domain) {
			out = append(out, s.Domain)
		}
	}
	return out
}

func (a *Authority) trusts(p federation.PublisherID, domain string, class federation.Class) bool {
	return slices.ContainsFunc(a.trust, func(t Trust) bool { return t.ID == p && t.Class == class && matches(t.Provider, domain) })
}

// Best is the highest class of a publisher over all domains; Unverified when it counts for none.
// Whoever counts through an alliance or an authority is delegated by that one's own domain.
func (a *Authority) Best(p federation.PublisherID) federation.Class {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if _, ok := a.delegated[p]; ok {
		return federation.Delegated
	}
	best := federation.Unverified
	for _, t := range a.trust {
		if t.ID == p && best != federation.Member {
			best = t.Class
		}
	}
	return best
}

// collectDelegated finds out who is listed by any domain; a.mu is held, or nobody else is there yet.
func (a *Authority) collectDelegated() {
	a.delegated = map[federation.PublisherID]struct{}{}
	for _, e := range a.evidence {
		if e.Publishers == nil {
			continue
		}
		for _, p := range *e.Publishers {
			a.delegated[p] = struct{}{}
		}
	}
}

// Relation says whether a source domain may speak for a provider.
func (a *Authority) Relation(domain, provider string) federation.Relation {
	if domain == provider {
		return federation.Own
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	switch {
	case slices.Contains(a.evidence[provider].Delegates, domain):
		return federation.Delegate
	case slices.Contains(a.roster.Load().memberOf[provider], domain):
		return federation.OfAlliance
	case slices.Contains(a.stewardsOf(provider), domain):
		return federation.Configured
	}
	return federation.None
}

// Prefers reports that of two source domains of one publisher that say something under one key of a provider
// the first is the better one: a publisher's tree has one record for a key (PROTOCOL section 3).
func (a *Authority) Prefers(p federation.PublisherID, provider, one, other string) bool {
	pair := func(domain string) federation.Pair {
		s := a.Standing(p, domain, func(q federation.PublisherID) bool { return false })
		return federation.Pair{
			Provider: provider, Domain: domain, Publisher: p, Class: s.Class, Relation: a.Relation(domain, provider), Order: s.Order,
		}
	}
	return federation.Rank([]federation.Pair{pair(one), pair(other)})[0].Domain == one
}

func matches(pattern, domain string) bool {
	ok, err := path.Match(pattern, domain)
	return err == nil && ok
}
