package federation

import (
	"context"
	"fmt"

	"github.com/ipfs/go-cid"
)

// Inclusion shows that a publisher's signed head holds a record: both envelopes, and the tree nodes on
// the way from the head's root to the record's key. Whoever trusts the publisher's key needs nothing else.
type Inclusion struct {
	Head   []byte   // envelope
	Path   [][]byte // tree nodes, the root first
	Record []byte   // envelope
}

// Open verifies all of it: both signatures, that one publisher signed both, every hash on the path, and
// that the path ends at this record under its own key. What is beside the path stays unread, so a foreign
// tree costs no more than its nodes that are given.
func (i Inclusion) Open() (Head, Record, error) {
	head, err := OpenHeadUpTo(i.Head, MaxHead)
	if err != nil {
		return Head{}, Record{}, fmt.Errorf("head: %w", err)
	}
	record, err := OpenRecord(i.Record)
	if err != nil {
		return head, Record{}, fmt.Errorf("record: %w", err)
	}
	if record.Publisher != head.Publisher {
		return head, record, invalid("the record is signed by %s, the head by %s", record.Publisher, head.Publisher)
	}
	return head, record, i.follow(head.Root, record.Key())
}

// follow goes down the path and requires the record at its end.
func (i Inclusion) follow(root cid.Cid, key string) error {
	next := root
	for depth, data := range i.Path {
		if got := NodeCID(data); got != next {
			return invalid("tree node %d has CID %s, not %s", depth, got, next)
		}
		node, err := readTreeNode(data)
		if err != nil {
			return fmt.Errorf("tree node %d: %w", depth, err)
		}
		p := node.pointer(indexAt(key, depth))
		if p == nil {
			return invalid("the set does not hold %s", key)
		}
		if p.link.Defined() {
			next = p.link
			continue
		}
		return i.end(*p, key, len(i.Path)-depth-1)
	}
	return invalid("the path ends before the key %s", key)
}

// end requires the record in the last node's bucket, and nothing after that node.
func (i Inclusion) end(p treePointer, key string, left int) error {
	if left != 0 {
		return invalid("the path has %d nodes too many", left)
	}
	for _, e := range p.bucket {
		if string(e.key) != key {
			continue
		}
		if got := CIDOf(i.Record); e.value != got {
			return invalid("the set holds %s under this key, not %s", e.value, got)
		}
		return nil
	}
	return invalid("the set does not hold %s", key)
}

// Path collects the tree nodes that lead from root to a key, the root first. For own trees; that the key
// is there is for Open to say.
func Path(ctx context.Context, b Blocks, root cid.Cid, key string) ([][]byte, error) {
	var path [][]byte
	for depth := range maxTreeDepth {
		data, err := b.Get(ctx, root)
		if err != nil {
			return nil, fmt.Errorf("tree node %s: %w", root, err)
		}
		path = append(path, data)
		node, err := readTreeNode(data)
		if err != nil {
			return nil, fmt.Errorf("tree node %s: %w", root, err)
		}
		p := node.pointer(indexAt(key, depth))
		if p == nil || !p.link.Defined() {
			return path, nil
		}
		root = p.link
	}
	return nil, invalid("the tree is deeper than a hash has bits")
}
