// Package store keeps one bbolt database: blocks, trees, heads, sources, runs and the change log;
// snapshots lie beside it. Verified blocks are staged in batches, unreferenced and invisible; one
// small transaction then switches head, tree, keys and a change-log range.
package store

import (
	"context"
	"errors"
	"iter"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
)

var (
	ErrNotFound = errors.New("not found")
	ErrLocked   = errors.New("the data directory is in use by another coursemesh process")
	ErrCorrupt  = errors.New("stored bytes do not match their hash")
	ErrMissing  = errors.New("a referenced block is missing")
	ErrStale    = errors.New("head is not above the held one")
	ErrTooOld   = errors.New("the change log no longer reaches that head")
	ErrNewer    = errors.New("database was written by a newer coursemesh")
)

// DB is the database of one node. Safe for concurrent use.
type DB struct { /* owner's fields */
}

// Open opens or makes <dir>/coursemesh.db (dir 0700, file 0600); it waits two seconds for the lock, then ErrLocked.
func Open(dir string) (*DB, error) { panic("unwritten") }

func (db *DB) Close() error { panic("unwritten") }

// Block is envelope bytes under their CID.
type Block struct {
	CID  cid.Cid
	Data []byte
}

// Get returns a block and checks its hash: ErrNotFound, ErrCorrupt.
func (db *DB) Get(c cid.Cid) ([]byte, error) { panic("unwritten") }

// Has reports presence without reading the block.
func (db *DB) Has(c cid.Cid) (bool, error) { panic("unwritten") }

// Stage hashes and writes blocks, invisible until a Switch refers to them. Callers hand over at most about 1,000 at a time.
func (db *DB) Stage(ctx context.Context, blocks []Block) error { panic("unwritten") }

// Entry is one key of a publisher's current set.
type Entry struct {
	Key    string
	CID    cid.Cid
	Domain string // source domain of the record
	Bytes  int    // envelope length
}

// Op changes one key; Old is Undef for a new key, New is Undef for a deletion. Domain and Bytes describe New.
type Op struct {
	Key      string
	Old, New cid.Cid
	Domain   string
	Bytes    int
}

// Held is a head this node holds completely.
type Held struct {
	federation.Head
	CID      cid.Cid
	Envelope []byte
	Payload  [32]byte
}

// Next is what a Switch computed: the set after the operations.
type Next struct {
	Root         cid.Cid
	Count, Bytes uint64
	Prev         Held // zero when the publisher had no head
}

// Switch applies operations (one per key, any order) to the publisher's tree in memory and calls seal with the
// result; seal returns the signed head envelope (made anew, or the one received). Then, in one transaction, head,
// tree nodes, keys and log change together. Refused: a head that does not match Next or is not above the held
// one (ErrStale), an Old that differs from the current value, a New whose block is missing (ErrMissing).
func (db *DB) Switch(ctx context.Context, p federation.PublisherID, ops []Op, seal func(Next) ([]byte, error)) (Held, error) {
	panic("unwritten")
}

// Head returns the held head with the highest (epoch, seq), or ErrNotFound. HeadAt returns an older held one by CID.
func (db *DB) Head(p federation.PublisherID) (Held, error)              { panic("unwritten") }
func (db *DB) HeadAt(p federation.PublisherID, c cid.Cid) (Held, error) { panic("unwritten") }

// Heads returns the highest head of every publisher, sorted by publisher.
func (db *DB) Heads() ([]Held, error) { panic("unwritten") }

// PastHeads returns the kept heads of a publisher, newest first (at most 1,000).
func (db *DB) PastHeads(p federation.PublisherID) ([]Held, error) { panic("unwritten") }

// Entries walks a publisher's current set in key order, from keys with the prefix. The sequence holds no
// transaction open between elements for longer than a batch.
func (db *DB) Entries(p federation.PublisherID, prefix string) iter.Seq2[Entry, error] {
	panic("unwritten")
}

// Entry returns one key of a publisher's set, or ErrNotFound.
func (db *DB) Entry(p federation.PublisherID, key string) (Entry, error) { panic("unwritten") }

// OpsSince returns the net operations (one per key, sorted by key) from a held head to the current one, or ErrTooOld.
func (db *DB) OpsSince(p federation.PublisherID, have cid.Cid) ([]Op, error) { panic("unwritten") }

// Change is one line of the change log, in the order of switches.
type Change struct {
	Seq       uint64 // from 1, without gaps
	Publisher federation.PublisherID
	Head      cid.Cid
	Op
}

// Changes returns up to limit changes after seq.
func (db *DB) Changes(after uint64, limit int) ([]Change, error) { panic("unwritten") }

// LastChange is the highest change number; Wait blocks until it is above after.
func (db *DB) LastChange() uint64                                     { panic("unwritten") }
func (db *DB) Wait(ctx context.Context, after uint64) (uint64, error) { panic("unwritten") }

// History returns the CIDs a key had under a publisher, newest first, the current one included.
func (db *DB) History(p federation.PublisherID, key string) ([]cid.Cid, error) { panic("unwritten") }

// AddProof keeps a proof of equivocation (idempotent); Proofs returns all, Proven the highest proven epoch of a publisher or 0.
func (db *DB) AddProof(p federation.Proof) (added bool, err error) { panic("unwritten") }
func (db *DB) Proofs() ([]federation.Proof, error)                 { panic("unwritten") }
func (db *DB) Proven(p federation.PublisherID) (uint64, error)     { panic("unwritten") }

// Collect removes blocks that no current set, kept history or tree refers to and that were staged before olderThan;
// it returns how many and their bytes.
func (db *DB) Collect(ctx context.Context, olderThan int64) (int, int64, error) { panic("unwritten") }

// Table keeps JSON documents of one type by text key: sources, runs, discoveries, evidence.
type Table[T any] struct { /* owner's fields */
}

// TableOf opens the table of that name, made on first use.
func TableOf[T any](db *DB, name string) Table[T] { panic("unwritten") }

func (t Table[T]) Get(key string) (T, error)              { panic("unwritten") } // ErrNotFound
func (t Table[T]) Put(key string, v T) error              { panic("unwritten") }
func (t Table[T]) Delete(key string) error                { panic("unwritten") }
func (t Table[T]) All(prefix string) iter.Seq2[string, T] { panic("unwritten") } // in key order; reversed by Last
func (t Table[T]) Last(prefix string, n int) ([]T, error) { panic("unwritten") } // newest (highest) keys first
