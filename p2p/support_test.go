package p2p

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

// shelf is a backend in memory: one head per publisher, records, and what the host told it.
type shelf struct {
	mu        sync.Mutex
	rows      []Row
	heads     map[federation.PublisherID][]byte
	records   map[cid.Cid][]byte
	listing   Listing
	verdict   Verdict
	announced []Announcement
	peers     map[peer.ID]bool
}

func newShelf() *shelf {
	return &shelf{heads: map[federation.PublisherID][]byte{}, records: map[cid.Cid][]byte{}, peers: map[peer.ID]bool{}}
}

var errAbsent = errors.New("absent")

func (s *shelf) Get(c cid.Cid) ([]byte, error) {
	if data, ok := s.records[c]; ok {
		return data, nil
	}
	return nil, errAbsent
}

func (s *shelf) Table() (*Table, error) { return NewTable(s.rows), nil }

func (s *shelf) Head(p federation.PublisherID, _ cid.Cid) ([]byte, error) {
	if h, ok := s.heads[p]; ok {
		return h, nil
	}
	return nil, errAbsent
}

func (s *shelf) Proof(federation.PublisherID) ([]byte, error) { return nil, errAbsent }

func (s *shelf) Listing(_ context.Context, r SyncRequest) (Listing, error) {
	if s.listing.Envelope == nil || federation.CIDOf(s.listing.Envelope) != r.Head {
		return Listing{}, ErrNotHeld
	}
	return s.listing, nil
}

func (s *shelf) Judge(peer.ID, federation.Head, []byte) Verdict { return s.verdict }

func (s *shelf) Announced(_ peer.ID, a Announcement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.announced = append(s.announced, a)
}

func (s *shelf) Connected(p peer.ID)    { s.set(p, true) }
func (s *shelf) Disconnected(p peer.ID) { s.set(p, false) }

func (s *shelf) set(p peer.ID, connected bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers[p] = connected
}

func (s *shelf) Differs(peer.ID, [32]byte) {}

func newHost(t *testing.T, s *shelf, edit func(*Config)) *Host {
	t.Helper()
	cfg := Config{Key: testKey(t), Listen: []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"}, UserAgent: "coursemesh/test"}
	if edit != nil {
		edit(&cfg)
	}
	h, err := New(t.Context(), cfg, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// rawHost is a peer that speaks whatever a test writes.
func rawHost(t *testing.T) host.Host {
	t.Helper()
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableRelay(), libp2p.DisableMetrics())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func dial(t *testing.T, from host.Host, to *Host) {
	t.Helper()
	if err := from.Connect(t.Context(), peer.AddrInfo{ID: to.ID(), Addrs: to.libp2p.Addrs()}); err != nil {
		t.Fatal(err)
	}
}

func randomPublisher(t *testing.T) federation.PublisherID {
	t.Helper()
	p, err := federation.PublisherOf(testKey(t).GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

func testHead(t *testing.T, key crypto.PrivKey, count uint64) []byte {
	t.Helper()
	envelope, err := federation.Head{Epoch: 1, Seq: 1, Root: cid.NewCidV1(cid.DagCBOR, testCID(0).Hash()), Count: count, Issued: 1}.Seal(key)
	if err != nil {
		t.Fatal(err)
	}
	return envelope
}
