package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// Block is envelope bytes under their CID.
type Block struct {
	CID  cid.Cid
	Data []byte
}

const (
	stageBatch = 1000
	// restage is how old a block may get before staging it again renews its time, which costs a write.
	restage = time.Hour
)

// Get returns a record, a kept head, or a tree node of a current set, and checks its hash: ErrNotFound,
// ErrCorrupt.
func (db *DB) Get(c cid.Cid) (data []byte, err error) {
	err = db.view(func(tx *bolt.Tx) (err error) {
		if d, ok := digestOf(c, prefixRaw); ok {
			if data, err = record(tx, d); errors.Is(err, ErrNotFound) {
				data, err = anyHead(tx, d)
			}
			return err
		}
		if d, ok := digestOf(c, prefixNode); ok {
			data, err = anyNode(tx, d)
			return err
		}
		return ErrNotFound
	})
	if err != nil {
		return nil, fmt.Errorf("block %s: %w", c, err)
	}
	return data, nil
}

// Near is Get for records and current heads alone: it looks at no publisher's rows, so that what strangers ask for
// and nobody has costs little.
func (db *DB) Near(c cid.Cid) ([]byte, error) {
	db.mu.RLock()
	head := db.current.byCID[c]
	db.mu.RUnlock()
	if head != nil {
		return bytes.Clone(head), nil
	}
	return db.Record(c)
}

// Record is Get for records alone.
func (db *DB) Record(c cid.Cid) (data []byte, err error) {
	d, ok := digestOf(c, prefixRaw)
	if !ok {
		return nil, fmt.Errorf("record %s: %w", c, ErrNotFound)
	}
	err = db.view(func(tx *bolt.Tx) (err error) {
		data, err = record(tx, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", c, err)
	}
	return data, nil
}

func record(tx *bolt.Tx, d digest) ([]byte, error) {
	row := tx.Bucket(bucketBlocks).Get(d[:])
	if row == nil {
		return nil, ErrNotFound
	}
	p, err := split(row)
	if err != nil {
		return nil, err
	}
	data, err := p.open()
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(data) != d {
		return nil, ErrCorrupt
	}
	return data, nil
}

// anyHead finds a head under whichever publisher has it.
func anyHead(tx *bolt.Tx, d digest) (envelope []byte, err error) {
	err = tx.Bucket(bucketPublishers).ForEachBucket(func(name []byte) error {
		s, ok := shelfOf(tx, federation.PublisherID(name))
		if !ok || envelope != nil || s.places.Get(d[:]) == nil {
			return nil
		}
		key, err := getRow(s.places, d[:])
		if err != nil {
			return err
		}
		row, err := s.row(key)
		envelope = bytes.Clone(row.envelope)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case envelope == nil:
		return nil, ErrNotFound
	case sha256.Sum256(envelope) != d:
		return nil, ErrCorrupt
	}
	return envelope, nil
}

// anyNode finds a tree node under whichever publisher has it.
func anyNode(tx *bolt.Tx, d digest) (data []byte, err error) {
	publishers := tx.Bucket(bucketPublishers)
	err = publishers.ForEachBucket(func(name []byte) error {
		if v := publishers.Bucket(name).Bucket(subNodes).Get(d[:]); v != nil && data == nil {
			data = bytes.Clone(v)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case data == nil:
		return nil, ErrNotFound
	case sha256.Sum256(data) != d:
		return nil, ErrCorrupt
	}
	return data, nil
}

// Has reports presence without reading the block. A block that nothing refers to may be collected after.
func (db *DB) Has(c cid.Cid) (found bool, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		if d, ok := digestOf(c, prefixRaw); ok {
			if found = tx.Bucket(bucketBlocks).Get(d[:]) != nil; found {
				return nil
			}
			_, err := anyHead(tx, d)
			if found = err == nil; !errors.Is(err, ErrNotFound) {
				return err
			}
		} else if d, ok := digestOf(c, prefixNode); ok {
			_, err := anyNode(tx, d)
			found = err == nil
			if !errors.Is(err, ErrNotFound) {
				return err
			}
		}
		return nil
	})
	return found, err
}

// Stage hashes and writes record envelopes, invisible until a Switch refers to them. Callers hand over
// at most about 1,000 at a time; more are written in several transactions. A block whose bytes do not
// have its CID (ErrCorrupt), that is too large or has a CID of another form fails the call before
// anything is written. Tree nodes are never staged: a switch computes its own.
func (db *DB) Stage(ctx context.Context, blocks []Block) error {
	digests := make([]digest, len(blocks))
	for i, b := range blocks {
		d, err := checkBlock(b)
		if err != nil {
			return err
		}
		digests[i] = d
	}
	for len(blocks) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(len(blocks), stageBatch)
		if err := db.stage(blocks[:n], digests[:n]); err != nil {
			return fmt.Errorf("stage: %w", err)
		}
		blocks, digests = blocks[n:], digests[n:]
	}
	return nil
}

func checkBlock(b Block) (digest, error) {
	d, ok := digestOf(b.CID, prefixRaw)
	switch {
	case !ok:
		return d, fmt.Errorf("stage %s: %w: records have CIDv1, raw, sha2-256", b.CID, federation.ErrInvalid)
	case len(b.Data) > federation.MaxRecord:
		return d, fmt.Errorf("stage %s: %w: %d bytes, at most %d are allowed", b.CID, federation.ErrInvalid, len(b.Data), federation.MaxRecord)
	case sha256.Sum256(b.Data) != d:
		return d, fmt.Errorf("stage %s: %w", b.CID, ErrCorrupt)
	}
	return d, nil
}

// stage packs outside the transaction and writes in the order of digests, which touches each page once.
func (db *DB) stage(blocks []Block, digests []digest) error {
	type row struct {
		digest digest
		value  []byte
	}
	now := db.now().Unix()
	rows := make([]row, len(blocks))
	for i, b := range blocks {
		rows[i] = row{digests[i], pack(b.Data, now)}
	}
	slices.SortFunc(rows, func(a, b row) int { return bytes.Compare(a.digest[:], b.digest[:]) })
	return db.update(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(bucketBlocks)
		for _, r := range rows {
			if fresh(bucket.Get(r.digest[:]), r.value) {
				continue
			}
			if err := bucket.Put(r.digest[:], r.value); err != nil {
				return err
			}
		}
		return nil
	})
}

// fresh tells a block that was staged a short while ago; an older or damaged one is written again.
func fresh(held, row []byte) bool {
	old, err := split(held)
	if err != nil {
		return false
	}
	young, err := split(row)
	return err == nil && old.staged > young.staged-int64(restage/time.Second) && bytes.Equal(old.data, young.data)
}
