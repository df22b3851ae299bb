package federation_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	"github.com/ipld/go-ipld-prime/codec/dagcbor"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

func TestEnvelopesAreThoseOfLibp2p(t *testing.T) {
	t.Parallel()
	key := keyOf(t, "a")
	for _, c := range []struct{ name, domain, codec string }{
		{"record", recordDomain, recordType}, {"head", headDomain, headType},
	} {
		ours := sealRecord(t, sampleRecord(), "a")
		if c.name == "head" {
			ours = sealHead(t, sampleHead(), "a")
		}
		payload := payloadOf(t, c.domain, ours)
		if theirs := sealedByLibp2p(c.domain, c.codec, payload, key); !bytes.Equal(ours, theirs) {
			t.Errorf("%s: libp2p encodes\n%x\nwe\n%x", c.name, theirs, ours)
		}
		hash, err := federation.PayloadHash(ours)
		if err != nil || hash != sha256.Sum256(payload) {
			t.Errorf("%s: payload hash %x, %v", c.name, hash, err)
		}
	}
}

// Another DAG-CBOR implementation reads what we write and would write the same.
func TestPayloadsAreDAGCBOR(t *testing.T) {
	t.Parallel()
	bare := sampleRecord()
	bare.Snapshot, bare.Prev, bare.Licence, bare.Credit = cid.Undef, cid.Undef, "", ""
	other := sampleHead()
	other.Count++
	proof, err := federation.NewProof(sealHead(t, sampleHead(), "a"), sealHead(t, other, "a"))
	if err != nil {
		t.Fatal(err)
	}
	for name, payload := range map[string][]byte{
		"record": payloadOf(t, recordDomain, sealRecord(t, sampleRecord(), "a")),
		"bare":   payloadOf(t, recordDomain, sealRecord(t, bare, "a")),
		"head":   payloadOf(t, headDomain, sealHead(t, sampleHead(), "a")),
		"first":  payloadOf(t, headDomain, sealHead(t, federation.Head{Epoch: 1, Seq: 1, Root: treeCID("x")}, "a")),
		"proof":  proof.Encode(),
	} {
		node := basicnode.Prototype.Any.NewBuilder()
		if err := dagcbor.Decode(node, bytes.NewReader(payload)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var again bytes.Buffer
		if err := dagcbor.Encode(node.Build(), &again); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(again.Bytes(), payload) {
			t.Errorf("%s: ours\n%x\ntheirs\n%x", name, payload, again.Bytes())
		}
	}
}

func TestCIDOf(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte("abc"))
	want := append([]byte{1, 0x55, 0x12, 0x20}, sum[:]...)
	if got := federation.CIDOf([]byte("abc")); !bytes.Equal(got.Bytes(), want) || got.Type() != cid.Raw {
		t.Errorf("CID is %x, not %x", got.Bytes(), want)
	}
}

func TestPayloadHashRefusesOtherBytes(t *testing.T) {
	t.Parallel()
	for _, b := range [][]byte{nil, []byte("text"), sealHead(t, sampleHead(), "a")[1:]} {
		_, err := federation.PayloadHash(b)
		refused(t, err, "%x", b)
	}
}

func TestPublisherIDs(t *testing.T) {
	t.Parallel()
	p := publisherOf(t, "a")
	id, err := peer.IDFromPublicKey(keyOf(t, "a").GetPublic())
	if err != nil || id.String() != string(p) {
		t.Errorf("libp2p's peer ID is %s, ours %s (%v)", id, p, err)
	}
	if !p.Valid() {
		t.Errorf("%s is refused", p)
	}
	asCID := federation.PublisherID(peer.ToCid(id).String())
	secp, _, err := crypto.GenerateSecp256k1Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := peer.IDFromPrivateKey(secp)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []federation.PublisherID{
		"", "12D3Koo", p + " ", " " + p, p[:51], p + "1", asCID, federation.PublisherID(other.String()), "0" + p[1:], "1" + p[:51],
	} {
		if bad.Valid() {
			t.Errorf("%q is taken for a publisher", bad)
		}
	}
	if _, err := federation.PublisherOf(secp.GetPublic()); err == nil {
		t.Error("a secp256k1 key is taken for a publisher's")
	}
	if _, err := sampleHead().Seal(secp); err == nil {
		t.Error("a head is sealed with a secp256k1 key")
	}
}

// With a key of small order anybody signs anything: these encodings must never be publishers.
func TestKeysOfSmallOrder(t *testing.T) {
	t.Parallel()
	small := []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // 0, not reduced
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // 1, not reduced
	}
	for _, text := range small {
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if !forgeable(raw) {
			t.Errorf("%s is no key of small order", text)
		}
		refusedAsPublisher(t, raw)
	}
	unreduced := bytes.Repeat([]byte{0xff}, 32) // p+18, of large order or no point at all
	refusedAsPublisher(t, unreduced)
}

// forgeable finds a message that R = 1, S = 0 signs without any secret.
func forgeable(key []byte) bool {
	signature := make([]byte, ed25519.SignatureSize)
	signature[0] = 1
	for i := range 200 {
		if ed25519.Verify(key, []byte{byte(i)}, signature) {
			return true
		}
	}
	return false
}

func refusedAsPublisher(t *testing.T, raw []byte) {
	t.Helper()
	key, err := crypto.UnmarshalEd25519PublicKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	_, err = federation.PublisherOf(key)
	refused(t, err, "key %x", raw)
	id := peer.ID(append([]byte{0, 0x24, 8, 1, 0x12, 0x20}, raw...))
	if federation.PublisherID(id.String()).Valid() {
		t.Errorf("%x is taken for a publisher", raw)
	}
	env := sealHead(t, sampleHead(), "a")
	copy(env[6:38], raw)
	_, err = federation.OpenHead(env)
	refused(t, err, "head signed by %x", raw)
}
