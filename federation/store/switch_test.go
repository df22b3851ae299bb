package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
)

var byCID = cmp.Comparer(func(a, b cid.Cid) bool { return a == b })

func TestSwitchShowsTheSet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openAt(t, dir)
	p := newPublisher(t)
	a, b := envelope("a", 1), envelope("b", 1)
	first := publish(t, db, p, []store.Block{a, b}, put(courseKey(1), cid.Undef, a), put(courseKey(2), cid.Undef, b))
	if first.Count != 2 || first.Bytes != uint64(len(a.Data)+len(b.Data)) {
		t.Errorf("head counts %d records, %d bytes", first.Count, first.Bytes)
	}
	a2 := envelope("a", 2)
	second := publish(t, db, p, []store.Block{a2},
		put(courseKey(1), a.CID, a2), store.Op{Key: courseKey(2), Old: b.CID})

	check := func(db *store.DB) {
		t.Helper()
		head, err := db.Head(p.id)
		if err != nil || head.CID != second.CID || head.Seq != 2 {
			t.Fatalf("head is %d.%d %s, %v", head.Epoch, head.Seq, head.CID, err)
		}
		want := []store.Entry{{Key: courseKey(1), CID: a2.CID, Domain: "uni.example", Bytes: len(a2.Data)}}
		if diff := cmp.Diff(want, entries(t, db, p), byCID); diff != "" {
			t.Error(diff)
		}
		if _, err := db.Entry(p.id, courseKey(2)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("deleted key: %v", err)
		}
		ops, err := db.OpsSince(p.id, first.CID)
		if err != nil {
			t.Fatal(err)
		}
		wantOps := []store.Op{
			{Key: courseKey(1), Old: a.CID, New: a2.CID, Domain: "uni.example", Bytes: len(a2.Data)},
			{Key: courseKey(2), Old: b.CID},
		}
		if diff := cmp.Diff(wantOps, ops, byCID); diff != "" {
			t.Error(diff)
		}
		for i, want := range [][]cid.Cid{{a2.CID, a.CID}, {b.CID}} {
			got, err := db.History(p.id, courseKey(i+1))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, byCID); diff != "" {
				t.Error(diff)
			}
		}
	}
	check(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	check(openAt(t, dir))
}

func entries(t testing.TB, db *store.DB, p publisher) []store.Entry {
	t.Helper()
	var all []store.Entry
	for e, err := range db.Entries(p.id, "") {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func TestSwitchRefuses(t *testing.T) {
	t.Parallel()
	db := open(t)
	p, other := newPublisher(t), newPublisher(t)
	a, b, d := envelope("a", 1), envelope("b", 1), envelope("d", 1)
	publish(t, db, p, []store.Block{a, b, d}, put(courseKey(1), cid.Undef, a))
	changed := func(change func(*federation.Head)) func(store.Next) ([]byte, error) {
		return func(next store.Next) ([]byte, error) {
			h := p.head(next)
			change(&h)
			return h.Seal(p.key)
		}
	}
	same := func(*federation.Head) {}
	fine := put(courseKey(2), cid.Undef, b)
	short := fine
	short.Bytes--
	ours := errors.New("no key")
	tests := []struct {
		name string
		ops  []store.Op
		seal func(store.Next) ([]byte, error)
		want error
	}{
		{"old value differs", []store.Op{put(courseKey(1), d.CID, b)}, changed(same), store.ErrConflict},
		{"key exists", []store.Op{put(courseKey(1), cid.Undef, b)}, changed(same), store.ErrConflict},
		{"nothing to delete", []store.Op{{Key: courseKey(2), Old: b.CID}}, changed(same), store.ErrConflict},
		{"block missing", []store.Op{put(courseKey(2), cid.Undef, envelope("c", 1))}, changed(same), store.ErrMissing},
		{"wrong length", []store.Op{short}, changed(same), federation.ErrInvalid},
		{"two operations", []store.Op{fine, {Key: courseKey(2), Old: b.CID}}, changed(same), federation.ErrInvalid},
		{"no key", []store.Op{put("course", cid.Undef, b)}, changed(same), federation.ErrInvalid},
		{"not a record", []store.Op{put(courseKey(2), cid.Undef, store.Block{CID: cid.NewCidV1(cid.DagCBOR, b.CID.Hash()), Data: b.Data})}, changed(same), federation.ErrInvalid},
		{"seal fails", []store.Op{fine}, func(store.Next) ([]byte, error) { return nil, ours }, ours},
		{"no envelope", []store.Op{fine}, func(store.Next) ([]byte, error) { return []byte("head"), nil }, federation.ErrInvalid},
		{"other publisher", []store.Op{fine}, other.seal, store.ErrMismatch},
		{"same number", []store.Op{fine}, changed(func(h *federation.Head) { h.Seq, h.Prev = 1, cid.Undef }), store.ErrStale},
		{"other root", []store.Op{fine}, changed(func(h *federation.Head) { h.Root = cid.NewCidV1(cid.DagCBOR, b.CID.Hash()) }), store.ErrMismatch},
		{"other count", []store.Op{fine}, changed(func(h *federation.Head) { h.Count++ }), store.ErrMismatch},
		{"other bytes", []store.Op{fine}, changed(func(h *federation.Head) { h.Bytes-- }), store.ErrMismatch},
	}
	before, last := entries(t, db, p), db.LastChange()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := db.Switch(context.Background(), p.id, test.ops, test.seal)
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if diff := cmp.Diff(before, entries(t, db, p), byCID); diff != "" {
				t.Error(diff)
			}
			if head, err := db.Head(p.id); err != nil || head.Seq != 1 || db.LastChange() != last {
				t.Errorf("head %d, %v; last change %d", head.Seq, err, db.LastChange())
			}
		})
	}
	publish(t, db, p, nil, fine) // it was fine all along
}

func TestSwitchWithoutOperations(t *testing.T) {
	t.Parallel()
	db := open(t)
	p := newPublisher(t)
	empty := publish(t, db, p, nil)
	again := publish(t, db, p, nil)
	if empty.Count != 0 || again.Root != empty.Root || again.Seq != 2 {
		t.Errorf("heads %+v, %+v", empty.Head, again.Head)
	}
	changes, err := db.Changes(0, 10)
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Change{{Seq: 1, Publisher: p.id, Head: empty.CID}, {Seq: 2, Publisher: p.id, Head: again.CID}}
	if diff := cmp.Diff(want, changes, byCID); diff != "" {
		t.Error(diff)
	}
	if ops, err := db.OpsSince(p.id, empty.CID); err != nil || len(ops) != 0 {
		t.Errorf("operations %v, %v", ops, err)
	}
}
