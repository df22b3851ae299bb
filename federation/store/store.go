// Package store keeps one bbolt database: blocks, trees, heads, tables (sources, runs, evidence) and
// the change log. Verified blocks are staged in batches, unreferenced and invisible; one transaction
// then switches head, tree, keys and a change-log range, so that no reader ever sees half a set.
//
// What it promises:
//   - What a call acknowledged survives a crash (every commit is synced), and a restart needs no repair.
//   - No wrong byte is served: blocks and tree nodes are checked against their hash on every read, all
//     other rows carry a CRC-32C over key and value. A damaged page is ErrCorrupt, not a crash.
//   - Each publisher's rows grow only with its current set, its last 1,000 heads, and a log of at most
//     a million changes and one year. What that log no longer reaches is left to Collect.
//   - After a failed commit nobody knows what is on disk: writes fail with ErrReadOnly until the
//     database is opened again, reads stay live.
//
// It does not judge records or heads beyond what keeps the database consistent: signatures of records,
// quotas and authority are the business of its callers.
//
// Buckets (numbers are big endian, a digest is the SHA-256 inside a CID; + is concatenation):
//
//	meta                    format -> number; last, trimmed -> number of a change
//	blocks                  digest -> packing + time staged + length + bytes, perhaps compressed
//	publishers/<id>         summary -> what trimming has left
//	publishers/<id>/heads   epoch + seq (+ turn, when it was released and held again) -> time switched + range in the log + envelope
//	publishers/<id>/places  digest of a head -> epoch + seq
//	publishers/<id>/keys    key -> digest + last change + envelope length + domain
//	publishers/<id>/gone    key that was deleted -> last change
//	publishers/<id>/nodes   digest -> tree node; the nodes of the current tree and no others
//	log                     number of a change -> the change + the number of the key's previous change
//	switches                number of a switch's first change -> publisher + digest of the head
//	proofs                  publisher -> proof of equivocation in its highest proven epoch
//	tables/<name>           key -> JSON
//	journal                 last, forgotten -> number of a line; gone -> how many lines are of withdrawn keys
//	journal/lines           number of a line -> what last happened to a key of the effective catalogue
//	journal/states          key -> number of its line + whether it is gone + digest
//	journal/withdrawn       number of a line -> key that is gone
//	journal/runs            number of a run of the program -> its id + number of the last line before it
package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// What callers tell apart.
var (
	ErrNotFound = errors.New("not found")
	ErrLocked   = errors.New("the data directory is in use by another coursemesh process")
	ErrCorrupt  = errors.New("stored bytes do not match their hash")
	ErrMissing  = errors.New("a referenced block is missing")
	ErrStale    = errors.New("head is not above the held one")
	ErrConflict = errors.New("the set has changed since the operations were made")
	ErrMismatch = errors.New("head does not describe the set")
	ErrTooOld   = errors.New("the change log no longer reaches that head")
	ErrNewer    = errors.New("database was written by a newer coursemesh")
	ErrReadOnly = errors.New("database is read-only until it is opened again, since a commit failed")
	ErrClosed   = errors.New("database is closed")
)

const (
	fileName = "coursemesh.db"
	lockWait = 2 * time.Second
)

// DB is the database of one node. Safe for concurrent use.
type DB struct {
	path string
	now  func() time.Time
	keep retention

	alone bool // opened for one Check or Scrub; nothing else happens meanwhile

	life sync.RWMutex // held for reading by every transaction
	bolt *bolt.DB

	// switching is held by whoever reads references and then writes what depends on them.
	switching sync.Mutex

	mu      sync.RWMutex // guards what follows
	current current
	last    uint64        // highest change
	moved   chan struct{} // closed and replaced when last rises
	broken  error         // the failed commit
	closed  bool
}

// Option changes how a database is opened.
type Option func(*DB)

// Clock replaces the system's clock, which dates staged blocks and switches.
func Clock(now func() time.Time) Option { return func(db *DB) { db.now = now } }

// HistoryBytes bounds the blocks of one publisher that only its history refers to; default 205 MiB, a fifth of
// the quota that publishers have by default.
func HistoryBytes(n int64) Option { return func(db *DB) { db.keep.bytes = n } }

