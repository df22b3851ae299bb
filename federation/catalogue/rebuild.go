package catalogue

import (
	"context"
	"fmt"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
)

// Position is the change of the store up to which the catalogue is merged.
func (c *Catalogue) Position() uint64 {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.seq
}

// Strays lists keys whose item is not what its publisher's set holds now, after everything new was merged: none, unless
// the database changed in another way than by a switch.
func (c *Catalogue) Strays(ctx context.Context) (keys []string, err error) {
	if err := c.Update(ctx); err != nil {
		return nil, err
	}
	for _, item := range c.WholeItems() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		entry, err := c.cfg.DB.Entry(item.Publisher, item.Key)
		if now, ok := c.Whole(item.Key); (err != nil || entry.CID != item.CID) && ok && now == item {
			keys = append(keys, item.Key)
		}
	}
	return keys, nil
}

// Rebuild judges every provider anew, as after a restart, and hands everything to the followers once more.
func (c *Catalogue) Rebuild(ctx context.Context) error {
	if err := c.rebuild(ctx); err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	c.Again()
	return nil
}

func (c *Catalogue) rebuild(ctx context.Context) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	version, anew := c.cfg.Authority.Version(), newJudge(c.cfg)
	touched, seq, err := anew.touched(0, news{all: true})
	if err != nil {
		return err
	}
	c.judge = anew
	c.mu.RLock()
	for id := range c.items {
		touched = append(touched, id)
	}
	c.mu.RUnlock()
	slices.Sort(touched)
	changed, err := c.rejudge(ctx, slices.Compact(touched))
	if err != nil {
		return err
	}
	roots, err := c.computeRoots(ctx)
	if err != nil {
		return err
	}
	c.seq, c.version = seq, version
	c.publish(changed, roots)
	return nil
}

// Indexed says whether search should know an item: a course or an offering that is not hidden here.
func (i Item) Indexed() bool {
	kind, _, _, err := federation.SplitKey(i.Key)
	return err == nil && i.Hidden == "" && (kind == federation.KindCourse || kind == federation.KindOffering)
}
