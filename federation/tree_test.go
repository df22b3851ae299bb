package federation_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
)

// plainRoot computes the root of a set from the text of docs/protocol.md alone, without a HAMT library
// and without any history: what shares five more bits of the hash of its keys shares a node.
func plainRoot(set map[string]cid.Cid) cid.Cid {
	return nodeCID(plainNode(slices.Sorted(maps.Keys(set)), set, 0))
}

func nodeCID(node []byte) cid.Cid {
	sum := sha256.Sum256(node)
	return cid.NewCidV1(cid.DagCBOR, append(multihash.Multihash{0x12, 0x20}, sum[:]...))
}

func plainNode(sortedKeys []string, set map[string]cid.Cid, depth int) []byte {
	var groups [32][]string
	for _, k := range sortedKeys {
		i := fiveBits(sha256.Sum256([]byte(k)), depth)
		groups[i] = append(groups[i], k)
	}
	field, n, pointers := new(big.Int), 0, []byte(nil)
	for i, group := range groups {
		if len(group) == 0 {
			continue
		}
		n++
		field.SetBit(field, i, 1)
		if len(group) > 3 {
			pointers = append(pointers, plainLink(nodeCID(plainNode(group, set, depth+1)))...)
			continue
		}
		pointers = append(pointers, 0x80|byte(len(group)))
		for _, k := range group {
			pointers = append(append(pointers, 0x82), plainHead(0x40, len(k))...)
			pointers = append(append(pointers, k...), plainLink(set[k])...)
		}
	}
	node := append([]byte{0x82}, plainHead(0x40, len(field.Bytes()))...)
	node = append(append(node, field.Bytes()...), plainHead(0x80, n)...)
	return append(node, pointers...)
}

// fiveBits are bits 5*depth to 5*depth+4 of a hash, the first bit the highest.
func fiveBits(hash [32]byte, depth int) int {
	shifted := new(big.Int).Rsh(new(big.Int).SetBytes(hash[:]), uint(256-5*(depth+1)))
	return int(shifted.Uint64() & 31)
}

func plainHead(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major | byte(n)}
	case n < 256:
		return []byte{major | 24, byte(n)}
	}
	return []byte{major | 25, byte(n >> 8), byte(n)}
}

func plainLink(c cid.Cid) []byte { return append([]byte{0xd8, 0x2a, 0x58, 0x25, 0}, c.Bytes()...) }

func TestEmptyTree(t *testing.T) {
	t.Parallel()
	root, err := federation.RootOf(t.Context(), maps.All(map[string]cid.Cid{}))
	if err != nil || root != nodeCID([]byte{0x82, 0x40, 0x80}) {
		t.Errorf("root of nothing is %s, %v", root, err)
	}
}

// crowd are keys of which many share the first bits of their hashes, so that nodes split and collapse.
func crowd(n int) []string {
	var near, far []string
	for i := 0; len(near) < n/2 || len(far) < n-n/2; i++ {
		key := fmt.Sprintf("course|uni%d.example|https://uni.example/course/%d", i%7, i)
		if h := sha256.Sum256([]byte(key)); h[0] == 0x5a && h[1]>>6 == 1 {
			near = append(near, key)
		} else if len(far) < n-n/2 {
			far = append(far, key)
		}
	}
	return append(near[:n/2], far...)
}