// Open opens or makes <dir>/coursemesh.db; it waits two seconds for the lock, then fails with ErrLocked.
// A directory it makes has mode 0700; one that exists keeps its mode, since it may hold other things.
// The file always gets 0600.
func Open(dir string, options ...Option) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	db := &DB{
		path: filepath.Join(dir, fileName), now: time.Now, keep: defaultRetention(),
		moved: make(chan struct{}),
	}
	for _, option := range options {
		option(db)
	}
	if err := db.open(); err != nil {
		return nil, err
	}
	if err := db.prepare(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) open() error {
	if err := db.openFile(false); err != nil {
		return err
	}
	if err := os.Chmod(db.path, 0o600); err != nil {
		return errors.Join(fmt.Errorf("mode of the database: %w", err), db.bolt.Close())
	}
	return nil
}

// openFile opens it again when it was compacted while this process waited for the lock.
func (db *DB) openFile(readOnly bool) (err error) {
	for range 3 {
		if err = db.openOnce(readOnly); !errors.Is(err, errReplaced) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", ErrLocked, err)
}

var errReplaced = errors.New("the database is being replaced")

func (db *DB) openOnce(readOnly bool) (err error) {
	defer catch(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var opened *os.File
	file, err := bolt.Open(db.path, 0o600, &bolt.Options{
		Timeout: lockWait, FreelistType: bolt.FreelistMapType, NoStatistics: true, ReadOnly: readOnly,
		OpenFile: func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
			opened, err = os.OpenFile(name, flag, mode)
			return opened, err
		},
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("%w: stop the process that holds %s, or use another data directory", ErrLocked, db.path)
	case err != nil:
		return fmt.Errorf("open %s: %w", db.path, err)
	case !isAt(opened, db.path):
		return errors.Join(errReplaced, file.Close())
	}
	db.bolt = file
	return nil
}

// prepare makes the buckets of a new database, refuses a newer one, and reads what is kept in memory.
func (db *DB) prepare() error {
	var fresh bool
	err := db.view(func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if fresh = meta == nil; fresh {
			return nil
		}
		format, err := readNumber(meta, metaFormat)
		if err == nil && format > formatVersion {
			err = fmt.Errorf("%w: it has format %d, this program knows %d; install the newer version", ErrNewer, format, formatVersion)
		}
		return err
	})
	if err != nil {
		return err
	}
	if fresh {
		if err := db.update(makeBuckets); err != nil {
			return err
		}
	}
	return db.reload()
}

// reload reads what is kept in memory: heads, proven epochs and the end of the log.
func (db *DB) reload() error {
	var now current
	var last uint64
	err := db.view(func(tx *bolt.Tx) (err error) {
		now = readCurrent(tx)
		last, err = readNumber(tx.Bucket(bucketMeta), metaLast)
		return err
	})
	if err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.current, db.last = now, last
	return nil
}

// Reopen makes a database writable again whose commit failed, say because the disk was full: it reads from
// the file what the last transaction was. Other calls wait meanwhile. When it fails the database is closed,
// and Reopen may be tried again.
func (db *DB) Reopen() error {
	db.switching.Lock()
	defer db.switching.Unlock()
	if err := db.Writable(); !errors.Is(err, ErrReadOnly) {
		return err
	}
	if err := db.swap(); err != nil {
		return err
	}
	if err := db.prepare(); err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.broken = nil
	db.wake()
	return nil
}

func (db *DB) swap() error {
	db.life.Lock()
	defer db.life.Unlock()
	// Its file may be beyond closing; what counts is whether it opens again.
	closing := db.bolt.Close()
	if err := db.open(); err != nil {
		return errors.Join(err, closing)
	}
	return nil
}

// Close waits for running calls, ends every Wait and releases the lock.
func (db *DB) Close() error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return nil
	}
	db.closed = true
	close(db.moved)
	db.mu.Unlock()
	db.life.RLock()
	defer db.life.RUnlock()
	return db.bolt.Close()
}

// wake ends every Wait; the caller holds mu.
func (db *DB) wake() {
	if !db.closed {
		close(db.moved)
		db.moved = make(chan struct{})
	}
}
