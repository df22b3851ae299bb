package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// overlay lets a tree change in memory: it keeps what was written over what is stored, and remembers
// what was read, since only a node that was read can have been replaced.
type overlay struct {
	stored  *bolt.Bucket // nil for a publisher without rows
	read    map[digest][]byte
	written map[digest][]byte
}

func newOverlay(stored *bolt.Bucket) *overlay {
	return &overlay{stored, map[digest][]byte{}, map[digest][]byte{}}
}

// Get implements federation.Blocks.
func (o *overlay) Get(_ context.Context, c cid.Cid) ([]byte, error) {
	d, ok := digestOf(c, prefixNode)
	if !ok {
		return nil, fmt.Errorf("%w: %s is not the CID of a tree node", ErrCorrupt, c)
	}
	if data, ok := o.written[d]; ok {
		return data, nil
	}
	if data, ok := o.read[d]; ok {
		return data, nil
	}
	if o.stored == nil {
		return nil, ErrNotFound
	}
	data := bytes.Clone(o.stored.Get(d[:]))
	switch {
	case data == nil:
		return nil, fmt.Errorf("%w: tree node", ErrMissing)
	case sha256.Sum256(data) != d:
		return nil, ErrCorrupt
	}
	o.read[d] = data
	return data, nil
}

// Put implements federation.Blocks.
func (o *overlay) Put(_ context.Context, c cid.Cid, data []byte) error {
	d, ok := digestOf(c, prefixNode)
	if !ok {
		return fmt.Errorf("%s is not the CID of a tree node", c)
	}
	o.written[d] = data
	return nil
}

// apply changes the tree under root (Undef: none) and returns the new root; then written and read hold
// exactly what has to be added and removed.
func (o *overlay) apply(ctx context.Context, root cid.Cid, changes []changeRow) (cid.Cid, error) {
	tree, err := o.tree(ctx, root)
	if err != nil {
		return cid.Undef, err
	}
	for i, c := range changes {
		if i%1000 == 0 && ctx.Err() != nil {
			return cid.Undef, ctx.Err()
		}
		if c.New.Defined() {
			err = tree.Set(ctx, c.Key, c.New)
		} else {
			err = remove(ctx, tree, c.Key)
		}
		if err != nil {
			return cid.Undef, fmt.Errorf("tree, key %q: %w", c.Key, err)
		}
	}
	if root, err = tree.Flush(ctx); err != nil {
		return cid.Undef, err
	}
	o.settle(root)
	return root, nil
}

func (o *overlay) tree(ctx context.Context, root cid.Cid) (*federation.Tree, error) {
	if !root.Defined() {
		return federation.EmptyTree(o)
	}
	return federation.LoadTree(ctx, o, root)
}

func remove(ctx context.Context, tree *federation.Tree, key string) error {
	found, err := tree.Delete(ctx, key)
	if err == nil && !found {
		err = fmt.Errorf("%w: the tree lacks a key of its set", ErrCorrupt)
	}
	return err
}

// settle walks the new tree as far as its nodes are in memory. Written nodes it does not meet are not
// part of the tree; read nodes it does not meet no longer are.
func (o *overlay) settle(root cid.Cid) {
	top, _ := digestOf(root, prefixNode)
	met := map[digest]struct{}{}
	for open := []digest{top}; len(open) > 0; {
		d := open[len(open)-1]
		open = open[:len(open)-1]
		data, ok := o.written[d]
		if !ok {
			data, ok = o.read[d]
		}
		if _, again := met[d]; !ok || again {
			continue
		}
		met[d] = struct{}{}
		open = append(open, links(data)...)
	}
	maps.DeleteFunc(o.written, func(d digest, _ []byte) bool { _, ok := met[d]; return !ok || o.read[d] != nil })
	maps.DeleteFunc(o.read, func(d digest, _ []byte) bool { _, ok := met[d]; return ok })
}

// linkMark is how DAG-CBOR begins a link to a tree node: tag 42, 37 bytes, the identity multibase.
var linkMark = []byte("\xd8\x2a\x58\x25\x00" + prefixNode)

// links finds the child nodes a node refers to. A key that contains the mark only makes the list longer,
// which at worst keeps a node that could go.
func links(node []byte) (found []digest) {
	for {
		_, rest, ok := bytes.Cut(node, linkMark)
		if !ok || len(rest) < len(digest{}) {
			return found
		}
		found = append(found, digest(rest[:len(digest{})]))
		node = rest
	}
}

// inOrder lists digests as the pages of a bucket hold them.
func inOrder(nodes map[digest][]byte) []digest {
	return slices.SortedFunc(maps.Keys(nodes), func(a, b digest) int { return bytes.Compare(a[:], b[:]) })
}
