package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// set is a copy of one publisher's rows, and what was made of them.
type set struct {
	publisher                       federation.PublisherID
	heads, places, keys, gone, tree []row
	sum                             summary
	sumErr                          error
	switched                        map[uint64]bool // first changes of heads that have a switch

	good    []headAt // in order
	current *Held    // nil: none is held
	unknown bool     // which head is current, since its row is damaged
	entries []entryAt
}

type headAt struct {
	key []byte
	headRow
	Held
}

type entryAt struct {
	key string
	entryRow
}

// sets checks publisher after publisher, each as one transaction has it.
func (e *examiner) sets() error {
	publishers, err := e.db.Publishers()
	if err != nil {
		return err
	}
	for i, p := range publishers {
		e.options.Progress("sets", i+1)
		e.report.Publishers++
		if err := e.publisher(p); err != nil {
			return err
		}
	}
	if e.mending {
		return e.db.noteLost(e.lost)
	}
	return nil
}

func (e *examiner) publisher(p federation.PublisherID) error {
	if e.mending { // what is decided about a set must still be so when it is written
		e.db.switching.Lock()
		defer e.db.switching.Unlock()
	}
	s, err := e.take(p)
	if errors.Is(err, ErrCorrupt) {
		e.letGo(&set{publisher: p}, err.Error())
		return e.mend()
	}
	if err != nil {
		return err
	}
	e.checkHeads(s)
	e.checkGone(s)
	whole := e.checkKeys(s)
	switch {
	case s.unknown:
		e.letGo(s, "the row of its current head is damaged")
	case s.current == nil && len(s.keys)+len(s.tree) > 0:
		e.letGo(s, "there are keys and no head that signs them")
	case s.current != nil:
		if err := e.checkSet(s, whole); err != nil {
			return err
		}
	}
	return e.mend()
}

// take copies the rows of a publisher in one transaction.
func (e *examiner) take(p federation.PublisherID) (*set, error) {
	s := &set{publisher: p, switched: map[uint64]bool{}}
	err := e.db.view(func(tx *bolt.Tx) error {
		from, ok := shelfOf(tx, p)
		if !ok {
			return nil // let go meanwhile
		}
		s.sum, s.sumErr = from.summary()
		s.heads, s.places, s.keys, s.gone, s.tree = all(from.heads), all(from.places), all(from.keys), all(from.gone), all(from.nodes)
		for _, r := range s.heads {
			if row, err := from.row(r.key); err == nil {
				s.switched[row.first] = tx.Bucket(bucketSwitches).Get(number(row.first)) != nil
			}
		}
		return nil
	})
	if err == nil && !p.Valid() {
		err = fmt.Errorf("%w: this is no id of a publisher", ErrCorrupt)
	}
	return s, err
}

func all(b *bolt.Bucket) (rows []row) {
	_ = b.ForEach(func(key, value []byte) error {
		r, _ := copied(key, value)
		rows = append(rows, r)
		return nil
	})
	return rows
}

// checkKeys reads the current set and reports whether all of its rows are sound.
func (e *examiner) checkKeys(s *set) (whole bool) {
	for _, r := range s.keys {
		var at entryAt
		value, err := openRow(r.key, r.value)
		if err == nil {
			at.entryRow, err = decodeEntry(value)
		}
		if err == nil {
			_, _, _, err = federation.SplitKey(string(r.key))
		}
		if err == nil {
			at.key = string(r.key)
			s.entries = append(s.entries, at)
		}
	}
	return len(s.entries) == len(s.keys)
}

