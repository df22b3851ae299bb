package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// Op changes one key; Old is Undef for a new key, New is Undef for a deletion. Domain and Bytes describe New.
type Op struct {
	Key      string
	Old, New cid.Cid
	Domain   string
	Bytes    int
}

// Next is what a Switch computed: the set after the operations.
type Next struct {
	Root         cid.Cid
	Count, Bytes uint64
	Prev         Held // zero when the publisher had no head
}

// plan is a switch computed but not written.
type plan struct {
	publisher federation.PublisherID
	changes   []changeRow // sorted by key
	next      Next
	last      Held // the highest head there ever was, zero if none
	tree      *overlay
	release   bool // the set goes, its head stays the last one
}

// Switch applies operations (one per key, any order; what changes nothing is left out) to the publisher's
// tree in memory and calls seal with the result; seal returns the signed head envelope, made anew or the
// one received, and must not switch itself. Then, in one transaction, head, tree nodes, keys and log change
// together. Refused: a head that is not above the held one (ErrStale) or does not describe the computed set
// (ErrMismatch), an Old that is not the current value (ErrConflict), a New whose block is missing
// (ErrMissing), a malformed operation (federation.ErrInvalid). A refused switch changes nothing.
// A head with no operations is legal: its domains or node may have changed.
func (db *DB) Switch(ctx context.Context, p federation.PublisherID, ops []Op, seal func(Next) ([]byte, error)) (Held, error) {
	db.switching.Lock()
	defer db.switching.Unlock()
	if err := db.Writable(); err != nil {
		return Held{}, err
	}
	work, err := db.plan(ctx, p, ops)
	if err != nil {
		return Held{}, fmt.Errorf("switch: %w", of(p, err))
	}
	envelope, err := seal(work.next)
	if err != nil {
		return Held{}, err
	}
	held, err := work.accept(envelope)
	if err != nil {
		return Held{}, fmt.Errorf("switch: %w", of(p, err))
	}
	if err := ctx.Err(); err != nil {
		return Held{}, err
	}
	if err := db.carryOut(work, held); err != nil {
		return Held{}, fmt.Errorf("switch: %w", of(p, err))
	}
	return held, nil
}

func (db *DB) plan(ctx context.Context, p federation.PublisherID, ops []Op) (*plan, error) {
	changes, err := ordered(ops)
	if err != nil {
		return nil, err
	}
	work := &plan{publisher: p, changes: changes}
	err = db.view(func(tx *bolt.Tx) error {
		prev, err := highest(tx, p)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if work.last, err = latest(tx, p); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		work.next = Next{Count: prev.Count, Bytes: prev.Bytes, Prev: prev}
		s, _ := shelfOf(tx, p)
		for i := range work.changes {
			if err := work.next.count(tx, s, &work.changes[i]); err != nil {
				return fmt.Errorf("key %q: %w", work.changes[i].Key, err)
			}
		}
		work.tree = newOverlay(s.nodes)
		work.next.Root, err = work.tree.apply(ctx, prev.Root, work.changes)
		return err
	})
	return work, err
}

// ordered checks the form of operations and sorts them by key.
func ordered(ops []Op) ([]changeRow, error) {
	changes := make([]changeRow, 0, len(ops))
	for _, op := range ops {
		if err := op.check(); err != nil {
			return nil, fmt.Errorf("key %q: %w", op.Key, err)
		}
		if op.Old != op.New {
			changes = append(changes, changeRow{Op: op})
		}
	}
	slices.SortFunc(changes, func(a, b changeRow) int { return cmp.Compare(a.Key, b.Key) })
	for i := 1; i < len(changes); i++ {
		if changes[i].Key == changes[i-1].Key {
			return nil, fmt.Errorf("key %q: %w: it has two operations", changes[i].Key, federation.ErrInvalid)
		}
	}
	return changes, nil
}

func (op Op) check() error {
	if _, _, _, err := federation.SplitKey(op.Key); err != nil {
		return err
	}
	for _, c := range []cid.Cid{op.Old, op.New} {
		if _, ok := digestOf(c, prefixRaw); c.Defined() && !ok {
			return fmt.Errorf("%w: %s is not the CID of a record", federation.ErrInvalid, c)
		}
	}
	return nil
}

// count compares an operation with the current value, finds the key's previous change and adds up.
func (n *Next) count(tx *bolt.Tx, s shelf, c *changeRow) error {
	var held entryRow
	var old cid.Cid
	if s.keys != nil {
		var err error
		switch held, err = s.entry(c.Key); {
		case err == nil:
			old, c.before = held.digest.cid(cid.Raw), held.change
			n.Count, n.Bytes = n.Count-1, n.Bytes-held.bytes
		case !errors.Is(err, ErrNotFound):
			return err
		default:
			if c.before, err = s.goneAt(c.Key); err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
		}
	}
	if old != c.Old {
		return fmt.Errorf("%w: it has %s, the operation expects %s", ErrConflict, name(old), name(c.Old))
	}
	if !c.New.Defined() {
		c.Domain, c.Bytes = "", 0
		return nil
	}
	n.Count, n.Bytes = n.Count+1, n.Bytes+uint64(c.Bytes)
	return present(tx, c.Op)
}

func name(c cid.Cid) string {
	if !c.Defined() {
		return "no record"
	}
	return c.String()
}

// present requires the block of an operation, with the length it states: the head's sum is made of these.
func present(tx *bolt.Tx, op Op) error {
	d, _ := digestOf(op.New, prefixRaw)
	row := tx.Bucket(bucketBlocks).Get(d[:])
	if row == nil {
		return fmt.Errorf("%w: %s", ErrMissing, op.New)
	}
	p, err := split(row)
	if err == nil && p.length != op.Bytes {
		err = fmt.Errorf("%w: %s has %d bytes, the operation says %d", federation.ErrInvalid, op.New, p.length, op.Bytes)
	}
	return err
}

// accept judges the head that seal returned against what was computed.
func (w *plan) accept(envelope []byte) (Held, error) {
	held, err := openHeld(envelope)
	if err != nil {
		return Held{}, err
	}
	next, prev := w.next, w.next.Prev
	switch {
	case held.Publisher != w.publisher:
		return Held{}, fmt.Errorf("%w: it is signed by %s", ErrMismatch, held.Publisher)
	case prev.CID.Defined() && held.Compare(prev.Head) <= 0:
		return Held{}, fmt.Errorf("%w: it is %d.%d, held is %d.%d", ErrStale, held.Epoch, held.Seq, prev.Epoch, prev.Seq)
	case w.last.CID.Defined() && (held.Compare(w.last.Head) < 0 || held.Compare(w.last.Head) == 0 && held.Payload != w.last.Payload):
		return Held{}, fmt.Errorf("%w: it is %d.%d, and %d.%d was held before", ErrStale, held.Epoch, held.Seq, w.last.Epoch, w.last.Seq)
	case held.Root != next.Root:
		return Held{}, fmt.Errorf("%w: its root is %s, computed is %s", ErrMismatch, held.Root, next.Root)
	case held.Count != next.Count:
		return Held{}, fmt.Errorf("%w: it counts %d records, computed are %d", ErrMismatch, held.Count, next.Count)
	case held.Bytes != next.Bytes:
		return Held{}, fmt.Errorf("%w: it counts %d bytes, computed are %d", ErrMismatch, held.Bytes, next.Bytes)
	}
	return held, nil
}
