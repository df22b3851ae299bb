package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
)

func TestChangesOfSeveralPublishers(t *testing.T) {
	t.Parallel()
	db := open(t)
	var want []store.Change
	for i := range 3 {
		p := newPublisher(t)
		a, b := envelope("a", i), envelope("b", i)
		ops := []store.Op{put(courseKey(1), cid.Undef, a), put(courseKey(2), cid.Undef, b)}
		held := publish(t, db, p, []store.Block{a, b}, ops...)
		for _, op := range ops {
			want = append(want, store.Change{Seq: uint64(len(want) + 1), Publisher: p.id, Head: held.CID, Op: op})
		}
	}
	for after := range want {
		for limit := range len(want) {
			got, err := db.Changes(uint64(after), limit+1)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want[after:min(len(want), after+limit+1)], got, byCID); diff != "" {
				t.Fatalf("after %d, %d: %s", after, limit+1, diff)
			}
		}
	}
	if got, err := db.Changes(uint64(len(want)), 5); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	db, p := open(t), newPublisher(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	type outcome struct {
		last uint64
		err  error
	}
	wait := func(ctx context.Context, after uint64) <-chan outcome {
		done := make(chan outcome, 1)
		go func() {
			last, err := db.Wait(ctx, after)
			done <- outcome{last, err}
		}()
		return done
	}
	first, second := wait(ctx, 0), wait(ctx, 1)
	publish(t, db, p, nil)
	if got := <-first; got.err != nil || got.last == 0 {
		t.Errorf("%+v", got)
	}
	publish(t, db, p, nil)
	if got := <-second; got.err != nil || got.last != 2 {
		t.Errorf("%+v", got)
	}
	if last, err := db.Wait(ctx, 1); err != nil || last != 2 {
		t.Errorf("%d, %v", last, err)
	}
	cancelled, closed := wait(ctx, 2), wait(context.Background(), 2)
	cancel()
	if got := <-cancelled; !errors.Is(got.err, context.Canceled) {
		t.Errorf("%+v", got)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-closed; !errors.Is(got.err, store.ErrClosed) {
		t.Errorf("%+v", got)
	}
}

// TestOldLogIsTrimmed by age: the last head's lines stay.
func TestOldLogIsTrimmed(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_750_000_000, 0)
	db := open(t, store.Clock(func() time.Time { return now }))
	p := newPublisher(t)
	var blocks []store.Block
	old := cid.Undef
	var heads []store.Held
	for i := range 3 {
		b := envelope("a", i)
		blocks = append(blocks, b)
		heads = append(heads, publish(t, db, p, []store.Block{b}, put(courseKey(1), old, b)))
		old = b.CID
		now = now.Add(200 * 24 * time.Hour)
	}
	if _, err := db.OpsSince(p.id, heads[0].CID); err != nil {
		t.Errorf("since the first head, trimmed itself: %v", err)
	}
	publish(t, db, p, nil)
	if _, err := db.OpsSince(p.id, heads[0].CID); !errors.Is(err, store.ErrTooOld) {
		t.Errorf("since the first head: %v", err)
	}
	if _, err := db.OpsSince(p.id, heads[1].CID); err != nil {
		t.Errorf("since the second head: %v", err)
	}
	if _, err := db.Changes(0, 9); !errors.Is(err, store.ErrTooOld) {
		t.Errorf("all changes: %v", err)
	}
	past, err := db.PastHeads(p.id)
	if err != nil || len(past) != 4 || past[3].CID != heads[0].CID {
		t.Errorf("%d heads, %v", len(past), err)
	}
	versions, err := db.History(p.id, courseKey(1))
	if diff := cmp.Diff([]cid.Cid{blocks[2].CID, blocks[1].CID}, versions, byCID); diff != "" || err != nil {
		t.Errorf("history: %v %s", err, diff)
	}
}

