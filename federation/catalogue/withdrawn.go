package catalogue

import (
	"slices"

	"github.com/coursemesh/coursemesh/federation"
)

// Withdrawn returns the last version of what the catalogue had under a key and has no longer: of the publisher
// that counts for the provider, else of one that did before. Nothing that is hidden here, and nothing that never
// counted.
func (c *Catalogue) Withdrawn(key string) (Item, bool) {
	_, provider, _, err := federation.SplitKey(key)
	if _, there := c.Whole(key); there || err != nil {
		return Item{}, false
	}
	blocks := c.currentBlocks()
	for _, p := range c.spoke(provider) {
		versions, err := c.cfg.DB.History(p, key)
		item := Item{Key: key, Publisher: p, Class: c.cfg.Authority.Best(p)}
		if err != nil || len(versions) == 0 || blocks.reason(item) != "" {
			continue
		}
		item.CID = versions[0]
		return item, true
	}
	return Item{}, false
}

// spoke lists who may speak for a provider, best first, and then who was effective before.
func (c *Catalogue) spoke(provider string) (out []federation.PublisherID) {
	for _, s := range c.StandingsOf(provider) {
		if s.Class.Speaks() && s.Relation != federation.None && !slices.Contains(out, s.Publisher) {
			out = append(out, s.Publisher)
		}
	}
	for _, p := range c.judge.former.list(provider) {
		if !slices.Contains(out, p.Publisher) {
			out = append(out, p.Publisher)
		}
	}
	return out
}
