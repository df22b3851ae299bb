package catalogue

import (
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
)

// Count returns the numbers of effective and of local course records that readers see.
func (c *Catalogue) Count() (effective, local int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.effective, c.local
}

// Hidden is the number of course records that the operator hides here.
func (c *Catalogue) Hidden() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.hidden
}

// Get returns the item of a key, unless it is hidden here.
func (c *Catalogue) Get(key string) (Item, bool) {
	item, ok := c.Whole(key)
	return item, ok && item.Hidden == ""
}

// Whole returns the item of a key also when it is hidden here: for what other nodes see.
func (c *Catalogue) Whole(key string) (Item, bool) {
	_, id, _, err := federation.SplitKey(key)
	if err != nil {
		return Item{}, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	item, ok := c.items[id][key]
	return item, ok
}

// Items lists the items in key order whose key has the prefix ("" for all), as they were when the
// iteration began.
func (c *Catalogue) Items(prefix string) iter.Seq[Item] {
	keys := c.sorted()
	start, _ := slices.BinarySearch(keys, prefix)
	return func(yield func(Item) bool) {
		for _, key := range keys[start:] {
			if len(key) < len(prefix) || key[:len(prefix)] != prefix {
				return
			}
			if item, ok := c.Get(key); ok && !yield(item) {
				return
			}
		}
	}
}

// sorted returns all keys in order; the slice is shared and never written again.
func (c *Catalogue) sorted() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys == nil {
		for _, items := range c.items {
			c.keys = slices.AppendSeq(c.keys, maps.Keys(items))
		}
		slices.Sort(c.keys)
	}
	return c.keys
}

// WholeItems lists the items also when they are hidden here, in no particular order: those that make the
// roots, and the local ones.
func (c *Catalogue) WholeItems() []Item {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []Item
	for _, items := range c.items {
		out = slices.AppendSeq(out, maps.Values(items))
	}
	return out
}

// Provenance lists what every held publisher says under a key, effective or not, by publisher.
func (c *Catalogue) Provenance(key string) ([]Item, error) {
	held, err := c.cfg.DB.Heads()
	if err != nil {
		return nil, err
	}
	_, provider, _, err := federation.SplitKey(key)
	if err != nil {
		return nil, err
	}
	standings, blocks := c.StandingsOf(provider), c.currentBlocks()
	var out []Item
	for _, head := range held {
		entry, err := c.cfg.DB.Entry(head.Publisher, key)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		item := Item{Key: key, CID: entry.CID, Publisher: head.Publisher, Domain: entry.Domain, Class: federation.Unverified}
		for _, s := range standings {
			if s.Publisher == item.Publisher && s.Domain == item.Domain {
				item.Class, item.By = s.Class, s.By
			}
		}
		if blocks.reason(item) == "" {
			out = append(out, item)
		}
	}
	return out, nil
}