func TestHistoryHolds20Versions(t *testing.T) {
	t.Parallel()
	db, p := open(t), newPublisher(t)
	old := cid.Undef
	var want []cid.Cid
	for i := range 23 {
		b := envelope("a", i)
		publish(t, db, p, []store.Block{b}, put(courseKey(1), old, b))
		old = b.CID
		want = append([]cid.Cid{b.CID}, want...)
	}
	got, err := db.History(p.id, courseKey(1))
	if diff := cmp.Diff(want[:20], got, byCID); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if removed, _, err := db.Collect(context.Background(), time.Now().Unix()+10); err != nil || removed != 3 {
		t.Errorf("collected %d, %v", removed, err)
	}
}

func TestOpsSinceUnknownHead(t *testing.T) {
	t.Parallel()
	db, p := open(t), newPublisher(t)
	c := envelope("a", 1).CID
	if _, err := db.OpsSince(p.id, c); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no head held: %v", err)
	}
	publish(t, db, p, nil)
	if _, err := db.OpsSince(p.id, c); !errors.Is(err, store.ErrTooOld) {
		t.Errorf("unknown head: %v", err)
	}
	if _, err := db.HeadAt(p.id, c); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("head: %v", err)
	}
}

func TestHeadsSortedAndEpochs(t *testing.T) {
	t.Parallel()
	db := open(t)
	for range 5 {
		publish(t, db, newPublisher(t), nil)
	}
	p := newPublisher(t)
	publish(t, db, p, nil)
	publish(t, db, p, nil)
	next, err := db.Switch(context.Background(), p.id, nil, func(n store.Next) ([]byte, error) {
		h := p.head(n)
		h.Epoch, h.Seq = 2, 1
		return h.Seal(p.key)
	})
	if err != nil {
		t.Fatal(err)
	}
	heads, err := db.Heads()
	if err != nil || len(heads) != 6 {
		t.Fatalf("%d heads, %v", len(heads), err)
	}
	for i, h := range heads {
		if i > 0 && heads[i-1].Publisher >= h.Publisher {
			t.Error("not sorted")
		}
		if h.Publisher == p.id && h.CID != next.CID {
			t.Errorf("head is %d.%d", h.Epoch, h.Seq)
		}
	}
}

func TestProofs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, p := openAt(t, dir), newPublisher(t)
	held := publish(t, db, p, nil)
	proof := func(epoch uint64, name string) federation.Proof {
		t.Helper()
		envelopes := make([][]byte, 2)
		for i := range envelopes {
			h := held.Head
			h.Epoch, h.Prev, h.Node.Name = epoch, cid.Undef, fmt.Sprint(name, i)
			var err error
			if envelopes[i], err = h.Seal(p.key); err != nil {
				t.Fatal(err)
			}
		}
		made, err := federation.NewProof(envelopes[0], envelopes[1])
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	second := proof(2, "a")
	for i, step := range []struct {
		proof federation.Proof
		added bool
	}{{proof(1, "a"), true}, {proof(1, "b"), false}, {second, true}, {second, false}, {proof(1, "a"), false}} {
		added, err := db.AddProof(step.proof)
		if err != nil || added != step.added {
			t.Errorf("step %d: %t, %v", i, added, err)
		}
	}
	if _, err := db.AddProof(federation.Proof{Publisher: p.id, Epoch: 9, Seq: 1, A: held.Envelope, B: held.Envelope}); !errors.Is(err, federation.ErrInvalid) {
		t.Errorf("one head twice: %v", err)
	}
	changes, err := db.Changes(1, 10)
	want := []store.Change{{Seq: 2, Publisher: p.id, Head: held.CID}, {Seq: 3, Publisher: p.id, Head: held.CID}}
	if diff := cmp.Diff(want, changes, byCID); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, dir)
	proofs, err := db.Proofs()
	if diff := cmp.Diff([]federation.Proof{second}, proofs); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if epoch, err := db.Proven(p.id); err != nil || epoch != 2 {
		t.Errorf("proven %d, %v", epoch, err)
	}
	if epoch, err := db.Proven(newPublisher(t).id); err != nil || epoch != 0 {
		t.Errorf("proven of another %d, %v", epoch, err)
	}
}
