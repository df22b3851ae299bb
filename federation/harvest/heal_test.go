package harvest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

// equivocate makes another head with the number of the held one, as a second node with this key would.
func (w *world) equivocate() {
	w.t.Helper()
	held, err := w.db.Head(w.self)
	if err != nil {
		w.t.Fatal(err)
	}
	other := held.Head
	other.Issued++
	envelope, err := other.Seal(w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	proof, err := federation.NewProof(held.Envelope, envelope)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.db.AddProof(proof); err != nil {
		w.t.Fatal(err)
	}
}

func TestThreat17OwnEquivocationHeals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A")))
	w.harvest()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.h.Run(ctx) }()
	for epoch := uint64(2); epoch <= 4; epoch++ {
		w.equivocate()
		w.waitEpoch(epoch)
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	head, err := w.db.Head(w.self)
	if err != nil || head.Count != 1 || head.Seq != 1 {
		t.Errorf("head %d/%d holds %d records, %v", head.Epoch, head.Seq, head.Count, err)
	}

	w.equivocate()
	if _, err := w.h.Domain(t.Context(), home, harvest.Options{}); !errors.Is(err, harvest.ErrTwice) {
		t.Errorf("a fourth epoch on one day: %v", err)
	}
	w.now = w.now.Add(25 * time.Hour)
	w.harvest()
	if head, _ := w.db.Head(w.self); head.Epoch != 5 {
		t.Errorf("the next day's head has epoch %d", head.Epoch)
	}
}

func (w *world) waitEpoch(epoch uint64) {
	w.t.Helper()
	for range 500 {
		if head, err := w.db.Head(w.self); err == nil && head.Epoch == epoch {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatalf("no head of epoch %d", epoch)
}
