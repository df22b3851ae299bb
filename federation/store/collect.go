package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// marks are what must stay: the first eight bytes of each digest, sorted. Two digests that share them
// merely keep a block longer.
type marks []uint64

func markOf(d []byte) uint64 { return binary.BigEndian.Uint64(d) }

func (m marks) has(d []byte) bool {
	_, found := slices.BinarySearch(m, markOf(d))
	return found
}

// sweepBatch blocks are looked at, and at most that many deleted, per transaction.
const sweepBatch = 5000

// Collect removes blocks that no current set and no kept history refers to and that were last staged
// before olderThan (Unix seconds); it returns how many and their stored bytes. Switches wait meanwhile.
// The nodes of replaced trees are not its business: each switch removes them.
func (db *DB) Collect(ctx context.Context, olderThan int64) (blocks int, size int64, err error) {
	return db.collect(ctx, olderThan, keptVersions)
}

// CollectHistory is Collect that leaves no history either: of each key the current version alone.
func (db *DB) CollectHistory(ctx context.Context, olderThan int64) (blocks int, size int64, err error) {
	return db.collect(ctx, olderThan, 1)
}

func (db *DB) collect(ctx context.Context, olderThan int64, versions int) (blocks int, size int64, err error) {
	db.switching.Lock()
	defer db.switching.Unlock()
	keep, err := db.mark(ctx, versions)
	if err != nil {
		return 0, 0, fmt.Errorf("collect: %w", err)
	}
	var from []byte
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return blocks, size, err
		}
		var victims [][]byte
		if victims, from, more, err = db.unmarked(keep, from, olderThan); err != nil {
			return blocks, size, fmt.Errorf("collect: %w", err)
		}
		n, freed, err := db.sweep(victims, olderThan)
		blocks, size = blocks+n, size+freed
		if err != nil {
			return blocks, size, fmt.Errorf("collect: %w", err)
		}
	}
	return blocks, size, nil
}

// mark lists what current sets refer to, and histories when more than one version of a key is to be kept.
func (db *DB) mark(ctx context.Context, versions int) (marks, error) {
	publishers, err := db.Publishers()
	if err != nil {
		return nil, err
	}
	var keep marks
	for _, p := range publishers {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		err := db.view(func(tx *bolt.Tx) (err error) {
			s, _ := shelfOf(tx, p)
			keep, err = s.mark(tx, keep, versions, db.keep.bytes)
			return err
		})
		if err != nil {
			return nil, of(p, err)
		}
	}
	slices.Sort(keep)
	return slices.Compact(keep), nil
}

// mark adds what one publisher's set and history refer to. Of its history the newest versions stay, as many
// of each key and as many bytes in all as are kept.
func (s shelf) mark(tx *bolt.Tx, keep marks, most int, budget int64) (marks, error) {
	err := eachRow(s.keys, func(_, value []byte) error {
		e, err := decodeEntry(value)
		keep = append(keep, markOf(e.digest[:]))
		return err
	})
	if err != nil || most < 2 {
		return keep, err
	}
	var old []ended
	err = s.pastVersions(tx, most, func(change uint64, c cid.Cid) {
		d, _ := digestOf(c, prefixRaw)
		old = append(old, ended{change, d})
	})
	return within(tx, keep, old, budget), err
}

// ended is a version of a key that a change replaced.
type ended struct {
	change uint64
	digest digest
}

// within marks old versions, those that ended last first, until their blocks take more than the budget.
func within(tx *bolt.Tx, keep marks, old []ended, budget int64) marks {
	slices.SortFunc(old, func(a, b ended) int { return cmp.Compare(b.change, a.change) })
	blocks := tx.Bucket(bucketBlocks)
	for _, v := range old {
		if budget -= int64(len(blocks.Get(v.digest[:]))); budget < 0 {
			break
		}
		keep = append(keep, markOf(v.digest[:]))
	}
	return keep
}

// eachRow walks over the checked values of a bucket.
func eachRow(b *bolt.Bucket, visit func(key, value []byte) error) error {
	return b.ForEach(func(key, stored []byte) error {
		value, err := openRow(key, stored)
		if err != nil {
			return err
		}
		return visit(key, value)
	})
}

// unmarked looks through one batch of blocks and returns where the next begins.
func (db *DB) unmarked(keep marks, from []byte, olderThan int64) (victims [][]byte, next []byte, more bool, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketBlocks).Cursor()
		key, row := c.Seek(from)
		for range sweepBatch {
			if key == nil {
				return nil
			}
			if !keep.has(key) && expired(row, olderThan) {
				victims = append(victims, bytes.Clone(key))
			}
			key, row = c.Next()
		}
		next, more = bytes.Clone(key), key != nil
		return nil
	})
	return victims, next, more, err
}

// expired takes a damaged row for old: nothing refers to it.
func expired(row []byte, olderThan int64) bool {
	p, err := split(row)
	return err != nil || p.staged < olderThan
}

// sweep deletes, unless staged again meanwhile.
func (db *DB) sweep(victims [][]byte, olderThan int64) (blocks int, size int64, err error) {
	if len(victims) == 0 {
		return 0, 0, nil
	}
	err = db.update(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(bucketBlocks)
		for _, key := range victims {
			row := bucket.Get(key)
			if row == nil || !expired(row, olderThan) {
				continue
			}
			blocks++
			size += int64(len(row))
			if err := bucket.Delete(key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	return blocks, size, nil
}
