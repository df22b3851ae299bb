package store

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// Scrub is a Check that mends what can be mended. Blocks whose bytes are wrong are taken out and noted as Lost when a
// current set refers to them; keys are made anew from their tree, trees from their keys, and a set of which neither is
// whole is let go, as if it had never been fetched; damaged lines of the log send followers back to the sets; blocks
// that nothing refers to are removed. A file whose pages are damaged is left as it is, since writing could make it
// worse; see ScrubDir. Switches wait while a set is mended.
func (db *DB) Scrub(ctx context.Context, options CheckOptions) (Report, error) {
	if err := db.Writable(); err != nil {
		return Report{}, err
	}
	e := newExaminer(ctx, db, options)
	e.mending = true
	report, err := e.run()
	if report.Mended+report.Removed > 0 {
		for range 2 { // so that both header pages are new
			if err == nil {
				err = db.update(rewriteHeader)
			}
		}
	}
	if report.Mended > 0 && err == nil {
		err = db.refresh()
	}
	return report, err
}

// refresh reads what is kept in memory and wakes followers.
func (db *DB) refresh() error {
	if err := db.reload(); err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.wake()
	return nil
}

func inShelf(p federation.PublisherID, do func(shelf) error) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		s, ok := shelfOf(tx, p)
		if !ok {
			return nil
		}
		return do(s)
	}
}

// emptied gives a new bucket in the place of an old one.
func emptied(tx *bolt.Tx, p federation.PublisherID, name []byte) (*bolt.Bucket, error) {
	b := tx.Bucket(bucketPublishers).Bucket([]byte(p))
	if err := b.DeleteBucket(name); err != nil {
		return nil, err
	}
	return b.CreateBucket(name)
}

func writeNodes(tx *bolt.Tx, p federation.PublisherID, nodes map[digest][]byte) error {
	b, err := emptied(tx, p, subNodes)
	if err != nil {
		return err
	}
	for _, d := range inOrder(nodes) {
		if err := b.Put(d[:], nodes[d]); err != nil {
			return err
		}
	}
	return nil
}

// mendSummary lets the log of a publisher begin with its current head.
func (s *set) mendSummary(tx *bolt.Tx) error {
	to, _ := shelfOf(tx, s.publisher)
	if len(s.good) == 0 {
		return to.self.Delete(keySummary)
	}
	last := s.good[len(s.good)-1]
	return to.putSummary(summary{floor: last.first, lines: last.lines, heads: uint64(len(s.good))})
}

// dropOld removes a damaged head that is not the current one. Peers that hold it or an older one can no longer be
// told what changed since.
func (s *set) dropOld(key []byte) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		to, _ := shelfOf(tx, s.publisher)
		if err := to.heads.Delete(key); err != nil {
			return err
		}
		sum, err := to.summary()
		if err != nil {
			return err
		}
		if sum.heads > 0 {
			sum.heads--
		}
		for _, h := range s.good {
			if bytes.Compare(h.key, key) > 0 {
				sum.floor = max(sum.floor, h.first)
				break
			}
		}
		return to.putSummary(sum)
	}
}

// rebuilt makes the entries anew from the stored tree; false when that is not whole either.
func (e *examiner) rebuilt(s *set) bool {
	nodes := newOverlay(nil)
	for _, r := range s.tree {
		if d, ok := wholeNode(r); ok {
			nodes.written[d] = r.value
		}
	}
	known := map[string]entryRow{}
	for _, at := range s.entries {
		known[at.key] = at.entryRow
	}
	var entries []entryAt
	sum := uint64(0)
	err := federation.TreeEntries(e.ctx, nodes, s.current.Root, func(key string, c cid.Cid) error {
		d, _ := digestOf(c, prefixRaw)
		at := entryAt{key, known[key]}
		if at.digest != d {
			var err error
			if at.entryRow, err = e.describe(d, c); err != nil {
				return err
			}
		}
		entries, sum = append(entries, at), sum+at.bytes
		return nil
	})
	if err != nil || uint64(len(entries)) != s.current.Count || sum != s.current.Bytes {
		return false
	}
	slices.SortFunc(entries, func(a, b entryAt) int { return bytes.Compare([]byte(a.key), []byte(b.key)) })
	s.entries = entries
	return true
}

