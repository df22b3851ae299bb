// Package catalogue merges held heads and authority into the effective records and their roots
// (PROTOCOL section 3).
//
// For every provider one (source domain, publisher) pair is effective, or none; its records are the
// provider's part of the catalogue. When a head or an authority answer changes, the providers it
// touches are judged anew and the difference goes to the followers. What this node harvested itself
// but may not speak for is listed as local, below all classes and outside the roots. What the operator
// blocked stays in the roots and is hidden from readers.
//
// Everything is kept in memory and derived: it is built anew from the store at start.
package catalogue

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// Item is one effective (or local) record of the catalogue.
type Item struct {
	Key       string
	CID       cid.Cid
	Publisher federation.PublisherID
	Domain    string           // source domain
	Class     federation.Class // Local for what this node harvested and may not speak for
	By        string           // domain of the alliance or authority through which the publisher counts, else ""
	Hidden    string           // the operator's reason for hiding it; readers never see such an item
}

// Config of a Catalogue. Self is this node's own publisher, whose local records are shown.
type Config struct {
	DB        *store.DB
	Authority *authority.Authority
	Self      federation.PublisherID
	Blocks    []Block // by configuration
	Log       *slog.Logger
}

// Catalogue follows the store and the authority. Safe for concurrent use.
type Catalogue struct {
	cfg        Config
	blockTable store.Table[Block]

	writing sync.Mutex // one update at a time; guards the judge and the tree
	judge   *judge
	tree    *rootTree
	seq     uint64        // change-log position that is merged
	version uint64        // authority version that is merged
	merged  chan struct{} // closed after the first update
	once    sync.Once

	mu        sync.RWMutex // guards what readers see
	items     map[string]map[string]Item
	keys      []string              // sorted keys of items, nil when stale
	ranked    map[string][]Standing // by provider; the lists are never written again
	blocks    blocklist             // never written again; replaced under writing, too
	roots     Roots
	effective int
	local     int
	hidden    int
	followers map[*follower]struct{}
}

// New makes an empty catalogue; Update or Run fills it.
func New(cfg Config) *Catalogue {
	c := &Catalogue{
		cfg: cfg, judge: newJudge(cfg), tree: newRootTree(), merged: make(chan struct{}),
		items: map[string]map[string]Item{}, followers: map[*follower]struct{}{},
		blockTable: store.TableOf[Block](cfg.DB, "blocks"),
	}
	c.loadBlocks()
	return c
}

// Run follows the store's change log and the authority until ctx ends.
func (c *Catalogue) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wake := make(chan struct{}, 1)
	var waiting sync.WaitGroup
	seq, version := c.cfg.DB.LastChange(), c.cfg.Authority.Version() // before the first update, so that nothing is missed
	waiting.Go(func() { notify(ctx, wake, seq, c.cfg.DB.Wait) })
	waiting.Go(func() { notify(ctx, wake, version, c.cfg.Authority.Wait) })
	defer waiting.Wait()
	defer cancel()
	for {
		began := time.Now()
		if err := c.Update(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(time.Since(began), longestPause)):
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		}
	}
}

// longestPause bounds how long changes are gathered. An update looks at every publisher, so while many change one
// after the other, half of the time is left to other work.
const longestPause = 2 * time.Second

// notify puts a token into wake whenever wait reports news after at.
func notify(ctx context.Context, wake chan<- struct{}, at uint64, wait func(context.Context, uint64) (uint64, error)) {
	for {
		next, err := wait(ctx, at)
		if err != nil {
			return
		}
		at = next
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// Update merges everything that changed since the last call. It is what Run does at each change.
func (c *Catalogue) Update(ctx context.Context) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	version := c.cfg.Authority.Version()
	domains, all := c.cfg.Authority.Changed(c.version)
	touched, seq, err := c.judge.touched(c.seq, news{domains, all})
	if err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	changed, err := c.rejudge(ctx, touched)
	if err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	roots, err := c.computeRoots(ctx)
	if err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	c.seq, c.version = seq, version
	c.publish(changed, roots)
	c.once.Do(func() { close(c.merged) })
	return nil
}

// provider is the new state of one provider and how it differs from the old.
type provider struct {
	id    string
	items map[string]Item
	dirty []string // keys added, changed or removed
}

// rejudge finds the items of every touched provider and brings the tree up to date.
func (c *Catalogue) rejudge(ctx context.Context, touched []string) ([]provider, error) {
	var out []provider
	for _, id := range touched {
		items, err := c.judge.items(id)
		if err != nil {
			return nil, err
		}
		for key, item := range items {
			item.Hidden = c.blocks.reason(item)
			items[key] = item
		}
		p := provider{id: id, items: items}
		p.dirty = difference(c.items[id], items)
		for _, key := range p.dirty {
			if err := c.tree.put(ctx, key, items[key]); err != nil {
				return nil, err
			}
		}
		if len(p.dirty) > 0 {
			out = append(out, p)
		}
	}
	return out, nil
}

// difference lists the keys whose items are not equal.
func difference(old, new map[string]Item) []string {
	var out []string
	for key, item := range new {
		if was, ok := old[key]; !ok || was != item {
			out = append(out, key)
		}
	}
	for key := range old {
		if _, ok := new[key]; !ok {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// publish shows the new state to readers and wakes followers.
func (c *Catalogue) publish(changed []provider, roots Roots) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range changed {
		c.count(c.items[p.id], -1)
		c.count(p.items, +1)
		if c.items[p.id] = p.items; len(p.items) == 0 {
			delete(c.items, p.id)
		}
		for f := range c.followers {
			f.add(p.dirty)
		}
		c.keys = nil
	}
	c.roots, c.ranked = roots, maps.Clone(c.judge.ranked)
}

// count keeps the numbers of courses; c.mu is held.
func (c *Catalogue) count(items map[string]Item, by int) {
	for key, item := range items {
		if kind, _, _, err := federation.SplitKey(key); err != nil || kind != federation.KindCourse {
			continue
		}
		switch {
		case item.Hidden != "":
			c.hidden += by
		case item.Class == federation.Local:
			c.local += by
		default:
			c.effective += by
		}
	}
}
