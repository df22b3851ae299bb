package p2p

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
)

// Row is a line of the table of heads. Epoch, Seq and Payload are zero when no held head of the
// publisher is effective; Proven is the highest epoch with proven equivocation, 0 for none.
type Row struct {
	Publisher  federation.PublisherID
	Epoch, Seq uint64
	Payload    [32]byte
	Proven     uint64
}

// Compare orders the heads of two rows by (epoch, seq).
func (r Row) Compare(o Row) int {
	return cmp.Or(cmp.Compare(r.Epoch, o.Epoch), cmp.Compare(r.Seq, o.Seq))
}

// Limits of a table and of the messages that carry it.
const (
	buckets      = 256
	maxRows      = 50_000
	maxPublisher = 64
	maxHello     = 64
	maxDigests   = 16 << 10
	maxBuckets   = 1 << 10
	maxPage      = 64 << 10
	maxProof     = 2*federation.MaxHead + 1<<10
	maxWants     = 64
	maxWantPage  = maxWants * 128
	maxHeadReply = federation.MaxHead + maxProof + 64
	maxRowSize   = 1 + 2 + maxPublisher + 3*9 + 2 + 32
	maxEpoch     = federation.MaxSequence
)

// Table is an immutable set of rows with its digests. Rows fall into 256 buckets by the first byte of
// the sha2-256 of the publisher, so that two large tables that differ in one row exchange few.
type Table struct {
	rows    [buckets][]Row
	digests [buckets][32]byte
	digest  [32]byte
}

// NewTable sorts rows, of which each publisher has at most one.
func NewTable(rows []Row) *Table {
	t := new(Table)
	for _, r := range rows {
		b := BucketOf(r.Publisher)
		t.rows[b] = append(t.rows[b], r)
	}
	all := sha256.New()
	for i := range t.rows {
		slices.SortFunc(t.rows[i], func(a, b Row) int { return cmp.Compare(a.Publisher, b.Publisher) })
		t.digests[i] = sha256.Sum256(encodeRows(t.rows[i]))
		all.Write(t.digests[i][:])
	}
	all.Sum(t.digest[:0])
	return t
}

// BucketOf is the bucket of a publisher.
func BucketOf(p federation.PublisherID) byte {
	h := sha256.Sum256([]byte(p))
	return h[0]
}

// Digest is the sha2-256 of the 256 bucket digests in order.
func (t *Table) Digest() [32]byte { return t.digest }

// Row returns the line of a publisher.
func (t *Table) Row(p federation.PublisherID) (Row, bool) {
	rows := t.rows[BucketOf(p)]
	i, found := slices.BinarySearchFunc(rows, p, func(r Row, p federation.PublisherID) int {
		return cmp.Compare(r.Publisher, p)
	})
	if !found {
		return Row{}, false
	}
	return rows[i], true
}

// differing lists the buckets whose digests are not the given ones, which are 256 times 32 bytes.
func (t *Table) differing(digests []byte) []byte {
	var out []byte
	for i := range buckets {
		if !bytes.Equal(t.digests[i][:], digests[i*32:i*32+32]) {
			out = append(out, byte(i))
		}
	}
	return out
}

func (t *Table) joined() []byte {
	out := make([]byte, 0, buckets*32)
	for i := range t.digests {
		out = append(out, t.digests[i][:]...)
	}
	return out
}

// encodeRows is a DAG-CBOR list of [publisher, epoch, seq, payload hash or null, proven epoch].
func encodeRows(rows []Row) []byte {
	var e encoder
	e.list(len(rows))
	for _, r := range rows {
		e.row(r)
	}
	return e.b
}

func (e *encoder) row(r Row) {
	e.list(5)
	e.text(string(r.Publisher))
	e.uint(r.Epoch)
	e.uint(r.Seq)
	if r.Epoch == 0 {
		e.null()
	} else {
		e.bytes(r.Payload[:])
	}
	e.uint(r.Proven)
}

func (d *decoder) row() (r Row) {
	d.tuple(5)
	r.Publisher = d.publisher()
	r.Epoch, r.Seq = d.uint(), d.uint()
	null := d.isNull()
	if !null {
		r.Payload = d.hash()
	}
	r.Proven = d.uint()
	switch {
	case max(r.Epoch, r.Seq, r.Proven) > maxEpoch:
		d.fail("epoch or sequence number is out of range")
	case (r.Epoch == 0) != null || (r.Seq == 0) != null:
		d.fail("row with half a head")
	case !null && r.Epoch <= r.Proven:
		d.fail("row lists a head of a proven epoch")
	case null && r.Proven == 0:
		d.fail("row says nothing")
	}
	return r
}

func (d *decoder) publisher() federation.PublisherID {
	p := federation.PublisherID(d.text(maxPublisher))
	if d.err == nil && !p.Valid() {
		d.fail("%q is no publisher id", p)
	}
	return p
}
