package store

import (
	"time"

	"github.com/coursemesh/coursemesh/federation"
	bolt "go.etcd.io/bbolt"
)

// Keep shortens what is kept of the past.
func Keep(heads, lines uint64, age time.Duration) Option {
	return func(db *DB) { db.keep = retention{heads, lines, age, 1 << 40, 1 << 40} }
}

// Rows counts what is stored for a publisher, and the blocks and lines of all.
type Rows struct{ Heads, Places, Keys, Gone, Nodes, Blocks, Log, Switches int }

func (db *DB) Rows(p federation.PublisherID) (rows Rows, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		s, _ := shelfOf(tx, p)
		rows = Rows{
			Heads: count(s.heads), Places: count(s.places), Keys: count(s.keys), Gone: count(s.gone), Nodes: count(s.nodes),
			Blocks: count(tx.Bucket(bucketBlocks)), Log: count(tx.Bucket(bucketLog)), Switches: count(tx.Bucket(bucketSwitches)),
		}
		return nil
	})
	return rows, err
}

func count(b *bolt.Bucket) (n int) {
	if b == nil {
		return 0
	}
	_ = b.ForEach(func(_, _ []byte) error { n++; return nil })
	return n
}

// SetFormat pretends that another version wrote the database.
func (db *DB) SetFormat(n uint64) error {
	return db.update(func(tx *bolt.Tx) error { return putNumber(tx.Bucket(bucketMeta), metaFormat, n) })
}

// KeepGone bounds the withdrawn keys that a journal remembers.
func KeepGone(n uint64) Option { return func(db *DB) { db.keep.gone = n } }
