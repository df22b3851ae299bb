package store

import (
	"encoding/binary"
	"os"
)

// account requires each page to be in use or free, and not both: a page that is both is overwritten sooner or later.
func (w *pages) account(f *os.File) {
	id := freelistOf(f, w.pageSize)
	if id == 0 || id == noFreelist {
		return // no header is whole, which is a finding already; or the list is made when the file is opened
	}
	h, ok := w.open(id)
	if !ok {
		return
	}
	if h.flags != pageFreelist {
		w.bad(pageName(id), "it should list the free pages (flags %#x)", h.flags)
		return
	}
	b := make([]byte, (int64(h.overflow)+1)*int64(w.pageSize)-pageHeading)
	if _, err := f.ReadAt(b, w.offset(id)+pageHeading); err != nil {
		w.bad(pageName(id), "%v", err)
		return
	}
	count := uint64(h.count)
	if h.count == manyFree {
		count, b = binary.NativeEndian.Uint64(b), b[8:]
	}
	if count > uint64(len(b)/8) {
		w.bad(pageName(id), "it lists %d free pages and has no room for them", count)
		return
	}
	w.free(b[:count*8])
	if missing := int(w.high) - 2 - w.count; missing > 0 && len(w.problems) == 0 {
		w.bad("file", "%d pages are neither in use nor free", missing)
	}
}

func (w *pages) free(ids []byte) {
	for ; len(ids) > 0; ids = ids[8:] {
		id := binary.NativeEndian.Uint64(ids)
		if id < 2 || id >= w.high {
			w.bad(pageName(id), "it is listed as free, but there are only %d pages", w.high)
			return
		}
		if !w.use(id, id) {
			return
		}
	}
}
