package harvest

import (
	"slices"
	"sync"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
)

// listing is what a source listed in its last complete run: record keys, sorted.
type listing struct {
	Domain string   `json:"domain"`
	Order  int      `json:"order"`
	Keys   []string `json:"keys"`
}

// owners knows which sources of this node list which keys. Across domains the better domain for the provider
// wins a key, above all its own; within one domain the first source in manifest order. It is read from the database
// once and follows what runs write, so that a run costs nothing for the sources of others.
type owners struct {
	prefers  func(provider, one, other string) bool
	listings store.Table[listing]

	mu       sync.RWMutex
	bySource map[string]listing  // guarded by mu
	byKey    map[string][]string // record key -> source keys; guarded by mu
}

func loadOwners(listings store.Table[listing], prefers func(provider, one, other string) bool) *owners {
	o := &owners{prefers: prefers, listings: listings, bySource: map[string]listing{}, byKey: map[string][]string{}}
	for source, l := range listings.All("") {
		o.enter(source, l)
	}
	return o
}

func (o *owners) enter(source string, l listing) {
	o.bySource[source] = l
	for _, key := range l.Keys {
		o.byKey[key] = append(slices.Clip(o.byKey[key]), source) // a new slice: readers may hold the old one
	}
}

// strike takes a source out; what others hold of the old lists stays as it is.
func (o *owners) strike(source string) {
	for _, key := range o.bySource[source].Keys {
		left := slices.DeleteFunc(slices.Clone(o.byKey[key]), func(s string) bool { return s == source })
		if o.byKey[key] = left; len(left) == 0 {
			delete(o.byKey, key)
		}
	}
	delete(o.bySource, source)
}

// put keeps what a source lists now.
func (o *owners) put(source string, l listing) error {
	if err := o.listings.Put(source, l); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.strike(source)
	o.enter(source, l)
	return nil
}

// drop forgets a source.
func (o *owners) drop(source string) error {
	if err := o.listings.Delete(source); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.strike(source)
	return nil
}

// listed returns the keys of a source's last complete listing.
func (o *owners) listed(source string) []string {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.bySource[source].Keys
}

// of lists the sources that list a key.
func (o *owners) of(key string) []string {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.byKey[key]
}

// others says that another source lists the key too, so it will take the record over.
func (o *owners) others(key, than string) bool {
	return slices.ContainsFunc(o.of(key), func(s string) bool { return s != than })
}

// yields says that a source must leave a key to another one that lists it.
func (o *owners) yields(source, domain string, order int, key string) bool {
	_, provider, _, err := federation.SplitKey(key)
	if err != nil {
		return true
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
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
