package federation_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
)

// rival is another statement under the same number.
func rival() federation.Head {
	h := sampleHead()
	h.Count++
	return h
}

func TestThreat17ProofHasOneEncoding(t *testing.T) {
	t.Parallel()
	a, b := sealHead(t, sampleHead(), "a"), sealHead(t, rival(), "a")
	one, err := federation.NewProof(a, b)
	if err != nil {
		t.Fatal(err)
	}
	other, err := federation.NewProof(b, a)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, other); diff != "" {
		t.Errorf("the order of the pair matters:\n%s", diff)
	}
	if one.Publisher != publisherOf(t, "a") || one.Epoch != 2 || one.Seq != 70000 {
		t.Errorf("proof names %s (%d, %d)", one.Publisher, one.Epoch, one.Seq)
	}
	opened, err := federation.OpenProof(one.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, opened); diff != "" {
		t.Errorf("proof (-want +got):\n%s", diff)
	}
}

func TestThreat17WhatProvesNothing(t *testing.T) {
	t.Parallel()
	next, epoch := rival(), rival()
	next.Seq++
	epoch.Epoch++
	a := sealHead(t, sampleHead(), "a")
	altered := slices.Clone(sealHead(t, rival(), "a"))
	altered[len(altered)-1] ^= 1
	appended := append(slices.Clone(a), 6<<3|2, 0)
	for name, b := range map[string][]byte{
		"the same head":               a,
		"the same with another field": appended,
		"another number":              sealHead(t, next, "a"),
		"another epoch":               sealHead(t, epoch, "a"),
		"another publisher":           sealHead(t, rival(), "b"),
		"a bad signature":             altered,
		"a record":                    sealRecord(t, sampleRecord(), "a"),
		"nothing":                     nil,
		"two signatures":              signedTwice(t),
	} {
		_, err := federation.NewProof(a, b)
		refused(t, err, "NewProof with %s", name)
		_, err = federation.OpenProof(pairOf(a, b))
		refused(t, err, "OpenProof with %s", name)
		_, err = federation.OpenProof(pairOf(b, a))
		refused(t, err, "OpenProof with %s first", name)
	}
}

// signedTwice is the sample head of publisher "a" with another good signature than Seal makes: the owner of
// a key can choose another nonce, which is no equivocation.
func signedTwice(t *testing.T) []byte {
	t.Helper()
	envelope := sealHead(t, sampleHead(), "a")
	private, err := keyOf(t, "a").Raw()
	if err != nil {
		t.Fatal(err)
	}
	message := signedBytes(headDomain, headType, payloadOf(t, headDomain, envelope))
	signature := signWithNonce(private, []byte("another nonce"), message)
	twice := append(slices.Clone(envelope[:len(envelope)-ed25519.SignatureSize]), signature...)
	if err := openHead(twice); err != nil || bytes.Equal(twice, envelope) {
		t.Fatalf("no second signature of the same head: %v", err)
	}
	return twice
}

func signedBytes(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		var b []byte
		switch p := p.(type) {
		case string:
			b = []byte(p)
		case []byte:
			b = p
		}
		for n := len(b); ; n >>= 7 {
			if n < 128 {
				out = append(out, byte(n))
				break
			}
			out = append(out, byte(n)|128)
		}
		out = append(out, b...)
	}
	return out
}

// signWithNonce is RFC 8032 section 5.1.6 with r taken from a seed: R is the public key of that seed.
func signWithNonce(private, seed, message []byte) []byte {
	nonce := sha256.Sum256(seed)
	r := ed25519.NewKeyFromSeed(nonce[:])
	commitment := r.Public().(ed25519.PublicKey)
	k := sha512.Sum512(slices.Concat(commitment, private[32:], message))
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := new(big.Int).Mul(littleEndian(k[:]), secretScalar(private[:32]))
	s.Add(s, secretScalar(nonce[:])).Mod(s, order)
	out := s.FillBytes(make([]byte, 32))
	slices.Reverse(out)
	return append(slices.Clone(commitment), out...)
}

