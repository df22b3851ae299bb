package catalogue

import (
	"bytes"
	"context"
	"fmt"

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
	nodes *nodes
	tree  *federation.Tree
	kept  int // bytes after the last sweep
}

// nodes keeps tree blocks; replaced ones pile up until a sweep.
type nodes struct {
	data  map[cid.Cid][]byte
	bytes int
}

func newNodes() *nodes { return &nodes{data: map[cid.Cid][]byte{}} }

func (n *nodes) Get(_ context.Context, c cid.Cid) ([]byte, error) {
	if data, ok := n.data[c]; ok {
		return data, nil
	}
	return nil, fmt.Errorf("tree node %s is not in memory", c)
}

func (n *nodes) Put(_ context.Context, c cid.Cid, data []byte) error {
	if _, ok := n.data[c]; !ok {
		n.data[c] = bytes.Clone(data) // without the room that its writer had left
		n.bytes += len(data)
	}
	return nil
}

func newRootTree() *rootTree {
	t := &rootTree{nodes: newNodes()}
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

const sweepSlack = 1 << 20 // bytes that may pile up before a sweep is considered

func (t *rootTree) root(ctx context.Context) (cid.Cid, error) {
	root, err := t.tree.Flush(ctx)
	if err != nil || t.nodes.bytes < t.kept*3/2+sweepSlack {
		return root, err
	}
	return root, t.sweep(ctx, root)
}

// sweep keeps only the nodes under root.
func (t *rootTree) sweep(ctx context.Context, root cid.Cid) error {
	live := newNodes()
	err := federation.TreeNodes(ctx, t.nodes, root, func(c cid.Cid) error {
		live.data[c] = t.nodes.data[c]
		live.bytes += len(live.data[c])
		return nil
	})
	if err != nil {
		return err
	}
	*t.nodes = *live // the tree reads through the same pointer
	t.kept = live.bytes
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
