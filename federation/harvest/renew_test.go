package harvest_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// spoil changes the closed database, scrubs it and marks what the next harvest has to look at.
func (w *world) spoil(do func(*bolt.Tx) error) store.Report {
	w.t.Helper()
	db, err := bolt.Open(filepath.Join(w.dir, "coursemesh.db"), 0o600, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := errors.Join(db.Update(do), db.Close()); err != nil {
		w.t.Fatal(err)
	}
	scrubbed, err := store.OpenToScrub(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	report, err := scrubbed.Scrub(w.t.Context(), store.CheckOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	var keys []string
	for _, l := range report.Lost {
		keys = append(keys, l.Key)
	}
	if n, err := harvest.Renew(scrubbed, keys); err != nil || n != 1 {
		w.t.Fatalf("%d sources to be read anew, %v", n, err)
	}
	if err := scrubbed.Close(); err != nil {
		w.t.Fatal(err)
	}
	if w.db, err = store.Open(w.dir); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = w.db.Close() })
	w.reopen()
	return report
}

// TestThreat04OwnRecordsAreHarvestedAnew: a source that has not changed since is read again for what is lost here, be
// it one record or the whole set.
func TestThreat04OwnRecordsAreHarvestedAnew(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		spoil         func(self string, record cid.Cid) func(*bolt.Tx) error
		lost, changed int
		fresh         int
		epoch         uint64
	}{
		"one record": {func(_ string, record cid.Cid) func(*bolt.Tx) error {
			return func(tx *bolt.Tx) error {
				b, key := tx.Bucket([]byte("blocks")), record.Hash()[2:]
				value := bytes.Clone(b.Get(key))
				value[len(value)-1] ^= 1
				return b.Put(key, value)
			}
		}, 1, 1, 0, 1},
		"the set": {func(self string, _ cid.Cid) func(*bolt.Tx) error {
			return func(tx *bolt.Tx) error {
				b := tx.Bucket([]byte("publishers")).Bucket([]byte(self))
				for _, name := range []string{"keys", "nodes"} {
					c := b.Bucket([]byte(name)).Cursor()
					c.First()
					if err := c.Delete(); err != nil {
						return err
					}
				}
				return nil
			}
		}, 0, 0, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.announce("/a.ttl")
			w.serve("/a.ttl", document(course("urn:a", "A"), course("urn:b", "B")))
			w.harvest()
			record := cid.Undef
			for e, err := range w.db.Entries(w.self, "") {
				if record = e.CID; err != nil {
					t.Fatal(err)
				}
			}
			if err := w.db.Close(); err != nil {
				t.Fatal(err)
			}
			report := w.spoil(k.spoil(string(w.self), record))
			if report.LostCount != k.lost || report.Mended != report.Found {
				t.Fatalf("%+v", report)
			}
			if got := w.harvest(); got.Changed != k.changed || got.New != k.fresh || got.Rejected != 0 {
				t.Errorf("%+v", got)
			}
			if head, err := w.db.Head(w.self); err != nil || head.Epoch != k.epoch || head.Count != 2 {
				t.Errorf("%+v, %v", head.Head, err)
			}
			if after, err := w.db.Check(t.Context(), store.CheckOptions{}); err != nil || !after.Sound {
				t.Errorf("%+v, %v", after, err)
			}
		})
	}
}
