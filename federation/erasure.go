package federation

import (
	"bytes"
	"slices"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// Erasure is a notice that records of a provider are to be forgotten: by every node, in history, dumps and
// backups made from now on. It acts while its publisher counts for the provider and no held head lists the
// record. Records that are current cannot be erased; only heads change what is current.
type Erasure struct {
	Publisher PublisherID
	Provider  string
	Records   []cid.Cid // rising bytewise; 1 to MaxErased
	Issued    int64     // Unix seconds; orders and gates nothing
}

// Seal sorts the records, encodes and signs the notice. The publisher is set from the key.
func (e Erasure) Seal(key crypto.PrivKey) (_ []byte, err error) {
	if e.Publisher, err = PublisherOf(key.GetPublic()); err != nil {
		return nil, err
	}
	e.Records = slices.Clone(e.Records)
	slices.SortFunc(e.Records, compareCIDs)
	if err := e.check(); err != nil {
		return nil, err
	}
	payload, err := encode(128+41*len(e.Records), e.fields)
	if err != nil {
		return nil, err
	}
	return erasureStatement().seal(payload, key)
}

// OpenErasure verifies a notice strictly.
func OpenErasure(envelope []byte) (Erasure, error) {
	b, err := erasureStatement().parse(envelope)
	if err != nil {
		return Erasure{}, err
	}
	var e Erasure
	if err := decode(b.payload, e.fields); err != nil {
		return Erasure{}, err
	}
	if err := e.check(); err != nil {
		return Erasure{}, err
	}
	if err := b.signedBy(e.Publisher); err != nil {
		return Erasure{}, err
	}
	return e, erasureStatement().verify(b)
}

func (e *Erasure) fields(f *form) {
	issued := uint64(e.Issued) // what is negative becomes too large
	f.mapping("erasure", 5)
	f.version()
	f.number("issued", &issued)
	f.key("records")
	n := f.list("records", uint64(len(e.Records)), MaxErased)
	if f.reading {
		e.Records = make([]cid.Cid, n)
	}
	for i := range n {
		f.cid("record", &e.Records[i], cid.Raw)
	}
	f.text("provider", &e.Provider, maxDomain)
	f.text("publisher", (*string)(&e.Publisher), publisherLen)
	e.Issued = int64(issued)
}

func (e Erasure) check() error {
	if !providerID(e.Provider) {
		return invalid("provider %q is no provider id", clip(e.Provider))
	}
	if len(e.Records) == 0 || len(e.Records) > MaxErased {
		return invalid("a notice names 1 to %d records", MaxErased)
	}
	for i := 1; i < len(e.Records); i++ {
		if compareCIDs(e.Records[i-1], e.Records[i]) >= 0 {
			return invalid("records of the notice are not sorted, or one is named twice")
		}
	}
	return nil
}

func compareCIDs(a, b cid.Cid) int { return bytes.Compare(a.Bytes(), b.Bytes()) }
