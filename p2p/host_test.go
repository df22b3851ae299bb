package p2p

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
	bsclient "github.com/ipfs/boxo/bitswap/client"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-datastore"
	dssync "github.com/ipfs/go-datastore/sync"
	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-varint"
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

// A configured peer is dialled, told about, and dialled again after the connection breaks.
func TestKeptPeers(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"tcp", "udp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			sa, sb := newShelf(), newShelf()
			a := newHost(t, sa, nil)
			i := slices.IndexFunc(a.Addrs(), func(s string) bool { return strings.Contains(s, "/"+transport+"/") })
			b := newHost(t, sb, func(c *Config) { c.Peers = []string{a.Addrs()[i]} })
			for range 2 {
				until(t, "connection", func() bool {
					sa.mu.Lock()
					defer sa.mu.Unlock()
					return sa.peers[b.ID()] && b.IsConnected(a.ID())
				})
				if err := b.Disconnect(a.ID()); err != nil {
					t.Fatal(err)
				}
				until(t, "disconnect", func() bool {
					sa.mu.Lock()
					defer sa.mu.Unlock()
					return !sa.peers[b.ID()] || b.IsConnected(a.ID())
				})
			}
			until(t, "the peer's details", func() bool {
				p := b.Peers()
				return len(p) == 1 && p[0].ID == a.ID() && p[0].Agent == "coursemesh/test" && p[0].Direction == "outbound" && p[0].Kept && !p[0].Connected.IsZero()
			})
		})
	}
}

func TestBans(t *testing.T) {
	t.Parallel()
	a := newHost(t, newShelf(), nil)
	b := newHost(t, newShelf(), nil)
	if err := b.Connect(t.Context(), a.Addrs()[0]); err != nil {
		t.Fatal(err)
	}
	a.Ban(b.ID(), "by the operator")
	until(t, "disconnect", func() bool { return !a.IsConnected(b.ID()) })
	if err := a.Connect(t.Context(), b.Addrs()[0]); err == nil {
		t.Error("dialled a banned peer")
	}
	a.Unban(b.ID())
	until(t, "the way back", func() bool { return a.IsConnected(b.ID()) })
}

func TestBanGrows(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	b := newBans(func() time.Time { return now })
	var got []time.Duration
	for range 7 {
		ban := b.add("p", "again", false)
		got = append(got, ban.Until.Sub(now))
		now = ban.Until
		if b.banned("p") {
			t.Fatal("banned after the time")
		}
	}
	h := time.Hour
	if diff := cmp.Diff([]time.Duration{h, 2 * h, 4 * h, 8 * h, 16 * h, 24 * h, 24 * h}, got); diff != "" {
		t.Error(diff)
	}
	for i := range maxBans + 10 {
		b.add(peer.ID(varint.ToUvarint(uint64(i))), "", false)
	}
	if len(b.list) > maxBans {
		t.Errorf("%d bans remembered", len(b.list))
	}
}

func TestBadConfiguration(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"no key":          {},
		"bad peer":        {Key: testKey(t), Peers: []string{"node.example:4001"}},
		"peer without id": {Key: testKey(t), Peers: []string{"/ip4/127.0.0.1/tcp/1"}},
		"bad listen":      {Key: testKey(t), Listen: []string{"127.0.0.1:4001"}},
	} {
		if h, err := New(t.Context(), cfg, newShelf()); err == nil {
			t.Errorf("%s was accepted", name)
			_ = h.Close()
		}
	}
}

