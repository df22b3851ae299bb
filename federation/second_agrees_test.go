package federation_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
)

// TestSecondImplementationAgreesOnVectors: what the vectors hold valid, both accept, and read the same of it;
// what they hold invalid for another reason than its graph, both refuse.
func TestSecondImplementationAgreesOnVectors(t *testing.T) {
	t.Parallel()
	for file, open := range map[string]func([]byte) (opened, error){"records.json": secondRecord, "heads.json": secondHeadOf} {
		var v statementVectors
		readVectors(t, file, &v)
		for _, valid := range v.Valid {
			envelope, err := os.ReadFile(filepath.Join(vectors, valid.File))
			if err != nil {
				t.Fatal(err)
			}
			o, err := open(envelope)
			if err != nil || fmt.Sprintf("%x", o.payload) != valid.Payload || o.key != valid.Key || o.publisher != valid.Fields["publisher"] {
				t.Errorf("%s: %+v, %v", valid.Name, o, err)
			}
		}
		for _, bad := range v.Refused {
			b, err := base64.StdEncoding.DecodeString(bad.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			if o, err := open(b); err == nil && !aboutGraph(b, o) {
				t.Errorf("%s: %q is accepted by the second implementation", file, bad.Name)
			}
		}
	}
}

// aboutGraph reports a record that is refused for its graph alone: with a good graph in its place it is decoded.
func aboutGraph(envelope []byte, o opened) bool {
	_, err := federation.DecodeRecord(envelope)
	return err == nil && len(o.graph) > 0
}

func readVectors(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(vectors, name))
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestSecondImplementationAgreesOnForgeries: over thousands of statements altered and forged in every way the
// forger knows, no one is accepted by one implementation and refused by the other.
func TestSecondImplementationAgreesOnForgeries(t *testing.T) {
	t.Parallel()
	rounds := 60
	if os.Getenv("COURSEMESH_SOAK") != "" {
		rounds = 20_000
	}
	for name, c := range map[string]struct {
		f      forger
		first  func([]byte) error
		second func([]byte) (opened, error)
	}{
		"record": {recordForger(t), func(b []byte) error { _, err := federation.OpenRecord(b); return err }, secondRecord},
		"head":   {headForger(t), func(b []byte) error { _, err := federation.OpenHeadUpTo(b, federation.MaxHead); return err }, secondHeadOf},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(7, 7))
			for kind, forge := range c.f.forgeries() {
				for range rounds {
					b := forge(rng)
					first := c.first(b)
					o, second := c.second(b)
					if (first == nil) != (second == nil) && !(name == "record" && aboutGraph(b, o)) {
						t.Fatalf("%s: the first says %v, the second %v", kind, first, second)
					}
				}
			}
		})
	}
}

// TestSecondImplementationAgreesOnProofsAndErasures: bit by bit.
func TestSecondImplementationAgreesOnProofsAndErasures(t *testing.T) {
	t.Parallel()
	proof, err := federation.NewProof(sealHead(t, sampleHead(), "a"), sealHead(t, rival(), "a"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		good   []byte
		first  func([]byte) error
		second func([]byte) (opened, error)
	}{
		"proof":   {proof.Encode(), openProof, secondProof},
		"erasure": {sealErasure(t, sampleErasure(3), "a"), func(b []byte) error { _, err := federation.OpenErasure(b); return err }, secondErasure},
	} {
		if _, err := c.second(c.good); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		rng := rand.New(rand.NewPCG(3, 3))
		for range 1500 {
			b := bytes.Clone(c.good)
			switch rng.IntN(3) {
			case 0:
				b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
			case 1:
				b = b[:rng.IntN(len(b))]
			default:
				at := rng.IntN(len(b))
				b = append(b[:at:at], append([]byte{byte(rng.Uint32())}, b[at:]...)...)
			}
			first := c.first(b)
			if _, second := c.second(b); (first == nil) != (second == nil) {
				t.Fatalf("%s: the first says %v, the second %v", name, first, second)
			}
		}
	}
}

// TestSecondImplementationAgreesOnHistories: after random histories of additions, changes and withdrawals both
// compute the same root, and the second finds every key where an inclusion leads, and none that was withdrawn.
func TestSecondImplementationAgreesOnHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 9))
		blocks := memory{}
		tree, err := federation.EmptyTree(blocks)
		if err != nil {
			t.Fatal(err)
		}
		set := map[string]cid.Cid{}
		for range 50 + rng.IntN(800) {
			key := fmt.Sprintf("course|uni.example|urn:%s:%d", strings.Repeat("x", rng.IntN(30)), rng.IntN(300))
			if _, held := set[key]; held && rng.IntN(3) == 0 {
				delete(set, key)
				if _, err := tree.Delete(t.Context(), key); err != nil {
					t.Fatal(err)
				}
				continue
			}
			set[key] = rawCID(fmt.Sprint(rng.Uint64()))
			if err := tree.Set(t.Context(), key, set[key]); err != nil {
				t.Fatal(err)
			}
		}
		root, err := tree.Flush(t.Context())
		if err != nil || root != plainRoot(set) {
			t.Fatalf("history %d: %s, %v; from the set alone %s", seed, root, err, plainRoot(set))
		}
		found(t, blocks, root, set)
	}
}

func found(t *testing.T, blocks memory, root cid.Cid, set map[string]cid.Cid) {
	t.Helper()
	at := secondLink{0x71, string(root.Hash()[2:])}
	for key, value := range set {
		path, err := federation.Path(t.Context(), blocks, root, key)
		if err != nil {
			t.Fatal(err)
		}
		if hash, err := secondInclusion(at, path, key); err != nil || hash != string(value.Hash()[2:]) {
			t.Fatalf("%s: %x, %v", key, hash, err)
		}
		if _, err := secondInclusion(at, path, key+"?"); err == nil {
			t.Fatalf("%s? is found", key)
		}
	}
}
