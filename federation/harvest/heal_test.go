package harvest_test

import (
	"context"
	"errors"
	"strings"
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
	w.equivocate()
	w.waitEpoch(2)
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	head, err := w.db.Head(w.self)
	if err != nil || head.Count != 1 || head.Seq != 1 {
		t.Errorf("head %d/%d holds %d records, %v", head.Epoch, head.Seq, head.Count, err)
	}
}

// TestThreat17HealingsAreSpaced: two nodes with one key, both running, must not spend the three epochs of a day before
// anybody can stop one of them.
func TestThreat17HealingsAreSpaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A")))
	w.harvest()
	epoch := uint64(1)
	for _, pause := range []time.Duration{0, 10 * time.Minute, time.Hour, 24 * time.Hour} {
		w.equivocate()
		if pause > 0 {
			w.now = w.now.Add(pause / 2)
			_, err := w.h.Domain(t.Context(), home, harvest.Options{})
			if due := w.now.Add(pause / 2).UTC().Format(time.DateTime); !errors.Is(err, harvest.ErrTwice) || pause < 24*time.Hour && !strings.Contains(err.Error(), due) {
				t.Errorf("half of %v after the last healing: %v; it should name %s", pause, err, due)
			}
			w.now = w.now.Add(pause / 2)
		}
		w.harvest()
		epoch++
		if head, _ := w.db.Head(w.self); head.Epoch != epoch {
			t.Errorf("after %v the head has epoch %d, want %d", pause, head.Epoch, epoch)
		}
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
