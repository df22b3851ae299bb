package federation

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/multiformats/go-multihash"
)

// statement is a kind of signed statement: the domain separates its signatures from all others,
// the payload type names it in the envelope.
type statement struct {
	name, domain, payloadType string
	max                       int // bytes of the envelope
}

func recordStatement() statement {
	return statement{name: "record", domain: "coursemesh-record", payloadType: "/coursemesh/record/1", max: MaxRecord}
}

func headStatement() statement {
	return statement{name: "head", domain: "coursemesh-head", payloadType: "/coursemesh/head/1", max: MaxHead}
}

func erasureStatement() statement {
	return statement{name: "erasure", domain: "coursemesh-erasure", payloadType: "/coursemesh/erasure/1", max: MaxErasure}
}

// envelope is a libp2p signed envelope taken apart; the slices point into the bytes it came from.
type envelope struct {
	key, payload, signature []byte
}

// Tags of the protobuf fields of libp2p's Envelope: number and wire type 2.
const (
	tagKey       = 1<<3 | 2
	tagType      = 2<<3 | 2
	tagPayload   = 3<<3 | 2
	tagSignature = 5<<3 | 2
)

// head is everything before the payload: apart from key and payload length it never varies.
func (s statement) head(key []byte, payload int) []byte {
	b := make([]byte, 0, 96)
	b = append(b, tagKey, byte(len(keyProtobuf)+len(key)))
	b = append(b, keyProtobuf...)
	b = append(b, key...)
	b = append(b, tagType, byte(len(s.payloadType)))
	b = append(b, s.payloadType...)
	b = append(b, tagPayload)
	return binary.AppendUvarint(b, uint64(payload))
}

// parse takes an envelope apart and refuses all bytes but those that encode would give: the rules
// for fields, order and varints come down to comparing everything around the payload.
func (s statement) parse(b []byte) (envelope, error) {
	const keyAt = 2 + len(keyProtobuf)
	const tail = 2 + ed25519.SignatureSize
	if len(b) > s.max {
		return envelope{}, invalid("%s of %d bytes, at most %d are allowed", s.name, len(b), s.max)
	}
	lenAt := keyAt + ed25519.PublicKeySize + 2 + len(s.payloadType) + 1
	if len(b) < lenAt+1+tail {
		return envelope{}, invalid("%s envelope is cut short", s.name)
	}
	size, _ := binary.Uvarint(b[lenAt:])
	key := b[keyAt : keyAt+ed25519.PublicKeySize]
	head := s.head(key, int(min(size, uint64(len(b)))))
	if !bytes.HasPrefix(b, head) || len(b)-len(head)-tail != int(min(size, uint64(len(b)))) {
		return envelope{}, invalid("not a %s envelope in its one encoding", s.name)
	}
	rest := b[len(head):]
	payload, end := rest[:size], rest[size:]
	if end[0] != tagSignature || end[1] != ed25519.SignatureSize {
		return envelope{}, invalid("%s envelope has no signature of 64 bytes after the payload", s.name)
	}
	if !soundKey(key) {
		return envelope{}, invalid("%s is signed by a key that is no canonical point or of small order", s.name)
	}
	return envelope{key: key, payload: payload, signature: end[2:]}, nil
}

// signed is what the signature covers: domain, payload type and payload, each behind its length.
func (s statement) signed(payload []byte) []byte {
	b := make([]byte, 0, len(s.domain)+len(s.payloadType)+len(payload)+3*binary.MaxVarintLen32)
	for _, part := range []string{s.domain, s.payloadType} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	b = binary.AppendUvarint(b, uint64(len(payload)))
	return append(b, payload...)
}

func (s statement) verify(e envelope) error {
	if !ed25519.Verify(e.key, s.signed(e.payload), e.signature) {
		return invalid("%s signature does not match", s.name)
	}
	return nil
}

// signedBy compares the key in the envelope with the publisher named in the payload: a good signature
// only proves that some key signed.
func (e envelope) signedBy(p PublisherID) error {
	if signer := publisherOf(e.key); signer != p {
		return invalid("signed by %s, but names publisher %q", signer, clip(string(p)))
	}
	return nil
}

// seal signs a payload and encodes the envelope.
func (s statement) seal(payload []byte, key crypto.PrivKey) ([]byte, error) {
	raw, err := key.GetPublic().Raw()
	if err != nil {
		return nil, fmt.Errorf("publisher key: %w", err)
	}
	signature, err := key.Sign(s.signed(payload))
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", s.name, err)
	}
	b := append(s.head(raw, len(payload)), payload...)
	b = append(b, tagSignature, byte(len(signature)))
	b = append(b, signature...)
	if len(b) > s.max {
		return nil, invalid("%s of %d bytes, at most %d are allowed", s.name, len(b), s.max)
	}
	return b, nil
}

// CIDOf is the CIDv1 (raw, sha2-256) of envelope bytes.
func CIDOf(envelope []byte) cid.Cid { return hashCID(cid.Raw, envelope) }

func hashCID(codec uint64, data []byte) cid.Cid {
	sum := sha256.Sum256(data)
	hash, err := multihash.Encode(sum[:], multihash.SHA2_256)
	if err != nil {
		panic("federation: sha2-256 has no multihash code: " + err.Error()) // its table is fixed
	}
	return cid.NewCidV1(codec, hash)
}

// PayloadHash is the sha2-256 of the payload inside a record or head envelope that was opened before:
// the envelope's form is checked, its signature is not.
func PayloadHash(envelope []byte) ([32]byte, error) {
	e, err := headStatement().parse(envelope)
	if err != nil {
		e, err = recordStatement().parse(envelope)
	}
	if err != nil {
		return [32]byte{}, invalid("neither a head nor a record envelope")
	}
	return sha256.Sum256(e.payload), nil
}
