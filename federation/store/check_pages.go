package store

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// Pages as bbolt writes them: a heading {id, flags, count, overflow}, elements of 16 bytes, then keys and values.
const (
	pageHeading  = 16
	pageElement  = 16
	pageBranch   = 1
	pageLeaf     = 2
	pageFreelist = 0x10
	bucketFlag   = 1
	bucketHead   = 16
	maxDepth     = 64
	manyFree     = 0xFFFF // then the first element is the count
	noFreelist   = ^uint64(0)
)

// problem of a page.
type problem struct{ where, text string }

// pages walks over a file before anything trusts its pointers: bbolt follows them into memory that may not be there,
// which would end the process.
type pages struct {
	file     io.ReaderAt
	size     int64 // of the file
	pageSize int
	high     uint64 // pages in use end before this one
	seen     []uint64
	count    int
	problems []problem
	progress func(int)
	until    time.Time // zero: to the end
}

func newPages(file io.ReaderAt, size int64, pageSize int, high uint64) *pages {
	w := &pages{file: file, size: size, pageSize: pageSize, high: high, progress: func(int) {}}
	if uint64(size) < high*uint64(pageSize) {
		w.bad("file", "it has %d bytes, and its header says that %d are in use: it was cut off", size, high*uint64(pageSize))
		return w
	}
	w.seen = make([]uint64, high/64+1)
	return w
}

func (w *pages) bad(where, format string, args ...any) {
	if len(w.problems) < maxFindings {
		w.problems = append(w.problems, problem{where, fmt.Sprintf(format, args...)})
	}
}

func pageName(id uint64) string { return fmt.Sprintf("page %d", id) }

// heading of a page.
type heading struct {
	flags, count uint16
	overflow     uint64
}

// open checks a page's heading and takes it and what it overflows into as used.
func (w *pages) open(id uint64) (h heading, ok bool) {
	b := make([]byte, pageHeading)
	if id < 2 || id >= w.high {
		w.bad(pageName(id), "something points at it, but there are only %d pages", w.high)
		return h, false
	}
	if _, err := w.file.ReadAt(b, w.offset(id)); err != nil {
		w.bad(pageName(id), "%v", err)
		return h, false
	}
	h = heading{binary.NativeEndian.Uint16(b[8:]), binary.NativeEndian.Uint16(b[10:]), uint64(binary.NativeEndian.Uint32(b[12:]))}
	if own := binary.NativeEndian.Uint64(b); own != id {
		w.bad(pageName(id), "it calls itself page %d", own)
		return h, false
	}
	if id+h.overflow >= w.high {
		w.bad(pageName(id), "it overflows beyond the end of the file")
		return h, false
	}
	return h, w.use(id, id+h.overflow)
}

func (w *pages) offset(id uint64) int64 { return int64(id) * int64(w.pageSize) }

// use marks pages; each may be used once.
func (w *pages) use(from, to uint64) bool {
	for id := from; id <= to; id++ {
		if w.seen[id/64]>>(id%64)&1 == 1 {
			w.bad(pageName(id), "it is used twice")
			return false
		}
		w.seen[id/64] |= 1 << (id % 64)
		w.count++
	}
	if w.count%4096 == 0 {
		w.progress(w.count)
	}
	return true
}

// tree walks a bucket's pages, and the buckets inside.
func (w *pages) tree(id uint64, depth int) {
	if len(w.problems) > 0 || !w.until.IsZero() && time.Now().After(w.until) {
		return // one problem is enough: nothing behind it can be relied on
	}
	h, ok := w.open(id)
	if !ok {
		return
	}
	span := (int64(h.overflow) + 1) * int64(w.pageSize)
	if h.flags != pageBranch && h.flags != pageLeaf || h.flags == pageBranch && h.count == 0 || depth > maxDepth {
		w.bad(pageName(id), "it is no page of rows (flags %#x, %d elements)", h.flags, h.count)
		return
	}
	elements := make([]byte, int(h.count)*pageElement)
	if int64(pageHeading+len(elements)) > span {
		w.bad(pageName(id), "%d elements have no room in it", h.count)
		return
	}
	if _, err := w.file.ReadAt(elements, w.offset(id)+pageHeading); err != nil {
		w.bad(pageName(id), "%v", err)
		return
	}
	for i := range int(h.count) {
		if h.flags == pageBranch {
			w.branch(id, elements, i, span, depth)
		} else {
			w.leaf(id, elements, i, span, depth)
		}
	}
}

func (w *pages) branch(id uint64, elements []byte, i int, span int64, depth int) {
	e := elements[i*pageElement:]
	at := int64(pageHeading+i*pageElement) + int64(binary.NativeEndian.Uint32(e))
	key := int64(binary.NativeEndian.Uint32(e[4:]))
	if key == 0 || at+key > span {
		w.bad(pageName(id), "key %d lies outside of it", i)
		return
	}
	w.tree(binary.NativeEndian.Uint64(e[8:]), depth+1)
}

func (w *pages) leaf(id uint64, elements []byte, i int, span int64, depth int) {
	e := elements[i*pageElement:]
	at := int64(pageHeading+i*pageElement) + int64(binary.NativeEndian.Uint32(e[4:]))
	key, value := int64(binary.NativeEndian.Uint32(e[8:])), int64(binary.NativeEndian.Uint32(e[12:]))
	flags := binary.NativeEndian.Uint32(e)
	if key == 0 || at+key+value > span || at < int64(pageHeading+len(elements)) || flags > bucketFlag {
		w.bad(pageName(id), "row %d lies outside of it", i)
		return
	}
	if flags == bucketFlag {
		w.bucket(id, w.offset(id)+at+key, value, depth)
	}
}

// bucket follows a bucket to its own pages, or checks the small page inside of its row.
func (w *pages) bucket(id uint64, at, size int64, depth int) {
	b := make([]byte, max(size, 0))
	if size < bucketHead || size > int64(w.pageSize) {
		w.bad(pageName(id), "a bucket in it has %d bytes", size)
		return
	}
	if _, err := w.file.ReadAt(b, at); err != nil {
		w.bad(pageName(id), "%v", err)
		return
	}
	if root := binary.NativeEndian.Uint64(b); root != 0 {
		w.tree(root, depth+1)
		return
	}
	if inline := b[bucketHead:]; !soundInline(inline) {
		w.bad(pageName(id), "a small bucket in it is damaged")
	}
}

func soundInline(b []byte) bool {
	if len(b) < pageHeading || binary.NativeEndian.Uint16(b[8:]) != pageLeaf {
		return false
	}
	count := int(binary.NativeEndian.Uint16(b[10:]))
	if pageHeading+count*pageElement > len(b) {
		return false
	}
	for i := range count {
		start := pageHeading + i*pageElement
		e := b[start:]
		end := int64(start) + int64(binary.NativeEndian.Uint32(e[4:])) + int64(binary.NativeEndian.Uint32(e[8:])) + int64(binary.NativeEndian.Uint32(e[12:]))
		if binary.NativeEndian.Uint32(e[8:]) == 0 || end > int64(len(b)) || binary.NativeEndian.Uint32(e) != 0 {
			return false
		}
	}
	return true
}
