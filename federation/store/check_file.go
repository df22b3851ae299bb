package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
)

// file looks at the file itself: its two header pages, its pages, and bbolt's own account of them. It reports
// whether rows can be read at all.
func (e *examiner) file() (whole bool, err error) {
	f, err := e.opened()
	if err != nil {
		return false, err
	}
	defer f.Close()
	before, pageSize := e.report.Found, e.db.pageSize()
	err = e.db.view(func(tx *bolt.Tx) error {
		root := uint64(tx.Cursor().Bucket().Root())
		w := newPages(f, e.report.Bytes, pageSize, uint64(tx.Size())/uint64(pageSize))
		w.progress = func(n int) { e.options.Progress("pages", n) }
		if !e.alone() {
			w.until = time.Now().Add(pagesWithin)
		}
		w.tree(root, 0)
		e.report.Pages = w.count
		e.used = int64(w.count) * int64(pageSize)
		if len(w.problems) > 0 || !e.alone() {
			e.pageFindings(w.problems, fixRestore)
			return nil
		}
		if w.account(f); len(w.problems) == 0 {
			w.problems = ownCheck(tx)
		}
		e.report.Rewritable = len(w.problems) > 0
		e.pageFindings(w.problems, fixScrub+" on the stopped node, which writes the file anew from its rows")
		return nil
	})
	if errors.Is(err, ErrCorrupt) {
		e.pageFindings([]problem{{"file", err.Error()}}, fixRestore)
		err = nil
	}
	return e.report.Found == before, err
}

// pagesWithin bounds the walk over the pages of a running node: while one transaction lasts, a writer that has to grow
// the file waits. Every row is read later on all the same.
const pagesWithin = time.Second

// opened looks at the size and the header pages; the caller closes the file.
func (e *examiner) opened() (*os.File, error) {
	f, err := os.Open(e.db.path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	e.report.Bytes = info.Size()
	e.headers(f, e.db.pageSize())
	return f, nil
}

// alone says that nothing else is written meanwhile. The list of free pages of a running node is in its memory, and
// written anew with each commit.
func (e *examiner) alone() bool { return e.db.alone }

func (db *DB) pageSize() int {
	db.life.RLock()
	defer db.life.RUnlock()
	return db.bolt.Info().PageSize
}

func (e *examiner) pageFindings(problems []problem, fix string) {
	for _, p := range problems {
		e.found(Finding{What: "page", Where: p.where, Problem: p.text, Fix: fix}, nil)
	}
}

// ownCheck is bbolt's: the order of keys, and that each page is used once or free. It may fault on pages that point
// out of the file, in a goroutine of its own, so it comes after our walk.
func ownCheck(tx *bolt.Tx) (problems []problem) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for err := range tx.Check() {
		if len(problems) < maxFindings {
			problems = append(problems, problem{"bbolt", err.Error()})
		}
	}
	return problems
}

// header of a database file as bbolt writes it, from the 16th byte of its first and second page.
const (
	headerAt    = 16
	headerLen   = 64
	headerMagic = 0xED0CDAED
	headerRetry = 3 // a running node may be writing it
)

// headers looks at both header pages: with one of them damaged bbolt silently goes on with the other, which is one
// transaction older or newer.
func (e *examiner) headers(f *os.File, pageSize int) {
	for i := range 2 {
		var err error
		for try := range headerRetry {
			if err = checkHeader(f, int64(i*pageSize)); err == nil {
				break
			}
			time.Sleep(time.Duration(try) * 10 * time.Millisecond)
		}
		if err == nil {
			continue
		}
		e.found(Finding{
			What: "file", Where: fmt.Sprintf("header page %d", i), Problem: err.Error() + "; the database goes on with the other one, so the last change may be missing",
			Fix: fixScrub + ", which writes it anew; peers and the next harvest bring what is missing",
		}, rewriteHeader)
	}
}

// rewriteHeader counts on header pages taking turns: scrub ends with two more transactions.
func rewriteHeader(tx *bolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	n, err := readNumber(meta, metaTrimmed)
	if err != nil {
		return nil // another finding
	}
	return putNumber(meta, metaTrimmed, n)
}

func checkHeader(f *os.File, at int64) error {
	b := make([]byte, headerLen)
	if _, err := f.ReadAt(b, at+headerAt); err != nil {
		return err
	}
	sum := fnv.New64a()
	_, _ = sum.Write(b[:headerLen-8])
	switch {
	case binary.NativeEndian.Uint32(b) != headerMagic:
		return errors.New("it is no header of a database")
	case binary.NativeEndian.Uint64(b[headerLen-8:]) != sum.Sum64():
		return errors.New("its checksum is wrong")
	}
	return nil
}

// freelistOf returns the page of the newest header that is whole, 0 when there is none.
func freelistOf(f *os.File, pageSize int) (page uint64) {
	var newest uint64
	b := make([]byte, headerLen)
	for i := range 2 {
		if checkHeader(f, int64(i*pageSize)) != nil {
			continue
		}
		if _, err := f.ReadAt(b, int64(i*pageSize)+headerAt); err != nil {
			continue
		}
		if id := binary.NativeEndian.Uint64(b[48:]); page == 0 || id > newest {
			newest, page = id, binary.NativeEndian.Uint64(b[32:])
		}
	}
	return page
}
