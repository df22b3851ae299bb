package harvest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// rotate gives the node a new publisher key.
func (w *world) rotate() {
	w.t.Helper()
	key, _, err := crypto.GenerateEd25519Key(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.key = key
	if w.self, err = federation.PublisherOf(key.GetPublic()); err != nil {
		w.t.Fatal(err)
	}
	w.reopen()
}

// TestThreat21NewKeyListsOnlyWhatItHarvested: a new publisher signs everything anew although no source changed, and
// its head names a domain only once that has been listed completely under the new key. Otherwise it would take an
// institution over with nothing.
func TestThreat21NewKeyListsOnlyWhatItHarvested(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A"), course("urn:b", "B")))
	w.harvest()
	if _, err := w.harvestOf("other.example", harvest.Options{}); err != nil {
		t.Fatal(err)
	}
	domains := func() []string {
		t.Helper()
		head, err := w.db.Head(w.self)
		if err != nil {
			t.Fatal(err)
		}
		return head.Domains
	}
	if got := domains(); !slices.Equal(got, []string{"other.example", home}) {
		t.Fatalf("the old key lists %v", got)
	}
	w.rotate()
	w.now = w.now.Add(time.Hour)
	expect(t, "with the new key", w.harvest(), 2, 2, 0, 0, 0)
	if got := domains(); !slices.Equal(got, []string{home}) {
		t.Errorf("the new key lists %v", got)
	}
	if _, err := w.harvestOf("other.example", harvest.Options{}); err != nil {
		t.Fatal(err)
	}
	if got := domains(); !slices.Equal(got, []string{"other.example", home}) {
		t.Errorf("in the end the new key lists %v", got)
	}
}
