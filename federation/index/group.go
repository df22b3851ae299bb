package index

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
)

// Several records may be about one course: two sources of an institution under two IRIs, a former IRI
// kept beside the new one. Where they say so themselves (owl:sameAs, the URN and DID forms, a UUID, an
// identifier that is unique in the world) and the provider is the same, a search shows one of them. A
// code that they share is not enough.

// An identifier of more records than sharedMost denotes none of them: somebody wrote the same one into
// every course. groupMost bounds the work that a chain of such statements makes.
const (
	sharedMost = 16
	groupMost  = 64
)

// sameOf are the texts that denote the course among those of its provider.
func sameOf(record federation.Record, c elm.Course) []string {
	ids := []string{Normalise(c.IRI), Normalise(c.UUID)}
	for _, alias := range c.Aliases {
		isNotation := slices.ContainsFunc(c.Identifiers, func(id elm.Identifier) bool { return id.Notation == alias })
		if _, _, named := elm.CourseID(alias); named || !isNotation && elm.IsGlobal(alias) {
			ids = append(ids, Normalise(alias))
		}
	}
	for i, id := range ids {
		ids[i] = record.Provider + "\x00" + id
	}
	return distinct(ids)
}

const rankLocal = 2

func isLocal(rank uint8) bool { return rank >= rankLocal }

// rankOf puts what counts everywhere first, and the institution's own source before others.
func rankOf(item catalogue.Item, record federation.Record) uint8 {
	rank := uint8(0)
	if item.Class == federation.Local {
		rank += rankLocal
	}
	if record.Source.Domain != record.Provider {
		rank++
	}
	return rank
}

// sharing lists documents with the hash of a text, one more than may share it when there are too many; ix.mu is held.
func (ix *Index) sharing(id uint64) []uint32 {
	var out []uint32
	for _, n := range ix.same.findHash(id) {
		if ix.held.has(n) && len(out) <= sharedMost {
			out = append(out, n)
		}
	}
	return out
}

// group lists the documents about the same course as n, itself included; ix.mu is held.
func (ix *Index) group(n uint32) []uint32 {
	out := []uint32{n}
	for i := 0; i < len(out); i++ {
		for _, id := range ix.docs[out[i]].same {
			shared := ix.sharing(id)
			if len(shared) > sharedMost {
				continue
			}
			for _, other := range shared {
				if !slices.Contains(out, other) && len(out) < groupMost {
					out = append(out, other)
				}
			}
		}
	}
	return out
}

// around lists the documents whose group may change when n comes or goes; ix.mu is held.
func (ix *Index) around(n uint32) []uint32 {
	out := ix.group(n)
	for _, id := range ix.docs[n].same {
		out = append(out, ix.sharing(id)...)
	}
	return out
}

// best is the member of a group that is shown: the one that says most, a choice that does not depend on the order
// of arrival.
func (ix *Index) best(group []uint32) uint32 {
	best := group[0]
	for _, n := range group[1:] {
		a, b := &ix.docs[n], &ix.docs[best]
		if cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(ix.hot[best].complete, ix.hot[n].complete), strings.Compare(a.key, b.key)) < 0 {
			best = n
		}
	}
	return best
}

// show makes searches see one document of the group of n; ix.mu is held.
func (ix *Index) show(n uint32) {
	if !ix.held.has(n) {
		return
	}
	group := ix.group(n)
	for _, member := range group {
		ix.live.clear(member)
	}
	ix.live.set(ix.best(group))
}

// shown is the document that stands for n in searches; ix.mu is held.
func (ix *Index) shown(n uint32) uint32 {
	if ix.live.has(n) || !ix.held.has(n) {
		return n
	}
	return ix.best(ix.group(n))
}

// Group lists the keys of the records about the same course as that of the key, the one shown first.
func (ix *Index) Group(key string) []string {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	n, ok := ix.byKey[key]
	if !ok {
		return nil
	}
	group := ix.group(n)
	best := ix.best(group)
	out := []string{ix.docs[best].key}
	for _, key := range ix.keys(group) {
		if key != out[0] {
			out = append(out, key)
		}
	}
	return out
}
