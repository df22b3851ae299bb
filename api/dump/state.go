package dump

import (
	"context"
	"fmt"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/ipfs/go-cid"
)

// state of the catalogue at one moment: its effective records and the tree that leads to them. What the
// operator hides is not among them, so then root is not the catalogue's.
type state struct {
	roots  catalogue.Roots
	root   cid.Cid
	items  []catalogue.Item
	nodes  memory
	hidden int
}

const attempts = 5

// take reads items until they give the root that the catalogue names.
func take(ctx context.Context, c Config) (*state, error) {
	for range attempts {
		s := &state{roots: c.Catalogue.Roots()}
		whole := slices.DeleteFunc(c.Catalogue.WholeItems(), func(i catalogue.Item) bool { return i.Class == federation.Local })
		if err := s.plant(ctx, whole); err != nil {
			return nil, err
		}
		if s.root == s.roots.Catalogue {
			return s, s.hide(ctx)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("dump: %w", ErrChanging)
}

// hide leaves out what the operator hides.
func (s *state) hide(ctx context.Context) error {
	shown := slices.DeleteFunc(slices.Clone(s.items), func(i catalogue.Item) bool { return i.Hidden != "" })
	if s.hidden = len(s.items) - len(shown); s.hidden == 0 {
		return nil
	}
	return s.plant(ctx, shown)
}

// plant builds the tree of items in memory.
func (s *state) plant(ctx context.Context, items []catalogue.Item) error {
	s.items, s.nodes = items, memory{}
	slices.SortFunc(s.items, func(a, b catalogue.Item) int { return compare(a.Key, b.Key) })
	tree, err := federation.EmptyTree(s.nodes)
	if err != nil {
		return err
	}
	for _, item := range s.items {
		if err := tree.Set(ctx, item.Key, item.CID); err != nil {
			return err
		}
	}
	s.root, err = tree.Flush(ctx)
	return err
}

// memory keeps tree nodes.
type memory map[cid.Cid][]byte

func (m memory) Get(_ context.Context, c cid.Cid) ([]byte, error) {
	if b, ok := m[c]; ok {
		return b, nil
	}
	return nil, fmt.Errorf("tree node %s is not there", c)
}

func (m memory) Put(_ context.Context, c cid.Cid, b []byte) error {
	m[c] = b
	return nil
}
