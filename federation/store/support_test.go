package store_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// publisher signs heads like a node does.
type publisher struct {
	id  federation.PublisherID
	key crypto.PrivKey
}

func newPublisher(t testing.TB) publisher {
	t.Helper()
	key, pub, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id, err := federation.PublisherOf(pub)
	if err != nil {
		t.Fatal(err)
	}
	return publisher{id, key}
}

// seal makes the head that follows the held one.
func (p publisher) seal(next store.Next) ([]byte, error) { return p.head(next).Seal(p.key) }

func (p publisher) head(next store.Next) federation.Head {
	return federation.Head{
		Epoch: max(1, next.Prev.Epoch), Seq: next.Prev.Seq + 1, Prev: next.Prev.CID,
		Root: next.Root, Count: next.Count, Bytes: next.Bytes,
		Domains: []string{"uni.example"}, Issued: 1_750_000_000,
	}
}

func open(t testing.TB, options ...store.Option) *store.DB {
	t.Helper()
	return openAt(t, t.TempDir(), options...)
}

func openAt(t testing.TB, dir string, options ...store.Option) *store.DB {
	t.Helper()
	db, err := store.Open(dir, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// envelope stands for one of a record: the store takes any bytes under their CID.
func envelope(key string, version int) store.Block {
	data := fmt.Appendf(nil, "version %d of %s", version, key)
	for range version % 7 {
		data = append(data, " and some more that repeats itself"...)
	}
	return store.Block{CID: federation.CIDOf(data), Data: data}
}

func courseKey(i int) string {
	return fmt.Sprintf("course|uni.example|https://uni.example/courses/%d", i)
}

func put(key string, old cid.Cid, b store.Block) store.Op {
	return store.Op{Key: key, Old: old, New: b.CID, Domain: "uni.example", Bytes: len(b.Data)}
}

// publish stages blocks and switches.
func publish(t testing.TB, db *store.DB, p publisher, blocks []store.Block, ops ...store.Op) store.Held {
	t.Helper()
	if err := db.Stage(context.Background(), blocks); err != nil {
		t.Fatal(err)
	}
	held, err := db.Switch(context.Background(), p.id, ops, p.seal)
	if err != nil {
		t.Fatal(err)
	}
	return held
}
