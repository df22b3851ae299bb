package federation_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
	libp2precord "github.com/libp2p/go-libp2p/core/record"
	"github.com/multiformats/go-multihash"
)

// keyOf makes the same key from the same name, always.
func keyOf(t testing.TB, name string) crypto.PrivKey {
	t.Helper()
	seed := sha256.Sum256([]byte("coursemesh test key: " + name))
	key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func publisherOf(t testing.TB, name string) federation.PublisherID {
	t.Helper()
	p, err := federation.PublisherOf(keyOf(t, name).GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// courseGraph is a course with one instance and a blank node, in canonical N-Quads.
const courseGraph = `<https://uni.example/course/1#i> <http://data.europa.eu/snb/model/elm/learningAchievementSpecification> <https://uni.example/course/1> .
<https://uni.example/course/1#i> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.europa.eu/snb/model/elm/LearningOpportunity> .
<https://uni.example/course/1> <http://data.europa.eu/snb/model/elm/creditPoint> _:c14n0 .
<https://uni.example/course/1> <http://purl.org/dc/terms/title> "Tide tables and their makers"@en .
<https://uni.example/course/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.quality-link.eu/ontology/v1#LearningOpportunitySpecification> .
_:c14n0 <http://data.europa.eu/snb/model/elm/point> "5"^^<http://www.w3.org/2001/XMLSchema#decimal> .
`

const courseSubject = "https://uni.example/course/1"

func rawCID(text string) cid.Cid { return federation.CIDOf([]byte(text)) }

func treeCID(text string) cid.Cid { return cidOf(cid.DagCBOR, multihash.SHA2_256, text) }

func cidOf(codec, hash uint64, text string) cid.Cid {
	sum, err := multihash.Sum([]byte(text), hash, -1)
	if err != nil {
		panic(err)
	}
	return cid.NewCidV1(codec, sum)
}

func sampleRecord() federation.Record {
	return federation.Record{
		Kind: federation.KindCourse, Subject: courseSubject, Provider: "uni.example", Graph: []byte(courseGraph),
		Source:  federation.Source{Domain: "alliance.example", ID: "courses"},
		Mapping: "elmrdf/1", Snapshot: rawCID("snapshot"), Licence: "https://creativecommons.org/licenses/by/4.0/",
		Credit: "University of Example", Issued: 1790000000, Prev: rawCID("previous record"),
	}
}

func sampleHead() federation.Head {
	return federation.Head{
		Epoch: 2, Seq: 70000, Prev: rawCID("previous head"), Root: treeCID("root"), Count: 300, Bytes: 70000000000,
		Domains: []string{"alliance.example", "deqarinst0815", "uni.example"}, Issued: 1790000000,
		Node: federation.NodeInfo{Name: "Node at the coast", Alliance: "alliance.example", URL: "https://mesh.uni.example/"},
	}
}

func sealHead(t testing.TB, h federation.Head, signer string) []byte {
	t.Helper()
	b, err := h.Seal(keyOf(t, signer))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sealRecord(t testing.TB, r federation.Record, signer string) []byte {
	t.Helper()
	b, err := r.Seal(keyOf(t, signer))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// statementOf lets libp2p itself sign and read our payloads.
type statementOf struct {
	domain, codec string
	payload       []byte
}

func (s *statementOf) Domain() string                 { return s.domain }
func (s *statementOf) Codec() []byte                  { return []byte(s.codec) }
func (s *statementOf) MarshalRecord() ([]byte, error) { return s.payload, nil }
func (s *statementOf) UnmarshalRecord(b []byte) error { s.payload = b; return nil }

const (
	recordDomain, recordType = "coursemesh-record", "/coursemesh/record/1"
	headDomain, headType     = "coursemesh-head", "/coursemesh/head/1"
)

// sealedByLibp2p is an envelope around any payload, made by another implementation.
func sealedByLibp2p(domain, codec string, payload []byte, key crypto.PrivKey) []byte {
	env, err := libp2precord.Seal(&statementOf{domain, codec, payload}, key)
	if err != nil {
		panic(err)
	}
	b, err := env.Marshal()
	if err != nil {
		panic(err)
	}
	return b
}

// payloadOf is what libp2p reads from an envelope of ours.
func payloadOf(t testing.TB, domain string, envelope []byte) []byte {
	t.Helper()
	s := &statementOf{domain: domain}
	if _, err := libp2precord.ConsumeTypedEnvelope(envelope, s); err != nil {
		t.Fatalf("libp2p refuses our envelope: %v", err)
	}
	return s.payload
}

// refused fails the test unless err is a refusal of foreign bytes.
func refused(t testing.TB, err error, what string, args ...any) {
	t.Helper()
	if !errors.Is(err, federation.ErrInvalid) {
		t.Errorf("%s: error is %v, not a refusal", fmt.Sprintf(what, args...), err)
	}
}

// memory keeps tree nodes.
type memory map[cid.Cid][]byte

func (m memory) Get(_ context.Context, c cid.Cid) ([]byte, error) {
	data, ok := m[c]
	if !ok {
		return nil, errors.New("no such node")
	}
	return data, nil
}

func (m memory) Put(_ context.Context, c cid.Cid, data []byte) error {
	m[c] = data
	return nil
}
