package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// keptVersions of a key are in its history, the current one included.
const keptVersions = 20

// History returns the CIDs a key had under a publisher, newest first, the current one included: at most
// 20 and as far back as the log reaches. A key that was deleted has a history too.
func (db *DB) History(p federation.PublisherID, key string) (versions []cid.Cid, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		s, ok := shelfOf(tx, p)
		if !ok {
			return ErrNotFound
		}
		entry, err := s.entry(key)
		switch {
		case errors.Is(err, ErrNotFound):
			entry.change, err = s.goneAt(key)
		case err == nil:
			versions = append(versions, entry.digest.cid(cid.Raw))
		}
		if err != nil {
			return err
		}
		versions, err = chain(tx, versions, key, entry.change)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("history of %q: %w", key, of(p, err))
	}
	return versions, nil
}

// goneAt is the change that deleted a key.
func (s shelf) goneAt(key string) (uint64, error) {
	value, err := getRow(s.gone, []byte(key))
	if err != nil {
		return 0, err
	}
	return decodeGone(value)
}

func decodeGone(value []byte) (uint64, error) {
	if len(value) != 8 {
		return 0, fmt.Errorf("%w: deleted key", ErrCorrupt)
	}
	return binary.BigEndian.Uint64(value), nil
}

// chain follows a key's changes back through the log and adds what it had before each.
func chain(tx *bolt.Tx, versions []cid.Cid, key string, change uint64) ([]cid.Cid, error) {
	err := past(tx, key, change, func(_ uint64, old cid.Cid) bool {
		if !slices.Contains(versions, old) {
			versions = append(versions, old)
		}
		return len(versions) < keptVersions
	})
	return versions, err
}

// past yields what a key had before each of its changes, the newest first, with the number of the change that
// ended it, as far as the log reaches.
func past(tx *bolt.Tx, key string, change uint64, yield func(ended uint64, old cid.Cid) bool) error {
	log := tx.Bucket(bucketLog)
	for change != 0 {
		at := number(change)
		stored := log.Get(at)
		if stored == nil { // trimmed
			return nil
		}
		line, err := logLine(at, stored)
		if err != nil {
			return err
		}
		if line.Key != key || line.before >= change {
			return fmt.Errorf("%w: change %d is not of key %q", ErrCorrupt, change, key)
		}
		if line.Old.Defined() && !yield(change, line.Old) {
			return nil
		}
		change = line.before
	}
	return nil
}
