package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// carryOut writes a planned switch in one transaction and tells those who wait.
func (db *DB) carryOut(work *plan, held Held) error {
	row := headRow{at: db.now().Unix(), envelope: held.Envelope}
	err := db.update(func(tx *bolt.Tx) error {
		s, err := makeShelf(tx, work.publisher)
		if err != nil {
			return err
		}
		if row.first, row.lines, err = work.log(tx, held.CID); err != nil {
			return err
		}
		if err := work.keys(s, row.first); err != nil {
			return err
		}
		if err := work.nodes(s); err != nil {
			return err
		}
		if err := s.addHead(held, row); err != nil {
			return err
		}
		return s.trim(tx, db.keep, row, 2*row.lines+1000)
	})
	if err == nil {
		db.advance(row.end()-1, func(c *current) {
			if work.release {
				c.drop(work.publisher)
			} else {
				c.follow(held)
			}
		})
	}
	return err
}

// advance publishes what a committed transaction changed.
func (db *DB) advance(last uint64, change func(*current)) {
	db.mu.Lock()
	defer db.mu.Unlock()
	change(&db.current)
	db.last = last
	db.wake()
}

// log appends the switch's range: one line each, at least one.
func (w *plan) log(tx *bolt.Tx, head cid.Cid) (first, lines uint64, err error) {
	changes := w.changes
	if len(changes) == 0 {
		changes = []changeRow{{}}
	}
	first, err = appendLog(tx, switchRow{publisher: w.publisher, head: head}, changes)
	return first, uint64(len(changes)), err
}

func appendLog(tx *bolt.Tx, by switchRow, changes []changeRow) (first uint64, err error) {
	meta := tx.Bucket(bucketMeta)
	last, err := readNumber(meta, metaLast)
	if err != nil {
		return 0, err
	}
	log := tx.Bucket(bucketLog)
	log.FillPercent = 1 // only ever appended to
	for i, c := range changes {
		if err := putRow(log, number(last+1+uint64(i)), c.encode()); err != nil {
			return 0, err
		}
	}
	if err := putRow(tx.Bucket(bucketSwitches), number(last+1), by.encode()); err != nil {
		return 0, err
	}
	return last + 1, putNumber(meta, metaLast, last+uint64(len(changes)))
}

// keys brings the set up to date; the i-th change has the number first+i.
func (w *plan) keys(s shelf, first uint64) error {
	s.keys.FillPercent = 0.9 // most come in order, with the first switch
	for i, c := range w.changes {
		key, seq := []byte(c.Key), first+uint64(i)
		if !c.New.Defined() {
			if err := errors.Join(s.keys.Delete(key), putNumber(s.gone, key, seq)); err != nil {
				return err
			}
			continue
		}
		d, _ := digestOf(c.New, prefixRaw)
		row := entryRow{digest: d, change: seq, bytes: uint64(c.Bytes), domain: c.Domain}
		if err := putRow(s.keys, key, row.encode()); err != nil {
			return err
		}
		if c.before != 0 && !c.Old.Defined() {
			if err := s.gone.Delete(key); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *plan) nodes(s shelf) error {
	for _, d := range inOrder(w.tree.read) {
		if err := s.nodes.Delete(d[:]); err != nil {
			return err
		}
	}
	for _, d := range inOrder(w.tree.written) {
		if err := s.nodes.Put(d[:], w.tree.written[d]); err != nil {
			return err
		}
	}
	return nil
}

func (s shelf) addHead(held Held, row headRow) error {
	at := place(held.Epoch, held.Seq)
	key := s.nextRow(at)
	d, ok := digestOf(held.CID, prefixRaw)
	if !ok {
		return fmt.Errorf("head has CID %s", held.CID)
	}
	if err := putRow(s.heads, key, row.encode()); err != nil {
		return err
	}
	return putRow(s.places, d[:], binary.BigEndian.AppendUint64(at[:8:8], held.Seq))
}
