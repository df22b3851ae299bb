package replica_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/replica"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
)

// liar serves what an honest replica has, altered by whatever functions are set.
type liar struct {
	p2p.Backend
	get     func(cid.Cid) ([]byte, error)
	listing func(p2p.Listing) p2p.Listing
	head    func(federation.PublisherID, cid.Cid) ([]byte, error)
	proof   func(federation.PublisherID) ([]byte, error)
	table   *p2p.Table
}

func (l liar) Table() (*p2p.Table, error) {
	if l.table == nil {
		return l.Backend.Table()
	}
	return l.table, nil
}

func (l liar) Get(c cid.Cid) ([]byte, error) {
	if l.get == nil {
		return l.Backend.Get(c)
	}
	return l.get(c)
}

func (l liar) Listing(ctx context.Context, r p2p.SyncRequest) (p2p.Listing, error) {
	out, err := l.Backend.Listing(ctx, r)
	if l.listing == nil || err != nil {
		return out, err
	}
	return l.listing(out), nil
}

func (l liar) Head(p federation.PublisherID, c cid.Cid) ([]byte, error) {
	if l.head == nil {
		return l.Backend.Head(p, c)
	}
	return l.head(p, c)
}

func (l liar) Proof(p federation.PublisherID) ([]byte, error) {
	if l.proof == nil {
		return l.Backend.Proof(p)
	}
	return l.proof(p)
}

func newLiar(t *testing.T, authority replica.Authority, lie func(p2p.Backend) liar, options ...option) *node {
	t.Helper()
	n := &node{t: t, dir: t.TempDir(), wrap: func(b p2p.Backend) p2p.Backend { return lie(b) }}
	n.start(authority, options...)
	return n
}

func (n *node) bans(id peer.ID) bool {
	return slices.ContainsFunc(n.host.Bans(), func(b p2p.Ban) bool { return b.ID == id })
}

// stored counts the blocks of a list that a node has.
func (n *node) stored(list []cid.Cid) int {
	n.t.Helper()
	count := 0
	for _, c := range list {
		has, err := n.db.Has(c)
		if err != nil {
			n.t.Fatal(err)
		}
		if has {
			count++
		}
	}
	return count
}

// A peer that serves forged records or lists is banned within 5 s and nothing of its making is stored; an
// honest peer then delivers the same head.
func TestThreat15And18LyingPeers(t *testing.T) {
	t.Parallel()
	who, stranger := newAuthor(t), newAuthor(t)
	forged := who.record("00003", "forged")
	forged[len(forged)-1] ^= 1 // of the signature
	foreign := stranger.record("00003", "of another publisher")
	other := who.record("99999", "under another key")
	poisoned := []cid.Cid{federation.CIDOf(forged), federation.CIDOf(foreign), federation.CIDOf(other)}

	// swap lists another record under the key of course 3, and serves it.
	swap := func(envelope []byte) func(p2p.Backend) liar {
		c := federation.CIDOf(envelope)
		return func(b p2p.Backend) liar {
			return liar{
				Backend: b,
				listing: func(l p2p.Listing) p2p.Listing { l.Entries[3].New = c; return l },
				get: func(x cid.Cid) ([]byte, error) {
					if x == c {
						return envelope, nil
					}
					return b.Get(x)
				},
			}
		}
	}
	list := func(alter func(p2p.Listing) p2p.Listing) func(p2p.Backend) liar {
		return func(b p2p.Backend) liar { return liar{Backend: b, listing: alter} }
	}
	for name, lie := range map[string]func(p2p.Backend) liar{
		"forged signature":      swap(forged),
		"another publisher":     swap(foreign),
		"another key":           swap(other),
		"valid but not in tree": swap(who.record("00003", "not in the tree")),
		"wrong bytes": func(b p2p.Backend) liar {
			return liar{Backend: b, get: func(c cid.Cid) ([]byte, error) {
				data, err := b.Get(c)
				return append(bytes.Clone(data), 0), err
			}}
		},
		"oversize record": func(b p2p.Backend) liar {
			return liar{Backend: b, get: func(cid.Cid) ([]byte, error) { return make([]byte, federation.MaxRecord+1), nil }}
		},
		"a key left out": list(func(l p2p.Listing) p2p.Listing { l.Entries = l.Entries[1:]; return l }),
		"a key twice": list(func(l p2p.Listing) p2p.Listing {
			l.Entries[1] = l.Entries[0]
			return l
		}),
		"unsorted":   list(func(l p2p.Listing) p2p.Listing { slices.Reverse(l.Entries); return l }),
		"operations": list(func(l p2p.Listing) p2p.Listing { l.Full = false; return l }),
		"stranger's head": list(func(l p2p.Listing) p2p.Listing {
			envelope, err := federation.Head{Epoch: 9, Seq: 9, Prev: l.Entries[0].New, Root: cid.NewCidV1(cid.DagCBOR, l.Entries[0].New.Hash())}.Seal(stranger.key)
			if err != nil {
				t.Error(err)
			}
			l.Envelope = envelope
			return l
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trusted := newTrust(who.id)
			bad := newLiar(t, trusted, lie, self(who.id))
			held := who.publish(bad.db, courses(0, 40, "course"), nil)
			victim := newNode(t, trusted)
			start := time.Now()
			if err := victim.host.Connect(t.Context(), bad.host.Addrs()[0]); err != nil {
				t.Fatal(err)
			}
			until(t, "ban", func() bool { return victim.bans(bad.host.ID()) })
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("banned after %v", took)
			}
			if n := victim.stored(poisoned); n > 0 || victim.holds(held) {
				t.Errorf("%d forged records stored, head held: %v", n, victim.holds(held))
			}
			until(t, "disconnect", func() bool { return !victim.host.IsConnected(bad.host.ID()) })
			good := newNode(t, trusted)
			copyHead(t, who, bad.db, good.db)
			if err := victim.host.Connect(t.Context(), good.host.Addrs()[0]); err != nil {
				t.Fatal(err)
			}
			victim.waitFor(held)
			sameSet(t, good, victim, who.id)
		})
	}
}

