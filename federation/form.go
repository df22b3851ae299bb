package federation

import (
	"unicode/utf8"

	"github.com/ipfs/go-cid"
)

// The fields a payload can have. In each, what is the name of the field, and v is written or read.

// mapping opens a map of n keys.
func (f *form) mapping(what string, n uint64) {
	if got := f.head(what, majorMap, n); f.err == nil && got != n {
		f.fail("%s has %d keys instead of %d", what, got, n)
	}
}

func (f *form) key(key string) {
	n := f.head(key, majorText, uint64(len(key)))
	if got := f.raw(key, n, []byte(key)); f.err == nil && string(got) != key {
		f.fail("key %s expected; keys are sorted by length, then bytewise", key)
	}
}

// version is the key "v" of every payload.
func (f *form) version() {
	f.key("v")
	if got := f.head("v", majorUint, 1); f.err == nil && got != 1 {
		f.fail("v is %d, only 1 is known", got)
	}
}

func (f *form) number(what string, v *uint64) {
	f.key(what)
	*v = f.head(what, majorUint, *v)
	if *v > MaxSequence {
		f.fail("%s is above 2^53-1", what)
	}
}

// text is of at most limit bytes of UTF-8.
func (f *form) text(what string, v *string, limit int) {
	f.key(what)
	f.string(what, v, limit)
}

func (f *form) string(what string, v *string, limit int) {
	n := f.head(what, majorText, uint64(len(*v)))
	f.limit(what, n, limit)
	b := f.raw(what, n, []byte(*v))
	if f.err == nil && !utf8.Valid(b) {
		f.fail("%s is not UTF-8", what)
	}
	if f.reading {
		*v = string(b)
	}
}

// textOrNull is a text that is not empty, or null, which is "" here.
func (f *form) textOrNull(what string, v *string, limit int) {
	f.key(what)
	if f.null(*v == "") {
		return
	}
	f.string(what, v, limit)
	if *v == "" {
		f.fail("%s is empty instead of null", what)
	}
}

// texts is a list of texts, each of at most limit bytes; the size of the payload bounds their number.
func (f *form) texts(what string, v *[]string, limit int) {
	f.key(what)
	n := f.head(what, majorList, uint64(len(*v)))
	if f.reading {
		*v = nil
	}
	for i := uint64(0); i < n && f.err == nil; i++ {
		var one string
		if !f.reading {
			one = (*v)[i]
		}
		f.string(what, &one, limit)
		if f.reading {
			*v = append(*v, one)
		}
	}
}

func (f *form) bytes(what string, v *[]byte, limit int) {
	f.key(what)
	n := f.head(what, majorBytes, uint64(len(*v)))
	f.limit(what, n, limit)
	if b := f.raw(what, n, *v); f.reading {
		*v = append([]byte(nil), b...)
	}
}

func (f *form) limit(what string, n uint64, limit int) {
	if f.err == nil && n > uint64(limit) {
		f.fail("%s is longer than %d bytes", what, limit)
	}
}

// link is a CIDv1 of that codec over sha2-256: the only ones nodes follow.
func (f *form) link(what string, v *cid.Cid, codec byte) {
	f.key(what)
	f.cid(what, v, codec)
}

// linkOrNull is a link or null, which is cid.Undef here.
func (f *form) linkOrNull(what string, v *cid.Cid, codec byte) {
	f.key(what)
	if !f.null(!v.Defined()) {
		f.cid(what, v, codec)
	}
}

func (f *form) cid(what string, v *cid.Cid, codec byte) {
	const linkHead = "\xd8\x2a\x58\x25\x00" // tag 42, 37 bytes, the first of them 0
	var written []byte
	if !f.reading {
		written = append([]byte(linkHead), v.Bytes()...)
	}
	b := f.raw(what, uint64(len(linkHead)+36), written)
	if f.err != nil {
		return
	}
	prefix := linkHead + "\x01" + string(codec) + "\x12\x20"
	if len(b) != len(linkHead)+36 || string(b[:len(prefix)]) != prefix {
		f.fail("%s is no CIDv1 with codec 0x%x and sha2-256", what, codec)
		return
	}
	if f.reading {
		*v, f.err = cid.Cast(append([]byte(nil), b[len(linkHead):]...))
	}
}

// null writes a null when the value is absent, or reads one if it is there; it reports whether there is nothing more to do.
func (f *form) null(absent bool) bool {
	if f.err != nil {
		return true
	}
	if f.reading {
		absent = len(f.b) > 0 && f.b[0] == simpleNull
	}
	if absent {
		f.raw("null", 1, []byte{simpleNull})
	}
	return absent
}
