package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// Journal keeps one line for every key that the effective catalogue has or had, in the order of the keys' last
// changes: the line of a key moves to the end when the key changes. So it is never longer than the catalogue and
// what is remembered of withdrawn keys, and reading it from the beginning gives everything.
//
// One caller writes; any number read beside it.
type Journal struct{ db *DB }

// JournalOf opens the journal, made on first use.
func JournalOf(db *DB) Journal { return Journal{db} }

// JournalLine is the last that happened to a key.
type JournalLine struct {
	Seq  uint64 // from 1, rising, with gaps
	Key  string
	CID  cid.Cid // of the record that counts; of a key that is gone the one that did
	Gone bool
	Born uint64 // line by which the key came into the catalogue
	At   int64  // Unix seconds, never falling
	Note string // what the writer wants to know of a key that is gone
}

// JournalWant is the record that counts under a key, Undef for none.
type JournalWant struct {
	Key string
	CID cid.Cid
}

// Differ lists the lines that would bring the journal to what is wanted, in the order of the wants; each with the
// CID that it would have. What already is so gives no line.
func (j Journal) Differ(wants []JournalWant) (lines []JournalLine, err error) {
	err = j.db.view(func(tx *bolt.Tx) error {
		b := journalIn(tx)
		for _, want := range wants {
			row, err := b.state(want.Key)
			if err != nil {
				return err
			}
			switch had := row.seq != 0 && !row.gone; {
			case want.CID.Defined() && (!had || row.cid != want.CID):
				lines = append(lines, JournalLine{Key: want.Key, CID: want.CID})
			case !want.CID.Defined() && had:
				lines = append(lines, JournalLine{Key: want.Key, CID: row.cid, Gone: true})
			}
		}
		return nil
	})
	return lines, err
}

// Append puts lines at the end, in place of older ones of the same keys, and forgets what is beyond the retention.
// It gives them their numbers and times.
func (j Journal) Append(lines []JournalLine) error {
	return j.db.update(func(tx *bolt.Tx) error {
		b, err := makeJournal(tx)
		if err != nil {
			return err
		}
		b.lines.FillPercent, b.keys.FillPercent = 1, 0.9 // lines are only ever appended; most keys come in order
		w := journalWriter{journalBuckets: b, keep: j.db.keep}
		if err := w.begin(j.db.now().Unix()); err != nil {
			return err
		}
		for _, line := range lines {
			if err := w.add(line); err != nil {
				return err
			}
		}
		return w.end()
	})
}

// After returns up to limit lines after seq, in order.
func (j Journal) After(seq uint64, limit int) (lines []JournalLine, err error) {
	err = j.db.view(func(tx *bolt.Tx) error {
		b := journalIn(tx)
		if b.lines == nil {
			return nil
		}
		c := b.lines.Cursor()
		for key, stored := c.Seek(number(seq + 1)); key != nil && len(lines) < limit; key, stored = c.Next() {
			line, err := journalLine(key, stored)
			if err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return nil
	})
	return lines, err
}

// Bounds returns the number of the last line, and up to where withdrawals were forgotten: whoever read up to there
// or further has missed none.
func (j Journal) Bounds() (last, forgotten uint64, err error) {
	err = j.db.view(func(tx *bolt.Tx) error {
		b := journalIn(tx)
		if b.self == nil {
			return nil
		}
		var errs [2]error
		last, errs[0] = readNumber(b.self, journalLast)
		forgotten, errs[1] = readNumber(b.self, journalForgotten)
		return errors.Join(errs[:]...)
	})
	return last, forgotten, err
}

// Live walks the keys that are not gone, in their order.
func (j Journal) Live() iter.Seq2[string, error] {
	keys := func(tx *bolt.Tx) *bolt.Bucket { return journalIn(tx).keys }
	return walk(j.db, keys, "", func(key, stored []byte) (string, error) {
		row, err := journalState(key, stored)
		if err == nil && row.gone {
			err = errSkip
		}
		return string(key), err
	})
}

// journalWriter is one transaction that appends.
type journalWriter struct {
	journalBuckets
	keep                  retention
	last, forgotten, gone uint64
	at                    int64
}

func (w *journalWriter) begin(now int64) (err error) {
	if w.last, err = readNumber(w.self, journalLast); err != nil {
		return err
	}
	if w.forgotten, err = readNumber(w.self, journalForgotten); err != nil {
		return err
	}
	if w.gone, err = readNumber(w.self, journalCount); err != nil {
		return err
	}
	w.at = now
	if key, stored := w.lines.Cursor().Last(); key != nil {
		line, err := journalLine(key, stored)
		if err != nil {
			return err
		}
		w.at = max(now, line.At) // clocks go back
	}
	return nil
}

func (w *journalWriter) add(line JournalLine) error {
	old, err := w.take(line.Key)
	if err != nil {
		return err
	}
	w.last++
	line.Seq, line.At, line.Born = w.last, w.at, w.last
	if old.Seq != 0 && !old.Gone {
		line.Born = old.Born
	}
	if line.Gone {
		w.gone++
		if err := putRow(w.withdrawn, number(line.Seq), []byte(line.Key)); err != nil {
			return err
		}
	}
	row := journalRow{seq: line.Seq, gone: line.Gone, cid: line.CID}
	return errors.Join(putRow(w.lines, number(line.Seq), line.encode()), putRow(w.keys, []byte(line.Key), row.encode()))
}

// take removes the line of a key and returns it, the zero line when there is none.
func (w *journalWriter) take(key string) (JournalLine, error) {
	row, err := w.state(key)
	if err != nil || row.seq == 0 {
		return JournalLine{}, err
	}
	at := number(row.seq)
	stored := w.lines.Get(at)
	if stored == nil {
		return JournalLine{}, fmt.Errorf("%w: line %d of the journal is missing", ErrCorrupt, row.seq)
	}
	line, err := journalLine(at, stored)
	if err != nil {
		return JournalLine{}, err
	}
	if line.Gone {
		w.gone--
		err = w.withdrawn.Delete(at)
	}
	return line, errors.Join(err, w.lines.Delete(at))
}

// end forgets the oldest withdrawals beyond the retention.
func (w *journalWriter) end() error {
	c := w.withdrawn.Cursor()
	for at, stored := c.First(); at != nil; at, stored = c.First() {
		at = bytes.Clone(at)
		key, err := openRow(at, stored)
		if err != nil {
			return err
		}
		line, err := journalLine(at, w.lines.Get(at))
		if err != nil {
			return err
		}
		if w.gone <= w.keep.gone && line.At > w.at-int64(w.keep.time/time.Second) {
			break
		}
		if err := errors.Join(w.keys.Delete(bytes.Clone(key)), w.lines.Delete(at), w.withdrawn.Delete(at)); err != nil {
			return err
		}
		w.gone--
		w.forgotten = binary.BigEndian.Uint64(at)
	}
	return errors.Join(
		putNumber(w.self, journalLast, w.last), putNumber(w.self, journalForgotten, w.forgotten), putNumber(w.self, journalCount, w.gone),
	)
}
