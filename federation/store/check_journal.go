package store

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// journal checks what last happened to each key of the catalogue. All of it is derived: when anything is wrong the
// whole is made anew, and who reads it begins at the beginning.
func (e *examiner) journal() error {
	problem, err := e.journalProblem()
	if err != nil || problem == nil {
		return err
	}
	f := Finding{What: "journal", Where: "changes of the catalogue", Problem: problem.Error(), Fix: "stop the node and " + fixScrub + ": it is made anew from the catalogue, and readers of /v1/changes begin at the beginning"}
	if !e.alone() { // its writer has read it
		e.found(f, nil)
		return nil
	}
	e.found(f, func(tx *bolt.Tx) error { return tx.DeleteBucket(bucketJournal) })
	return nil
}

// journalProblem is the first thing that is wrong with the journal. A line moves whenever its key changes, so of a
// running node, whose journal is read in pieces, only the rows are checked.
func (e *examiner) journalProblem() (problem, err error) {
	if !e.alone() {
		return e.journalRows(), nil
	}
	err = e.db.view(func(tx *bolt.Tx) error {
		b := journalIn(tx)
		if b.self == nil {
			return nil
		}
		if b.lines == nil || b.keys == nil || b.withdrawn == nil || b.runs == nil {
			problem = fmt.Errorf("%w: a part of it is missing", ErrCorrupt)
			return nil
		}
		problem = b.check()
		return nil
	})
	return problem, err
}

func (e *examiner) journalRows() error {
	line := func(key, stored []byte) error { _, err := journalLine(key, stored); return err }
	state := func(key, stored []byte) error { _, err := journalState(key, stored); return err }
	plain := func(key, stored []byte) error { _, err := openRow(key, stored); return err }
	for _, part := range []struct {
		name []byte
		read func(key, stored []byte) error
	}{{subLines, line}, {subStates, state}, {subWithdrawn, plain}, {subRuns, plain}} {
		bucket := func(tx *bolt.Tx) *bolt.Bucket {
			if b := tx.Bucket(bucketJournal); b != nil {
				return b.Bucket(part.name)
			}
			return nil
		}
		for _, err := range walk(e.db, bucket, "", func(key, stored []byte) (struct{}, error) { return struct{}{}, part.read(key, stored) }) {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (b journalBuckets) check() error {
	for _, name := range [][]byte{journalLast, journalForgotten, journalCount} {
		if _, err := readNumber(b.self, name); err != nil {
			return err
		}
	}
	gone := uint64(0)
	lines := map[uint64]struct{}{}
	err := b.lines.ForEach(func(at, stored []byte) error {
		if len(at) != 8 {
			return fmt.Errorf("%w: %x is no number of a line", ErrCorrupt, at)
		}
		line, err := journalLine(at, stored)
		if err != nil {
			return err
		}
		if line.Gone {
			gone++
		}
		lines[line.Seq] = struct{}{}
		state, err := b.state(line.Key)
		if err == nil && state.seq != line.Seq {
			err = fmt.Errorf("%w: line %d is of %q, whose line is %d", ErrCorrupt, line.Seq, line.Key, state.seq)
		}
		return err
	})
	if err != nil {
		return err
	}
	err = b.keys.ForEach(func(key, stored []byte) error {
		state, err := journalState(key, stored)
		if _, ok := lines[state.seq]; err == nil && !ok {
			err = fmt.Errorf("%w: line %d of %q is missing", ErrCorrupt, state.seq, key)
		}
		return err
	})
	if err != nil {
		return err
	}
	return b.checkRest(gone)
}

func (b journalBuckets) checkRest(gone uint64) error {
	withdrawn := uint64(0)
	err := eachRow(b.withdrawn, func(_, _ []byte) error { withdrawn++; return nil })
	if err == nil {
		err = eachRow(b.runs, func(_, _ []byte) error { return nil })
	}
	count, numberErr := readNumber(b.self, journalCount)
	if err == nil && numberErr == nil && (count != gone || withdrawn != gone) {
		err = fmt.Errorf("%w: %d lines are of keys that are gone, %d are listed and %d counted", ErrCorrupt, gone, withdrawn, count)
	}
	return err
}
