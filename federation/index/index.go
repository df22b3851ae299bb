// Package index answers searches over the catalogue: words, filters, facets with counts, and any
// identifier to the records it denotes.
//
// It is an inverted index and a set of columns in memory, derived from the catalogue and built anew
// at start. Totals and facet counts are exact. Scores depend on the query and the record alone, not
// on what else a node holds: nodes with equal catalogues give equal pages in equal order, and a
// cursor stays good while the catalogue changes. Words are folded (case, diacritics), not stemmed.
package index

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/ipfs/go-cid"
)

// Follower tells what changed in the catalogue (package catalogue).
type Follower interface {
	Follow(ctx context.Context, apply func(changed []catalogue.Item, removed []string) error) error
}

// Config of an Index.
type Config struct {
	Catalogue Follower
	Get       func(cid.Cid) ([]byte, error)               // envelope bytes, checked (store.DB.Get)
	Known     func(id string) (federation.Provider, bool) // names and countries of providers
	Alliances func(provider string) []string              // domains of the alliances it is a member of; nil: of none
	Now       func() time.Time                            // judges what is active
	Log       *slog.Logger
}

// Index is safe for concurrent use; searches run beside each other and wait for writers.
type Index struct {
	cfg   Config
	nonce uint64        // tells generations of different processes apart
	ready chan struct{} // closed when the catalogue was loaded for the first time
	once  sync.Once

	generation atomic.Uint64 // rises with every change

	mu    sync.RWMutex
	terms *terms
	cols  [fieldCount]*column
	docs  []doc
	hot   []hot             // beside docs
	byKey map[string]uint32 // key -> live document
	ids   *identities       // what denotes a course or an offering
	runs  *identities       // what denotes an offering, to the record that holds it
	same  *identities       // see Document.Same
	links [Relations]*identities
	live  bitset // courses that searches show: one record of each
	held  bitset // all documents that were not removed
	lone  int    // of those, offerings with a record of their own
}

// doc is what is kept of a document beside postings and columns.
type doc struct {
	key       string
	cid       cid.Cid
	tie       [tieSize]byte // of the key: the last word on order
	title     string        // folded, for sorting, at most maxSortTitle bytes
	words     uint8         // in the longest title
	valid     validity
	offerings []Offering
	same      []uint64 // hashes of Document.Same
	rank      uint8
	stated    profile.FactSet
}

// hot is what searches look at for every candidate, kept close together.
type hot struct {
	head     int64   // beginning of the title, see titleHead
	modified int64   // Unix seconds
	ects     float32 // noECTS when unknown
	complete uint8
}

// New makes an empty index; Run or Apply fills it.
func New(cfg Config) *Index {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	ix := &Index{cfg: cfg, nonce: rand.Uint64(), ready: make(chan struct{})}
	ix.reset()
	return ix
}

func (ix *Index) reset() {
	ix.terms, ix.ids, ix.runs, ix.same = newTerms(), newIdentities(), newIdentities(), newIdentities()
	ix.docs, ix.hot, ix.live, ix.held, ix.lone, ix.byKey = nil, nil, nil, nil, 0, map[string]uint32{}
	for r := range ix.links {
		ix.links[r] = newIdentities()
	}
	for f := range ix.cols {
		ix.cols[f] = newColumn()
	}
}

// Ready is closed once the catalogue has been loaded for the first time.
func (ix *Index) Ready() <-chan struct{} { return ix.ready }

// Len is the number of records of courses.
func (ix *Index) Len() int {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return len(ix.byKey) - ix.lone
}

// Completeness is the average of the courses of each provider, in percent.
func (ix *Index) Completeness() map[string]int {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	providers := ix.cols[Provider]
	sums, counts := make([]int, len(providers.values)), make([]int, len(providers.values))
	for n := range ix.docs {
		if !ix.live.has(uint32(n)) {
			continue
		}
		for _, code := range providers.of(uint32(n)) {
			sums[code] += int(ix.hot[n].complete)
			counts[code]++
		}
	}
	out := make(map[string]int)
	for code, n := range counts {
		if n > 0 {
			out[providers.values[code]] = sums[code] / n
		}
	}
	return out
}

// Version names the state of the index: it differs after every change and between processes.
func (ix *Index) Version() (nonce, generation uint64) { return ix.nonce, ix.generation.Load() }

// Apply puts documents in, replacing those of equal key, and takes keys out.
func (ix *Index) Apply(docs []Document, removed []string) {
	prepared := make([]prepared, len(docs))
	for i, d := range docs {
		prepared[i] = prepare(d)
	}
	ix.commit(prepared, removed)
}

func (ix *Index) commit(docs []prepared, removed []string) {
	if len(docs) == 0 && len(removed) == 0 {
		return
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	for _, key := range removed {
		ix.remove(key)
	}
	for _, d := range docs {
		ix.remove(d.doc.key)
		ix.add(d)
	}
	ix.terms.settle()
	ix.compact()
	ix.generation.Add(1)
}

// add appends a document under the next number; ix.mu is held.
func (ix *Index) add(p prepared) {
	n := uint32(len(ix.docs))
	ix.docs = append(ix.docs, p.doc)
	ix.hot = append(ix.hot, p.hot)
	ix.byKey[p.doc.key] = n
	ix.held.set(n)
	ix.live.set(n) // makes room
	ix.live.clear(n)
	for i, class := range p.words.classes {
		ix.terms.add(p.words.word(uint32(i)), p.words.hashes[i], n, class)
	}
	for f, values := range p.values {
		ix.cols[f].add(values)
	}
	for _, id := range p.ids {
		ix.ids.add(id, n)
	}
	for _, id := range p.runs {
		ix.runs.add(id, n)
	}
	for _, id := range p.same {
		h := ix.same.hash(id)
		ix.docs[n].same = append(ix.docs[n].same, h)
		ix.same.addHash(h, n)
	}
	for r, targets := range p.links {
		for _, id := range targets {
			ix.links[r].add(id, n)
		}
	}
	if isOffering(p.doc.key) {
		ix.lone++
		return
	}
	for _, other := range ix.around(n) {
		ix.show(other)
	}
}

// remove marks a document as gone; its postings stay until compact. ix.mu is held.
func (ix *Index) remove(key string) {
	n, ok := ix.byKey[key]
	if !ok {
		return
	}
	if isOffering(key) {
		ix.lone--
	}
	around := ix.around(n)
	delete(ix.byKey, key)
	ix.held.clear(n)
	ix.live.clear(n)
	for _, other := range around {
		ix.show(other)
	}
}

// Has reports whether a document was made from that record.
func (ix *Index) Has(key string, record cid.Cid) bool {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	n, ok := ix.byKey[key]
	return ok && ix.docs[n].cid == record
}
