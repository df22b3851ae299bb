package store

import (
	"cmp"
	"errors"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// current is what is kept in memory of every publisher: thousands of heads are asked for at each change of one.
// It is whole unless a row could not be read, or a commit failed; then those who ask read the rows, and learn why.
type current struct {
	heads  map[federation.PublisherID]Held
	byCID  map[cid.Cid][]byte // their envelopes
	proven map[federation.PublisherID]uint64
	sorted []Held // the heads by publisher, never written again; nil when stale
	whole  bool
}

// readCurrent leaves out what cannot be read.
func readCurrent(tx *bolt.Tx) current {
	c := current{heads: map[federation.PublisherID]Held{}, byCID: map[cid.Cid][]byte{}, proven: map[federation.PublisherID]uint64{}, whole: true}
	_ = tx.Bucket(bucketPublishers).ForEachBucket(func(name []byte) error {
		p := federation.PublisherID(name)
		switch held, err := highest(tx, p); {
		case err == nil:
			c.follow(held)
		case !errors.Is(err, ErrNotFound):
			c.whole = false
		}
		return nil
	})
	_ = tx.Bucket(bucketProofs).ForEach(func(key, stored []byte) error {
		proof, err := openProof(key, stored)
		if err != nil {
			c.whole = false
			return nil
		}
		c.proven[federation.PublisherID(key)] = proof.Epoch
		return nil
	})
	return c
}

// follow takes over a head that was switched to.
func (c *current) follow(held Held) {
	if c.heads != nil {
		c.drop(held.Publisher)
		c.heads[held.Publisher], c.byCID[held.CID] = held, held.Envelope
	}
}

// drop leaves out a publisher, say one whose set was released.
func (c *current) drop(p federation.PublisherID) {
	delete(c.byCID, c.heads[p].CID)
	delete(c.heads, p)
	c.sorted = nil
}

func (c *current) prove(p federation.PublisherID, epoch uint64) {
	if c.proven != nil {
		c.proven[p] = epoch
	}
}

// list is nil while not everything is in memory.
func (c *current) list() []Held {
	if !c.whole || c.sorted != nil {
		return c.sorted
	}
	c.sorted = make([]Held, 0, len(c.heads))
	for _, held := range c.heads {
		c.sorted = append(c.sorted, held)
	}
	sortHeads(c.sorted)
	return c.sorted
}

func sortHeads(heads []Held) {
	slices.SortFunc(heads, func(a, b Held) int { return cmp.Compare(a.Publisher, b.Publisher) })
}

// Heads returns the highest head of every publisher, sorted by publisher. The slice is shared: read only.
func (db *DB) Heads() ([]Held, error) {
	db.mu.Lock()
	heads, whole, closed := db.current.list(), db.current.whole, db.closed
	db.mu.Unlock()
	switch {
	case closed:
		return nil, ErrClosed
	case whole:
		return heads, nil
	}
	err := db.view(func(tx *bolt.Tx) (err error) {
		heads, err = readHeads(tx)
		return err
	})
	return heads, err
}

func readHeads(tx *bolt.Tx) (heads []Held, err error) {
	err = tx.Bucket(bucketPublishers).ForEachBucket(func(name []byte) error {
		held, err := highest(tx, federation.PublisherID(name))
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		heads = append(heads, held)
		return of(federation.PublisherID(name), err)
	})
	sortHeads(heads)
	return heads, err
}
