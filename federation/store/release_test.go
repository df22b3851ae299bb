package store_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
)

// again switches to a head that was signed before, from nothing.
func again(t *testing.T, db *store.DB, p publisher, head store.Held, blocks ...store.Block) error {
	t.Helper()
	var ops []store.Op
	for i, b := range blocks {
		ops = append(ops, put(courseKey(i), cid.Undef, b))
	}
	_, err := db.Switch(t.Context(), p.id, ops, func(store.Next) ([]byte, error) { return head.Envelope, nil })
	return err
}

// A set that was let go has no head and no keys, leaves its versions as history, and comes back with its last head
// or a later one, never with an older one.
func TestRelease(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_790_000_000, 0)
	dir := t.TempDir()
	clock := store.Clock(func() time.Time { return now })
	db := openAt(t, dir, clock)
	p, other := newPublisher(t), newPublisher(t)
	first, second, third := envelope("a", 1), envelope("a", 2), envelope("b", 1)
	publish(t, db, other, []store.Block{third}, put(courseKey(0), cid.Undef, third))
	older := publish(t, db, p, []store.Block{first}, put(courseKey(0), cid.Undef, first))
	held := publish(t, db, p, []store.Block{second, third}, put(courseKey(0), first.CID, second), put(courseKey(1), cid.Undef, third))

	if err := db.Release(t.Context(), p.id); err != nil {
		t.Fatal(err)
	}
	for range 2 { // before and after a restart
		letGo(t, db, p, held, []cid.Cid{second.CID, first.CID})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		db = openAt(t, dir, clock)
	}
	if err := db.Release(t.Context(), p.id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("released twice: %v", err)
	}
	if gone, err := db.Erase(second.CID, p.id, courseKey(0)); err != nil || !gone {
		t.Errorf("a record of a released set is erased: %v, %v", gone, err)
	}
	if err := again(t, db, p, older, first); !errors.Is(err, store.ErrStale) {
		t.Errorf("an older head than the released one: %v", err)
	}
	if err := again(t, db, p, held, second, third); !errors.Is(err, store.ErrMissing) {
		t.Errorf("the released head without an erased record: %v", err)
	}
	if err := db.Stage(t.Context(), []store.Block{second}); err != nil {
		t.Fatal(err)
	}
	if err := again(t, db, p, held, second, third); err != nil {
		t.Fatalf("the released head comes back: %v", err)
	}
	if now, err := db.Head(p.id); err != nil || now.CID != held.CID {
		t.Errorf("head is %v, %v", now.CID, err)
	}
	back(t, db, p, older, held, first, second, third)
}

func letGo(t *testing.T, db *store.DB, p publisher, held store.Held, versions []cid.Cid) {
	t.Helper()
	if _, err := db.Head(p.id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("head of a released set: %v", err)
	}
	if heads, err := db.Heads(); err != nil || len(heads) != 1 {
		t.Errorf("%d heads, want the other publisher's alone: %v", len(heads), err)
	}
	if last, complete, err := db.Last(p.id); err != nil || complete || last.CID != held.CID {
		t.Errorf("last head %v, held %v, %v", last.CID, complete, err)
	}
	for entry := range db.Entries(p.id, "") {
		t.Errorf("a released set has %v", entry)
	}
	if rows, err := db.Rows(p.id); err != nil || rows.Nodes != 0 {
		t.Errorf("rows %+v, %v", rows, err)
	}
	if _, _, err := db.Collect(t.Context(), 1_790_000_001); err != nil {
		t.Fatal(err)
	}
	got, err := db.History(p.id, courseKey(0))
	if diff := cmp.Diff(versions, got, cmp.Comparer(cid.Cid.Equals)); diff != "" || err != nil {
		t.Errorf("history (-want +got):\n%s%v", diff, err)
	}
	past, err := db.PastVersions(p.id)
	if err != nil || len(past) != 3 {
		t.Errorf("past versions %v, %v", past, err)
	}
	for _, c := range past {
		if _, err := db.Get(c); err != nil {
			t.Errorf("version %s: %v", c, err)
		}
	}
}

// back looks at a set that came back, and lets it go on.
func back(t *testing.T, db *store.DB, p publisher, older, held store.Held, first, second, third store.Block) {
	t.Helper()
	ops, err := db.OpsSince(p.id, older.CID)
	want := []store.Op{put(courseKey(0), first.CID, second), put(courseKey(1), cid.Undef, third)}
	if diff := cmp.Diff(want, ops, cmp.Comparer(cid.Cid.Equals)); diff != "" || err != nil {
		t.Errorf("operations since the older head (-want +got):\n%s%v", diff, err)
	}
	if ops, err := db.OpsSince(p.id, held.CID); err != nil || len(ops) > 0 {
		t.Errorf("operations since the head itself: %v, %v", ops, err)
	}
	past, err := db.PastHeads(p.id)
	got := make([]cid.Cid, len(past))
	for i, h := range past {
		got[i] = h.CID
	}
	if err != nil || !slices.Equal(got, []cid.Cid{held.CID, older.CID}) {
		t.Errorf("past heads %v, %v", got, err)
	}
	for range 3 { // released and held again, as often as it comes
		if err := db.Release(t.Context(), p.id); err != nil {
			t.Fatal(err)
		}
		if err := again(t, db, p, held, second, third); err != nil {
			t.Fatal(err)
		}
	}
	next := publish(t, db, p, nil, store.Op{Key: courseKey(1), Old: third.CID})
	if next.Seq != held.Seq+1 || next.Count != 1 {
		t.Errorf("the next head is %+v", next.Head)
	}
	if err := again(t, db, p, held, second, third); err == nil {
		t.Error("a replaced head was taken again")
	}
}

// Near finds records and current heads, and nothing for which it would have to look at every publisher.
func TestNear(t *testing.T) {
	t.Parallel()
	db := openAt(t, t.TempDir())
	p := newPublisher(t)
	first, second := envelope("a", 1), envelope("a", 2)
	older := publish(t, db, p, []store.Block{first}, put(courseKey(0), cid.Undef, first))
	held := publish(t, db, p, []store.Block{second}, put(courseKey(0), first.CID, second))
	for c, want := range map[cid.Cid][]byte{held.CID: held.Envelope, second.CID: second.Data} {
		if got, err := db.Near(c); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", c, len(got), err)
		}
	}
	if _, err := db.Near(older.CID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a past head: %v", err)
	}
	if err := db.Release(t.Context(), p.id); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Near(held.CID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the head of a set that was let go: %v", err)
	}
}