// history applies random operations to a tree, now and then flushing and loading it again.
func history(t *testing.T, rng *rand.Rand, keys []string, steps int) (cid.Cid, map[string]cid.Cid, memory) {
	t.Helper()
	ctx, blocks, set := t.Context(), memory{}, map[string]cid.Cid{}
	tree, err := federation.EmptyTree(blocks)
	for i := 0; i < steps && err == nil; i++ {
		key := keys[rng.IntN(len(keys))]
		switch rng.IntN(20) {
		case 0:
			var root cid.Cid
			if root, err = tree.Flush(ctx); err == nil {
				tree, err = federation.LoadTree(ctx, blocks, root)
			}
		case 1, 2, 3, 4, 5, 6, 7, 8:
			var deleted bool
			deleted, err = tree.Delete(ctx, key)
			if _, there := set[key]; there != deleted {
				t.Fatalf("Delete of %s reports %v", key, deleted)
			}
			delete(set, key)
		default:
			set[key] = rawCID(fmt.Sprint(rng.IntN(3)))
			err = tree.Set(ctx, key, set[key])
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	checkGet(t, tree, keys, set)
	root, err := tree.Flush(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return root, set, blocks
}

func checkGet(t *testing.T, tree *federation.Tree, keys []string, set map[string]cid.Cid) {
	t.Helper()
	for _, key := range keys {
		c, found, err := tree.Get(t.Context(), key)
		if want, there := set[key]; err != nil || found != there || c != want {
			t.Fatalf("Get %s: %s %v %v, want %s", key, c, found, err, want)
		}
	}
}

func TestRootsDependOnTheSetAlone(t *testing.T) {
	t.Parallel()
	keys := crowd(120)
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		root, set, _ := history(t, rng, keys[rng.IntN(60):60+rng.IntN(60)+1], 1+rng.IntN(400))
		if plain := plainRoot(set); root != plain {
			t.Fatalf("history %d: root %s, from the plain definition %s", seed, root, plain)
		}
		direct, err := federation.RootOf(t.Context(), shuffled(rng, set))
		if err != nil || direct != root {
			t.Fatalf("history %d: root %s, of the whole set %s %v", seed, root, direct, err)
		}
	}
}

func shuffled(rng *rand.Rand, set map[string]cid.Cid) iter.Seq2[string, cid.Cid] {
	keys := slices.Sorted(maps.Keys(set))
	rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return func(yield func(string, cid.Cid) bool) {
		for _, k := range keys {
			if !yield(k, set[k]) {
				return
			}
		}
	}
}

func TestTreeNodesAreAllThatATreeNeeds(t *testing.T) {
	t.Parallel()
	keys := crowd(120)
	root, set, blocks := history(t, rand.New(rand.NewPCG(7, 7)), keys, 2000)
	kept := memory{}
	err := federation.TreeNodes(t.Context(), blocks, root, func(c cid.Cid) error {
		if sum := sha256.Sum256(blocks[c]); !bytes.Equal(c.Hash()[2:], sum[:]) {
			t.Errorf("node %s holds other bytes", c)
		}
		kept[c] = blocks[c]
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(kept) < 3 || len(kept) >= len(blocks) {
		t.Errorf("%d of %d nodes are live", len(kept), len(blocks))
	}
	tree, err := federation.LoadTree(t.Context(), kept, root)
	if err != nil {
		t.Fatal(err)
	}
	checkGet(t, tree, keys, set)
	stop := errors.New("stop")
	if err := federation.TreeNodes(t.Context(), blocks, root, func(cid.Cid) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the visitor's error is lost: %v", err)
	}
}

func TestTreeErrors(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	if _, err := federation.LoadTree(ctx, memory{}, treeCID("nowhere")); err == nil {
		t.Error("a tree without blocks is loaded")
	}
	tree, err := federation.EmptyTree(memory{})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []cid.Cid{cid.Undef, treeCID("a node"), cidOf(cid.Raw, multihash.SHA2_512, "other hash")} {
		refused(t, tree.Set(ctx, "key", bad), "value %s", bad)
	}
}

func BenchmarkTree(b *testing.B) {
	ctx := context.Background()
	keys := make([]string, 100_000)
	for i := range keys {
		keys[i] = fmt.Sprintf("course|uni.example|https://uni.example/course/%d", i)
	}
	value := rawCID("value")
	for b.Loop() {
		tree, err := federation.EmptyTree(memory{})
		if err != nil {
			b.Fatal(err)
		}
		for _, k := range keys {
			if err := tree.Set(ctx, k, value); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := tree.Flush(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(keys)*b.N)/b.Elapsed().Seconds(), "keys/s")
}
