package p2p

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
	"github.com/ipld/go-ipld-prime/codec/dagcbor"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	"github.com/libp2p/go-libp2p/core/crypto"
)

func testKey(t testing.TB) crypto.PrivKey {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// testPublisher is the publisher of a fixed key.
func testPublisher(t testing.TB, n byte) federation.PublisherID {
	t.Helper()
	key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := federation.PublisherOf(key.GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func testCID(n int) cid.Cid { return federation.CIDOf(fmt.Append(nil, "block ", n)) }

// message is a wire message of any kind: bytes, and a decoder that encodes what it read again.
type message struct {
	name   string
	body   []byte
	decode func([]byte) ([]byte, error)
}

func recode[T interface{ encode() []byte }](decode func([]byte) (T, error)) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) {
		m, err := decode(b)
		if err != nil {
			return nil, err
		}
		return m.encode(), nil
	}
}

func recodeEntries(full bool) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) {
		m, err := decodeEntryPage(b, full)
		return encodeEntryPage(m, full), err
	}
}

func recodeWants(b []byte) ([]byte, error) {
	m, err := decodeRecordWants(b)
	return encodeRecordWants(m), err
}

func decodeDelta(b []byte) ([]byte, error) {
	d := decoder{b: b}
	v := d.delta()
	if err := d.end(); err != nil {
		return nil, err
	}
	var e encoder
	e.delta(*v)
	return e.b, nil
}

// messages are one or two of every kind, edge cases of numbers and absence among them.
func messages(t testing.TB) []message {
	p, q := testPublisher(t, 1), testPublisher(t, 2)
	hash := sha256.Sum256([]byte("payload"))
	rows := []Row{{Publisher: p, Epoch: 24, Seq: 256, Payload: hash}, {Publisher: q, Proven: 1 << 33}}
	ops := []Entry{{Key: "course|a.example|x", Old: testCID(1), New: testCID(2)}, {Key: "course|a.example|y", New: testCID(3)}, {Key: "course|a.example|z", Old: testCID(4)}}
	set := []Entry{{Key: "course|a.example|x", New: testCID(2)}, {Key: "course|a.example|ü", New: testCID(3)}}
	request, reply, erasures := recode(decodeHeadsRequest), recode(decodeHeadReply), recode(decodeErasuresRequest)
	answer := recode(decodeSyncAnswer)
	var delta encoder
	delta.delta(Delta{Base: testCID(1), Records: [][]byte{[]byte("r"), {}}, Withdrawn: []string{"k"}})
	return []message{
		{"digest request", headsRequest{digest: &hash}.encode(), request},
		{"bucket request", headsRequest{buckets: []byte{0, 7, 255}}.encode(), request},
		{"want request", headsRequest{want: []Want{{p, cid.Undef}, {q, testCID(1)}}}.encode(), request},
		{"equal digests", digests{digest: hash}.encode(), recode(decodeDigests)},
		{"differing digests", digests{digest: hash, buckets: make([]byte, buckets*32)}.encode(), recode(decodeDigests)},
		{"row page", rowPage{rows: rows, more: true}.encode(), recode(decodeRowPage)},
		{"empty row page", rowPage{}.encode(), recode(decodeRowPage)},
		{"head reply", headReply{head: []byte("head"), proof: []byte("proof")}.encode(), reply},
		{"empty head reply", headReply{}.encode(), reply},
		{"sync request", SyncRequest{Publisher: p, Head: testCID(1), Have: testCID(2)}.encode(), recode(decodeSyncRequest)},
		{"first sync request", SyncRequest{Publisher: p, Head: testCID(1)}.encode(), recode(decodeSyncRequest)},
		{"sync answer none", syncAnswer{mode: modeNone}.encode(), answer},
		{"sync answer ops", syncAnswer{head: []byte("head"), mode: modeOps, count: 70_000}.encode(), answer},
		{"operations", encodeEntryPage(ops, false), recodeEntries(false)},
		{"full list", encodeEntryPage(set, true), recodeEntries(true)},
		{"record wants", encodeRecordWants([]cid.Cid{testCID(1), testCID(2)}), recodeWants},
		{"delta", delta.b, decodeDelta},
		{"erasures request", erasuresRequest{list: &hash}.encode(), erasures},
		{"erasures wanted", erasuresRequest{want: []Hash{{1}, {2}}}.encode(), erasures},
		{"equal erasures", erasureList{}.encode(), recode(decodeErasureList)},
		{"no erasures", erasureList{[]Hash{}}.encode(), recode(decodeErasureList)},
		{"erasures", erasureList{[]Hash{{1}, {2}}}.encode(), recode(decodeErasureList)},
		{"erasure", erasureReply{[]byte("notice")}.encode(), recode(decodeErasureReply)},
		{"erasure not held", erasureReply{}.encode(), recode(decodeErasureReply)},
	}
}

