package replica_test

import (
	"errors"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/erasure"
	"github.com/coursemesh/coursemesh/federation/replica"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
)

// carry lets every node have the notices and carry them out.
func carry(t *testing.T, notices int, regs ...*erasure.Register) {
	t.Helper()
	for _, reg := range regs {
		until(t, "the notice", func() bool { _, list := reg.Erasures(); return len(list) == notices })
		if _, err := reg.CarryOut(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func (n *node) has(c cid.Cid) bool {
	n.t.Helper()
	_, err := n.db.Get(c)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		n.t.Fatal(err)
	}
	return err == nil
}

// TestThreat38StolenKey: a key was stolen and replaced, so its last head lists its records for ever. A notice of the
// new publisher acts all the same, also on nodes that come late or take in whom nobody speaks for; a replay
// of the old head and its records brings nothing back. When the old publisher counts again, every node holds the
// same head again.
func TestThreat38StolenKey(t *testing.T) {
	t.Parallel()
	old, fresh := newAuthor(t), newAuthor(t)
	trusted := newTrust(old.id)
	regs := make([]*erasure.Register, 5)
	a := newNode(t, trusted, self(fresh.id), erasing(&regs[0], trusted))
	b := newNode(t, trusted, peers(a), erasing(&regs[1], trusted))
	c := newNode(t, trusted, peers(b), erasing(&regs[2], trusted), openTo(10))
	old.publish(a.db, courses(0, 3, "old"), nil)
	head := old.publish(a.db, courses(0, 1, "older"), nil)
	nodes := []*node{a, b, c}
	for _, n := range nodes {
		n.waitFor(head)
	}
	stolen, kept := a.set(old.id)[keyOf("00001")], a.set(old.id)[keyOf("00002")]

	trusted.set(old.id, false)
	trusted.set(fresh.id, true)
	next := fresh.publish(a.db, courses(0, 3, "new"), nil)
	if _, err := regs[0].Add(fresh.notice(stolen)); err != nil {
		t.Fatal(err)
	}
	for _, n := range nodes {
		n.waitFor(next)
	}
	carry(t, 1, regs[:3]...)
	for i, n := range nodes {
		if n.has(stolen) || !n.has(kept) {
			t.Errorf("node %d: erased record held %v, the other one %v", i, n.has(stolen), n.has(kept))
		}
		if history, err := n.db.History(old.id, keyOf("00002")); err != nil || len(history) != 1 {
			t.Errorf("node %d: history %v, %v", i, history, err)
		}
	}

	// The thief's node has it all, and shows it to whoever will listen; d comes late.
	thief := newNode(t, newTrust(old.id), peers(a, b, c), self(old.id), erasing(&regs[3], newTrust(old.id)))
	old.publish(thief.db, courses(0, 3, "old"), nil)
	replayed := old.publish(thief.db, courses(0, 1, "older"), nil)
	if replayed.CID != head.CID {
		t.Fatal("the replay is not byte for byte the old head")
	}
	d := newNode(t, trusted, peers(a, thief), erasing(&regs[4], trusted), openTo(10))
	d.waitFor(next)
	nodes = append(nodes, d)
	carry(t, 1, regs[4])
	later := old.publish(thief.db, courses(1, 2, "old"), func(h *federation.Head) { h.Issued++ })
	for i, n := range nodes {
		until(t, "a refusal", func() bool { return n.status(old.id).Reason != "" })
		if n.has(stolen) || n.holds(head) || n.holds(later) {
			t.Errorf("node %d: the erased record is back", i)
		}
	}

	// The manifest is mended after all: what counts is held completely, on every node.
	trusted.set(old.id, true)
	for _, n := range nodes {
		n.waitFor(later)
		if !n.has(stolen) {
			t.Error("a head is listed without its records")
		}
	}
	carry(t, 1, append(regs[:3:3], regs[4])...)
	for _, n := range nodes {
		if !n.has(stolen) {
			t.Error("a notice acted against a head that counts")
		}
	}
}

// TestNoticeSilencesNobody: who counts beside others can ask to forget what they say, and it goes once they say it
// no longer; it keeps no newcomer from taking their head.
func TestNoticeSilencesNobody(t *testing.T) {
	t.Parallel()
	victim, hostile := newAuthor(t), newAuthor(t)
	trusted := newTrust(victim.id, hostile.id)
	regs := make([]*erasure.Register, 2)
	a := newNode(t, trusted, self(victim.id), erasing(&regs[0], trusted))
	victim.publish(a.db, courses(0, 3, "one"), nil)
	head := victim.publish(a.db, courses(0, 1, "two"), nil)
	current := a.set(victim.id)[keyOf("00001")]
	notice := hostile.notice(current)
	if _, err := regs[0].Add(notice); err != nil {
		t.Fatal(err)
	}
	late := newNode(t, trusted, erasing(&regs[1], trusted))
	if _, err := regs[1].Add(notice); err != nil { // before it knows anything else
		t.Fatal(err)
	}
	if err := late.host.Connect(t.Context(), a.host.Addrs()[0]); err != nil {
		t.Fatal(err)
	}
	late.waitFor(head)
	carry(t, 1, regs...)
	if !a.has(current) || !late.has(current) {
		t.Error("a notice acted on a record that is current")
	}
	next := victim.publish(a.db, change{"00001": ""}, nil)
	late.waitFor(next)
	carry(t, 1, regs...)
	if a.has(current) || late.has(current) {
		t.Error("the notice did not act when the record was withdrawn")
	}
}

// openTo takes in sets of publishers without authority, of so many records.
func openTo(records uint64) option {
	return func(c *replica.Config, _ *p2p.Config) {
		c.Unverified = replica.Quota{Records: records, Bytes: 1 << 20, Domains: 1}
	}
}
