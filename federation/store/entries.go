package store

import (
	"bytes"
	"errors"
	"fmt"
	"iter"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// Entry is one key of a publisher's current set.
type Entry struct {
	Key    string
	CID    cid.Cid
	Domain string // source domain of the record
	Bytes  int    // envelope length
}

// walkBatch rows are read per transaction when a caller walks over them.
const walkBatch = 500

// Entry returns one key of a publisher's set, or ErrNotFound.
func (db *DB) Entry(p federation.PublisherID, key string) (entry Entry, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		s, ok := shelfOf(tx, p)
		if !ok {
			return ErrNotFound
		}
		row, err := s.entry(key)
		entry = row.entry(key)
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("key %q of %w", key, of(p, err))
	}
	return entry, nil
}

func (s shelf) entry(key string) (entryRow, error) {
	value, err := getRow(s.keys, []byte(key))
	if err != nil {
		return entryRow{}, err
	}
	return decodeEntry(value)
}

// Entries walks a publisher's current set in key order, from keys with the prefix. The sequence holds no
// transaction open between elements, so callers may write meanwhile; a switch during the walk may show in
// part: who needs one set compares Head before and after. An error ends the sequence.
func (db *DB) Entries(p federation.PublisherID, prefix string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		bucket := func(tx *bolt.Tx) *bolt.Bucket {
			s, _ := shelfOf(tx, p)
			return s.keys
		}
		decode := func(key, stored []byte) (Entry, error) {
			value, err := openRow(key, stored)
			if err != nil {
				return Entry{}, err
			}
			row, err := decodeEntry(value)
			return row.entry(string(key)), err
		}
		for entry, err := range walk(db, bucket, prefix, decode) {
			if !yield(entry, of(p, err)) {
				return
			}
		}
	}
}

// walk reads the rows of a bucket with a prefix in batches of one transaction each.
func walk[T any](db *DB, bucket func(*bolt.Tx) *bolt.Bucket, prefix string, decode func(key, stored []byte) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		from, more := []byte(prefix), true
		for more {
			batch := make([]T, 0, walkBatch)
			err := db.view(func(tx *bolt.Tx) (err error) {
				batch, from, more, err = readBatch(bucket(tx), batch, from, []byte(prefix), decode)
				return err
			})
			for _, v := range batch {
				if !yield(v, nil) {
					return
				}
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
		}
	}
}

// readBatch appends decoded rows from a key on and returns where the next batch begins.
func readBatch[T any](b *bolt.Bucket, batch []T, from, prefix []byte, decode func(key, stored []byte) (T, error)) (_ []T, next []byte, more bool, err error) {
	if b == nil {
		return batch, nil, false, nil
	}
	c := b.Cursor()
	key, stored := c.Seek(from)
	for ; key != nil && bytes.HasPrefix(key, prefix); key, stored = c.Next() {
		if len(batch) == cap(batch) {
			return batch, bytes.Clone(key), true, nil
		}
		v, err := decode(key, stored)
		if errors.Is(err, errSkip) {
			continue
		}
		if err != nil {
			return batch, nil, false, err
		}
		batch = append(batch, v)
	}
	return batch, nil, false, nil
}
