package p2p

import (
	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
)

// Want asks for a head of a publisher: the current one when Head is Undef.
type Want struct {
	Publisher federation.PublisherID
	Head      cid.Cid
}

// headsRequest is one of {digest}, {buckets} and {want}; exactly one field is set.
type headsRequest struct {
	digest  *[32]byte
	buckets []byte
	want    []Want
}

func (r headsRequest) encode() []byte {
	var e encoder
	e.fields(1)
	switch {
	case r.digest != nil:
		e.text("digest")
		e.bytes(r.digest[:])
	case r.buckets != nil:
		e.text("buckets")
		e.bytes(r.buckets)
	default:
		e.text("want")
		e.list(len(r.want))
		for _, w := range r.want {
			e.list(2)
			e.text(string(w.Publisher))
			e.link(w.Head)
		}
	}
	return e.b
}

func decodeHeadsRequest(b []byte) (headsRequest, error) {
	d := decoder{b: b}
	var r headsRequest
	d.fields(1)
	switch name := d.text(16); name {
	case "digest":
		h := d.hash()
		r.digest = &h
	case "buckets":
		r.buckets = d.bucketList()
	case "want":
		for range d.list(maxWants) {
			d.tuple(2)
			r.want = append(r.want, Want{d.publisher(), d.maybeLink()})
			if d.err != nil {
				break
			}
		}
		if len(r.want) == 0 {
			d.fail("request wants nothing")
		}
	default:
		d.fail("unknown request %q", name)
	}
	return r, d.end()
}

// bucketList is a byte string, one byte a bucket, strictly rising.
func (d *decoder) bucketList() []byte {
	list := d.bytes(buckets)
	for i := 1; i < len(list); i++ {
		if list[i] <= list[i-1] {
			d.fail("buckets do not rise")
		}
	}
	if len(list) == 0 {
		d.fail("no buckets")
	}
	return list
}

// digests answers {digest}: buckets is null when the digests are equal.
type digests struct {
	digest  [32]byte
	buckets []byte
}

func (m digests) encode() []byte {
	var e encoder
	e.fields(2)
	e.text("digest")
	e.bytes(m.digest[:])
	e.text("buckets")
	e.bytes(m.buckets)
	return e.b
}

func decodeDigests(b []byte) (m digests, err error) {
	d := decoder{b: b}
	d.fields(2)
	d.key("digest")
	m.digest = d.hash()
	d.key("buckets")
	m.buckets = d.maybeBytes(buckets * 32)
	if m.buckets != nil && len(m.buckets) != buckets*32 {
		d.fail("bucket digests of %d bytes", len(m.buckets))
	}
	return m, d.end()
}

// rowPage answers {buckets}; the rows of all pages together rise by (bucket, publisher).
type rowPage struct {
	rows []Row
	more bool
}

func (m rowPage) encode() []byte {
	var e encoder
	e.fields(2)
	e.text("more")
	e.bool(m.more)
	e.text("rows")
	e.b = append(e.b, encodeRows(m.rows)...)
	return e.b
}

func decodeRowPage(b []byte) (m rowPage, err error) {
	d := decoder{b: b}
	d.fields(2)
	d.key("more")
	m.more = d.bool()
	d.key("rows")
	for range d.list(len(b)) {
		m.rows = append(m.rows, d.row())
		if d.err != nil {
			break
		}
	}
	if m.more && len(m.rows) == 0 {
		d.fail("empty page before the last")
	}
	return m, d.end()
}

// headReply answers one Want, in the order of asking; null is what the peer does not hold.
type headReply struct {
	head, proof []byte
}

func (m headReply) encode() []byte {
	var e encoder
	e.fields(2)
	e.text("head")
	e.bytes(m.head)
	e.text("proof")
	e.bytes(m.proof)
	return e.b
}

func decodeHeadReply(b []byte) (m headReply, err error) {
	d := decoder{b: b}
	d.fields(2)
	d.key("head")
	m.head = d.maybeBytes(federation.MaxHead)
	d.key("proof")
	m.proof = d.maybeBytes(maxProof)
	return m, d.end()
}
