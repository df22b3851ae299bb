package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	bolt "go.etcd.io/bbolt"
)

// Compacted says what became of the file.
type Compacted struct {
	File   string `json:"file"`
	Before int64  `json:"before_bytes"`
	After  int64  `json:"after_bytes"`
	Needed int64  `json:"needed_bytes"` // that had to be free beside the file
	Free   int64  `json:"free_bytes"`   // that were, on its file system
}

// ErrNoRoom says that a compacted file has no room beside the old one.
var ErrNoRoom = errors.New("too little room beside the database")

// compactName is the new file while it is made. One that a crash left is overwritten by the next compaction.
const compactName = fileName + ".compact"

// Stages of a compaction, in order; until compactReplacing is over the old file is in place, then the new one.
const (
	compactBegins    = "room"
	compactCopying   = "copying"
	compactComparing = "comparing"
	compactReplacing = "replacing"
	compactReplaced  = "replaced"
)

// Compact writes the database of a directory anew without free pages and puts that in its place in one step. It holds
// the lock of the database meanwhile: ErrLocked while another process has it open. Before the new file counts its pages
// are checked, and all it holds is compared with the old one; rows are taken over as they are, damaged ones too.
// Whenever it is interrupted, the old or the new file is there, whole.
// progress is called at each stage, the first time with what is needed and what is free.
func Compact(ctx context.Context, dir string, progress func(stage string, c Compacted)) (done Compacted, err error) {
	db, err := OpenToScrub(dir)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	made := filepath.Join(dir, compactName)
	if err := discard(made); err != nil {
		return done, err
	}
	if done, err = db.room(ctx); err != nil {
		return done, err
	}
	progress(compactBegins, done)
	if done.Free < done.Needed {
		return done, fmt.Errorf("%w: %d bytes are needed in %s and %d are free; make room, nothing was changed", ErrNoRoom, done.Needed, dir, done.Free)
	}
	progress(compactCopying, done)
	if err := db.Copy(made); err != nil {
		return done, fmt.Errorf("%w; nothing was changed", err)
	}
	progress(compactComparing, done)
	if err := db.sameAs(ctx, made); err != nil {
		return done, errors.Join(fmt.Errorf("compact: %w", err), discard(made))
	}
	progress(compactReplacing, done)
	if err := db.replaceBy(made); err != nil {
		return done, errors.Join(fmt.Errorf("compact: %w", err), discard(made))
	}
	info, err := os.Stat(db.path)
	if err == nil {
		done.After = info.Size()
	}
	progress(compactReplaced, done)
	return done, err
}

func discard(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// room counts the pages in use. A file whose pages are damaged is not compacted.
func (db *DB) room(ctx context.Context) (c Compacted, err error) {
	e := newExaminer(ctx, db, CheckOptions{})
	if whole, err := e.file(); err != nil || !whole {
		return c, errors.Join(err, fmt.Errorf("%s: %w: its pages are damaged, `coursemesh db check` says how; nothing was changed", db.path, ErrCorrupt))
	}
	var stat syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(db.path), &stat); err != nil {
		return c, fmt.Errorf("free space of %s: %w", filepath.Dir(db.path), err)
	}
	return Compacted{File: db.path, Before: e.report.Bytes, Needed: e.used + compactSlack, Free: int64(stat.Bavail) * int64(stat.Bsize)}, nil
}

// compactSlack is by how much a new file may exceed the pages that it needs, since files grow in steps.
const compactSlack = 32 << 20

// replaceBy puts a copy in place.
func (db *DB) replaceBy(made string) error {
	if err := ownedAs(db.path, made); err != nil {
		return err
	}
	if err := os.Rename(made, db.path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(db.path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// opensWhole opens a copy for reading and checks its pages; the caller closes it.
func opensWhole(ctx context.Context, made string) (*DB, error) {
	copied := newDB(made)
	if err := copied.openFile(true); err != nil {
		return nil, err
	}
	if whole, err := newExaminer(ctx, copied, CheckOptions{}).file(); err != nil || !whole {
		return nil, errors.Join(err, fmt.Errorf("%w: the new file is damaged; the disk may be failing", ErrCorrupt), copied.Close())
	}
	return copied, nil
}

// sameAs checks the pages of a copy and compares what both files hold.
func (db *DB) sameAs(ctx context.Context, made string) error {
	copied, err := opensWhole(ctx, made)
	if err != nil {
		return err
	}
	defer copied.Close()
	old, err := db.contents(ctx)
	if err != nil {
		return err
	}
	now, err := copied.contents(ctx)
	if err == nil && !bytes.Equal(old, now) {
		err = fmt.Errorf("%w: the new file does not hold what the old one does; the disk may be failing", ErrCorrupt)
	}
	return err
}

// contents is a hash over every bucket, key and value.
func (db *DB) contents(ctx context.Context) (sum []byte, err error) {
	h := sha256.New()
	err = db.view(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error { return hashBucket(ctx, h, name, b) })
	})
	return h.Sum(nil), err
}

func hashBucket(ctx context.Context, h hash.Hash, name []byte, b *bolt.Bucket) error {
	hashField(h, 'b', name)
	err := b.ForEach(func(key, value []byte) error {
		if value == nil {
			return hashBucket(ctx, h, key, b.Bucket(key))
		}
		hashField(h, 'k', key)
		hashField(h, 'v', value)
		return nil
	})
	hashField(h, 'e', nil)
	return errors.Join(err, ctx.Err())
}

func hashField(h hash.Hash, kind byte, field []byte) {
	head := binary.BigEndian.AppendUint64([]byte{kind}, uint64(len(field)))
	_, _ = h.Write(head)
	_, _ = h.Write(field)
}

// ownedAs gives a file to whom another one belongs: who compacts may be another user than who runs the node.
func ownedAs(old, made string) error {
	info, err := os.Stat(old)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) == os.Geteuid() && int(stat.Gid) == os.Getegid() {
		return nil
	}
	return os.Chown(made, int(stat.Uid), int(stat.Gid))
}

// isAt says that an open file is the one at the path: one that waited for the lock may have opened what a compaction
// replaced.
func isAt(file *os.File, path string) bool {
	own, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(own, there)
}
