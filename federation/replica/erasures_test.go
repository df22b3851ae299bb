package replica_test

import (
	"errors"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/erasure"
	"github.com/coursemesh/coursemesh/federation/replica"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
)

// erasing gives a node a register that trusts the given publishers.
func erasing(reg **erasure.Register, trusted *trust) option {
	return func(c *replica.Config, h *p2p.Config) {
		*reg = erasure.Open(c.DB, speaking(trusted, c.Self))
		c.Erasures, h.Erasures, c.Forget = *reg, *reg, 100*time.Millisecond
	}
}

// speaking lets whoever is trusted speak for every provider.
func speaking(trusted *trust, self federation.PublisherID) erasure.Authority {
	counts := func(p federation.PublisherID) bool { return trusted.Best(p) != federation.Unverified }
	return erasure.Authority{
		Counts:  func(p federation.PublisherID, _ string) bool { return counts(p) },
		Vouched: func(p federation.PublisherID) bool { return p == self || counts(p) },
	}
}

func (a *author) notice(records ...cid.Cid) []byte {
	a.t.Helper()
	b, err := federation.Erasure{Provider: "uni.example", Records: records, Issued: 1_700_000_000}.Seal(a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

// TestThreat38ErasureSpreads: blocks named by a notice go from every node's history, the current ones stay, a
// notice of somebody who does not count does nothing, and old copies do not come back.
func TestThreat38ErasureSpreads(t *testing.T) {
	t.Parallel()
	publisher, stranger := newAuthor(t), newAuthor(t)
	trusted := newTrust(publisher.id)
	regs := make([]*erasure.Register, 3)
	a := newNode(t, trusted, self(publisher.id), erasing(&regs[0], trusted))
	b := newNode(t, trusted, peers(a), erasing(&regs[1], trusted))
	c := newNode(t, trusted, peers(b), erasing(&regs[2], trusted))
	nodes := []*node{a, b, c}

	publisher.publish(a.db, courses(0, 3, "one"), nil)
	first := a.set(publisher.id)
	for _, n := range nodes {
		until(t, "the first versions", func() bool { return len(n.set(publisher.id)) == 3 })
	}
	second := publisher.publish(a.db, courses(0, 2, "two"), nil)
	for _, n := range nodes {
		n.waitFor(second)
	}
	old, kept, current := first[keyOf("00000")], first[keyOf("00001")], first[keyOf("00002")]

	if _, err := regs[0].Add(stranger.notice(kept)); !errors.Is(err, erasure.ErrNotCounting) {
		t.Errorf("a stranger's notice: %v", err)
	}
	if _, err := regs[0].Add(publisher.notice(old, current)); err != nil {
		t.Fatal(err)
	}
	for i, n := range nodes {
		until(t, "the notice", func() bool { _, list := regs[i].Erasures(); return len(list) == 1 })
		if erased, err := regs[i].CarryOut(t.Context()); err != nil || erased != 1 {
			t.Errorf("node %d erased %d, %v", i, erased, err)
		}
		if _, err := n.db.Get(old); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("node %d still has the erased version: %v", i, err)
		}
		for _, c := range []cid.Cid{kept, current} {
			if _, err := n.db.Get(c); err != nil {
				t.Errorf("node %d lost %s: %v", i, c, err)
			}
		}
	}
	resurrect(t, publisher, a, c, old)
}

// resurrect lets the publisher's own node list an erased record again, and sees it refused elsewhere.
func resurrect(t *testing.T, publisher *author, from, to *node, old cid.Cid) {
	t.Helper()
	envelope := publisher.record("00000", "one 0")
	if federation.CIDOf(envelope) != old {
		t.Fatal("the record is not made again byte for byte")
	}
	before, err := to.db.Head(publisher.id)
	if err != nil {
		t.Fatal(err)
	}
	publisher.publish(from.db, change{"00000": "one 0"}, nil)
	until(t, "a refusal", func() bool { return to.status(publisher.id).Reason != "" })
	if !to.holds(before) {
		t.Error("a head that lists an erased record was taken")
	}
	healed := publisher.publish(from.db, change{"00000": "three"}, nil)
	to.waitFor(healed)
}
