package federation

import (
	"bytes"
	"encoding/binary"
)

// form writes or reads the fields of one payload, in the order of DAG-CBOR (shorter keys first, then
// bytewise). One walk over the fields serves both directions, so that they cannot differ. Reading is
// strict: exactly the expected keys, definite and minimal lengths, valid UTF-8. It allocates nothing
// larger than the bytes that are there. After the first error nothing happens any more.
type form struct {
	b       []byte // written so far, or left to read
	reading bool
	err     error
}

// CBOR major types (RFC 8949 section 3.1) and simple values.
const (
	majorUint  = 0
	majorBytes = 2
	majorText  = 3
	majorList  = 4
	majorMap   = 5
	majorTag   = 6

	simpleFalse = 0xf4
	simpleTrue  = 0xf5
	simpleNull  = 0xf6
)

// encode writes what fields walks over.
func encode(size int, fields func(*form)) ([]byte, error) {
	f := form{b: make([]byte, 0, size)}
	fields(&f)
	return f.b, f.err
}

// decode reads a whole payload with fields and writes it again: any difference is refused.
func decode(payload []byte, fields func(*form)) error {
	f := form{b: payload, reading: true}
	fields(&f)
	if f.err != nil {
		return f.err
	}
	if len(f.b) != 0 {
		return invalid("%d bytes after the end of the payload", len(f.b))
	}
	again, err := encode(len(payload), fields)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, payload) {
		return invalid("payload is not in its one encoding")
	}
	return nil
}

func (f *form) fail(format string, args ...any) {
	if f.err == nil {
		f.err = invalid(format, args...)
	}
}

// appendHead appends a major type with its argument in the shortest form.
func appendHead(b []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

// head writes or reads a major type and its argument; what names the place in errors.
func (f *form) head(what string, major byte, n uint64) uint64 {
	if f.err != nil {
		return 0
	}
	if !f.reading {
		f.b = appendHead(f.b, major, n)
		return n
	}
	if len(f.b) == 0 || f.b[0]>>5 != major {
		f.fail("%s is missing or of another type", what)
		return 0
	}
	n, size, ok := argument(f.b)
	if !ok {
		f.fail("%s is cut short, indefinite or not in the shortest form", what)
		return 0
	}
	f.b = f.b[size:]
	return n
}

// argument reads the argument of a head and the head's length; ok is false unless it is in the shortest form.
func argument(b []byte) (n uint64, size int, ok bool) {
	info := b[0] & 0x1f
	if info < 24 {
		return uint64(info), 1, true
	}
	if info > 27 {
		return 0, 0, false
	}
	width := 1 << (info - 24)
	if len(b) < 1+width {
		return 0, 0, false
	}
	for _, c := range b[1 : 1+width] {
		n = n<<8 | uint64(c)
	}
	if info == 24 {
		return n, 2, n >= 24
	}
	return n, 1 + width, n>>(4*width) != 0
}

// raw writes v, or reads n bytes without copying them.
func (f *form) raw(what string, n uint64, v []byte) []byte {
	if f.err != nil {
		return nil
	}
	if !f.reading {
		f.b = append(f.b, v...)
		return v
	}
	if n > uint64(len(f.b)) {
		f.fail("%s is cut short", what)
		return nil
	}
	v, f.b = f.b[:n], f.b[n:]
	return v
}
