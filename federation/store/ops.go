package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// OpsSince returns the net operations (one per key, sorted by key) from a held head to the current one,
// or ErrTooOld when that head is unknown or the log was trimmed behind it.
func (db *DB) OpsSince(p federation.PublisherID, have cid.Cid) (ops []Op, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		s, ok := shelfOf(tx, p)
		if !ok {
			return ErrNotFound
		}
		net, err := s.netSince(tx, have)
		ops = slices.SortedFunc(maps.Values(net), func(a, b Op) int { return cmp.Compare(a.Key, b.Key) })
		return err
	})
	if err != nil {
		return nil, of(p, err)
	}
	return ops, nil
}

func (s shelf) netSince(tx *bolt.Tx, have cid.Cid) (map[string]Op, error) {
	key, err := s.placeOf(have)
	if errors.Is(err, ErrNotFound) {
		return nil, ErrTooOld
	}
	if err != nil {
		return nil, err
	}
	row, err := s.row(key)
	if err != nil {
		return nil, err
	}
	sum, err := s.summary()
	if err != nil {
		return nil, err
	}
	if sum.floor > row.end() {
		return nil, ErrTooOld
	}
	net := map[string]Op{}
	c := s.heads.Cursor()
	c.Seek(key)
	for key, _ := c.Next(); key != nil; key, _ = c.Next() {
		row, err := s.row(key)
		if err == nil {
			err = row.net(tx, net)
		}
		if err != nil {
			return nil, err
		}
	}
	maps.DeleteFunc(net, func(_ string, op Op) bool { return op.Old == op.New })
	return net, nil
}

// each calls visit for each line of the head's switch.
func (h headRow) each(tx *bolt.Tx, visit func(seq uint64, c changeRow) error) error {
	cursor := tx.Bucket(bucketLog).Cursor()
	end := number(h.end())
	for key, stored := cursor.Seek(number(h.first)); key != nil && bytes.Compare(key, end) < 0; key, stored = cursor.Next() {
		line, err := logLine(key, stored)
		if err != nil {
			return err
		}
		if err := visit(binary.BigEndian.Uint64(key), line); err != nil {
			return err
		}
	}
	return nil
}

// net adds the head's operations to those before it.
func (h headRow) net(tx *bolt.Tx, net map[string]Op) error {
	return h.each(tx, func(_ uint64, c changeRow) error {
		if c.Key == "" {
			return nil
		}
		if before, ok := net[c.Key]; ok {
			c.Old = before.Old
		}
		net[c.Key] = c.Op
		return nil
	})
}
