package catalogue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/federation"
)

// What a block hides.
const (
	BlockCourse    = "course"    // value: the subject's IRI, whoever says it
	BlockProvider  = "provider"  // value: a provider id
	BlockPublisher = "publisher" // value: a publisher id
)

// Block hides records on this node alone: from API, pages and dumps. Roots, replication and what other nodes
// show stay as they are.
type Block struct {
	What   string    `json:"what" yaml:"what"` // course, provider or publisher
	Value  string    `json:"value" yaml:"value"`
	Reason string    `json:"reason" yaml:"reason"`
	Since  time.Time `json:"since,omitzero" yaml:"-"`
}

// Blocked is a block in force and what it hides now.
type Blocked struct {
	Block
	Configured bool `json:"configured"` // by the configuration, where it can be taken back
	Hidden     int  `json:"hidden"`     // records of the catalogue
}

// ErrNotBlocked says that there is no such block to take back.
var ErrNotBlocked = errors.New("no such block was made by command; what the configuration says is changed there")

// Check says what is wrong with a block.
func (b Block) Check() error {
	switch {
	case b.Reason == "":
		return errors.New("reason: say why, for those who ask later")
	case b.What == BlockCourse && federation.ValidIRI(b.Value),
		b.What == BlockProvider && federation.ValidProvider(b.Value),
		b.What == BlockPublisher && federation.PublisherID(b.Value).Valid():
		return nil
	case b.What == BlockCourse, b.What == BlockProvider, b.What == BlockPublisher:
		return fmt.Errorf("value: %q does not name a %s (an IRI, a provider id, or 12D3Koo...)", b.Value, b.What)
	}
	return fmt.Errorf("what: %q is none of course, provider, publisher", b.What)
}

func (b Block) key() string { return b.What + " " + b.Value }

// blocklist is the blocks in force, by what and value. The configuration's win.
type blocklist map[string]Block

func (c *Catalogue) loadBlocks() {
	blocks := blocklist{}
	for key, b := range c.blockTable.All("") {
		blocks[key] = b
	}
	for _, b := range c.cfg.Blocks {
		blocks[b.key()] = b
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.blocks = blocks
}

func (c *Catalogue) currentBlocks() blocklist {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.blocks
}

// reason why an item is hidden, "" when it is not.
func (l blocklist) reason(item Item) string {
	if len(l) == 0 {
		return ""
	}
	_, provider, subject, err := federation.SplitKey(item.Key)
	if err != nil {
		return ""
	}
	for _, b := range []Block{{What: BlockCourse, Value: subject}, {What: BlockProvider, Value: provider}, {What: BlockPublisher, Value: string(item.Publisher)}} {
		if found, ok := l[b.key()]; ok {
			return found.key() + ": " + found.Reason
		}
	}
	return ""
}

// Block hides what it names from now on, and keeps it so after a restart.
func (c *Catalogue) Block(ctx context.Context, b Block, now time.Time) error {
	if err := b.Check(); err != nil {
		return err
	}
	b.Since = now.UTC()
	if err := c.blockTable.Put(b.key(), b); err != nil {
		return err
	}
	return c.reblock(ctx)
}

// Unblock takes a block back.
func (c *Catalogue) Unblock(ctx context.Context, what, value string) error {
	b := Block{What: what, Value: value}
	if _, err := c.blockTable.Get(b.key()); err != nil {
		return fmt.Errorf("%s: %w", b.key(), ErrNotBlocked)
	}
	if err := c.blockTable.Delete(b.key()); err != nil {
		return err
	}
	return c.reblock(ctx)
}

func (c *Catalogue) reblock(ctx context.Context) error {
	c.writing.Lock()
	c.loadBlocks()
	c.version = 0 // judge everything anew
	c.writing.Unlock()
	return c.Update(ctx)
}

// Blocks lists what is hidden here and why.
func (c *Catalogue) Blocks() []Blocked {
	c.mu.RLock()
	defer c.mu.RUnlock()
	hidden := map[string]int{}
	for _, items := range c.items {
		for _, item := range items {
			if item.Hidden == "" {
				continue
			}
			for key, b := range c.blocks {
				if (blocklist{key: b}).reason(item) != "" {
					hidden[key]++
				}
			}
		}
	}
	var out []Blocked
	for _, key := range slices.Sorted(maps.Keys(c.blocks)) {
		b := c.blocks[key]
		configured := slices.Contains(c.cfg.Blocks, b)
		out = append(out, Blocked{Block: b, Configured: configured, Hidden: hidden[key]})
	}
	slices.SortFunc(out, func(x, y Blocked) int { return cmp.Or(cmp.Compare(x.What, y.What), cmp.Compare(x.Value, y.Value)) })
	return out
}
