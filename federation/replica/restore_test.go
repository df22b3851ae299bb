package replica_test

import (
	"bytes"
	"errors"
	"maps"
	"path/filepath"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	bolt "go.etcd.io/bbolt"
)

// spoil damages every third block of a node that stands still, takes the keys and tree of one publisher away, and
// scrubs.
func (n *node) spoil(letGo federation.PublisherID) store.Report {
	n.t.Helper()
	db, err := bolt.Open(filepath.Join(n.dir, "coursemesh.db"), 0o600, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		blocks, damaged, i := tx.Bucket([]byte("blocks")), map[string][]byte{}, 0
		_ = blocks.ForEach(func(key, value []byte) error {
			if i++; i%3 == 0 {
				value = bytes.Clone(value)
				value[len(value)/2] ^= 4
				damaged[string(key)] = value
			}
			return nil
		})
		for key, value := range damaged {
			if err := blocks.Put([]byte(key), value); err != nil {
				return err
			}
		}
		of := tx.Bucket([]byte("publishers")).Bucket([]byte(letGo))
		return errors.Join(of.DeleteBucket([]byte("keys")), of.DeleteBucket([]byte("nodes")))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		n.t.Fatal(err)
	}
	scrubbed, err := store.OpenToScrub(n.dir)
	if err != nil {
		n.t.Fatal(err)
	}
	report, err := scrubbed.Scrub(n.t.Context(), store.CheckOptions{})
	if err := errors.Join(err, scrubbed.Close()); err != nil {
		n.t.Fatal(err)
	}
	return report
}

// TestThreat04LostRecordsComeBack: what a scrub took out comes back from a peer as it was: records of a foreign set, of
// this node's own, and a set of which nothing whole was left.
func TestThreat04LostRecordsComeBack(t *testing.T) {
	t.Parallel()
	mine, theirs, third := newAuthor(t), newAuthor(t), newAuthor(t)
	trusted := newTrust(mine.id, theirs.id, third.id)
	a := newNode(t, trusted)
	b := newNode(t, trusted, self(mine.id), peers(a))
	heads := []store.Held{mine.publish(b.db, courses(0, 40, "Mine"), nil), theirs.publish(a.db, courses(0, 40, "Theirs"), nil), third.publish(a.db, courses(0, 20, "Third"), nil)}
	for _, h := range heads {
		a.waitFor(h)
		b.waitFor(h)
	}
	b.stop()
	report := b.spoil(third.id)
	if report.LostCount < 20 || report.Released != 1 || report.Mended != report.Found {
		t.Fatalf("%+v", report)
	}
	b.start(trusted, self(mine.id), peers(a))
	for _, h := range heads {
		b.waitFor(h)
		if !maps.Equal(a.set(h.Publisher), b.set(h.Publisher)) {
			t.Errorf("the set of %s is another one than before", h.Publisher)
		}
	}
	until(t, "nothing is lost any more", func() bool {
		lost, err := b.db.Lost()
		return err == nil && len(lost) == 0
	})
	after, err := b.db.Check(t.Context(), store.CheckOptions{})
	if err != nil || !after.Sound || after.Records != 100 {
		t.Errorf("%+v, %v", after, err)
	}
}
