package replica_test

import (
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/replica"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
)

func sameSet(t *testing.T, want, got *node, id federation.PublisherID) {
	t.Helper()
	if diff := cmp.Diff(want.set(id), got.set(id), cmp.Comparer(func(a, b cid.Cid) bool { return a == b })); diff != "" {
		t.Errorf("sets differ (-want +got):\n%s", diff)
	}
	for key, c := range want.set(id) {
		if _, err := got.db.Get(c); err != nil {
			t.Errorf("record of %s: %v", key, err)
		}
	}
}

// Three nodes in a line, over TCP and over QUIC: the ends never meet, each publishes, all hold all.
func TestThreeNodesConverge(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]option{"TCP": tcp, "QUIC": quic} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, last := newAuthor(t), newAuthor(t)
			trusted := newTrust(first.id, last.id)
			a := newNode(t, trusted, transport, self(first.id))
			b := newNode(t, trusted, transport, peers(a))
			c := newNode(t, trusted, transport, peers(b), self(last.id))

			one := first.publish(a.db, courses(0, 1500, "first"), nil)
			two := last.publish(c.db, courses(0, 20, "last"), nil)
			for _, n := range []*node{a, b, c} {
				n.waitFor(one)
				n.waitFor(two)
			}
			sameSet(t, a, c, first.id)
			sameSet(t, c, a, last.id)

			// Changes, additions and withdrawals, more than gossip carries.
			edit := courses(100, 400, "changed")
			for name := range courses(500, 700, "") {
				edit[name] = ""
			}
			one = first.publish(a.db, edit, nil)
			c.waitFor(one)
			sameSet(t, a, c, first.id)
			if got := c.status(first.id); got.State != replica.InSync || got.Behind || got.Held.Records != 1300 {
				t.Errorf("status: %+v", got)
			}
		})
	}
}

// Small changes, withdrawals among them, travel inside the gossip message.
func TestGossipCarriesSmallChanges(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	trusted := newTrust(who.id)
	a := newNode(t, trusted, rarely, self(who.id))
	b := newNode(t, trusted, rarely, peers(a))
	h := who.publish(a.db, courses(0, 200, "start"), nil)
	b.waitFor(h)
	// A comparison of tables that happens to come first wins the race, so not every change need do it.
	for i := 0; b.rep.Counts().Gossiped < 4; i++ {
		if i == 40 {
			t.Fatalf("after %d small changes: %+v", i, b.rep.Counts())
		}
		b.waitFor(who.publish(a.db, change{"00001": strings.Repeat("x", i+1), "new": "n", "00100": ""}, nil))
		b.waitFor(who.publish(a.db, change{"new": "", "00100": "again"}, nil))
	}
	sameSet(t, a, b, who.id)
}

// A node that was not there when heads were gossiped gets them by comparing tables, from whoever has them.
func TestLateJoiner(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	trusted := newTrust(who.id)
	a := newNode(t, trusted, self(who.id))
	b := newNode(t, trusted, peers(a))
	held := who.publish(a.db, courses(0, 300, "start"), nil)
	for range 3 {
		held = who.publish(a.db, courses(50, 60, strings.Repeat("v", int(held.Seq))), nil)
	}
	b.waitFor(held)
	a.stop()
	c := newNode(t, trusted, peers(b))
	c.waitFor(held)
	sameSet(t, b, c, who.id)
}

// A node that was down catches up by operations, also over heads it never saw.
func TestRestartedNodeCatchesUp(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	trusted := newTrust(who.id)
	a := newNode(t, trusted, self(who.id))
	b := newNode(t, trusted, peers(a))
	b.waitFor(who.publish(a.db, courses(0, 100, "start"), nil))
	b.stop()
	who.publish(a.db, courses(90, 120, "more"), nil)
	held := who.publish(a.db, change{"00000": "", "00095": "other"}, nil)
	b.start(trusted, peers(a))
	b.waitFor(held)
	sameSet(t, a, b, who.id)
}

// Without authority nothing is taken; with it, what peers show already is.
func TestAuthorityDecides(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	b := newTrust()
	a := newNode(t, newTrust(who.id), self(who.id))
	n := newNode(t, b, peers(a))
	held := who.publish(a.db, courses(0, 10, "course"), nil)
	until(t, "refusal", func() bool { return n.status(who.id).State == replica.Refused })
	if n.holds(held) {
		t.Fatal("a publisher without authority was replicated")
	}
	b.set(who.id, true)
	n.waitFor(held)
	b.set(who.id, false)
	next := who.publish(a.db, change{"00001": "later"}, nil)
	until(t, "refusal", func() bool { return n.status(who.id).State == replica.Refused })
	if n.holds(next) {
		t.Error("a publisher that lost its authority was replicated")
	}
}

func TestQuota(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	trusted := newTrust(who.id)
	a := newNode(t, trusted, self(who.id))
	limits := replica.DefaultQuota()
	limits.Records = 50
	b := newNode(t, trusted, peers(a), quota(limits))
	held := who.publish(a.db, courses(0, 40, "course"), nil)
	b.waitFor(held)
	who.publish(a.db, courses(40, 60, "course"), nil)
	until(t, "refusal", func() bool { return strings.Contains(b.status(who.id).Reason, "over quota: 60 records") })
	if !b.holds(held) {
		t.Error("the held head was lost")
	}
	b.waitFor(who.publish(a.db, change{"00001": "", "00002": "", "00003": "", "00004": "", "00005": "", "00006": "", "00007": "", "00008": "", "00009": "", "00010": ""}, nil))
}
