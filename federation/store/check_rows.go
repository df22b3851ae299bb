package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	bolt "go.etcd.io/bbolt"
)

// numbers checks the format and the two positions of the change log.
func (e *examiner) numbers() error {
	var last, trimmed uint64
	err := e.db.view(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketBlocks, bucketPublishers, bucketLog, bucketSwitches, bucketProofs, bucketTables} {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("%w: bucket %s is missing", ErrCorrupt, name)
			}
		}
		meta := tx.Bucket(bucketMeta)
		format, err := readNumber(meta, metaFormat)
		if err != nil {
			return err
		}
		if e.report.Format = format; format > formatVersion {
			return fmt.Errorf("%w: it has format %d, this program knows %d; install the newer version", ErrNewer, format, formatVersion)
		}
		last, err = readNumber(meta, metaLast)
		e.number(metaLast, err)
		trimmed, err = readNumber(meta, metaTrimmed)
		e.number(metaTrimmed, err)
		return nil
	})
	if err != nil {
		return err
	}
	if trimmed > last {
		e.found(Finding{What: "number", Where: "trimmed", Problem: fmt.Sprintf("the log is trimmed up to change %d and ends at %d", trimmed, last)}, mendNumbers)
	}
	if err := e.mend(); err != nil {
		return err
	}
	return e.db.view(func(tx *bolt.Tx) error {
		e.report.LastChange, _ = readNumber(tx.Bucket(bucketMeta), metaLast) // unreadable: a finding already
		return nil
	})
}

func (e *examiner) number(name []byte, err error) {
	if err != nil {
		e.found(Finding{What: "number", Where: string(name), Problem: err.Error()}, mendNumbers)
	}
}

// mendNumbers finds the end of the log from its lines and lets every follower begin anew.
func mendNumbers(tx *bolt.Tx) error {
	last := uint64(0)
	for _, name := range [][]byte{bucketLog, bucketSwitches} {
		b := tx.Bucket(name)
		c := b.Cursor()
		for key, stored := c.Last(); key != nil; key, stored = c.Prev() {
			if _, err := openRow(key, stored); err == nil && len(key) == 8 {
				last = max(last, binary.BigEndian.Uint64(key))
				break
			}
		}
	}
	meta := tx.Bucket(bucketMeta)
	if err := putNumber(meta, metaLast, last); err != nil {
		return err
	}
	return putNumber(meta, metaTrimmed, last)
}

// log checks every line, and that none is missing after what was trimmed.
func (e *examiner) log() error {
	trimmed, err := e.trimmed()
	if err != nil {
		return err
	}
	expected := trimmed + 1
	err = e.rows(bucketLog, "change log", func(r row) error {
		e.report.Changes++
		if len(r.key) != 8 {
			e.found(Finding{What: "log", Where: fmt.Sprintf("%x", r.key), Problem: "this is no number of a change"}, remover(bucketLog, r.key))
			return nil
		}
		seq := binary.BigEndian.Uint64(r.key)
		_, err := logLine(r.key, r.value)
		if err != nil || seq > e.report.LastChange && e.alone() {
			e.badLine(seq, err)
			return nil
		}
		e.hole(&expected, seq)
		return nil
	})
	if err == nil && e.report.LastChange > trimmed {
		e.hole(&expected, e.report.LastChange+1)
	}
	if err := errors.Join(err, e.mend()); err != nil || !e.mending || len(e.torn) == 0 {
		return err
	}
	return e.db.update(e.linesLost)
}

// trimmed is up to where the log may have holes.
func (e *examiner) trimmed() (n uint64, err error) {
	err = e.db.view(func(tx *bolt.Tx) (err error) {
		n, err = readNumber(tx.Bucket(bucketMeta), metaTrimmed)
		return err
	})
	return n, err
}

// span of lines, both ends included.
type span struct{ from, to uint64 }

func (e *examiner) badLine(seq uint64, err error) {
	problem := "it lies beyond the end of the log"
	if err != nil {
		problem = err.Error()
	}
	e.found(Finding{
		What: "log", Where: fmt.Sprintf("change %d", seq), Problem: problem,
		Fix: fixScrub + ": followers and peers read whole sets in its place, and the history of one key ends there",
	}, remover(bucketLog, number(seq)))
	e.torn = append(e.torn, span{seq, seq})
}

