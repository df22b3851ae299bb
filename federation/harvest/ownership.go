package harvest

import (
	"slices"

	"github.com/coursemesh/coursemesh/federation"
)

// listing is what a source listed in its last complete run: record keys, sorted.
type listing struct {
	Domain string   `json:"domain"`
	Order  int      `json:"order"`
	Keys   []string `json:"keys"`
}

// owners knows which sources of this node list which keys. Across domains the better domain for the provider
// wins a key, above all its own; within one domain the first source in manifest order.
type owners struct {
	prefers  func(provider, one, other string) bool
	bySource map[string]listing
	byKey    map[string][]string // record key -> source keys
}

func (h *Harvester) owners() (*owners, error) {
	o := &owners{prefers: h.cfg.Prefers, bySource: map[string]listing{}, byKey: map[string][]string{}}
	for source, l := range h.listings.All("") {
		o.bySource[source] = l
		for _, key := range l.Keys {
			o.byKey[key] = append(o.byKey[key], source)
		}
	}
	return o, nil
}

// listed returns the keys of a source's last complete listing.
func (o *owners) listed(source string) []string { return o.bySource[source].Keys }

// others says that another source lists the key too, so it will take the record over.
func (o *owners) others(key, than string) bool {
	return slices.ContainsFunc(o.byKey[key], func(s string) bool { return s != than })
}

// yields says that a source must leave a key to another one that lists it.
func (o *owners) yields(source, domain string, order int, key string) bool {
	_, provider, _, err := federation.SplitKey(key)
	if err != nil {
		return true
	}
	for _, other := range o.byKey[key] {
		if other == source {
			continue
		}
		l := o.bySource[other]
		if l.Domain == domain && l.Order < order {
			return true
		}
		if l.Domain != domain && o.prefers(provider, l.Domain, domain) {
			return true
		}
	}
	return false
}

// ownFirst is the order of source domains where nothing more is known of them: the provider's own, then by name.
func ownFirst(provider, one, other string) bool {
	return one == provider || other != provider && one < other
}
