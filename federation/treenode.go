package federation

import (
	"crypto/sha256"
	"math/bits"

	"github.com/ipfs/go-cid"
)

// treeNode is one node of a tree as its bytes have it (docs/protocol.md, Tree). The tree itself is
// go-hamt-ipld's; this reads single nodes of others, strictly.
type treeNode struct {
	field    []byte // which of the 32 indexes are in use, big-endian without leading zero bytes
	pointers []treePointer
}

// treePointer is a link to a deeper node, or else a bucket.
type treePointer struct {
	link   cid.Cid
	bucket []treeEntry
}

type treeEntry struct {
	key   []byte
	value cid.Cid
}

const (
	indexBits    = 5
	maxTreeDepth = sha256.Size * 8 / indexBits
	maxBucket    = 3
	maxTreeKey   = MaxSubject + 512 // kind|provider|subject
)

// indexAt is the place of a key in a node of that depth: 5 bits of its hash.
func indexAt(key string, depth int) int {
	sum := sha256.Sum256([]byte(key))
	at := 0
	for i := depth * indexBits; i < (depth+1)*indexBits; i++ {
		at = at<<1 | int(sum[i/8]>>(7-i%8)&1)
	}
	return at
}

// pointer is the one at an index; nil when the index is not in use.
func (n *treeNode) pointer(index int) *treePointer {
	var field uint32
	for _, b := range n.field {
		field = field<<8 | uint32(b)
	}
	if field>>index&1 == 0 {
		return nil
	}
	return &n.pointers[bits.OnesCount32(field&(1<<index-1))]
}

// NodeCID is the CID of a tree node.
func NodeCID(node []byte) cid.Cid { return hashCID(cid.DagCBOR, node) }

func readTreeNode(data []byte) (treeNode, error) {
	var n treeNode
	err := decode(data, n.fields)
	return n, err
}

// fields writes or reads the node: the list of bit field and pointers.
func (n *treeNode) fields(f *form) {
	if f.list("tree node", 2, 2) != 2 {
		f.fail("a tree node is a list of two")
	}
	size := f.head("bit field", majorBytes, uint64(len(n.field)))
	f.limit("bit field", size, 1<<indexBits/8)
	n.field = f.raw("bit field", size, n.field)
	used := 0
	for _, b := range n.field {
		used += bits.OnesCount8(b)
	}
	if len(n.field) > 0 && n.field[0] == 0 {
		f.fail("bit field has a leading zero byte")
	}
	count := f.list("pointers", uint64(len(n.pointers)), 1<<indexBits)
	if f.err == nil && count != uint64(used) {
		f.fail("%d pointers for %d indexes", count, used)
	}
	for i := range count {
		if f.reading {
			n.pointers = append(n.pointers, treePointer{})
		}
		if f.err != nil {
			return
		}
		n.pointers[i].fields(f)
	}
}

func (p *treePointer) fields(f *form) {
	if f.reading && len(f.b) > 0 && f.b[0]>>5 == majorTag || !f.reading && p.link.Defined() {
		f.cid("link", &p.link, cid.DagCBOR)
		return
	}
	count := f.list("bucket", uint64(len(p.bucket)), maxBucket)
	if f.err == nil && count == 0 {
		f.fail("a bucket is empty")
	}
	for i := range count {
		if f.reading {
			p.bucket = append(p.bucket, treeEntry{})
		}
		if f.err != nil {
			return
		}
		p.bucket[i].fields(f)
	}
}

func (e *treeEntry) fields(f *form) {
	if f.list("entry", 2, 2) != 2 {
		f.fail("an entry is a list of key and value")
	}
	size := f.head("key", majorBytes, uint64(len(e.key)))
	f.limit("key", size, maxTreeKey)
	e.key = f.raw("key", size, e.key)
	f.cid("value", &e.value, cid.Raw)
}

// list opens a list of n elements and returns how many there are, at most limit.
func (f *form) list(what string, n, limit uint64) uint64 {
	n = f.head(what, majorList, n)
	if f.err == nil && n > limit {
		f.fail("%s has %d elements, at most %d are allowed", what, n, limit)
	}
	if f.err != nil {
		return 0
	}
	return n
}