// hole notes lines that should be there between those trimmed and the one that was met.
func (e *examiner) hole(expected *uint64, seq uint64) {
	if seq < *expected {
		return
	}
	from := *expected
	*expected = seq + 1
	if seq > from && !e.alone() { // lines may have been trimmed since
		if now, err := e.trimmed(); err == nil {
			from = max(from, now+1)
		}
	}
	if seq <= from {
		return
	}
	e.found(Finding{
		What: "log", Where: fmt.Sprintf("changes %d to %d", from, seq-1), Problem: "they are missing",
		Fix: fixScrub + ": followers and peers read whole sets in their place",
	}, func(*bolt.Tx) error { return nil }) // see linesLost
	e.torn = append(e.torn, span{from, seq - 1})
}

// linesLost lets nobody rely on lines that are gone: neither followers nor peers that hold an older head of the
// publisher whose they were.
func (e *examiner) linesLost(tx *bolt.Tx) error {
	last, err := readNumber(tx.Bucket(bucketMeta), metaLast)
	if err != nil {
		return err
	}
	for _, gone := range e.torn {
		if err := raise(tx, min(gone.to, last)); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketPublishers).ForEachBucket(func(name []byte) error {
		s, _ := shelfOf(tx, federation.PublisherID(name))
		sum, err := s.summary()
		if err != nil {
			return nil // made anew with the set
		}
		floor := sum.floor
		_ = eachRow(s.heads, func(_, value []byte) error { // a damaged head is dropped with the set
			if h, err := decodeHead(value); err == nil {
				sum.floor = max(sum.floor, h.floorAfter(e.torn))
			}
			return nil
		})
		if sum.floor == floor {
			return nil
		}
		return s.putSummary(sum)
	})
}

// floorAfter is from where on all lines of a head are there, when some are gone; 0 when none of them is its.
func (h headRow) floorAfter(torn []span) (floor uint64) {
	for _, gone := range torn {
		if h.first <= gone.to && h.end() > gone.from {
			floor = max(floor, min(gone.to+1, h.end()))
		}
	}
	return floor
}

// switches checks whose changes they are. What is missing for a held head is found with the sets.
func (e *examiner) switches() error {
	return e.rows(bucketSwitches, "switches", func(r row) error {
		value, err := openRow(r.key, r.value)
		if err == nil {
			c := reader{b: value}
			c.record(c.byte() != 0)
			if c.bad || len(r.key) != 8 || !federation.PublisherID(c.b).Valid() {
				err = fmt.Errorf("%w: switch", ErrCorrupt)
			}
		}
		if err != nil {
			e.found(Finding{What: "log", Where: fmt.Sprintf("switch %x", r.key), Problem: err.Error()}, remover(bucketSwitches, r.key))
		}
		return nil
	})
}

func (e *examiner) proofs() error {
	return e.rows(bucketProofs, "proofs", func(r row) error {
		if proof, err := openProof(r.key, r.value); err != nil || string(proof.Publisher) != string(r.key) {
			e.found(Finding{
				What: "proof", Where: string(r.key), Problem: fmt.Sprintf("the proof that this publisher signed two heads of one number is damaged (%v)", err),
				Fix: fixScrub + "; peers that have the proof bring it back",
			}, remover(bucketProofs, r.key))
		}
		return nil
	})
}

// decided are tables of what the operator said; nobody else knows it.
var decided = map[string]string{
	"trust": "say it again with `coursemesh publisher trust`", "frozen": "say it again with `coursemesh publisher freeze`",
	"blocks": "say it again with `coursemesh block`", "vocabularies": "run `coursemesh vocabulary update` again",
	"erasures": "peers bring the notice back", "bindings": "the next harvest binds the secret to whoever uses it first",
}

// tables checks documents: sources, runs, evidence and what else is kept beside the sets.
func (e *examiner) tables() error {
	var names []string
	if err := e.db.view(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketTables).ForEachBucket(func(name []byte) error {
			names = append(names, string(name))
			return nil
		})
	}); err != nil {
		return err
	}
	for _, name := range names {
		if err := e.table(name); err != nil {
			return err
		}
	}
	return nil
}

func (e *examiner) table(name string) error {
	bucket := func(tx *bolt.Tx) *bolt.Bucket { return tx.Bucket(bucketTables).Bucket([]byte(name)) }
	for r, err := range walk(e.db, bucket, "", copied) {
		if err != nil {
			return err
		}
		value, err := openRow(r.key, r.value)
		if err == nil && !json.Valid(value) {
			err = fmt.Errorf("%w: it is no JSON", ErrCorrupt)
		}
		if err == nil {
			continue
		}
		again := decided[name]
		if again == "" {
			again = "the next harvest or look at the manifest makes it anew"
		}
		e.found(Finding{What: "table", Where: fmt.Sprintf("%s, key %q", name, r.key), Problem: err.Error(), Fix: fixScrub + ", which takes it out; " + again},
			func(tx *bolt.Tx) error { return bucket(tx).Delete(r.key) })
	}
	return nil
}
