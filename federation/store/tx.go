package store

import (
	"errors"
	"fmt"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// view runs fn in a read transaction. Callers never hand control to foreign code inside, since a writer
// that has to grow the file waits for all readers.
func (db *DB) view(fn func(*bolt.Tx) error) (err error) {
	defer catch(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	db.life.RLock()
	defer db.life.RUnlock()
	return opened(db.bolt.View(fn))
}

// update runs fn in a write transaction. An error of fn changes nothing; an error of the commit leaves
// the state on disk unknown and makes the database read-only.
func (db *DB) update(fn func(*bolt.Tx) error) (err error) {
	defer catch(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	db.life.RLock()
	defer db.life.RUnlock()
	if err := db.Writable(); err != nil {
		return err
	}
	tx, err := db.bolt.Begin(true)
	if err != nil {
		return opened(err)
	}
	// Also after a panic; after a commit there is nothing left to roll back.
	defer func() { _ = tx.Rollback() }()
	if err := db.Writable(); err != nil { // the transaction before this one may have failed
		return err
	}
	if err := fn(tx); err != nil {
		return err
	}
	return db.commit(tx)
}

func (db *DB) commit(tx *bolt.Tx) error {
	committed := false
	defer func() {
		if !committed {
			db.fail(errors.New("damaged page"))
		}
	}()
	err := tx.Commit()
	committed = true
	if err != nil {
		err = fmt.Errorf("commit: %w", err)
		db.fail(err)
	}
	return err
}

// fail stops writing. Heads kept in memory are dropped: the state on disk may be newer.
func (db *DB) fail(cause error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.broken == nil {
		db.broken = cause
	}
	db.current = current{}
}

// Writable is nil, ErrClosed, or ErrReadOnly with the cause.
func (db *DB) Writable() error {
	db.mu.RLock()
	defer db.mu.RUnlock()
	switch {
	case db.closed:
		return ErrClosed
	case db.broken != nil:
		return fmt.Errorf("%w (%w)", ErrReadOnly, db.broken)
	}
	return nil
}

func opened(err error) error {
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// catch turns what bbolt and the memory map do on damaged pages (assertions, slices out of range, faults
// beyond the end of a cut file) into ErrCorrupt; without debug.SetPanicOnFault the last would end the process.
func catch(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: damaged page: %v", ErrCorrupt, r)
	}
}
