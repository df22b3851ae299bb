package catalogue

import (
	"context"
	"slices"
	"sync"
)

// follower collects the keys that changed since it last looked: at most every key of the catalogue.
type follower struct {
	ready chan struct{} // holds a token while there may be keys

	mu       sync.Mutex
	keys     map[string]struct{}
	applying bool
	settled  chan struct{} // closed and replaced after every application
}

func newFollower() *follower {
	return &follower{keys: map[string]struct{}{}, ready: make(chan struct{}, 1), settled: make(chan struct{}), applying: true}
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

// take hands out the collected keys in order; done says that they were applied.
func (f *follower) take() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]string, 0, len(f.keys))
	for key := range f.keys {
		out = append(out, key)
	}
	clear(f.keys)
	slices.Sort(out)
	f.applying = true
	return out
}

func (f *follower) done() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.applying = false
	close(f.settled)
	f.settled = make(chan struct{})
}

// wait blocks until nothing is left to apply.
func (f *follower) wait(ctx context.Context) error {
	for {
		f.mu.Lock()
		idle, settled := !f.applying && len(f.keys) == 0, f.settled
		f.mu.Unlock()
		if idle {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-settled:
		}
	}
}

// Follow calls apply with what changed since the last call, one call at a time, until ctx ends or apply
// fails. The first call comes once the store has been read, and has everything.
func (c *Catalogue) Follow(ctx context.Context, apply func(changed []Item, removed []string) error) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-c.merged:
	}
	f := newFollower()
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
		f.done()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.ready:
		}
	}
}

// Again hands everything to the followers once more: what they make of it depends on who is known and on the
// vocabularies, too.
func (c *Catalogue) Again() {
	keys := c.sorted()
	c.mu.RLock()
	defer c.mu.RUnlock()
	for f := range c.followers {
		f.add(keys)
	}
}

func (c *Catalogue) unfollow(f *follower) {
	c.mu.Lock()
	delete(c.followers, f)
	c.mu.Unlock()
	f.take()
	f.done()
}

// Settle blocks until every present follower has applied what the catalogue held when it was called.
func (c *Catalogue) Settle(ctx context.Context) error {
	c.mu.RLock()
	followers := make([]*follower, 0, len(c.followers))
	for f := range c.followers {
		followers = append(followers, f)
	}
	c.mu.RUnlock()
	for _, f := range followers {
		if err := f.wait(ctx); err != nil {
			return err
		}
	}
	return nil
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
