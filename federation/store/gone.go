package store

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation"
	bolt "go.etcd.io/bbolt"
)

// Gone visits the keys with a prefix that sets had and have no longer, as far as the log remembers them.
func (db *DB) Gone(prefix string, visit func(p federation.PublisherID, key string)) error {
	return db.view(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketPublishers).ForEachBucket(func(name []byte) error {
			p := federation.PublisherID(name)
			s, _ := shelfOf(tx, p)
			c := s.gone.Cursor()
			for key, _ := c.Seek([]byte(prefix)); key != nil && strings.HasPrefix(string(key), prefix); key, _ = c.Next() {
				visit(p, string(key))
			}
			return nil
		})
	})
}

// Withdrawal returns the head by which a publisher withdrew a key. ErrNotFound: it did not, or nothing of it is
// remembered, or the set was let go here without a word of its publisher.
func (db *DB) Withdrawal(p federation.PublisherID, key string) (held Held, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		s, ok := shelfOf(tx, p)
		if !ok {
			return ErrNotFound
		}
		change, err := s.goneAt(key)
		if err != nil {
			return err
		}
		by, err := switchAt(tx, change)
		if err != nil {
			return err
		}
		held, err = s.withdrawnBy(by, change)
		return err
	})
	return held, of(p, err)
}

// withdrawnBy is the head of a switch, unless the change only let its set go.
func (s shelf) withdrawnBy(by switchRow, change uint64) (Held, error) {
	at, err := s.placeOf(by.head)
	if err != nil {
		return Held{}, err
	}
	row, held, err := s.held(at)
	if err == nil && change >= row.end() {
		err = ErrNotFound
	}
	return held, err
}
