package store

import (
	"encoding/binary"
	"fmt"

	"github.com/ipfs/go-cid"
)

// reader takes fields off the front of a row; bad tells that one was missing.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n uint64) []byte {
	if r.bad || n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.b)
	if r.bad || size <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) number() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (r *reader) digest() (d digest) {
	copy(d[:], r.take(uint64(len(d))))
	return d
}

// record is the CID of a record, Undef when there is none.
func (r *reader) record(present bool) cid.Cid {
	if !present {
		return cid.Undef
	}
	return r.digest().cid(cid.Raw)
}

func appendRecord(b []byte, c cid.Cid) []byte {
	d, _ := digestOf(c, prefixRaw) // was checked with the operation
	return append(b, d[:]...)
}

// entryRow is the value under a key of a publisher's current set.
type entryRow struct {
	digest digest
	change uint64 // the key's last change
	bytes  uint64
	domain string
}

func (e entryRow) encode() []byte {
	b := make([]byte, 0, len(e.digest)+2*binary.MaxVarintLen64+len(e.domain)+4)
	b = append(b, e.digest[:]...)
	b = binary.AppendUvarint(b, e.change)
	b = binary.AppendUvarint(b, e.bytes)
	return append(b, e.domain...)
}

func decodeEntry(value []byte) (entryRow, error) {
	r := reader{b: value}
	e := entryRow{digest: r.digest(), change: r.uvarint(), bytes: r.uvarint()}
	if e.domain = string(r.b); r.bad {
		return entryRow{}, fmt.Errorf("%w: entry of a set", ErrCorrupt)
	}
	return e, nil
}

func (e entryRow) entry(key string) Entry {
	return Entry{Key: key, CID: e.digest.cid(cid.Raw), Domain: e.domain, Bytes: int(e.bytes)}
}

// changeRow is a line of the log: an operation and the number of the key's change before it, 0 if none.
type changeRow struct {
	Op
	before uint64
}

const (
	flagOld byte = 1 << iota
	flagNew
)

func (c changeRow) encode() []byte {
	b := make([]byte, 0, 1+4*binary.MaxVarintLen32+len(c.Key)+64+len(c.Domain)+4)
	var flags byte
	if c.Old.Defined() {
		flags |= flagOld
	}
	if c.New.Defined() {
		flags |= flagNew
	}
	b = append(b, flags)
	if c.Old.Defined() {
		b = appendRecord(b, c.Old)
	}
	if c.New.Defined() {
		b = appendRecord(b, c.New)
	}
	b = binary.AppendUvarint(b, c.before)
	b = binary.AppendUvarint(b, uint64(c.Bytes))
	b = binary.AppendUvarint(b, uint64(len(c.Key)))
	b = append(b, c.Key...)
	return append(b, c.Domain...)
}

func decodeChange(value []byte) (changeRow, error) {
	r := reader{b: value}
	flags := r.byte()
	c := changeRow{Op: Op{Old: r.record(flags&flagOld != 0), New: r.record(flags&flagNew != 0)}, before: r.uvarint()}
	c.Bytes = int(r.uvarint())
	c.Key = string(r.take(r.uvarint()))
	if c.Domain = string(r.b); r.bad {
		return changeRow{}, fmt.Errorf("%w: line of the change log", ErrCorrupt)
	}
	return c, nil
}

// headRow is a held head with its range in the log: changes first to first+lines-1.
type headRow struct {
	at       int64 // Unix seconds of the switch
	first    uint64
	lines    uint64
	envelope []byte
}

func (h headRow) end() uint64 { return h.first + h.lines }

func (h headRow) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(h.at))
	b = binary.BigEndian.AppendUint64(b, h.first)
	b = binary.BigEndian.AppendUint64(b, h.lines)
	return append(b, h.envelope...)
}

// decodeHead leaves the envelope in the transaction's memory.
func decodeHead(value []byte) (headRow, error) {
	r := reader{b: value}
	h := headRow{at: int64(r.number()), first: r.number(), lines: r.number()}
	if h.envelope = r.b; r.bad {
		return headRow{}, fmt.Errorf("%w: head", ErrCorrupt)
	}
	return h, nil
}
