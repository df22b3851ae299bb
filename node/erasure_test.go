package node_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/node/keys"
)

// holds reports whether the node gives out the bytes of a record.
func (r *running) holds(record string) bool {
	r.t.Helper()
	resp, err := http.Get(r.ready.HTTP + "/ipfs/" + record + "?format=raw")
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (r *running) until(what string, cond func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !cond(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("not within 30 s: %s", what)
		}
	}
}

// rotate replaces the publisher key of a node that stands still.
func (r *running) rotate() (fresh federation.PublisherID, kept string) {
	r.t.Helper()
	ring, err := keys.Open(r.cfg.DataDir)
	if err != nil {
		r.t.Fatal(err)
	}
	rotated, err := ring.RotatePublisher()
	if err != nil {
		r.t.Fatal(err)
	}
	return federation.PublisherID(rotated.New), rotated.Kept
}

// TestThreat38RecordsOfAStolenKey: an institution replaces its stolen key and lets everybody forget what was signed
// with it. The records go from nodes that were there, one that kept a copy of the whole database brings none
// back, and a node that follows another for the first time gets none. Another node's purge removes the rest.
func TestThreat38RecordsOfAStolenKey(t *testing.T) {
	t.Parallel()
	c, uni := &clock{now: time.Unix(1_790_000_000, 0)}, newInstitution(t)
	a := newRunning(t, c, uni)
	old := a.ready.Publisher
	uni.says(old)
	c.pass(hour)
	a.harvest()
	b := newRunning(t, c, uni, a)
	var records []string
	for _, iri := range iris {
		records = append(records, b.waitFor(iri, old, "First").Record)
	}
	a.stop()
	thief := newRunning(t, c, uni)
	thief.stop()
	copied(t, a, thief, "coursemesh.db", "keys/publisher.pem")
	fresh, _ := a.rotate()
	uni.says(fresh)
	c.pass(hour)
	a.cfg.P2P.Peers = b.ready.P2P
	a.start()
	a.harvest()
	b.harvestEvidence()
	b.waitFor(iris[1], fresh, "First")

	if out := a.admin("/v1/admin/erase", api.EraseRequest{Provider: "uni.example", Subject: iris[0]}); !strings.Contains(out, `"erased":1`) {
		t.Fatal(out)
	}
	c.pass(10 * time.Minute) // notices are asked for now and then
	b.until("the record is gone on the other node", func() bool { return !b.holds(records[0]) })
	if a.holds(records[0]) || !a.holds(records[1]) || !b.holds(records[1]) {
		t.Error("something else was erased than what was asked")
	}
	thief.cfg.P2P.Peers = append(a.ready.P2P, b.ready.P2P...)
	thief.start()
	late := newRunning(t, c, uni, thief, b)
	late.harvestEvidence()
	late.waitFor(iris[1], fresh, "First")
	uni.retitle("Second")
	c.pass(hour)
	a.harvest()
	for _, r := range []*running{a, b, late} {
		r.waitFor(iris[0], fresh, "Second")
		if r.holds(records[0]) {
			t.Errorf("the erased record is back on %s", r.ready.Peer)
		}
	}
	if out := b.admin("/v1/admin/purge", api.PurgeRequest{Publishers: []string{string(old)}}); !strings.Contains(out, `"blocks":1`) || b.holds(records[1]) {
		t.Errorf("what is left of the old publisher: %s", out)
	}
	b.waitFor(iris[1], fresh, "Second")
}

func (r *running) harvestEvidence() {
	r.admin("/v1/admin/evidence", api.EvidenceRequest{Domain: "uni.example"})
}

// copied takes files of one node's data directory over to another's.
func copied(t *testing.T, from, to *running, names ...string) {
	t.Helper()
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from.cfg.DataDir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to.cfg.DataDir, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
