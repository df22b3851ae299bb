package catalogue

import (
	"context"
	"fmt"
	"maps"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
)

// Roots identify the state of the catalogue: equal Heads and Authority give an equal Catalogue.
// Catalogue is Undef while a partial node does not hold all records.
type Roots struct {
	Catalogue cid.Cid
	Authority [32]byte
	Heads     [32]byte
}

// Roots returns the three roots of the same moment.
func (c *Catalogue) Roots() Roots {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.roots
}

// rootTree is the tree from key to effective record. Its nodes live in memory.
type rootTree struct {
	nodes nodes
	tree  *federation.Tree
	kept  int // nodes after the last sweep
}

// nodes keeps tree blocks; replaced ones pile up until a sweep.
type nodes map[cid.Cid][]byte

func (n nodes) Get(_ context.Context, c cid.Cid) ([]byte, error) {
	if data, ok := n[c]; ok {
		return data, nil
	}
	return nil, fmt.Errorf("tree node %s is not in memory", c)
}

func (n nodes) Put(_ context.Context, c cid.Cid, data []byte) error {
	n[c] = data
	return nil
}

func newRootTree() *rootTree {
	t := &rootTree{nodes: nodes{}}
	tree, err := federation.EmptyTree(t.nodes)
	if err != nil {
		panic("catalogue: an empty tree in memory: " + err.Error()) // constant input
	}
	t.tree = tree
	return t
}

// put follows a change of one key; local and absent items are not part of the tree.
func (t *rootTree) put(ctx context.Context, key string, item Item) error {
	if item.Class == "" || item.Class == federation.Local {
		_, err := t.tree.Delete(ctx, key)
		return err
	}
	return t.tree.Set(ctx, key, item.CID)
}

const sweepSlack = 1000 // nodes that may pile up before a sweep is considered

func (t *rootTree) root(ctx context.Context) (cid.Cid, error) {
	root, err := t.tree.Flush(ctx)
	if err != nil || len(t.nodes) < 2*t.kept+sweepSlack {
		return root, err
	}
	return root, t.sweep(ctx, root)
}

// sweep keeps only the nodes under root.
func (t *rootTree) sweep(ctx context.Context, root cid.Cid) error {
	live := nodes{}
	err := federation.TreeNodes(ctx, t.nodes, root, func(c cid.Cid) error {
		live[c] = t.nodes[c]
		return nil
	})
	if err != nil {
		return err
	}
	maps.DeleteFunc(t.nodes, func(c cid.Cid, _ []byte) bool { return live[c] == nil })
	t.kept = len(t.nodes)
	return nil
}

func (c *Catalogue) computeRoots(ctx context.Context) (Roots, error) {
	root, err := c.tree.root(ctx)
	if err != nil {
		return Roots{}, err
	}
	authority := federation.AuthorityRoot(rowsOf(flat(c.judge.ranked)))
	return Roots{Catalogue: root, Authority: authority, Heads: federation.HeadsRoot(c.judge.headRows())}, nil
}
