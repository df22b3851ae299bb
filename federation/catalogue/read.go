package catalogue

import (
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
)

// Count returns the numbers of effective and of local course records.
func (c *Catalogue) Count() (effective, local int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.effective, c.local
}

// Get returns the item of a key.
func (c *Catalogue) Get(key string) (Item, bool) {
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

// Rows is the authority table with ranks and the effective mark.
func (c *Catalogue) Rows() []federation.Row {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.rows
}

// Provenance lists what every held publisher says under a key, effective or not, by publisher.
func (c *Catalogue) Provenance(key string) ([]Item, error) {
	held, err := c.cfg.DB.Heads()
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, head := range held {
		entry, err := c.cfg.DB.Entry(head.Publisher, key)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		class, _ := c.cfg.Authority.Class(head.Publisher, entry.Domain)
		out = append(out, Item{Key: key, CID: entry.CID, Publisher: head.Publisher, Domain: entry.Domain, Class: class})
	}
	return out, nil
}