// copyHead brings the current set of a publisher into another database without the network.
func copyHead(t *testing.T, who *author, from, to *store.DB) {
	t.Helper()
	held, err := from.Head(who.id)
	if err != nil {
		t.Fatal(err)
	}
	var ops []store.Op
	var blocks []store.Block
	for e, err := range from.Entries(who.id, "") {
		if err != nil {
			t.Fatal(err)
		}
		data, err := from.Get(e.CID)
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, store.Block{CID: e.CID, Data: data})
		ops = append(ops, store.Op{Key: e.Key, New: e.CID, Domain: e.Domain, Bytes: e.Bytes})
	}
	if err := to.Stage(t.Context(), blocks); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Switch(t.Context(), who.id, ops, func(store.Next) ([]byte, error) { return held.Envelope, nil }); err != nil {
		t.Fatal(err)
	}
}

// A forged head or proof never gets past the transport.
func TestThreat15ForgedHeads(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	for name, lie := range map[string]func(p2p.Backend) liar{
		"head with a flipped bit": func(b p2p.Backend) liar {
			return liar{Backend: b, head: func(p federation.PublisherID, c cid.Cid) ([]byte, error) {
				envelope, err := b.Head(p, c)
				envelope = bytes.Clone(envelope)
				envelope[len(envelope)/2] ^= 1
				return envelope, err
			}}
		},
		"head with a field more": func(b p2p.Backend) liar {
			return liar{Backend: b, head: func(p federation.PublisherID, c cid.Cid) ([]byte, error) {
				envelope, err := b.Head(p, c)
				return append(bytes.Clone(envelope), 0x32, 0x00), err
			}}
		},
		"proof of nothing": func(b p2p.Backend) liar {
			return liar{Backend: b, proof: func(p federation.PublisherID) ([]byte, error) {
				envelope, err := b.Head(p, cid.Undef)
				return federation.Proof{Publisher: p, Epoch: 1, Seq: 1, A: envelope, B: envelope}.Encode(), err
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trusted := newTrust(who.id)
			bad := newLiar(t, trusted, lie, self(who.id))
			// More than gossip carries, before the victim connects: only tables can tell.
			held := who.publish(bad.db, courses(0, 100, "course"), nil)
			victim := newNode(t, trusted, peers(bad))
			until(t, "ban", func() bool { return victim.bans(bad.host.ID()) })
			if proven, err := victim.db.Proven(who.id); err != nil || proven != 0 || victim.holds(held) {
				t.Errorf("proven %d, held %v, %v", proven, victim.holds(held), err)
			}
		})
	}
}

// An old head offered again, also after a restart, changes nothing.
func TestThreat16Replay(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	trusted := newTrust(who.id)
	a := newNode(t, trusted, self(who.id))
	old := newNode(t, trusted, peers(a))
	first := who.publish(a.db, courses(0, 50, "course"), nil)
	old.waitFor(first)
	// The old node is cut off, and stays at the first head.
	old.stop()
	victim := newNode(t, trusted, peers(a))
	second := who.publish(a.db, courses(10, 20, "newer"), nil)
	victim.waitFor(second)
	victim.stop()
	a.stop()

	nobody := newTrust() // so that the old node does not catch up
	old.start(nobody)
	victim.start(trusted, peers(old))
	for range 3 {
		if err := old.host.Announce(t.Context(), p2p.Announcement{Envelope: first.Envelope}); err != nil {
			t.Fatal(err)
		}
		compared := time.Now()
		until(t, "a comparison with the old node", func() bool {
			return slices.ContainsFunc(victim.rep.Peers(), func(p replica.PeerStatus) bool { return p.Compared.After(compared) })
		})
		if !victim.holds(second) {
			t.Fatal("the held head went back")
		}
	}
}

// Two heads of one number: each half of a line of nodes holds another one. The proof spreads to all, the
// epoch counts nowhere, and the next epoch heals.
func TestThreat17Equivocation(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	trusted := newTrust(who.id)
	left := newNode(t, trusted)
	right := newNode(t, trusted)
	base := who.publish(left.db, courses(0, 10, "course"), nil)
	copyHead(t, who, left.db, right.db)
	one := who.publish(left.db, change{"x": "one"}, nil)
	two := who.publish(right.db, change{"x": "two"}, nil)
	if one.Prev != base.CID || two.Prev != base.CID || one.Compare(two.Head) != 0 {
		t.Fatal("not two heads of one number")
	}
	nodes := []*node{left, newNode(t, trusted, peers(left)), nil, nil, right}
	nodes[3] = newNode(t, trusted, peers(right))
	nodes[1].waitFor(one)
	nodes[3].waitFor(two)
	nodes[2] = newNode(t, trusted, peers(nodes[1], nodes[3]))

	start := time.Now()
	for i, n := range nodes {
		until(t, fmt.Sprintf("proof on node %d", i), func() bool {
			proven, err := n.db.Proven(who.id)
			return err == nil && proven == 1
		})
	}
	t.Logf("proof on all nodes after %v", time.Since(start))
	equalTables(t, nodes, p2p.Row{Publisher: who.id, Proven: 1})

	// A late joiner learns of the proof and takes neither head.
	late := newNode(t, trusted, peers(nodes[2]))
	until(t, "proof on the late joiner", func() bool {
		proven, err := late.db.Proven(who.id)
		return err == nil && proven == 1
	})
	if s := late.status(who.id); s.State != replica.Proven || s.Held != nil || s.Reason == "" {
		t.Errorf("of a publisher with a proof alone the late joiner says %+v", s)
	}
	healed := who.publish(left.db, change{"x": "three"}, func(h *federation.Head) { h.Epoch, h.Seq = 2, 1 })
	nodes = append(nodes, late)
	for _, n := range nodes {
		n.waitFor(healed)
		sameSet(t, left, n, who.id)
	}
	equalTables(t, nodes, p2p.Row{Publisher: who.id, Epoch: 2, Seq: 1, Payload: healed.Payload, Proven: 1})
}

func equalTables(t *testing.T, nodes []*node, want p2p.Row) {
	t.Helper()
	for i, n := range nodes {
		until(t, fmt.Sprintf("table of node %d says %+v", i, want), func() bool {
			table, err := n.rep.Table()
			if err != nil {
				t.Fatal(err)
			}
			row, _ := table.Row(want.Publisher)
			return row == want
		})
	}
}

// A second head of a number that is no longer the current one is found by its successor's prev.
func TestThreat17HiddenBranch(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	trusted := newTrust(who.id)
	left := newNode(t, trusted)
	right := newNode(t, trusted)
	who.publish(left.db, courses(0, 10, "course"), nil)
	copyHead(t, who, left.db, right.db)
	who.publish(left.db, change{"x": "one"}, nil)
	who.publish(right.db, change{"x": "two"}, nil)
	who.publish(right.db, change{"x": "three"}, nil) // left holds number 2, right number 3 on another number 2
	if err := left.host.Connect(t.Context(), right.host.Addrs()[0]); err != nil {
		t.Fatal(err)
	}
	for _, n := range []*node{left, right} {
		until(t, "proof", func() bool {
			proven, err := n.db.Proven(who.id)
			return err == nil && proven == 1
		})
	}
}

// A transfer that is cut goes on with what it staged, and from another peer.
func TestCutTransferResumes(t *testing.T) {
	t.Parallel()
	const all, cut = 3000, 1700
	who := newAuthor(t)
	trusted := newTrust(who.id)
	var served atomic.Int64
	weak := newLiar(t, trusted, func(b p2p.Backend) liar {
		return liar{Backend: b, get: func(c cid.Cid) ([]byte, error) {
			if served.Add(1) > cut {
				return nil, errors.New("disk failed")
			}
			return b.Get(c)
		}}
	}, self(who.id))
	held := who.publish(weak.db, courses(0, all, "course"), nil)
	victim := newNode(t, trusted, peers(weak))
	until(t, "a broken transfer", func() bool { return victim.rep.Counts().Failed > 0 })
	if victim.bans(weak.host.ID()) {
		t.Error("a failing peer was banned")
	}
	got := victim.rep.Counts().Records
	if victim.holds(held) || got == 0 {
		t.Fatalf("after the cut: %d records staged, head held: %v", got, victim.holds(held))
	}
	good := newNode(t, trusted)
	copyHead(t, who, weak.db, good.db)
	if err := victim.host.Connect(t.Context(), good.host.Addrs()[0]); err != nil {
		t.Fatal(err)
	}
	victim.waitFor(held)
	sameSet(t, good, victim, who.id)
	if n := victim.rep.Counts().Records; n != all {
		t.Errorf("%d records were fetched in all, want %d: nothing twice", n, all)
	}
}