func secretScalar(seed []byte) *big.Int {
	h := sha512.Sum512(seed)
	h[0] &= 248
	h[31] = h[31]&63 | 64
	return littleEndian(h[:32])
}

func littleEndian(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// pairOf encodes a pair without any check.
func pairOf(a, b []byte) []byte {
	pair := &item{major: 5, items: []*item{text("a"), {major: 2, data: a}, text("b"), {major: 2, data: b}, text("v"), {arg: 1}}}
	return pair.write(nil)
}

func TestThreat17FaultyProofsAreRefused(t *testing.T) {
	t.Parallel()
	a, b := sealHead(t, sampleHead(), "a"), sealHead(t, rival(), "a")
	if bytes.Compare(a, b) > 0 {
		a, b = b, a
	}
	if err := openProof(pairOf(a, b)); err != nil {
		t.Fatal(err)
	}
	refused(t, openProof(pairOf(b, a)), "a pair in the wrong order")
	refused(t, openProof(pairOf(a, make([]byte, federation.MaxHead+1))), "a proof with a head over the limit")
	refused(t, openProof(make([]byte, federation.MaxProof+1)), "a proof over the limit")
	faults := cborFaults()
	delete(faults, "other tag")
	delete(faults, "other kind of CID")
	delete(faults, "CID of another length")
	rng := rand.New(rand.NewPCG(17, 17))
	for name, fault := range faults {
		for range 200 {
			root, _ := parseItem(pairOf(a, b))
			fault(rng, root)
			refused(t, openProof(root.write(nil)), "proof: %s", name)
		}
	}
}

// Receivers that take more source domains and those that do not must agree on what is proven.
func TestThreat17ProofOverTheDomainLimit(t *testing.T) {
	t.Parallel()
	many := rival()
	for i := range 2 * federation.MaxDomains {
		many.Domains = append(many.Domains, "x"+string(rune('a'+i/26))+string(rune('a'+i%26))+".example")
	}
	many.Domains = slices.Compact(slices.Sorted(slices.Values(many.Domains)))
	b := sealHead(t, many, "a")
	refused(t, openHead(b), "head with %d domains", len(many.Domains))
	if _, err := federation.NewProof(sealHead(t, sampleHead(), "a"), b); err != nil {
		t.Errorf("the number of domains saves an equivocator: %v", err)
	}
}

func TestThreat17EffectiveHead(t *testing.T) {
	t.Parallel()
	head := func(epoch, seq uint64) federation.Head { return federation.Head{Epoch: epoch, Seq: seq} }
	held := []federation.Head{head(1, 9), head(2, 1), head(2, 7), head(1, 30)}
	for _, c := range []struct {
		held   []federation.Head
		proven uint64
		want   federation.Head
		found  bool
	}{
		{nil, 0, federation.Head{}, false},
		{held, 0, head(2, 7), true},
		{held, 1, head(2, 7), true},
		{held, 2, federation.Head{}, false}, // nothing of an older epoch comes back
		{held, 3, federation.Head{}, false},
		{append(slices.Clone(held), head(3, 1)), 2, head(3, 1), true},
	} {
		for range 2 {
			got, found := federation.EffectiveHead(c.held, c.proven)
			if found != c.found || got.Compare(c.want) != 0 {
				t.Errorf("held %v, proven %d: %v %v", c.held, c.proven, got, found)
			}
			slices.Reverse(c.held)
		}
	}
}

func TestThreat16HeadsAreOrderedByEpochAndNumber(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 3))
	for range 1000 {
		a := federation.Head{Epoch: rng.Uint64N(3), Seq: rng.Uint64N(3), Issued: rng.Int64()}
		b := federation.Head{Epoch: rng.Uint64N(3), Seq: rng.Uint64N(3), Issued: rng.Int64()}
		want := big.NewInt(int64(10*a.Epoch + a.Seq)).Cmp(big.NewInt(int64(10*b.Epoch + b.Seq)))
		if a.Compare(b) != want || b.Compare(a) != -want {
			t.Errorf("(%d, %d) and (%d, %d) compare as %d", a.Epoch, a.Seq, b.Epoch, b.Seq, a.Compare(b))
		}
	}
}