// checkSet computes the tree of the keys and compares it with what the head signs and what is stored, and looks for the
// record of every key.
func (e *examiner) checkSet(s *set, whole bool) error {
	head := s.current.Head
	root, nodes, bytes, err := treeOf(e.ctx, s.entries)
	if err != nil {
		return err
	}
	if !whole || root != head.Root || uint64(len(s.entries)) != head.Count || bytes != head.Bytes {
		problem := fmt.Sprintf("its keys are %d with %d bytes and lead to root %s; the head %d.%d signs %d with %d bytes and root %s",
			len(s.entries), bytes, root, head.Epoch, head.Seq, head.Count, head.Bytes, head.Root)
		if e.rebuilt(s) {
			e.found(Finding{What: "set", Where: string(s.publisher), Problem: problem, Fix: fixScrub + ", which makes the keys anew from the tree"}, s.writeKeys)
		} else {
			e.letGo(s, problem)
		}
	} else {
		e.checkTree(s, nodes)
	}
	if s.current != nil {
		e.checkRecords(s)
	}
	return nil
}

// treeOf computes the tree of a set.
func treeOf(ctx context.Context, entries []entryAt) (root cid.Cid, nodes map[digest][]byte, bytes uint64, err error) {
	changes := make([]changeRow, len(entries))
	for i, at := range entries {
		changes[i] = changeRow{Op: Op{Key: at.key, New: at.digest.cid(cid.Raw)}}
		bytes += at.bytes
	}
	o := newOverlay(nil)
	root, err = o.apply(ctx, cid.Undef, changes)
	return root, o.written, bytes, err
}

// checkTree compares the stored nodes with those that there should be.
func (e *examiner) checkTree(s *set, nodes map[digest][]byte) {
	stored, surplus := map[digest]bool{}, 0
	for _, r := range s.tree {
		d, ok := wholeNode(r)
		if _, wanted := nodes[d]; ok && wanted {
			stored[d] = true
		} else {
			surplus++
		}
	}
	if len(stored) == len(nodes) && surplus == 0 {
		return
	}
	e.found(Finding{
		What: "tree", Where: string(s.publisher),
		Problem: fmt.Sprintf("%d of %d nodes are missing or damaged, %d belong to no tree", len(nodes)-len(stored), len(nodes), surplus),
		Fix:     fixScrub + ", which makes them anew from the keys",
	}, func(tx *bolt.Tx) error { return writeNodes(tx, s.publisher, nodes) })
}

func wholeNode(r row) (d digest, ok bool) {
	if len(r.key) != len(d) {
		return d, false
	}
	d = digest(r.key)
	return d, sha256.Sum256(r.value) == d
}

// checkRecords looks for the block of every key.
func (e *examiner) checkRecords(s *set) {
	for _, at := range s.entries {
		e.report.Records++
		length, ok := e.held.find(at.digest)
		c := at.digest.cid(cid.Raw)
		if !ok && !e.alone() { // staged since the blocks were looked at
			data, err := e.db.Record(c)
			length, ok = uint32(len(data)), err == nil
		}
		switch {
		case ok && uint64(length) != at.bytes:
			e.found(Finding{What: "set", Where: fmt.Sprintf("%q of %s", at.key, s.publisher), Problem: fmt.Sprintf("its record has %d bytes, not the %d that are signed", length, at.bytes), Fix: fixRestore}, nil)
		case !ok:
			e.lostRecord(Lost{Publisher: s.publisher, Key: at.key, CID: c}, at.digest)
		}
	}
}

func (e *examiner) lostRecord(l Lost, d digest) {
	e.lost = append(e.lost, l)
	if e.report.LostCount++; len(e.report.Lost) < maxFindings {
		e.report.Lost = append(e.report.Lost, l)
	}
	if _, bad := slices.BinarySearchFunc(e.bad, d, func(a, b digest) int { return bytes.Compare(a[:], b[:]) }); bad {
		return
	}
	e.found(Finding{
		What: "block", Where: fmt.Sprintf("%q of %s", l.Key, l.Publisher), Problem: fmt.Sprintf("its record %s is missing", l.CID),
		Fix: fixScrub + ", which has it fetched from peers, or made anew by the next harvest",
	}, func(*bolt.Tx) error { return nil }) // it is noted with all that is lost
}
