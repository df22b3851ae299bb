package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

var (
	bucketJournal = []byte("journal")

	subLines     = []byte("lines")
	subStates    = []byte("states")
	subWithdrawn = []byte("withdrawn")
	subRuns      = []byte("runs")

	journalLast      = []byte("last")
	journalForgotten = []byte("forgotten")
	journalCount     = []byte("gone")
)

// journalBuckets are nil in a database whose journal was never written.
type journalBuckets struct {
	self, lines, keys, withdrawn, runs *bolt.Bucket
}

func journalIn(tx *bolt.Tx) journalBuckets {
	b := tx.Bucket(bucketJournal)
	if b == nil {
		return journalBuckets{}
	}
	return journalBuckets{b, b.Bucket(subLines), b.Bucket(subStates), b.Bucket(subWithdrawn), b.Bucket(subRuns)}
}

func makeJournal(tx *bolt.Tx) (journalBuckets, error) {
	if b := journalIn(tx); b.self != nil {
		return b, nil
	}
	b, err := tx.CreateBucket(bucketJournal)
	if err != nil {
		return journalBuckets{}, err
	}
	for _, name := range [][]byte{subLines, subStates, subWithdrawn, subRuns} {
		if _, err := b.CreateBucket(name); err != nil {
			return journalBuckets{}, err
		}
	}
	for _, name := range [][]byte{journalLast, journalForgotten, journalCount} {
		if err := putNumber(b, name, 0); err != nil {
			return journalBuckets{}, err
		}
	}
	return journalIn(tx), nil
}

func (l JournalLine) encode() []byte {
	b := make([]byte, 0, 1+len(digest{})+3*binary.MaxVarintLen64+len(l.Key)+len(l.Note)+4)
	b = append(b, flagOf(l.Gone))
	b = appendRecord(b, l.CID)
	b = binary.AppendUvarint(b, uint64(l.At))
	b = binary.AppendUvarint(b, l.Born)
	b = binary.AppendUvarint(b, uint64(len(l.Key)))
	b = append(b, l.Key...)
	return append(b, l.Note...)
}

func flagOf(set bool) byte {
	if set {
		return 1
	}
	return 0
}

func journalLine(at, stored []byte) (JournalLine, error) {
	value, err := openRow(at, stored)
	if err != nil {
		return JournalLine{}, err
	}
	r := reader{b: value}
	l := JournalLine{Seq: binary.BigEndian.Uint64(at), Gone: r.byte() != 0, CID: r.digest().cid(cid.Raw), At: int64(r.uvarint()), Born: r.uvarint()}
	l.Key = string(r.take(r.uvarint()))
	if l.Note = string(r.b); r.bad {
		return JournalLine{}, fmt.Errorf("%w: line %d of the journal", ErrCorrupt, l.Seq)
	}
	return l, nil
}

// journalRow says where the line of a key is, and what it comes to.
type journalRow struct {
	seq  uint64 // 0: there is none
	gone bool
	cid  cid.Cid
}

func (r journalRow) encode() []byte {
	return appendRecord(append(number(r.seq), flagOf(r.gone)), r.cid)
}

func journalState(key, stored []byte) (journalRow, error) {
	value, err := openRow(key, stored)
	if err != nil {
		return journalRow{}, err
	}
	r := reader{b: value}
	row := journalRow{seq: r.number(), gone: r.byte() != 0, cid: r.digest().cid(cid.Raw)}
	if r.bad {
		return journalRow{}, fmt.Errorf("%w: state of %q in the journal", ErrCorrupt, key)
	}
	return row, nil
}

func (b journalBuckets) state(key string) (journalRow, error) {
	if b.keys == nil {
		return journalRow{}, nil
	}
	stored := b.keys.Get([]byte(key))
	if stored == nil {
		return journalRow{}, nil
	}
	return journalState([]byte(key), stored)
}

// JournalRun is one run of the program that wrote the journal. After an older state of the database was put back, the
// same numbers are given to other lines: by another run.
type JournalRun struct {
	ID   uint64
	From uint64 // the last number before it
}

const journalRuns = 1000 // remembered

// Begin notes that a run with that id writes from now on.
func (j Journal) Begin(id uint64) error {
	return j.db.update(func(tx *bolt.Tx) error {
		b, err := makeJournal(tx)
		if err != nil {
			return err
		}
		from, err := readNumber(b.self, journalLast)
		if err != nil {
			return err
		}
		next := uint64(1)
		c := b.runs.Cursor()
		if at, _ := c.Last(); at != nil {
			next = binary.BigEndian.Uint64(at) + 1
		}
		if at, _ := c.First(); at != nil && binary.BigEndian.Uint64(at)+journalRuns <= next {
			err = b.runs.Delete(bytes.Clone(at))
		}
		return errors.Join(err, putRow(b.runs, number(next), append(number(id), number(from)...)))
	})
}

// Reset throws the journal away; it is made anew from the catalogue.
func (j Journal) Reset() error {
	return j.db.update(func(tx *bolt.Tx) error {
		if tx.Bucket(bucketJournal) == nil {
			return nil
		}
		return tx.DeleteBucket(bucketJournal)
	})
}

// Runs lists the remembered runs, the oldest first.
func (j Journal) Runs() (runs []JournalRun, err error) {
	err = j.db.view(func(tx *bolt.Tx) error {
		b := journalIn(tx)
		if b.runs == nil {
			return nil
		}
		return b.runs.ForEach(func(at, stored []byte) error {
			value, err := openRow(at, stored)
			r := reader{b: value}
			run := JournalRun{r.number(), r.number()}
			if err == nil && r.bad {
				err = fmt.Errorf("%w: run of the journal", ErrCorrupt)
			}
			runs = append(runs, run)
			return err
		})
	})
	return runs, err
}