// Every message survives its own decoder, and is DAG-CBOR as an independent codec writes it.
func TestMessagesAreDAGCBOR(t *testing.T) {
	t.Parallel()
	for _, m := range messages(t) {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			again, err := m.decode(m.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(m.body, again); diff != "" {
				t.Errorf("decoded and encoded again (-want +got):\n%s", diff)
			}
			node := basicnode.Prototype.Any.NewBuilder()
			if err := dagcbor.Decode(node, bytes.NewReader(m.body)); err != nil {
				t.Fatalf("independent decoder: %v", err)
			}
			var out bytes.Buffer
			if err := dagcbor.Encode(node.Build(), &out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(out.Bytes(), m.body); diff != "" {
				t.Errorf("independent encoder (-want +got):\n%s", diff)
			}
		})
	}
}

// One altered, dropped or added byte either is refused with ErrProtocol or is another valid message.
func TestMessagesHaveOneEncoding(t *testing.T) {
	t.Parallel()
	for _, m := range messages(t) {
		for i := 0; i < len(m.body); i += 1 + i/256 { // what is long is long for its hashes
			for _, flip := range []byte{1, 0x20, 0x80, 0xff} {
				mutant := bytes.Clone(m.body)
				mutant[i] ^= flip
				checkStrict(t, m, mutant)
			}
			checkStrict(t, m, m.body[:i])
			checkStrict(t, m, append(bytes.Clone(m.body[:i]), m.body[i+1:]...))
		}
		if _, err := m.decode(append(bytes.Clone(m.body), 0xf6)); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s with a byte more: %v", m.name, err)
		}
	}
}

func checkStrict(t *testing.T, m message, mutant []byte) {
	t.Helper()
	again, err := m.decode(mutant)
	switch {
	case err != nil && !errors.Is(err, ErrProtocol):
		t.Errorf("%s: %x: error is no ErrProtocol: %v", m.name, mutant, err)
	case err == nil && !bytes.Equal(again, mutant):
		t.Errorf("%s: %x was accepted, and means %x", m.name, mutant, again)
	}
}

// refused messages are well-formed in part: each breaks one rule.
func refused(t testing.TB) []message {
	p := testPublisher(t, 1)
	request, page, rows := recode(decodeHeadsRequest), recodeEntries(false), recode(decodeRowPage)
	long := bytes.Repeat([]byte("k"), maxKey+1)
	return []message{
		{"number with a zero byte before it", []byte("\xa2dmore\xf4drows\x98\x00"), rows},
		{"indefinite list", []byte("\xa2dmore\xf4drows\x9f\xff"), rows},
		{"deep nesting", bytes.Repeat([]byte{0x81}, 4<<10), page},
		{"length of 2^63", []byte("\x9b\x80\x00\x00\x00\x00\x00\x00\x00"), page},
		{"keys in another order", []byte("\xa2drows\x80dmore\xf4"), rows},
		{"falling buckets", headsRequest{buckets: []byte{7, 3}}.encode(), request},
		{"no buckets", headsRequest{buckets: []byte{}}.encode(), request},
		{"no wants", headsRequest{}.encode(), request},
		{"unknown request", []byte("\xa1fdelete\xf6"), request},
		{"no publisher", headsRequest{want: []Want{{"12D3KooNobody", cid.Undef}}}.encode(), request},
		{"too many wants", headsRequest{want: make([]Want, maxWants+1)}.encode(), request},
		{"head of a proven epoch", rowPage{rows: []Row{{Publisher: p, Epoch: 2, Seq: 1, Proven: 2}}}.encode(), rows},
		{"half a head", rowPage{rows: []Row{{Publisher: p, Epoch: 2}}}.encode(), rows},
		{"row that says nothing", rowPage{rows: []Row{{Publisher: p}}}.encode(), rows},
		{"epoch over 2^53", rowPage{rows: []Row{{Publisher: p, Epoch: maxEpoch + 1, Seq: 1}}}.encode(), rows},
		{"operation without change", encodeEntryPage([]Entry{{Key: "k"}}, false), page},
		{"long key", encodeEntryPage([]Entry{{Key: string(long), New: testCID(1)}}, false), page},
		{"key that is not UTF-8", encodeEntryPage([]Entry{{Key: "\xff", New: testCID(1)}}, false), page},
		{"falling hashes", erasureList{[]Hash{{2}, {1}}}.encode(), recode(decodeErasureList)},
		{"half a hash", []byte("\xa1gnotices\x41\x01"), recode(decodeErasureList)},
		{"no erasures wanted", erasuresRequest{want: []Hash{}}.encode(), recode(decodeErasuresRequest)},
		{"link to another codec", encodeEntryPage([]Entry{{Key: "k", New: cid.NewCidV1(cid.DagCBOR, testCID(1).Hash())}}, false), page},
	}
}

