package store

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// Change is one line of the change log, in the order of switches. A switch without operations, and a
// proof of equivocation that was added, are one line with an empty Key: what counts may have changed.
type Change struct {
	Seq       uint64 // from 1, without gaps
	Publisher federation.PublisherID
	Head      cid.Cid // Undef for a proof about a publisher without a head
	Op
}

// Changes returns up to limit changes after seq. It fails with ErrTooOld when changes after seq were
// trimmed: then read Heads and Entries, and follow from the LastChange before that.
func (db *DB) Changes(after uint64, limit int) (changes []Change, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		trimmed, err := readNumber(tx.Bucket(bucketMeta), metaTrimmed)
		if err != nil {
			return err
		}
		if after < trimmed {
			return fmt.Errorf("changes after %d: %w", after, ErrTooOld)
		}
		changes, err = readChanges(tx, after, limit)
		return err
	})
	return changes, err
}

func readChanges(tx *bolt.Tx, after uint64, limit int) (changes []Change, err error) {
	c := tx.Bucket(bucketLog).Cursor()
	var by switchRow
	for key, stored := c.Seek(number(after + 1)); key != nil && len(changes) < limit; key, stored = c.Next() {
		row, err := logLine(key, stored)
		if err != nil {
			return nil, err
		}
		seq := binary.BigEndian.Uint64(key)
		if seq >= by.next {
			if by, err = switchAt(tx, seq); err != nil {
				return nil, err
			}
		}
		changes = append(changes, Change{Seq: seq, Publisher: by.publisher, Head: by.head, Op: row.Op})
	}
	return changes, nil
}

func logLine(key, stored []byte) (changeRow, error) {
	value, err := openRow(key, stored)
	if err != nil {
		return changeRow{}, err
	}
	return decodeChange(value)
}

// switchRow says whose change it was; next is the first change of the switch after it.
type switchRow struct {
	publisher federation.PublisherID
	head      cid.Cid
	next      uint64
}

func (s switchRow) encode() []byte {
	if !s.head.Defined() {
		return append([]byte{0}, s.publisher...)
	}
	return append(appendRecord([]byte{flagNew}, s.head), s.publisher...)
}

// switchAt finds the switch that a change belongs to: the last that begins at or before it.
func switchAt(tx *bolt.Tx, seq uint64) (switchRow, error) {
	c := tx.Bucket(bucketSwitches).Cursor()
	s := switchRow{next: ^uint64(0)}
	step := c.Last
	if after, _ := c.Seek(number(seq + 1)); after != nil {
		s.next = binary.BigEndian.Uint64(after)
		step = c.Prev
	}
	key, stored := step()
	if key == nil {
		return s, fmt.Errorf("%w: change %d belongs to no switch", ErrCorrupt, seq)
	}
	value, err := openRow(key, stored)
	if err != nil {
		return s, err
	}
	r := reader{b: value}
	s.head = r.record(r.byte() != 0)
	if s.publisher = federation.PublisherID(r.b); r.bad {
		return s, fmt.Errorf("%w: switch of change %d", ErrCorrupt, seq)
	}
	return s, nil
}

// LastChange is the highest change number, 0 when there was none.
func (db *DB) LastChange() uint64 {
	db.mu.RLock()
	defer db.mu.RUnlock()
	return db.last
}

// Wait blocks until LastChange is above after and returns it, or fails when ctx ends or with ErrClosed.
func (db *DB) Wait(ctx context.Context, after uint64) (uint64, error) {
	for {
		db.mu.RLock()
		last, moved, closed := db.last, db.moved, db.closed
		db.mu.RUnlock()
		switch {
		case closed:
			return last, ErrClosed
		case last > after:
			return last, nil
		}
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-moved:
		}
	}
}