// Tables of thousands of publishers that differ in few rows exchange those buckets only.
func TestCompareLargeTables(t *testing.T) {
	t.Parallel()
	mine, theirs := newShelf(), newShelf()
	for range 3000 {
		r := Row{Publisher: randomPublisher(t), Epoch: 1, Seq: 1}
		mine.rows, theirs.rows = append(mine.rows, r), append(theirs.rows, r)
	}
	key := testKey(t)
	p, err := federation.PublisherOf(key.GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	theirs.rows = append(theirs.rows, Row{Publisher: p, Epoch: 1, Seq: 1, Payload: [32]byte{1}})
	theirs.heads[p] = testHead(t, key, 0)
	a, b := newHost(t, mine, nil), newHost(t, theirs, nil)
	if err := a.Connect(t.Context(), b.Addrs()[0]); err != nil {
		t.Fatal(err)
	}
	table, _ := mine.Table()
	x, err := a.Compare(t.Context(), b.ID(), table)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if len(x.Buckets) != 1 || len(x.Rows) > 60 || !slices.ContainsFunc(x.Rows, func(r Row) bool { return r.Publisher == p }) {
		t.Errorf("%d buckets, %d rows", len(x.Buckets), len(x.Rows))
	}
	got := 0
	err = x.Fetch([]Want{{p, cid.Undef}, {mine.rows[0].Publisher, cid.Undef}}, func(w Want, r Received) error {
		if w.Publisher == p && r.Head.Publisher == p {
			got++
		}
		return nil
	})
	if err != nil || got != 1 {
		t.Errorf("%d heads, %v", got, err)
	}
	all, err := a.Compare(t.Context(), b.ID(), NewTable(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	if len(all.Rows) != 3001 {
		t.Errorf("%d rows of 3001", len(all.Rows))
	}
}

// What a peer asks must keep to the protocol; who does not is banned, and costs little.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		proto protocol.ID
		body  []byte
	}{
		"oversize frame":  {HeadsProtocol, varint.ToUvarint(1 << 40)},
		"padded length":   {HeadsProtocol, []byte{0x80, 0x00}},
		"garbage":         {HeadsProtocol, []byte{4, 1, 2, 3, 4}},
		"deep nesting":    {SyncProtocol, append(varint.ToUvarint(200), slices.Repeat([]byte{0x81}, 200)...)},
		"oversize sync":   {SyncProtocol, varint.ToUvarint(maxSyncRequest + 1)},
		"no such request": {HeadsProtocol, append([]byte{8}, "\xa1ebogus\xf6"...)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, newShelf(), nil)
			raw := rawHost(t)
			dial(t, raw, h)
			s, err := raw.NewStream(t.Context(), h.ID(), c.proto)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Write(c.body); err != nil {
				t.Fatal(err)
			}
			until(t, "ban", func() bool { return len(h.Bans()) == 1 && !h.IsConnected(raw.ID()) })
		})
	}
}

