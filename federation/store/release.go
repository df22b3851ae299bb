package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// Release lets go of a publisher's set: from then on it has no head here and no keys, its versions are history
// like those of any deleted key, and the number of its last head is still known, so that nothing older comes
// after it. The same head, or a later one, can be switched to again. ErrNotFound says that no head is held.
func (db *DB) Release(ctx context.Context, p federation.PublisherID) error {
	db.switching.Lock()
	defer db.switching.Unlock()
	if err := db.Writable(); err != nil {
		return err
	}
	if err := db.release(ctx, p); err != nil {
		return fmt.Errorf("release: %w", of(p, err))
	}
	return nil
}

func (db *DB) release(ctx context.Context, p federation.PublisherID) error {
	var ops []Op
	for entry, err := range db.Entries(p, "") {
		if err != nil {
			return err
		}
		ops = append(ops, Op{Key: entry.Key, Old: entry.CID})
	}
	work, err := db.plan(ctx, p, ops)
	if err != nil {
		return err
	}
	if !work.next.Prev.CID.Defined() {
		return ErrNotFound
	}
	work.release = true
	clear(work.tree.written) // not even the empty tree is kept
	return db.carryOut(work, work.next.Prev)
}

// turnLen is the length of what follows the place of a head in the rows after its first: the number of the
// turn. Odd turns released the set, even ones are the same number held again.
const turnLen = 4

// nextRow is the key for what happens now to the head of that place.
func (s shelf) nextRow(at []byte) []byte {
	last, _ := s.heads.Cursor().Last()
	if len(last) < len(at) || string(last[:len(at)]) != string(at) {
		return at
	}
	return binary.BigEndian.AppendUint32(at[:len(at):len(at)], turnOf(last)+1)
}

func turnOf(key []byte) uint32 {
	if len(key) < turnLen+16 {
		return 0
	}
	return binary.BigEndian.Uint32(key[16:])
}

// released reports whether a row of the heads let go of the set.
func released(key []byte) bool { return turnOf(key)%2 == 1 }

// Last returns the highest head that was ever held of a publisher, and whether it still is; or ErrNotFound.
func (db *DB) Last(p federation.PublisherID) (last Held, held bool, err error) {
	if last, err = db.Head(p); !errors.Is(err, ErrNotFound) {
		return last, err == nil, err
	}
	err = db.view(func(tx *bolt.Tx) (err error) {
		last, err = latest(tx, p)
		return err
	})
	return last, false, of(p, err)
}

// latest is the highest head, be its set held or released.
func latest(tx *bolt.Tx, p federation.PublisherID) (Held, error) {
	s, ok := shelfOf(tx, p)
	if !ok {
		return Held{}, ErrNotFound
	}
	key, _ := s.heads.Cursor().Last()
	if key == nil {
		return Held{}, ErrNotFound
	}
	_, held, err := s.held(key)
	return held, err
}

// Publishers lists those of which there are rows: a set that is held, or one that was.
func (db *DB) Publishers() (out []federation.PublisherID, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketPublishers).ForEachBucket(func(name []byte) error {
			out = append(out, federation.PublisherID(name))
			return nil
		})
	})
	return out, err
}

// PastVersions lists the records that a publisher's history still names under any key, without the current ones.
func (db *DB) PastVersions(p federation.PublisherID) (out []cid.Cid, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		s, ok := shelfOf(tx, p)
		if !ok {
			return ErrNotFound
		}
		return s.pastVersions(tx, keptVersions, func(_ uint64, c cid.Cid) { out = append(out, c) })
	})
	return out, of(p, err)
}

// pastVersions visits the versions that each key had before, at most so many with the current one.
func (s shelf) pastVersions(tx *bolt.Tx, most int, visit func(ended uint64, c cid.Cid)) error {
	of := func(key []byte, change uint64, versions int) error {
		if versions >= most {
			return nil
		}
		return past(tx, string(key), change, func(ended uint64, c cid.Cid) bool {
			visit(ended, c)
			versions++
			return versions < most
		})
	}
	err := eachRow(s.keys, func(key, value []byte) error {
		e, err := decodeEntry(value)
		if err != nil {
			return err
		}
		return of(key, e.change, 1)
	})
	if err != nil {
		return err
	}
	return eachRow(s.gone, func(key, value []byte) error {
		change, err := decodeGone(value)
		if err != nil {
			return err
		}
		return of(key, change, 0)
	})
}
