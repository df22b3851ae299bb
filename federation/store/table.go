package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	bolt "go.etcd.io/bbolt"
)

// Table keeps JSON documents of one type by text key: sources, runs, discoveries, evidence.
type Table[T any] struct {
	db   *DB
	name string
}

// TableOf opens the table of that name, made on first use.
func TableOf[T any](db *DB, name string) Table[T] { return Table[T]{db, name} }

func (t Table[T]) bucket(tx *bolt.Tx) *bolt.Bucket {
	return tx.Bucket(bucketTables).Bucket([]byte(t.name))
}

func (t Table[T]) wrap(key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("table %s, key %q: %w", t.name, key, err)
}

func decodeDocument[T any](key, stored []byte) (v T, err error) {
	value, err := openRow(key, stored)
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(value, &v)
}

// Get returns one document, or ErrNotFound.
func (t Table[T]) Get(key string) (v T, err error) {
	err = t.db.view(func(tx *bolt.Tx) (err error) {
		b := t.bucket(tx)
		if b == nil {
			return ErrNotFound
		}
		stored := b.Get([]byte(key))
		if stored == nil {
			return ErrNotFound
		}
		v, err = decodeDocument[T]([]byte(key), stored)
		return err
	})
	return v, t.wrap(key, err)
}

// Put writes one document; keys are not empty.
func (t Table[T]) Put(key string, v T) error {
	value, err := json.Marshal(v)
	if err != nil {
		return t.wrap(key, err)
	}
	return t.wrap(key, t.db.update(func(tx *bolt.Tx) error {
		b, err := tx.Bucket(bucketTables).CreateBucketIfNotExists([]byte(t.name))
		if err != nil {
			return err
		}
		return putRow(b, []byte(key), value)
	}))
}

// Delete removes a document; that there was none is no error.
func (t Table[T]) Delete(key string) error {
	return t.wrap(key, t.db.update(func(tx *bolt.Tx) error {
		if b := t.bucket(tx); b != nil {
			return b.Delete([]byte(key))
		}
		return nil
	}))
}

// All walks the documents whose keys have the prefix, in key order; Last reverses it. Like Entries it holds
// no transaction open between elements. Documents that cannot be read are left out, and a database that
// cannot be read ends the sequence: Get tells why.
func (t Table[T]) All(prefix string) iter.Seq2[string, T] {
	type row struct {
		key string
		doc T
	}
	decode := func(key, stored []byte) (row, error) {
		doc, err := decodeDocument[T](key, stored)
		if err != nil {
			err = errSkip
		}
		return row{string(key), doc}, err
	}
	return func(yield func(string, T) bool) {
		for r, err := range walk(t.db, t.bucket, prefix, decode) {
			if err != nil || !yield(r.key, r.doc) {
				return
			}
		}
	}
}

// Last returns up to n documents whose keys have the prefix, highest keys first, so the newest when keys
// are in order of time.
func (t Table[T]) Last(prefix string, n int) (docs []T, err error) {
	err = t.db.view(func(tx *bolt.Tx) error {
		b := t.bucket(tx)
		if b == nil {
			return nil
		}
		c := b.Cursor()
		for key, stored := lastOf(c, []byte(prefix)); len(docs) < n && key != nil && bytes.HasPrefix(key, []byte(prefix)); key, stored = c.Prev() {
			doc, err := decodeDocument[T](key, stored)
			if err != nil {
				return t.wrap(string(key), err)
			}
			docs = append(docs, doc)
		}
		return nil
	})
	return docs, err
}

// lastOf puts the cursor on the last key that has the prefix or is below it.
func lastOf(c *bolt.Cursor, prefix []byte) (key, value []byte) {
	above := bytes.Clone(prefix)
	for len(above) > 0 && above[len(above)-1] == 0xff {
		above = above[:len(above)-1]
	}
	if len(above) == 0 {
		return c.Last()
	}
	above[len(above)-1]++
	if key, _ = c.Seek(above); key == nil {
		return c.Last()
	}
	return c.Prev()
}

// errSkip leaves a row out of a walk.
var errSkip = errors.New("skip")
