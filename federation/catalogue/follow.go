package catalogue

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/coursemesh/coursemesh/federation/store"
)

// follower collects the keys that changed since it last looked: at most every key of the catalogue.
type follower struct {
	mu    sync.Mutex
	keys  map[string]struct{}
	ready chan struct{}
}

func (f *follower) add(keys []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range keys {
		f.keys[key] = struct{}{}
	}
	select {
	case f.ready <- struct{}{}:
	default:
	}
}

func (f *follower) take() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]string, 0, len(f.keys))
	for key := range f.keys {
		out = append(out, key)
	}
	clear(f.keys)
	slices.Sort(out)
	return out
}

// Follow calls apply with what changed since the last call (everything the first time), one call at
// a time, until ctx ends or apply fails.
func (c *Catalogue) Follow(ctx context.Context, apply func(changed []Item, removed []string) error) error {
	f := &follower{keys: map[string]struct{}{}, ready: make(chan struct{}, 1)}
	c.mu.Lock()
	c.followers[f] = struct{}{}
	for _, items := range c.items {
		for key := range items {
			f.keys[key] = struct{}{}
		}
	}
	c.mu.Unlock()
	defer c.unfollow(f)
	for {
		if err := apply(c.resolve(f.take())); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.ready:
		}
	}
}

func (c *Catalogue) unfollow(f *follower) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.followers, f)
}

// resolve looks changed keys up: what is there now was changed, what is not was removed.
func (c *Catalogue) resolve(keys []string) (changed []Item, removed []string) {
	for _, key := range keys {
		if item, ok := c.Get(key); ok {
			changed = append(changed, item)
		} else {
			removed = append(removed, key)
		}
	}
	return changed, removed
}

func errorsIsNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }
