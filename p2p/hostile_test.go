package p2p

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-varint"
)

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
	all := func() []cid.Cid { defer func() { wants = nil }(); return wants }
	for _, err := range tr.Records(all) {
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
