package store

import (
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// Erase removes the block of a record unless it is what its publisher says under that key now; switches wait
// meanwhile. It reports whether the block is gone: also when it never was here. Histories keep its CID.
// The bytes leave the file when their page is used again, at the latest with the next compaction.
func (db *DB) Erase(c cid.Cid, p federation.PublisherID, key string) (gone bool, err error) {
	d, ok := digestOf(c, prefixRaw)
	if !ok {
		return false, fmt.Errorf("erase %s: %w: no CID of a record", c, federation.ErrInvalid)
	}
	db.switching.Lock()
	defer db.switching.Unlock()
	err = db.update(func(tx *bolt.Tx) error {
		if s, ok := shelfOf(tx, p); ok {
			entry, err := s.entry(key)
			if err == nil && entry.digest == d {
				return nil
			}
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
		}
		gone = true
		return tx.Bucket(bucketBlocks).Delete(d[:])
	})
	if err != nil {
		return false, fmt.Errorf("erase %s: %w", c, err)
	}
	return gone, nil
}
