package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	bolt "go.etcd.io/bbolt"
)

// retention is what is kept of a publisher's past. The log of the current head is never trimmed.
type retention struct {
	heads uint64        // the current one included
	lines uint64        // of the log
	time  time.Duration // also of what the journal remembers
	bytes int64         // of blocks that only the history refers to; Collect sees to it
	gone  uint64        // withdrawn keys that the journal remembers
}

func defaultRetention() retention {
	return retention{heads: keptHeads, lines: 1_000_000, time: 365 * 24 * time.Hour, bytes: 1 << 30 / 5, gone: 200_000}
}

// summary is what trimming has left of a publisher.
type summary struct {
	floor uint64 // every line of the publisher from this number on is there
	lines uint64 // in the log
	heads uint64
}

func (s shelf) summary() (summary, error) {
	value, err := getRow(s.self, keySummary)
	if errors.Is(err, ErrNotFound) {
		return summary{}, nil
	}
	r := reader{b: value}
	sum := summary{r.number(), r.number(), r.number()}
	if err == nil && r.bad {
		err = fmt.Errorf("%w: summary", ErrCorrupt)
	}
	return sum, err
}

func (s shelf) putSummary(sum summary) error {
	b := binary.BigEndian.AppendUint64(number(sum.floor), sum.lines)
	return putRow(s.self, keySummary, binary.BigEndian.AppendUint64(b, sum.heads))
}

// exceeded tells whether the oldest lines, of a switch at that time, have to go.
func (k retention) exceeded(sum *summary, at, now int64) bool {
	return sum.heads > k.heads || sum.lines > k.lines || at < now-int64(k.time/time.Second)
}

// trim counts the new head in and removes the oldest heads and log lines beyond what is kept, of the
// latter at most budget: that is more than a switch adds, so that a backlog shrinks. A head outlives its
// lines while it is among the last 1,000, since proofs of equivocation need it.
func (s shelf) trim(tx *bolt.Tx, keep retention, added headRow, budget uint64) error {
	sum, err := s.summary()
	if err != nil {
		return err
	}
	sum.lines += added.lines
	sum.heads++
	floor := sum.floor
	if err := s.trimHeads(tx, keep, &sum, added, budget); err != nil {
		return err
	}
	if sum.floor > floor {
		if err := raise(tx, sum.floor-1); err != nil {
			return err
		}
	}
	return s.putSummary(sum)
}

func (s shelf) trimHeads(tx *bolt.Tx, keep retention, sum *summary, added headRow, budget uint64) error {
	c := s.heads.Cursor()
	for at, _ := c.First(); at != nil; at = following(c, at) {
		at = bytes.Clone(at)
		row, err := s.row(at)
		if err != nil {
			return err
		}
		if row.first == added.first {
			return nil
		}
		if sum.floor < row.end() {
			if !keep.exceeded(sum, row.at, added.at) {
				return nil
			}
			removed, err := s.trimLines(tx, sum, row, budget)
			if err != nil || sum.floor < row.end() {
				return err
			}
			budget -= removed
		}
		if sum.heads > keep.heads {
			if err := s.dropHead(at, row); err != nil {
				return err
			}
			sum.heads--
		}
	}
	return nil
}

// following finds its place anew: a cursor does not survive deletions.
func following(c *bolt.Cursor, at []byte) []byte {
	key, _ := c.Seek(at)
	if bytes.Equal(key, at) {
		key, _ = c.Next()
	}
	return key
}

// trimLines removes up to budget lines of the oldest head that has any.
func (s shelf) trimLines(tx *bolt.Tx, sum *summary, row headRow, budget uint64) (removed uint64, err error) {
	log := tx.Bucket(bucketLog)
	from := max(row.first, sum.floor)
	end := min(row.end(), from+budget)
	for seq := from; seq < end; seq++ {
		key := number(seq)
		if err := s.forget(log, key); err != nil {
			return 0, err
		}
		if err := log.Delete(key); err != nil {
			return 0, err
		}
	}
	if end == row.end() {
		err = tx.Bucket(bucketSwitches).Delete(number(row.first))
	}
	sum.floor = end
	sum.lines -= end - from
	return end - from, err
}

// forget removes the memory of a deleted key together with the line that deleted it.
func (s shelf) forget(log *bolt.Bucket, seq []byte) error {
	line, err := logLine(seq, log.Get(seq))
	if err != nil || line.New.Defined() || line.Key == "" {
		return nil // a damaged line goes like any other
	}
	if at, err := s.goneAt(line.Key); err != nil || !bytes.Equal(number(at), seq) {
		return nil
	}
	return s.gone.Delete([]byte(line.Key))
}

func (s shelf) dropHead(at []byte, row headRow) error {
	if d, ok := digestOf(federation.CIDOf(row.envelope), prefixRaw); ok {
		if err := s.places.Delete(d[:]); err != nil {
			return err
		}
	}
	return s.heads.Delete(at)
}

// raise notes up to where the log has holes.
func raise(tx *bolt.Tx, seq uint64) error {
	meta := tx.Bucket(bucketMeta)
	trimmed, err := readNumber(meta, metaTrimmed)
	if err != nil || trimmed >= seq {
		return err
	}
	return putNumber(meta, metaTrimmed, seq)
}
