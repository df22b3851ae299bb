package federation

import "bytes"

// Proof of equivocation: two valid head envelopes with equal publisher, epoch and seq, and different
// signed payloads. A different signature of the same payload proves nothing.
type Proof struct {
	Publisher  PublisherID
	Epoch, Seq uint64
	A, B       []byte // A is bytewise smaller, so that a pair has one encoding
}

// NewProof checks and orders a pair. The number of source domains in the heads does not matter, since
// receivers differ in what they take and must agree on what is proven.
func NewProof(a, b []byte) (Proof, error) {
	first, one, err := openHead(a)
	if err != nil {
		return Proof{}, err
	}
	second, other, err := openHead(b)
	if err != nil {
		return Proof{}, err
	}
	switch {
	case first.Publisher != second.Publisher:
		return Proof{}, invalid("heads of different publishers prove nothing")
	case first.Compare(second) != 0:
		return Proof{}, invalid("heads of different numbers prove nothing")
	case bytes.Equal(one, other):
		return Proof{}, invalid("both heads have the same payload")
	}
	if bytes.Compare(a, b) > 0 {
		a, b = b, a
	}
	return Proof{
		Publisher: first.Publisher, Epoch: first.Epoch, Seq: first.Seq,
		A: bytes.Clone(a), B: bytes.Clone(b),
	}, nil
}

// Encode is the DAG-CBOR of the two envelopes; all else follows from them.
func (p Proof) Encode() []byte {
	b, err := encode(len(p.A)+len(p.B)+64, p.fields)
	if err != nil {
		panic("federation: proof not made by NewProof: " + err.Error())
	}
	return b
}

// OpenProof verifies everything again; other encodings of the pair are refused.
func OpenProof(b []byte) (Proof, error) {
	if len(b) > MaxProof {
		return Proof{}, invalid("proof of %d bytes, at most %d are allowed", len(b), MaxProof)
	}
	var pair Proof
	if err := decode(b, pair.fields); err != nil {
		return Proof{}, err
	}
	if bytes.Compare(pair.A, pair.B) > 0 {
		return Proof{}, invalid("the heads of the proof are in the wrong order")
	}
	return NewProof(pair.A, pair.B)
}

func (p *Proof) fields(f *form) {
	f.mapping("proof", 3)
	f.bytes("a", &p.A, MaxHead)
	f.bytes("b", &p.B, MaxHead)
	f.version()
}
