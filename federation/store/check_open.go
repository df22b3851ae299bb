package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// OpenToCheck opens a database that is there for reading alone: nothing is written, and what Open would refuse is
// opened too, so that it can be said what is wrong. Only Check and reading work on it.
func OpenToCheck(dir string) (*DB, error) { return openAsItIs(dir, true) }

// OpenToScrub opens a database that is there without looking at what it holds, for Scrub. Open it anew for other
// work.
func OpenToScrub(dir string) (*DB, error) { return openAsItIs(dir, false) }

func openAsItIs(dir string, readOnly bool) (*DB, error) {
	db := newDB(filepath.Join(dir, fileName))
	if _, err := os.Stat(db.path); err != nil { // opening would make it
		return nil, err
	}
	if err := db.openFile(readOnly); err != nil {
		return nil, err
	}
	return db, nil
}

func newDB(path string) *DB {
	return &DB{path: path, now: time.Now, keep: defaultRetention(), moved: make(chan struct{}), alone: true}
}

// FileFinding says of a file that cannot be opened as a database what to do; false for errors of another kind.
func FileFinding(dir string, err error) (Finding, bool) {
	if err == nil || errors.Is(err, ErrLocked) {
		return Finding{}, false
	}
	fix := fixRestore
	if errors.Is(err, ErrNewer) {
		fix = "install the newer version"
	}
	return Finding{What: "file", Where: filepath.Join(dir, fileName), Problem: fmt.Sprint(err), Fix: fix}, true
}
