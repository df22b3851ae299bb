package federation

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

// PublisherID is the libp2p peer ID (base58 "12D3Koo...") of an Ed25519 publisher key.
type PublisherID string

const (
	// keyProtobuf precedes the 32 key bytes in libp2p's protobuf of an Ed25519 public key:
	// field 1 (type) is 1, field 2 (data) holds 32 bytes.
	keyProtobuf = "\x08\x01\x12\x20"
	// peerMultihash makes that protobuf a peer ID: the identity multihash of its 36 bytes.
	peerMultihash = "\x00\x24"
	publisherLen  = 52 // characters, the same for all of them
)

// PublisherOf is the id of a key; it fails for anything but a sound Ed25519 key.
func PublisherOf(key crypto.PubKey) (PublisherID, error) {
	if key == nil || key.Type() != crypto.Ed25519 {
		return "", invalid("publisher keys are Ed25519")
	}
	raw, err := key.Raw()
	if err != nil {
		return "", fmt.Errorf("publisher key: %w", err)
	}
	if !soundKey(raw) {
		return "", invalid("publisher key is no canonical point or one of small order")
	}
	return publisherOf(raw), nil
}

func publisherOf(raw []byte) PublisherID {
	return PublisherID(peer.ID(peerMultihash + keyProtobuf + string(raw)).String())
}

// Valid reports whether the text is the peer ID of an Ed25519 key, in its one canonical spelling.
func (p PublisherID) Valid() bool {
	if len(p) != publisherLen {
		return false
	}
	id, err := peer.Decode(string(p))
	if err != nil {
		return false
	}
	const prefix = peerMultihash + keyProtobuf
	if len(id) != len(prefix)+ed25519.PublicKeySize || string(id[:len(prefix)]) != prefix {
		return false
	}
	raw := []byte(id[len(prefix):])
	return soundKey(raw) && publisherOf(raw) == p
}

// soundKey refuses encodings on which Ed25519 implementations disagree: a y coordinate that is not
// reduced, and the points of small order, for which anybody can make signatures.
func soundKey(raw []byte) bool {
	if len(raw) != ed25519.PublicKeySize {
		return false
	}
	y := [ed25519.PublicKeySize]byte(raw)
	y[31] &= 0x7f // the sign of x
	return reduced(y) && !smallOrder(y)
}

// reduced reports y < 2^255-19, little endian.
func reduced(y [32]byte) bool {
	if y[31] != 0x7f || y[0] < 0xed {
		return true
	}
	for _, b := range y[1:31] {
		if b != 0xff {
			return true
		}
	}
	return false
}

// smallOrder compares with the y coordinates of the eight points whose order divides the cofactor.
func smallOrder(y [32]byte) bool {
	switch hex.EncodeToString(y[:]) {
	case "0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a":
		return true
	}
	return false
}
