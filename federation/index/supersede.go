package index

import (
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
)

// A course says which older ones it replaces. That counts among the courses of one provider alone: nobody
// marks another's course as replaced. What only this node sees neither replaces nor is replaced by what
// counts everywhere, so that nodes with equal catalogues say the same.

// supersedeMost bounds how many courses replace one; beyond that somebody wrote the same older course into
// every new one.
const supersedeMost = 64

// scope is within what a course can replace another.
func scope(provider string, local bool) string {
	if local {
		provider += "\x00local"
	}
	return provider + "\x00"
}

// supersededTargets are the texts by which the older course of a claim is found, within their scope. A code
// alone is one of the provider's: no other's course can be meant.
func supersededTargets(provider string, local bool, ref elm.Reference) []string {
	within := scope(provider, local)
	var out []string
	for _, target := range SupersededTargets(provider, ref) {
		out = append(out, within+target)
	}
	return out
}

// SupersededTargets are the texts by which a reference of a provider's course finds the older course that it
// replaces; beside those of Targets the UUID that the older course's IRI gives, for when it is gone.
func SupersededTargets(provider string, ref elm.Reference) []string {
	if len(ref.Providers) == 0 && len(ref.Schac) == 0 {
		ref.Schac = []string{provider}
	}
	out := Targets(ref)
	if ref.IRI != "" {
		out = append(out, elm.UUIDOf(ref.IRI))
	}
	return distinct(out)
}

// Superseded lists the keys of the shown courses that a reference of an item's course means as the older
// ones that it replaces, sorted.
func (ix *Index) Superseded(by catalogue.Item, ref elm.Reference) []string {
	provider := providerOf(by.Key)
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	var found []uint32
	for _, id := range SupersededTargets(provider, ref) {
		for _, n := range ix.ids.find(id) {
			if d := &ix.docs[n]; providerOf(d.key) == provider && isLocal(d.rank) == (by.Class == federation.Local) {
				found = append(found, n)
			}
		}
	}
	return ix.courses(found)
}

// Superseding lists the keys of the shown courses that say that they replace the course of an item, sorted.
func (ix *Index) Superseding(item catalogue.Item, denotations []string) []string {
	within := scope(providerOf(item.Key), item.Class == federation.Local)
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	var found []uint32
	for _, id := range denotations {
		found = append(found, ix.claims(within+id)...)
	}
	return ix.courses(found)
}

// Successors lists the keys of the shown courses that say that they replace what an identifier denoted to
// their provider, sorted: for courses that are gone. Of a provider that is named, codes count, too; without
// one it is for the caller to see whether the older course was the provider's.
func (ix *Index) Successors(id, provider string) []string {
	ids, providers := []string{Normalise(id)}, []string{provider}
	if provider != "" {
		ids = append(ids, codeOf(provider, id))
	}
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	if provider == "" {
		providers = ix.cols[Provider].values
	}
	var found []uint32
	for _, p := range providers {
		for _, id := range ids {
			found = append(found, ix.claims(scope(p, false)+id)...)
			found = append(found, ix.claims(scope(p, true)+id)...)
		}
	}
	return ix.courses(found)
}

// claims are the documents that say that they replace what a text denotes, none when there are too many;
// ix.mu is held.
func (ix *Index) claims(id string) []uint32 {
	found := slices.DeleteFunc(ix.links[Supersedes].find(id), func(n uint32) bool { return !ix.held.has(n) })
	if len(found) > supersedeMost {
		return nil
	}
	return found
}

func providerOf(key string) string {
	_, provider, _, _ := federation.SplitKey(key) // keys of the index were split before
	return provider
}
