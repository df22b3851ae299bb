package federation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"

	hamt "github.com/filecoin-project/go-hamt-ipld/v3"
	"github.com/ipfs/go-cid"
)

// Blocks keeps tree nodes by CID (the tree never reads foreign ones).
type Blocks interface {
	Get(ctx context.Context, c cid.Cid) ([]byte, error)
	Put(ctx context.Context, c cid.Cid, data []byte) error
}

// Tree is a mutable view of a publisher's set: key -> record CID, a go-hamt-ipld v3 HAMT
// (bit width 5, sha2-256, DAG-CBOR, values tag 42). The root does not depend on the order of operations.
//
// Changes stay in memory until Flush. A Tree is for one goroutine at a time.
type Tree struct{ node *hamt.Node }

// treeOptions are part of the protocol: with any other the roots differ.
func treeOptions() []hamt.Option {
	hash := func(key []byte) []byte {
		sum := sha256.Sum256(key)
		return sum[:]
	}
	return []hamt.Option{hamt.UseTreeBitWidth(5), hamt.UseHashFunction(hash)}
}

// EmptyTree opens a tree without entries; b receives its nodes.
func EmptyTree(b Blocks) (*Tree, error) {
	node, err := hamt.NewNode(nodes{b}, treeOptions()...)
	if err != nil {
		return nil, fmt.Errorf("new tree: %w", err)
	}
	return &Tree{node}, nil
}

// LoadTree opens a tree that was flushed to b before.
func LoadTree(ctx context.Context, b Blocks, root cid.Cid) (*Tree, error) {
	node, err := hamt.LoadNode(ctx, nodes{b}, root, treeOptions()...)
	if err != nil {
		return nil, fmt.Errorf("load tree %s: %w", root, err)
	}
	return &Tree{node}, nil
}

// Get returns the value of a key.
func (t *Tree) Get(ctx context.Context, key string) (cid.Cid, bool, error) {
	found, raw, err := t.node.FindRaw(ctx, key)
	if err != nil || !found {
		return cid.Undef, false, err
	}
	f := form{b: raw, reading: true}
	var c cid.Cid
	f.cid("value in the tree", &c, cid.Raw)
	return c, f.err == nil, f.err
}

// Set makes a record's CID the value of a key.
func (t *Tree) Set(ctx context.Context, key string, c cid.Cid) error {
	value, err := encode(41, func(f *form) { f.cid("value in the tree", &c, cid.Raw) })
	if err != nil {
		return err
	}
	return t.node.SetRaw(ctx, key, value)
}

// Delete removes a key and reports whether it was there.
func (t *Tree) Delete(ctx context.Context, key string) (bool, error) { return t.node.Delete(ctx, key) }

// Flush writes changed nodes and returns the root.
func (t *Tree) Flush(ctx context.Context) (cid.Cid, error) { return t.node.Write(ctx) }

// RootOf computes the root of a whole set in memory, keeping no blocks.
func RootOf(ctx context.Context, entries iter.Seq2[string, cid.Cid]) (cid.Cid, error) {
	t, err := EmptyTree(discard{})
	if err != nil {
		return cid.Undef, err
	}
	for key, c := range entries {
		if err := t.Set(ctx, key, c); err != nil {
			return cid.Undef, err
		}
	}
	return t.Flush(ctx)
}

// discard takes the nodes of a tree of which only the root matters. They are never read back, since a
// tree that was not loaded keeps its nodes in memory.
type discard struct{}

func (discard) Get(context.Context, cid.Cid) ([]byte, error) {
	return nil, errors.New("nodes of this tree are not kept")
}

func (discard) Put(context.Context, cid.Cid, []byte) error { return nil }

// TreeNodes visits the CIDs of all nodes under root, parents first (own trees only: a foreign tree may
// refer to one node a million times).
func TreeNodes(ctx context.Context, b Blocks, root cid.Cid, visit func(cid.Cid) error) error {
	if err := visit(root); err != nil {
		return err
	}
	var node hamt.Node
	if err := (nodes{b}).Get(ctx, root, &node); err != nil {
		return err
	}
	for _, p := range node.Pointers {
		if !p.Link.Defined() {
			continue
		}
		if err := TreeNodes(ctx, b, p.Link, visit); err != nil {
			return err
		}
	}
	return nil
}

// nodes encodes tree nodes for go-hamt-ipld. It stands in for the store of go-ipld-cbor, which hashes
// with BLAKE2b unless told otherwise.
type nodes struct{ Blocks }

func (n nodes) Get(ctx context.Context, c cid.Cid, out any) error {
	data, err := n.Blocks.Get(ctx, c)
	if err != nil {
		return fmt.Errorf("tree node %s: %w", c, err)
	}
	into, ok := out.(interface{ UnmarshalCBOR(io.Reader) error })
	if !ok {
		return fmt.Errorf("tree node %s: cannot decode into %T", c, out)
	}
	if err := into.UnmarshalCBOR(bytes.NewReader(data)); err != nil {
		return fmt.Errorf("tree node %s: %w", c, err)
	}
	return nil
}

func (n nodes) Put(ctx context.Context, v any) (cid.Cid, error) {
	from, ok := v.(interface{ MarshalCBOR(io.Writer) error })
	if !ok {
		return cid.Undef, fmt.Errorf("tree node: cannot encode %T", v)
	}
	var b bytes.Buffer
	if err := from.MarshalCBOR(&b); err != nil {
		return cid.Undef, fmt.Errorf("tree node: %w", err)
	}
	c := hashCID(cid.DagCBOR, b.Bytes())
	if err := n.Blocks.Put(ctx, c, b.Bytes()); err != nil {
		return cid.Undef, fmt.Errorf("tree node %s: %w", c, err)
	}
	return c, nil
}