func TestRefusedMessages(t *testing.T) {
	t.Parallel()
	for _, m := range refused(t) {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			if _, err := m.decode(m.body); !errors.Is(err, ErrProtocol) {
				t.Errorf("got %v, want ErrProtocol", err)
			}
		})
	}
}

func fuzzMessage(f *testing.F, names ...string) {
	decode := map[string]func([]byte) ([]byte, error){}
	for _, m := range messages(f) {
		for _, n := range names {
			if m.name == n {
				f.Add(m.body)
				decode[n] = m.decode
			}
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for n, d := range decode {
			again, err := d(body)
			if err == nil && !bytes.Equal(again, body) {
				t.Errorf("%s: %x was accepted, and means %x", n, body, again)
			}
		}
	})
}

func FuzzHeadsRequest(f *testing.F) {
	fuzzMessage(f, "digest request", "bucket request", "want request")
}
func FuzzDigests(f *testing.F)     { fuzzMessage(f, "equal digests", "differing digests") }
func FuzzRowPage(f *testing.F)     { fuzzMessage(f, "row page", "empty row page") }
func FuzzHeadReply(f *testing.F)   { fuzzMessage(f, "head reply", "empty head reply") }
func FuzzSyncRequest(f *testing.F) { fuzzMessage(f, "sync request", "first sync request") }
func FuzzSyncAnswer(f *testing.F)  { fuzzMessage(f, "sync answer none", "sync answer ops") }
func FuzzEntryPage(f *testing.F)   { fuzzMessage(f, "operations", "full list") }
func FuzzRecordWants(f *testing.F) { fuzzMessage(f, "record wants") }
func FuzzDelta(f *testing.F)       { fuzzMessage(f, "delta") }
func FuzzErasures(f *testing.F) {
	fuzzMessage(f, "erasures request", "erasures wanted", "equal erasures", "erasures", "erasure", "erasure not held")
}

func FuzzAnnouncement(f *testing.F) {
	f.Add([]byte("\xa2dheadAhedelta\xf6"))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := OpenAnnouncement(body)
		if err != nil {
			if !errors.Is(err, ErrProtocol) {
				t.Errorf("error is no ErrProtocol: %v", err)
			}
			return
		}
		again, err := a.Encode()
		if err != nil || !bytes.Equal(again, body) {
			t.Errorf("%x was accepted, and means %x (%v)", body, again, err)
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte{3, 'a', 'b', 'c'})
	f.Add([]byte{0x80, 0x00})
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := readFrame(bytes.NewReader(body), 64)
		if err == nil && len(got) > 64 {
			t.Errorf("frame of %d bytes", len(got))
		}
	})
}

func FuzzSection(f *testing.F) {
	data := []byte("block 1")
	var out bytes.Buffer
	if err := writeSection(&out, testCID(1), data); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := readSection(bytes.NewReader(body), testCID(1))
		if err == nil && federation.CIDOf(got) != testCID(1) {
			t.Errorf("accepted %x", got)
		}
	})
}