// describe makes the row of a key from its record; which change set it, nobody knows any more.
func (e *examiner) describe(d digest, c cid.Cid) (entryRow, error) {
	data, err := e.db.Record(c)
	if err != nil {
		return entryRow{}, err
	}
	record, err := federation.DecodeRecord(data)
	return entryRow{digest: d, bytes: uint64(len(data)), domain: record.Source.Domain}, err
}

func (s *set) writeKeys(tx *bolt.Tx) error {
	b, err := emptied(tx, s.publisher, subKeys)
	if err != nil {
		return err
	}
	for _, at := range s.entries {
		if err := putRow(b, []byte(at.key), at.encode()); err != nil {
			return err
		}
	}
	return nil
}

// letGo gives up a set that cannot be made whole: its keys and tree go, the number of its last head that can be read
// stays, so that nothing older comes after it. Peers bring a foreign set again; the node's own is signed anew in
// a new epoch, since head.json remembers the last number.
func (e *examiner) letGo(s *set, problem string) {
	e.found(Finding{
		What: "set", Where: string(s.publisher), Problem: problem,
		Fix: fixScrub + ", which lets the set go: peers bring it again; if it is this node's own, harvest all of its institutions afterwards",
	}, s.giveUp(e.db))
	e.report.Released++
	e.let, s.current = true, nil
}

func (s *set) giveUp(db *DB) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		if err := tx.Bucket(bucketPublishers).DeleteBucket([]byte(s.publisher)); err != nil {
			return err
		}
		for _, h := range s.good {
			if err := h.forget(tx); err != nil {
				return err
			}
		}
		if last := s.before(); last != nil && s.publisher.Valid() {
			return s.remember(tx, *last, db.now().Unix())
		}
		return nil
	}
}

// before is the last head below the highest one that can be read, since that may be fetched again; nil when there is
// none.
func (s *set) before() *headAt {
	if len(s.good) == 0 {
		return nil
	}
	top := s.good[len(s.good)-1].key[:16]
	for i := range slices.Backward(s.good) {
		if h := &s.good[i]; !bytes.Equal(top, h.key[:16]) {
			return h
		}
	}
	return nil
}

// remember keeps a head as one whose set was let go, and tells those who follow the log. Nobody is told what changed
// since: the floor lies above it.
func (s *set) remember(tx *bolt.Tx, h headAt, now int64) error {
	to, err := makeShelf(tx, s.publisher)
	if err != nil {
		return err
	}
	first, err := appendLog(tx, switchRow{publisher: s.publisher, head: h.CID}, []changeRow{{}})
	if err != nil {
		return err
	}
	at := place(h.Epoch, h.Seq)
	d, _ := digestOf(h.CID, prefixRaw)
	letGo := append(bytes.Clone(at), number(1)[turnLen:]...)
	return errors.Join(
		putRow(to.heads, at, headRow{at: h.at, first: first, envelope: h.envelope}.encode()),
		putRow(to.heads, letGo, headRow{at: now, first: first, lines: 1, envelope: h.envelope}.encode()),
		putRow(to.places, d[:], at),
		to.putSummary(summary{floor: first + 1, lines: 1, heads: 2}),
	)
}

// forget removes the lines of a head from the log.
func (h headAt) forget(tx *bolt.Tx) error {
	if h.lines == 0 {
		return nil
	}
	for seq := h.first; seq < h.end(); seq++ {
		if err := tx.Bucket(bucketLog).Delete(number(seq)); err != nil {
			return err
		}
	}
	if err := tx.Bucket(bucketSwitches).Delete(number(h.first)); err != nil {
		return err
	}
	return raise(tx, h.end()-1)
}
