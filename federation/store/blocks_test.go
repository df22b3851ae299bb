package store_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"pgregory.net/rapid"
)

func TestStageRefuses(t *testing.T) {
	t.Parallel()
	good := envelope("a", 1)
	large := make([]byte, federation.MaxRecord+1)
	hash, err := multihash.Sum(good.Data, multihash.SHA2_512, -1)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		block store.Block
		want  error
	}{
		{"other bytes", store.Block{CID: good.CID, Data: []byte("forged")}, store.ErrCorrupt},
		{"too large", store.Block{CID: federation.CIDOf(large), Data: large}, federation.ErrInvalid},
		{"tree node", store.Block{CID: cid.NewCidV1(cid.DagCBOR, good.CID.Hash()), Data: good.Data}, federation.ErrInvalid},
		{"version 0", store.Block{CID: cid.NewCidV0(good.CID.Hash()), Data: good.Data}, federation.ErrInvalid},
		{"other hash", store.Block{CID: cid.NewCidV1(cid.Raw, hash), Data: good.Data}, federation.ErrInvalid},
		{"no CID", store.Block{Data: good.Data}, federation.ErrInvalid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			if err := db.Stage(context.Background(), []store.Block{good, test.block}); !errors.Is(err, test.want) {
				t.Errorf("got %v", err)
			}
			if found, err := db.Has(good.CID); err != nil || found {
				t.Errorf("part of a refused batch was staged: %t, %v", found, err)
			}
		})
	}
}

func TestHeadsAreBlocks(t *testing.T) {
	t.Parallel()
	db := open(t)
	p := newPublisher(t)
	a := envelope("a", 1)
	first := publish(t, db, p, []store.Block{a}, put(courseKey(1), cid.Undef, a))
	second := publish(t, db, p, nil, store.Op{Key: courseKey(1), Old: a.CID})
	for _, head := range []store.Held{first, second} {
		data, err := db.Get(head.CID)
		if found, failed := db.Has(head.CID); err != nil || failed != nil || !found || !bytes.Equal(data, head.Envelope) {
			t.Errorf("head %d.%d: %v, %t, %v", head.Epoch, head.Seq, err, found, failed)
		}
	}
	nobody := federation.CIDOf([]byte("nobody signed this"))
	if _, err := db.Get(nobody); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a head that is not held: %v", err)
	}
	if found, err := db.Has(nobody); found || err != nil {
		t.Errorf("a head that is not held: %t, %v", found, err)
	}
}

func TestStagedBlocksComeBack(t *testing.T) {
	t.Parallel()
	db := open(t)
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.OneOf(
			rapid.SliceOf(rapid.Byte()),
			rapid.Map(rapid.StringMatching(`(<https://uni.example/[a-z]{1,4}> ){0,40}`), func(s string) []byte { return []byte(s) }),
		).Draw(t, "data")
		b := store.Block{CID: federation.CIDOf(data), Data: data}
		if err := db.Stage(context.Background(), []store.Block{b, b}); err != nil {
			t.Fatal(err)
		}
		got, err := db.Get(b.CID)
		if err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%q, %v", got, err)
		}
		if found, err := db.Has(b.CID); err != nil || !found {
			t.Fatalf("%t, %v", found, err)
		}
	})
}

func TestStageManyAndLarge(t *testing.T) {
	t.Parallel()
	db := open(t)
	var blocks []store.Block
	for i := range 2500 {
		blocks = append(blocks, envelope("many", i))
	}
	noise := make([]byte, federation.MaxRecord) // does not pack
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(noise)
	blocks = append(blocks, store.Block{CID: federation.CIDOf(noise), Data: noise})
	if err := db.Stage(context.Background(), blocks); err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		if got, err := db.Get(b.CID); err != nil || !bytes.Equal(got, b.Data) {
			t.Fatalf("%s: %v", b.CID, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := db.Stage(ctx, []store.Block{envelope("late", 1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestGetUnknown(t *testing.T) {
	t.Parallel()
	db := open(t)
	c := envelope("a", 1).CID
	for _, c := range []cid.Cid{c, cid.NewCidV1(cid.DagCBOR, c.Hash()), cid.NewCidV0(c.Hash()), cid.NewCidV1(cid.DagProtobuf, c.Hash()), cid.Undef} {
		if _, err := db.Get(c); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("get %s: %v", c, err)
		}
		if found, err := db.Has(c); err != nil || found {
			t.Errorf("has %s: %t, %v", c, found, err)
		}
	}
}

// TestCollect keeps what was staged a short while ago: someone is about to refer to it.
func TestCollect(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_750_000_000, 0)
	db := open(t, store.Clock(func() time.Time { return now }))
	p := newPublisher(t)
	used, old, again, young := envelope("used", 1), envelope("old", 1), envelope("again", 1), envelope("young", 1)
	publish(t, db, p, []store.Block{used, old, again}, put(courseKey(1), cid.Undef, used))
	now = now.Add(2 * time.Hour)
	if err := db.Stage(context.Background(), []store.Block{again, young}); err != nil {
		t.Fatal(err)
	}
	blocks, size, err := db.Collect(context.Background(), now.Add(-time.Hour).Unix())
	if err != nil || blocks != 1 || size <= 0 {
		t.Errorf("collected %d of %d bytes, %v", blocks, size, err)
	}
	for _, b := range []store.Block{used, again, young} {
		if _, err := db.Get(b.CID); err != nil {
			t.Errorf("%s: %v", b.Data, err)
		}
	}
	if _, err := db.Get(old.CID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("old block: %v", err)
	}
}
