package p2p

import (
	"context"
	"slices"
	"strings"
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
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-varint"
)

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
