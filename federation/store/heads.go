package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// Held is a head this node holds completely. Its slices are shared: read only.
type Held struct {
	federation.Head
	CID      cid.Cid
	Envelope []byte
	Payload  [32]byte
}

// keptHeads is how many heads of a publisher are kept, the current one included.
const keptHeads = 1000

// Head returns the held head with the highest (epoch, seq), or ErrNotFound.
func (db *DB) Head(p federation.PublisherID) (Held, error) {
	db.mu.RLock()
	held, ok := db.current.heads[p]
	closed := db.closed
	db.mu.RUnlock()
	switch {
	case closed:
		return Held{}, ErrClosed
	case ok:
		return held, nil
	}
	err := db.view(func(tx *bolt.Tx) (err error) {
		held, err = highest(tx, p)
		return err
	})
	return held, of(p, err)
}

// HeadAt returns a held head by CID, or ErrNotFound.
func (db *DB) HeadAt(p federation.PublisherID, c cid.Cid) (held Held, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		s, ok := shelfOf(tx, p)
		if !ok {
			return ErrNotFound
		}
		key, err := s.placeOf(c)
		if err != nil {
			return err
		}
		_, held, err = s.held(key)
		return err
	})
	return held, of(p, err)
}

// PastHeads returns the kept heads of a publisher, newest first (at most 1,000).
func (db *DB) PastHeads(p federation.PublisherID) (heads []Held, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		s, ok := shelfOf(tx, p)
		if !ok {
			return nil
		}
		c := s.heads.Cursor()
		for key, _ := c.Last(); key != nil && len(heads) < keptHeads; key, _ = c.Prev() {
			if turnOf(key) > 0 {
				continue // the same head once more
			}
			_, held, err := s.held(key)
			if err != nil {
				return err
			}
			heads = append(heads, held)
		}
		return nil
	})
	return heads, of(p, err)
}

// highest is the head whose set is held.
func highest(tx *bolt.Tx, p federation.PublisherID) (Held, error) {
	s, ok := shelfOf(tx, p)
	if !ok {
		return Held{}, ErrNotFound
	}
	if key, _ := s.heads.Cursor().Last(); released(key) {
		return Held{}, ErrNotFound
	}
	return latest(tx, p)
}

func (s shelf) placeOf(c cid.Cid) ([]byte, error) {
	d, ok := digestOf(c, prefixRaw)
	if !ok {
		return nil, ErrNotFound
	}
	return getRow(s.places, d[:])
}

// row reads a head without verifying it again.
func (s shelf) row(key []byte) (headRow, error) {
	value, err := getRow(s.heads, key)
	if err != nil {
		return headRow{}, err
	}
	return decodeHead(value)
}

func (s shelf) held(key []byte) (headRow, Held, error) {
	row, err := s.row(key)
	if err != nil {
		return headRow{}, Held{}, err
	}
	held, err := openHeld(bytes.Clone(row.envelope))
	if err == nil && !bytes.HasPrefix(key, place(held.Epoch, held.Seq)) {
		err = ErrCorrupt
	}
	if err != nil {
		return headRow{}, Held{}, fmt.Errorf("head %d.%d: %w", binary.BigEndian.Uint64(key), binary.BigEndian.Uint64(key[8:]), err)
	}
	return row, held, nil
}

// openHeld leaves the number of source domains to the limit of bytes: how many to take is configuration.
func openHeld(envelope []byte) (Held, error) {
	head, err := federation.OpenHeadUpTo(envelope, federation.MaxHead)
	if err != nil {
		return Held{}, err
	}
	payload, err := federation.PayloadHash(envelope)
	if err != nil {
		return Held{}, err
	}
	return Held{Head: head, CID: federation.CIDOf(envelope), Envelope: envelope, Payload: payload}, nil
}

// of says whose rows an error is about.
func of(p federation.PublisherID, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("publisher %s: %w", p, err)
}