// A peer that opens streams without end is cut off from more, while others are served.
func TestStreamFlood(t *testing.T) {
	t.Parallel()
	h := newHost(t, newShelf(), nil)
	raw := rawHost(t)
	dial(t, raw, h)
	refused := 0
	for range 3 * budgetBurst {
		s, err := raw.NewStream(t.Context(), h.ID(), HeadsProtocol)
		if err != nil {
			refused++
			continue
		}
		if _, err := s.Write([]byte{1}); err != nil {
			refused++
		}
		_ = s.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		if _, err := s.Read(make([]byte, 1)); err != nil && !isTimeout(err) {
			refused++
		}
	}
	if refused < budgetBurst {
		t.Errorf("%d of %d streams refused", refused, 3*budgetBurst)
	}
	other := newHost(t, newShelf(), nil)
	if err := other.Connect(t.Context(), h.Addrs()[0]); err != nil {
		t.Fatal(err)
	}
	x, err := other.Compare(t.Context(), h.ID(), NewTable(nil))
	if err != nil {
		t.Fatal(err)
	}
	x.Close()
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// answer serves one protocol from a raw host with fixed bytes, after reading the request, and then more
// without end when endless is set.
func answer(raw host.Host, proto protocol.ID, body []byte, endless []byte) {
	raw.SetStreamHandler(proto, func(s network.Stream) {
		defer func() { _ = s.Reset() }()
		if _, err := s.Read(make([]byte, 1024)); err != nil {
			return
		}
		if _, err := s.Write(body); err != nil {
			return
		}
		for endless != nil {
			if _, err := s.Write(endless); err != nil {
				return
			}
		}
		_, _ = io.Copy(io.Discard, s)
	})
}

func frame(body []byte) []byte { return append(varint.ToUvarint(uint64(len(body))), body...) }

// Answers that break the protocol end at once, endless ones included.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	key := testKey(t)
	p, err := federation.PublisherOf(key.GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	head := testHead(t, key, 2)
	request := SyncRequest{Publisher: p, Head: federation.CIDOf(head)}
	begin := frame(syncAnswer{head: head, mode: modeFull, count: 2}.encode())
	page := func(key string) []byte { return frame(encodeEntryPage([]Entry{{Key: key, New: testCID(1)}}, true)) }
	lots := make([]byte, 1<<16)
	for name, c := range map[string]struct{ body, endless []byte }{
		"oversize answer":           {varint.ToUvarint(1 << 30), lots},
		"zeros":                     {nil, lots},
		"count beside the head":     {frame(syncAnswer{head: head, mode: modeFull, count: 3}.encode()), nil},
		"forged head":               {frame(syncAnswer{head: append(slices.Clone(head[:len(head)-1]), head[len(head)-1]^1), mode: modeFull, count: 2}.encode()), nil},
		"endless pages":             {begin, page("k")},
		"falling keys":              {slices.Concat(begin, page("b"), page("a")), nil},
		"more entries than counted": {slices.Concat(begin, page("a"), frame(encodeEntryPage([]Entry{{Key: "b", New: testCID(1)}, {Key: "c", New: testCID(2)}}, true))), nil},
		"other CAR":                 {slices.Concat(begin, page("a"), page("b"), carHeader(testCID(7))), nil},
		"endless section":           {slices.Concat(begin, page("a"), page("b"), carHeader(request.Head), varint.ToUvarint(1<<40)), lots},
		"section of zeros":          {slices.Concat(begin, page("a"), page("b"), carHeader(request.Head)), lots},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, newShelf(), nil)
			raw := rawHost(t)
			answer(raw, SyncProtocol, c.body, c.endless)
			dial(t, raw, h)
			start := time.Now()
			if err := drain(t.Context(), h, raw.ID(), request); !errors.Is(err, ErrProtocol) {
				t.Errorf("got %v, want ErrProtocol", err)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// drain runs a transfer to its end.
func drain(ctx context.Context, h *Host, from peer.ID, r SyncRequest) error {
	tr, err := h.Sync(ctx, from, r)
	if err != nil {
		return err
	}
	defer tr.Close()
	var wants []cid.Cid
	for e, err := range tr.Entries() {
		if err != nil {
			return err
		}
		wants = append(wants, e.New)
	}
	for _, err := range tr.Records(wants) {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestHostileTables(t *testing.T) {
	t.Parallel()
	p := randomPublisher(t)
	row := Row{Publisher: p, Epoch: 1, Seq: 1}
	differ := make([]byte, buckets*32)
	ours := NewTable(nil)
	copy(differ, ours.joined())
	differ[int(BucketOf(p))*32] ^= 1
	begin := frame(digests{buckets: differ}.encode())
	for name, c := range map[string]struct{ body, endless []byte }{
		"the same row for ever": {begin, frame(rowPage{rows: []Row{row}, more: true}.encode())},
		"rows not asked for":    {append(begin, frame(rowPage{rows: otherBucket(t, p)}.encode())...), nil},
		"oversize page":         {append(slices.Clone(begin), varint.ToUvarint(maxPage+1)...), nil},
		"zeros":                 {nil, make([]byte, 1<<16)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, newShelf(), nil)
			raw := rawHost(t)
			answer(raw, HeadsProtocol, c.body, c.endless)
			dial(t, raw, h)
			if _, err := h.Compare(t.Context(), raw.ID(), ours); !errors.Is(err, ErrProtocol) {
				t.Errorf("got %v, want ErrProtocol", err)
			}
			until(t, "ban", func() bool { return len(h.Bans()) == 1 })
		})
	}
}

// otherBucket is a row of another bucket than p's.
func otherBucket(t *testing.T, p federation.PublisherID) []Row {
	for {
		if q := randomPublisher(t); BucketOf(q) != BucketOf(p) {
			return []Row{{Publisher: q, Epoch: 1, Seq: 1}}
		}
	}
}

// Gossip reaches the backend when it judges it to be news, whole when small and as a bare head when not.
func TestGossip(t *testing.T) {
	t.Parallel()
	key := testKey(t)
	heard := newShelf()
	heard.verdict = News
	a, b := newHost(t, newShelf(), nil), newHost(t, heard, nil)
	if err := a.Connect(t.Context(), b.Addrs()[0]); err != nil {
		t.Fatal(err)
	}
	until(t, "subscription", func() bool { return len(a.gossip.topic.ListPeers()) == 1 })
	head := testHead(t, key, 1)
	big := Announcement{Envelope: head, Delta: &Delta{Records: [][]byte{make([]byte, maxGossip)}}}
	if _, err := big.Encode(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("encode: %v", err)
	}
	small := Announcement{Envelope: head, Delta: &Delta{Base: testCID(1), Withdrawn: []string{"course|a.example|x"}}}
	for _, send := range []Announcement{small, big} {
		if err := a.Announce(t.Context(), send); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "announcements", func() bool {
		heard.mu.Lock()
		defer heard.mu.Unlock()
		return len(heard.announced) == 2
	})
	slices.SortFunc(heard.announced, func(x, _ Announcement) int {
		if x.Delta == nil {
			return 1
		}
		return -1
	})
	if diff := cmp.Diff(small.Delta.Withdrawn, heard.announced[0].Delta.Withdrawn); diff != "" || heard.announced[1].Delta != nil {
		t.Errorf("deltas %+v, %+v", heard.announced[0].Delta, heard.announced[1].Delta)
	}
}

// Invalid gossip is not passed on and counts against the messenger; stale or unknown heads do not.
func TestGossipJudgement(t *testing.T) {
	t.Parallel()
	key, stranger := testKey(t), testKey(t)
	head := testHead(t, key, 1)
	forged := append(slices.Clone(head[:len(head)-1]), head[len(head)-1]^1)
	valid, err := Announcement{Envelope: head}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	encode := func(a Announcement) []byte {
		b, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	record, err := federation.Record{
		Kind: federation.KindCourse, Subject: "https://a.example/1", Provider: "a.example",
		Graph:  []byte("<https://a.example/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.europa.eu/snb/model/elm/LearningOpportunitySpecification> .\n"),
		Source: federation.Source{Domain: "a.example", ID: "s"}, Mapping: "elmrdf/1",
	}.Seal(stranger)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body    []byte
		verdict Verdict
		want    string
	}{
		"news":                             {valid, News, "accept"},
		"held":                             {valid, Forward, "accept"},
		"stale or unknown":                 {valid, Ignore, "ignore"},
		"forged head":                      {encode(Announcement{Envelope: forged}), News, "reject"},
		"not canonical":                    {append(slices.Clone(valid), 0), News, "reject"},
		"too large":                        {make([]byte, maxGossip+1), News, "reject"},
		"foreign record":                   {encode(Announcement{Envelope: head, Delta: &Delta{Records: [][]byte{record}}}), News, "reject"},
		"forged record, unknown publisher": {encode(Announcement{Envelope: head, Delta: &Delta{Records: [][]byte{{1}}}}), Ignore, "ignore"},
	} {
		s := newShelf()
		s.verdict = c.verdict
		if got := judged(newHost(t, s, nil), c.body); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// judged is what the validator makes of a message.
func judged(h *Host, body []byte) string {
	m := &pubsub.Message{Message: &pb.Message{Data: body}}
	switch h.validate(h.ctx, "messenger", m) {
	case pubsub.ValidationAccept:
		return "accept"
	case pubsub.ValidationReject:
		return "reject"
	}
	return "ignore"
}

// A client of other IPFS software gets single records by bitswap, and nothing that is not there.
func TestBitswapServesOthers(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.records[testCID(1)] = []byte("block 1")
	h := newHost(t, s, nil)
	raw := rawHost(t)
	net := bsnet.NewFromIpfsHost(raw)
	client := bsclient.New(t.Context(), net, nil, blockstore.NewBlockstore(dssync.MutexWrap(datastore.NewMapDatastore())))
	net.Start(client)
	t.Cleanup(func() {
		net.Stop()
		_ = client.Close()
	})
	dial(t, raw, h)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	b, err := client.GetBlock(ctx, testCID(1))
	if err != nil || string(b.RawData()) != "block 1" {
		t.Fatalf("got %v, %v", b, err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := client.GetBlock(ctx, testCID(2)); err == nil {
		t.Error("got a block that is not there")
	}
}
