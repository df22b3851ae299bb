package p2p

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"github.com/ipfs/go-cid"
)

// Major types of CBOR (RFC 8949 section 3.1) that the messages use.
const (
	majorUint  = 0
	majorBytes = 2
	majorText  = 3
	majorList  = 4
	majorMap   = 5
	majorTag   = 6
)

const (
	cborFalse = 0xf4
	cborTrue  = 0xf5
	cborNull  = 0xf6
	linkTag   = 42
)

// linkPrefix opens the bytes of every CID in our messages: identity multibase, CIDv1, raw, sha2-256, 32 bytes.
var linkPrefix = []byte{0x00, 0x01, 0x55, 0x12, 0x20}

// encoder writes DAG-CBOR. Callers write map keys in the order of DAG-CBOR: shorter first, then bytewise.
type encoder struct{ b []byte }

func (e *encoder) head(major byte, n uint64) {
	major <<= 5
	switch {
	case n < 24:
		e.b = append(e.b, major|byte(n))
	case n < 1<<8:
		e.b = append(e.b, major|24, byte(n))
	case n < 1<<16:
		e.b = binary.BigEndian.AppendUint16(append(e.b, major|25), uint16(n))
	case n < 1<<32:
		e.b = binary.BigEndian.AppendUint32(append(e.b, major|26), uint32(n))
	default:
		e.b = binary.BigEndian.AppendUint64(append(e.b, major|27), n)
	}
}

func (e *encoder) fields(n int)  { e.head(majorMap, uint64(n)) }
func (e *encoder) list(n int)    { e.head(majorList, uint64(n)) }
func (e *encoder) uint(n uint64) { e.head(majorUint, n) }
func (e *encoder) null()         { e.b = append(e.b, cborNull) }

func (e *encoder) bool(v bool) {
	if v {
		e.b = append(e.b, cborTrue)
		return
	}
	e.b = append(e.b, cborFalse)
}

func (e *encoder) text(s string) {
	e.head(majorText, uint64(len(s)))
	e.b = append(e.b, s...)
}

// bytes writes nil as null.
func (e *encoder) bytes(v []byte) {
	if v == nil {
		e.null()
		return
	}
	e.head(majorBytes, uint64(len(v)))
	e.b = append(e.b, v...)
}

// link writes Undef as null.
func (e *encoder) link(c cid.Cid) {
	if !c.Defined() {
		e.null()
		return
	}
	e.head(majorTag, linkTag)
	e.bytes(append([]byte{0}, c.Bytes()...))
}

// decoder reads exactly one message of a known shape. The first fault sticks and all later reads give
// zero values, so a message is read to its end and judged once, by end. Because the shape drives it,
// foreign bytes choose neither depth nor allocation, and no second encoding of a message passes.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail(format string, a ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: "+format, append([]any{ErrProtocol}, a...)...)
	}
}

func (d *decoder) take(n int) []byte {
	if d.err != nil || len(d.b) < n {
		d.fail("message ends early")
		return nil
	}
	v := d.b[:n]
	d.b = d.b[n:]
	return v
}

// head reads the argument of an item of that major type in its shortest form.
func (d *decoder) head(major byte) uint64 {
	first := d.take(1)
	if first == nil {
		return 0
	}
	if first[0]>>5 != major {
		d.fail("item of type %d where %d is expected", first[0]>>5, major)
		return 0
	}
	info := first[0] & 31
	if info < 24 {
		return uint64(info)
	}
	if info > 27 {
		d.fail("indefinite or reserved length")
		return 0
	}
	size := 1 << (info - 24)
	raw := d.take(size)
	if raw == nil {
		return 0
	}
	var wide [8]byte
	copy(wide[8-size:], raw)
	n := binary.BigEndian.Uint64(wide[:])
	if (size == 1 && n < 24) || (size > 1 && n < 1<<(4*size)) {
		d.fail("number not in its shortest form")
	}
	return n
}

// count reads a length of at most max.
func (d *decoder) count(major byte, max int) int {
	n := d.head(major)
	if n > uint64(max) {
		d.fail("length %d is over %d", n, max)
	}
	if d.err != nil {
		return 0
	}
	return int(n)
}

func (d *decoder) list(max int) int { return d.count(majorList, max) }
func (d *decoder) uint() uint64     { return d.head(majorUint) }

// fields reads the head of a map of exactly n fields.
func (d *decoder) fields(n int) {
	if got := d.count(majorMap, 16); got != n {
		d.fail("map of %d fields where %d are expected", got, n)
	}
}

// tuple reads the head of a list of exactly n items.
func (d *decoder) tuple(n int) {
	if got := d.count(majorList, 16); got != n {
		d.fail("list of %d where %d are expected", got, n)
	}
}

func (d *decoder) key(name string) {
	if got := d.text(32); got != name {
		d.fail("field %q where %q is expected", got, name)
	}
}

func (d *decoder) text(max int) string {
	s := d.take(d.count(majorText, max))
	if !utf8.Valid(s) {
		d.fail("text is not UTF-8")
		return ""
	}
	return string(s)
}

// bytes returns a copy.
func (d *decoder) bytes(max int) []byte {
	return bytes.Clone(d.take(d.count(majorBytes, max)))
}

// isNull consumes a null if one is next.
func (d *decoder) isNull() bool {
	if d.err != nil || len(d.b) == 0 || d.b[0] != cborNull {
		return false
	}
	d.b = d.b[1:]
	return true
}

// maybeBytes reads bytes or null, which gives nil.
func (d *decoder) maybeBytes(max int) []byte {
	if d.isNull() {
		return nil
	}
	return d.bytes(max)
}

func (d *decoder) bool() bool {
	v := d.take(1)
	if v == nil {
		return false
	}
	if v[0] != cborTrue && v[0] != cborFalse {
		d.fail("no boolean where one is expected")
	}
	return v[0] == cborTrue
}

// hash reads 32 bytes.
func (d *decoder) hash() (h [32]byte) {
	if d.count(majorBytes, len(h)) != len(h) {
		d.fail("hash is not 32 bytes")
		return h
	}
	copy(h[:], d.take(len(h)))
	return h
}

// link reads a CID of the one kind that names envelopes: CIDv1, raw, sha2-256.
func (d *decoder) link() cid.Cid {
	if d.head(majorTag) != linkTag {
		d.fail("no link where one is expected")
	}
	raw := d.take(d.count(majorBytes, len(linkPrefix)+32))
	if len(raw) != len(linkPrefix)+32 || !bytes.HasPrefix(raw, linkPrefix) {
		d.fail("link is not CIDv1, raw, sha2-256")
		return cid.Undef
	}
	c, err := cid.Cast(raw[1:])
	if err != nil {
		d.fail("link: %v", err)
	}
	return c
}

// maybeLink reads a link or null, which gives Undef.
func (d *decoder) maybeLink() cid.Cid {
	if d.isNull() {
		return cid.Undef
	}
	return d.link()
}

// end returns the first fault, bytes left over being one.
func (d *decoder) end() error {
	if len(d.b) > 0 {
		d.fail("%d bytes after the message", len(d.b))
	}
	return d.err
}
